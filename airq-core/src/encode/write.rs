//! Writes proven rows, cell by cell.

use super::output_buffer::OutputBuffer;
use super::row_writer::RowWriter;
use super::template::{Run, Template};
use crate::csv::WIDE;
use crate::csv::scan::{Cell, ProvenRow, ProvenRows, SECONDS_LENGTH, Simd, WideText, bits_of};

/// Writes a row. Returns `false` and writes nothing if there is no room.
#[inline(always)]
pub(crate) fn write_row<S: Simd>(
    simd: S,
    template: &Template,
    row: &ProvenRow<'_>,
    is_first: bool,
    out: &mut OutputBuffer,
) -> bool {
    let Some(room) = out.room() else { return false };
    let mut writer = RowWriter::new(room);
    writer.literal(simd, &template.opens[usize::from(!is_first)]);
    if let Some(after) = &template.after_station {
        row.text(simd, row.station(), &mut writer);
        writer.literal(simd, after);
    }
    row.time(simd, &mut writer);
    for run in &template.runs {
        row.values(simd, template, run, &mut writer);
    }
    for key in &template.absent {
        writer.literal(simd, key);
        writer.literal(simd, &template.missing);
    }
    writer.literal(simd, &template.close);
    let written = writer.written();
    out.count(written);
    true
}

/// Writes rows and returns the number of rows written. The first row of the answer must not be among them.
#[inline(always)]
pub(crate) fn write_rows<S: Simd>(
    simd: S,
    template: &Template,
    rows: &ProvenRows<'_>,
    out: &mut OutputBuffer,
) -> usize {
    for index in 0..rows.count {
        if !write_row(simd, template, &rows.row(index), false, out) {
            return index;
        }
    }
    rows.count
}

impl ProvenRows<'_> {
    /// Writes the cells of a column of uniform rows, each after a comma.
    #[inline(always)]
    pub(crate) fn write_column<S: Simd>(&self, simd: S, column: usize, writer: &mut RowWriter<'_>) {
        for index in 0..self.count {
            let cell = self.row(index).cell(column);
            writer.put(*b",");
            writer.wide(simd, simd.load(self.window.wide(cell.start)), cell.length);
        }
    }
}

impl ProvenRow<'_> {
    /// Writes the time as RFC 3339 with milliseconds.
    #[inline(always)]
    pub(crate) fn time<S: Simd>(&self, simd: S, writer: &mut RowWriter<'_>) {
        let at = writer.at();
        writer.wide(simd, simd.load(self.window.wide(self.time_start())), TIME_LENGTH);
        writer.put_at(*b"T", at + SEPARATOR);
        writer.put_at(ENDS[usize::from(self.fraction) % 8], at + SECONDS_LENGTH + u32::from(self.fraction));
    }

    /// Writes the keys and values of a run of columns.
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, template: &Template, run: &Run, writer: &mut RowWriter<'_>) {
        for (key, column) in run.keys.iter().zip(run.columns.clone()) {
            self.value(simd, template, run.is_text, key, self.cell(column), writer);
        }
    }

    /// Writes a key and its value.
    #[inline(always)]
    pub(crate) fn value<S: Simd>(
        &self,
        simd: S,
        template: &Template,
        is_text: bool,
        key: &WideText,
        cell: Cell,
        writer: &mut RowWriter<'_>,
    ) {
        writer.literal(simd, key);
        let is_short_number = (cell.length as usize).wrapping_sub(1) < WIDE && !is_text;
        if is_short_number {
            let number = simd.load(self.window.wide(cell.start));
            writer.wide(simd, number, length_without_zeros(simd, number, cell.length));
        } else {
            self.other_value(simd, template, is_text, cell, writer);
        }
    }

    /// Writes a text or a missing value.
    #[inline(always)]
    fn other_value<S: Simd>(
        &self,
        simd: S,
        template: &Template,
        is_text: bool,
        cell: Cell,
        writer: &mut RowWriter<'_>,
    ) {
        if cell.length == 0 {
            return writer.literal(simd, &template.missing);
        }
        if is_text {
            writer.literal(simd, &template.text_quote);
        }
        self.text(simd, cell, writer);
        if is_text {
            writer.literal(simd, &template.text_quote);
        }
    }

    #[inline(always)]
    fn text<S: Simd>(&self, simd: S, cell: Cell, writer: &mut RowWriter<'_>) {
        if cell.length as usize <= WIDE {
            return writer.wide(simd, simd.load(self.window.wide(cell.start)), cell.length);
        }
        writer.long(self.window.bytes(cell));
    }
}

/// Returns the length of a number without the zeros at the end of its decimals.
#[inline(always)]
fn length_without_zeros<S: Simd>(simd: S, number: S::V, length: u32) -> u32 {
    let in_number = bits_of(length);
    let dots = simd.equal(number, b'.') & in_number;
    if dots == 0 {
        return length;
    }
    // The bits after the last digit that counts, or after the dot.
    let zeros_and_dots = simd.equal(number, b'0') | dots | !in_number;
    let after_dot = !(dots | dots.wrapping_sub(1));
    let kept = !zeros_and_dots & after_dot;
    if kept == 0 { dots.trailing_zeros() } else { u32::BITS - kept.leading_zeros() }
}

/// The text that completes a time to `….mmmZ`, by the length of the fraction in the input: 0, 2, 3 or 4.
const ENDS: [[u8; 8]; 8] =
    [*b".000Z\0\0\0", [0; 8], *b"00Z\0\0\0\0\0", *b"0Z\0\0\0\0\0\0", *b"Z\0\0\0\0\0\0\0", [0; 8], [0; 8], [0; 8]];
/// The length of `YYYY-MM-DDThh:mm:ss.mmmZ`.
const TIME_LENGTH: u32 = 24;
/// The position of the `T` between date and clock.
pub(crate) const SEPARATOR: u32 = 10;
