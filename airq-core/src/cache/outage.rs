//! The pause after a repository was unreachable. During the pause, the repository is not called.

use crate::clock::Clock;
use crate::error::{Error, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Remembers an outage for a short time, so that not every request waits for the time limit of the repository.
#[derive(Debug)]
pub(crate) struct Outage {
    pause: Duration,
    clock: Clock,
    state: Mutex<OutageState>,
}

#[derive(Debug, Default)]
struct OutageState {
    last_answer: Option<Instant>,
    outage: Option<(Instant, Error)>,
}

impl Outage {
    pub(crate) fn new(pause: Duration, clock: Clock) -> Self {
        Outage { pause, clock, state: Mutex::default() }
    }

    /// Checks whether the repository may be called. After a pause, one caller may call the repository, and the pause starts over for
    /// the others: they do not wait until the repository has failed again.
    ///
    /// # Errors
    /// The error of the outage, during its pause.
    pub(crate) fn check(&self) -> Result<()> {
        match &mut self.state().outage {
            Some((since, error)) if self.clock.since(*since) < self.pause => Err(error.clone()),
            Some((since, _)) => {
                *since = self.clock.now();
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Calls the repository and records the outcome.
    ///
    /// Only an [unavailable](Error::is_unavailable) or [forbidden](Error::is_forbidden) error is an outage: a query that exceeds its time limit says nothing about
    /// other queries. The error does not count if another call was answered meanwhile, because one of several servers at the
    /// same address may be down.
    ///
    /// # Errors
    /// The error of `call`.
    pub(crate) fn watch<T>(&self, call: impl FnOnce() -> Result<T>) -> Result<T> {
        let start = self.clock.now();
        let outcome = call();
        let mut state = self.state();
        match &outcome {
            Ok(_) => *state = OutageState { last_answer: Some(self.clock.now()), outage: None },
            Err(error) if is_outage(error) && state.last_answer.is_none_or(|at| at < start) => {
                state.outage = Some((self.clock.now(), error.clone()));
            }
            Err(_) => {}
        }
        drop(state);
        outcome
    }

    fn state(&self) -> MutexGuard<'_, OutageState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_outage(error: &Error) -> bool {
    error.is_unavailable() || error.is_forbidden()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const PAUSE: Duration = Duration::from_secs(60);

    fn unavailable() -> Result<()> {
        Err(Error::new(ErrorKind::Unavailable, "gone"))
    }

    #[test]
    fn an_unreachable_repository_is_not_called_until_it_answers() {
        let outage = Outage::new(PAUSE, Clock::default());
        assert!(outage.watch(unavailable).is_err());
        assert!(outage.check().is_err());
        assert!(outage.watch(|| Ok(())).is_ok());
        assert!(outage.check().is_ok());
    }

    #[test]
    fn after_a_pause_one_caller_may_call_the_repository() {
        let clock = Clock::default();
        let outage = Outage::new(PAUSE, clock.clone());
        assert!(outage.watch(unavailable).is_err());
        clock.advance(PAUSE / 2);
        assert!(outage.check().is_err());
        clock.advance(PAUSE / 2);
        assert!(outage.check().is_ok());
        assert!(outage.check().is_err(), "only one caller");
        clock.advance(PAUSE);
        assert!(outage.check().is_ok(), "the caller has not returned");
    }

    #[test]
    fn a_failure_is_no_outage_if_another_was_answered_meanwhile() {
        let outage = Outage::new(PAUSE, Clock::default());
        let failed = outage.watch(|| {
            outage.watch(|| Ok(())).unwrap();
            unavailable()
        });
        assert!(failed.is_err() && outage.check().is_ok());
    }
}
