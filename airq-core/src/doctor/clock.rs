//! Whether two clocks show the same time.

use super::{Finding, told};
use crate::model::Timestamp;
use std::time::{Duration, Instant};

/// What the way there and back, or a clock that shows whole seconds, may make of two that agree.
const NOTHING: Duration = Duration::from_secs(2);
/// Freshness is told by the clock: so much is a good part of it.
const TOO_MUCH: Duration = Duration::from_secs(60);

/// A time of this machine's clock, to be compared with another's that is asked for at once.
#[derive(Debug)]
pub(crate) struct Clock {
    asked: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn now() -> Self {
        Clock { asked: Timestamp::now(), since: Instant::now() }
    }

    /// What comes of comparing it with the time that `whose` clock shows, told just now.
    pub(crate) fn compare(&self, whose: &str, theirs: Timestamp) -> Finding {
        let half_way = i64::try_from(self.since.elapsed().as_micros() / 2).unwrap_or(0);
        compare(whose, theirs.as_microseconds() - self.asked.as_microseconds() - half_way)
    }
}

fn compare(whose: &str, ahead: i64) -> Finding {
    let apart = Duration::from_micros(ahead.unsigned_abs());
    if apart < NOTHING {
        return Finding::ok("clock", format!("{whose} clock and this one agree"));
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let found = format!("{whose} clock is {} {side} this one", told(apart));
    let mend = "keep the time of both by NTP (chrony, systemd-timesyncd)";
    if apart < TOO_MUCH { Finding::warning("clock", found, mend) } else { Finding::failed("clock", found, mend) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

    #[test]
    fn clocks_that_differ_are_told_with_the_side() {
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
