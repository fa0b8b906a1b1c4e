//! The forms that both European directives use.
//!
//! Values are compared with a level in the accuracy of the level as the directive writes it (EEA, "AQ e-reporting: clarification on
//! technical issues", 2016), so hours, days and means are rounded to its digits first.

use crate::compliance::table::{CoverageRule, Form, Rounding, Season, Series, WHOLE, YearStatistic, units};
use crate::model::Unit;

/// The unit of AOT40.
pub(super) const AOT40_UNIT: Unit = Unit::Stated("µg/m³·h");

/// The number of values of a series above the level, and the number that is allowed.
pub(super) const fn above(series: Series, allowed: u32, coverage: u8) -> Form {
    Form::new(series, YearStatistic::Above { allowed }).compared(WHOLE).coverage(CoverageRule::share(coverage))
}

/// The mean of the hours of the year.
pub(super) const fn year_mean(coverage: u8, compared: Rounding) -> Form {
    Form::new(Series::Hours, YearStatistic::Mean).compared(compared).coverage(CoverageRule::share(coverage))
}

/// The number of days with a daily maximum 8-hour mean of ozone above the level: 2008/50/EC, annex VII A. Five of the six summer
/// months must have nine tenths of their days.
pub(super) const fn ozone_days(allowed: u32) -> Form {
    const SUMMER: &[&[u8]] = &[&[4], &[5], &[6], &[7], &[8], &[9]];
    above(Series::DayMaximum8Hours, allowed, 0).coverage(CoverageRule::parts(SUMMER, 90, 5))
}

/// AOT40 of vegetation: the excess over 80 µg/m³ from 08:00 to 20:00 CET, May to July, scaled for missing hours (annex VII A).
pub(super) const fn aot40() -> Form {
    Form::new(Series::DaylightHours, YearStatistic::SumAbove { over: units(80), scaled: true })
        .season(Season::Months(5, 7))
        .compared(WHOLE)
        .coverage(CoverageRule::share(90))
}
