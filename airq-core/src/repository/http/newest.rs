//! Of rows in order the newest of each station.

use crate::error::Result;
use crate::model::Timestamp;
use crate::query::{Cursor, Selection};
use crate::csv::{Record, Splitter};
use crate::text::push_csv_field;
use std::io::{self, Write};

/// Passes on the header and the last row of each station that it is given, as far as the selection goes.
pub(super) struct Newest<'a> {
    out: &'a mut dyn Write,
    splitter: Splitter,
    after: Option<&'a Cursor>,
    left: u64,
    header_passed: bool,
    /// The station of the last row, and that row.
    station: Vec<u8>,
    row: Vec<u8>,
}

impl<'a> Newest<'a> {
    pub(super) fn new(selection: &'a Selection, out: &'a mut dyn Write) -> Self {
        Newest {
            out,
            splitter: Splitter::new(b','),
            after: selection.after.as_ref(),
            left: selection.limit.unwrap_or(u64::MAX),
            header_passed: false,
            station: Vec::new(),
            row: Vec::new(),
        }
    }

    /// The rows have come to their end.
    ///
    /// # Errors
    /// What `out` fails with.
    pub(super) fn finish(mut self) -> Result<()> {
        Ok(self.pass_on()?)
    }

    fn pass_on(&mut self) -> io::Result<()> {
        if !self.row.is_empty() && self.left > 0 {
            self.left -= 1;
            self.out.write_all(&self.row)?;
        }
        self.row.clear();
        Ok(())
    }
}

impl Write for Newest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut input = bytes;
        while let Some(record) = self.splitter.next(&mut input)? {
            if !self.header_passed {
                self.header_passed = true;
                self.out.write_all(&line(record))?;
                continue;
            }
            if !is_behind(record, self.after) {
                continue;
            }
            let (station, row) = (record.field(0).to_vec(), line(record));
            if station != self.station {
                self.pass_on()?;
                self.station = station;
            }
            self.row = row;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn is_behind(record: Record<'_>, after: Option<&Cursor>) -> bool {
    let time = || std::str::from_utf8(record.field(1)).ok().and_then(Timestamp::parse);
    after.is_none_or(|after| (record.field(0), time()) > (after.station.as_bytes(), Some(after.time)))
}

fn line(record: Record<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(128);
    for (place, field) in record.fields().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        push_csv_field(&mut line, field);
    }
    line.push(b'\n');
    line
}
