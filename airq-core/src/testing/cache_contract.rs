//! The contract of [`Cache`].

use crate::cache::{Cache, Entry, Key};
use crate::format::Format;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Checks a cache against its contract. The cache must be empty and have room for a few MiB.
///
/// ```
/// airq_core::testing::cache_contract(&airq_core::cache::MemoryCache::new(64 << 20));
/// ```
///
/// # Panics
/// If the cache breaks the contract, with the difference.
pub fn cache_contract(cache: &dyn Cache) {
    what_is_stored_is_found_equal(cache);
    another_key_finds_nothing(cache);
    a_later_entry_replaces(cache);
    a_stale_entry_is_given_until_it_expires(cache);
    an_expired_entry_is_never_given(cache);
    many_threads_get_whole_entries(cache);
    assert!(!cache.tier().is_empty(), "a tier has a name");
}

fn key(name: &str) -> Key {
    Key::new(Format::Json, "contract", name)
}

fn entry(body: &[u8]) -> Arc<Entry> {
    let mut entry = Entry::new(body, "etag", HOUR, HOUR);
    entry.rows = 7;
    Arc::new(entry)
}

fn found(cache: &dyn Cache, key: &Key) -> Option<Arc<Entry>> {
    cache.lookup(key).expect("a lookup works")
}

fn store(cache: &dyn Cache, key: &Key, entry: &Arc<Entry>) {
    cache.store(key, entry.clone()).expect("a store works");
}

fn what_is_stored_is_found_equal(cache: &dyn Cache) {
    let every_byte: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut full = Entry::new(every_byte, "tag", HOUR, HOUR);
    full.next = Some("2016-10-01T00:00:00.000Z,aq_peñón".to_owned());
    full.rows = 12;
    for (name, entry) in [("full", Arc::new(full)), ("empty", entry(b""))] {
        store(cache, &key(name), &entry);
        let back = found(cache, &key(name)).expect("what was stored is found");
        assert_eq!(back.body(), entry.body(), "{name}: the body is the same");
        assert_eq!((&back.etag, &back.next, back.rows), (&entry.etag, &entry.next, entry.rows), "{name}");
        assert_eq!((back.fresh_for, back.stale_for), (entry.fresh_for, entry.stale_for), "{name}");
        assert!(back.is_fresh() && back.age() < Duration::from_secs(60), "{name}: it is as old as it is");
        assert_eq!(back.gzip(), entry.gzip(), "{name}: the compressed body is the same");
    }
}

fn another_key_finds_nothing(cache: &dyn Cache) {
    store(cache, &key("one"), &entry(b"1"));
    assert!(found(cache, &key("two")).is_none(), "nothing was stored under this key");
    let format = Key::new(Format::Csv, "contract", "one");
    let version = Key::new(Format::Json, "other", "one");
    assert!(found(cache, &format).is_none() && found(cache, &version).is_none(), "each part of a key counts");
    let [long, other] = ["a", "b"].map(|end| key(&format!("{}{end}", "x".repeat(5_000))));
    store(cache, &long, &entry(b"a"));
    assert!(found(cache, &other).is_none(), "long keys are told apart");
    assert!(found(cache, &long).is_some(), "long keys are keys");
}

fn a_later_entry_replaces(cache: &dyn Cache) {
    store(cache, &key("replaced"), &entry(b"old"));
    store(cache, &key("replaced"), &entry(b"new"));
    assert_eq!(found(cache, &key("replaced")).expect("it is there").body(), b"new");
}

fn a_stale_entry_is_given_until_it_expires(cache: &dyn Cache) {
    let stale = Arc::new(Entry::new(*b"stale", "etag", Duration::ZERO, HOUR));
    store(cache, &key("stale"), &stale);
    let back = found(cache, &key("stale")).expect("a stale entry is kept");
    assert!(!back.is_fresh() && !back.is_expired(), "it is known to be stale");
}

fn an_expired_entry_is_never_given(cache: &dyn Cache) {
    let short = Duration::from_millis(60);
    store(cache, &key("short"), &Arc::new(Entry::new(*b"short", "etag", short, short)));
    thread::sleep(short * 3);
    assert!(found(cache, &key("short")).is_none(), "it has expired");
    store(cache, &key("gone"), &Arc::new(Entry::new(*b"gone", "etag", Duration::ZERO, Duration::ZERO)));
    assert!(found(cache, &key("gone")).is_none(), "it was expired from the first");
}

fn many_threads_get_whole_entries(cache: &dyn Cache) {
    thread::scope(|scope| {
        for byte in b'a'..=b'h' {
            scope.spawn(move || {
                for _ in 0..50 {
                    store(cache, &key("shared"), &entry(&[byte; 1000]));
                    let entry = found(cache, &key("shared")).expect("it was just stored");
                    let body = entry.body();
                    assert!(body.len() == 1000 && body.iter().all(|other| *other == body[0]), "an entry is whole");
                }
            });
        }
    });
}
