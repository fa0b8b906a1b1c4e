//! Beijing's data: a row is an hour of a station, in a time 8 hours ahead of UTC. Carbon monoxide is in µg/m³.

use super::clock::{Clock, Spelling, Times};
use super::columns::Columns;
use super::measure::Measure;
use super::names;
use super::options::InputOptions;
use super::recognise::FormatParts;
use super::station_metadata::{Description, TextSource};
use super::table::{Table, ValueColumn, When};
use crate::error::Result;
use crate::model::{Pollutant, Unit};

const CHINA: i64 = 480;
const TIME: [&str; 4] = ["year", "month", "day", "hour"];

pub(super) fn matches(columns: &Columns) -> bool {
    columns.has(&TIME) && columns.has(&["No", "PM2.5"])
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let station = columns.place("station");
    let at = |name: &str| columns.need(name);
    let pollutants = columns.names.iter().enumerate().filter_map(|(place, name)| {
        // The row's number, not nitrogen monoxide.
        let pollutant = names::pollutant(name).filter(|_| name != "No")?;
        Some(ValueColumn { place, pollutant, unit: unit(pollutant) })
    });
    let table = Table {
        columns: columns.clone(),
        station: station.map_or_else(|| TextSource::Constant("beijing".to_owned()), TextSource::Column),
        description: Description {
            name: station,
            city: TextSource::Constant("Beijing".to_owned()),
            country: TextSource::Constant("CN".to_owned()),
            ..Description::default()
        },
        when: When::Digits([at(TIME[0])?, at(TIME[1])?, at(TIME[2])?, at(TIME[3])?]),
        times: Times::new(Spelling::Iso, Clock::Ahead(CHINA)),
        values: pollutants.collect(),
        measure: Measure::new(&["NA"], options),
        others: Vec::new(),
        date_and_clock: Vec::new(),
    };
    Ok(FormatParts::table(table.with_others(&["No"])))
}

fn unit(pollutant: Pollutant) -> Unit {
    if pollutant == Pollutant::Co { Unit::MicrogramPerCubicMetre } else { pollutant.canonical_unit() }
}
