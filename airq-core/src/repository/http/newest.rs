//! The newest average of each station, from averages in the order of an answer.

use crate::csv::{Layout, Row, RowSink};
use crate::error::Result;
use crate::query::{Page, Selection};
use crate::text::push_csv_line;
use std::io::Write;

/// Writes the header and the page of the selection as CSV.
pub(super) struct NewestRows<'a>(Page<'a>);

impl<'a> NewestRows<'a> {
    pub(super) fn new(selection: &'a Selection, out: &'a mut dyn Write) -> Self {
        NewestRows(Page::new(selection, out))
    }

    /// Writes the row of the last station.
    ///
    /// # Errors
    /// The error of the output.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.0.finish()
    }
}

impl RowSink for NewestRows<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let mut header = Vec::new();
        push_csv_line(&mut header, layout.names.iter().map(String::as_bytes));
        self.0.header(&header)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let fields = (0..row.layout.width()).map(|column| row.column(column).unwrap_or_default());
        self.0.row(row.station, row.time, |line| push_csv_line(line, fields))
    }
}
