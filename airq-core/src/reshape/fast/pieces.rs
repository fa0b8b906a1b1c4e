//! How usual rows are written: fixed texts and cells in turn, each by one wide store.

use super::super::header::{Kind, Layout};
use super::super::sheet::{Sheet, WIDE};
use super::check::USUAL_TIME;
use super::pen::Pen;
use super::row::{RowAt, Stretch};
use super::scan::COLUMNS;
use super::simd::Simd;
use super::template::{Cells, Literal, Spelling, Template};
use super::write::{BETWEEN, write_rows};
use std::ops::Range;

/// How rows are written of which no cell is empty and all are short: what stands between two cells is always the same.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    /// `None` where rows don't name their station.
    pub(super) station: Option<Piece>,
    pub(super) time: Piece,
    pub(super) runs: Vec<PieceRun>,
    /// What stands behind the last cell.
    pub(super) end: Literal,
}

/// The pieces of columns that stand together.
#[derive(Clone, Debug)]
pub(super) struct PieceRun {
    pub(super) columns: Range<usize>,
    pub(super) pieces: Vec<Piece>,
    /// How far the last cell moves, as in [`Piece`].
    pub(super) last_at: u32,
}

/// A text and the cell behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) text: [u8; WIDE],
    /// Where they go: so far from where the cell would be, if the first of its run went where that one's text goes.
    pub(super) text_at: u32,
    pub(super) cell_at: u32,
}

impl Pieces {
    /// `None` if a text between two cells is too long.
    pub(super) fn new<'a>(
        layout: &Layout,
        spelling: &Spelling<'_>,
        keys: impl Iterator<Item = &'a [u8]>,
        missing: &[u8],
        text_quote: &[u8],
    ) -> Option<Pieces> {
        let mut text = [spelling.between, spelling.open].concat();
        let mut station = None;
        if let Some(behind_station) = spelling.behind_station {
            station = Some(Piece::new(&text, 0)?);
            text = behind_station.to_vec();
        }
        let time = Piece::new(&text, 0)?;
        text = [b"Z", spelling.behind_time].concat();
        let mut runs = Vec::new();
        for (field, key) in layout.fields.iter().zip(keys) {
            text.extend_from_slice(key);
            let quote = if field.kind == Kind::Text { text_quote } else { b"" };
            match field.column {
                Some(column) => {
                    text.extend_from_slice(quote);
                    PieceRun::push(&mut runs, column, &text)?;
                    text = quote.to_vec();
                }
                None => text.extend_from_slice(missing),
            }
        }
        text.extend_from_slice(spelling.close);
        Some(Pieces { station, time, runs, end: Literal::new(&text)? })
    }
}

impl PieceRun {
    /// One more column, behind this text.
    fn push(runs: &mut Vec<PieceRun>, column: usize, text: &[u8]) -> Option<()> {
        if let Some(run) = runs.last_mut().filter(|run| run.columns.end == column) {
            // The separator before the cell has gone.
            let piece = Piece::new(text, run.last_at - 1)?;
            run.columns.end += 1;
            run.last_at = piece.cell_at;
            run.pieces.push(piece);
        } else {
            let piece = Piece::new(text, 0)?;
            runs.push(PieceRun { columns: column..column + 1, pieces: vec![piece], last_at: piece.cell_at });
        }
        Some(())
    }
}

impl Piece {
    fn new(text: &[u8], text_at: u32) -> Option<Piece> {
        let Literal { bytes, length } = Literal::new(text)?;
        Some(Piece { text: bytes, text_at, cell_at: text_at + length })
    }
}

/// Writes usual rows by their template, none of them the first of all: tells how many.
#[inline(always)]
pub(in crate::reshape) fn write_usual<S: Simd>(
    simd: S,
    template: &Template,
    rows: &Stretch<'_>,
    sheet: &mut Sheet,
) -> usize {
    let Some(pieces) = &template.usual else { return write_rows(simd, template, rows, sheet) };
    sheet.make_room();
    for place in 0..rows.count {
        let row = rows.row(place);
        let Some(room) = sheet.room_there_is() else { return place };
        let mut pen = Pen::new(room);
        row.write_usual(simd, pieces, &template.cells, &mut pen);
        let written = pen.written();
        sheet.count(written);
    }
    rows.count
}

impl RowAt<'_> {
    /// Writes a usual row: every piece where it comes to stand, without a question.
    #[inline(always)]
    fn write_usual<S: Simd>(&self, simd: S, pieces: &Pieces, cells: &Cells, pen: &mut Pen<'_>) {
        if let Some(station) = &pieces.station {
            let cell = self.cell(cells.station);
            self.place(simd, station, cell.start, 0, pen);
            pen.go_to(station.cell_at + cell.length);
        }
        let time = pen.at() + pieces.time.cell_at;
        self.place(simd, &pieces.time, self.start(cells.time), pen.at(), pen);
        pen.put_at(*b"T", time + BETWEEN);
        pen.go_to(time + u32::from(USUAL_TIME));
        for run in &pieces.runs {
            self.place_run(simd, run, pen);
        }
        pen.literal(simd, &pieces.end);
    }

    /// Writes cells that stand together. How far each moves is the same in all rows: as much as the texts before it are
    /// longer than the separators.
    #[inline(always)]
    fn place_run<S: Simd>(&self, simd: S, run: &PieceRun, pen: &mut Pen<'_>) {
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
}
