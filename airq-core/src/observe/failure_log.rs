//! Lines of the log about an operation that fails many times: one when it begins to fail, a count every minute, and one when it
//! works again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The interval of the lines with counts.
const COUNT_EVERY: Duration = Duration::from_secs(60);
/// The time without failures after which a success is a recovery. Successes among failures are not reported.
const SETTLED: Duration = Duration::from_secs(5);

/// The failures of an operation.
#[derive(Debug, Default)]
pub(super) struct FailureLog(Mutex<Option<Failures>>);

#[derive(Debug)]
struct Failures {
    total: u64,
    /// The failures since the last line, and the time of that line.
    unreported: u64,
    reported: Instant,
    last: Instant,
}

/// A reason to write a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// The operation has begun to fail.
    First,
    /// The operation still fails: the number of failures since the last line.
    Count(u64),
}

impl FailureLog {
    /// Records a failure. Returns the line to write, if there is one.
    pub(super) fn failed(&self, now: Instant) -> Option<Report> {
        let mut failures = self.lock();
        let Some(failures) = &mut *failures else {
            *failures = Some(Failures { total: 1, unreported: 0, reported: now, last: now });
            return Some(Report::First);
        };
        failures.total += 1;
        failures.unreported += 1;
        failures.last = now;
        if now.saturating_duration_since(failures.reported) < COUNT_EVERY {
            return None;
        }
        failures.reported = now;
        Some(Report::Count(std::mem::take(&mut failures.unreported)))
    }

    /// Records a success. If it is a recovery, returns the number of failures before it.
    pub(super) fn worked(&self, now: Instant) -> Option<u64> {
        let mut failures = self.lock();
        let total = failures.as_ref().filter(|failures| now.saturating_duration_since(failures.last) >= SETTLED)?.total;
        *failures = None;
        Some(total)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_failures_are_a_line_and_a_count_each_minute() {
        let log = FailureLog::default();
        let start = Instant::now();
        let at = |number: u32| start + number * Duration::from_millis(10);
        let lines: Vec<_> = (0..10_000).filter_map(|number| log.failed(at(number))).collect();
        assert_eq!(lines, [Report::First, Report::Count(6000)]);
        assert_eq!(log.worked(at(10_000)), None, "a success among failures");
        assert_eq!(log.worked(at(10_000) + SETTLED), Some(10_000));
        assert_eq!(log.worked(at(20_000)), None, "a recovery is reported once");
        assert_eq!(log.failed(at(20_000)), Some(Report::First));
    }
}
