//! `eaqi-2024`: the European Air Quality Index as revised in 2024. Every pollutant is rated by the hour, in µg/m³.

use super::EUROPEAN_BANDS;
use crate::aqi::table::{AveragingPeriod, IndexTable, Scale};
use crate::model::Parameter;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "eaqi-2024",
    name: "European Air Quality Index (2024)",
    source: "ETC HE Report 2024/17, European Environment Agency",
    bands: EUROPEAN_BANDS,
    scales: &[
        Scale::new(Parameter::PM2_5, HOUR, &[5.0, 15.0, 50.0, 90.0, 140.0]),
        Scale::new(Parameter::PM10, HOUR, &[15.0, 45.0, 120.0, 195.0, 270.0]),
        Scale::new(Parameter::NO2, HOUR, &[10.0, 25.0, 60.0, 100.0, 150.0]),
        Scale::new(Parameter::O3, HOUR, &[60.0, 100.0, 120.0, 160.0, 180.0]),
        Scale::new(Parameter::SO2, HOUR, &[20.0, 40.0, 125.0, 190.0, 275.0]),
    ],
    ..IndexTable::USUAL
};
