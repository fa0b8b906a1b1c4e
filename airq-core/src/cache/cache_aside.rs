//! The cache-aside policy.
//!
//! An answer comes from the cache. If the cache does not have a fresh answer, one request loads the answer and stores it, while
//! other requests for the same answer wait. If the answer cannot be loaded, a stale answer is served.

use super::outage::Outage;
use super::single_flight::{FlightRole, SingleFlight};
use super::{Cache, Entry, HeldEntry, Key, Lease, LeaseGuard, Reservation};
use crate::clock::Clock;
use crate::deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::observe::{Observation, Observer, Outcome, Timing};
use crate::pool::PoolState;
use crate::random::random_share;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// The times for which answers are stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// The time for which an answer is fresh, plus or minus [`JITTER`].
    pub(crate) ttl: Duration,
    /// The maximum time for which an answer without rows is fresh.
    pub(crate) empty_ttl: Duration,
    /// The time after `ttl` for which an answer may still be served if the repository fails.
    pub(crate) stale_for: Duration,
}

/// The share by which a time to live is randomly longer or shorter, so that entries stored together do not expire together.
const JITTER: f64 = 0.05;
/// The maximum time to wait for an answer that another process is loading.
const WAIT: Duration = Duration::from_millis(500);
/// The time from the start of a request after which a stale answer is served in place of an answer that is still being loaded.
const STALE_AFTER: Duration = Duration::from_millis(1900);
/// The interval between two lookups during this wait.
const POLL: Duration = Duration::from_millis(20);

impl Default for Policy {
    fn default() -> Self {
        Policy {
            ttl: Duration::from_secs(3600),
            empty_ttl: Duration::from_secs(60),
            stale_for: Duration::from_secs(24 * 3600),
        }
    }
}

/// An answer that was just loaded.
pub(crate) struct NewAnswer {
    /// The key for the version of the data that was read. This version may be newer than the version in the request's key.
    pub(crate) key: Key,
    pub(crate) body: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) next: Option<String>,
    pub(crate) timing: Timing,
    /// The memory of the body.
    pub(crate) reservation: Reservation,
}

/// An answer and its origin.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    /// The answer.
    pub(crate) entry: Arc<Entry>,
    /// The key of the answer in the cache.
    pub(crate) key: Key,
    pub(crate) status: CacheStatus,
    /// The cache that had the answer, if the answer was not loaded.
    pub(crate) tier: Option<&'static str>,
    /// The times of the load, if the answer was loaded for this request.
    pub(crate) timing: Option<Timing>,
    /// The memory of the answer, if it was loaded and is counted.
    pub(crate) held: Option<Arc<HeldEntry>>,
}

/// The origin of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CacheStatus {
    /// A fresh answer from the cache.
    Hit,
    /// A stale answer from the cache: the repository failed, or another request is loading the answer.
    Stale,
    /// An answer that was loaded for this request or for a concurrent request.
    Miss,
}

/// A cache with the cache-aside policy.
#[derive(Debug)]
pub(crate) struct CacheAside {
    cache: Arc<dyn Cache>,
    policy: Policy,
    outage: Arc<Outage>,
    observer: Arc<dyn Observer>,
    clock: Clock,
    flights: SingleFlight<Key, Lookup>,
}

impl CacheAside {
    pub(crate) fn new(
        cache: Arc<dyn Cache>,
        policy: Policy,
        outage: Arc<Outage>,
        observer: Arc<dyn Observer>,
        clock: Clock,
    ) -> Self {
        CacheAside { cache, policy, outage, observer, clock, flights: SingleFlight::default() }
    }

    /// Returns the answer under this key, from the cache or from `load`.
    ///
    /// `load` runs in one thread at a time for a key. If several processes share the cache, it runs in one process at a time. If it
    /// fails, the answer may come from one of the `earlier` keys, which are for former versions of the data set, newest first.
    ///
    /// # Errors
    /// The error of `load`, if there is no stale answer. Errors are not cached.
    pub(crate) fn answer(
        &self,
        start: Instant,
        key: &Key,
        earlier: impl Fn() -> Vec<Key>,
        load: impl Fn() -> Result<NewAnswer>,
    ) -> Result<Lookup> {
        loop {
            let cached = self.look_up(key);
            self.report_lookup(&cached);
            if let CachedAnswer::Fresh(fresh) = cached {
                return Ok(fresh);
            }
            match (self.flights.join(key), cached) {
                (FlightRole::Leader(leader), cached) => {
                    let outcome = self
                        .load_once(start, key, cached, &load)
                        .or_else(|error| self.fallback(key, &earlier(), error));
                    return leader.finish(outcome);
                }
                (FlightRole::Follower(_), CachedAnswer::Stale(stale)) => return Ok(stale),
                (FlightRole::Follower(follower), _) => {
                    if let Some(outcome) = follower.wait() {
                        return outcome;
                    }
                }
            }
        }
    }

    /// Returns the state of the cache's connection pool, if the cache has one.
    pub(crate) fn pool(&self) -> Option<PoolState> {
        self.cache.pool()
    }

    fn look_up(&self, key: &Key) -> CachedAnswer {
        match self.cache.lookup_tiers(key) {
            Ok(Some((entry, tier))) => {
                let status = if entry.is_fresh_at(self.clock.wall()) { CacheStatus::Hit } else { CacheStatus::Stale };
                let cached = Lookup { entry, key: key.clone(), status, tier: Some(tier), timing: None, held: None };
                if status == CacheStatus::Hit { CachedAnswer::Fresh(cached) } else { CachedAnswer::Stale(cached) }
            }
            Ok(None) => CachedAnswer::Missing,
            Err(_) => CachedAnswer::Failed,
        }
    }

    fn report_lookup(&self, cached: &CachedAnswer) {
        let (tier, outcome) = match cached {
            CachedAnswer::Fresh(cached) => (cached.tier, Outcome::Hit),
            CachedAnswer::Stale(cached) => (cached.tier, Outcome::Stale),
            CachedAnswer::Missing | CachedAnswer::Failed => (None, Outcome::Miss),
        };
        self.observer.observe(&Observation::Lookup { tier: tier.unwrap_or(self.cache.tier()), outcome });
    }

    fn load_once(
        &self,
        start: Instant,
        key: &Key,
        cached: CachedAnswer,
        load: impl Fn() -> Result<NewAnswer>,
    ) -> Result<Lookup> {
        let turn = match self.outage.check() {
            Ok(()) => self.acquire_turn(key, &cached),
            Err(outage) => return self.fail(outage, cached),
        };
        // The lease is held until the answer is stored, so that the next process finds the answer.
        let _lease = match turn {
            LoadTurn::Ours(lease) => lease,
            LoadTurn::Answered(answer) => return Ok(answer),
        };
        let loaded = self.outage.watch(|| match &cached {
            CachedAnswer::Stale(_) => deadline::within(STALE_AFTER.saturating_sub(start.elapsed()), load),
            _ => load(),
        });
        match loaded {
            Ok(answer) => Ok(self.store(answer)),
            Err(error) => self.fail(error, cached),
        }
    }

    /// Returns the stale answer or the error of a failed load.
    fn fail(&self, error: Error, cached: CachedAnswer) -> Result<Lookup> {
        let CachedAnswer::Stale(stale) = cached else { return Err(error) };
        self.observer.observe(&Observation::LoadFailed { error: &error, stale_served: true });
        Ok(stale)
    }

    /// Returns an answer that is served only because the load has failed, or the error.
    fn fallback(&self, key: &Key, earlier: &[Key], error: Error) -> Result<Lookup> {
        let is_of_source = matches!(
            error.kind(),
            ErrorKind::Unavailable | ErrorKind::Forbidden | ErrorKind::Timeout | ErrorKind::Overloaded
        );
        let mut keys = std::iter::once(key).chain(earlier).filter(|_| is_of_source);
        let found = keys.find_map(|key| Some((key, self.cache.fallback(key)?)));
        self.observer.observe(&Observation::LoadFailed { error: &error, stale_served: found.is_some() });
        let (key, (entry, tier)) = found.ok_or(error)?;
        Ok(Lookup { entry, key: key.clone(), status: CacheStatus::Stale, tier: Some(tier), timing: None, held: None })
    }

    /// Waits for the lease to load the answer, or for the answer of another process.
    ///
    /// A request with a stale answer does not wait. If the cache fails, the answer is loaded without a lease.
    fn acquire_turn(&self, key: &Key, cached: &CachedAnswer) -> LoadTurn {
        if let CachedAnswer::Failed = cached {
            return LoadTurn::Ours(LeaseGuard::unshared());
        }
        let start = Instant::now();
        loop {
            let lease = self.cache.lease(key);
            let waited = start.elapsed();
            match (lease, cached) {
                // Another leader may have stored the answer between the lookup and the lease.
                (Ok(Lease::Granted(guard)), _) => match self.look_up(key) {
                    CachedAnswer::Fresh(answer) => return LoadTurn::Answered(answer),
                    _ => return LoadTurn::Ours(guard),
                },
                (Ok(Lease::Taken), CachedAnswer::Stale(stale)) => return LoadTurn::Answered(stale.clone()),
                (Ok(Lease::Taken), _) if waited < WAIT => thread::sleep(POLL),
                _ => return LoadTurn::Ours(LeaseGuard::unshared()),
            }
            match self.look_up(key) {
                CachedAnswer::Fresh(answer) | CachedAnswer::Stale(answer) => return LoadTurn::Answered(answer),
                CachedAnswer::Missing => {}
                CachedAnswer::Failed => return LoadTurn::Ours(LeaseGuard::unshared()),
            }
        }
    }

    fn store(&self, answer: NewAnswer) -> Lookup {
        let ttl = if answer.rows == 0 { self.policy.empty_ttl.min(self.policy.ttl) } else { jittered(self.policy.ttl) };
        let mut entry = Entry::new(answer.body, answer.key.etag(), ttl, self.policy.stale_for);
        entry.created = self.clock.wall();
        entry.rows = answer.rows;
        entry.next = answer.next;
        let entry = Arc::new(entry);
        let held = answer.reservation.hold(&entry);
        // `Guarded` reports failures of the cache. The answer is served even if it was not stored.
        let _stored = self.cache.store(&answer.key, entry.clone());
        // A cache that stores compressed answers has compressed the entry.
        if let Some(took) = entry.compress_time() {
            self.observer.observe(&Observation::Compressed { bytes: entry.length(), took });
        }
        Lookup { entry, key: answer.key, status: CacheStatus::Miss, tier: None, timing: Some(answer.timing), held }
    }
}

/// The result of a lookup in the cache.
enum CachedAnswer {
    Fresh(Lookup),
    Stale(Lookup),
    Missing,
    /// The cache could not be reached.
    Failed,
}

/// The result of waiting for a lease.
enum LoadTurn {
    /// This request loads the answer and holds the lease meanwhile.
    Ours(LeaseGuard),
    /// Another request has stored the answer.
    Answered(Lookup),
}

/// The maximum time to live: long enough for any answer, and short enough for arithmetic on times.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

fn jittered(ttl: Duration) -> Duration {
    ttl.min(LONGEST).mul_f64(1.0 + JITTER * (2.0 * random_share() - 1.0))
}
