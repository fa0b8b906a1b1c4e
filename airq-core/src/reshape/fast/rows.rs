//! Walks the rows of a window and hands those that are right to who writes them.

use super::super::sheet::{Sheet, WIDE};
use super::check::{CLOCK, check, numbers_are_right};
use super::pen::{Cell, Pen, SPAN, Window};
use super::rules::Rules;
use super::scan::{BEFORE, BLOCK, Index, WINDOW};
use super::simd::{Path, Simd, Work};
use super::template::{Cells, Literal, Run, Template};

/// Writes rows.
pub(in crate::reshape) trait Emit {
    /// Writes the row, which is right; or writes nothing and says no: it is for the careful path. Must be
    /// `#[inline(always)]`.
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool;
    /// Whether enough is written for now.
    fn is_full(&self) -> bool;
}

/// A row of a window: as many cells as there are columns, none with a quote in it.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct RowAt<'a> {
    pub(super) window: Window<'a>,
    /// Where it begins.
    start: u32,
    /// Where each of its cells ends.
    pub(super) ends: &'a [u16],
    /// How its time is spelled: the length of the dot and the digits behind it.
    fraction: u8,
}

impl RowAt<'_> {
    /// Where the cell in this column begins.
    #[inline(always)]
    pub(super) fn start(&self, column: usize) -> u32 {
        match self.ends.get(column.wrapping_sub(1)) {
            Some(before) => u32::from(*before) + 1,
            None => self.start,
        }
    }

    /// The cell in this column.
    #[inline(always)]
    pub(in crate::reshape) fn cell(&self, column: usize) -> Cell {
        let start = self.start(column);
        let end = self.ends.get(column).map_or(start, |end| u32::from(*end));
        Cell { start, length: end.wrapping_sub(start) }
    }

    /// Whether the row goes on with this station. Before the first row of all no station is open, and none is empty.
    #[inline(always)]
    pub(in crate::reshape) fn goes_on(&self, template: &Template, station: &[u8]) -> bool {
        !station.is_empty() && self.window.bytes(self.cell(template.cells.station)) == station
    }

    /// Writes the time as RFC 3339 with milliseconds.
    #[inline(always)]
    pub(in crate::reshape) fn time<S: Simd>(&self, simd: S, template: &Template, pen: &mut Pen<'_>) {
        pen.wide(simd, simd.load(self.window.wide(self.cell(template.cells.time).start)), 0);
        pen.ahead(10, *b"T");
        pen.ahead(CLOCK + u32::from(self.fraction), ENDS[usize::from(self.fraction) % 8]);
        pen.count(TIME_LENGTH);
    }

    /// Writes the values of a run of columns, each with its key before it.
    #[inline(always)]
    fn values<S: Simd>(&self, simd: S, template: &Template, run: &Run, pen: &mut Pen<'_>) {
        let mut start = self.start(run.columns.start);
        for (key, end) in run.keys.iter().zip(self.ends.get(run.columns.clone()).unwrap_or_default()) {
            let cell = Cell { start, length: u32::from(*end).wrapping_sub(start) };
            start = u32::from(*end) + 1;
            self.value(simd, template, run.is_text, key, cell, pen);
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

/// How far the fast path came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(in crate::reshape) bytes: usize,
    pub(in crate::reshape) rows: u64,
}

/// The fast path for one input: its delimiter, and room for the index.
#[derive(Debug)]
pub(crate) struct FastPath {
    path: Path,
    rules: Rules,
    index: Index,
    /// The last bytes of an input, with zeroes behind them.
    tail: Box<[u8; BEFORE + SPAN]>,
    /// How the times of the window's rows are spelled.
    fractions: Box<[u8; MOST_ROWS]>,
    /// How much to scan at once: little where rows are doubtful, for what is behind a doubtful row is scanned again.
    reach: usize,
}

/// The shortest row is `a,b` and a line end.
const MOST_ROWS: usize = WINDOW / 4;
/// The least that is scanned at once.
const LEAST_REACH: usize = 4 * BLOCK;

impl FastPath {
    pub(in crate::reshape) fn new(path: Path, delimiter: u8) -> Self {
        FastPath {
            path,
            rules: Rules::new(delimiter),
            index: Index::new(),
            tail: Box::new([0; BEFORE + SPAN]),
            fractions: Box::new([0; MOST_ROWS]),
            reach: WINDOW,
        }
    }

    /// Writes rows of `input` from `start` on, at most so many, and stops at the first that it is not sure of, or when
    /// enough is written.
    pub(in crate::reshape) fn run(
        &mut self,
        input: &[u8],
        start: usize,
        cells: &Cells,
        most: u64,
        emit: &mut impl Emit,
    ) -> Progress {
        // The check of a block looks at what is before it, too.
        let Some(input) = start.checked_sub(BEFORE).and_then(|start| input.get(start..)) else {
            return Progress::default();
        };
        let path = self.path;
        path.with(Walk { input, cells, most, fast: self, emit }).unwrap_or_default()
    }
}

struct Walk<'a, E> {
    /// The rows, and two bytes before them.
    input: &'a [u8],
    cells: &'a Cells,
    most: u64,
    fast: &'a mut FastPath,
    emit: &'a mut E,
}

impl<E: Emit> Work for Walk<'_, E> {
    type Output = Progress;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Progress {
        let Walk { input, cells, most, fast, emit } = self;
        let FastPath { rules, index, tail, fractions, reach, .. } = fast;
        let mut progress = Progress::default();
        loop {
            let rest = input.get(progress.bytes..).unwrap_or_default();
            let span = match rest.first_chunk() {
                Some(span) => span,
                None => in_full(rest, *reach, tail),
            };
            let scanned = index.scan(simd, span, *reach, rules);
            let window = Window(span[BEFORE..].first_chunk().unwrap_or(&[0; SPAN]));
            let wanted = usize::try_from(most - progress.rows).unwrap_or(usize::MAX);
            let rows = right_rows(simd, cells, window, index, scanned.lines.min(wanted), fractions);
            let done = write(simd, cells, window, index, &fractions[..rows], emit);
            progress.bytes += done.bytes;
            progress.rows += done.rows;
            let all = done.rows == scanned.lines as u64 && done.rows > 0;
            let done_before_doubt = done.bytes / BLOCK * BLOCK;
            *reach = if all { *reach * 2 } else { done_before_doubt }.clamp(LEAST_REACH, WINDOW);
            if scanned.quote || !all || emit.is_full() {
                return progress;
            }
        }
    }
}

/// The last bytes of the input, as many as are needed for so many to be scanned, with zeroes behind them.
#[inline(never)]
fn in_full<'a>(rest: &[u8], reach: usize, tail: &'a mut [u8; BEFORE + SPAN]) -> &'a [u8; BEFORE + SPAN] {
    let needed = reach + SPAN - WINDOW + BEFORE;
    let length = rest.len().min(needed);
    tail[..length].copy_from_slice(&rest[..length]);
    tail[length..needed].fill(0);
    tail
}

/// Checks so many rows of the window: how many from the first on are right. Their cells end before a carriage return.
#[inline(always)]
fn right_rows<S: Simd>(
    simd: S,
    cells: &Cells,
    window: Window<'_>,
    index: &mut Index,
    rows: usize,
    fractions: &mut [u8; MOST_ROWS],
) -> usize {
    let (mut checked, mut start) = (0, 0);
    let (ends, line_ends, odd) = index.parts();
    let lines = line_ends.iter().take(rows);
    for ((ends, line_end), fraction) in ends.chunks_exact_mut(cells.width).zip(lines).zip(fractions) {
        // If so many separators further is the next line end, then none of those between is one.
        let [.., end] = ends else { break };
        if end != line_end || !numbers_are_right(cells, ends, odd) {
            break;
        }
        let [.., end] = ends else { break };
        if window.byte(u32::from(*end).wrapping_sub(1)) == b'\r' {
            *end = end.saturating_sub(1);
        }
        match check(simd, cells, &RowAt { window, start, ends, fraction: 0 }) {
            Some(found) => *fraction = found,
            None => break,
        }
        start = u32::from(*line_end) + 1;
        checked += 1;
    }
    checked
}

/// Hands the first rows of the window to who writes them.
#[inline(always)]
fn write<S: Simd>(
    simd: S,
    cells: &Cells,
    window: Window<'_>,
    index: &mut Index,
    fractions: &[u8],
    emit: &mut impl Emit,
) -> Progress {
    let (mut rows, mut start) = (0, 0);
    let (ends, line_ends, _) = index.parts();
    for ((ends, line_end), fraction) in ends.chunks_exact(cells.width).zip(line_ends).zip(fractions) {
        if !emit.row(simd, &RowAt { window, start, ends, fraction: *fraction }) {
            break;
        }
        start = u32::from(*line_end) + 1;
        rows += 1;
    }
    Progress { bytes: start as usize, rows }
}

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
