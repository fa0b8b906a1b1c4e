//! The pause after a repository was found unreachable: for a moment nobody asks it again.

use crate::error::{Error, Result};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Remembers an outage for a moment, so that of many requests only one a moment waits for the repository's time limit.
#[derive(Debug)]
pub(crate) struct Outage {
    pause: Duration,
    latest: Mutex<Option<(Instant, Error)>>,
}

impl Outage {
    pub(crate) fn new(pause: Duration) -> Self {
        Outage { pause, latest: Mutex::new(None) }
    }

    /// # Errors
    /// The outage's error while its pause lasts.
    pub(crate) fn check(&self) -> Result<()> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        match &*latest {
            Some((since, error)) if since.elapsed() < self.pause => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Takes note of an outcome and hands it on. Only [unavailability](Error::is_unavailable) is an outage: one query that
    /// takes too long says nothing about the next.
    pub(crate) fn note<T>(&self, outcome: Result<T>) -> Result<T> {
        let outage = outcome.as_ref().err().filter(|error| error.is_unavailable());
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_ok() || outage.is_some() {
            *latest = outage.map(|error| (Instant::now(), error.clone()));
        }
        drop(latest);
        outcome
    }
}
