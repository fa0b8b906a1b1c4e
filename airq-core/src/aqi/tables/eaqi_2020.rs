//! `eaqi-2020`: the European Air Quality Index until 2024, and Spain's Índice de Calidad del Aire.
//!
//! Particles are rated by the running mean of 24 hours, gases by the hour, in µg/m³.
//!
//! The definition gives the last band an end (800 µg/m³ of PM2.5, 1200 of PM10, 1000 of NO₂, 800 of O₃, 1250 of SO₂), and values
//! above it count as faults of an instrument. Here they stay in the last band, so that an index never hides such a value.

use super::EUROPEAN_BANDS;
use crate::aqi::table::{AveragingPeriod, IndexTable, Scale};
use crate::model::Parameter;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const DAY: &[AveragingPeriod] = &[AveragingPeriod::Hours24];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "eaqi-2020",
    name: "European Air Quality Index (2020)",
    source: "European Environment Agency, European Air Quality Index, 2020; Spain: Resolución de 2 de septiembre de 2020",
    bands: EUROPEAN_BANDS,
    scales: &[
        Scale::new(Parameter::PM2_5, DAY, &[10.0, 20.0, 25.0, 50.0, 75.0]),
        Scale::new(Parameter::PM10, DAY, &[20.0, 40.0, 50.0, 100.0, 150.0]),
        Scale::new(Parameter::NO2, HOUR, &[40.0, 90.0, 120.0, 230.0, 340.0]),
        Scale::new(Parameter::O3, HOUR, &[50.0, 100.0, 130.0, 240.0, 380.0]),
        Scale::new(Parameter::SO2, HOUR, &[100.0, 200.0, 350.0, 500.0, 750.0]),
    ],
    ..IndexTable::USUAL
};
