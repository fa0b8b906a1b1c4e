//! Whether a cache keeps what it is given.

use super::{Finding, told};
use crate::cache::{Cache, Entry, Key, Lease};
use crate::error::Result;
use crate::format::Format;
use crate::hash::hex;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is kept to try it goes by itself after so long.
const KEPT: Duration = Duration::from_secs(5);

/// Keeps an answer that nobody asks for, looks for it again, and takes and gives back the right to make it.
pub(crate) fn round_trip(cache: &(impl Cache + ?Sized)) -> Finding {
    let began = Instant::now();
    match try_it(cache) {
        Ok(None) => Finding::ok("cache", format!("an answer was kept and found again in {}", told(began.elapsed()))),
        Ok(Some((found, mend))) => Finding::failed("cache", found, mend),
        Err(error) => Finding::of_error("cache", &error),
    }
}

/// What is wrong with it, and how to mend that.
type Wrong = (&'static str, &'static str);

fn try_it(cache: &(impl Cache + ?Sized)) -> Result<Option<Wrong>> {
    let random = RandomState::new().build_hasher().finish();
    let key = Key::new(Format::Json, "doctor", &hex(random));
    let entry = Arc::new(Entry::new(hex(random).into_bytes(), "doctor", KEPT, Duration::ZERO));
    cache.store(&key, entry.clone())?;
    if cache.lookup(&key)?.is_none_or(|found| found.body() != entry.body()) {
        return Ok(Some(("an answer that was kept is not found again", "give it more memory")));
    }
    // Asked for twice: it is granted again only if it was given back.
    for _ in 0..2 {
        if let Lease::Taken = cache.lease(&key)? {
            let mend = "let this user run EVAL on keys of airq:*";
            return Ok(Some(("the right to make an answer is not given back", mend)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::MemoryCache;
    use crate::doctor::Health;

    #[test]
    fn a_cache_without_room_is_found_out() {
        assert_eq!(round_trip(&MemoryCache::new(64 << 10)).health, Health::Ok);
        let finding = round_trip(&MemoryCache::new(10));
        assert_eq!((finding.health, &*finding.mend), (Health::Failed, "give it more memory"));
    }
}
