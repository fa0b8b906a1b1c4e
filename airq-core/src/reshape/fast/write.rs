//! Writes rows that are right.

use super::super::sheet::{Sheet, WIDE};
use super::check::CLOCK;
use super::pen::{Cell, Pen};
use super::row::{RowAt, Stretch};
use super::simd::Simd;
use super::template::{Literal, Run, Template};

/// Writes a row by its template. Says no, and has written nothing, if there is no room.
#[inline(always)]
pub(in crate::reshape) fn write_row<S: Simd>(
    simd: S,
    template: &Template,
    row: &RowAt<'_>,
    is_first: bool,
    sheet: &mut Sheet,
) -> bool {
    let Some(room) = sheet.room() else { return false };
    let mut pen = Pen::new(room);
    pen.literal(simd, &template.opens[usize::from(!is_first)]);
    if let Some(behind) = &template.behind_station {
        row.text(simd, row.cell(template.cells.station), &mut pen);
        pen.literal(simd, behind);
    }
    row.time(simd, template, &mut pen);
    for run in &template.runs {
        row.values(simd, template, run, &mut pen);
    }
    for key in &template.absent {
        pen.literal(simd, key);
        pen.literal(simd, &template.missing);
    }
    pen.literal(simd, &template.close);
    let written = pen.written();
    sheet.count(written);
    true
}

/// Writes rows by their template, none of them the first of all: tells how many.
#[inline(always)]
pub(super) fn write_rows<S: Simd>(simd: S, template: &Template, rows: &Stretch<'_>, sheet: &mut Sheet) -> usize {
    for place in 0..rows.count {
        if !write_row(simd, template, &rows.row(place), false, sheet) {
            return place;
        }
    }
    rows.count
}

impl Stretch<'_> {
    /// Writes the cells of a column of usual rows, with a comma before each.
    #[inline(always)]
    pub(in crate::reshape) fn write_column<S: Simd>(&self, simd: S, column: usize, pen: &mut Pen<'_>) {
        for place in 0..self.count {
            let cell = self.row(place).cell(column);
            pen.put(*b",");
            pen.wide(simd, simd.load(self.window.wide(cell.start)), cell.length);
        }
    }
}

impl RowAt<'_> {
    /// Writes the time as RFC 3339 with milliseconds.
    #[inline(always)]
    pub(in crate::reshape) fn time<S: Simd>(&self, simd: S, template: &Template, pen: &mut Pen<'_>) {
        let at = pen.at();
        pen.wide(simd, simd.load(self.window.wide(self.start(template.cells.time))), TIME_LENGTH);
        pen.put_at(*b"T", at + BETWEEN);
        pen.put_at(ENDS[usize::from(self.fraction) % 8], at + CLOCK + u32::from(self.fraction));
    }

    /// Writes the values of a run of columns, each with its key before it.
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, template: &Template, run: &Run, pen: &mut Pen<'_>) {
        for (key, column) in run.keys.iter().zip(run.columns.clone()) {
            self.value(simd, template, run.is_text, key, self.cell(column), pen);
        }
    }

    /// Writes a value with its key before it.
    #[inline(always)]
    pub(in crate::reshape) fn value<S: Simd>(
        &self,
        simd: S,
        template: &Template,
        is_text: bool,
        key: &Literal,
        cell: Cell,
        pen: &mut Pen<'_>,
    ) {
        pen.literal(simd, key);
        // Neither nothing nor longer than a wide store.
        if (cell.length as usize).wrapping_sub(1) < WIDE && !is_text {
            pen.wide(simd, simd.load(self.window.wide(cell.start)), cell.length);
        } else {
            self.unusual(simd, template, is_text, cell, pen);
        }
    }

    /// Writes text, nothing, or a number of many digits.
    #[inline(always)]
    fn unusual<S: Simd>(&self, simd: S, template: &Template, is_text: bool, cell: Cell, pen: &mut Pen<'_>) {
        if cell.length == 0 {
            return pen.literal(simd, &template.missing);
        }
        if is_text {
            pen.literal(simd, &template.text_quote);
        }
        self.text(simd, cell, pen);
        if is_text {
            pen.literal(simd, &template.text_quote);
        }
    }

    #[inline(always)]
    fn text<S: Simd>(&self, simd: S, cell: Cell, pen: &mut Pen<'_>) {
        if cell.length as usize <= WIDE {
            return pen.wide(simd, simd.load(self.window.wide(cell.start)), cell.length);
        }
        pen.long(self.window.bytes(cell));
    }
}

/// The end of `….mmmZ` that is lacking behind none, two, three or four bytes of dot and digits.
const ENDS: [[u8; 8]; 8] =
    [*b".000Z\0\0\0", [0; 8], *b"00Z\0\0\0\0\0", *b"0Z\0\0\0\0\0\0", *b"Z\0\0\0\0\0\0\0", [0; 8], [0; 8], [0; 8]];
/// The length of `YYYY-MM-DDThh:mm:ss.mmmZ`.
const TIME_LENGTH: u32 = 24;
/// The length of the date before the `T`.
pub(super) const BETWEEN: u32 = 10;
