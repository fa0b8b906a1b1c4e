//! The headline: the air quality of the selected stations, with its time and its age.

use super::index;
use super::latest::{Latest, LatestRow};
use super::view::View;
use airq_core::{OverallIndex, Timestamp, Zone};
use maud::{Markup, html};

/// The section of the headline.
pub(super) fn section(view: &View, latest: &Latest, place: &str) -> Markup {
    let zone = view.zone();
    html! {
        section class="headline" aria-labelledby="newest" {
            h2 id="newest" { "Air quality now: " (place) }
            @if view.is_simulated {
                p class="notice" { strong { "Simulated sample." } " These are not measurements. Set a source with " code { "--source" } "." }
            }
            @match (latest.worst(), latest.newest()) {
                (Some((row, rated)), _) => (rating(row, rated, latest, &zone)),
                (None, Some(newest)) => (without_rating(newest, latest, &zone)),
                (None, None) => p { "No station has a measurement." },
            }
        }
    }
}

fn rating(row: &LatestRow, rated: OverallIndex, latest: &Latest, zone: &Zone) -> Markup {
    let stations = latest.rows.iter().filter(|row| row.rated.is_some()).count();
    html! {
        p class="answer" { (index::band(rated)) " " span { (rated.parameter.quantity()) } }
        p {
            @if stations > 1 { "The worst of " (stations) " stations: " (row.station) ". " }
            (time(row.time, latest.now, zone)) " " (latest.index.name()) "."
        }
    }
}

/// Old measurements, or measurements that the index does not rate.
fn without_rating(newest: Timestamp, latest: &Latest, zone: &Zone) -> Markup {
    let is_old = latest.rows.iter().all(|row| row.is_old);
    html! {
        p class="answer" { span class="band none" { @if is_old { "No current data" } @else { "Not rated" } } }
        p { "The newest measurement: " (time(newest, latest.now, zone)) }
    }
}

fn time(time: Timestamp, now: Timestamp, zone: &Zone) -> Markup {
    html! {
        time datetime=(time) { (zone.local_minute(time)) " " (zone.name()) }
        @if let Some(age) = age(time, now) { ", " (age) }
        "."
    }
}

/// Returns the age in the greatest unit that fits at least twice, such as `3 hours ago`; `None` below two minutes.
fn age(time: Timestamp, now: Timestamp) -> Option<String> {
    const UNITS: [(i64, &str); 4] = [(365 * 86_400, "years"), (86_400, "days"), (3600, "hours"), (60, "minutes")];
    let seconds = (now.as_microseconds() - time.as_microseconds()) / 1_000_000;
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| seconds >= 2 * unit)?;
    Some(format!("{} {name} ago", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_a_unit_that_people_use() {
        let now = "2016-10-01T12:00:00Z".parse::<Timestamp>().unwrap();
        for (time, expected) in [
            ("2016-10-01T11:58:01Z", None),
            ("2016-10-01T11:58:00Z", Some("2 minutes ago")),
            ("2016-10-01T10:00:01Z", Some("119 minutes ago")),
            ("2016-10-01T10:00:00Z", Some("2 hours ago")),
            ("2016-09-29T12:00:00Z", Some("2 days ago")),
            ("2010-10-01T12:00:00Z", Some("6 years ago")),
            ("2016-10-01T13:00:00Z", None),
        ] {
            assert_eq!(age(time.parse::<Timestamp>().unwrap(), now).as_deref(), expected, "{time}");
        }
    }
}
