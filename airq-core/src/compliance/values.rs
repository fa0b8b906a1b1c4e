//! The values of a year or season that a statistic is computed from.

use super::days::Day;
use super::hours::{HourSeries, highest};
use super::quotient::Quotient;
use super::table::{CoverageRule, Form, Series};
use crate::aggregate::is_captured;
use std::ops::Range;

/// The values of a year or season, with the number of values of each month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SeasonValues {
    /// The month and the value, in millionths, in the order of time.
    pub(super) values: Vec<(u8, i64)>,
    /// The number of expected values, by month; the first is not used.
    expected: [u32; 13],
    /// The number of values, by month.
    known: [u32; 13],
}

/// The number of values in a year, and the number of expected values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// The number of values.
    pub known: u32,
    /// The number of values without gaps.
    pub expected: u32,
}

impl SeasonValues {
    /// Returns the values of a form in the days of its season.
    pub(super) fn new<'a>(form: &Form, level: i64, hours: &HourSeries, days: impl Iterator<Item = &'a Day>) -> Self {
        let mut season = SeasonValues::default();
        let mut of_day = Vec::new();
        for day in days {
            of_day.clear();
            push_values(form, level, hours, day, &mut of_day);
            let month = usize::from(day.month);
            season.expected[month] += u32::try_from(of_day.len()).unwrap_or_default();
            for value in of_day.iter().flatten() {
                season.known[month] += 1;
                season.values.push((day.month, *value));
            }
        }
        season
    }

    /// The coverage of some months.
    pub(super) fn coverage_of(&self, months: &[u8]) -> Coverage {
        let mut coverage = Coverage { known: 0, expected: 0 };
        for month in months {
            coverage.known += self.known[usize::from(*month)];
            coverage.expected += self.expected[usize::from(*month)];
        }
        coverage
    }

    /// The coverage of the season.
    pub(super) fn coverage(&self) -> Coverage {
        Coverage { known: self.known.iter().sum(), expected: self.expected.iter().sum() }
    }

    /// Returns the number of parts of the year that a rule finds covered.
    pub(super) fn covered_parts(&self, rule: &CoverageRule) -> usize {
        rule.parts.iter().filter(|months| self.coverage_of(months).is_at_least(rule.part_share)).count()
    }
}

impl Coverage {
    /// Returns whether the values are at least this share of the expected values, in percent.
    pub(super) fn is_at_least(self, percent: u8) -> bool {
        is_captured(self.known, self.expected, percent)
    }

    /// The share in thousandths, truncated: 0.8999 is not shown as 0.9.
    pub(super) fn thousandths(self) -> u32 {
        let thousandths = u64::from(self.known) * 1000 / u64::from(self.expected.max(1));
        u32::try_from(thousandths).unwrap_or(1000)
    }

    /// The share, from 0 to 1, truncated to thousandths.
    pub fn share(self) -> f64 {
        f64::from(self.thousandths()) / 1000.0
    }
}

impl std::ops::AddAssign for Coverage {
    fn add_assign(&mut self, other: Coverage) {
        self.known += other.known;
        self.expected += other.expected;
    }
}

/// Appends the values of a day: one for each expected value.
fn push_values(form: &Form, level: i64, hours: &HourSeries, day: &Day, out: &mut Vec<Option<i64>>) {
    let all = day.hours.clone();
    let of = out_of(&all);
    if hours.is_daily() {
        // Means of days say nothing about shorter means.
        let is_of_days = form.series == Series::DayMeans || form.is_mean_of_hours();
        out.push(hours.get(all.start).filter(|_| is_of_days).map(|mean| form.values.of(Quotient::whole(mean))));
        return;
    }
    match form.series {
        Series::Hours => out.extend(all.map(|hour| hours.get(hour))),
        Series::ThreeHours => out.extend(all.map(|hour| lowest_of_three(hours, hour))),
        Series::DaylightHours => out.extend(all.filter(|hour| is_daylight(*hour)).map(|hour| hours.get(hour))),
        Series::DayMeans => out.push(hours.mean(all, form, level)),
        Series::DayMaximumHours => {
            let rounded = all.map(|hour| Some(form.values.of(Quotient::whole(hours.get(hour)?))));
            out.push(highest(rounded, of, form.incomplete, level));
        }
        Series::DayMaximum8Hours => {
            let means = all.map(|last| hours.mean(last - 7..last + 1, form, level));
            out.push(highest(means, of, form.incomplete, level));
        }
        Series::DayMaximum8HoursByStart => {
            // The windows that start from 7:00 on.
            let starts = all.start + 7..all.end;
            let of = out_of(&starts);
            let means = starts.map(|first| hours.mean(first..first + 8, form, level));
            out.push(highest(means, of, form.incomplete, level));
        }
    }
}

fn out_of(hours: &Range<i64>) -> usize {
    usize::try_from(hours.end - hours.start).unwrap_or_default()
}

fn lowest_of_three(hours: &HourSeries, last: i64) -> Option<i64> {
    let before = hours.get(last - 1)?.min(hours.get(last - 2)?);
    Some(hours.get(last)?.min(before))
}

/// Returns whether an hour starts between 08:00 and 19:00 of Central European Time, which is UTC+1 all year.
fn is_daylight(hour: i64) -> bool {
    (8..20).contains(&(hour + 1).rem_euclid(24))
}
