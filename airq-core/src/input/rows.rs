//! Where formats put what they read: rows of canonical CSV, with the account of them.

use super::account::{Account, Counted};
use super::merge::Merge;
use super::records::Fault;
use crate::error::Result;
use crate::model::{Pollutant, Station, Timestamp};
use crate::text::push_csv_field;
use std::collections::HashMap;

/// A pollutant's values in a row, each a JSON number or empty; in the order of [`Pollutant::ALL`].
pub(super) type Values<'a> = [std::borrow::Cow<'a, [u8]>; Pollutant::ALL.len()];

/// What was read of one file.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Canonical CSV that is not yet written on.
    pub(super) out: Vec<u8>,
    pub(super) account: Account,
    /// Values that wait for the end of the file, of a format whose rows are merged.
    merge: Option<Merge>,
    /// The pollutants of the rows; none before the header stands.
    columns: Vec<Pollutant>,
    numbers: HashMap<Vec<u8>, u32>,
    stations: Vec<Station>,
    /// Values that could not be used, of a record whose others could.
    pub(super) faults: Vec<Fault>,
    /// The station of the record before, which is mostly that of the next.
    last: Option<(Vec<u8>, u32)>,
}

impl Rows {
    /// Rows of which each is the whole of a measurement, with these pollutants.
    pub(super) fn whole(columns: Vec<Pollutant>) -> Self {
        let mut rows = Rows { columns, ..Rows::default() };
        rows.push_header();
        rows
    }

    /// Values, to be merged into rows at the end.
    pub(super) fn merged(counted: Counted) -> Self {
        let account = Account { counted, ..Account::default() };
        Rows { merge: Some(Merge::default()), account, ..Rows::default() }
    }

    /// The number of the station with this id; a new one is described.
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
        self.numbers.insert(id.to_owned(), number);
        Ok(number)
    }

    /// A row of this station, the whole of a measurement.
    pub(super) fn row(&mut self, station: u32, time: Timestamp, values: &Values<'_>) {
        self.push_key(station, time);
        for pollutant in &self.columns {
            self.out.push(b',');
            self.out.extend_from_slice(&values[*pollutant as usize]);
        }
        self.out.push(b'\n');
    }

    /// One value of this station, a JSON number.
    ///
    /// # Errors
    /// If there are more than can be held.
    pub(super) fn value(
        &mut self,
        station: u32,
        time: Timestamp,
        pollutant: Pollutant,
        value: &[u8],
    ) -> Result<(), Fault> {
        self.merge.get_or_insert_default().push(station, time, pollutant, value)
    }

    /// The end of the file: what waits becomes rows, piece by piece.
    ///
    /// # Errors
    /// What `write` fails with.
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

    /// The stations that were seen, as far as the file describes them.
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
        let id = self.stations.get(station as usize).map_or("", |station| station.id.as_str());
        push_csv_field(&mut self.out, id.as_bytes());
        self.out.push(b',');
        time.write_to(&mut self.out);
    }
}

/// A database holds no text with a NUL in it: such a description is none.
fn without_nul(station: Station) -> Station {
    let clean = |text: Option<String>| text.filter(|text| !text.contains('\0'));
    Station { name: clean(station.name), city: clean(station.city), country: clean(station.country), ..station }
}
