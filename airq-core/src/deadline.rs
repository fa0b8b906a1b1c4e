//! The time limit of the work of a thread, which the adapters of repositories observe.
//!
//! All of an answer's work, from the pool to the last row, is done by calls of one thread, so the limit needs no parameter.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Restores the deadline of the surrounding work, also after a panic.
struct Surrounding(Option<Instant>);

impl Drop for Surrounding {
    fn drop(&mut self) {
        DEADLINE.set(self.0);
    }
}

/// Does work with a time limit. A limit within another can only be shorter.
pub(crate) fn within<T>(limit: Duration, work: impl FnOnce() -> T) -> T {
    let surrounding = Surrounding(DEADLINE.get());
    let deadline = Instant::now() + limit;
    DEADLINE.set(Some(match surrounding.0 {
        Some(earlier) => earlier.min(deadline),
        None => deadline,
    }));
    work()
}

/// Returns the time until the deadline, or `None` if the work has no deadline.
pub(crate) fn remaining() -> Option<Duration> {
    DEADLINE.get().map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

/// Returns the time until the deadline, or `limit` if that is shorter.
pub(crate) fn at_most(limit: Duration) -> Duration {
    match remaining() {
        Some(remaining) => limit.min(remaining),
        None => limit,
    }
}

/// Returns whether the deadline has passed.
#[cfg(any(feature = "http", feature = "postgres"))]
pub(crate) fn has_passed() -> bool {
    matches!(DEADLINE.get(), Some(deadline) if Instant::now() >= deadline)
}

#[cfg(all(test, any(feature = "http", feature = "postgres")))]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_limit_is_for_its_work_only_and_cannot_extend_the_limit_around_it() {
        assert_eq!(at_most(HOUR), HOUR);
        within(Duration::from_secs(1), || {
            assert!(within(HOUR, || at_most(HOUR)) <= Duration::from_secs(1));
            within(Duration::ZERO, || assert!(has_passed() && at_most(HOUR) == Duration::ZERO));
            assert!(!has_passed());
        });
        assert_eq!(at_most(HOUR), HOUR);
    }
}
