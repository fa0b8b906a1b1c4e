//! A cache of two tiers: memory in front of a cache that several processes share.

use super::{Cache, Entry, Key, Lease, MemoryCache};
use crate::clock::Clock;
use crate::error::Result;
use crate::finding::Finding;
use crate::pool::PoolState;
use std::sync::Arc;
use std::time::Duration;

/// The time for which an answer in memory is served without a lookup in the shared cache.
///
/// Frequent answers then need no round trip, and an answer that was replaced or flushed in the shared cache is noticed soon.
/// A new version of the data set takes effect at once, because the version is part of the key.
pub(super) const TRUST: Duration = Duration::from_secs(1);

/// Memory in front of a shared cache.
///
/// While the shared cache fails, memory alone serves its entries until they expire, so that an outage of the cache does not
/// overload the repository. What the shared cache has lost is loaded again, and served from memory only if the repository fails.
#[derive(Debug)]
pub(super) struct Tiered {
    memory: MemoryCache,
    shared: Arc<dyn Cache>,
    clock: Clock,
}

impl Tiered {
    /// Returns a cache with `capacity` bytes of memory in front of `shared`.
    pub(super) fn new(capacity: usize, shared: Arc<dyn Cache>, clock: Clock) -> Self {
        Tiered { memory: MemoryCache::with_clock(capacity, clock.clone()), shared, clock }
    }
}

impl Cache for Tiered {
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>> {
        Ok(self.lookup_tiers(key)?.map(|(entry, _)| entry))
    }

    fn lookup_tiers(&self, key: &Key) -> Result<Option<(Arc<Entry>, &'static str)>> {
        let in_memory = self.memory.find(key);
        if let Some((entry, since)) = &in_memory
            && *since < TRUST
            && entry.is_fresh_at(self.clock.wall())
        {
            return Ok(Some((entry.clone(), self.memory.tier())));
        }
        match self.shared.lookup_tiers(key) {
            Ok(Some((entry, tier))) => {
                self.memory.keep(key, entry.clone());
                Ok(Some((entry, tier)))
            }
            // The entry in memory stays, as a fallback.
            Ok(None) => Ok(None),
            Err(error) => match in_memory {
                Some((entry, _)) => Ok(Some((entry, self.memory.tier()))),
                None => Err(error),
            },
        }
    }

    fn fallback(&self, key: &Key) -> Option<(Arc<Entry>, &'static str)> {
        let in_memory = self.memory.find(key).map(|(entry, _)| (entry, self.memory.tier()));
        in_memory.or_else(|| self.shared.fallback(key))
    }

    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()> {
        self.memory.keep(key, entry.clone());
        self.shared.store(key, entry)
    }

    fn lease(&self, key: &Key) -> Result<Lease> {
        self.shared.lease(key)
    }

    fn examine(&self) -> Vec<Finding> {
        self.shared.examine()
    }

    fn pool(&self) -> Option<PoolState> {
        self.shared.pool()
    }

    fn tier(&self) -> &'static str {
        self.shared.tier()
    }
}
