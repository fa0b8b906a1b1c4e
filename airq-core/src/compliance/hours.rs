//! The hourly means of one parameter at one station.

use super::quotient::Quotient;
use super::table::{Form, Incomplete, Rounding};
use crate::aggregate::is_captured;
use crate::model::{GasConditions, Parameter, Unit};
use std::borrow::Cow;
use std::ops::Range;

/// The share of a day or of eight hours that must have a value, in percent. All standards require three quarters.
const ENOUGH: u8 = 75;

/// The means of consecutive hours in millionths, from the first hour that has a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct HourSeries {
    first: i64,
    values: Vec<Option<i64>>,
    /// True if the values are means of days, each at the first hour of its day.
    is_daily: bool,
}

impl HourSeries {
    /// Returns a series without values, of hours or of days.
    pub(super) fn new(is_daily: bool) -> Self {
        HourSeries { is_daily, ..HourSeries::default() }
    }

    /// Returns whether the values are means of days.
    pub(super) fn is_daily(&self) -> bool {
        self.is_daily
    }

    /// Adds an hour. Hours come in ascending order.
    pub(super) fn push(&mut self, hour: i64, value: Option<i64>) {
        if self.values.is_empty() {
            self.first = hour;
        }
        let Ok(position) = usize::try_from(hour - self.first) else { return };
        if position >= self.values.len() {
            self.values.resize(position, None);
            self.values.push(value);
        } else {
            // Where clocks go back by half an hour, two periods start in one hour of UTC. The first one counts.
            self.values[position] = self.values[position].or(value);
        }
    }

    pub(super) fn get(&self, hour: i64) -> Option<i64> {
        let position = usize::try_from(hour - self.first).ok()?;
        self.values.get(position).copied().flatten()
    }

    /// Returns whether one of these hours has a value.
    pub(super) fn has_value_in(&self, hours: Range<i64>) -> bool {
        hours.into_iter().any(|hour| self.get(hour).is_some())
    }

    /// Returns the hours in another unit, rounded.
    pub(super) fn in_unit(&self, parameter: Parameter, unit: Unit, rounding: Rounding) -> Cow<'_, HourSeries> {
        if unit == parameter.unit() && rounding == Rounding::None {
            return Cow::Borrowed(self);
        }
        let mut values = Vec::with_capacity(self.values.len());
        for value in &self.values {
            let converted = value.and_then(|value| converted(value, parameter, unit));
            values.push(converted.map(|value| rounding.of(Quotient::whole(value))));
        }
        Cow::Owned(HourSeries { values, ..*self })
    }

    /// Returns the mean of the values of some hours, rounded as values of the form.
    pub(super) fn mean(&self, hours: Range<i64>, form: &Form, level: i64) -> Option<i64> {
        let of = i128::from(hours.end - hours.start);
        let mut sum = 0;
        let mut known = 0;
        for value in hours.filter_map(|hour| self.get(hour)) {
            sum += i128::from(value);
            known += 1;
        }
        if known == 0 {
            return None;
        }
        if is_captured(known, u32::try_from(of).unwrap_or(u32::MAX), ENOUGH) {
            return Some(form.values.of(Quotient { sum, by: i128::from(known) }));
        }
        let with_zeros = form.values.of(Quotient { sum, by: of });
        if form.incomplete == Incomplete::IfAboveWithZeros && with_zeros > level {
            return Some(with_zeros);
        }
        None
    }
}

/// Returns the highest of the values of a day, if three quarters of `of` values are known or the rule keeps it.
pub(super) fn highest(
    values: impl Iterator<Item = Option<i64>>,
    of: usize,
    incomplete: Incomplete,
    level: i64,
) -> Option<i64> {
    let mut known = 0;
    let mut highest = None;
    for value in values.flatten() {
        known += 1;
        highest = highest.max(Some(value));
    }
    let is_enough = is_captured(known, u32::try_from(of).unwrap_or(u32::MAX), ENOUGH);
    let is_kept = incomplete != Incomplete::NoValue && highest > Some(level);
    highest.filter(|_| is_enough || is_kept)
}

/// Converts millionths of the parameter's canonical unit to millionths of another unit, at 20 °C and 101.3 kPa.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "at most 10¹⁵ before; the cast saturates"
)]
fn converted(value: i64, parameter: Parameter, unit: Unit) -> Option<i64> {
    if unit == parameter.unit() {
        return Some(value);
    }
    let value = parameter.unit().convert(value as f64, unit, parameter, GasConditions::Celsius20)?;
    Some(value.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::table::{Series, YearStatistic, units};

    fn form(incomplete: Incomplete) -> Form {
        Form::new(Series::DayMeans, YearStatistic::Mean).incomplete(incomplete)
    }

    fn series(values: &[Option<i64>]) -> HourSeries {
        let mut series = HourSeries::default();
        for (hour, value) in (0..).zip(values) {
            series.push(hour, value.map(units));
        }
        series
    }

    #[test]
    fn six_of_eight_hours_are_enough_and_five_are_not() {
        let mut values = vec![Some(80); 8];
        (values[2], values[4]) = (None, None);
        let mean = |values: &[Option<i64>]| series(values).mean(0..8, &form(Incomplete::NoValue), 0);
        assert_eq!(mean(&values), Some(units(80)));
        values[0] = None;
        assert_eq!(mean(&values), None);
        let with_zeros = |level| series(&values).mean(0..8, &form(Incomplete::IfAboveWithZeros), units(level));
        assert_eq!((with_zeros(49), with_zeros(50)), (Some(units(50)), None));
    }

    #[test]
    fn eighteen_of_24_hours_make_a_day() {
        let day = |known: usize| series(&vec![Some(10); known]).mean(0..24, &form(Incomplete::NoValue), 0);
        assert_eq!((day(17), day(18)), (None, Some(units(10))));
        let maximum = |known: usize, incomplete| highest(vec![Some(7); known].into_iter(), 24, incomplete, 6);
        assert_eq!((maximum(17, Incomplete::NoValue), maximum(18, Incomplete::NoValue)), (None, Some(7)));
        assert_eq!((maximum(1, Incomplete::IfAbove), maximum(0, Incomplete::IfAbove)), (Some(7), None));
    }

    #[test]
    fn gaps_between_rows_are_hours_without_a_value() {
        let mut series = HourSeries::default();
        series.push(100, Some(1));
        series.push(103, Some(4));
        let values: Vec<Option<i64>> = (98..106).map(|hour| series.get(hour)).collect();
        assert_eq!(values, [None, None, Some(1), None, None, Some(4), None, None]);
        assert!(series.has_value_in(90..101) && !series.has_value_in(101..103));
    }

    #[test]
    fn ppb_survive_the_way_through_micrograms() {
        for ppb in 0..500 {
            let mass = Unit::PartPerBillion.convert(
                f64::from(ppb),
                Unit::MicrogramPerCubicMetre,
                Parameter::O3,
                GasConditions::Celsius20,
            );
            let text = format!("{:.6}", mass.unwrap());
            let read = crate::aggregate::millionths::read(text.as_bytes()).unwrap();
            assert_eq!(converted(read, Parameter::O3, Unit::PartPerBillion), Some(units(i64::from(ppb))));
            assert_eq!(converted(read, Parameter::O3, Unit::PartPerMillion), Some(units(i64::from(ppb)) / 1000));
        }
    }
}
