//! A cache with a circuit breaker, which reports failures to the observer.

use super::circuit_breaker::{CircuitBreaker, PAUSE};
use super::{Cache, Entry, Key, Lease};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::observe::{Observation, Observer};
use crate::pool::PoolState;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wraps a cache that may fail: a cache on the network or a cache of the embedding program.
#[derive(Debug)]
pub(super) struct Guarded {
    inner: Arc<dyn Cache>,
    breaker: CircuitBreaker,
    lookups: OperationHealth,
    stores: OperationHealth,
    leases: OperationHealth,
    observer: Arc<dyn Observer>,
    clock: Clock,
}

impl Guarded {
    pub(super) fn new(inner: Arc<dyn Cache>, observer: Arc<dyn Observer>, clock: Clock) -> Self {
        observer.observe(&Observation::BreakerTurned { tier: inner.tier(), open: false });
        Guarded {
            inner,
            breaker: CircuitBreaker::default(),
            lookups: OperationHealth::default(),
            stores: OperationHealth::default(),
            leases: OperationHealth::default(),
            observer,
            clock,
        }
    }

    fn call<T>(
        &self,
        operation: &'static str,
        health: &OperationHealth,
        call: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if !self.breaker.admits(self.clock.now()) {
            let why = format!("{} has failed and is not called for {} s", self.inner.tier(), PAUSE.as_secs());
            return Err(Error::new(ErrorKind::Unavailable, why));
        }
        let outcome = call();
        // Any other error is an answer. A cache that refuses to write, for example, can still be read.
        let answered = !matches!(&outcome, Err(error) if error.is_unavailable());
        if let Some(open) = self.breaker.record(answered, self.clock.now()) {
            self.observer.observe(&Observation::BreakerTurned { tier: self.inner.tier(), open });
        }
        self.report(operation, health, outcome.as_ref().err());
        outcome
    }

    fn report(&self, operation: &'static str, health: &OperationHealth, failure: Option<&Error>) {
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

    /// Treats an entry that cannot be decoded as a miss. The next entry replaces it.
    fn lookup_tiers(&self, key: &Key) -> Result<Option<(Arc<Entry>, &'static str)>> {
        match self.call("lookup", &self.lookups, || self.inner.lookup_tiers(key)) {
            Err(error) if error.is_invalid_data() => Ok(None),
            outcome => outcome,
        }
    }

    fn fallback(&self, key: &Key) -> Option<(Arc<Entry>, &'static str)> {
        self.call("lookup", &self.lookups, || Ok(self.inner.fallback(key))).ok().flatten()
    }

    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()> {
        self.call("store", &self.stores, || self.inner.store(key, entry))
    }

    fn lease(&self, key: &Key) -> Result<Lease> {
        self.call("lease", &self.leases, || self.inner.lease(key))
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

/// Tracks whether an operation of a cache works, so that only changes are reported. A Redis that is full, for example, grants leases
/// and finds entries, but stores none.
#[derive(Debug, Default)]
struct OperationHealth {
    last_failure: Mutex<Option<Instant>>,
}

impl OperationHealth {
    /// The time without failures after which an answer is a recovery.
    const SETTLED: Duration = Duration::from_secs(5);

    /// Records a failure. Returns whether it is the first since the last recovery.
    fn failed(&self, now: Instant) -> bool {
        self.last_failure.lock().unwrap_or_else(PoisonError::into_inner).replace(now).is_none()
    }

    /// Records an answer. Returns whether it is a recovery.
    fn has_recovered(&self, now: Instant) -> bool {
        let mut last = self.last_failure.lock().unwrap_or_else(PoisonError::into_inner);
        match *last {
            Some(at) if now.saturating_duration_since(at) >= Self::SETTLED => {
                *last = None;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_and_a_recovery_are_each_reported_once() {
        let health = OperationHealth::default();
        let now = Instant::now();
        assert!(!health.has_recovered(now));
        assert!(health.failed(now));
        assert!(!health.failed(now) && !health.has_recovered(now), "an answer among failures is no news");
        let later = now + OperationHealth::SETTLED;
        assert!(health.has_recovered(later));
        assert!(!health.has_recovered(later));
        assert!(health.failed(later));
    }
}
