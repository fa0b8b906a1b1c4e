//! Packed rows: the values of rows, in the form in which threads that read rows pass them to the thread that writes the file.
//!
//! A row is the station, the time in microseconds, and each field: a double, or a text after its length.

use crate::csv::{Row, decimal};
use crate::encode::output_buffer::OutputBuffer;
use crate::text::Output;

/// The length of a missing text.
const MISSING: u32 = u32::MAX;

/// Appends a row.
pub(super) fn pack(out: &mut OutputBuffer, row: &Row<'_>) {
    push_text(out, Some(row.station));
    out.extend_from_slice(&row.time.as_microseconds().to_le_bytes());
    for field in &row.layout.fields {
        let value = row.value(field);
        if field.kind.is_number() {
            // A missing number is packed as NaN.
            let number = value.and_then(decimal::read).unwrap_or(f64::NAN);
            out.extend_from_slice(&number.to_le_bytes());
        } else {
            push_text(out, value);
        }
    }
}

fn push_text(out: &mut OutputBuffer, text: Option<&[u8]>) {
    let length = text.map_or(MISSING, |text| u32::try_from(text.len()).unwrap_or(MISSING));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.unwrap_or_default());
}

/// The packed rows that are left to read.
pub(super) struct PackedRows<'a>(pub(super) &'a [u8]);

impl<'a> PackedRows<'a> {
    /// Returns `None` at the end.
    pub(super) fn time(&mut self) -> Option<i64> {
        self.bytes().map(i64::from_le_bytes)
    }

    /// Returns a number, which is `None` if it is missing.
    pub(super) fn number(&mut self) -> Option<f64> {
        self.bytes().map(f64::from_le_bytes).filter(|number| !number.is_nan())
    }

    /// Returns a text, which is `None` if it is missing.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.bytes().map(u32::from_le_bytes).filter(|length| *length != MISSING)?;
        let (text, rest) = self.0.split_at_checked(length as usize)?;
        self.0 = rest;
        Some(text)
    }

    fn bytes<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }
}
