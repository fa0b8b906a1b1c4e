//! Leases, which let one process at a time load an answer of a shared cache.

use std::fmt;

/// The result of a request for a lease.
#[derive(Debug)]
#[non_exhaustive]
pub enum Lease {
    /// The caller holds the lease until it drops the guard. It should store the answer before.
    Granted(LeaseGuard),
    /// Another process holds the lease.
    Taken,
}

/// A lease, which is released on drop.
///
/// ```
/// use airq_core::cache::LeaseGuard;
/// let guard = LeaseGuard::new(|| println!("another process may load the answer now"));
/// drop(guard);
/// ```
#[must_use = "the lease is released on drop"]
pub struct LeaseGuard(Option<Box<dyn FnOnce() + Send>>);

impl LeaseGuard {
    /// Returns a lease that calls `release` on drop. `release` must not block for long or panic.
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        LeaseGuard(Some(Box::new(release)))
    }

    /// Returns a lease that is not shared with other processes.
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
