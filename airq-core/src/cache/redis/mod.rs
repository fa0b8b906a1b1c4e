//! A cache in Redis, which several processes can share.

mod codec;
mod connection;
mod doctor;
mod pool;
mod settings;

use super::{Cache, Entry, Key, Lease, LeaseGuard};
use crate::clock::Clock;
use crate::error::Result;
use crate::finding::Finding;
use crate::hash::hex;
use crate::pool::PoolState;
use crate::random::random;
use crate::secret::SecretUrl;
use ::redis::{Cmd, Value, cmd};
use pool::RedisPool;
pub(super) use settings::RedisSettings;
use std::sync::Arc;
use std::time::Duration;

/// The time after which a lease expires if it is not released.
const LEASE: Duration = Duration::from_secs(10);
/// The script that releases a lease, unless another process holds it by now.
const RELEASE: &str = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
/// The maximum size of a stored answer. A larger answer would take too long to send.
const LONGEST: usize = 64 << 20;

/// A cache in Redis 6.2 or later, or in a Redis cluster.
///
/// If the cache is opened with [`AirqBuilder::cache`](crate::AirqBuilder::cache), it has memory in front; see there for the
/// settings of the URL. If it is opened with [`open`](RedisCache::open), every lookup is a round trip.
///
/// ```no_run
/// use airq_core::cache::RedisCache;
/// use airq_core::Airq;
/// let cache = RedisCache::open("redis://:password@cache.example/0?timeout=500")?;
/// let airq = Airq::builder().source("measurements.csv").cache_with(cache).build()?;
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisCache {
    pool: RedisPool,
    clock: Clock,
}

impl RedisCache {
    /// Returns a cache in the Redis at this URL. Does not connect, so the Redis may be down.
    ///
    /// # Errors
    /// [`InvalidSetting`](crate::ErrorKind::InvalidSetting) if the URL is invalid.
    pub fn open(url: &str) -> Result<Self> {
        Self::new(RedisSettings::parse(&SecretUrl::new(url))?, Clock::default())
    }

    pub(super) fn new(settings: RedisSettings, clock: Clock) -> Result<Self> {
        Ok(RedisCache { pool: RedisPool::open(settings)?, clock })
    }
}

impl Cache for RedisCache {
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>> {
        let Some(bytes) = self.pool.query::<Option<Vec<u8>>>(cmd("GET").arg(key.as_str()))? else { return Ok(None) };
        let entry = codec::decode(key, &bytes)?;
        if entry.is_expired_at(self.clock.wall()) { Ok(None) } else { Ok(Some(Arc::new(entry))) }
    }

    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()> {
        let age = entry.age_at(self.clock.wall());
        let left = entry.fresh_for.saturating_add(entry.stale_for).saturating_sub(age);
        let bytes = codec::encode(key, &entry);
        if left.is_zero() || bytes.len() > LONGEST {
            // The previous entry under this key is outdated.
            return self.pool.query(cmd("DEL").arg(key.as_str()));
        }
        self.pool.query(cmd("SET").arg(key.as_str()).arg(bytes).arg("PX").arg(milliseconds(left)))
    }

    fn lease(&self, key: &Key) -> Result<Lease> {
        let lock = lock_of(key);
        let token = token();
        let set: Value = self.pool.query(&set_if_free(&lock, &token))?;
        if set == Value::Nil {
            return Ok(Lease::Taken);
        }
        let pool = self.pool.clone();
        Ok(Lease::Granted(LeaseGuard::new(move || {
            let mut release = cmd("EVAL");
            // A lease that cannot be released expires.
            let _released = pool.query::<Value>(release.arg(RELEASE).arg(1).arg(lock).arg(token));
        })))
    }

    fn examine(&self) -> Vec<Finding> {
        doctor::examine(self)
    }

    fn pool(&self) -> Option<PoolState> {
        Some(self.pool.state())
    }

    fn tier(&self) -> &'static str {
        "redis"
    }
}

fn set_if_free(lock: &str, token: &str) -> Cmd {
    let mut set = cmd("SET");
    set.arg(lock).arg(token).arg("NX").arg("PX").arg(milliseconds(LEASE));
    set
}

/// Returns the key of the lock for an answer. It starts with `airq:` like all keys, because a Redis user may be restricted to
/// `airq:*`. It cannot be the key of an answer, because no format is named `lock`.
fn lock_of(key: &Key) -> String {
    format!("airq:lock:{}", key.as_str())
}

/// Returns a random text that identifies the holder of a lease.
fn token() -> String {
    format!("{}{}", hex(random()), hex(random()))
}

/// Returns a time in milliseconds, rounded up, and at most the maximum that Redis accepts.
fn milliseconds(time: Duration) -> u64 {
    const CENTURY: u64 = 100 * 365 * 24 * 3_600_000;
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(CENTURY).min(CENTURY)
}
