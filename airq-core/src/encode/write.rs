//! Writes proven rows, one cell after another.

use super::output_buffer::OutputBuffer;
use super::row_writer::RowWriter;
use super::template::{Run, Template};
use crate::csv::WIDE;
use crate::csv::scan::{CLOCK, Cell, ProvenRow, ProvenRows, Simd, WideText};

/// Writes a row; returns `false`, and writes nothing, if there is no room.
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

/// Writes rows, none of them the first of all; returns the number of rows written.
#[inline(always)]
pub(crate) fn write_rows<S: Simd>(
    simd: S,
    template: &Template,
    rows: &ProvenRows<'_>,
    out: &mut OutputBuffer,
) -> usize {
    for place in 0..rows.count {
        if !write_row(simd, template, &rows.row(place), false, out) {
            return place;
        }
    }
    rows.count
}

impl ProvenRows<'_> {
    /// Writes the cells of a column of uniform rows, with a comma before each.
    #[inline(always)]
    pub(crate) fn write_column<S: Simd>(&self, simd: S, column: usize, writer: &mut RowWriter<'_>) {
        for place in 0..self.count {
            let cell = self.row(place).cell(column);
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
        writer.put_at(*b"T", at + BETWEEN);
        writer.put_at(ENDS[usize::from(self.fraction) % 8], at + CLOCK + u32::from(self.fraction));
    }

    /// Writes the values of a run of columns, each with its key before it.
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, template: &Template, run: &Run, writer: &mut RowWriter<'_>) {
        for (key, column) in run.keys.iter().zip(run.columns.clone()) {
            self.value(simd, template, run.is_text, key, self.cell(column), writer);
        }
    }

    /// Writes a value with its key before it.
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
        // Neither nothing nor longer than a wide store.
        if (cell.length as usize).wrapping_sub(1) < WIDE && !is_text {
            writer.wide(simd, simd.load(self.window.wide(cell.start)), cell.length);
        } else {
            self.ununiform(simd, template, is_text, cell, writer);
        }
    }

    /// Writes text, nothing, or a number of many digits.
    #[inline(always)]
    fn ununiform<S: Simd>(&self, simd: S, template: &Template, is_text: bool, cell: Cell, writer: &mut RowWriter<'_>) {
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

/// The end of `….mmmZ` that is lacking behind none, two, three or four bytes of dot and digits.
const ENDS: [[u8; 8]; 8] =
    [*b".000Z\0\0\0", [0; 8], *b"00Z\0\0\0\0\0", *b"0Z\0\0\0\0\0\0", *b"Z\0\0\0\0\0\0\0", [0; 8], [0; 8], [0; 8]];
/// The length of `YYYY-MM-DDThh:mm:ss.mmmZ`.
const TIME_LENGTH: u32 = 24;
/// The length of the date before the `T`.
pub(crate) const BETWEEN: u32 = 10;
