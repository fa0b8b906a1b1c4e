//! The checks of a source and a cache that `airq-cli doctor` runs.

use crate::cache::Cache;
use crate::finding::{Finding, time_span};
use crate::model::Timestamp;
use crate::repository::{DataSet, Repository};
use std::time::Duration;

/// The age of the newest measurement that causes a warning if the caller sets no limit.
const OLD: Duration = Duration::from_secs(24 * 3600);
/// The maximum time that a measurement may be in the future, because clocks differ and the time of a period can be its end.
const AHEAD: Duration = Duration::from_secs(2 * 3600);

/// Returns the findings about a source. `within` is the maximum age of the newest measurement.
pub(crate) fn source(repository: &dyn Repository, within: Option<Duration>) -> Vec<Finding> {
    let mut findings = repository.examine();
    // `examine` has already reported an error of the repository.
    if let Ok(data) = repository.data_set() {
        findings.push(freshness(&data, within, Timestamp::now()));
    }
    findings
}

/// Returns the findings about a cache.
pub(crate) fn cache(cache: &dyn Cache) -> Vec<Finding> {
    cache.examine()
}

/// Returns the finding about the age of the newest measurement.
fn freshness(data: &DataSet, within: Option<Duration>, now: Timestamp) -> Finding {
    let Some(last) = data.last else {
        return Finding::failed("data", "there is no measurement", "import some: `airq-cli import FILE`");
    };
    let apart = Duration::from_micros(last.as_microseconds().abs_diff(now.as_microseconds()));
    if last > now {
        let found = format!("the newest measurement is of {last}, {} ahead", time_span(apart));
        let fix = "if local times were imported as UTC, import them again with `airq-cli import --time-zone`";
        return if apart > AHEAD { Finding::warning("data", found, fix) } else { Finding::ok("data", found) };
    }
    let found = format!("the newest measurement is of {last}, {} old", time_span(apart));
    match within {
        Some(within) if apart > within => {
            let fix = format!("no measurement came for more than {}: check the import", time_span(within));
            Finding::failed("data", found, fix)
        }
        None if apart > OLD => Finding::warning("data", found, "check the import, unless this is an archive"),
        _ => Finding::ok("data", found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Health;

    #[test]
    fn data_that_are_old_or_ahead_are_reported() {
        let now = "2016-10-02T00:00:00Z".parse::<Timestamp>().unwrap();
        let hour = Some(Duration::from_secs(3600));
        for (last, within, health, part) in [
            (None, None, Health::Failed, "no measurement"),
            (Some("2016-10-01T23:50:00Z"), hour, Health::Ok, "10 minutes old"),
            (Some("2016-10-01T22:50:00Z"), hour, Health::Failed, "70 minutes old"),
            (Some("2016-10-01T02:00:00Z"), None, Health::Ok, "22 hours old"),
            (Some("2016-09-28T00:00:00Z"), None, Health::Warning, "4 days old"),
            (Some("2016-10-02T01:00:00Z"), hour, Health::Ok, "60 minutes ahead"),
            (Some("2016-10-02T03:00:00Z"), hour, Health::Warning, "3 hours ahead"),
        ] {
            let data = DataSet { last: last.and_then(|text| text.parse().ok()), ..DataSet::default() };
            let finding = freshness(&data, within, now);
            assert_eq!(finding.health, health, "{finding:?}");
            assert!(finding.found.contains(part), "{finding:?}");
        }
    }
}
