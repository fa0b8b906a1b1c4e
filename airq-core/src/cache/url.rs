//! Opens a cache by its URL.

use super::guarded::Guarded;
use super::{Cache, MemoryCache, NoCache};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::observe::Observer;
use crate::secret::SecretUrl;
use crate::url_settings::parse_size;
use std::sync::Arc;

/// The default cache.
pub(crate) const DEFAULT_URL: &str = "memory:64MiB";

const KNOWN: &str = if cfg!(feature = "redis") {
    "known are memory:64MiB, none:, redis://HOST, rediss://HOST, redis-cluster://HOST,HOST and rediss-cluster://HOST,HOST"
} else {
    "known are memory:64MiB and none: (this program is built without the feature redis)"
};

/// Opens `memory:`, `memory:SIZE`, `none:` or, with the feature `redis`, a Redis server or cluster.
///
/// # Errors
/// [`ErrorKind::InvalidSetting`] for any other URL. A Redis that is down is not an error.
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

/// Opens a Redis with a circuit breaker, and with memory in front unless the size of the memory is 0.
#[cfg(feature = "redis")]
fn open_redis(url: &SecretUrl, observer: &Arc<dyn Observer>, clock: &Clock) -> Result<Arc<dyn Cache>> {
    let settings = super::redis::RedisSettings::parse(url)?;
    let memory = settings.memory;
    let redis = super::RedisCache::new(settings, clock.clone())?;
    let shared = guarded(Arc::new(redis), observer, clock);
    if memory == 0 {
        return Ok(shared);
    }
    Ok(Arc::new(super::tiered::Tiered::new(memory, shared, clock.clone())))
}

/// Wraps a cache in a circuit breaker that reports failures.
pub(crate) fn guarded(cache: Arc<dyn Cache>, observer: &Arc<dyn Observer>, clock: &Clock) -> Arc<dyn Cache> {
    Arc::new(Guarded::new(cache, observer.clone(), clock.clone()))
}

pub(super) fn bad(url: &SecretUrl, allowed: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("cache {:?} cannot be used; {allowed}", cut(&url.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_about_a_malformed_url_shows_its_password() {
        let observer: Arc<dyn Observer> = Arc::new(crate::observe::LogObserver::default());
        for url in [
            "redis:s3cret@cache",
            "redis:/:s3cret@cache",
            "redis//:s3cret@cache",
            ":s3cret@cache",
            "memory:s3cret@cache",
            "rediss-clstr://:s3cret@cache",
            "redis://:s3cret@cache:port",
            "redis://:s3cret/s3cret?s3cret@cache:port",
            "redis://:s3cret?a=s3cret@cache:port",
            "redis://:s3cret@cache/x",
            "redis://:s3cret@cache?pool=x",
            "redis://:s3cret@cache?password=s3cret",
        ] {
            let Err(error) = open(&SecretUrl::new(url), &observer, &Clock::default()) else {
                panic!("{url} is malformed");
            };
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}: {error}");
        }
    }

    #[test]
    fn an_unknown_cache_says_what_is_known() {
        let observer: Arc<dyn Observer> = Arc::new(crate::observe::LogObserver::default());
        let error = open(&SecretUrl::new("memcached://x"), &observer, &Clock::default()).unwrap_err();
        assert!(error.is_invalid_input());
        assert!(error.to_string().contains("memory:64MiB"), "{error}");
    }

    #[cfg(all(feature = "redis", feature = "testing"))]
    #[test]
    fn redis_meets_the_contract_with_and_without_memory_in_front() {
        use crate::testing::{cache_contract, servers::RedisServer};
        let observer: Arc<dyn Observer> = Arc::new(crate::observe::LogObserver::default());
        for settings in ["", "?memory=1KiB", "?memory=0"] {
            let server = RedisServer::start().unwrap();
            let url = SecretUrl::new(format!("{}{settings}", server.url()));
            cache_contract(&*open(&url, &observer, &Clock::default()).unwrap());
        }
    }
}
