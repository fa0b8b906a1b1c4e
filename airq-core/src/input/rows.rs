//! The rows that a format has read, as CSV, and their counts.

use super::account::{Account, Counted};
use super::merge::Merge;
use super::records::Fault;
use super::time_text::TimeText;
use crate::error::Result;
use crate::model::{Pollutant, Station, Timestamp};
use crate::text::push_csv_field;
use std::collections::HashMap;

/// The values of a row in the order of [`Pollutant::ALL`], each a JSON number or empty.
pub(super) type Values<'a> = [std::borrow::Cow<'a, [u8]>; Pollutant::ALL.len()];

/// The rows of one file.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// CSV that was not yet written.
    pub(super) out: Vec<u8>,
    pub(super) account: Account,
    /// The values of a format whose rows are merged, held until the end of the file.
    merge: Option<Merge>,
    /// The pollutants of the rows; empty before the header was written.
    columns: Vec<Pollutant>,
    numbers: HashMap<Vec<u8>, u32>,
    stations: Vec<Station>,
    /// The ids of the stations, as CSV.
    ids: Vec<Vec<u8>>,
    times: TimeText,
    /// Values that could not be used, in a record whose other values could.
    pub(super) faults: Vec<Fault>,
    /// The station of the record before, which is mostly the station of the next record.
    last: Option<(Vec<u8>, u32)>,
}

impl Rows {
    /// Rows that are whole measurements of these pollutants.
    pub(super) fn whole(columns: Vec<Pollutant>) -> Self {
        let mut rows = Rows { columns, ..Rows::default() };
        rows.push_header();
        rows
    }

    /// Rows that are merged from values at the end of the file.
    pub(super) fn merged(counted: Counted) -> Self {
        let account = Account { counted, ..Account::default() };
        Rows { merge: Some(Merge::default()), account, ..Rows::default() }
    }

    /// The number of the station with this id. `describe` adds metadata to a new station.
    pub(super) fn station(
        &mut self,
        id: &[u8],
        column: Option<usize>,
        describe: impl FnOnce(Station) -> Station,
    ) -> Result<u32, Fault> {
        if let Some((_, number)) = self.last.as_ref().filter(|(last, _)| last == id) {
            return Ok(*number);
        }
        let number = match self.numbers.get(id) {
            Some(number) => *number,
            None => self.new_station(id, column, describe)?,
        };
        self.last = Some((id.to_owned(), number));
        Ok(number)
    }

    fn new_station(
        &mut self,
        id: &[u8],
        column: Option<usize>,
        describe: impl FnOnce(Station) -> Station,
    ) -> Result<u32, Fault> {
        let fault = |reason: &str| Fault { column, value: id.to_owned(), reason: reason.to_owned() };
        if id.is_empty() {
            return Err(fault("the row names no station"));
        }
        if id.len() > Station::LONGEST_ID || id.contains(&0) {
            return Err(fault("a station's id must be of at most 1000 bytes, none of them NUL"));
        }
        let text = std::str::from_utf8(id).map_err(|_| fault("the station's id is not UTF-8"))?;
        let number = u32::try_from(self.stations.len()).map_err(|_| fault("too many stations"))?;
        self.stations.push(without_nul(describe(Station::new(text))));
        let mut field = Vec::new();
        push_csv_field(&mut field, id);
        self.ids.push(field);
        self.numbers.insert(id.to_owned(), number);
        Ok(number)
    }

    /// Adds a row of a station.
    pub(super) fn row(&mut self, station: u32, time: Timestamp, values: &Values<'_>) {
        self.push_key(station, time);
        for pollutant in &self.columns {
            self.out.push(b',');
            self.out.extend_from_slice(&values[*pollutant as usize]);
        }
        self.out.push(b'\n');
    }

    /// Adds one value of a station, a JSON number.
    ///
    /// # Errors
    /// If there are too many values.
    pub(super) fn value(
        &mut self,
        station: u32,
        time: Timestamp,
        pollutant: Pollutant,
        value: &[u8],
    ) -> Result<(), Fault> {
        self.merge.get_or_insert_default().push(station, time, pollutant, value)
    }

    /// Ends the file: merges held values, and writes all rows.
    ///
    /// # Errors
    /// If `write` fails.
    pub(super) fn finish(&mut self, mut write: impl FnMut(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        const PIECE: usize = 64 * 1024;
        if let Some(mut merge) = self.merge.take() {
            self.columns = merge.pollutants();
            self.push_header();
            self.account.duplicates += merge.sort(&self.stations);
            let mut rows = merge.rows();
            while let Some((station, time, values)) = rows.next_row() {
                self.row(station, time, &values);
                if self.out.len() >= PIECE {
                    write(&mut self.out)?;
                }
            }
        }
        write(&mut self.out)
    }

    /// The stations, with the metadata that the file has.
    pub(super) fn into_stations(self) -> Vec<Station> {
        self.stations
    }

    fn push_header(&mut self) {
        self.out.extend_from_slice(b"station,time");
        for pollutant in &self.columns {
            self.out.push(b',');
            self.out.extend_from_slice(pollutant.name().as_bytes());
        }
        self.out.push(b'\n');
    }

    fn push_key(&mut self, station: u32, time: Timestamp) {
        self.out.extend_from_slice(&self.ids[station as usize]);
        self.out.push(b',');
        self.times.write(time, &mut self.out);
    }
}

/// Removes metadata with a NUL character, which PostgreSQL cannot store.
fn without_nul(station: Station) -> Station {
    let clean = |text: Option<String>| text.filter(|text| !text.contains('\0'));
    Station { name: clean(station.name), city: clean(station.city), country: clean(station.country), ..station }
}
