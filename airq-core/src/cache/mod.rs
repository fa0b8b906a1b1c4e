//! Caches of answers: the [`Cache`] trait, its implementations, and the cache-aside policy.

mod body;
mod cache_aside;
mod circuit_breaker;
mod entry;
mod guarded;
mod key;
mod lease;
mod memory;
mod memory_budget;
mod none;
mod outage;
#[cfg(feature = "redis")]
mod redis;
mod round_trip;
mod single_flight;
#[cfg(feature = "redis")]
mod tiered;
mod url;

use crate::error::Result;
use crate::finding::Finding;
use crate::pool::PoolState;
pub use cache_aside::CacheStatus;
pub(crate) use cache_aside::{CacheAside, Lookup, NewAnswer, Policy};
pub use entry::Entry;
pub use key::Key;
pub use lease::{Lease, LeaseGuard};
pub use memory::MemoryCache;
pub(crate) use memory_budget::{AnswerBuffer, HeldEntry, MemoryBudget, Reservation};
use none::NoCache;
pub(crate) use outage::Outage;
#[cfg(feature = "redis")]
pub use redis::RedisCache;
use round_trip::round_trip;
pub(crate) use single_flight::{FlightRole, SingleFlight};
use std::fmt::Debug;
use std::sync::Arc;
pub(crate) use url::{DEFAULT_URL, guarded, open};

/// A cache of answers.
///
/// # Contract
/// - After [`store`](Cache::store), [`lookup`](Cache::lookup) with an equal key returns an equal entry until the entry
///   [expires](Entry::is_expired), is replaced or is evicted. A cache may evict an entry at any time. It never returns an
///   expired entry or an entry that was stored under another key.
/// - The cache treats fresh and stale entries alike. The caller checks [`Entry::is_fresh`].
/// - No call blocks for long: a cache on the network has time limits of a fraction of a second.
/// - A failure is an error, not a miss, and the caller continues without the cache. After three consecutive
///   [unavailable](crate::ErrorKind::Unavailable) errors, the cache is not called for two seconds.
/// - A value under the key that is not a valid entry is an [`InvalidData`](crate::ErrorKind::InvalidData) error. The caller
///   reports the error and treats it as a miss.
///
/// `airq_core::testing::cache_contract` (feature `testing`) checks an implementation against this contract.
pub trait Cache: Debug + Send + Sync {
    /// Returns the entry under this key, if there is one and it has not expired.
    ///
    /// # Errors
    /// If the cache cannot be reached.
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>>;

    /// Stores the entry under this key. An entry that is too large for the cache is not stored, without an error.
    ///
    /// # Errors
    /// If the cache cannot be reached.
    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()>;

    /// Does the same as [`lookup`](Cache::lookup), and also returns the name of the tier that had the entry. A cache with
    /// one tier returns its own name.
    ///
    /// # Errors
    /// As [`lookup`](Cache::lookup).
    fn lookup_tiers(&self, key: &Key) -> Result<Option<(Arc<Entry>, &'static str)>> {
        Ok(self.lookup(key)?.map(|entry| (entry, self.tier())))
    }

    /// Returns an entry under this key that may be served only if the repository fails, with the name of its tier. A cache of
    /// several tiers may have such an entry in one tier after another tier has lost it. By default, the entry of
    /// [`lookup_tiers`](Cache::lookup_tiers), or none if that fails.
    fn fallback(&self, key: &Key) -> Option<(Arc<Entry>, &'static str)> {
        self.lookup_tiers(key).ok().flatten()
    }

    /// Acquires the lease to load the answer under this key. If several processes share the cache, only one of them has the
    /// lease at a time. A cache of a single process always grants the lease. The lease of a process that died expires.
    ///
    /// # Errors
    /// If the cache cannot be reached. The caller then loads the answer without a lease.
    fn lease(&self, _key: &Key) -> Result<Lease> {
        Ok(Lease::Granted(LeaseGuard::unshared()))
    }

    /// Checks the cache by using it. Errors are reported as findings.
    fn examine(&self) -> Vec<Finding> {
        vec![round_trip(self)]
    }

    /// Returns the state of the connection pool, if the cache has one.
    fn pool(&self) -> Option<PoolState> {
        None
    }

    /// Returns the name of this cache in `Cache-Status`, logs and metrics, such as `memory`.
    fn tier(&self) -> &'static str;
}
