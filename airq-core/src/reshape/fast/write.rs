//! Writes rows that are right.

use super::super::sheet::{Sheet, WIDE};
use super::check::{CLOCK, USUAL_TIME};
use super::pen::{Cell, Pen};
use super::row::{RowAt, Stretch};
use super::scan::COLUMNS;
use super::simd::Simd;
use super::template::{Cells, Literal, Piece, Run, Template, Usual, UsualRun};

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

/// Writes usual rows by their template, none of them the first of all: tells how many.
#[inline(always)]
pub(in crate::reshape) fn write_usual<S: Simd>(
    simd: S,
    template: &Template,
    rows: &Stretch<'_>,
    sheet: &mut Sheet,
) -> usize {
    let Some(usual) = &template.usual else { return write_rows(simd, template, rows, sheet) };
    for place in 0..rows.count {
        let row = rows.row(place);
        let Some(room) = sheet.room() else { return place };
        let mut pen = Pen::new(room);
        row.write_usual(simd, usual, &template.cells, &mut pen);
        let written = pen.written();
        sheet.count(written);
    }
    rows.count
}

/// Writes rows by their template, none of them the first of all: tells how many.
#[inline(always)]
fn write_rows<S: Simd>(simd: S, template: &Template, rows: &Stretch<'_>, sheet: &mut Sheet) -> usize {
    for place in 0..rows.count {
        if !write_row(simd, template, &rows.row(place), false, sheet) {
            return place;
        }
    }
    rows.count
}

impl RowAt<'_> {
    /// Writes a usual row: every piece where it comes to stand, without a question.
    #[inline(always)]
    fn write_usual<S: Simd>(&self, simd: S, usual: &Usual, cells: &Cells, pen: &mut Pen<'_>) {
        if let Some(station) = &usual.station {
            let cell = self.cell(cells.station);
            self.place(simd, station, cell.start, 0, pen);
            pen.go_to(station.cell_at + cell.length);
        }
        let time = pen.at() + usual.time.cell_at;
        self.place(simd, &usual.time, self.start(cells.time), pen.at(), pen);
        pen.put_at(*b"T", time + BETWEEN);
        pen.go_to(time + u32::from(USUAL_TIME));
        for run in &usual.runs {
            self.place_run(simd, run, pen);
        }
        pen.literal(simd, &usual.end);
    }

    /// Writes cells that stand together. How far each moves is the same in all rows: as much as the texts before it are
    /// longer than the separators.
    #[inline(always)]
    fn place_run<S: Simd>(&self, simd: S, run: &UsualRun, pen: &mut Pen<'_>) {
        let shift = pen.at().wrapping_sub(self.start(run.columns.start));
        let starts = &self.starts[run.columns.start % COLUMNS..];
        for (piece, start) in run.pieces.iter().zip(starts) {
            self.place(simd, piece, u32::from(*start), shift.wrapping_add(u32::from(*start)), pen);
        }
        pen.go_to(shift.wrapping_add(self.end(run.columns.end - 1)).wrapping_add(run.last_at));
    }

    /// Writes a piece's text and the cell behind it, so far from `at`.
    #[inline(always)]
    fn place<S: Simd>(&self, simd: S, piece: &Piece, start: u32, at: u32, pen: &mut Pen<'_>) {
        pen.wide_at(simd, simd.load(&piece.text), at.wrapping_add(piece.text_at));
        pen.wide_at(simd, simd.load(self.window.wide(start)), at.wrapping_add(piece.cell_at));
    }

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
const BETWEEN: u32 = 10;
