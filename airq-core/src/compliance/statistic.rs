//! The statistics of the values of a year or season.

use super::quotient::Quotient;
use super::table::{Form, PercentileMethod, QUARTERS, Rounding, YearStatistic, units};
use super::values::SeasonValues;

/// The statistic of a year, and the number of values above the level in millionths, for statistics of single values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct YearResult {
    pub(super) value: Option<Quotient>,
    pub(super) exceedances: Option<i64>,
}

/// Computes the statistic of a form. Where values above the level are counted, the value is the highest value that may not be above
/// it: the one after the `allowed` highest.
pub(super) fn statistic(form: &Form, level: i64, season: &SeasonValues) -> YearResult {
    let value = match form.statistic {
        YearStatistic::Mean => mean(season, |_| true),
        YearStatistic::QuarterlyMean => quarterly_mean(season),
        YearStatistic::Above { allowed } | YearStatistic::ExpectedAbove { allowed } => {
            nth_highest(season, allowed + 1).map(Quotient::whole)
        }
        YearStatistic::NthHighest(rank) => nth_highest(season, rank).map(Quotient::whole),
        YearStatistic::Percentile(percent, method) => percentile(season, percent, method).map(Quotient::whole),
        YearStatistic::SumAbove { over, scaled } => sum_above(season, over, scaled),
        YearStatistic::PeakSeason => peak_season(season),
    };
    YearResult { value, exceedances: exceedances(form, level, season) }
}

/// The number of values above the level, in millionths.
fn exceedances(form: &Form, level: i64, season: &SeasonValues) -> Option<i64> {
    match form.statistic {
        YearStatistic::Mean
        | YearStatistic::QuarterlyMean
        | YearStatistic::SumAbove { .. }
        | YearStatistic::PeakSeason => None,
        YearStatistic::ExpectedAbove { .. } => {
            let expected = QUARTERS.iter().map(|months| {
                let coverage = season.coverage_of(months);
                let above = units(count_above(form, level, season, months));
                let sum = i128::from(above) * i128::from(coverage.expected);
                Rounding::None.of(Quotient { sum, by: i128::from(coverage.known.max(1)) })
            });
            Some(expected.sum())
        }
        _ => Some(units(count_above(form, level, season, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))),
    }
}

/// The number of values above the level in some months.
fn count_above(form: &Form, level: i64, season: &SeasonValues, months: &[u8]) -> i64 {
    let mut count = 0;
    for (month, value) in &season.values {
        if months.contains(month) && form.compared.of(Quotient::whole(*value)) > level {
            count += 1;
        }
    }
    count
}

/// The mean of the values of some months.
fn mean(season: &SeasonValues, is_in: impl Fn(u8) -> bool) -> Option<Quotient> {
    let mut sum = 0;
    let mut count = 0;
    for (_, value) in season.values.iter().filter(|(month, _)| is_in(*month)) {
        sum += i128::from(*value);
        count += 1;
    }
    if count > 0 { Some(Quotient { sum, by: count }) } else { None }
}

/// The mean of the quarters' means, each rounded to a millionth. All quarters must have a value.
fn quarterly_mean(season: &SeasonValues) -> Option<Quotient> {
    let mut sum = 0;
    for months in QUARTERS {
        let quarter = mean(season, |month| months.contains(&month))?;
        sum += i128::from(Rounding::None.of(quarter));
    }
    Some(Quotient { sum, by: QUARTERS.len() as i128 })
}

/// The highest mean of six consecutive months of the calendar year.
fn peak_season(season: &SeasonValues) -> Option<Quotient> {
    let windows = (1..=7).filter_map(|first| mean(season, |month| (first..first + 6).contains(&month)));
    windows.max_by(|one, other| (one.sum * other.by).cmp(&(other.sum * one.by)))
}

fn sum_above(season: &SeasonValues, over: i64, scaled: bool) -> Option<Quotient> {
    let coverage = season.coverage();
    if coverage.known == 0 {
        return None;
    }
    let sum: i128 = season.values.iter().map(|(_, value)| i128::from((value - over).max(0))).sum();
    if scaled {
        return Some(Quotient { sum: sum * i128::from(coverage.expected), by: i128::from(coverage.known) });
    }
    Some(Quotient { sum, by: 1 })
}

/// The value of this rank, 1 for the highest. If there are fewer values, the lowest.
fn nth_highest(season: &SeasonValues, rank: u32) -> Option<i64> {
    let rank = usize::try_from(rank).unwrap_or(usize::MAX).min(season.values.len());
    ranked(season, season.values.len().checked_sub(rank)?)
}

/// The value of this rank in ascending order, 0 for the lowest.
fn ranked(season: &SeasonValues, rank: usize) -> Option<i64> {
    let mut values: Vec<i64> = season.values.iter().map(|(_, value)| *value).collect();
    if rank >= values.len() {
        return None;
    }
    Some(*values.select_nth_unstable(rank).1)
}

fn percentile(season: &SeasonValues, percent: u32, method: PercentileMethod) -> Option<i64> {
    const HUNDRED: u64 = 100_000;
    let count = season.values.len() as u64;
    let rank = match method {
        PercentileMethod::NearestRank => (u64::from(percent) * count).div_ceil(HUNDRED),
        PercentileMethod::FloorPlusOne => u64::from(percent) * count / HUNDRED + 1,
    };
    let rank = rank.clamp(1, count.max(1));
    ranked(season, usize::try_from(rank - 1).ok()?)
}
