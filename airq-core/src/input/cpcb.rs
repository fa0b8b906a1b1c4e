//! India's Central Pollution Control Board, by city: a row is a city's day by its own clocks.

use super::clock::{Clock, Spelling, Times};
use super::columns::Columns;
use super::measure::Measure;
use super::names;
use super::options::InputOptions;
use super::recognise::FormatParts;
use super::station_metadata::{Description, TextSource};
use super::table::{Table, ValueColumn, When};
use crate::error::Result;

/// India's clocks are 5:30 hours ahead of UTC, all year.
const INDIA: i64 = 330;

pub(super) fn matches(columns: &Columns) -> bool {
    let has_time = columns.one_of(&["Date", "Datetime"]).is_some();
    has_time && columns.has(&["City", "NO2", "SO2"]) && columns.one_of(&["AQI", "Benzene"]).is_some()
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let city = columns.need("City")?;
    let (time, spelling) = match columns.place("Date") {
        Some(place) => (place, Spelling::Day),
        // With its clock: a day alone would put a day's hours upon one another.
        None => (columns.need("Datetime")?, Spelling::pattern("%Y-%m-%d %H:%M:%S")),
    };
    let pollutants =
        columns.names.iter().enumerate().filter_map(|(place, name)| Some((place, names::pollutant(name)?)));
    let table = Table {
        columns: columns.clone(),
        station: TextSource::Column(city),
        description: Description {
            name: Some(city),
            city: TextSource::Column(city),
            country: TextSource::Constant("IN".to_owned()),
            ..Description::default()
        },
        when: When::Column(time),
        times: Times::new(spelling, Clock::Ahead(INDIA)),
        values: pollutants.map(|(place, pollutant)| ValueColumn::new(place, pollutant)).collect(),
        measure: Measure::new(&[], options),
        others: Vec::new(),
        date_and_clock: Vec::new(),
    };
    Ok(FormatParts::table(table.with_others(&["AQI", "AQI_Bucket"])))
}
