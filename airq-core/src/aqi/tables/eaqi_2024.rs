//! `eaqi-2024`: the European Air Quality Index as revised in 2024. Every pollutant by the hour, in µg/m³.

use super::EUROPEAN_BANDS;
use crate::aqi::table::{AveragingPeriod, Numbers, Scale, Table};
use crate::model::Pollutant;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];

pub(super) const TABLE: Table = Table {
    id: "eaqi-2024",
    name: "European Air Quality Index (2024)",
    source: "ETC HE Report 2024/17, European Environment Agency",
    bands: EUROPEAN_BANDS,
    numbers: Numbers::None,
    scales: &[
        Scale::new(Pollutant::Pm2_5, HOUR, &[5.0, 15.0, 50.0, 90.0, 140.0]),
        Scale::new(Pollutant::Pm10, HOUR, &[15.0, 45.0, 120.0, 195.0, 270.0]),
        Scale::new(Pollutant::No2, HOUR, &[10.0, 25.0, 60.0, 100.0, 150.0]),
        Scale::new(Pollutant::O3, HOUR, &[60.0, 100.0, 120.0, 160.0, 180.0]),
        Scale::new(Pollutant::So2, HOUR, &[20.0, 40.0, 125.0, 190.0, 275.0]),
    ],
};
