//! Finds runs of rows that are proven to be valid, window by window.

use super::check::{is_valid, numbers_are_valid};
use super::index::{BEFORE, BLOCK, CellIndex, ScanWindow, WINDOW};
use super::plan::ScanPlan;
use super::rows::{ProvenRow, ProvenRows, RowForm};
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
    /// The span of a window near the start or the end of a chunk: the bytes of the chunk, padded.
    padded: Box<[u8; BEFORE + SPAN]>,
    /// The offset in the chunk of the window that `index` describes; `None` if `index` describes another chunk.
    window: Option<usize>,
    /// The first cell of the next row.
    next: usize,
    /// The forms of the rows that were found last.
    forms: Vec<RowForm>,
    /// True if each line of the window has a cell for each column.
    is_regular: bool,
    /// The number of consecutive scans that proved no row.
    misses: u32,
    /// The number of calls that return without a scan. The pause avoids useless scans of input that the scanner cannot prove.
    pause: u32,
}

/// The longest pause.
const LONGEST_PAUSE: u32 = 15;
/// The number of bytes scanned at once after misses, if a row fits into them.
const SHORT_WINDOW: usize = 4 * BLOCK;

/// A run of proven rows in the scanner's window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvenRun {
    window: usize,
    first: usize,
    count: usize,
    /// The offset in the chunk of the byte that follows the run.
    pub(crate) end: usize,
}

impl ProvenRun {
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
            padded: Box::new([0; BEFORE + SPAN]),
            window: None,
            next: 0,
            forms: Vec::new(),
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
    pub(crate) fn find(&mut self, chunk: &[u8], start: usize) -> Option<ProvenRun> {
        if start == chunk.len() {
            return None;
        }
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
    pub(crate) fn rows<'a>(&'a self, chunk: &'a [u8], found: ProvenRun) -> ProvenRows<'a> {
        let window = self.window_at(chunk, found.window);
        ProvenRows {
            window,
            index: &self.index,
            plan: &self.plan,
            shape: self.plan.shape,
            first: found.first,
            count: found.count,
            forms: &self.forms,
        }
    }

    fn window_at<'a>(&'a self, chunk: &'a [u8], window: usize) -> Window<'a> {
        Window::new(whole_span(chunk, window).unwrap_or(&self.padded))
    }

    /// Returns the offset of the window that contains the row at `start`, and scans that window unless it was scanned
    /// before.
    #[inline(always)]
    fn enter<S: Simd>(&mut self, simd: S, chunk: &[u8], start: usize) -> usize {
        if let Some(window) = self.window.filter(|window| self.seek(start.wrapping_sub(*window))) {
            return window;
        }
        let span = match whole_span(chunk, start) {
            Some(span) => span,
            None => pad(chunk, start, &mut self.padded),
        };
        let width = self.plan.shape.width;
        let length = chunk.len().saturating_sub(start).min(WINDOW);
        let short = if self.misses > 1 { length.min(SHORT_WINDOW) } else { length };
        simd.enter(ScanWindow { index: &mut self.index, span, length: short, rules: &self.rules });
        if self.index.cells < width && short < length {
            simd.enter(ScanWindow { index: &mut self.index, span, length, rules: &self.rules });
        }
        self.is_regular = self.index.is_regular(Window::new(span), width);
        self.window = Some(start);
        self.next = 0;
        start
    }

    /// Moves to the row at this offset of the window; returns whether a row starts there and may end in the window.
    #[inline(always)]
    fn seek(&mut self, offset: usize) -> bool {
        self.next += self.index.cells_before(offset, self.next);
        self.next + self.plan.shape.width <= self.index.cells && usize::from(self.index.starts(self.next)[0]) == offset
    }
}

/// The span of the window at `start`, if the chunk has all bytes of the span.
#[inline(always)]
fn whole_span(chunk: &[u8], start: usize) -> Option<&[u8; BEFORE + SPAN]> {
    chunk.get(start.checked_sub(BEFORE)?..)?.first_chunk()
}

/// Copies the bytes of the chunk into the span of the window at `start`, line feeds before the chunk and zeroes after the chunk.
#[inline(never)]
fn pad<'a>(chunk: &[u8], start: usize, span: &'a mut [u8; BEFORE + SPAN]) -> &'a [u8; BEFORE + SPAN] {
    let before = BEFORE.saturating_sub(start);
    let rest = chunk.get((start + before) - BEFORE..).unwrap_or_default();
    let (line_feeds, bytes) = span.split_at_mut(before);
    line_feeds.fill(b'\n');
    let (copied, padding) = bytes.split_at_mut(rest.len().min(bytes.len()));
    copied.copy_from_slice(&rest[..copied.len()]);
    padding.fill(0);
    span
}

struct Find<'a> {
    scanner: &'a mut Scanner,
    chunk: &'a [u8],
    start: usize,
}

impl Work for Find<'_> {
    type Output = Option<ProvenRun>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Option<ProvenRun> {
        let Find { scanner, chunk, start } = self;
        let window = scanner.enter(simd, chunk, start);
        let width = scanner.plan.shape.width;
        let first = scanner.next;
        let count = (scanner.index.cells - first) / width;
        let is_regular = scanner.is_regular && first.is_multiple_of(width);
        let mut forms = std::mem::take(&mut scanner.forms);
        forms.clear();
        let found = ProvenRun { window, first, count, end: 0 };
        prove(simd, &scanner.rows(chunk, found), is_regular, &mut forms);
        let count = forms.len();
        scanner.forms = forms;
        scanner.next = first + count * width;
        let end = window + usize::from(scanner.index.starts(scanner.next)[0]);
        if count > 0 { Some(ProvenRun { count, end, ..found }) } else { None }
    }
}

/// Appends the form of each row up to the first row that is not proven.
#[inline(always)]
fn prove<S: Simd>(simd: S, rows: &ProvenRows<'_>, is_regular: bool, forms: &mut Vec<RowForm>) {
    loop {
        let uniform = simd.enter(CountUniform { rows: rows.after(forms.len()), is_regular });
        forms.resize(forms.len() + uniform, RowForm::UNIFORM);
        if forms.len() >= rows.count {
            return;
        }
        let row = rows.row(forms.len());
        match prove_row(simd, rows, &row, is_regular) {
            Some(fraction) => forms.push(RowForm::with_fraction(fraction)),
            None => return,
        }
    }
}

/// Proves a row that is not uniform; returns the length of its time's fraction.
#[inline(always)]
fn prove_row<S: Simd>(simd: S, rows: &ProvenRows<'_>, row: &ProvenRow<'_>, is_regular: bool) -> Option<u8> {
    let is_row = numbers_are_valid(rows.plan, rows.index, row) && (is_regular || row.is_line());
    if is_row { is_valid(simd, rows.plan, row) } else { None }
}
