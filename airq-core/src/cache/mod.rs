//! Where answers are kept: the [`Cache`] seam, its implementations, and the cache-aside policy over them.

mod aside;
mod body;
mod breaker;
mod entry;
mod flight;
mod guarded;
mod key;
mod lease;
mod memory;
mod none;
mod outage;
#[cfg(feature = "redis")]
mod redis;
mod round_trip;
mod source;
#[cfg(feature = "redis")]
mod tiered;

use crate::error::Result;
use crate::finding::Finding;
use crate::pool::PoolState;
pub use aside::CacheStatus;
pub(crate) use aside::{CacheAside, Lookup, Made, Policy};
pub use entry::Entry;
pub(crate) use flight::{Role, SingleFlight};
pub use key::Key;
pub use lease::{Lease, LeaseGuard};
pub use memory::MemoryCache;
use none::NoCache;
pub(crate) use outage::Outage;
#[cfg(feature = "redis")]
pub use redis::RedisCache;
use round_trip::round_trip;
pub(crate) use source::{DEFAULT_URL, guarded, open};
use std::fmt::Debug;
use std::sync::Arc;

/// A place that keeps answers for a while.
///
/// # Contract
/// - After [`store`](Cache::store), [`lookup`](Cache::lookup) of an equal key gives an equal entry, until the entry
///   [expires](Entry::is_expired), another entry replaces it or the cache needs its room. It may forget earlier; it never
///   gives an expired entry, nor one stored under another key.
/// - A fresh and a stale entry are alike to it: [`Entry::is_fresh`] is for the caller to ask.
/// - It never waits long: a cache that needs the network has time limits of a fraction of a second.
/// - A failure is an error, not a miss; the caller goes on without the cache. One that is
///   [unavailable](crate::ErrorKind::Unavailable) three times in a row is left alone for two seconds.
/// - Something under the key that is no entry of ours is [`InvalidData`](crate::ErrorKind::InvalidData): the caller takes it
///   for a miss and tells.
///
/// `airq_core::testing::cache_contract` (feature `testing`) checks any implementation against this.
pub trait Cache: Debug + Send + Sync {
    /// The entry under this key, if there is one that has not expired.
    ///
    /// # Errors
    /// If the cache cannot be asked.
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>>;

    /// Keeps the entry under this key.
    ///
    /// # Errors
    /// If the cache cannot be reached. An entry that it has no room for is no error: it is just not kept.
    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()>;

    /// As [`lookup`](Cache::lookup), naming the tier that had it: this one, unless the cache is made of several.
    ///
    /// # Errors
    /// As [`lookup`](Cache::lookup).
    fn lookup_tiers(&self, key: &Key) -> Result<Option<(Arc<Entry>, &'static str)>> {
        Ok(self.lookup(key)?.map(|entry| (entry, self.tier())))
    }

    /// Asks for the right to make the answer under this key. Always granted, unless processes share the cache and another
    /// one has it: of them, one at a time does. A right ends by itself some time after a process that died with it.
    ///
    /// # Errors
    /// If the cache cannot be asked; the caller makes the answer then.
    fn lease(&self, _key: &Key) -> Result<Lease> {
        Ok(Lease::Granted(LeaseGuard::unshared()))
    }

    /// Checks the cache by using it. Never fails: an error is a finding.
    fn examine(&self) -> Vec<Finding> {
        vec![round_trip(self)]
    }

    /// How its pool of connections is doing, if it has one.
    fn pool(&self) -> Option<PoolState> {
        None
    }

    /// The name of this cache in `Cache-Status`, logs and metrics, such as `memory`.
    fn tier(&self) -> &'static str;
}
