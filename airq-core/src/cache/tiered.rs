//! Two tiers: memory, trusted for a moment, in front of a cache that processes share.

use super::{Cache, Entry, Key, Lease, MemoryCache};
use crate::clock::Clock;
use crate::error::Result;
use crate::finding::Finding;
use crate::pool::PoolState;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer in memory is served without asking the shared cache, so that a hot one costs no round trip, and one
/// that was replaced or flushed there is noticed soon. A new data set needs no time at all: its version is in the key.
pub(super) const TRUST: Duration = Duration::from_secs(1);

/// Memory in front of a shared cache.
///
/// While the shared one fails, memory alone serves what it has for as long as that is fresh, or stale where that is asked
/// for: an outage of the cache shall not become a flood for the repository.
#[derive(Debug)]
pub(super) struct Tiered {
    memory: MemoryCache,
    shared: Arc<dyn Cache>,
    clock: Clock,
}

impl Tiered {
    /// Puts `capacity` bytes of memory in front of a shared cache.
    pub(super) fn new(capacity: usize, shared: Arc<dyn Cache>, clock: Clock) -> Self {
        Tiered { memory: MemoryCache::with_clock(capacity, clock.clone()), shared, clock }
    }
}

impl Cache for Tiered {
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>> {
        Ok(self.lookup_tiers(key)?.map(|(entry, _)| entry))
    }

    fn lookup_tiers(&self, key: &Key) -> Result<Option<(Arc<Entry>, &'static str)>> {
        let near = self.memory.find(key);
        if let Some((entry, since)) = &near
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
            Ok(None) => {
                self.memory.forget(key);
                Ok(None)
            }
            Err(failure) => near.map_or(Err(failure), |(entry, _)| Ok(Some((entry, self.memory.tier())))),
        }
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
