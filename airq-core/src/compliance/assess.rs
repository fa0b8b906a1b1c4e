//! Assesses the hours of a station by the objectives of a standard.

use super::days::Day;
use super::hours::HourSeries;
use super::quotient::Quotient;
use super::statistic::{YearResult, statistic};
use super::table::{CoverageRule, Form, Objective, Rounding, TENTH, WHOLE, YearStatistic, units};
use super::values::{Coverage, SeasonValues};
use crate::model::Unit;
use std::fmt;

/// The assessment of a station by an objective.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Assessment {
    /// The objective.
    pub objective: &'static Objective,
    /// The statistic in millionths of the objective's unit.
    pub(super) value: Option<i64>,
    /// The statistic as it was compared with the level, rounded.
    pub(super) compared: Option<i64>,
    /// The number of values above the level, in millionths; a mean of years may have a fraction.
    pub(super) exceedances: Option<i64>,
    /// The values of the assessed year.
    pub coverage: Coverage,
    /// The number of years that were averaged.
    pub years: u8,
    /// The result.
    pub verdict: Verdict,
    /// The reason for [`Verdict::NotEnoughData`], or a remark on a result in spite of missing data.
    pub reason: Option<String>,
}

/// The result of an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The objective is met.
    Met,
    /// The objective is not met.
    NotMet,
    /// There are too few values to decide.
    NotEnoughData,
}

/// A year of an assessment.
struct YearAssessment {
    result: YearResult,
    coverage: Coverage,
    /// The reason why the year is not valid.
    gap: Option<String>,
}

impl Assessment {
    /// Assesses the hours of a station in a year. `days` has the days of all years that the form needs. Returns `None` if the year has
    /// no value.
    pub(super) fn new(
        objective: &'static Objective,
        hours: &HourSeries,
        days: &[Day],
        year: i16,
    ) -> Option<Assessment> {
        let mut of_year = days.iter().filter(|day| day.year == year);
        if !of_year.any(|day| hours.has_value_in(day.hours.clone())) {
            return None;
        }
        let unit = if let Unit::Stated(_) = objective.unit { objective.parameter.unit() } else { objective.unit };
        let hours = hours.in_unit(objective.parameter, unit, objective.form.hours);
        let first = year + 1 - i16::from(objective.form.years.of);
        let years: Vec<YearAssessment> =
            (first..=year).map(|year| YearAssessment::new(objective, &hours, days, year)).collect();
        Some(Assessment::of_years(objective, &years))
    }

    /// Averages the valid years. Without a valid year, the statistic of all years is kept for information.
    fn of_years(objective: &'static Objective, years: &[YearAssessment]) -> Assessment {
        let mut counted: Vec<&YearAssessment> = years.iter().filter(|year| year.is_valid(objective)).collect();
        let valid = counted.len();
        if counted.is_empty() {
            counted.extend(years);
        }
        let value = mean_of_years(&objective.form, counted.iter().filter_map(|year| year.result.value));
        let exceedances: Vec<i64> = counted.iter().filter_map(|year| year.result.exceedances).collect();
        let exceedances = mean(&exceedances);
        let is_exceeded = match (objective.allowed(), exceedances) {
            (Some(allowed), Some(above)) => rounding_of_counts(objective).of(above) > units(allowed.into()),
            _ => value.is_some_and(|value| is_above(objective, value)),
        };
        let (is_enough, reason) = gap_of_years(objective, years, valid);
        let verdict = match value {
            Some(_) if is_enough && is_exceeded => Verdict::NotMet,
            Some(_) if is_enough => Verdict::Met,
            _ => Verdict::NotEnoughData,
        };
        Assessment {
            objective,
            value: value.map(|value| Rounding::None.of(value)),
            compared: value.map(|value| objective.form.compared.of(value)),
            exceedances: exceedances.map(|exceedances| Rounding::None.of(exceedances)),
            coverage: years.last().map(|year| year.coverage).unwrap_or_default(),
            years: u8::try_from(valid).unwrap_or(u8::MAX),
            verdict,
            reason,
        }
    }

    /// The statistic in the objective's unit. Where values above the level are counted, this is the highest value that must not be
    /// above the level.
    pub fn value(&self) -> Option<f64> {
        self.value.map(in_units)
    }

    /// The statistic that is compared with the level: rounded as the standard requires.
    pub fn compared(&self) -> Option<f64> {
        self.compared.map(in_units)
    }

    /// The number of values above the level, if the statistic is of single values: for several years, their mean.
    pub fn exceedances(&self) -> Option<f64> {
        self.exceedances.map(in_units)
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 10¹⁵")]
fn in_units(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}

impl YearAssessment {
    fn new(objective: &Objective, hours: &HourSeries, days: &[Day], year: i16) -> YearAssessment {
        let form = &objective.form;
        let in_season = days.iter().filter(|day| form.season.has(day, year));
        let values = SeasonValues::new(form, objective.level, hours, in_season);
        let result = statistic(form, objective.level, &values);
        YearAssessment { result, coverage: values.coverage(), gap: gap(&form.coverage, &values) }
    }

    fn is_valid(&self, objective: &Objective) -> bool {
        self.gap.is_none() || self.is_conclusive(objective)
    }

    /// Returns whether the year exceeds the objective whatever its missing values are: counts and n-th highest values only grow with
    /// more values.
    fn is_conclusive(&self, objective: &Objective) -> bool {
        match objective.form.statistic {
            YearStatistic::Above { allowed } => {
                self.result.exceedances.is_some_and(|above| above > units(allowed.into()))
            }
            YearStatistic::NthHighest(_) => self.result.value.is_some_and(|value| is_above(objective, value)),
            _ => false,
        }
    }
}

fn is_above(objective: &Objective, value: Quotient) -> bool {
    objective.form.compared.of(value) > objective.level
}

/// Returns why a year has too few values, if it has.
fn gap(rule: &CoverageRule, values: &SeasonValues) -> Option<String> {
    let coverage = values.coverage();
    if coverage.known == 0 {
        return Some("there are no values".to_owned());
    }
    if !coverage.is_at_least(rule.share) {
        let Coverage { known, expected } = coverage;
        return Some(format!("{known} of {expected} values are there, {} % are needed", rule.share));
    }
    let covered = values.covered_parts(rule);
    if covered < rule.parts_needed {
        let (of, share, needed) = (rule.parts.len(), rule.part_share, rule.parts_needed);
        let part = if of == 1 { "season has" } else { "parts of the year have" };
        return Some(format!("{covered} of {of} {part} {share} % of the values, {needed} are needed"));
    }
    None
}

/// Returns whether the years are enough, and why some are not valid, with the reason of the last such year.
fn gap_of_years(objective: &Objective, years: &[YearAssessment], valid: usize) -> (bool, Option<String>) {
    let span = objective.form.years;
    let is_enough = valid >= usize::from(span.needed);
    let mut gap = years.iter().rev().find_map(|year| year.gap.clone());
    if span.of == 1 {
        return (is_enough, gap);
    }
    if valid < usize::from(span.of) {
        let needed = format!("{valid} of {} years are valid, {} needed", span.of, span.needed);
        gap = match gap {
            Some(gap) => Some(format!("{needed}: {gap}")),
            None => Some(needed),
        };
    }
    let share = objective.form.coverage.all_years;
    let mut all = Coverage::default();
    for year in years {
        all += year.coverage;
    }
    if !all.is_at_least(share) {
        let Coverage { known, expected } = all;
        let of = span.of;
        return (false, Some(format!("{known} of {expected} values of {of} years are there, {share} % are needed")));
    }
    (is_enough, gap)
}

/// The mean of the statistics of years. The statistic of each of several years is a whole number of millionths, or rounded as the
/// standard requires.
fn mean_of_years(form: &Form, years: impl Iterator<Item = Quotient>) -> Option<Quotient> {
    let years: Vec<Quotient> = years.collect();
    match years.as_slice() {
        [one] if form.yearly == Rounding::None => Some(*one),
        several => mean(&several.iter().map(|year| form.yearly.of(*year)).collect::<Vec<i64>>()),
    }
}

fn mean(values: &[i64]) -> Option<Quotient> {
    if values.is_empty() {
        return None;
    }
    let sum = values.iter().map(|value| i128::from(*value)).sum();
    Some(Quotient { sum, by: values.len() as i128 })
}

/// The rounding of a mean number of values above the level: to a whole number, and to a tenth for expected numbers.
fn rounding_of_counts(objective: &Objective) -> Rounding {
    match objective.form.statistic {
        YearStatistic::ExpectedAbove { .. } => TENTH,
        _ => WHOLE,
    }
}

impl Verdict {
    /// The name: `met`, `not met` or `not enough data`.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::NotMet => "not met",
            Verdict::NotEnoughData => "not enough data",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
