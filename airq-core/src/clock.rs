//! The clock of an engine, which a test can set forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The clock of the system, which tests can set forward instead of waiting for a time limit.
///
/// Clones are the same clock.
///
/// ```
/// use airq_core::testing::Clock;
/// use airq_core::cache::CacheStatus;
/// use airq_core::repository::CsvRepository;
/// use airq_core::{Airq, Format, Query};
/// use std::time::Duration;
///
/// let clock = Clock::default();
/// let repository = CsvRepository::from_bytes("a.csv", b"time,station,no2\n2016-10-01,a,1\n")?;
/// let hour = Duration::from_secs(3600);
/// let airq = Airq::builder().repository(repository).ttl(hour).clock(clock.clone()).build()?;
/// airq.answer(&Query::all(), Format::Json)?;
/// assert_eq!(airq.answer(&Query::all(), Format::Json)?.status(), CacheStatus::Hit);
/// clock.advance(2 * hour);
/// assert_eq!(airq.answer(&Query::all(), Format::Json)?.status(), CacheStatus::Miss);
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "testing"), expect(unreachable_pub, reason = "public with the feature `testing`"))]
pub struct Clock {
    /// The time by which the clock is ahead of the system's, in nanoseconds.
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// Sets the clock forward.
    #[cfg(any(test, feature = "testing"))]
    pub fn advance(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.ahead.fetch_add(nanoseconds, Ordering::SeqCst);
    }

    /// Returns the time of the monotonic clock.
    pub(crate) fn now(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    /// Returns the time of the wall clock, which other processes share.
    pub(crate) fn wall(&self) -> SystemTime {
        SystemTime::now() + self.ahead()
    }

    /// Returns the time that has passed since an earlier [`now`](Clock::now).
    pub(crate) fn since(&self, earlier: Instant) -> Duration {
        self.now().saturating_duration_since(earlier)
    }

    fn ahead(&self) -> Duration {
        Duration::from_nanos(self.ahead.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_forward_is_so_for_its_clones() {
        const HOUR: Duration = Duration::from_secs(3600);
        let clock = Clock::default();
        let clone = clock.clone();
        let (start, start_wall) = (clone.now(), clone.wall());
        assert!(clone.since(start) < HOUR);
        clock.advance(HOUR);
        assert!((HOUR..2 * HOUR).contains(&clone.since(start)));
        assert!(clone.wall().duration_since(start_wall).unwrap() >= HOUR);
        assert!(Clock::default().now() < clone.now(), "another clock is not affected");
    }
}
