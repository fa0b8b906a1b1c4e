//! The encoding of uniform rows: fixed texts and cells alternate, each written by one wide store.

use super::output_buffer::OutputBuffer;
use super::row_writer::RowWriter;
use super::template::{RowText, Template};
use super::write::{BETWEEN, write_rows};
use crate::csv::scan::{COLUMNS, ProvenRow, ProvenRows, Simd, UNIFORM_TIME, WideText};
use crate::csv::{Kind, Layout, WIDE};
use std::ops::Range;

/// The encoding of rows without empty or long cells: the text between two cells is the same in all rows.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    /// `None` in formats whose rows do not name their station.
    pub(crate) station: Option<Piece>,
    pub(crate) time: Piece,
    pub(crate) runs: Vec<PieceRun>,
    /// The text after the last cell.
    pub(crate) end: WideText,
}

/// The pieces of adjacent columns.
#[derive(Clone, Debug)]
pub(crate) struct PieceRun {
    pub(crate) columns: Range<usize>,
    pub(crate) pieces: Vec<Piece>,
    /// The distance that the last cell moves, as in [`Piece`].
    pub(crate) last_at: u32,
}

/// A text and the cell that follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) text: [u8; WIDE],
    /// The positions of the text and the cell, relative to where the cell would be if the run were copied to the position of its
    /// first text.
    pub(crate) text_at: u32,
    pub(crate) cell_at: u32,
}

impl Pieces {
    /// Returns `None` if a text between two cells is longer than a wide store.
    pub(crate) fn new<'a>(
        layout: &Layout,
        text_of_row: &RowText<'_>,
        keys: impl Iterator<Item = &'a [u8]>,
        missing: &[u8],
        text_quote: &[u8],
    ) -> Option<Pieces> {
        let mut text = [text_of_row.between, text_of_row.open].concat();
        let mut station = None;
        if let Some(after_station) = text_of_row.after_station {
            station = Some(Piece::new(&text, 0)?);
            text = after_station.to_vec();
        }
        let time = Piece::new(&text, 0)?;
        text = [b"Z", text_of_row.after_time].concat();
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
        text.extend_from_slice(text_of_row.close);
        Some(Pieces { station, time, runs, end: WideText::new(&text)? })
    }
}

impl PieceRun {
    /// Adds a column that follows this text.
    fn push(runs: &mut Vec<PieceRun>, column: usize, text: &[u8]) -> Option<()> {
        if let Some(run) = runs.last_mut().filter(|run| run.columns.end == column) {
            // The separator before the cell is dropped.
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
        let WideText { bytes, length } = WideText::new(text)?;
        Some(Piece { text: bytes, text_at, cell_at: text_at + length })
    }
}

/// Writes uniform rows, none of them the first of all; returns the number of rows written.
#[inline(always)]
pub(crate) fn write_uniform<S: Simd>(
    simd: S,
    template: &Template,
    rows: &ProvenRows<'_>,
    out: &mut OutputBuffer,
) -> usize {
    let Some(pieces) = &template.uniform else { return write_rows(simd, template, rows, out) };
    out.make_room();
    for place in 0..rows.count {
        let row = rows.row(place);
        let Some(room) = out.room_there_is() else { return place };
        let mut writer = RowWriter::new(room);
        row.write_uniform(simd, pieces, &mut writer);
        let written = writer.written();
        out.count(written);
    }
    rows.count
}

impl ProvenRow<'_> {
    /// Writes a uniform row, without a branch for a cell.
    #[inline(always)]
    fn write_uniform<S: Simd>(&self, simd: S, pieces: &Pieces, writer: &mut RowWriter<'_>) {
        if let Some(station) = &pieces.station {
            let cell = self.station();
            self.place(simd, station, cell.start, 0, writer);
            writer.go_to(station.cell_at + cell.length);
        }
        let time = writer.at() + pieces.time.cell_at;
        self.place(simd, &pieces.time, self.time_start(), writer.at(), writer);
        writer.put_at(*b"T", time + BETWEEN);
        writer.go_to(time + u32::from(UNIFORM_TIME));
        for run in &pieces.runs {
            self.place_run(simd, run, writer);
        }
        writer.literal(simd, &pieces.end);
    }

    /// Writes cells that stand together. How far each moves is the same in all rows: as much as the texts before it are
    /// longer than the separators.
    #[inline(always)]
    fn place_run<S: Simd>(&self, simd: S, run: &PieceRun, writer: &mut RowWriter<'_>) {
        let shift = writer.at().wrapping_sub(self.start(run.columns.start));
        let starts = &self.starts[run.columns.start % COLUMNS..];
        for (piece, start) in run.pieces.iter().zip(starts) {
            self.place(simd, piece, u32::from(*start), shift.wrapping_add(u32::from(*start)), writer);
        }
        writer.go_to(shift.wrapping_add(self.end(run.columns.end - 1)).wrapping_add(run.last_at));
    }

    /// Writes a piece's text and the cell behind it, so far from `at`.
    #[inline(always)]
    fn place<S: Simd>(&self, simd: S, piece: &Piece, start: u32, at: u32, writer: &mut RowWriter<'_>) {
        writer.wide_at(simd, simd.load(&piece.text), at.wrapping_add(piece.text_at));
        writer.wide_at(simd, simd.load(self.window.wide(start)), at.wrapping_add(piece.cell_at));
    }
}
