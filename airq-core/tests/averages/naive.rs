//! Averages computed a second time, from the definitions: plain arithmetic over the rows, jiff for the calendar.
//!
//! Nothing here is shared with the code under test. Zones must be whole hours from UTC.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use std::collections::{BTreeMap, BTreeSet};

/// One row of the input, with one value or without.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) station: String,
    pub(crate) time: Timestamp,
    pub(crate) value: Option<f64>,
}

/// The average of one station and period.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Average {
    pub(crate) value: Option<f64>,
    /// The share of the hours of the period that have a value, in thousandths, rounded down.
    pub(crate) capture: i64,
}

/// Computes the averages of all stations and periods, with a value expected every hour and a capture of at least 75 %.
pub(crate) fn averages(
    rows: &[Row],
    every: &str,
    statistic: &str,
    zone: &TimeZone,
) -> BTreeMap<(String, Timestamp), Average> {
    let mut periods: BTreeMap<(String, Timestamp), Vec<&Row>> = BTreeMap::new();
    let mut hours_of: BTreeMap<Timestamp, i64> = BTreeMap::new();
    for row in rows {
        let (start, end) = period(&row.time.to_zoned_datetime(zone.clone()), every);
        hours_of.insert(start, (end.as_second() - start.as_second()) / 3600);
        periods.entry((row.station.clone(), start)).or_default().push(row);
    }
    let mut averages = BTreeMap::new();
    for ((station, start), rows) in periods {
        let average = average(&rows, statistic, hours_of[&start]);
        averages.insert((station, start), average);
    }
    averages
}

/// Computes the maximum daily 8-hour means: of the hours of each day with a row, with six hours of eight and three quarters of the
/// hours of the day.
pub(crate) fn maxima_of_eight_hours(rows: &[Row], zone: &TimeZone) -> BTreeMap<(String, Timestamp), Average> {
    let mut values: BTreeMap<(&str, i64), Vec<f64>> = BTreeMap::new();
    for row in rows {
        if let Some(value) = row.value {
            values.entry((&row.station, row.time.as_second().div_euclid(3600))).or_default().push(value);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut maxima = BTreeMap::new();
    for row in rows {
        let (start, end) = period(&row.time.to_zoned_datetime(zone.clone()), "1d");
        let hours = start.as_second() / 3600..end.as_second() / 3600;
        let mut means = Vec::new();
        for last in hours.clone() {
            let window = last - 7..=last;
            let known: Vec<f64> =
                window.filter_map(|hour| Some(mean(values.get(&(row.station.as_str(), hour))?))).collect();
            if known.len() >= 6 {
                means.push(mean(&known));
            }
        }
        let captured = i64::try_from(means.len()).unwrap();
        let expected = hours.end - hours.start;
        let highest = means.into_iter().max_by(f64::total_cmp).filter(|_| captured * 4 >= expected * 3);
        maxima.insert((row.station.clone(), start), Average { value: highest, capture: captured * 1000 / expected });
    }
    maxima
}

/// Computes the averages of the hours of the day (`%H:00`), the weekdays (`%A`) or the months of the year (`%B`) by their names, with a
/// value expected every hour.
pub(crate) fn profile(
    rows: &[Row],
    (every, name): (&str, &str),
    statistic: &str,
    zone: &TimeZone,
) -> BTreeMap<(String, String), Average> {
    let local = |time: Timestamp| time.to_zoned_datetime(zone.clone());
    let mut groups: BTreeMap<(String, String), Vec<&Row>> = BTreeMap::new();
    let mut spans: BTreeMap<String, (Timestamp, Timestamp)> = BTreeMap::new();
    for row in rows {
        let (start, end) = period(&local(row.time), every);
        let span = spans.entry(row.station.clone()).or_insert((start, end));
        span.1 = end;
        groups.entry((row.station.clone(), local(start).strftime(name).to_string())).or_default().push(row);
    }
    let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (station, (first, end)) in spans {
        let mut hour = first;
        while hour < end {
            let start = period(&local(hour), every).0;
            *expected.entry((station.clone(), local(start).strftime(name).to_string())).or_default() += 1;
            hour += 1.hour();
        }
    }
    let averages = groups.into_iter().map(|(key, rows)| {
        let average = average(&rows, statistic, expected[&key]);
        (key, average)
    });
    averages.collect()
}

fn average(rows: &[&Row], statistic: &str, expected: i64) -> Average {
    let mut values = Vec::new();
    let mut hours = BTreeSet::new();
    for row in rows {
        if let Some(value) = row.value {
            values.push(value);
            hours.insert(row.time.as_second().div_euclid(3600));
        }
    }
    let captured = i64::try_from(hours.len()).unwrap();
    let capture = captured * 1000 / expected;
    let enough = !values.is_empty() && captured * 100 >= expected * 75;
    let value = if statistic == "count" || enough { Some(of_values(&mut values, statistic)) } else { None };
    Average { value, capture }
}

fn of_values(values: &mut [f64], statistic: &str) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let count = values.len() as f64;
    match statistic {
        "mean" => values.iter().sum::<f64>() / count,
        "min" => values[0],
        "max" => values[values.len() - 1],
        "count" => count,
        "median" if values.len() % 2 == 1 => values[values.len() / 2],
        "median" => f64::midpoint(values[values.len() / 2 - 1], values[values.len() / 2]),
        "p98" => percentile(values, 0.98),
        "p90.4" => percentile(values, 0.904),
        _ => panic!("no statistic {statistic}"),
    }
}

/// Interpolates linearly between the two closest ranks of sorted values.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let rank = share * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let below = rank.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (rank - rank.floor())
}

/// Returns the start and the end of the period that contains this time.
fn period(time: &ZonedDateTime, every: &str) -> (Timestamp, Timestamp) {
    let midnight = time.start_of_day().unwrap();
    let third = time.hour() / 8;
    let first_of_month = time.first_of_month().unwrap().start_of_day().unwrap();
    let first_of_year = time.first_of_year().unwrap().start_of_day().unwrap();
    let (start, end) = match every {
        "1h" => {
            let second = time.timestamp().as_second();
            let start = Timestamp::from_second(second - second.rem_euclid(3600)).unwrap();
            return (start, start + 1.hour());
        }
        "8h" => (at_hour(time, third * 8), if third == 2 { &midnight + 1.day() } else { at_hour(time, third * 8 + 8) }),
        "1d" => (midnight.clone(), &midnight + 1.day()),
        "1mo" => (first_of_month.clone(), &first_of_month + 1.month()),
        "1y" => (first_of_year.clone(), &first_of_year + 1.year()),
        _ => panic!("no period {every}"),
    };
    (start.timestamp(), end.timestamp())
}

/// Returns the time of the same day at which the clocks show this hour.
fn at_hour(time: &ZonedDateTime, hour: i8) -> ZonedDateTime {
    time.date().at(hour, 0, 0, 0).to_zoned_datetime(time.time_zone().clone()).unwrap()
}
