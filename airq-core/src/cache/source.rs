//! A cache by its URL.

use super::guarded::Guarded;
use super::{Cache, MemoryCache, NoCache};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::observe::Observer;
use crate::secret::SecretUrl;
use std::sync::Arc;

/// The cache of an engine that is told of none.
pub(crate) const DEFAULT_URL: &str = "memory:64MiB";

const KNOWN: &str = if cfg!(feature = "redis") {
    "known are memory:64MiB, none:, redis://HOST, rediss://HOST, redis-cluster://HOST,HOST and rediss-cluster://HOST,HOST"
} else {
    "known are memory:64MiB and none: (this program is built without the feature redis)"
};

/// `memory:`, `memory:SIZE`, `none:` or, with the feature, a Redis.
///
/// # Errors
/// [`ErrorKind::InvalidSetting`] for anything else. A Redis that is down is none.
#[cfg_attr(not(feature = "redis"), expect(clippy::only_used_in_recursion, reason = "only Redis is guarded"))]
pub(crate) fn open(url: &SecretUrl, observer: &Arc<dyn Observer>, clock: &Clock) -> Result<Arc<dyn Cache>> {
    match url.expose().split_once(':') {
        Some(("none", "")) => Ok(Arc::new(NoCache)),
        Some(("memory", "")) => open(&SecretUrl::new(DEFAULT_URL), observer, clock),
        Some(("memory", size)) => {
            let bytes = parse_size(size).ok_or_else(|| bad(url, "a size such as 64MiB or 1GiB after memory:"))?;
            Ok(Arc::new(MemoryCache::with_clock(bytes, clock.clone())))
        }
        #[cfg(feature = "redis")]
        Some(("redis" | "rediss" | "redis-cluster" | "rediss-cluster", _)) => open_redis(url, observer, clock),
        _ => Err(bad(url, KNOWN)),
    }
}

/// The Redis behind its guard, behind memory.
#[cfg(feature = "redis")]
fn open_redis(url: &SecretUrl, observer: &Arc<dyn Observer>, clock: &Clock) -> Result<Arc<dyn Cache>> {
    let settings = super::redis::Settings::parse(url)?;
    let memory = settings.memory;
    let redis = super::RedisCache::new(settings, clock.clone())?;
    let shared = guarded(Arc::new(redis), observer, clock);
    if memory == 0 {
        return Ok(shared);
    }
    Ok(Arc::new(super::tiered::Tiered::new(memory, shared, clock.clone())))
}

/// The cache behind a breaker that tells what it fails with.
pub(crate) fn guarded(cache: Arc<dyn Cache>, observer: &Arc<dyn Observer>, clock: &Clock) -> Arc<dyn Cache> {
    Arc::new(Guarded::new(cache, observer.clone(), clock.clone()))
}

pub(super) fn bad(url: &SecretUrl, allowed: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("cache {:?} cannot be used; {allowed}", cut(&url.to_string())))
}

/// A whole number with `KiB`, `MiB`, `GiB` or nothing (bytes) behind it.
pub(super) fn parse_size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
        assert_eq!(parse_size("1000"), Some(1000));
        for bad in ["", "MiB", "64MB", "-1", "1.5GiB", "99999999999999999GiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_unknown_cache_says_what_is_known() {
        let observer: Arc<dyn Observer> = Arc::new(crate::observe::LogObserver);
        let error = open(&SecretUrl::new("memcached://x"), &observer, &Clock::default()).unwrap_err();
        assert!(error.is_invalid_input());
        assert!(error.to_string().contains("memory:64MiB"), "{error}");
    }

    /// The cache of this URL of a real Redis, behind its guard and, unless told otherwise, behind memory.
    #[cfg(all(feature = "redis", feature = "testing"))]
    #[test]
    fn redis_keeps_to_the_contract_behind_its_guard_and_behind_memory() {
        use crate::testing::{cache_contract, servers::RedisServer};
        let observer: Arc<dyn Observer> = Arc::new(crate::observe::LogObserver);
        for settings in ["", "?memory=1KiB", "?memory=0"] {
            let server = RedisServer::start().unwrap();
            let url = SecretUrl::new(format!("{}{settings}", server.url()));
            cache_contract(&*open(&url, &observer, &Clock::default()).unwrap());
        }
    }
}
