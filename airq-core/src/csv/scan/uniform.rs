//! Counts uniform rows, for which the encoders have a fast path. See [`RowForm`](super::rows::RowForm) for what is uniform.
//!
//! Each check goes down a column, row by row, and stops at the first row that fails. Such a loop has few instructions and
//! keeps its constants in registers.

use super::check::{begins_with_time, outer_blanks, quotes_and_returns, special_bytes};
use super::index::{COLUMNS, GROUP};
use super::rows::ProvenRows;
use super::simd::{Lengths, Simd, Work};
use super::window::Cell;
use crate::csv::number::is_short;
use std::ops::Range;

/// Counts the rows before the first row that is not uniform.
#[derive(Debug)]
pub(crate) struct CountUniform<'a> {
    pub(crate) rows: ProvenRows<'a>,
    /// True if each row is already known to be exactly one line.
    pub(crate) is_regular: bool,
}

impl Work for CountUniform<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        let CountUniform { mut rows, is_regular } = self;
        let plan = rows.plan;
        if !is_regular {
            rows.count = lines(&rows);
        }
        for (group, lengths) in plan.lengths.iter().zip(&plan.longest).enumerate() {
            rows.count = with_lengths(simd, &rows, group * GROUP, lengths);
        }
        rows.count = with_usual_end(&rows, plan.numbers.last().is_some_and(|run| run.end == rows.shape.width));
        for run in &plan.numbers {
            rows.count = with_numbers(&rows, run);
        }
        rows.count = with_times(simd, &rows, rows.shape.time);
        rows.count = with_plain_ids(simd, &rows, plan.special);
        for column in &plan.texts {
            rows.count = with_plain_text(simd, &rows, *column, plan.special);
        }
        for column in &plan.ignored {
            rows.count = without_line_ends(simd, &rows, *column);
        }
        rows.count
    }
}

#[inline(always)]
fn lines(rows: &ProvenRows<'_>) -> usize {
    (0..rows.count).take_while(|row| rows.row(*row).is_line()).count()
}

#[inline(always)]
fn with_lengths<S: Simd>(simd: S, rows: &ProvenRows<'_>, first: usize, lengths: (&Lengths, &Lengths)) -> usize {
    let (usual, longest) = lengths;
    for row in 0..rows.count {
        let starts = rows.starts(row)[first % COLUMNS..].first_chunk().unwrap_or(&[0; GROUP + 1]);
        let is_usual = simd.lengths_are_within(starts, usual);
        if is_usual || simd.lengths_are_within(starts, longest) && has_short_numbers(rows, row) {
            continue;
        }
        return row;
    }
    rows.count
}

/// Returns whether all numbers of a row are short.
#[inline(never)]
fn has_short_numbers(rows: &ProvenRows<'_>, row: usize) -> bool {
    let row = rows.row(row);
    rows.plan.numbers.iter().all(|run| run.clone().all(|column| is_short(row.bytes(column))))
}

/// Counts rows with a last cell that is not empty, and not a number that may end in a decimal zero. Before CRLF, the other checks miss
/// both, because the carriage return counts as content of the cell.
#[inline(always)]
fn with_usual_end(rows: &ProvenRows<'_>, is_number: bool) -> usize {
    let width = rows.shape.width;
    let is_unusual = |row: usize| {
        let starts = rows.starts(row);
        let next = u32::from(starts[width % COLUMNS]);
        let before_return = u32::from(starts[(width - 1) % COLUMNS]).wrapping_add(3);
        rows.window.byte(next.wrapping_sub(2)) == b'\r'
            && (next < before_return || is_number && rows.window.byte(next.wrapping_sub(3)) == b'0')
    };
    (0..rows.count).take_while(|row| !is_unusual(*row)).count()
}

/// Counts rows with valid numbers in a range of columns. The range includes the last separator: see
/// [`numbers_are_valid`](super::check::numbers_are_valid).
#[inline(always)]
fn with_numbers(rows: &ProvenRows<'_>, run: &Range<usize>) -> usize {
    let from = run.start % COLUMNS;
    let to = run.end % COLUMNS;
    let has_odd = |row: usize| {
        let starts = rows.starts(row);
        rows.index.has_odd(u32::from(starts[from]), u32::from(starts[to]))
    };
    (0..rows.count).take_while(|row| !has_odd(*row)).count()
}

#[inline(always)]
fn with_times<S: Simd>(simd: S, rows: &ProvenRows<'_>, column: usize) -> usize {
    for row in 0..rows.count {
        let start = u32::from(rows.starts(row)[column % COLUMNS]);
        if !begins_with_time(simd, rows.window.wide(start)) {
            return row;
        }
    }
    rows.count
}

#[inline(always)]
fn with_plain_text<S: Simd>(simd: S, rows: &ProvenRows<'_>, column: usize, special: u8) -> usize {
    for row in 0..rows.count {
        if special_bytes(simd, cell(rows, row, column), rows.window, special) != 0 {
            return row;
        }
    }
    rows.count
}

/// Counts rows with a station of plain text without outer blanks.
#[inline(always)]
fn with_plain_ids<S: Simd>(simd: S, rows: &ProvenRows<'_>, special: u8) -> usize {
    for row in 0..rows.count {
        let id = cell(rows, row, rows.shape.station);
        let special_bytes = special_bytes(simd, id, rows.window, special);
        if special_bytes | outer_blanks(simd, id, rows.window) != 0 {
            return row;
        }
    }
    rows.count
}

#[inline(always)]
fn without_line_ends<S: Simd>(simd: S, rows: &ProvenRows<'_>, column: usize) -> usize {
    for row in 0..rows.count {
        if quotes_and_returns(simd, cell(rows, row, column), rows.window) != 0 {
            return row;
        }
    }
    rows.count
}

/// Returns a cell, with the carriage return of a CRLF if the cell is the last of its line.
#[inline(always)]
fn cell(rows: &ProvenRows<'_>, row: usize, column: usize) -> Cell {
    let starts = rows.starts(row);
    let [start, next] = [starts[column % COLUMNS], starts[(column + 1) % COLUMNS]].map(u32::from);
    Cell { start, length: next.wrapping_sub(start + 1) }
}
