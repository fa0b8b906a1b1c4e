//! The data types of standards: objectives, and the statistic that each objective limits.

use crate::model::{Parameter, Unit};
use std::fmt;

/// One, in millionths.
pub(super) const ONE: i64 = 1_000_000;

/// A version of a standard. Each version has a file in `tables`.
#[derive(Debug)]
pub(super) struct StandardTable {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// The document that defines the standard.
    pub(super) source: &'static str,
    /// The IANA name of the clocks by which days and years begin, unless a query names others.
    pub(super) zone: &'static str,
    pub(super) objectives: &'static [Objective],
}

/// A limit value, target, threshold or guideline of a standard.
///
/// All objectives are exceeded by values strictly greater than the level.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct Objective {
    /// The name within its standard, such as `no2-1h`.
    pub id: &'static str,
    /// The parameter.
    pub parameter: Parameter,
    /// The kind of the objective.
    pub kind: ObjectiveKind,
    /// The level in millionths of the unit.
    pub(super) level: i64,
    /// The unit of the level and of all values.
    pub unit: Unit,
    /// The date by which the level must be attained, if the standard sets one.
    pub attain_by: Option<&'static str>,
    /// The article, annex or table.
    pub source: &'static str,
    /// The mark of the numbers of the objective.
    pub mark: Mark,
    pub(super) form: Form,
}

/// The kind of an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectiveKind {
    /// A limit value or a standard, which must be attained.
    Limit,
    /// A target value.
    Target,
    /// A long-term objective.
    LongTerm,
    /// A critical level for the protection of vegetation.
    CriticalLevel,
    /// An alert threshold.
    Alert,
    /// An information threshold.
    Information,
    /// A guideline level.
    Guideline,
    /// An interim target, above a guideline level.
    Interim,
}

/// The mark of a number: the kind of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// Read in the text of the law or norm, in a program of the authority, or in a page that reproduces the text.
    Verified,
    /// Read in somebody else's transcription or summary.
    SecondHand,
    /// The numbers are known, and a rule that the text leaves open was chosen by airq.
    Own,
}

/// The statistic that an objective limits, and the rules for computing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) series: Series,
    pub(super) season: Season,
    pub(super) statistic: YearStatistic,
    /// The years that are averaged, and the number of valid years that is enough.
    pub(super) years: YearSpan,
    pub(super) coverage: CoverageRule,
    /// The rounding of the values of the series, which replaces them.
    pub(super) values: Rounding,
    /// The rounding of the statistic of each year, before years are averaged.
    pub(super) yearly: Rounding,
    /// The rounding of results, and of values that are counted, for comparisons with the level.
    pub(super) compared: Rounding,
    /// The rounding of hours, before anything is computed from them.
    pub(super) hours: Rounding,
    pub(super) incomplete: Incomplete,
}

/// The values that a statistic is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Series {
    /// Means of hours.
    Hours,
    /// The lowest of each three consecutive hours, stamped by the last. A value above a level means three hours above it.
    ThreeHours,
    /// The hours from 08:00 to 20:00 of Central European Time.
    DaylightHours,
    /// Means of days.
    DayMeans,
    /// The highest hour of each day.
    DayMaximumHours,
    /// The highest running 8-hour mean of each day. A running mean belongs to the day of its last hour.
    DayMaximum8Hours,
    /// The same, where a running mean belongs to the day of its first hour, from 7:00 to 23:00.
    DayMaximum8HoursByStart,
}

/// The part of a year that a statistic is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Season {
    /// The calendar year.
    Year,
    /// From the first of these months to the last.
    Months(u8, u8),
    /// October to December of the year before, and January to March.
    Winter,
}

/// A statistic of the values of a year or season.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum YearStatistic {
    /// The mean of all values.
    Mean,
    /// The mean of the means of the four quarters.
    QuarterlyMean,
    /// The number of values above the level, which must not be greater than `allowed`.
    Above { allowed: u32 },
    /// The same, where the values above the level of each quarter count in proportion to the days of the quarter without a value.
    ExpectedAbove { allowed: u32 },
    /// The n-th highest value.
    NthHighest(u32),
    /// A percentile, in thousandths of a percent.
    Percentile(u32, PercentileMethod),
    /// The sum of the excess over a value, in millionths. If `scaled`, the sum is multiplied by the expected number of values and
    /// divided by the number of values.
    SumAbove { over: i64, scaled: bool },
    /// The highest mean over six consecutive months of the calendar year.
    PeakSeason,
}

/// The rank of a percentile p of n values in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PercentileMethod {
    /// The rank p·n, rounded up (SQL's `percentile_disc`).
    NearestRank,
    /// The whole part of p·n, plus one, at most n (40 CFR part 50, appendices N and T).
    FloorPlusOne,
}

/// The years that are averaged: the year of the assessment and the years before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YearSpan {
    pub(super) of: u8,
    pub(super) needed: u8,
}

/// The share of the expected values that a year must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CoverageRule {
    /// The share of the season, in percent.
    pub(super) share: u8,
    /// The parts of the year that must be covered: each a list of months.
    pub(super) parts: &'static [&'static [u8]],
    /// The share of a part, in percent.
    pub(super) part_share: u8,
    /// The number of parts that must be covered.
    pub(super) parts_needed: usize,
    /// The share of the season in all years of the form together, in percent.
    pub(super) all_years: u8,
}

/// The rounding of a number in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    /// No rounding.
    None,
    /// To the nearest multiple, halves away from zero.
    Nearest(i64),
    /// To the next lower multiple.
    Down(i64),
}

/// The rule for days, and 8-hour means, with less than three quarters of their hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incomplete {
    /// They have no value.
    NoValue,
    /// They have a value if the value is above the level.
    IfAbove,
    /// The same, with zeros in place of missing hours.
    IfAboveWithZeros,
}

/// The whole number of units in millionths.
pub(super) const fn units(number: i64) -> i64 {
    number * ONE
}

/// The number of tenths of a unit in millionths.
pub(super) const fn tenths(number: i64) -> i64 {
    number * ONE / 10
}

/// To the nearest whole unit.
pub(super) const WHOLE: Rounding = Rounding::Nearest(ONE);
/// To the nearest tenth.
pub(super) const TENTH: Rounding = Rounding::Nearest(ONE / 10);

impl Form {
    /// Returns a form of the calendar year without rounding, for which three quarters of the values are enough.
    pub(super) const fn new(series: Series, statistic: YearStatistic) -> Form {
        Form {
            series,
            season: Season::Year,
            statistic,
            years: YearSpan { of: 1, needed: 1 },
            coverage: CoverageRule::share(75),
            values: Rounding::None,
            yearly: Rounding::None,
            compared: Rounding::None,
            hours: Rounding::None,
            incomplete: Incomplete::NoValue,
        }
    }

    /// Returns whether the statistic is a mean of hours, which means of days have too.
    pub(super) fn is_mean_of_hours(&self) -> bool {
        self.series == Series::Hours && matches!(self.statistic, YearStatistic::Mean | YearStatistic::QuarterlyMean)
    }

    /// Sets the part of the year.
    pub(super) const fn season(self, season: Season) -> Form {
        Form { season, ..self }
    }

    /// Sets the number of years that are averaged, and the number of valid years that is enough.
    pub(super) const fn years(self, of: u8, needed: u8) -> Form {
        Form { years: YearSpan { of, needed }, ..self }
    }

    /// Sets the coverage that a year needs.
    pub(super) const fn coverage(self, coverage: CoverageRule) -> Form {
        Form { coverage, ..self }
    }

    /// Sets the rounding for comparisons with the level.
    pub(super) const fn compared(self, compared: Rounding) -> Form {
        Form { compared, ..self }
    }

    /// Sets the rounding of values and of the statistic of a year.
    pub(super) const fn rounded(self, values: Rounding, yearly: Rounding) -> Form {
        Form { values, yearly, ..self }
    }

    /// Sets the rounding of hours.
    pub(super) const fn hours_rounded(self, hours: Rounding) -> Form {
        Form { hours, ..self }
    }

    /// Sets the rule for incomplete days.
    pub(super) const fn incomplete(self, incomplete: Incomplete) -> Form {
        Form { incomplete, ..self }
    }
}

impl CoverageRule {
    /// A share of the values of the season, in percent.
    pub(super) const fn share(percent: u8) -> CoverageRule {
        CoverageRule { share: percent, parts: &[], part_share: 0, parts_needed: 0, all_years: 0 }
    }

    /// A number of parts of the year that must each have a share of their values.
    pub(super) const fn parts(parts: &'static [&'static [u8]], percent: u8, needed: usize) -> CoverageRule {
        CoverageRule { share: 0, parts, part_share: percent, parts_needed: needed, all_years: 0 }
    }

    /// Sets the share of the values of the season, in percent.
    pub(super) const fn and_share(self, percent: u8) -> CoverageRule {
        CoverageRule { share: percent, ..self }
    }

    /// Sets the share of the values of all years together, in percent.
    pub(super) const fn of_all_years(self, percent: u8) -> CoverageRule {
        CoverageRule { all_years: percent, ..self }
    }
}

/// The quarters of a year.
pub(super) const QUARTERS: &[&[u8]] = &[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9], &[10, 11, 12]];

impl Objective {
    /// Returns an objective in the parameter's canonical unit, with numbers that are verified.
    pub(super) const fn new(
        id: &'static str,
        parameter: Parameter,
        kind: ObjectiveKind,
        level: i64,
        form: Form,
        source: &'static str,
    ) -> Objective {
        Objective {
            id,
            parameter,
            kind,
            level,
            unit: parameter.unit(),
            attain_by: None,
            source,
            mark: Mark::Verified,
            form,
        }
    }

    /// Sets the unit.
    pub(super) const fn unit(self, unit: Unit) -> Objective {
        Objective { unit, ..self }
    }

    /// Sets the date by which the level must be attained.
    pub(super) const fn attain_by(self, date: &'static str) -> Objective {
        Objective { attain_by: Some(date), ..self }
    }

    /// Sets the mark of the numbers.
    pub(super) const fn mark(self, mark: Mark) -> Objective {
        Objective { mark, ..self }
    }

    /// The level in the objective's unit.
    #[expect(clippy::cast_precision_loss, reason = "levels are small")]
    pub fn level(&self) -> f64 {
        self.level as f64 / 1e6
    }

    /// The number of values above the level that are allowed in a year, if the objective counts them.
    pub fn allowed(&self) -> Option<u32> {
        match self.form.statistic {
            YearStatistic::Above { allowed } | YearStatistic::ExpectedAbove { allowed } => Some(allowed),
            _ => None,
        }
    }

    /// The values that the statistic is computed from, such as `hours` or `daily means`.
    pub fn averaging(&self) -> &'static str {
        match self.form.series {
            Series::Hours => "hours",
            Series::ThreeHours => "three hours in a row",
            Series::DaylightHours => "hours from 08 to 20 CET",
            Series::DayMeans => "daily means",
            Series::DayMaximumHours => "daily maximum hours",
            Series::DayMaximum8Hours | Series::DayMaximum8HoursByStart => "daily maximum 8-hour means",
        }
    }

    /// The statistic in words, such as `mean of the year` or `19th highest`.
    pub fn statistic(&self) -> String {
        let season = match self.form.season {
            Season::Year => "the year".to_owned(),
            Season::Months(first, last) => format!("months {first} to {last}"),
            Season::Winter => "winter".to_owned(),
        };
        let of_year = match self.form.statistic {
            YearStatistic::Mean => format!("mean of {season}"),
            YearStatistic::QuarterlyMean => "mean of the quarters' means".to_owned(),
            YearStatistic::Above { allowed } => format!("at most {allowed} above the level"),
            YearStatistic::ExpectedAbove { allowed } => format!("at most {allowed} expected above the level"),
            YearStatistic::NthHighest(rank) => format!("number {rank} from the top"),
            YearStatistic::Percentile(percent, method) => {
                format!("percentile {} ({})", thousandths(percent), method.name())
            }
            YearStatistic::SumAbove { over, scaled } => {
                let scaling = if scaled { ", scaled for missing values" } else { "" };
                format!("sum of the excess over {} in {season}{scaling}", over / ONE)
            }
            YearStatistic::PeakSeason => "highest mean of six consecutive months".to_owned(),
        };
        match self.form.years.of {
            1 => of_year,
            years => format!("{of_year}, mean of {years} years"),
        }
    }
}

/// A percentage without trailing zeros.
fn thousandths(percent: u32) -> String {
    let text = format!("{}.{:03}", percent / 1000, percent % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl PercentileMethod {
    const fn name(self) -> &'static str {
        match self {
            PercentileMethod::NearestRank => "nearest rank",
            PercentileMethod::FloorPlusOne => "rank floor(p·n) + 1",
        }
    }
}

impl ObjectiveKind {
    /// The name: `limit`, `target`, `long-term objective`, `critical level`, `alert threshold`, `information threshold`,
    /// `guideline` or `interim target`.
    pub const fn name(self) -> &'static str {
        match self {
            ObjectiveKind::Limit => "limit",
            ObjectiveKind::Target => "target",
            ObjectiveKind::LongTerm => "long-term objective",
            ObjectiveKind::CriticalLevel => "critical level",
            ObjectiveKind::Alert => "alert threshold",
            ObjectiveKind::Information => "information threshold",
            ObjectiveKind::Guideline => "guideline",
            ObjectiveKind::Interim => "interim target",
        }
    }
}

impl fmt::Display for ObjectiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Mark {
    /// The name: `verified`, `second-hand` or `own`.
    pub const fn name(self) -> &'static str {
        match self {
            Mark::Verified => "verified",
            Mark::SecondHand => "second-hand",
            Mark::Own => "own",
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
