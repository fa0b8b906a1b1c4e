//! The rows of a window, by their cells.

use super::check::{USUAL_FRACTION, USUAL_TIME, bits_of};
use super::pen::{Cell, Window};
use super::scan::{COLUMNS, Index, Starts};
use super::simd::Simd;
use super::template::{Literal, Template};

/// A row of a window: as many cells as there are columns, none with a quote in it.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct RowAt<'a> {
    pub(super) window: Window<'a>,
    /// Where each of its cells begins, then where those behind it do.
    pub(super) starts: &'a Starts,
    pub(super) width: usize,
    /// Where its last cell ends: before the line end.
    end: u32,
    /// How its time is spelled: the length of the dot and the digits behind it.
    pub(super) fraction: u8,
}

/// The byte between date and clock in bytes 8 to 15 of a time.
const BETWEEN_DATE_AND_CLOCK: u64 = 0xff << 40;

/// Rows of a window that stand together.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct Stretch<'a> {
    pub(super) window: Window<'a>,
    pub(super) index: &'a Index,
    /// The cell that the first begins with.
    pub(super) first: usize,
    /// How many cells each has.
    pub(super) width: usize,
    pub(in crate::reshape) count: usize,
}

impl<'a> Stretch<'a> {
    /// The cell that the row at this place begins with.
    #[inline(always)]
    fn cell(&self, place: usize) -> usize {
        self.first + place * self.width
    }

    /// Where the cells of the row at this place begin.
    #[inline(always)]
    pub(super) fn starts(&self, place: usize) -> &'a Starts {
        self.index.starts(self.cell(place))
    }

    /// The row at this place, with its time as usual.
    #[inline(always)]
    pub(in crate::reshape) fn row(&self, place: usize) -> RowAt<'a> {
        RowAt::new(self.window, self.starts(place), self.width)
    }

    /// The time of the row at this place, if that is usual: it compares as the times do, whatever stands before the clock.
    #[inline(always)]
    pub(in crate::reshape) fn usual_time(&self, template: &Template, place: usize) -> [u64; 3] {
        let text = self.window.wide(u32::from(self.starts(place)[template.cells.time % COLUMNS]));
        let word = |at: usize| text[at..].first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let [date, clock, end] = [0, 8, usize::from(USUAL_TIME) - 8].map(word);
        [date, clock & !BETWEEN_DATE_AND_CLOCK, end]
    }

    /// The first of them, so many.
    #[inline(always)]
    pub(super) fn head(&self, count: usize) -> Self {
        Stretch { count: count.min(self.count), ..*self }
    }

    /// The first of them, which are [usual](super::usual), up to one of another station.
    #[inline(always)]
    pub(in crate::reshape) fn going_on<S: Simd>(&self, simd: S, template: &Template, station: &[u8]) -> Self {
        let Some(station) = Literal::new(station) else { return self.head(0) };
        let (wanted, bits) = (simd.load(&station.bytes), bits_of(station.length));
        for place in 0..self.count {
            let Cell { start, length } = self.row(place).cell(template.cells.station);
            let differ = simd.differ(simd.load(self.window.wide(start)), wanted) & bits;
            if differ | (length ^ station.length) != 0 {
                return self.head(place);
            }
        }
        *self
    }

    /// Those behind the first, so many.
    #[inline(always)]
    pub(super) fn behind(&self, count: usize) -> Self {
        Stretch { first: self.cell(count), count: self.count.saturating_sub(count), ..*self }
    }
}

impl<'a> RowAt<'a> {
    /// The row whose cells begin here.
    #[inline(always)]
    fn new(window: Window<'a>, starts: &'a Starts, width: usize) -> Self {
        let next = u32::from(starts[width % COLUMNS]);
        let ends_crlf = window.byte(next.wrapping_sub(2)) == b'\r';
        RowAt { window, starts, width, end: next.wrapping_sub(1 + u32::from(ends_crlf)), fraction: USUAL_FRACTION }
    }

    /// Whether its last cell, and no other, ends with a line feed.
    #[inline(always)]
    pub(super) fn is_line(&self) -> bool {
        let Some([within @ .., next]) = self.starts.get(1..=self.width) else { return false };
        let ends_line = |next: &u16| self.window.byte(u32::from(*next).wrapping_sub(1)) == b'\n';
        ends_line(next) && !within.iter().any(ends_line)
    }

    /// Where the cell in this column begins.
    #[inline(always)]
    pub(super) fn start(&self, column: usize) -> u32 {
        u32::from(self.starts[column % COLUMNS])
    }

    /// The cell in this column.
    #[inline(always)]
    pub(in crate::reshape) fn cell(&self, column: usize) -> Cell {
        let start = self.start(column);
        Cell { start, length: self.end(column).wrapping_sub(start) }
    }

    /// Where the cell in this column ends.
    #[inline(always)]
    pub(super) fn end(&self, column: usize) -> u32 {
        if column + 1 == self.width { self.end } else { self.start(column + 1).wrapping_sub(1) }
    }

    /// Whether the row goes on with this station. Before the first row of all no station is open, and none is empty.
    #[inline(always)]
    pub(in crate::reshape) fn goes_on(&self, template: &Template, station: &[u8]) -> bool {
        !station.is_empty() && self.window.bytes(self.cell(template.cells.station)) == station
    }
}
