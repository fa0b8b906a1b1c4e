//! `in-naqi`: the National Air Quality Index of India (CPCB, 2014).
//!
//! A band starts one unit above the end of the band before. The last band has no upper concentration, so that its concentrations
//! have no number. Ozone is rated by the mean of 8 hours up to 208 µg/m³, and by the mean of the hour above. A mean of 24 hours
//! needs 16 hours, and the index three pollutants, one of them particles. These two rules and worked numbers of PM2.5 were read
//! in the report; the bounds are second-hand. Lead is not part of the table, because the transcriptions of its bounds differ.
//! Concentrations are rounded to the unit of the bounds, which is an own choice.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, IndexTable, Interpolation, Minimum, Numbers, Scale};
use crate::model::{Parameter, Unit};

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];
const HOURS_24: &[AveragingPeriod] = &[AveragingPeriod::Hours24];

const BANDS: &[Band] = &[
    band("Good", "#00b050"),
    band("Satisfactory", "#92d051"),
    band("Moderate", "#ffff00"),
    band("Poor", "#ff6500"),
    band("Very Poor", "#ff0000"),
    band("Severe", "#c00000"),
];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "in-naqi",
    name: "Indian National Air Quality Index",
    source: "CPCB, National Air Quality Index, 2014; bounds second-hand",
    bands: BANDS,
    numbers: Numbers::Interpolated(Interpolation::apart(&[50, 100, 200, 300, 400]).closed()),
    scales: &[
        Scale::new(Parameter::PM2_5, HOURS_24, &[30.0, 60.0, 90.0, 120.0, 250.0]).rounded_to(0),
        Scale::new(Parameter::PM10, HOURS_24, &[50.0, 100.0, 250.0, 350.0, 430.0]).rounded_to(0),
        Scale::new(Parameter::NO2, HOURS_24, &[40.0, 80.0, 180.0, 280.0, 400.0]).rounded_to(0),
        Scale::new(Parameter::O3, HOURS_8, &[50.0, 100.0, 168.0, 208.0]).rounded_to(0),
        Scale::new(Parameter::O3, HOUR, &[748.0]).rounded_to(0).starting_at(4, 209.0),
        Scale::new(Parameter::CO, HOURS_8, &[1.0, 2.0, 10.0, 17.0, 34.0])
            .unit(Unit::MilligramPerCubicMetre)
            .rounded_to(1),
        Scale::new(Parameter::SO2, HOURS_24, &[40.0, 80.0, 380.0, 800.0, 1600.0]).rounded_to(0),
        Scale::new(Parameter::NH3, HOURS_24, &[200.0, 400.0, 800.0, 1200.0, 1800.0]).rounded_to(0),
    ],
    // 16 of 24 hours.
    capture: 66,
    minimum: Minimum { pollutants: 3, one_of: &[Parameter::PM2_5, Parameter::PM10] },
    ..IndexTable::USUAL
};
