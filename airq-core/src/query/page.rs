//! The page of a selection: the rows in its range, after its cursor and within its limit, or the newest of each station.

use super::{Rows, Selection};
use crate::error::Result;
use crate::model::Timestamp;
use std::io::Write;

/// Writes the rows of a selection's page, from rows in the order of answers.
pub(crate) struct Page<'a> {
    selection: &'a Selection,
    out: &'a mut dyn Write,
    /// The number of rows that may still be written.
    left: u64,
    /// The station of the last row.
    station: Vec<u8>,
    /// The last row, if it is not written.
    line: Vec<u8>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(selection: &'a Selection, out: &'a mut dyn Write) -> Self {
        let left = selection.limit.unwrap_or(u64::MAX);
        Page { selection, out, left, station: Vec::new(), line: Vec::new() }
    }

    /// Writes the header.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn header(&mut self, header: &[u8]) -> Result<()> {
        Ok(self.out.write_all(header)?)
    }

    /// Writes a row if it is in the page. `push` appends the row, with its line end.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn row(&mut self, station: &[u8], time: Timestamp, push: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        if self.left == 0 || !self.selection.holds(station, time) {
            return Ok(());
        }
        if self.selection.rows == Rows::All || self.station != station {
            self.finish()?;
            station.clone_into(&mut self.station);
        }
        self.line.clear();
        push(&mut self.line);
        if self.selection.rows == Rows::All { self.finish() } else { Ok(()) }
    }

    /// Writes the last row.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn finish(&mut self) -> Result<()> {
        if !self.line.is_empty() && self.left > 0 {
            self.left -= 1;
            self.out.write_all(&self.line)?;
        }
        self.line.clear();
        Ok(())
    }
}
