//! The pause after a repository was found unreachable: for a moment nobody asks it again.

use crate::clock::Clock;
use crate::error::{Error, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Remembers an outage for a moment, so that of many requests only one a moment waits for the repository's time limit.
#[derive(Debug)]
pub(crate) struct Outage {
    pause: Duration,
    clock: Clock,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    last_answer: Option<Instant>,
    outage: Option<(Instant, Error)>,
}

impl Outage {
    pub(crate) fn new(pause: Duration, clock: Clock) -> Self {
        Outage { pause, clock, seen: Mutex::default() }
    }

    /// # Errors
    /// The outage's error while its pause lasts.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.seen().outage {
            Some((since, error)) if self.clock.since(*since) < self.pause => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Asks the repository and takes note of what comes of it. Only [unavailability](Error::is_unavailable) is an outage:
    /// one query that takes too long says nothing about the next. And only if nobody was answered since this one asked:
    /// behind one address there may be many servers, of which one is gone.
    ///
    /// # Errors
    /// Those of asking.
    pub(crate) fn watch<T>(&self, ask: impl FnOnce() -> Result<T>) -> Result<T> {
        let began = self.clock.now();
        let outcome = ask();
        let mut seen = self.seen();
        match &outcome {
            Ok(_) => *seen = Seen { last_answer: Some(self.clock.now()), outage: None },
            Err(error) if error.is_unavailable() && seen.last_answer.is_none_or(|at| at < began) => {
                seen.outage = Some((self.clock.now(), error.clone()));
            }
            Err(_) => {}
        }
        drop(seen);
        outcome
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    fn an_unreachable_repository_is_left_alone_until_it_answers() {
        let outage = Outage::new(PAUSE, Clock::default());
        assert!(outage.watch(unavailable).is_err());
        assert!(outage.check().is_err());
        assert!(outage.watch(|| Ok(())).is_ok());
        assert!(outage.check().is_ok());
    }

    #[test]
    fn after_its_pause_an_outage_is_over() {
        let clock = Clock::default();
        let outage = Outage::new(PAUSE, clock.clone());
        assert!(outage.watch(unavailable).is_err());
        clock.advance(PAUSE / 2);
        assert!(outage.check().is_err());
        clock.advance(PAUSE / 2);
        assert!(outage.check().is_ok());
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
