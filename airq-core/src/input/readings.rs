//! Formats in which a row is one value of a station, a time and a parameter.

use super::clock::{Times, later};
use super::columns::Columns;
use super::measure::{Measure, UNITS};
use super::names;
use super::records::{Fault, Records, check_width, trimmed};
use super::rows::Rows;
use super::station_metadata::{Description, TextSource};
use crate::csv::Record;
use crate::model::{Pollutant, Unit};

/// The number of parameters, each with its unit, that are remembered.
const MOST_REMEMBERED: usize = 64;

/// The records of such a file.
#[derive(Debug)]
pub(super) struct Readings {
    pub(super) columns: Columns,
    pub(super) station: TextSource,
    pub(super) description: Description,
    pub(super) time: usize,
    pub(super) times: Times,
    /// The minutes from the start of the value's period to the time in the file.
    pub(super) period: i64,
    pub(super) parameter: usize,
    pub(super) value: usize,
    /// Without a column, values are in canonical units.
    pub(super) unit: Option<usize>,
    /// The column of a number that is below 1 if the value is invalid.
    pub(super) validity: Option<usize>,
    pub(super) measure: Measure,
    pub(super) remembered: Vec<Parameter>,
}

/// A parameter and its unit in the file's spelling.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    name: Vec<u8>,
    unit: Vec<u8>,
    /// `None` if airq does not know the parameter.
    pollutant: Option<Pollutant>,
    read_unit: Option<Unit>,
}

impl Readings {
    fn parameter(&mut self, record: Record<'_>) -> (Option<Pollutant>, Option<Unit>) {
        let name = trimmed(record, self.parameter);
        let unit = self.unit.map(|place| trimmed(record, place)).unwrap_or_default();
        let known = self.remembered.iter().find(|known| known.name == name && known.unit == unit);
        if let Some(known) = known {
            return (known.pollutant, known.read_unit);
        }
        let pollutant = std::str::from_utf8(name).ok().and_then(names::pollutant);
        let read_unit = match self.unit {
            Some(_) => std::str::from_utf8(unit).ok().and_then(Unit::parse),
            None => pollutant.map(Pollutant::canonical_unit),
        };
        if self.remembered.len() < MOST_REMEMBERED {
            self.remembered.push(Parameter { name: name.to_owned(), unit: unit.to_owned(), pollutant, read_unit });
        }
        (pollutant, read_unit)
    }

    /// Returns whether the file marks the value as invalid.
    fn is_invalid(&self, record: Record<'_>) -> Result<bool, Fault> {
        let Some(place) = self.validity else { return Ok(false) };
        let text = trimmed(record, place);
        let validity = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
        validity.map(|validity| validity < 1).ok_or_else(|| Fault::value(place, text, "is not a validity"))
    }
}

impl Records for Readings {
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), Fault> {
        check_width(record, self.columns.names.len())?;
        let (Some(pollutant), unit) = self.parameter(record) else {
            rows.account.ignored.unknown += 1;
            rows.account.note_unknown(&String::from_utf8_lossy(trimmed(record, self.parameter)), 1);
            return Ok(());
        };
        if self.is_invalid(record)? {
            rows.account.ignored.invalid += 1;
            return Ok(());
        }
        let unit = unit.ok_or_else(|| {
            let place = self.unit.unwrap_or(self.parameter);
            Fault::value(place, trimmed(record, place), &format!("is not a unit ({UNITS})"))
        })?;
        let text = trimmed(record, self.value);
        let value = self.measure.read(text, self.value, pollutant, unit)?;
        // A missing value takes part in the series of times, too.
        let id = self.station.bytes(record);
        let station = rows.station(id, self.station.column(), |station| self.description.of(record, station))?;
        let written = trimmed(record, self.time);
        let time = self.times.read(written, self.time, (station, Some(pollutant)))?;
        let begun = later(time, -self.period).ok_or_else(|| Fault::value(self.time, written, "is not a time"))?;
        let Some(value) = value else {
            rows.account.ignored.missing += 1;
            return Ok(());
        };
        rows.value(station, begun, pollutant, &value)
    }
}
