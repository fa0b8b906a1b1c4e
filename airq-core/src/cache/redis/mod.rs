//! Answers kept in Redis, shared by every process that is told of it.

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
use pool::Pool;
pub(super) use settings::Settings;
use std::sync::Arc;
use std::time::Duration;

/// How long the right to make an answer lasts when nobody gives it back.
const LEASE: Duration = Duration::from_secs(10);
/// Gives the right back, unless it has become another's.
const RELEASE: &str = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";
/// A longer answer is not kept: sending it would take too long.
const LONGEST: usize = 64 << 20;

/// A cache in Redis 6.2 or later, or in a Redis cluster.
///
/// Opened by URL with [`AirqBuilder::cache`](crate::AirqBuilder::cache), which also says what the URL may hold, it comes
/// with memory in front of it. Alone, with [`open`](RedisCache::open), it is what it is: every lookup is a round trip.
///
/// ```no_run
/// use airq_core::{Airq, RedisCache};
/// let cache = RedisCache::open("redis://:password@cache.example/0?timeout=500")?;
/// let airq = Airq::builder().source("measurements.csv").cache_with(cache).build()?;
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisCache {
    pool: Pool,
    clock: Clock,
}

impl RedisCache {
    /// The Redis of this URL. Nothing is asked of it yet: it may be down.
    ///
    /// # Errors
    /// [`InvalidSetting`](crate::ErrorKind::InvalidSetting) if the URL cannot be used.
    pub fn open(url: &str) -> Result<Self> {
        Self::new(Settings::parse(&SecretUrl::new(url))?, Clock::default())
    }

    pub(super) fn new(settings: Settings, clock: Clock) -> Result<Self> {
        Ok(RedisCache { pool: Pool::open(settings)?, clock })
    }
}

impl Cache for RedisCache {
    fn lookup(&self, key: &Key) -> Result<Option<Arc<Entry>>> {
        let kept: Option<Vec<u8>> = self.pool.ask(cmd("GET").arg(key.as_str()))?;
        let entry = kept.map(|bytes| codec::decode(key, &bytes)).transpose()?;
        Ok(entry.filter(|entry| !entry.is_expired_at(self.clock.wall())).map(Arc::new))
    }

    fn store(&self, key: &Key, entry: Arc<Entry>) -> Result<()> {
        let age = entry.age_at(self.clock.wall());
        let left = entry.fresh_for.saturating_add(entry.stale_for).saturating_sub(age);
        let bytes = codec::encode(key, &entry);
        if left.is_zero() || bytes.len() > LONGEST {
            // What stood there before is no answer any more.
            return self.pool.ask(cmd("DEL").arg(key.as_str()));
        }
        self.pool.ask(cmd("SET").arg(key.as_str()).arg(bytes).arg("PX").arg(milliseconds(left)))
    }

    fn lease(&self, key: &Key) -> Result<Lease> {
        let (lock, token) = (lock_of(key), token());
        let set: Value = self.pool.ask(&set_if_free(&lock, &token))?;
        if set == Value::Nil {
            return Ok(Lease::Taken);
        }
        let pool = self.pool.clone();
        Ok(Lease::Granted(LeaseGuard::new(move || {
            let mut release = cmd("EVAL");
            // If it cannot be given back, it ends by itself.
            let _ends_anyway = pool.ask::<Value>(release.arg(RELEASE).arg(1).arg(lock).arg(token));
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

/// Begins as every key of ours, for a Redis user may be confined to `airq:*`; no format is named `lock`.
fn lock_of(key: &Key) -> String {
    format!("airq:lock:{}", key.as_str())
}

/// Returns a text that no other process makes.
fn token() -> String {
    format!("{}{}", hex(random()), hex(random()))
}

/// Rounded up, and at most what Redis takes for a time.
fn milliseconds(time: Duration) -> u64 {
    const CENTURY: u64 = 100 * 365 * 24 * 3_600_000;
    u64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(CENTURY).min(CENTURY)
}
