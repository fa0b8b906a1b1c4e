//! Walks the rows of a window and hands those that are right to who writes them.

use super::check::{is_right, numbers_are_right};
use super::pen::{SPAN, Window};
use super::row::{RowAt, Stretch};
use super::rules::Rules;
use super::scan::{BEFORE, BLOCK, Index, Scan, WINDOW};
use super::simd::{Path, Simd, Work};
use super::template::Cells;
use super::usual::CountUsual;

/// Writes rows. What takes instructions must be `#[inline(always)]`.
pub(in crate::reshape) trait Emit {
    /// Writes the row, which is right; or writes nothing and says no: it is for the careful path.
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool;
    /// Writes [usual](CountUsual) rows, as many as it can: tells how many. The first that it left is for [`row`](Emit::row).
    #[inline(always)]
    fn usual<S: Simd>(&mut self, simd: S, rows: &Stretch<'_>) -> usize {
        for place in 0..rows.count {
            if !self.row(simd, &rows.row(place)) {
                return place;
            }
        }
        rows.count
    }
    /// Whether enough is written for now.
    fn is_full(&self) -> bool;
}

/// How far the fast path came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(in crate::reshape) bytes: usize,
    pub(in crate::reshape) rows: u64,
}

/// The fast path for one input: its delimiter, and the window it is in.
#[derive(Debug)]
pub(crate) struct FastPath {
    path: Path,
    rules: Rules,
    index: Index,
    /// The last bytes of an input, with zeroes behind them.
    tail: Box<[u8; BEFORE + SPAN]>,
    /// Where in the input the window is that was scanned; `None` where that was another input.
    window: Option<usize>,
    /// The cell that the next row begins with.
    next: usize,
    /// Whether all rows from the window's beginning on have as many cells as there are columns.
    is_regular: bool,
    /// How many tries in a row were in vain, and how many not to try: where every row is doubtful, to try costs.
    in_vain: u32,
    pause: u32,
}

/// The longest pause.
const LONGEST_PAUSE: u32 = 15;
/// How much is scanned at once after tries in vain, if a row fits into it.
const LITTLE: usize = 4 * BLOCK;

impl FastPath {
    pub(in crate::reshape) fn new(path: Path, delimiter: u8) -> Self {
        FastPath {
            path,
            rules: Rules::new(delimiter),
            index: Index::new(),
            tail: Box::new([0; BEFORE + SPAN]),
            window: None,
            next: 0,
            is_regular: false,
            in_vain: 0,
            pause: 0,
        }
    }

    /// Must be called before [`run`](FastPath::run) is given another input.
    pub(in crate::reshape) fn forget_input(&mut self) {
        self.window = None;
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
        if self.pause > 0 {
            self.pause -= 1;
            return Progress::default();
        }
        let done = self.path.with(Walk { input, start, cells, most, fast: self, emit }).unwrap_or_default();
        self.in_vain = if done.rows == 0 { self.in_vain + 1 } else { 0 };
        self.pause = self.in_vain.saturating_sub(1).min(LONGEST_PAUSE);
        done
    }

    /// Finds the row that begins here in the window, or scans a window from here on. `None` too close to the input's
    /// beginning: the check of a block looks at what is before it, too.
    #[inline(always)]
    fn enter<S: Simd>(&mut self, simd: S, input: &[u8], start: usize, width: usize) -> Option<usize> {
        if let Some(window) = self.window.filter(|window| self.find(start.wrapping_sub(*window), width)) {
            return Some(window);
        }
        let rest = input.get(start.checked_sub(BEFORE)?..)?;
        let span = match rest.first_chunk() {
            Some(span) => span,
            None => in_full(rest, &mut self.tail),
        };
        let length = (rest.len() - BEFORE).min(WINDOW);
        let little = if self.in_vain > 1 { length.min(LITTLE) } else { length };
        simd.enter(Scan { index: &mut self.index, span, length: little, rules: &self.rules });
        if self.index.cells < width && little < length {
            simd.enter(Scan { index: &mut self.index, span, length, rules: &self.rules });
        }
        self.is_regular = self.index.is_regular(Window::new(span), width);
        (self.window, self.next) = (Some(start), 0);
        Some(start)
    }

    /// Whether a row begins in the window at this place, and may end in it.
    #[inline(always)]
    fn find(&mut self, place: usize, width: usize) -> bool {
        self.next += self.index.cells_before(place, self.next);
        self.next + width <= self.index.cells && usize::from(self.index.starts(self.next)[0]) == place
    }
}

struct Walk<'a, E> {
    input: &'a [u8],
    start: usize,
    cells: &'a Cells,
    most: u64,
    fast: &'a mut FastPath,
    emit: &'a mut E,
}

impl<E: Emit> Work for Walk<'_, E> {
    type Output = Progress;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Progress {
        let Walk { input, start, cells, most, fast, emit } = self;
        let mut progress = Progress::default();
        while let Some(window) = fast.enter(simd, input, start + progress.bytes, cells.width) {
            let FastPath { index, tail, next, is_regular, .. } = fast;
            let span = input.get(window - BEFORE..).and_then(<[u8]>::first_chunk).unwrap_or(tail);
            let width = cells.width;
            let whole = (index.cells - *next) / width;
            let count = usize::try_from(most - progress.rows).map_or(whole, |most| whole.min(most));
            let is_regular = *is_regular && next.is_multiple_of(width);
            let rows = Stretch { window: Window::new(span), index, first: *next, width, count };
            let done = simd.enter(WholeRows { cells, rows, is_regular, emit });
            *next += done * width;
            progress.rows += done as u64;
            progress.bytes = window + usize::from(index.starts(*next)[0]) - start;
            if done == 0 || done < count || emit.is_full() {
                break;
            }
        }
        progress
    }
}

/// The last bytes of the input, with zeroes behind them.
#[inline(never)]
fn in_full<'a>(rest: &[u8], tail: &'a mut [u8; BEFORE + SPAN]) -> &'a [u8; BEFORE + SPAN] {
    let (there, behind) = tail.split_at_mut(rest.len().min(BEFORE + SPAN));
    there.copy_from_slice(rest);
    behind.fill(0);
    tail
}

/// The rows of a window, from a cell on.
struct WholeRows<'a, E> {
    cells: &'a Cells,
    rows: Stretch<'a>,
    /// Whether each is known to be a line.
    is_regular: bool,
    emit: &'a mut E,
}

impl<E: Emit> Work for WholeRows<'_, E> {
    /// How many were written: less than all if it was not sure of the next.
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        let WholeRows { cells, rows, is_regular, emit } = self;
        let mut done = 0;
        while done < rows.count {
            let rest = rows.behind(done);
            let usual = simd.enter(CountUsual { cells, rows: rest, is_regular });
            let written = if usual > 0 { simd.enter(WriteUsual { rows: rest.head(usual), emit }) } else { 0 };
            done += written;
            // One that is not usual, or that it left.
            if done < rows.count {
                let mut row = rows.row(done);
                let is_row = numbers_are_right(cells, rows.index, &row) && (is_regular || row.is_line());
                let Some(fraction) = is_row.then(|| is_right(simd, cells, &row)).flatten() else { break };
                row.fraction = fraction;
                if !emit.row(simd, &row) {
                    break;
                }
                done += 1;
            }
        }
        done
    }
}

/// The writing of usual rows.
struct WriteUsual<'a, E> {
    rows: Stretch<'a>,
    emit: &'a mut E,
}

impl<E: Emit> Work for WriteUsual<'_, E> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        self.emit.usual(simd, &self.rows)
    }
}
