//! The marks of axes and their labels.

use crate::model::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// The distance between two marks of a time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TickStep {
    Seconds(i64),
    Days(i64),
    Months(i64),
}

const STEPS: [TickStep; 31] = [
    TickStep::Seconds(1),
    TickStep::Seconds(5),
    TickStep::Seconds(15),
    TickStep::Seconds(30),
    TickStep::Seconds(60),
    TickStep::Seconds(5 * 60),
    TickStep::Seconds(15 * 60),
    TickStep::Seconds(30 * 60),
    TickStep::Seconds(3600),
    TickStep::Seconds(2 * 3600),
    TickStep::Seconds(3 * 3600),
    TickStep::Seconds(6 * 3600),
    TickStep::Seconds(12 * 3600),
    TickStep::Days(1),
    TickStep::Days(2),
    TickStep::Days(7),
    TickStep::Days(14),
    TickStep::Months(1),
    TickStep::Months(2),
    TickStep::Months(3),
    TickStep::Months(6),
    TickStep::Months(12),
    TickStep::Months(24),
    TickStep::Months(60),
    TickStep::Months(120),
    TickStep::Months(240),
    TickStep::Months(600),
    TickStep::Months(1200),
    TickStep::Months(2400),
    TickStep::Months(6000),
    TickStep::Months(12_000),
];

impl TickStep {
    /// The smallest step with at most `most` marks in a time of `span` microseconds.
    pub(super) fn fitting(span: i64, most: usize) -> TickStep {
        let most = i64::try_from(most).unwrap_or(i64::MAX).max(1);
        let step = STEPS.into_iter().find(|step| span / SECOND / step.seconds() <= most);
        step.unwrap_or(TickStep::Months(12_000))
    }

    fn seconds(self) -> i64 {
        match self {
            TickStep::Seconds(seconds) => seconds,
            TickStep::Days(days) => days * DAY,
            TickStep::Months(months) => months * 30 * DAY,
        }
    }

    /// The last mark that is not after this local time.
    fn floor(self, time: DateTime) -> Option<DateTime> {
        let midnight = time.date().to_datetime(jiff::civil::Time::midnight());
        match self {
            TickStep::Seconds(seconds) => {
                let since = time.duration_since(midnight).as_secs();
                midnight.checked_add(Span::new().try_seconds(since - since % seconds).ok()?).ok()
            }
            TickStep::Days(1) => Some(midnight),
            // Steps of two days and of weeks start at the first of a month.
            TickStep::Days(_) => midnight.with().day(1).build().ok(),
            TickStep::Months(months) => {
                let month = i64::from(time.year()) * 12 + i64::from(time.month()) - 1;
                let month = month - month.rem_euclid(months);
                let year = i16::try_from(month.div_euclid(12)).ok()?;
                DateTime::new(year, i8::try_from(month.rem_euclid(12) + 1).ok()?, 1, 0, 0, 0, 0).ok()
            }
        }
    }

    fn next(self, time: DateTime) -> Option<DateTime> {
        let span = match self {
            TickStep::Seconds(seconds) => Span::new().try_seconds(seconds),
            TickStep::Days(days) => Span::new().try_days(days),
            TickStep::Months(months) => Span::new().try_months(months),
        };
        let next = time.checked_add(span.ok()?).ok()?;
        // Near the end of a month a label would overlap with the label of the first of the next month.
        let half = if let TickStep::Days(days) = self { days / 2 } else { 0 };
        let behind = next.checked_add(Span::new().try_days(half).ok()?).ok()?;
        if half == 0 || behind.month() == time.month() {
            return Some(next);
        }
        time.checked_add(Span::new().months(1)).ok()?.with().day(1).build().ok()
    }
}

/// The marks of a time axis: the instants between `from` and `to` that are round in the zone.
pub(super) fn of_time(from: Timestamp, to: Timestamp, step: TickStep, zone: &TimeZone) -> Vec<i64> {
    const MOST: usize = 1000;
    let from = from.as_microseconds();
    let to = to.as_microseconds();
    let begin = local(from, zone).and_then(|time| step.floor(time));
    let marks = std::iter::successors(begin, |time| step.next(*time)).take(MOST);
    let mut instants: Vec<i64> = marks
        .map_while(|time| zone.to_timestamp(time).ok())
        .map(Instant::as_microsecond)
        .take_while(|instant| *instant <= to)
        .filter(|instant| *instant >= from)
        .collect();
    // An hour that is skipped at the start of summer time has the same instant as the next hour.
    instants.dedup();
    instants
}

/// The label of a mark: the time; at midnight the day; at the start of a year the year.
pub(super) fn time_label(instant: i64, step: TickStep, zone: &TimeZone) -> String {
    let Some(time) = local(instant, zone) else { return String::new() };
    let at_midnight = time.time() == jiff::civil::Time::midnight();
    let pattern = match step {
        TickStep::Seconds(seconds) if !at_midnight => {
            if seconds < 60 {
                "%H:%M:%S"
            } else {
                "%H:%M"
            }
        }
        TickStep::Seconds(_) | TickStep::Days(_) if time.day_of_year() > 1 => "%-d %b",
        TickStep::Months(_) if time.month() > 1 => "%b",
        _ => "%Y",
    };
    time.strftime(pattern).to_string()
}

fn local(microseconds: i64, zone: &TimeZone) -> Option<DateTime> {
    Some(zone.to_datetime(Instant::from_microsecond(microseconds).ok()?))
}

/// The marks of a value axis, from zero or below, at most about `most`. The first and the last are the ends of the axis. Their
/// distance is 1, 2 or 5 times a power of ten.
pub(super) fn of_values(low: f64, high: f64, most: f64) -> Vec<f64> {
    let low = low.min(0.0);
    let high = if high > low { high } else { low + 1.0 };
    let step = round_step(high / most - low / most);
    let first = (low / step).floor();
    let last = (high / step).ceil();
    let marks = std::iter::successors(Some(first), |mark| (*mark < last).then_some(mark + 1.0));
    marks.take(64).map(|mark| (mark * step).clamp(f64::MIN, f64::MAX)).collect()
}

fn round_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.max(f64::MIN_POSITIVE * 1e3).log10().floor());
    let round = [1.0, 2.0, 5.0].into_iter().find(|factor| raw / power <= *factor).unwrap_or(10.0);
    (round * power).min(f64::MAX)
}

/// The label of a value, with the decimals that distinguish two adjacent marks.
pub(super) fn value_label(value: f64, step: f64) -> String {
    const LARGE: f64 = 1e6;
    if value != 0.0 && (value.abs() >= LARGE || step < 1e-6) {
        return format!("{value:.1e}");
    }
    let decimals = (0..6).find(|places| step * 10_f64.powi(*places) >= 0.999).unwrap_or(6);
    format!("{value:.*}", usize::try_from(decimals).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(from: &str, to: &str, most: usize, zone: &str) -> Vec<String> {
        let (from, to) = (from.parse::<Timestamp>().unwrap(), to.parse::<Timestamp>().unwrap());
        let zone = TimeZone::get(zone).unwrap();
        let step = TickStep::fitting(to.as_microseconds() - from.as_microseconds(), most);
        of_time(from, to, step, &zone).into_iter().map(|mark| time_label(mark, step, &zone)).collect()
    }

    #[test]
    fn marks_are_round_in_the_zone_of_the_axis() {
        assert_eq!(labels("2016-10-01", "2016-10-02", 4, "UTC"), ["1 Oct", "06:00", "12:00", "18:00", "2 Oct"]);
        let madrid = ["06:00", "12:00", "18:00", "2 Oct"];
        assert_eq!(labels("2016-10-01", "2016-10-02", 4, "Europe/Madrid"), madrid);
        assert_eq!(labels("2016-10-01", "2016-10-02", 4, "Asia/Kolkata"), ["06:00", "12:00", "18:00", "2 Oct"]);
    }

    #[test]
    fn no_mark_occurs_twice_on_the_day_of_the_change_to_summer_time() {
        let marks = labels("2016-03-27T00:00:00Z", "2016-03-27T04:00:00Z", 6, "Europe/Madrid");
        assert_eq!(marks, ["01:00", "03:00", "04:00", "05:00", "06:00"]);
    }

    #[test]
    fn long_times_have_days_months_and_years() {
        assert_eq!(labels("2016-12-30", "2017-01-02", 4, "UTC"), ["30 Dec", "31 Dec", "2017", "2 Jan"]);
        assert_eq!(labels("2016-10-20", "2016-12-10", 6, "UTC"), ["1 Nov", "15 Nov", "1 Dec"]);
        assert_eq!(labels("2016-11-15", "2017-04-15", 6, "UTC"), ["Dec", "2017", "Feb", "Mar", "Apr"]);
        assert_eq!(labels("0001-01-01", "9999-12-31", 10, "UTC").len(), 9);
        assert_eq!(labels("2016-10-01T00:00:00Z", "2016-10-01T00:00:20Z", 5, "UTC")[1], "00:00:05");
    }

    #[test]
    fn the_marks_of_values_are_round_and_include_all_values() {
        assert_eq!(of_values(3.0, 48.3, 5.0), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(of_values(-3.0, 4.0, 5.0), [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(of_values(0.0, 0.0, 5.0).len(), 6);
        for (low, high) in [(0.0, 1e300), (f64::MIN, f64::MAX), (0.0, 1e-300), (-1e-9, 0.0), (5e-324, 5e-324)] {
            let marks = of_values(low, high, 5.0);
            assert!((2..=12).contains(&marks.len()), "{low} {high} {marks:?}");
            assert!(marks.iter().all(|mark| mark.is_finite()));
            assert!(marks[0] <= low && marks[marks.len() - 1] >= high, "{low} {high} {marks:?}");
        }
    }

    #[test]
    fn a_value_has_the_decimals_of_its_step() {
        assert_eq!((value_label(0.5, 0.1), value_label(20.0, 10.0)), ("0.5".to_owned(), "20".to_owned()));
        assert_eq!((value_label(0.25, 0.05), value_label(2e9, 1e9)), ("0.25".to_owned(), "2.0e9".to_owned()));
    }
}
