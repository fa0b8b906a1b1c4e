//! A breaker: after failures in a row nobody asks for a pause; then one does, and its outcome decides.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row that open it.
const LIMIT: u32 = 3;
/// How long nobody asks.
pub(super) const PAUSE: Duration = Duration::from_secs(2);

/// Decides whether to ask something that may be down.
#[derive(Debug)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Clone, Copy, Debug)]
enum State {
    /// It is asked; so many failures in a row.
    Closed(u32),
    /// It is left alone from then on.
    Open(Instant),
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker(Mutex::new(State::Closed(0)))
    }
}

impl Breaker {
    /// Whether to ask now. After the pause the first who wonders is the one to try; the others go on waiting for what comes
    /// of it.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed(_) => true,
            State::Open(since) if now.saturating_duration_since(since) < PAUSE => false,
            State::Open(_) => {
                *state = State::Open(now);
                true
            }
        }
    }

    /// Takes note of what came of asking; tells whether it is open now, if that is news.
    pub(super) fn note(&self, answered: bool, now: Instant) -> Option<bool> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let was_open = matches!(*state, State::Open(_));
        *state = match *state {
            _ if answered => State::Closed(0),
            State::Closed(failures) if failures + 1 < LIMIT => State::Closed(failures + 1),
            State::Closed(_) | State::Open(_) => State::Open(now),
        };
        let is_open = matches!(*state, State::Open(_));
        (is_open != was_open).then_some(is_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(now: Instant) -> Breaker {
        let breaker = Breaker::default();
        for failure in 1..=LIMIT {
            assert!(breaker.admits(now));
            let news = breaker.note(false, now);
            assert_eq!(news, (failure == LIMIT).then_some(true));
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_between_them_does_not() {
        let now = Instant::now();
        assert!(!open(now).admits(now));
        let breaker = Breaker::default();
        for _ in 0..10 {
            breaker.note(false, now);
            breaker.note(true, now);
        }
        assert!(breaker.admits(now));
    }

    #[test]
    fn after_the_pause_one_tries_for_all() {
        let now = Instant::now();
        let breaker = open(now);
        let later = now + PAUSE;
        assert!(breaker.admits(later));
        assert!(!breaker.admits(later), "only one");
        breaker.note(false, later);
        assert!(!breaker.admits(later + PAUSE / 2), "still down: another pause");
        assert!(breaker.admits(later + PAUSE));
        assert_eq!(breaker.note(true, later + PAUSE), Some(false), "news");
        assert!(breaker.admits(later + PAUSE), "it is back");
        assert!(breaker.admits(later + PAUSE), "for all");
    }

    #[test]
    fn one_who_tries_and_never_tells_does_not_keep_it_open() {
        let now = Instant::now();
        let breaker = open(now);
        assert!(breaker.admits(now + PAUSE));
        assert!(breaker.admits(now + PAUSE * 2));
    }
}
