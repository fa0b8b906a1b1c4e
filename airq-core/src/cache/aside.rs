//! The cache-aside policy: ask the cache, else make the answer once and keep it; when it cannot be made, serve the stale.

use super::flight::{Role, SingleFlight};
use super::outage::Outage;
use super::{Cache, Entry, Key};
use crate::error::{Error, Result};
use crate::observe::{Observation, Observer, Outcome, Timing};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// How long answers are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// How long an answer is fresh, give or take [`JITTER`].
    pub(crate) ttl: Duration,
    /// How long an empty answer is fresh.
    pub(crate) empty_ttl: Duration,
    /// How long after that it may be served when the repository fails.
    pub(crate) stale_for: Duration,
}

/// Entries made together shall not end together: up to 5 % more or less.
const JITTER: f64 = 0.05;

impl Default for Policy {
    fn default() -> Self {
        Policy {
            ttl: Duration::from_secs(3600),
            empty_ttl: Duration::from_secs(60),
            stale_for: Duration::from_secs(24 * 3600),
        }
    }
}

/// An answer, just made.
pub(crate) struct Made {
    /// The key of the data it is really from.
    pub(crate) key: Key,
    pub(crate) body: Vec<u8>,
    pub(crate) gzip: Option<Vec<u8>>,
    pub(crate) rows: u64,
    pub(crate) next: Option<String>,
    pub(crate) timing: Timing,
}

/// What a request for an answer came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Lookup {
    /// The answer.
    pub entry: Arc<Entry>,
    /// What it is kept under.
    pub key: Key,
    /// Where it is from.
    pub status: CacheStatus,
    /// The cache that had it, if one did.
    pub tier: Option<&'static str>,
    /// Where the time went, if it was made for this request.
    pub timing: Option<Timing>,
}

/// Where an answer is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CacheStatus {
    /// From the cache, fresh.
    Hit,
    /// From the cache, past its time: the repository failed, or is being asked by another request.
    Stale,
    /// Made for this request, or for another that came just before it.
    Miss,
}

/// A cache and the rules of its use.
#[derive(Debug)]
pub(crate) struct CacheAside {
    cache: Arc<dyn Cache>,
    policy: Policy,
    outage: Arc<Outage>,
    observer: Arc<dyn Observer>,
    flights: SingleFlight<Key, Lookup>,
}

impl CacheAside {
    pub(crate) fn new(cache: Arc<dyn Cache>, policy: Policy, outage: Arc<Outage>, observer: Arc<dyn Observer>) -> Self {
        CacheAside { cache, policy, outage, observer, flights: SingleFlight::default() }
    }

    /// The answer under this key, from the cache or from `make`, which runs in one thread at a time for a key.
    ///
    /// # Errors
    /// That of `make`, if there is not even a stale answer. Errors are never kept.
    pub(crate) fn answer(&self, key: &Key, make: impl Fn() -> Result<Made>) -> Result<Lookup> {
        loop {
            let kept = self.lookup(key);
            if let Some(fresh) = kept.as_ref().filter(|kept| kept.status == CacheStatus::Hit) {
                return Ok(fresh.clone());
            }
            match (self.flights.join(key), kept) {
                (Role::Leader(leader), kept) => return leader.land(self.lead(key, kept, &make)),
                (Role::Follower(_), Some(stale)) => return Ok(stale),
                (Role::Follower(follower), None) => {
                    if let Some(outcome) = follower.wait() {
                        return outcome;
                    }
                }
            }
        }
    }

    /// What the cache has, fresh or stale. A cache that fails has nothing.
    fn lookup(&self, key: &Key) -> Option<Lookup> {
        let tier = self.cache.tier();
        let entry = self.cache.lookup(key).unwrap_or_else(|error| {
            self.cache_failed("lookup", &error);
            None
        });
        let status = entry.as_ref().map(|entry| if entry.is_fresh() { CacheStatus::Hit } else { CacheStatus::Stale });
        let outcome = match status {
            Some(CacheStatus::Hit) => Outcome::Hit,
            Some(_) => Outcome::Stale,
            None => Outcome::Miss,
        };
        self.observer.observe(&Observation::Lookup { tier, outcome });
        Some(Lookup { entry: entry?, key: key.clone(), status: status?, tier: Some(tier), timing: None })
    }

    fn lead(&self, key: &Key, stale: Option<Lookup>, make: impl Fn() -> Result<Made>) -> Result<Lookup> {
        // Between the look and the lead another leader may have landed.
        if stale.is_none()
            && let Some(kept) = self.lookup(key).filter(|kept| kept.status == CacheStatus::Hit)
        {
            return Ok(kept);
        }
        let outcome = self.outage.check().and_then(|()| self.outage.note(make()));
        match (outcome, stale) {
            (Ok(answer), _) => Ok(self.keep(answer)),
            (Err(error), stale) => {
                self.observer.observe(&Observation::LoadFailed { error: &error, stale_served: stale.is_some() });
                stale.ok_or(error)
            }
        }
    }

    fn keep(&self, made: Made) -> Lookup {
        let ttl = if made.rows == 0 { self.policy.empty_ttl.min(self.policy.ttl) } else { jittered(self.policy.ttl) };
        let mut entry = Entry::new(made.body, made.key.etag(), ttl, self.policy.stale_for);
        entry.gzip = made.gzip.map(Arc::from);
        entry.rows = made.rows;
        entry.next = made.next;
        let entry = Arc::new(entry);
        if let Err(error) = self.cache.store(&made.key, entry.clone()) {
            self.cache_failed("store", &error);
        }
        Lookup { entry, key: made.key, status: CacheStatus::Miss, tier: None, timing: Some(made.timing) }
    }

    fn cache_failed(&self, operation: &'static str, error: &Error) {
        self.observer.observe(&Observation::CacheFailed { tier: self.cache.tier(), operation, error });
    }
}

fn jittered(ttl: Duration) -> Duration {
    // A new RandomState is random enough to spread expiries, and needs no dependency.
    let random = RandomState::new().build_hasher().finish();
    #[expect(clippy::cast_precision_loss, reason = "a random share needs no precision")]
    let share = random as f64 / u64::MAX as f64;
    ttl.mul_f64(1.0 + JITTER * (2.0 * share - 1.0))
}
