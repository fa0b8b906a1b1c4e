//! Finds rows that are right and as rows usually are, all of their cells short: for them there is a quicker way to write.
//!
//! A check goes down a column, row by row, and ends at the first row that is not usual. So it is a loop of few instructions
//! that has all it needs at hand.

use super::check::{begins_with_time, line_ends, odd_text};
use super::index::{COLUMNS, GROUP};
use super::rows::ProvenRows;
use super::simd::{Lengths, Simd, Work};
use super::window::Cell;
use std::ops::Range;

/// Counts rows up to the first that is not usual: one of its cells is empty or longer than a wide load, its text needs an
/// escape or is not ASCII, its time is not to the millisecond or has an offset.
#[derive(Debug)]
pub(crate) struct CountUniform<'a> {
    pub(crate) rows: ProvenRows<'a>,
    /// Whether each row is known to be a line.
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
        for (place, group) in plan.lengths.iter().enumerate() {
            rows.count = with_lengths(simd, &rows, place * GROUP, group);
        }
        rows.count = without_empty_end(&rows);
        for run in &plan.numbers {
            rows.count = with_numbers(&rows, run);
        }
        rows.count = with_times(simd, &rows, rows.shape.time);
        rows.count = with_plain_text(simd, &rows, rows.shape.station, plan.special);
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
    (0..rows.count).take_while(|place| rows.row(*place).is_line()).count()
}

#[inline(always)]
fn with_lengths<S: Simd>(simd: S, rows: &ProvenRows<'_>, first: usize, lengths: &Lengths) -> usize {
    for place in 0..rows.count {
        let starts = rows.starts(place)[first % COLUMNS..].first_chunk().unwrap_or(&[0; GROUP + 1]);
        if !simd.lengths_are_right(starts, lengths) {
            return place;
        }
    }
    rows.count
}

/// An empty cell before CRLF has a length, too.
#[inline(always)]
fn without_empty_end(rows: &ProvenRows<'_>) -> usize {
    let last = (rows.shape.width - 1) % COLUMNS;
    let is_empty = |place: usize| rows.window.byte(u32::from(rows.starts(place)[last])) == b'\r';
    (0..rows.count).take_while(|place| !is_empty(*place)).count()
}

/// What is odd about a cell may show at the separator behind it.
#[inline(always)]
fn with_numbers(rows: &ProvenRows<'_>, run: &Range<usize>) -> usize {
    let (from, to) = (run.start % COLUMNS, run.end % COLUMNS);
    let are_odd = |place: usize| {
        let starts = rows.starts(place);
        rows.index.has_odd(u32::from(starts[from]), u32::from(starts[to]))
    };
    (0..rows.count).take_while(|place| !are_odd(*place)).count()
}

#[inline(always)]
fn with_times<S: Simd>(simd: S, rows: &ProvenRows<'_>, column: usize) -> usize {
    for place in 0..rows.count {
        let start = u32::from(rows.starts(place)[column % COLUMNS]);
        if !begins_with_time(simd, rows.window.wide(start)) {
            return place;
        }
    }
    rows.count
}

#[inline(always)]
fn with_plain_text<S: Simd>(simd: S, rows: &ProvenRows<'_>, column: usize, special: u8) -> usize {
    for place in 0..rows.count {
        if odd_text(simd, cell(rows, place, column), rows.window, special) != 0 {
            return place;
        }
    }
    rows.count
}

#[inline(always)]
fn without_line_ends<S: Simd>(simd: S, rows: &ProvenRows<'_>, column: usize) -> usize {
    for place in 0..rows.count {
        if line_ends(simd, cell(rows, place, column), rows.window) != 0 {
            return place;
        }
    }
    rows.count
}

/// A cell with the carriage return behind it, if there is one.
#[inline(always)]
fn cell(rows: &ProvenRows<'_>, place: usize, column: usize) -> Cell {
    let starts = rows.starts(place);
    let [start, next] = [starts[column % COLUMNS], starts[(column + 1) % COLUMNS]].map(u32::from);
    Cell { start, length: next.wrapping_sub(start + 1) }
}
