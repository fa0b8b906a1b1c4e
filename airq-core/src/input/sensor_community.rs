//! Archives of Sensor.Community: particles by private sensors, at the instant they were measured, in UTC.

use super::clock::Times;
use super::columns::Columns;
use super::measure::Measure;
use super::options::InputOptions;
use super::recognise::FormatParts;
use super::station_metadata::{Description, TextSource};
use super::table::{Table, ValueColumn, When};
use crate::error::Result;
use crate::model::Pollutant;

/// Columns that are not parameters.
const BESIDE: [&str; 6] = ["sensor_type", "location", "durP1", "ratioP1", "durP2", "ratioP2"];

pub(super) fn matches(columns: &Columns) -> bool {
    columns.has(&["sensor_id", "sensor_type", "timestamp", "P1"])
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let values = [("P1", Pollutant::Pm10), ("P2", Pollutant::Pm2_5)].into_iter();
    let table = Table {
        columns: columns.clone(),
        station: TextSource::Column(columns.need("sensor_id")?),
        description: Description {
            latitude: columns.place("lat"),
            longitude: columns.place("lon"),
            ..Description::default()
        },
        when: When::Column(columns.need("timestamp")?),
        times: Times::default(),
        values: values.filter_map(|(name, of)| Some(ValueColumn::new(columns.place(name)?, of))).collect(),
        measure: Measure::new(&[], options),
        others: Vec::new(),
        date_and_clock: Vec::new(),
    };
    Ok(FormatParts::table(table.with_others(&BESIDE)))
}
