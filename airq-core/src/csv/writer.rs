//! Writes comma-separated rows, field by field.

use crate::error::Result;
use crate::text::push_csv_field;
use std::io::{BufWriter, Write};

const BUFFER: usize = 64 * 1024;

/// A writer of rows, which buffers its output.
pub(crate) struct CsvWriter<'a> {
    out: BufWriter<&'a mut dyn Write>,
    line: Vec<u8>,
    has_field: bool,
}

impl<'a> CsvWriter<'a> {
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        CsvWriter { out: BufWriter::with_capacity(BUFFER, out), line: Vec::new(), has_field: false }
    }

    /// Appends a field to the row.
    pub(crate) fn field(&mut self, text: &[u8]) {
        if self.has_field {
            self.line.push(b',');
        }
        self.has_field = true;
        push_csv_field(&mut self.line, text);
    }

    /// Returns the text of the row, for fields with their separators.
    pub(crate) fn line(&mut self) -> &mut Vec<u8> {
        &mut self.line
    }

    /// Ends the row.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn end_row(&mut self) -> Result<()> {
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.line.clear();
        self.has_field = false;
        Ok(())
    }

    /// Writes the buffered rows.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }
}
