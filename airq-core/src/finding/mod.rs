//! The results of an examination: plain data that sources and caches make and `doctor` collects.

#[cfg(any(feature = "postgres", feature = "redis", feature = "http"))]
mod clock_reading;

use crate::error::{Error, ErrorKind};
#[cfg(any(feature = "postgres", feature = "redis", feature = "http"))]
pub(crate) use clock_reading::ClockReading;
use std::fmt;
use std::time::Duration;

/// The result of one check of a source or a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The subject of the check in one word: `source`, `schema`, `roles`, `data`, `cache`, `memory` or `clock`.
    pub subject: &'static str,
    /// The state of the subject.
    pub health: Health,
    /// A description of the state, for people. It never contains a password.
    pub found: String,
    /// The action that fixes the problem; empty without a problem.
    pub fix: String,
}

/// The state of something that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Health {
    /// There is no problem.
    Ok,
    /// It works, and could work better.
    Warning,
    /// It does not work.
    Failed,
}

impl Finding {
    /// Creates a finding without a problem.
    pub fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Finding { subject, health: Health::Ok, found: found.into(), fix: String::new() }
    }

    /// Creates a finding about something that works and could work better.
    pub fn warning(subject: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { subject, health: Health::Warning, found: found.into(), fix: fix.into() }
    }

    /// Creates a finding about something that does not work.
    pub fn failed(subject: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { subject, health: Health::Failed, found: found.into(), fix: fix.into() }
    }

    /// Creates the finding of a check that ended with this error.
    pub fn of_error(subject: &'static str, error: &Error) -> Self {
        let fix = match error.kind() {
            ErrorKind::InvalidSetting => "fix the setting",
            ErrorKind::InvalidData => {
                "fix the data; for a CSV file, `csv:PATH?skip-bad-rows=true` leaves invalid rows out"
            }
            ErrorKind::Forbidden => "grant this user the right that it lacks",
            ErrorKind::Timeout => "find out what keeps it busy",
            ErrorKind::Io => "check that it exists and that this user may access it",
            _ => "check that it runs, can be reached from here, and lets this user in",
        };
        Finding::failed(subject, format!("{error:#}"), fix)
    }
}

/// Writes the finding on one line: the state, the subject, the description and the fix. Control characters are replaced.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let health = match self.health {
            Health::Ok => "ok",
            Health::Warning => "warning",
            Health::Failed => "failed",
        };
        let separator = if self.fix.is_empty() { "" } else { "; " };
        let text = format!("{health:<8} {:<7} {}{separator}{}", self.subject, self.found, self.fix);
        f.write_str(&text.replace(char::is_control, "\u{fffd}"))
    }
}

/// Formats a time span in the largest unit that it holds at least two of, such as `90 minutes`.
pub(crate) fn time_span(time: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds")];
    let seconds = time.as_secs();
    for (length, name) in UNITS {
        if seconds >= 2 * length {
            return format!("{} {name}", seconds / length);
        }
    }
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_has_the_largest_unit_it_holds_two_of() {
        for (ms, expected) in [(1, "1.0 ms"), (1999, "1999.0 ms"), (2000, "2 seconds"), (119_999, "119 seconds")] {
            assert_eq!(time_span(Duration::from_millis(ms)), expected);
        }
        assert_eq!(time_span(Duration::from_secs(7200)), "2 hours");
        assert_eq!(time_span(Duration::from_secs(200_000)), "2 days");
    }
}
