//! Finds runs of rows that are proven to be valid, window by window.

use super::check::{is_valid, numbers_are_valid};
use super::index::{BEFORE, BLOCK, CellIndex, Scan, WINDOW};
use super::plan::ScanPlan;
use super::rows::{ProvenRow, ProvenRows};
use super::rules::Rules;
use super::simd::{Dispatch, Simd, Work};
use super::uniform::CountUniform;
use super::window::{SPAN, Window};

/// Scans the chunks of one input.
#[derive(Debug)]
pub(crate) struct Scanner {
    pub(crate) dispatch: Dispatch,
    rules: Rules,
    plan: ScanPlan,
    index: CellIndex,
    /// The last bytes of a chunk, padded with zeroes.
    tail: Box<[u8; BEFORE + SPAN]>,
    /// The offset in the chunk of the window that `index` describes; `None` if `index` describes another chunk.
    window: Option<usize>,
    /// The first cell of the next row.
    next: usize,
    /// Whether each row of the window has as many cells as there are columns.
    is_regular: bool,
    /// The number of consecutive scans that proved no row.
    misses: u32,
    /// The number of calls that return without a scan: scans are wasted on input whose every row is doubtful.
    pause: u32,
}

/// The longest pause.
const LONGEST_PAUSE: u32 = 15;
/// The number of bytes scanned at once after misses, if a row fits into them.
const SHORT_WINDOW: usize = 4 * BLOCK;

/// A run of proven rows in the scanner's window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    window: usize,
    first: usize,
    count: usize,
    fraction: Option<u8>,
    /// The offset in the chunk of the byte that follows the run.
    pub(crate) end: usize,
}

impl Found {
    /// The number of rows.
    pub(crate) fn count(&self) -> u64 {
        self.count as u64
    }
}

impl Scanner {
    pub(crate) fn new(dispatch: Dispatch, delimiter: u8, plan: ScanPlan) -> Self {
        Scanner {
            dispatch,
            rules: Rules::new(delimiter),
            plan,
            index: CellIndex::new(),
            tail: Box::new([0; BEFORE + SPAN]),
            window: None,
            next: 0,
            is_regular: false,
            misses: 0,
            pause: 0,
        }
    }

    /// Forgets the chunk. Must be called before [`find`](Scanner::find) is given another chunk.
    pub(crate) fn forget_chunk(&mut self) {
        self.window = None;
    }

    /// Finds the proven rows at the offset `start` of `chunk`; `None` if the row at `start` is not proven.
    pub(crate) fn find(&mut self, chunk: &[u8], start: usize) -> Option<Found> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let found = self.dispatch.run(Find { scanner: self, chunk, start }).flatten();
        self.misses = if found.is_none() { self.misses + 1 } else { 0 };
        self.pause = self.misses.saturating_sub(1).min(LONGEST_PAUSE);
        found
    }

    /// The rows of a run that [`find`](Scanner::find) found last in this chunk.
    pub(crate) fn rows<'a>(&'a self, chunk: &'a [u8], found: Found) -> ProvenRows<'a> {
        let window = self.window_at(chunk, found.window);
        ProvenRows {
            window,
            index: &self.index,
            plan: &self.plan,
            first: found.first,
            count: found.count,
            fraction: found.fraction,
        }
    }

    fn window_at<'a>(&'a self, chunk: &'a [u8], window: usize) -> Window<'a> {
        let span = chunk.get(window - BEFORE..).and_then(<[u8]>::first_chunk);
        Window::new(span.unwrap_or(&self.tail))
    }

    /// Returns the offset of the window that contains the row at `start`, and scans that window unless it was scanned
    /// before. Returns `None` near the start of a chunk: the check of a block reads the bytes before the block.
    #[inline(always)]
    fn enter<S: Simd>(&mut self, simd: S, chunk: &[u8], start: usize) -> Option<usize> {
        if let Some(window) = self.window.filter(|window| self.seek(start.wrapping_sub(*window))) {
            return Some(window);
        }
        let rest = chunk.get(start.checked_sub(BEFORE)?..)?;
        let span = match rest.first_chunk() {
            Some(span) => span,
            None => padded(rest, &mut self.tail),
        };
        let width = self.plan.width;
        let length = (rest.len() - BEFORE).min(WINDOW);
        let short = if self.misses > 1 { length.min(SHORT_WINDOW) } else { length };
        simd.enter(Scan { index: &mut self.index, span, length: short, rules: &self.rules });
        if self.index.cells < width && short < length {
            simd.enter(Scan { index: &mut self.index, span, length, rules: &self.rules });
        }
        self.is_regular = self.index.is_regular(Window::new(span), width);
        self.window = Some(start);
        self.next = 0;
        Some(start)
    }

    /// Moves to the row at this offset of the window; returns whether a row starts there and may end in the window.
    #[inline(always)]
    fn seek(&mut self, offset: usize) -> bool {
        self.next += self.index.cells_before(offset, self.next);
        self.next + self.plan.width <= self.index.cells && usize::from(self.index.starts(self.next)[0]) == offset
    }
}

/// Copies the last bytes of a chunk and pads them with zeroes.
#[inline(never)]
fn padded<'a>(rest: &[u8], tail: &'a mut [u8; BEFORE + SPAN]) -> &'a [u8; BEFORE + SPAN] {
    let (copied, padding) = tail.split_at_mut(rest.len().min(BEFORE + SPAN));
    copied.copy_from_slice(rest);
    padding.fill(0);
    tail
}

struct Find<'a> {
    scanner: &'a mut Scanner,
    chunk: &'a [u8],
    start: usize,
}

impl Work for Find<'_> {
    type Output = Option<Found>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Option<Found> {
        let Find { scanner, chunk, start } = self;
        let window = scanner.enter(simd, chunk, start)?;
        let width = scanner.plan.width;
        let first = scanner.next;
        let count = (scanner.index.cells - first) / width;
        let is_regular = scanner.is_regular && first.is_multiple_of(width);
        let found = Found { window, first, count, fraction: None, end: 0 };
        let rows = scanner.rows(chunk, found);
        let uniform = simd.enter(CountUniform { rows, is_regular });
        let (count, fraction) = match uniform {
            0 => (1, Some(single(simd, &rows, is_regular)?)),
            uniform => (uniform, None),
        };
        scanner.next = first + count * width;
        let end = window + usize::from(scanner.index.starts(scanner.next)[0]);
        Some(Found { count, fraction, end, ..found })
    }
}

/// Proves the first row, which is not uniform; returns the length of its time's fraction.
#[inline(always)]
fn single<S: Simd>(simd: S, rows: &ProvenRows<'_>, is_regular: bool) -> Option<u8> {
    if rows.count == 0 {
        return None;
    }
    let row: ProvenRow<'_> = rows.row(0);
    let is_row = numbers_are_valid(rows.plan, rows.index, &row) && (is_regular || row.is_line());
    if is_row { is_valid(simd, rows.plan, &row) } else { None }
}
