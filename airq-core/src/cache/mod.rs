//! Where answers are kept: the [`Cache`] seam, its implementations, and the cache-aside policy over them.

mod aside;
mod entry;
mod flight;
mod key;
mod memory;
mod none;
mod outage;
mod source;

use crate::error::Result;
pub(crate) use aside::{CacheAside, Made, Policy};
pub use aside::{CacheStatus, Lookup};
pub use entry::Entry;
pub(crate) use flight::{Role, SingleFlight};
pub use key::Key;
pub use memory::MemoryCache;
use none::NoCache;
pub(crate) use outage::Outage;
pub(crate) use source::{DEFAULT_URL, open};
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
/// - A failure is an error, not a miss; the caller goes on without the cache.
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

    /// The name of this cache in `Cache-Status`, logs and metrics, such as `memory`.
    fn tier(&self) -> &'static str;
}
