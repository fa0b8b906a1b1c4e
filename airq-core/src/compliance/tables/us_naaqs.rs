//! `us-naaqs`: the National Ambient Air Quality Standards of the United States, with 9.0 µg/m³ of PM2.5 (since 2024).
//!
//! Days are midnight to midnight local standard time, so a query should set `tz` to a zone without summer time, such as `Etc/GMT+5`.
//! Gases are converted at 20 °C, the condition of airq's values. Lead (a rolling mean of three months) and the tests by substitution
//! for incomplete quarters are not part of the table.

use crate::compliance::table::{
    CoverageRule, Form, Incomplete, Mark, ONE, Objective, ObjectiveKind, PercentileMethod, QUARTERS, Rounding, Series,
    StandardTable, TENTH, WHOLE, YearStatistic, units,
};
use crate::model::{Parameter, Unit};

const fn standard(
    id: &'static str,
    parameter: Parameter,
    level: i64,
    unit: Unit,
    form: Form,
    source: &'static str,
) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Limit, level, form, source).unit(unit)
}

/// Three quarters of the days of each quarter.
const EACH_QUARTER: CoverageRule = CoverageRule::parts(QUARTERS, 75, 4);
/// A thousandth of a unit.
const THOUSANDTH: i64 = ONE / 1000;

/// The mean over three years of a percentile of days.
const fn percentile(series: Series, percent: u32) -> Form {
    Form::new(series, YearStatistic::Percentile(percent, PercentileMethod::FloorPlusOne))
        .years(3, 3)
        .coverage(EACH_QUARTER)
        .compared(WHOLE)
}

/// The fourth highest day of a year, mean of three years (appendix U). The share of 90 % of the days of three years is second-hand.
const OZONE: Form = Form::new(Series::DayMaximum8HoursByStart, YearStatistic::NthHighest(4))
    .hours_rounded(Rounding::Down(THOUSANDTH))
    .rounded(Rounding::Down(THOUSANDTH), Rounding::None)
    .compared(Rounding::Down(THOUSANDTH))
    .incomplete(Incomplete::IfAboveWithZeros)
    .years(3, 3)
    .coverage(CoverageRule::share(75).of_all_years(90));

/// The mean of the quarters' means of days, mean of three years (appendix N).
const FINE_YEAR: Form = Form::new(Series::DayMeans, YearStatistic::QuarterlyMean)
    .rounded(Rounding::Down(ONE / 10), Rounding::None)
    .compared(TENTH)
    .years(3, 3)
    .coverage(EACH_QUARTER);

const FINE_DAY: Form = percentile(Series::DayMeans, 98_000)
    .rounded(Rounding::Down(ONE / 10), Rounding::None)
    .incomplete(Incomplete::IfAboveWithZeros);

/// Days above the level, after rounding to 10 µg/m³; expected number of a year, mean of three years (appendix K).
const COARSE_DAY: Form = Form::new(Series::DayMeans, YearStatistic::ExpectedAbove { allowed: 1 })
    .compared(Rounding::Nearest(10 * ONE))
    .years(3, 3)
    .coverage(EACH_QUARTER);

/// A value that may be above the level once a year.
const fn once(series: Series) -> Form {
    Form::new(series, YearStatistic::Above { allowed: 1 }).compared(WHOLE)
}

const OBJECTIVES: &[Objective] = &[
    standard(
        "o3-8h",
        Parameter::O3,
        70 * THOUSANDTH,
        Unit::PartPerMillion,
        OZONE,
        "40 CFR part 50, § 50.19, appendix U",
    ),
    standard("pm2_5-1y", Parameter::PM2_5, units(9), MASS, FINE_YEAR, "40 CFR part 50, appendix N"),
    standard("pm2_5-1y-secondary", Parameter::PM2_5, units(15), MASS, FINE_YEAR, "40 CFR part 50, appendix N"),
    standard("pm2_5-1d", Parameter::PM2_5, units(35), MASS, FINE_DAY, "40 CFR part 50, appendix N"),
    // The scaling by the days of a quarter is second-hand.
    standard("pm10-1d", Parameter::PM10, units(150), MASS, COARSE_DAY, "40 CFR part 50, appendix K")
        .mark(Mark::SecondHand),
    // That design values of gases are rounded to whole ppb is second-hand.
    standard(
        "no2-1h",
        Parameter::NO2,
        units(100),
        Unit::PartPerBillion,
        percentile(Series::DayMaximumHours, 98_000),
        "40 CFR part 50, appendix S",
    )
    .mark(Mark::SecondHand),
    standard(
        "no2-1y",
        Parameter::NO2,
        units(53),
        Unit::PartPerBillion,
        Form::new(Series::Hours, YearStatistic::Mean).compared(WHOLE),
        "40 CFR part 50, appendix S",
    ),
    standard(
        "so2-1h",
        Parameter::SO2,
        units(75),
        Unit::PartPerBillion,
        percentile(Series::DayMaximumHours, 99_000),
        "40 CFR part 50, appendix T",
    )
    .mark(Mark::SecondHand),
    standard(
        "so2-1y-secondary",
        Parameter::SO2,
        units(10),
        Unit::PartPerBillion,
        Form::new(Series::Hours, YearStatistic::Mean).compared(WHOLE).years(3, 3),
        "40 CFR part 50, § 50.21",
    )
    .mark(Mark::SecondHand),
    // Appendices for carbon monoxide were not read: one value above the level is counted a day, and values are rounded to whole ppm.
    standard("co-1h", Parameter::CO, units(35), Unit::PartPerMillion, once(Series::Hours), "40 CFR part 50, § 50.8")
        .mark(Mark::Own),
    standard(
        "co-8h",
        Parameter::CO,
        units(9),
        Unit::PartPerMillion,
        once(Series::DayMaximum8Hours),
        "40 CFR part 50, § 50.8",
    )
    .mark(Mark::Own),
];

const MASS: Unit = Unit::MicrogramPerCubicMetre;

pub(super) const TABLE: StandardTable = StandardTable {
    id: "us-naaqs",
    name: "United States, National Ambient Air Quality Standards (PM2.5 of 2024)",
    source: "40 CFR part 50",
    zone: "UTC",
    objectives: OBJECTIVES,
};
