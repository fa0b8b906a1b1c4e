//! The rows that a format has read, as CSV, and their counts.

use super::measure::CellValue;
use super::merge::Merge;
use super::records::{RecordError, trimmed};
use super::station_metadata::{MetadataSources, TextSource};
use super::time_text::TimeText;
use crate::account::{Account, Counted};
use crate::csv::Record;
use crate::error::{Result, cut_bytes};
use crate::model::{
    MixedStation, MixedStations, Mixture, OnConflict, Parameter, Period, PlaceCheck, Station, Timestamp,
};
use crate::text::push_csv_field;
use std::borrow::Cow;
use std::collections::HashMap;

/// The rows of one file.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// CSV that was not yet written.
    pub(super) out: Vec<u8>,
    pub(super) account: Account,
    /// The values of a format whose rows are merged, held until the end of the file.
    merge: Option<Merge>,
    /// The parameters of the rows; empty before the header was written.
    columns: Vec<Parameter>,
    numbers: HashMap<Vec<u8>, u32>,
    stations: Vec<Station>,
    /// By number of the station.
    marks: Vec<StationMarks>,
    /// The ids of the stations, as CSV.
    ids: Vec<Vec<u8>>,
    times: TimeText,
    /// Values that could not be used, in a record whose other values could.
    pub(super) faults: Vec<RecordError>,
    /// The period of the values that are read; `None` while no value has stated one.
    pub(super) period: Option<Period>,
    /// True if each time ends a period that is as long as the step of its series.
    pub(super) times_end_steps: bool,
    /// The rule for different values of one station, time and parameter.
    pub(super) on_conflict: OnConflict,
    /// The station of the record before, which is mostly the station of the next record.
    last: Option<(Vec<u8>, u32)>,
}

impl Rows {
    /// Rows that are whole measurements of these parameters.
    pub(super) fn whole(columns: Vec<Parameter>) -> Self {
        let mut rows = Rows { columns, ..Rows::default() };
        rows.push_header();
        rows
    }

    /// Rows that are merged from values at the end of the file.
    pub(super) fn merged(counted: Counted) -> Self {
        let account = Account { counted, ..Account::default() };
        Rows { merge: Some(Merge::default()), account, ..Rows::default() }
    }

    /// Keeps all examples in the account, or the first.
    pub(super) fn keep_examples(&mut self, all: bool) {
        self.account = Account { counted: self.account.counted, ..Account::keeping(all) };
    }

    /// The number of the station of a record.
    pub(super) fn station(&mut self, record: Record<'_>, source: &TextSource) -> Result<u32, RecordError> {
        self.station_of_id(&source.bytes(record), source.columns().first().copied())
    }

    /// The number of the station with this id, which is in the column.
    pub(super) fn station_of_id(&mut self, id: &[u8], column: Option<usize>) -> Result<u32, RecordError> {
        if let Some((_, number)) = self.last.as_ref().filter(|(last, _)| last == id) {
            return Ok(*number);
        }
        let number = match self.numbers.get(id) {
            Some(number) => *number,
            None => self.new_station(id, column)?,
        };
        self.last = Some((id.to_owned(), number));
        Ok(number)
    }

    /// Returns whether values of this period are read: the chosen period, or else the first period that is stated.
    pub(super) fn admits(&mut self, period: Period) -> bool {
        *self.period.get_or_insert(period) == period
    }

    /// Adds the metadata of a record to its station. `parameter` is the parameter of the record's value, if it has only one.
    pub(super) fn describe(
        &mut self,
        station: u32,
        record: Record<'_>,
        sources: &MetadataSources,
        parameter: Option<Parameter>,
    ) {
        let index = station as usize;
        if let Some(column) = sources.only_column {
            let (text, marks) = (trimmed(record, column), &mut self.marks[index]);
            if marks.described_by.as_deref() == Some(text) {
                return;
            }
            marks.described_by = Some(text.to_owned());
        }
        sources.fill(record, &mut self.stations[index], &mut self.account);
        let (marks, station) = (&mut self.marks[index], &self.stations[index]);
        if let Some(coordinates) = sources.coordinates(record) {
            marks.place.check(station, coordinates, &mut self.account.mixed_stations);
        }
        if let Some(column) = sources.instrument {
            marks.check_instrument(station, parameter, trimmed(record, column), &mut self.account.mixed_stations);
        }
    }

    fn new_station(&mut self, id: &[u8], column: Option<usize>) -> Result<u32, RecordError> {
        let text = match station_id(id) {
            Ok(text) => text,
            Err(reason) => return Err(RecordError { column, value: id.to_owned(), reason: reason.to_owned() }),
        };
        let Ok(number) = u32::try_from(self.stations.len()) else {
            return Err(RecordError { column, value: id.to_owned(), reason: "too many stations".to_owned() });
        };
        self.stations.push(Station::new(text));
        self.marks.push(StationMarks::default());
        let mut field = Vec::new();
        push_csv_field(&mut field, id);
        self.ids.push(field);
        self.numbers.insert(id.to_owned(), number);
        Ok(number)
    }

    /// Adds a row of a station. `values` has the values of the columns, each after a comma.
    pub(super) fn row(&mut self, station: u32, time: Timestamp, values: &[u8]) {
        self.push_key(station, time);
        self.out.extend_from_slice(values);
        self.out.push(b'\n');
    }

    /// Returns the value of a cell. A missing value is counted as ignored, and `None` is returned.
    pub(super) fn present<'a>(&mut self, parameter: Parameter, measured: CellValue<'a>) -> Option<Cow<'a, [u8]>> {
        match measured {
            CellValue::Value(value) => return Some(value),
            CellValue::Sentinel(text) => self.account.sentinels.note(parameter, text),
            CellValue::Invalid => {
                self.account.ignored.invalid += 1;
                return None;
            }
            CellValue::Missing => {}
        }
        self.account.ignored.missing += 1;
        None
    }

    /// Adds one value of a station, a JSON number.
    ///
    /// # Errors
    /// If there are too many values.
    pub(super) fn value(
        &mut self,
        station: u32,
        time: Timestamp,
        parameter: Parameter,
        value: &[u8],
    ) -> Result<(), RecordError> {
        self.merge.get_or_insert_default().push(station, time, parameter, value)
    }

    /// Ends the file: merges held values, and writes all rows.
    ///
    /// # Errors
    /// If `write` fails.
    pub(super) fn finish(&mut self, mut write: impl FnMut(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        const PIECE: usize = 64 * 1024;
        if let Some(mut merge) = self.merge.take() {
            if self.times_end_steps {
                merge.begin_steps();
            }
            merge.sort(&self.stations);
            let Account { conflicts, duplicates, .. } = &mut self.account;
            *duplicates += merge.merge(self.on_conflict, &self.stations, conflicts)?;
            self.columns = merge.parameters().to_owned();
            self.push_header();
            let mut rows = merge.rows();
            let mut values = Vec::new();
            while let Some((station, time)) = rows.next_row(&mut values) {
                self.push_key(station, time);
                for value in &values {
                    self.out.push(b',');
                    self.out.extend_from_slice(value);
                }
                self.out.push(b'\n');
                if self.out.len() >= PIECE {
                    write(&mut self.out)?;
                }
            }
        }
        write(&mut self.out)
    }

    /// The stations, with the metadata that the file has.
    pub(super) fn into_stations(self) -> Vec<Station> {
        self.stations.into_iter().map(without_nul).collect()
    }

    fn push_header(&mut self) {
        self.out.extend_from_slice(&crate::csv::header_of(&self.columns));
    }

    fn push_key(&mut self, station: u32, time: Timestamp) {
        self.out.extend_from_slice(&self.ids[station as usize]);
        self.out.push(b',');
        self.times.write(time, &mut self.out);
    }
}

/// The place and the instruments of a station's rows, to find stations that have several.
#[derive(Debug, Default)]
struct StationMarks {
    /// The text that the metadata were last made of, if they are made of one column.
    described_by: Option<Vec<u8>>,
    place: PlaceCheck,
    instruments: Vec<Instrument>,
}

/// The first instrument of a parameter.
#[derive(Debug)]
struct Instrument {
    parameter: Option<Parameter>,
    name: Vec<u8>,
    /// True if the parameter has other instruments, too.
    is_one_of_several: bool,
}

impl StationMarks {
    fn check_instrument(
        &mut self,
        station: &Station,
        parameter: Option<Parameter>,
        name: &[u8],
        mixed: &mut MixedStations,
    ) {
        if name.is_empty() {
            return;
        }
        let Some(known) = self.instruments.iter_mut().find(|known| known.parameter == parameter) else {
            self.instruments.push(Instrument { parameter, name: name.to_owned(), is_one_of_several: false });
            return;
        };
        if known.is_one_of_several || known.name == name {
            return;
        }
        known.is_one_of_several = true;
        mixed.note(|| MixedStation {
            station: station.id.clone(),
            mixture: Mixture::Instruments(parameter),
            one: cut_bytes(&known.name),
            other: cut_bytes(name),
        });
    }
}

/// Removes metadata with a NUL character, which PostgreSQL cannot store.
fn without_nul(station: Station) -> Station {
    Station {
        name: station.name.filter(|name| !name.contains('\0')),
        city: station.city.filter(|city| !city.contains('\0')),
        country: station.country.filter(|country| !country.contains('\0')),
        ..station
    }
}

/// Returns the id as text, or the reason why it cannot be the id of a station.
fn station_id(id: &[u8]) -> Result<&str, &'static str> {
    if id.is_empty() {
        return Err("the row names no station");
    }
    if id.len() > Station::LONGEST_ID || id.contains(&0) {
        return Err("a station's id must be of at most 1000 bytes, none of them NUL");
    }
    std::str::from_utf8(id).map_err(|_| "the station's id is not UTF-8")
}
