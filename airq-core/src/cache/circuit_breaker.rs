//! A circuit breaker. After several consecutive failures, no calls are made during a pause. Then one call is made, and its
//! outcome decides whether the breaker closes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The number of consecutive failures that open the breaker.
const LIMIT: u32 = 3;
/// The time without calls after the breaker has opened.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

/// Decides whether to call a service that may be down.
#[derive(Debug)]
pub(super) struct CircuitBreaker(Mutex<BreakerState>);

#[derive(Clone, Copy, Debug)]
enum BreakerState {
    /// Calls are allowed. Holds the number of consecutive failures.
    Closed(u32),
    /// Calls are not allowed. Holds the start of the pause.
    Open(Instant),
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        CircuitBreaker(Mutex::new(BreakerState::Closed(0)))
    }
}

impl CircuitBreaker {
    /// Returns whether a call is allowed now. After a pause, one caller is allowed, and the pause starts over for the others.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            BreakerState::Closed(_) => true,
            BreakerState::Open(since) if now.saturating_duration_since(since) < PAUSE => false,
            BreakerState::Open(_) => {
                *state = BreakerState::Open(now);
                true
            }
        }
    }

    /// Records whether a call was answered. Returns whether the breaker is open, if this has changed.
    pub(super) fn record(&self, answered: bool, now: Instant) -> Option<bool> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_open = matches!(*state, BreakerState::Open(_));
        *state = match *state {
            _ if answered => BreakerState::Closed(0),
            BreakerState::Closed(failures) if failures + 1 < LIMIT => BreakerState::Closed(failures + 1),
            BreakerState::Closed(_) | BreakerState::Open(_) => BreakerState::Open(now),
        };
        let is_open = matches!(*state, BreakerState::Open(_));
        if is_open == was_open { None } else { Some(is_open) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(now: Instant) -> CircuitBreaker {
        let breaker = CircuitBreaker::default();
        for failure in 1..=LIMIT {
            assert!(breaker.admits(now));
            let change = breaker.record(false, now);
            assert_eq!(change, (failure == LIMIT).then_some(true));
        }
        breaker
    }

    #[test]
    fn consecutive_failures_open_the_breaker_and_failures_between_answers_do_not() {
        let now = Instant::now();
        assert!(!open(now).admits(now));
        let breaker = CircuitBreaker::default();
        for _ in 0..10 {
            breaker.record(false, now);
            breaker.record(true, now);
        }
        assert!(breaker.admits(now));
    }

    #[test]
    fn after_the_pause_one_call_decides() {
        let now = Instant::now();
        let breaker = open(now);
        let later = now + PAUSE;
        assert!(breaker.admits(later));
        assert!(!breaker.admits(later), "only one");
        breaker.record(false, later);
        assert!(!breaker.admits(later + PAUSE / 2), "still down: another pause");
        assert!(breaker.admits(later + PAUSE));
        assert_eq!(breaker.record(true, later + PAUSE), Some(false), "the state has changed");
        assert!(breaker.admits(later + PAUSE), "it is back");
        assert!(breaker.admits(later + PAUSE), "for all");
    }

    #[test]
    fn a_call_that_is_never_recorded_does_not_keep_the_breaker_open() {
        let now = Instant::now();
        let breaker = open(now);
        assert!(breaker.admits(now + PAUSE));
        assert!(breaker.admits(now + PAUSE * 2));
    }
}
