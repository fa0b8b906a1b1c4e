//! The trace of a request, a property of the thread that does its work, which requests to another server carry on.

use std::cell::RefCell;

thread_local! {
    static PARENT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Restores the trace of the surrounding work, also after a panic.
struct SurroundingTrace(Option<String>);

impl Drop for SurroundingTrace {
    fn drop(&mut self) {
        PARENT.set(self.0.take());
    }
}

/// Does the work of a request with this `traceparent` (W3C Trace Context).
pub fn within_trace<T>(parent: Option<String>, work: impl FnOnce() -> T) -> T {
    let _surrounding = SurroundingTrace(PARENT.replace(parent));
    work()
}

/// Returns the `traceparent` of the request that the work of this thread is for.
#[cfg(feature = "http")]
pub(crate) fn parent() -> Option<String> {
    PARENT.with_borrow(Clone::clone)
}
