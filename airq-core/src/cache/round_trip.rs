//! A check for any cache: an entry that is stored is found again.

use super::{Cache, Entry, Key, Lease};
use crate::error::Result;
use crate::finding::{Finding, time_span};
use crate::format::Format;
use crate::hash::hex;
use crate::random::random;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The lifetime of the entry that the check stores.
const KEPT: Duration = Duration::from_secs(5);

/// Stores an entry, looks it up, and acquires and releases the lease of its key.
pub(super) fn round_trip(cache: &(impl Cache + ?Sized)) -> Finding {
    let start = Instant::now();
    match problem(cache) {
        Ok(None) => {
            let took = time_span(start.elapsed());
            Finding::ok("cache", format!("an answer was kept and found again in {took}"))
        }
        Ok(Some(problem)) => Finding::failed("cache", problem.found, problem.fix),
        Err(error) => Finding::of_error("cache", &error),
    }
}

struct CheckFailure {
    found: &'static str,
    fix: &'static str,
}

fn problem(cache: &(impl Cache + ?Sized)) -> Result<Option<CheckFailure>> {
    let unique = hex(random());
    let key = Key::new(Format::Json, "doctor", &unique);
    let entry = Arc::new(Entry::new(unique.into_bytes(), "doctor", KEPT, Duration::ZERO));
    cache.store(&key, entry.clone())?;
    if cache.lookup(&key)?.is_none_or(|found| found.body() != entry.body()) {
        let found = "an answer that was kept is not found again";
        return Ok(Some(CheckFailure { found, fix: "give it more memory" }));
    }
    // The second lease is granted only if the first was released.
    for _ in 0..2 {
        if let Lease::Taken = cache.lease(&key)? {
            let found = "the lease of an answer is not given back";
            return Ok(Some(CheckFailure { found, fix: "let this user run EVAL on keys of airq:*" }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::MemoryCache;
    use crate::finding::Health;

    #[test]
    fn a_cache_without_room_fails_the_check() {
        assert_eq!(round_trip(&MemoryCache::new(64 << 10)).health, Health::Ok);
        let finding = round_trip(&MemoryCache::new(10));
        assert_eq!((finding.health, &*finding.fix), (Health::Failed, "give it more memory"));
    }
}
