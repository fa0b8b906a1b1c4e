//! Walks the rows of a window and hands them to who writes them.
#![allow(clippy::inline_always, reason = "compiled for the instructions of its caller")]

use super::super::sheet::{Sheet, WIDE};
use super::cell;
use super::pen::{Cell, Pen, Window};
use super::scan::{Index, Scanned};
use super::simd::{Path, Simd, Work};
use super::template::{Cells, Template};

/// Writes rows.
pub(in crate::reshape) trait Emit {
    /// Writes the row, or writes nothing and says no: it is for the careful path. Must be `#[inline(always)]`.
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool;
}

/// A row of a window: as many cells as there are columns, none with a quote in it.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct RowAt<'a> {
    /// The window, and at least 32 bytes behind the row.
    pub(in crate::reshape) window: Window<'a>,
    /// The separators before, in and at the end of the row.
    places: &'a [u16],
    /// 1 if the line ends with CRLF.
    carriage_return: u16,
}

impl RowAt<'_> {
    /// The cell in this column.
    #[inline(always)]
    pub(in crate::reshape) fn cell(&self, column: usize) -> Cell {
        let Some([before, end]) = self.places.get(column..).and_then(|places| places.first_chunk::<2>()) else {
            return Cell::default();
        };
        let start = before.wrapping_add(1);
        let carriage_return = if column + 2 == self.places.len() { self.carriage_return } else { 0 };
        Cell { start, length: end.wrapping_sub(start).wrapping_sub(carriage_return) }
    }

    /// Whether the row goes on with this station. Before the first row of all no station is open, and none is empty.
    #[inline(always)]
    pub(in crate::reshape) fn goes_on(&self, template: &Template, station: &[u8]) -> bool {
        !station.is_empty() && self.window.bytes(self.cell(template.cells.station)) == station
    }

    /// How long the row is, its line end included.
    #[inline(always)]
    pub(in crate::reshape) fn length(&self) -> usize {
        match self.places {
            [before, .., end] => usize::from(end.wrapping_sub(*before)),
            _ => 0,
        }
    }
}

/// How far the fast path came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(in crate::reshape) bytes: usize,
    pub(in crate::reshape) rows: u64,
}

/// The fast path for one input: its delimiter, its number of columns and room for the index.
#[derive(Debug)]
pub(crate) struct FastPath {
    path: Path,
    delimiter: u8,
    index: Index,
}

impl FastPath {
    pub(in crate::reshape) fn new(path: Path, delimiter: u8) -> Self {
        FastPath { path, delimiter, index: Index::new() }
    }

    /// Writes rows from the beginning of `input` on, at most so many, and stops at the first that it is not sure of.
    pub(in crate::reshape) fn run(&mut self, input: &[u8], cells: &Cells, most: u64, emit: &mut impl Emit) -> Progress {
        let walk = Walk { input, delimiter: self.delimiter, width: cells.width, most, index: &mut self.index, emit };
        self.path.with(walk).unwrap_or_default()
    }
}

struct Walk<'a, E> {
    input: &'a [u8],
    delimiter: u8,
    width: usize,
    most: u64,
    index: &'a mut Index,
    emit: &'a mut E,
}

impl<E: Emit> Work for Walk<'_, E> {
    type Output = Progress;

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) -> Progress {
        let mut progress = Progress::default();
        loop {
            let window = self.input.get(progress.bytes..).unwrap_or_default();
            let scanned = self.index.scan(simd, window, self.delimiter);
            let there = (scanned.separators / self.width) as u64;
            let wanted = there.min(self.most - progress.rows);
            let done = self.window(simd, window, scanned, wanted);
            progress.bytes += done.bytes;
            progress.rows += done.rows;
            if scanned.quote || done.rows < there || done.rows == 0 {
                return progress;
            }
        }
    }
}

impl<E: Emit> Walk<'_, E> {
    /// The rows of one window.
    #[inline(always)]
    fn window<S: Simd>(&mut self, simd: S, input: &[u8], scanned: Scanned, wanted: u64) -> Progress {
        let window = Window(input);
        let places = self.index.places();
        let ended = ended_rows(window, places, self.width, scanned.separators);
        // If every so-many-th separator is a line end, and there are no more line ends, then no other is one.
        let regular = ended == scanned.separators / self.width && ended == scanned.newlines;
        let mut rest = places;
        let mut progress = Progress::default();
        while progress.rows < wanted.min(ended as u64) {
            let Some(row) = rest.get(..=self.width) else { break };
            rest = &rest[self.width..];
            let end = row[self.width];
            if input.len() <= usize::from(end) + WIDE || !(regular || is_one_line(window, row)) {
                break;
            }
            let carriage_return = u16::from(window.byte(end.wrapping_sub(1)) == b'\r');
            if !self.emit.row(simd, &RowAt { window, places: row, carriage_return }) {
                break;
            }
            progress = Progress { bytes: usize::from(end) + 1, rows: progress.rows + 1 };
        }
        progress
    }
}

/// How many rows from the first on end with a line end where their last separator should be.
#[inline(always)]
fn ended_rows(window: Window<'_>, places: &[u16], width: usize, separators: usize) -> usize {
    let ends = places.iter().skip(width).step_by(width).take(separators / width);
    ends.take_while(|end| window.byte(**end) == b'\n').count()
}

/// Whether no separator but the last is a line end.
#[inline(never)]
fn is_one_line(window: Window<'_>, places: &[u16]) -> bool {
    let inner = places.get(1..places.len() - 1).unwrap_or_default();
    inner.iter().all(|place| window.byte(*place) != b'\n')
}

/// Writes a row by its template. Says no, and has written nothing, if it is not sure of a cell.
#[inline(always)]
pub(in crate::reshape) fn write_row<S: Simd>(
    simd: S,
    template: &Template,
    row: &RowAt<'_>,
    is_first: bool,
    sheet: &mut Sheet,
) -> bool {
    let mut pen = Pen::new(sheet.room(template.fixed + row.length()));
    let cells = &template.cells;
    let station = row.cell(cells.station);
    pen.fault(u32::from(station.length == 0));
    pen.literal(simd, &template.opens[usize::from(!is_first)]);
    if let Some(behind) = &template.behind_station {
        cell::text(simd, station, row.window, template.text_special, &mut pen);
        pen.literal(simd, behind);
    }
    cell::time(simd, row.cell(cells.time), row.window, &mut pen);
    for column in &cells.ignored {
        cell::no_line_end(simd, row.cell(*column), row.window, &mut pen);
    }
    for what in &cells.values {
        let cell = what.column.map(|column| row.cell(column)).unwrap_or_default();
        cell::value(simd, template, what, cell, row.window, &mut pen);
    }
    pen.literal(simd, &template.close);
    let written = pen.written();
    sheet.count(written.unwrap_or(0));
    written.is_some()
}
