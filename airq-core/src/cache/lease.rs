//! The right to make an answer, where several processes share a cache.

use std::fmt;

/// What came of asking for the right to make an answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lease {
    /// Make it. The right ends when the guard is dropped: keep the answer first.
    Granted(LeaseGuard),
    /// Another process is making it.
    Taken,
}

/// The right to make an answer, given back when dropped.
///
/// ```
/// use airq_core::LeaseGuard;
/// let guard = LeaseGuard::new(|| println!("somebody else may make it now"));
/// drop(guard);
/// ```
#[must_use = "dropped, it gives the right back"]
pub struct LeaseGuard(Option<Box<dyn FnOnce() + Send>>);

impl LeaseGuard {
    /// A right that is given back by calling this, which should neither wait long nor panic.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        LeaseGuard(Some(Box::new(release)))
    }

    /// A right that nobody else has to know of.
    pub fn unshared() -> Self {
        LeaseGuard(None)
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        if let Some(release) = self.0.take() {
            release();
        }
    }
}

impl fmt::Debug for LeaseGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseGuard").field("shared", &self.0.is_some()).finish()
    }
}
