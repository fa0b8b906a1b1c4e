//! How new the newest measurement is.

use super::{Finding, told};
use crate::model::Timestamp;
use crate::repository::DataSet;
use std::time::Duration;

/// Data that are older are worth a word, unless it is said how old they may be.
const WORTH_A_WORD: Duration = Duration::from_secs(24 * 3600);
/// Clocks and periods that have just begun are no reason to doubt the times.
const AHEAD: Duration = Duration::from_secs(2 * 3600);

pub(super) fn freshness(data: &DataSet, within: Option<Duration>) -> Finding {
    freshness_at(data, within, Timestamp::now())
}

fn freshness_at(data: &DataSet, within: Option<Duration>, now: Timestamp) -> Finding {
    let Some(last) = data.last else {
        return Finding::failed("data", "there is no measurement", "import some: `airq-cli import FILE`");
    };
    let apart = Duration::from_micros(last.as_microseconds().abs_diff(now.as_microseconds()));
    if last > now {
        let found = format!("the newest measurement is of {last}, {} ahead", told(apart));
        let mend = "local times were imported as UTC? `airq-cli import --time-zone` reads them right";
        return if apart > AHEAD { Finding::warning("data", found, mend) } else { Finding::ok("data", found) };
    }
    let found = format!("the newest measurement is of {last}, {} old", told(apart));
    match within {
        Some(within) if apart > within => {
            let mend = format!("nothing came for more than {}: look at what imports", told(within));
            Finding::failed("data", found, mend)
        }
        None if apart > WORTH_A_WORD => {
            Finding::warning("data", found, "right for an archive; else look at what imports")
        }
        _ => Finding::ok("data", found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

    #[test]
    fn what_is_old_or_ahead_is_told() {
        let now = Timestamp::parse("2016-10-02T00:00:00Z").unwrap();
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
            let data = DataSet { last: last.and_then(Timestamp::parse), ..DataSet::default() };
            let finding = freshness_at(&data, within, now);
            assert_eq!(finding.health, health, "{finding:?}");
            assert!(finding.found.contains(part), "{finding:?}");
        }
    }
}
