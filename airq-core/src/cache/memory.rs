//! A cache in memory, bounded in bytes, that evicts the least recently used entries.

use super::{Cache, Entry, Key};
use crate::clock::Clock;
use crate::error::Result;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A cache in the memory of this process.
///
/// ```
/// use airq_core::cache::{Entry, Key, MemoryCache};
/// use airq_core::{Cache, Format};
/// use std::{sync::Arc, time::Duration};
///
/// let cache = MemoryCache::new(64 << 20);
/// let key = Key::new(Format::Json, "v1", "city=Madrid");
/// let hour = Duration::from_secs(3600);
/// cache.store(&key, Arc::new(Entry::new(*b"{}", "etag", hour, hour)))?;
/// assert_eq!(cache.lookup(&key)?.unwrap().body(), b"{}");
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct MemoryCache {
    capacity: usize,
    clock: Clock,
    map: Mutex<LruMap>,
}

#[derive(Debug, Default)]
struct LruMap {
    entries: HashMap<Key, Slot>,
    /// Keys by the tick of their last use, oldest first.
    by_use: BTreeMap<u64, Key>,
    tick: u64,
    size: usize,
}

#[derive(Debug)]
struct Slot {
    entry: Arc<Entry>,
    used: u64,
    stored: Instant,
}

impl MemoryCache {
    /// Returns a cache of at most `capacity` bytes, including keys and bookkeeping.
    pub fn new(capacity: usize) -> Self {
        Self::with_clock(capacity, Clock::default())
    }

    /// Returns a cache with entries that expire by this clock.
    pub(super) fn with_clock(capacity: usize, clock: Clock) -> Self {
        MemoryCache { capacity, clock, map: Mutex::default() }
    }

    /// Returns the size of all entries in bytes, including keys and bookkeeping.
    pub fn size(&self) -> usize {
        self.with_map(|map| map.size)
    }

    /// Returns the entry under this key and the time since it was stored here.
    pub(super) fn find(&self, key: &Key) -> Option<(Arc<Entry>, Duration)> {
        self.with_map(|map| map.lookup(key, &self.clock))
    }

    /// Stores the entry, unless it is larger than the cache.
    pub(super) fn keep(&self, key: &Key, entry: Arc<Entry>) {
        self.with_map(|map| {
            map.remove(key);
            let size = cost(key, &entry);
            if size > self.capacity {
                return;
            }
            while map.size + size > self.capacity && map.remove_oldest() {}
            map.insert(key, entry, size, self.clock.now());
        });
    }

    fn with_map<T>(&self, work: impl FnOnce(&mut LruMap) -> T) -> T {
        work(&mut self.map.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Cache for MemoryCache {
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>> {
        Ok(self.find(key).map(|(entry, _)| entry))
    }

    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()> {
        self.keep(key, entry);
        Ok(())
    }

    fn tier(&self) -> &'static str {
        "memory"
    }
}

impl LruMap {
    fn lookup(&mut self, key: &Key, clock: &Clock) -> Option<(Arc<Entry>, Duration)> {
        let slot = self.entries.get_mut(key)?;
        if slot.entry.is_expired_at(clock.wall()) {
            self.remove(key);
            return None;
        }
        self.tick += 1;
        if let Some(key) = self.by_use.remove(&slot.used) {
            self.by_use.insert(self.tick, key);
        }
        slot.used = self.tick;
        Some((slot.entry.clone(), clock.since(slot.stored)))
    }

    fn insert(&mut self, key: &Key, entry: Arc<Entry>, size: usize, stored: Instant) {
        self.tick += 1;
        self.by_use.insert(self.tick, key.clone());
        self.entries.insert(key.clone(), Slot { entry, used: self.tick, stored });
        self.size += size;
    }

    fn remove(&mut self, key: &Key) {
        if let Some((key, slot)) = self.entries.remove_entry(key) {
            self.by_use.remove(&slot.used);
            self.size -= cost(&key, &slot.entry);
        }
    }

    fn remove_oldest(&mut self) -> bool {
        let oldest = self.by_use.first_key_value().map(|(_, key)| key.clone());
        oldest.inspect(|key| self.remove(key)).is_some()
    }
}

/// Returns the size of an entry, its key (which both maps hold), and the approximate overhead of the maps.
fn cost(key: &Key, entry: &Entry) -> usize {
    const BOOKKEEPING: usize = 160;
    entry.size() + 2 * key.as_str().len() + BOOKKEEPING
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;

    fn key(name: &str) -> Key {
        Key::new(Format::Json, "v", name)
    }

    fn entry(bytes: usize) -> Arc<Entry> {
        let hour = Duration::from_secs(3600);
        Arc::new(Entry::new(vec![b'x'; bytes], "e", hour, hour))
    }

    #[test]
    fn the_least_recently_used_entries_are_evicted_to_stay_within_the_capacity() {
        let cache = MemoryCache::new(40_000);
        for name in ["a", "b", "c"] {
            cache.store(&key(name), entry(5_000)).unwrap();
        }
        assert!(cache.lookup(&key("a")).unwrap().is_some());
        cache.store(&key("d"), entry(5_000)).unwrap();
        assert!(cache.size() <= 40_000);
        assert!(cache.lookup(&key("b")).unwrap().is_none(), "the least recently used went");
        assert!(cache.lookup(&key("a")).unwrap().is_some());
    }

    #[test]
    fn an_entry_larger_than_the_cache_is_not_stored_and_removes_only_its_predecessor() {
        let cache = MemoryCache::new(10_000);
        cache.store(&key("a"), entry(100)).unwrap();
        cache.store(&key("b"), entry(100)).unwrap();
        cache.store(&key("a"), entry(20_000)).unwrap();
        assert!(cache.lookup(&key("a")).unwrap().is_none());
        assert!(cache.lookup(&key("b")).unwrap().is_some());
    }

    #[test]
    fn the_size_of_an_entry_includes_its_gzip_form_before_it_is_compressed() {
        let cache = MemoryCache::new(40_000);
        let kept = entry(5_000);
        cache.store(&key("a"), kept.clone()).unwrap();
        let size = cache.size();
        assert!(kept.gzip().is_some_and(|gzip| 5_000 + gzip.len() < size));
        assert_eq!(cache.size(), size);
        cache.store(&key("a"), entry(10)).unwrap();
        assert!(cache.size() < 1_000, "all of it was given back");
    }

    #[test]
    fn an_entry_is_found_until_it_expires_by_the_clock() {
        let clock = Clock::default();
        let cache = MemoryCache::with_clock(40_000, clock.clone());
        cache.store(&key("a"), entry(10)).unwrap();
        clock.advance(Duration::from_secs(3600 + 3599));
        assert!(cache.lookup(&key("a")).unwrap().is_some(), "it is stale, and not expired");
        clock.advance(Duration::from_secs(1));
        assert!(cache.lookup(&key("a")).unwrap().is_none());
        assert_eq!(cache.size(), 0, "its memory is free again");
    }

    #[test]
    fn an_empty_cache_has_size_zero() {
        let cache = MemoryCache::new(10_000);
        let gone = Duration::ZERO;
        for name in ["a", "b"] {
            cache.store(&key(name), Arc::new(Entry::new(*b"x", "e", gone, gone))).unwrap();
            assert!(cache.lookup(&key(name)).unwrap().is_none(), "expired");
        }
        assert_eq!(cache.size(), 0);
    }
}
