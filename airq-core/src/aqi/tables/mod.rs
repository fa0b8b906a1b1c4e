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

use super::table::{Band, IndexTable};

/// Every table, the default first.
pub(super) const ALL: [&IndexTable; 9] = [
    &eaqi_2024::TABLE,
    &eaqi_2020::TABLE,
    &us_2024::TABLE,
    &caqi::TABLE,
    &uk_daqi::TABLE,
    &in_naqi::TABLE,
    &cn::TABLE_2012,
    &cn::TABLE_2026,
    &ca_aqhi::TABLE,
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
