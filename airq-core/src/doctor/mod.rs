//! What is right and what is wrong with a source and a cache, found out by asking them: what `airq-cli doctor` shows.

pub(crate) mod cache;
#[cfg(any(feature = "postgres", feature = "redis", feature = "http"))]
pub(crate) mod clock;
mod data;

use crate::cache::Cache;
use crate::error::{Error, ErrorKind};
use crate::repository::{DataSet, Repository};
use std::time::Duration;

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at, in a word: `source`, `schema`, `roles`, `data`, `cache`, `memory` or `clock`.
    pub subject: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found, for people. No password is ever in it.
    pub found: String,
    /// How to mend it; empty where nothing is wrong.
    pub mend: String,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, but is not as it is best.
    Warning,
    /// It is wrong.
    Failed,
}

impl Finding {
    /// All is well.
    pub fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Finding { subject, health: Health::Ok, found: found.into(), mend: String::new() }
    }

    /// It works, but could be better.
    pub fn warning(subject: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Finding { subject, health: Health::Warning, found: found.into(), mend: mend.into() }
    }

    /// It is wrong.
    pub fn failed(subject: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Finding { subject, health: Health::Failed, found: found.into(), mend: mend.into() }
    }

    /// What could not be found out, for this error.
    pub fn of_error(subject: &'static str, error: &Error) -> Self {
        let mend = match error.kind() {
            ErrorKind::InvalidSetting => "mend the setting",
            ErrorKind::InvalidData => {
                "mend the data; for a CSV file, `csv:PATH?skip-bad-rows=true` leaves such rows out"
            }
            ErrorKind::Timeout => "see what keeps it so busy",
            ErrorKind::Io => "see that it is there, and open to this user",
            _ => "see that it runs, can be reached from here, and lets this user in",
        };
        Finding::failed(subject, error.to_string(), mend)
    }
}

/// Everything about a source. `within` is how old its newest measurement may be.
pub(crate) fn source(repository: &dyn Repository, within: Option<Duration>) -> Vec<Finding> {
    let mut findings = repository.examine();
    // What is wrong with the source is told already.
    if let Ok(data) = repository.data_set() {
        findings.push(data::freshness(&data, within));
    }
    findings
}

/// Everything about a cache.
pub(crate) fn cache(cache: &dyn Cache) -> Vec<Finding> {
    cache.examine()
}

/// What any repository can be asked.
pub(crate) fn repository(repository: &(impl Repository + ?Sized)) -> Finding {
    match repository.data_set() {
        Ok(data) => Finding::ok("source", contents(&data)),
        Err(error) => Finding::of_error("source", &error),
    }
}

fn contents(data: &DataSet) -> String {
    format!("{} stations, {} measurements, data set {}", data.stations, data.measurements, data.version)
}

/// A time span as people say it: in its largest unit of which there are two.
fn told(time: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds")];
    let seconds = time.as_secs();
    let unit = UNITS.iter().find(|(length, _)| seconds >= 2 * length);
    unit.map_or_else(
        || format!("{:.1} ms", time.as_secs_f64() * 1e3),
        |(length, name)| format!("{} {name}", seconds / length),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_told_in_its_largest_unit() {
        for (ms, expected) in [(1, "1.0 ms"), (1999, "1999.0 ms"), (2000, "2 seconds"), (119_999, "119 seconds")] {
            assert_eq!(told(Duration::from_millis(ms)), expected);
        }
        assert_eq!(told(Duration::from_secs(7200)), "2 hours");
        assert_eq!(told(Duration::from_secs(200_000)), "2 days");
    }
}
