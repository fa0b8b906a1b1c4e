//! The cache-aside policy: ask the cache, else make the answer once and keep it; when it cannot be made, serve the stale.

use super::flight::{Role, SingleFlight};
use super::outage::Outage;
use super::{Cache, Entry, Key, Lease, LeaseGuard};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::observe::{Observation, Observer, Outcome, Timing};
use crate::pool::PoolState;
use crate::random::random_share;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

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
/// How long to wait for an answer that another process makes, before making it oneself.
const WAIT: Duration = Duration::from_millis(500);
/// How often to look for it meanwhile.
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

/// An answer, just made.
pub(crate) struct Made {
    /// The key of the data it is from, which may be newer than what was asked for.
    pub(crate) key: Key,
    pub(crate) body: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) next: Option<String>,
    pub(crate) timing: Timing,
}

/// What a request for an answer came to.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    /// The answer.
    pub(crate) entry: Arc<Entry>,
    /// What it is kept under.
    pub(crate) key: Key,
    /// Where it is from.
    pub(crate) status: CacheStatus,
    /// The cache that had it, if one did.
    pub(crate) tier: Option<&'static str>,
    /// Where the time went, if it was made for this request.
    pub(crate) timing: Option<Timing>,
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

    /// The answer under this key, from the cache or from `make`, which runs in one thread at a time for a key, and in one
    /// process at a time where several share the cache.
    ///
    /// # Errors
    /// That of `make`, if there is not even a stale answer. Errors are never kept.
    pub(crate) fn answer(&self, key: &Key, make: impl Fn() -> Result<Made>) -> Result<Lookup> {
        loop {
            let seen = self.look(key);
            self.tell(&seen);
            if let Seen::Fresh(fresh) = seen {
                return Ok(fresh);
            }
            match (self.flights.join(key), seen) {
                (Role::Leader(leader), seen) => return leader.land(self.lead(key, seen, &make)),
                (Role::Follower(_), Seen::Stale(stale)) => return Ok(stale),
                (Role::Follower(follower), _) => {
                    if let Some(outcome) = follower.wait() {
                        return outcome;
                    }
                }
            }
        }
    }

    /// How the cache's pool of connections is doing, if it has one.
    pub(crate) fn pool(&self) -> Option<PoolState> {
        self.cache.pool()
    }

    fn look(&self, key: &Key) -> Seen {
        match self.cache.lookup_tiers(key) {
            Ok(Some((entry, tier))) => {
                let status = if entry.is_fresh_at(self.clock.wall()) { CacheStatus::Hit } else { CacheStatus::Stale };
                let kept = Lookup { entry, key: key.clone(), status, tier: Some(tier), timing: None };
                if status == CacheStatus::Hit { Seen::Fresh(kept) } else { Seen::Stale(kept) }
            }
            Ok(None) => Seen::Nothing,
            Err(_) => Seen::Failed,
        }
    }

    /// One recorded outcome a look.
    fn tell(&self, seen: &Seen) {
        let (tier, outcome) = match seen {
            Seen::Fresh(kept) => (kept.tier, Outcome::Hit),
            Seen::Stale(kept) => (kept.tier, Outcome::Stale),
            Seen::Nothing | Seen::Failed => (None, Outcome::Miss),
        };
        self.observer.observe(&Observation::Lookup { tier: tier.unwrap_or(self.cache.tier()), outcome });
    }

    fn lead(&self, key: &Key, seen: Seen, make: impl Fn() -> Result<Made>) -> Result<Lookup> {
        let right = match self.outage.check() {
            Ok(()) => self.right_to_make(key, &seen),
            Err(outage) => return self.failed(outage, seen),
        };
        // Held until the answer is kept, so that whoever has it next finds the answer.
        let _right = match right {
            Right::Make(guard) => guard,
            Right::Made(kept) => return Ok(kept),
        };
        match self.outage.watch(make) {
            Ok(answer) => Ok(self.keep(answer)),
            Err(error) => self.failed(error, seen),
        }
    }

    fn failed(&self, error: Error, seen: Seen) -> Result<Lookup> {
        let stale = if let Seen::Stale(stale) = seen { Some(stale) } else { None };
        self.observer.observe(&Observation::LoadFailed { error: &error, stale_served: stale.is_some() });
        stale.ok_or(error)
    }

    /// The right to make the answer, or the answer that somebody else made in the meantime. Who sees a stale answer waits
    /// for nobody. A cache that fails is asked nothing more.
    fn right_to_make(&self, key: &Key, seen: &Seen) -> Right {
        if let Seen::Failed = seen {
            return Right::Make(LeaseGuard::unshared());
        }
        let began = Instant::now();
        loop {
            let (lease, waited) = (self.cache.lease(key), began.elapsed());
            match (lease, seen) {
                // Between the look and the lease another leader, here or elsewhere, may have landed.
                (Ok(Lease::Granted(guard)), _) => match self.look(key) {
                    Seen::Fresh(kept) => return Right::Made(kept),
                    _ => return Right::Make(guard),
                },
                (Ok(Lease::Taken), Seen::Stale(stale)) => return Right::Made(stale.clone()),
                (Ok(Lease::Taken), _) if waited < WAIT => thread::sleep(POLL),
                _ => return Right::Make(LeaseGuard::unshared()),
            }
            match self.look(key) {
                Seen::Fresh(kept) | Seen::Stale(kept) => return Right::Made(kept),
                Seen::Nothing => {}
                Seen::Failed => return Right::Make(LeaseGuard::unshared()),
            }
        }
    }

    fn keep(&self, made: Made) -> Lookup {
        let ttl = if made.rows == 0 { self.policy.empty_ttl.min(self.policy.ttl) } else { jittered(self.policy.ttl) };
        let mut entry = Entry::new(made.body, made.key.etag(), ttl, self.policy.stale_for);
        entry.created = self.clock.wall();
        entry.rows = made.rows;
        entry.next = made.next;
        let entry = Arc::new(entry);
        // One that cannot be kept has been told by the cache's guard; the answer is none the worse.
        let _kept = self.cache.store(&made.key, entry.clone());
        // A cache that keeps answers compressed has asked for it.
        if let Some(took) = entry.compress_time() {
            self.observer.observe(&Observation::Compressed { bytes: entry.length(), took });
        }
        Lookup { entry, key: made.key, status: CacheStatus::Miss, tier: None, timing: Some(made.timing) }
    }
}

/// What a look into the cache came to.
enum Seen {
    Fresh(Lookup),
    Stale(Lookup),
    Nothing,
    /// The cache could not be asked.
    Failed,
}

/// Who makes an answer.
enum Right {
    /// We do, as long as we hold this.
    Make(LeaseGuard),
    /// Somebody else did.
    Made(Lookup),
}

/// Longer than any answer is of use, and short enough to be counted with.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 86_400);

fn jittered(ttl: Duration) -> Duration {
    ttl.min(LONGEST).mul_f64(1.0 + JITTER * (2.0 * random_share() - 1.0))
}
