//! Lists of the columns of values, as SQL.

use crate::model::Pollutant;

/// A comma-separated list with one item for each column of values.
pub(super) fn list(item: impl Fn(Pollutant) -> String) -> String {
    let items: Vec<String> = Pollutant::ALL.iter().copied().map(item).collect();
    items.join(", ")
}

/// The names of the columns of values.
pub(super) fn names() -> String {
    list(|pollutant| pollutant.to_string())
}

/// The names of the columns of a measurement.
pub(super) fn measurement() -> String {
    format!("station_id, time, {}", names())
}
