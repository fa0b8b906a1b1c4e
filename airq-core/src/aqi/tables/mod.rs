//! The tables of the indices, one per file. A new version of an index gets a new file and an entry in [`ALL`]. Existing tables
//! never change.

mod ca_aqhi;
mod caqi;
mod cn;
mod eaqi_2020;
mod eaqi_2024;
mod in_naqi;
mod uk_daqi;
mod us_2024;

use super::AirQualityIndex;
use super::table::Band;

/// Every table, the default first.
pub(super) const ALL: &[AirQualityIndex] = &[
    AirQualityIndex(&eaqi_2024::TABLE),
    AirQualityIndex(&eaqi_2020::TABLE),
    AirQualityIndex(&us_2024::TABLE),
    AirQualityIndex(&caqi::TABLE),
    AirQualityIndex(&uk_daqi::TABLE),
    AirQualityIndex(&in_naqi::TABLE),
    AirQualityIndex(&cn::TABLE_2012),
    AirQualityIndex(&cn::TABLE_2026),
    AirQualityIndex(&ca_aqhi::TABLE),
];

const fn band(name: &'static str, colour: &'static str) -> Band {
    Band { name, colour }
}

/// The bands of both versions of the European index.
const EUROPEAN_BANDS: &[Band] = &[
    band("Good", "#50f0e6"),
    band("Fair", "#50ccaa"),
    band("Moderate", "#f0e641"),
    band("Poor", "#ff5050"),
    band("Very poor", "#960032"),
    band("Extremely poor", "#7d2181"),
];
