//! Walks the rows of a window and hands them to who writes them.
#![allow(clippy::inline_always, reason = "compiled for the instructions of its caller")]

use super::super::sheet::{Sheet, WIDE};
use super::cell::{self, Cell};
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
    pub(in crate::reshape) input: &'a [u8],
    /// The separators before, in and at the end of the row.
    places: &'a [u16],
    /// 1 if the line ends with CRLF.
    carriage_return: usize,
}

impl RowAt<'_> {
    /// The cell in this column.
    #[inline(always)]
    pub(in crate::reshape) fn cell(&self, column: usize) -> Cell {
        let place = |number: usize| self.places.get(number).copied().unwrap_or(0);
        let start = usize::from(place(column).wrapping_add(1));
        let end = usize::from(place(column + 1));
        let carriage_return = if column + 2 == self.places.len() { self.carriage_return } else { 0 };
        Cell { start, length: (end - carriage_return).saturating_sub(start) }
    }

    /// The bytes of a cell.
    #[inline(always)]
    pub(in crate::reshape) fn bytes(&self, cell: Cell) -> &[u8] {
        self.input.get(cell.start..cell.start + cell.length).unwrap_or_default()
    }

    /// Whether the row goes on with this station. Before the first row of all no station is open, and none is empty.
    #[inline(always)]
    pub(in crate::reshape) fn goes_on(&self, template: &Template, station: &[u8]) -> bool {
        !station.is_empty() && self.bytes(self.cell(template.cells.station)) == station
    }

    /// How long the row is, its line end included.
    #[inline(always)]
    pub(in crate::reshape) fn length(&self) -> usize {
        let first = self.places.first().map_or(0, |place| usize::from(place.wrapping_add(1)));
        let end = self.places.last().map_or(0, |place| usize::from(*place) + 1);
        end - first
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
    fn window<S: Simd>(&mut self, simd: S, window: &[u8], scanned: Scanned, wanted: u64) -> Progress {
        let places = self.index.places();
        let ended = ended_rows(window, places, self.width, scanned.separators);
        // If every so-many-th separator is a line end, and there are no more line ends, then no other is one.
        let regular = ended == scanned.separators / self.width && ended == scanned.newlines;
        let wanted = wanted.min(ended as u64);
        let mut progress = Progress::default();
        for row in places.windows(self.width + 1).step_by(self.width) {
            if progress.rows == wanted {
                break;
            }
            let end = row.last().map_or(0, |place| usize::from(*place));
            if window.len() <= end + WIDE || !(regular || is_one_line(window, row)) {
                break;
            }
            let carriage_return = usize::from(end > progress.bytes && window.get(end - 1) == Some(&b'\r'));
            if !self.emit.row(simd, &RowAt { input: window, places: row, carriage_return }) {
                break;
            }
            progress = Progress { bytes: end + 1, rows: progress.rows + 1 };
        }
        progress
    }
}

/// How many rows from the first on end with a line end where their last separator should be.
#[inline(always)]
fn ended_rows(window: &[u8], places: &[u16], width: usize, separators: usize) -> usize {
    let ends = places.iter().skip(width).step_by(width).take(separators / width);
    ends.take_while(|end| window.get(usize::from(**end)) == Some(&b'\n')).count()
}

/// Whether no separator but the last is a line end.
#[inline(never)]
fn is_one_line(window: &[u8], places: &[u16]) -> bool {
    let inner = places.get(1..places.len() - 1).unwrap_or_default();
    inner.iter().all(|place| window.get(usize::from(*place)) != Some(&b'\n'))
}

/// Writes a row by its template, the first `skip` bytes of its opening text left out. Says no, and has written nothing,
/// if it is not sure of a cell.
#[inline(always)]
pub(in crate::reshape) fn write_row<S: Simd>(
    simd: S,
    template: &Template,
    row: &RowAt<'_>,
    skip: usize,
    sheet: &mut Sheet,
) -> bool {
    sheet.reserve(template.fixed + row.length());
    let (out, at) = sheet.parts();
    match row_at(simd, template, row, skip, out, at) {
        Some(end) => {
            sheet.fill_to(end);
            true
        }
        None => false,
    }
}

#[inline(always)]
fn row_at<S: Simd>(
    simd: S,
    template: &Template,
    row: &RowAt<'_>,
    skip: usize,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let cells = &template.cells;
    let station = row.cell(cells.station);
    if station.length == 0 {
        return None;
    }
    let mut at = cell::literal(simd, &template.open, skip, out, at)?;
    if let Some(behind) = &template.behind_station {
        at = cell::plain_text(simd, station, row.input, template.text_special, out, at)?;
        at = cell::literal(simd, behind, 0, out, at)?;
    }
    at = cell::time(simd, row.cell(cells.time), row.input, out, at)?;
    for column in &cells.ignored {
        cell::no_line_end(simd, row.cell(*column), row.input)?;
    }
    for what in &cells.values {
        let cell = what.column.map(|column| row.cell(column)).unwrap_or_default();
        at = cell::value(simd, template, what, cell, row.input, out, at)?;
    }
    cell::literal(simd, &template.close, 0, out, at)
}
