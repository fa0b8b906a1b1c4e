//! The proven rows of a window, as views of its cells.

use super::check::{UNIFORM_FRACTION, UNIFORM_TIME, bits_of};
use super::index::{COLUMNS, CellIndex, Starts};
use super::plan::{RowShape, ScanPlan};
use super::simd::Simd;
use super::window::{Cell, WideText, Window};

/// A row of a window. It has a cell for each column, and no cell has a quote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvenRow<'a> {
    pub(crate) window: Window<'a>,
    /// The start of each of its cells, then the starts of the cells that follow.
    pub(crate) starts: &'a Starts,
    shape: RowShape,
    /// The end of the last cell, which is before the line end.
    end: u32,
    /// The length of the fraction of its time: the dot and the digits that follow.
    pub(crate) fraction: u8,
}

/// The byte between date and clock in bytes 8 to 15 of a time.
const BETWEEN_DATE_AND_CLOCK: u64 = 0xff << 40;

/// The form of a proven row: whether the row is uniform, and the length of the fraction of its time.
///
/// A row is uniform if each cell has 1 to 32 bytes, numbers are short and have no zeros at the end of their decimals, text is
/// plain ASCII, and the time has milliseconds and no offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowForm(u8);

impl RowForm {
    const UNIFORM_BIT: u8 = 0x80;
    pub(crate) const UNIFORM: RowForm = RowForm(RowForm::UNIFORM_BIT | UNIFORM_FRACTION);

    /// The form of a row that is not uniform.
    #[inline(always)]
    pub(crate) fn with_fraction(length: u8) -> Self {
        RowForm(length & !RowForm::UNIFORM_BIT)
    }

    #[inline(always)]
    fn is_uniform(self) -> bool {
        self.0 & RowForm::UNIFORM_BIT != 0
    }

    #[inline(always)]
    fn fraction(self) -> u8 {
        self.0 & !RowForm::UNIFORM_BIT
    }
}

/// Consecutive rows of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProvenRows<'a> {
    pub(crate) window: Window<'a>,
    pub(crate) index: &'a CellIndex,
    pub(crate) plan: &'a ScanPlan,
    pub(crate) shape: RowShape,
    /// The first cell of the first row.
    pub(crate) first: usize,
    pub(crate) count: usize,
    /// The form of each row. Without forms, rows are taken for uniform rows.
    pub(crate) forms: &'a [RowForm],
}

impl<'a> ProvenRows<'a> {
    /// The uniform rows up to the first row that is not uniform.
    #[inline(always)]
    pub(crate) fn first_uniform(&self) -> Self {
        self.first(self.forms.iter().take(self.count).take_while(|form| form.is_uniform()).count())
    }

    /// The first cell of this row.
    #[inline(always)]
    fn cell(&self, row: usize) -> usize {
        self.first + row * self.shape.width
    }

    /// The starts of the cells of this row.
    #[inline(always)]
    pub(crate) fn starts(&self, row: usize) -> &'a Starts {
        self.index.starts(self.cell(row))
    }

    /// The row at this position.
    #[inline(always)]
    pub(crate) fn row(&self, row: usize) -> ProvenRow<'a> {
        let form = self.forms.get(row).copied().unwrap_or(RowForm::UNIFORM);
        ProvenRow::new(self.window, self.starts(row), self.shape, form.fraction())
    }

    /// A key of a uniform row's time that compares as the times do, whatever byte is between date and clock.
    #[inline(always)]
    pub(crate) fn time_key(&self, row: usize) -> [u64; 3] {
        let text = self.window.wide(u32::from(self.starts(row)[self.shape.time % COLUMNS]));
        let word = |at: usize| text[at..].first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let date = word(0);
        let clock = word(8);
        let end = word(usize::from(UNIFORM_TIME) - 8);
        [date, clock & !BETWEEN_DATE_AND_CLOCK, end]
    }

    /// The first `count` rows.
    #[inline(always)]
    pub(crate) fn first(&self, count: usize) -> Self {
        ProvenRows { count: count.min(self.count), ..*self }
    }

    /// The rows after the first `count`.
    #[inline(always)]
    pub(crate) fn after(&self, count: usize) -> Self {
        let forms = self.forms.get(count..).unwrap_or_default();
        ProvenRows { first: self.cell(count), count: self.count.saturating_sub(count), forms, ..*self }
    }

    /// The uniform rows up to the first of another station.
    #[inline(always)]
    pub(crate) fn of_station<S: Simd>(&self, simd: S, station: &[u8]) -> Self {
        let Some(station) = WideText::new(station) else { return self.first(0) };
        let wanted = simd.load(&station.bytes);
        let bits = bits_of(station.length);
        for row in 0..self.count {
            let Cell { start, length } = self.row(row).cell(self.shape.station);
            let differ = simd.differ(simd.load(self.window.wide(start)), wanted) & bits;
            if differ | (length ^ station.length) != 0 {
                return self.first(row);
            }
        }
        *self
    }
}

impl<'a> ProvenRow<'a> {
    #[inline(always)]
    fn new(window: Window<'a>, starts: &'a Starts, shape: RowShape, fraction: u8) -> Self {
        let next = u32::from(starts[shape.width % COLUMNS]);
        let ends_crlf = window.byte(next.wrapping_sub(2)) == b'\r';
        ProvenRow { window, starts, shape, end: next.wrapping_sub(1 + u32::from(ends_crlf)), fraction }
    }

    /// Returns whether the last cell, and no other cell, ends with a line feed.
    #[inline(always)]
    pub(crate) fn is_line(&self) -> bool {
        let Some([within @ .., next]) = self.starts.get(1..=self.shape.width) else { return false };
        let ends_line = |next: &u16| self.window.byte(u32::from(*next).wrapping_sub(1)) == b'\n';
        ends_line(next) && !within.iter().any(ends_line)
    }

    /// The cell of the station.
    #[inline(always)]
    pub(crate) fn station(&self) -> Cell {
        self.cell(self.shape.station)
    }

    /// The start of the cell of the time.
    #[inline(always)]
    pub(crate) fn time_start(&self) -> u32 {
        self.start(self.shape.time)
    }

    /// Returns whether the row has this station. Always `false` for an empty `station`.
    #[inline(always)]
    pub(crate) fn is_of(&self, station: &[u8]) -> bool {
        !station.is_empty() && self.window.bytes(self.station()) == station
    }

    /// The start of the cell in this column.
    #[inline(always)]
    pub(crate) fn start(&self, column: usize) -> u32 {
        u32::from(self.starts[column % COLUMNS])
    }

    /// The cell in this column.
    #[inline(always)]
    pub(crate) fn cell(&self, column: usize) -> Cell {
        let start = self.start(column);
        Cell { start, length: self.end(column).wrapping_sub(start) }
    }

    /// The bytes of the cell in this column.
    #[inline(always)]
    pub(crate) fn bytes(&self, column: usize) -> &'a [u8] {
        self.window.bytes(self.cell(column))
    }

    /// The end of the cell in this column.
    #[inline(always)]
    pub(crate) fn end(&self, column: usize) -> u32 {
        if column + 1 == self.shape.width { self.end } else { self.start(column + 1).wrapping_sub(1) }
    }
}
