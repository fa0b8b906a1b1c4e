//! Links to the usual time ranges of the chart.

use super::form::PageForm;
use airq_core::Timestamp;
use maud::{Markup, html};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// A time range that ends with the newest measurement.
struct Preset {
    title: &'static str,
    /// The length, in microseconds.
    length: i64,
    /// The periods of averages, or an empty text for values as measured.
    every: &'static str,
}

const PRESETS: [Preset; 4] = [
    Preset { title: "24 hours", length: DAY, every: "" },
    Preset { title: "7 days", length: 7 * DAY, every: "1h" },
    Preset { title: "30 days", length: 30 * DAY, every: "1h" },
    Preset { title: "Year", length: 366 * DAY, every: "1d" },
];

/// The links. The current range is marked.
pub(super) fn links(form: &PageForm, newest: Timestamp) -> Markup {
    html! {
        nav class="presets" aria-label="Time range of the chart" {
            @for preset in &PRESETS {
                @if let Some((from, to)) = range(newest, preset.length) {
                    @let is_current = form.field("from") == Some(from.as_str()) && form.field("to") == Some(to.as_str());
                    a href={ (form.page_url(&[("from", &from), ("to", &to), ("every", preset.every), ("stat", "")])) "#chart" }
                        aria-current=[is_current.then_some("true")] { (preset.title) }
                }
            }
        }
    }
}

/// The range that ends at the first full hour after the newest measurement; `None` beyond the first or the last year.
fn range(newest: Timestamp, length: i64) -> Option<(String, String)> {
    let end = (newest.as_microseconds().div_euclid(HOUR) + 1) * HOUR;
    let from = Timestamp::from_microseconds(end - length)?;
    let to = Timestamp::from_microseconds(end)?;
    Some((from.to_string(), to.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_with_the_hour_of_the_newest_measurement() {
        let range = |newest: &str| range(newest.parse::<Timestamp>().unwrap(), DAY).unwrap();
        let expected = ("2016-10-01T00:00:00.000Z".to_owned(), "2016-10-02T00:00:00.000Z".to_owned());
        assert_eq!(range("2016-10-01T23:45:00Z"), expected);
        assert_eq!(range("2016-10-01T23:00:00Z"), expected, "the newest measurement is in the range");
    }
}
