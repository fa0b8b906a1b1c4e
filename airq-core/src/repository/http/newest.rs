//! The newest row of each station, of rows in the order of an answer.

use crate::csv::{Layout, Row, RowSink};
use crate::error::Result;
use crate::query::{Cursor, Selection};
use crate::text::push_csv_field;
use std::io::Write;

/// Writes the header and the last row of each station as CSV, after the cursor and within the limit of the selection.
pub(super) struct NewestRows<'a> {
    out: &'a mut dyn Write,
    after: Option<&'a Cursor>,
    /// The number of rows that may still be written.
    left: u64,
    /// The station of the last row.
    station: Vec<u8>,
    /// The last row as a line of CSV; empty before the first row.
    line: Vec<u8>,
}

impl<'a> NewestRows<'a> {
    pub(super) fn new(selection: &'a Selection, out: &'a mut dyn Write) -> Self {
        let left = selection.limit.unwrap_or(u64::MAX);
        NewestRows { out, after: selection.after.as_ref(), left, station: Vec::new(), line: Vec::new() }
    }

    /// Writes the row of the last station.
    ///
    /// # Errors
    /// The error of `out`.
    pub(super) fn finish(&mut self) -> Result<()> {
        if !self.line.is_empty() && self.left > 0 {
            self.left -= 1;
            self.out.write_all(&self.line)?;
        }
        self.line.clear();
        Ok(())
    }

    fn is_after_cursor(&self, row: &Row<'_>) -> bool {
        match self.after {
            Some(cursor) => (row.station, row.time) > (cursor.station.as_bytes(), cursor.time),
            None => true,
        }
    }
}

impl RowSink for NewestRows<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let mut header = Vec::new();
        write_line(&mut header, layout.names.iter().map(String::as_bytes));
        Ok(self.out.write_all(&header)?)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if !self.is_after_cursor(row) {
            return Ok(());
        }
        if row.station != self.station {
            self.finish()?;
            row.station.clone_into(&mut self.station);
        }
        self.line.clear();
        write_line(&mut self.line, (0..row.layout.width()).map(|column| row.column(column).unwrap_or_default()));
        Ok(())
    }
}

fn write_line<'a>(line: &mut Vec<u8>, fields: impl Iterator<Item = &'a [u8]>) {
    for (position, field) in fields.enumerate() {
        if position > 0 {
            line.push(b',');
        }
        push_csv_field(line, field);
    }
    line.push(b'\n');
}
