//! `cn-2012` and `cn-2026`: the Air Quality Index of China, HJ 633-2012 and HJ 633-2026 (since 1 March 2026).
//!
//! Gases have a scale for hours and another for days. Particles are rated by 24 hours; since 2026, hours are rated by their own
//! mean. In 2012, a mean above the scale of SO₂ by the hour or of ozone by 8 hours is not rated; since 2026, it counts as the end
//! of the scale. Numbers are rounded up. The bounds are second-hand, from transcriptions that agree. Three rules are own choices:
//! concentrations are rounded to the nearest unit (transcriptions differ), a concentration above the last bound has no number,
//! and the responsible pollutant is named below 50, too.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, IndexTable, Interpolation, Numbers, Scale};
use crate::model::{Parameter, Unit};

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];
const HOURS_24: &[AveragingPeriod] = &[AveragingPeriod::Hours24];
/// Hours are rated by their own mean, days by the mean of the day.
const HOUR_OR_DAY: &[AveragingPeriod] = &[AveragingPeriod::Hour, AveragingPeriod::Hours24];

const BANDS: &[Band] = &[
    band("Excellent", "#00e400"),
    band("Good", "#ffff00"),
    band("Lightly polluted", "#ff7e00"),
    band("Moderately polluted", "#ff0000"),
    band("Heavily polluted", "#99004c"),
    band("Severely polluted", "#7e0023"),
];

/// The numbers. The last band has two segments.
const NUMBERS: Numbers =
    Numbers::Interpolated(Interpolation::shared(&[50, 100, 150, 200, 300, 400, 500]).rounded_up().closed());

const SO2_HOUR: Scale = of_hours(Parameter::SO2, &[150.0, 500.0, 650.0, 800.0]);
const SO2_DAY: Scale = of_days(Parameter::SO2, HOURS_24, &[50.0, 150.0, 475.0, 800.0, 1600.0, 2100.0, 2620.0]);
const NO2_HOUR: Scale = of_hours(Parameter::NO2, &[100.0, 200.0, 700.0, 1200.0, 2340.0, 3090.0, 3840.0]);
const NO2_DAY: Scale = of_days(Parameter::NO2, HOURS_24, &[40.0, 80.0, 180.0, 280.0, 565.0, 750.0, 940.0]);
const CO_HOUR: Scale = in_milligrams(of_hours(Parameter::CO, &[5.0, 10.0, 35.0, 60.0, 90.0, 120.0, 150.0]));
const CO_DAY: Scale = in_milligrams(of_days(Parameter::CO, HOURS_24, &[2.0, 4.0, 14.0, 24.0, 36.0, 48.0, 60.0]));
const O3_HOUR: Scale = of_hours(Parameter::O3, &[160.0, 200.0, 300.0, 400.0, 800.0, 1000.0, 1200.0]);
const O3_DAY: Scale = of_days(Parameter::O3, HOURS_8, &[100.0, 160.0, 215.0, 265.0, 800.0]);

const fn of_hours(pollutant: Parameter, ends: &'static [f64]) -> Scale {
    Scale::new(pollutant, HOUR, ends).rounded_to(0).of_hours()
}

const fn of_days(pollutant: Parameter, averaging: &'static [AveragingPeriod], ends: &'static [f64]) -> Scale {
    Scale::new(pollutant, averaging, ends).rounded_to(0).of_days()
}

const fn in_milligrams(scale: Scale) -> Scale {
    scale.unit(Unit::MilligramPerCubicMetre).rounded_to(1)
}

pub(super) const TABLE_2012: IndexTable = IndexTable {
    id: "cn-2012",
    name: "Chinese Air Quality Index (2012)",
    source: "Ministry of Environmental Protection, HJ 633-2012; bounds second-hand",
    bands: BANDS,
    numbers: NUMBERS,
    scales: &[
        Scale::new(Parameter::PM2_5, HOURS_24, &[35.0, 75.0, 115.0, 150.0, 250.0, 350.0, 500.0]).rounded_to(0),
        Scale::new(Parameter::PM10, HOURS_24, &[50.0, 150.0, 250.0, 350.0, 420.0, 500.0, 600.0]).rounded_to(0),
        NO2_HOUR,
        NO2_DAY,
        O3_HOUR,
        O3_DAY.closed(),
        SO2_HOUR.closed(),
        SO2_DAY,
        CO_HOUR,
        CO_DAY,
    ],
    ..IndexTable::USUAL
};

pub(super) const TABLE_2026: IndexTable = IndexTable {
    id: "cn-2026",
    name: "Chinese Air Quality Index (2026)",
    source: "Ministry of Ecology and Environment, HJ 633-2026; bounds second-hand",
    bands: BANDS,
    numbers: NUMBERS,
    scales: &[
        Scale::new(Parameter::PM2_5, HOUR_OR_DAY, &[35.0, 60.0, 115.0, 150.0, 250.0, 350.0, 500.0]).rounded_to(0),
        Scale::new(Parameter::PM10, HOUR_OR_DAY, &[50.0, 120.0, 250.0, 350.0, 420.0, 500.0, 600.0]).rounded_to(0),
        NO2_HOUR,
        NO2_DAY,
        O3_HOUR,
        O3_DAY,
        SO2_HOUR,
        SO2_DAY,
        CO_HOUR,
        CO_DAY,
    ],
    ..IndexTable::USUAL
};
