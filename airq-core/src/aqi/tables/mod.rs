//! The tables, one file each. A new version of an index is a new file and a line in [`ALL`]; an old one never changes.

mod caqi;
mod eaqi_2020;
mod eaqi_2024;
mod us_2024;

use super::table::{Band, Table};

/// Every table, the default first.
pub(super) const ALL: [&Table; 4] = [&eaqi_2024::TABLE, &eaqi_2020::TABLE, &us_2024::TABLE, &caqi::TABLE];

const fn band(name: &'static str, colour: &'static str) -> Band {
    Band { name, colour }
}

/// The bands of the European index, old and new.
const EUROPEAN_BANDS: &[Band] = &[
    band("Good", "#50f0e6"),
    band("Fair", "#50ccaa"),
    band("Moderate", "#f0e641"),
    band("Poor", "#ff5050"),
    band("Very poor", "#960032"),
    band("Extremely poor", "#7d2181"),
];
