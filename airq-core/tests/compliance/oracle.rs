//! Statistics of years computed a second time, from the definitions: slow and obvious, with jiff for the calendar.
//!
//! Nothing here is shared with the code under test. Values are whole millionths of one parameter at one station. Zones must be whole
//! hours from UTC.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The values of hours, by the number of the hour since 1970.
pub(crate) type Hours = BTreeMap<i64, i64>;

/// The local date and hour of the day of an hour.
fn local(hour: i64, zone: &TimeZone) -> (Date, i8) {
    let time = Timestamp::from_second(hour * 3600).unwrap().to_zoned_datetime(zone.clone());
    (time.date(), time.hour())
}

/// All hours of a year, by day.
pub(crate) fn days(year: i16, zone: &TimeZone) -> BTreeMap<Date, Vec<i64>> {
    let middle: Timestamp = format!("{year}-07-01T12:00:00Z").parse().unwrap();
    let middle = middle.as_second() / 3600;
    let mut days: BTreeMap<Date, Vec<i64>> = BTreeMap::new();
    for hour in middle - 24 * 190..middle + 24 * 190 {
        let (date, _) = local(hour, zone);
        if date.year() == year {
            days.entry(date).or_default().push(hour);
        }
    }
    days
}

/// The mean, rounded to a whole number, halves up.
fn mean(values: &[i64]) -> i64 {
    rounded(values.iter().map(|value| i128::from(*value)).sum(), values.len(), 1)
}

/// A sum of values that are not negative, divided and rounded to a multiple of a step, halves up.
pub(crate) fn rounded(sum: i128, by: usize, step: i64) -> i64 {
    let by = i128::try_from(by).unwrap() * i128::from(step);
    i64::try_from((2 * sum + by) / (2 * by)).unwrap() * step
}

/// The values of the hours of a year, in the order of time.
pub(crate) fn of_year(hours: &Hours, year: i16, zone: &TimeZone) -> Vec<i64> {
    let all = days(year, zone);
    all.values().flatten().filter_map(|hour| hours.get(hour).copied()).collect()
}

/// The mean of each day with at least three quarters of its hours.
pub(crate) fn day_means(hours: &Hours, year: i16, zone: &TimeZone) -> BTreeMap<Date, i64> {
    let mut means = BTreeMap::new();
    for (date, of_day) in days(year, zone) {
        let known: Vec<i64> = of_day.iter().filter_map(|hour| hours.get(hour).copied()).collect();
        if known.len() * 4 >= of_day.len() * 3 {
            means.insert(date, mean(&known));
        }
    }
    means
}

/// The mean of each day, truncated to a step. A day with fewer than three quarters of its hours has zeros for the others and counts
/// only above the level.
pub(crate) fn day_means_with_zeros(
    hours: &Hours,
    year: i16,
    zone: &TimeZone,
    step: i64,
    level: i64,
) -> BTreeMap<Date, i64> {
    let mut means = BTreeMap::new();
    for (date, of_day) in days(year, zone) {
        let known: Vec<i64> = of_day.iter().filter_map(|hour| hours.get(hour).copied()).collect();
        let with_zeros = rounded(i128::from(known.iter().sum::<i64>()), of_day.len(), 1) / step * step;
        if known.len() * 4 >= of_day.len() * 3 {
            means.insert(date, mean(&known) / step * step);
        } else if with_zeros > level {
            means.insert(date, with_zeros);
        }
    }
    means
}

/// The highest hour of each day with at least three quarters of its hours.
pub(crate) fn day_maxima(hours: &Hours, year: i16, zone: &TimeZone) -> BTreeMap<Date, i64> {
    let mut maxima = BTreeMap::new();
    for (date, of_day) in days(year, zone) {
        let known: Vec<i64> = of_day.iter().filter_map(|hour| hours.get(hour).copied()).collect();
        if known.len() * 4 >= of_day.len() * 3 {
            maxima.insert(date, *known.iter().max().unwrap());
        }
    }
    maxima
}

/// The highest 8-hour mean that ends in each day, of days with at least three quarters of these means. A mean needs six hours.
pub(crate) fn max_8_hours(hours: &Hours, year: i16, zone: &TimeZone) -> BTreeMap<Date, i64> {
    let mut maxima = BTreeMap::new();
    for (date, of_day) in days(year, zone) {
        let mut means = Vec::new();
        for last in &of_day {
            let window: Vec<i64> = (last - 7..=*last).filter_map(|hour| hours.get(&hour).copied()).collect();
            if window.len() >= 6 {
                means.push(mean(&window));
            }
        }
        if means.len() * 4 >= of_day.len() * 3 {
            maxima.insert(date, *means.iter().max().unwrap());
        }
    }
    maxima
}

/// The highest 8-hour mean that starts in each day at 7:00 or later, truncated to a step.
///
/// A mean of fewer than six hours has zeros for the others and counts only above the level. A day needs 13 of 17 means, or a mean
/// above the level.
pub(crate) fn max_8_hours_by_start(
    hours: &Hours,
    year: i16,
    zone: &TimeZone,
    step: i64,
    level: i64,
) -> BTreeMap<Date, i64> {
    let mut maxima = BTreeMap::new();
    for (date, of_day) in days(year, zone) {
        let mut means = Vec::new();
        for first in of_day.iter().filter(|hour| local(**hour, zone).1 >= 7) {
            let window: Vec<i64> = (*first..first + 8).filter_map(|hour| hours.get(&hour).copied()).collect();
            let sum: i64 = window.iter().sum();
            if window.len() >= 6 {
                means.push(mean(&window) / step * step);
            } else if mean_of_8(sum) / step * step > level {
                means.push(mean_of_8(sum) / step * step);
            }
        }
        let Some(highest) = means.iter().max().copied() else { continue };
        if means.len() >= 13 || highest > level {
            maxima.insert(date, highest);
        }
    }
    maxima
}

fn mean_of_8(sum: i64) -> i64 {
    rounded(i128::from(sum), 8, 1)
}

/// The lowest of each three hours in a row, of the hours of a year.
pub(crate) fn lowest_of_three(hours: &Hours, year: i16, zone: &TimeZone) -> Vec<i64> {
    let all = days(year, zone);
    let run =
        |hour: &i64| Some(*[hours.get(&(hour - 2))?, hours.get(&(hour - 1))?, hours.get(hour)?].into_iter().min()?);
    all.values().flatten().filter_map(run).collect()
}

/// AOT40 from May to July, from 08:00 to 20:00 of UTC+1, scaled to all 1104 hours and rounded, and the number of hours with a value.
pub(crate) fn aot40(hours: &Hours, year: i16, zone: &TimeZone) -> (i64, usize) {
    let mut sum: i128 = 0;
    let mut known = 0;
    for (date, of_day) in days(year, zone) {
        if !(5..=7).contains(&date.month()) {
            continue;
        }
        for hour in of_day.iter().filter(|hour| (7..19).contains(&(**hour % 24))) {
            let Some(value) = hours.get(hour) else { continue };
            known += 1;
            sum += i128::from((value - 80_000_000).max(0));
        }
    }
    (if known == 0 { 0 } else { rounded(sum * 1104, known, 1) }, known)
}

/// The value of a rank from the top, 1 for the highest.
pub(crate) fn highest(values: &[i64], rank: usize) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    sorted[rank.min(sorted.len()) - 1]
}

/// The percentile by the rank p·n, rounded up.
pub(crate) fn nearest_rank(values: &[i64], percent: usize) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[(percent * sorted.len()).div_ceil(100).max(1) - 1]
}

/// The percentile by the rank floor(p·n) + 1.
pub(crate) fn floor_plus_one(values: &[i64], percent: usize) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[(percent * sorted.len() / 100).min(sorted.len() - 1)]
}

/// The highest mean of six consecutive months.
pub(crate) fn peak_season(days: &BTreeMap<Date, i64>) -> i64 {
    let mut highest = 0;
    for first in 1..=7 {
        let window: Vec<i64> = days
            .iter()
            .filter(|(date, _)| (first..first + 6).contains(&date.month()))
            .map(|(_, value)| *value)
            .collect();
        if !window.is_empty() {
            highest = highest.max(mean(&window));
        }
    }
    highest
}

/// The mean of the means of the four quarters; `None` if one has no day.
pub(crate) fn quarterly_mean(days: &BTreeMap<Date, i64>) -> Option<i64> {
    let mut means = Vec::new();
    for quarter in 0..4 {
        let of_quarter: Vec<i64> =
            days.iter().filter(|(date, _)| (date.month() - 1) / 3 == quarter).map(|(_, value)| *value).collect();
        if of_quarter.is_empty() {
            return None;
        }
        means.push(mean(&of_quarter));
    }
    Some(mean(&means))
}
