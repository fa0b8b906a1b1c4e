//! The comparison of this machine's clock with another machine's.

use super::{Finding, time_span};
use crate::model::Timestamp;
use std::time::{Duration, Instant};

/// A smaller difference is ignored, because the round trip or a clock with whole seconds can cause it.
const TOLERANCE: Duration = Duration::from_secs(2);
/// A greater difference is a failure, because it is a considerable part of the lifetime of answers.
const TOO_MUCH: Duration = Duration::from_secs(60);

/// A reading of this machine's clock, taken right before another machine is asked for its time.
#[derive(Debug)]
pub(crate) struct ClockReading {
    wall: Timestamp,
    taken: Instant,
}

impl ClockReading {
    /// Reads the clock.
    pub(crate) fn now() -> Self {
        ClockReading { wall: Timestamp::now(), taken: Instant::now() }
    }

    /// Compares the reading with `theirs`, the time that the clock named `whose` has just returned.
    pub(crate) fn compare(&self, whose: &str, theirs: Timestamp) -> Finding {
        let half_way = i64::try_from(self.taken.elapsed().as_micros() / 2).unwrap_or(0);
        compare(whose, theirs.as_microseconds() - self.wall.as_microseconds() - half_way)
    }
}

/// Returns the finding about a clock that is this many microseconds ahead.
fn compare(whose: &str, ahead: i64) -> Finding {
    let apart = Duration::from_micros(ahead.unsigned_abs());
    if apart < TOLERANCE {
        return Finding::ok("clock", format!("{whose} clock and this one agree"));
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let found = format!("{whose} clock is {} {side} this one", time_span(apart));
    let fix = "keep the time of both by NTP (chrony, systemd-timesyncd)";
    if apart < TOO_MUCH { Finding::warning("clock", found, fix) } else { Finding::failed("clock", found, fix) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Health;

    #[test]
    fn a_clock_that_differs_is_reported_with_the_direction() {
        for (ahead, health, part) in [
            (1_999_999, Health::Ok, "agree"),
            (-1_999_999, Health::Ok, "agree"),
            (5_000_000, Health::Warning, "5 seconds ahead"),
            (-600_000_000, Health::Failed, "10 minutes behind"),
        ] {
            let finding = compare("Redis'", ahead);
            assert_eq!(finding.health, health, "{finding:?}");
            assert!(finding.found.contains(part), "{finding:?}");
        }
    }
}
