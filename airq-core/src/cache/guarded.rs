//! A cache that may fail, behind a breaker: what it fails with is told, once a change of state to people.

use super::breaker::{Breaker, PAUSE};
use super::{Cache, Entry, Key, Lease};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::observe::{Observation, Observer};
use crate::pool::PoolState;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wraps a cache that is reached over a network, or that we know nothing of.
#[derive(Debug)]
pub(super) struct Guarded {
    inner: Arc<dyn Cache>,
    breaker: Breaker,
    reads: Health,
    writes: Health,
    observer: Arc<dyn Observer>,
    clock: Clock,
}

impl Guarded {
    pub(super) fn new(inner: Arc<dyn Cache>, observer: Arc<dyn Observer>, clock: Clock) -> Self {
        observer.observe(&Observation::BreakerTurned { tier: inner.tier(), open: false });
        Guarded {
            inner,
            breaker: Breaker::default(),
            reads: Health::default(),
            writes: Health::default(),
            observer,
            clock,
        }
    }

    fn ask<T>(&self, operation: &'static str, health: &Health, ask: impl FnOnce() -> Result<T>) -> Result<T> {
        if !self.breaker.admits(self.clock.now()) {
            let why = format!("{} has failed and is left alone for {} s", self.inner.tier(), PAUSE.as_secs());
            return Err(Error::new(ErrorKind::Unavailable, why));
        }
        let outcome = ask();
        // Refusing to write, say, is an answer: it can still be read.
        let answered = !outcome.as_ref().is_err_and(Error::is_unavailable);
        if let Some(open) = self.breaker.note(answered, self.clock.now()) {
            self.observer.observe(&Observation::BreakerTurned { tier: self.inner.tier(), open });
        }
        self.tell(operation, health, outcome.as_ref().err());
        outcome
    }

    fn tell(&self, operation: &'static str, health: &Health, failure: Option<&Error>) {
        let tier = self.inner.tier();
        match failure {
            Some(error) if error.is_invalid_data() => {
                self.observer.observe(&Observation::EntryUnreadable { tier, error });
            }
            Some(error) => {
                let first = health.failed(self.clock.now());
                self.observer.observe(&Observation::CacheFailed { tier, operation, error, first });
            }
            None if health.has_recovered(self.clock.now()) => {
                self.observer.observe(&Observation::CacheRecovered { tier, operation });
            }
            None => {}
        }
    }
}

impl Cache for Guarded {
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>> {
        Ok(self.lookup_tiers(key)?.map(|(entry, _)| entry))
    }

    /// An entry that cannot be read is none: the next one replaces it.
    fn lookup_tiers(&self, key: &Key) -> Result<Option<(Arc<Entry>, &'static str)>> {
        match self.ask("lookup", &self.reads, || self.inner.lookup_tiers(key)) {
            Err(error) if error.is_invalid_data() => Ok(None),
            outcome => outcome,
        }
    }

    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()> {
        self.ask("store", &self.writes, || self.inner.store(key, entry))
    }

    fn lease(&self, key: &Key) -> Result<Lease> {
        self.ask("lease", &self.writes, || self.inner.lease(key))
    }

    fn examine(&self) -> Vec<Finding> {
        self.inner.examine()
    }

    fn pool(&self) -> Option<PoolState> {
        self.inner.pool()
    }

    fn tier(&self) -> &'static str {
        self.inner.tier()
    }
}

/// Whether reading or writing works: news of it are told, not each failure.
#[derive(Debug, Default)]
struct Health {
    last_failure: Mutex<Option<Instant>>,
}

impl Health {
    /// An answer between failures is no recovery yet.
    const SETTLED: Duration = Duration::from_secs(1);

    /// Takes note of a failure; true if it is news.
    fn failed(&self, now: Instant) -> bool {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).replace(now).is_none()
    }

    /// Takes note of an answer; true if it is news.
    fn has_recovered(&self, now: Instant) -> bool {
        let mut last = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        let settled = last.is_some_and(|at| now.saturating_duration_since(at) >= Self::SETTLED);
        if settled {
            *last = None;
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_of_its_health_are_told_once() {
        let (health, now) = (Health::default(), Instant::now());
        assert!(!health.has_recovered(now));
        assert!(health.failed(now));
        assert!(!health.failed(now) && !health.has_recovered(now), "an answer among failures is no news");
        let later = now + Health::SETTLED;
        assert!(health.has_recovered(later));
        assert!(!health.has_recovered(later));
        assert!(health.failed(later));
    }
}
