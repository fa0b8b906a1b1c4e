//! Averages as CSV: those that a selection is of, each value beside its capture.

use super::averager::AverageSink;
use super::cell::Average;
use super::millionths;
use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
use crate::query::{Rows, Selection};
use crate::text::push_csv_field;
use std::io::Write;

/// Writes the rows that are in the selection's range, behind its cursor and within its limit.
pub(super) struct Page<'a> {
    selection: &'a Selection,
    out: &'a mut dyn Write,
    left: u64,
    /// Of the newest rows: the station of the last row, and that row.
    station: Vec<u8>,
    row: Vec<u8>,
}

impl<'a> Page<'a> {
    pub(super) fn new(selection: &'a Selection, out: &'a mut dyn Write) -> Self {
        let left = selection.limit.unwrap_or(u64::MAX);
        Page { selection, out, left, station: Vec::new(), row: Vec::new() }
    }

    fn is_wanted(&self, station: &[u8], start: Timestamp) -> bool {
        self.left > 0 && self.selection.holds(station, start)
    }

    fn pass_on(&mut self) -> Result<()> {
        if !self.row.is_empty() && self.left > 0 {
            self.left -= 1;
            self.out.write_all(&self.row)?;
        }
        self.row.clear();
        Ok(())
    }
}

impl AverageSink for Page<'_> {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        Ok(self.out.write_all(header(pollutants).as_bytes())?)
    }

    fn row(&mut self, _: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        if !self.is_wanted(station, start) {
            return Ok(());
        }
        if self.selection.rows == Rows::All || self.station != station {
            self.pass_on()?;
            station.clone_into(&mut self.station);
        }
        self.row.clear();
        push_row(&mut self.row, station, start, averages);
        self.row.push(b'\n');
        if self.selection.rows == Rows::All { self.pass_on() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<()> {
        self.pass_on()
    }
}

/// `station,time,no2,no2_capture,…` and a line end.
pub(crate) fn header(pollutants: &[Pollutant]) -> String {
    let columns = |pollutant: &Pollutant| [pollutant.name().to_owned(), pollutant.capture_name()];
    let names = pollutants.iter().flat_map(columns);
    ["station", "time"].map(str::to_owned).into_iter().chain(names).collect::<Vec<_>>().join(",") + "\n"
}

/// `aq_a,2016-10-01T00:00:00.000Z,48.3,0.75,…`, without a line end.
pub(crate) fn push_row(out: &mut Vec<u8>, station: &[u8], start: Timestamp, averages: &[Average]) {
    push_csv_field(out, station);
    out.push(b',');
    start.write_to(out);
    for average in averages {
        out.push(b',');
        if let Some(value) = average.value {
            millionths::write(out, value);
        }
        out.push(b',');
        millionths::write(out, i64::from(average.capture()) * 1000);
    }
}
