//! `eaqi-2020`: the European Air Quality Index until 2024, and Spain's Índice de Calidad del Aire. Particles by the running
//! mean of 24 hours, gases by the hour, in µg/m³.
//!
//! Its last band is printed with an end (800 µg/m³ of PM2.5, 1200 of PM10, 1000 of NO₂, 800 of O₃, 1250 of SO₂), above which
//! the index takes values for faults. Here they stay in the last band: a value that bad is not for an index to hide.

use super::EUROPEAN_BANDS;
use crate::aqi::table::{AveragingPeriod, Numbers, Scale, Table};
use crate::model::Pollutant;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const DAY: &[AveragingPeriod] = &[AveragingPeriod::Hours24];

pub(super) const TABLE: Table = Table {
    id: "eaqi-2020",
    name: "European Air Quality Index (2020)",
    source: "European Environment Agency, European Air Quality Index, 2020; Spain: Resolución de 2 de septiembre de 2020",
    bands: EUROPEAN_BANDS,
    numbers: Numbers::None,
    scales: &[
        Scale::new(Pollutant::Pm2_5, DAY, &[10.0, 20.0, 25.0, 50.0, 75.0]),
        Scale::new(Pollutant::Pm10, DAY, &[20.0, 40.0, 50.0, 100.0, 150.0]),
        Scale::new(Pollutant::No2, HOUR, &[40.0, 90.0, 120.0, 230.0, 340.0]),
        Scale::new(Pollutant::O3, HOUR, &[50.0, 100.0, 130.0, 240.0, 380.0]),
        Scale::new(Pollutant::So2, HOUR, &[100.0, 200.0, 350.0, 500.0, 750.0]),
    ],
};
