//! `uk-daqi`: the Daily Air Quality Index of the United Kingdom (DEFRA, April 2013). In µg/m³.
//!
//! Concentrations are rounded to whole numbers, once. The number of the index is the rank of its band, 1 to 10. The bounds of NO₂ and the
//! names were read on UK-AIR; the bounds of the other pollutants are second-hand, from three transcriptions that agree. Sulphur dioxide
//! is rated by means of 15 minutes, which hourly values do not have, so it is not part of the table.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, IndexTable, Numbers, Scale};
use crate::model::Parameter;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];
const DAY: &[AveragingPeriod] = &[AveragingPeriod::Hours24];

const BANDS: &[Band] = &[
    band("Low", "#9cff9c"),
    band("Low", "#31ff00"),
    band("Low", "#31cf00"),
    band("Moderate", "#ffff00"),
    band("Moderate", "#ffcf00"),
    band("Moderate", "#ff9a00"),
    band("High", "#ff6464"),
    band("High", "#ff0000"),
    band("High", "#990000"),
    band("Very High", "#ce30ff"),
];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "uk-daqi",
    name: "UK Daily Air Quality Index",
    source: "DEFRA, implementation of the Daily Air Quality Index, 2013; bounds other than of NO₂ second-hand",
    bands: BANDS,
    numbers: Numbers::Ranks,
    scales: &[
        Scale::new(Parameter::PM2_5, DAY, &[11.0, 23.0, 35.0, 41.0, 47.0, 53.0, 58.0, 64.0, 70.0]).rounded_to(0),
        Scale::new(Parameter::PM10, DAY, &[16.0, 33.0, 50.0, 58.0, 66.0, 75.0, 83.0, 91.0, 100.0]).rounded_to(0),
        Scale::new(Parameter::NO2, HOUR, &[67.0, 134.0, 200.0, 267.0, 334.0, 400.0, 467.0, 534.0, 600.0]).rounded_to(0),
        Scale::new(Parameter::O3, HOURS_8, &[33.0, 66.0, 100.0, 120.0, 140.0, 160.0, 187.0, 213.0, 240.0])
            .rounded_to(0),
    ],
    ..IndexTable::USUAL
};
