//! Finds the separators of a window of input, and the bytes that cannot stand in numbers.

use super::rules::Rules;
use super::simd::{Masks, Simd, Work};
use super::window::{SPAN, Window};

/// How many bytes are scanned before their rows are written, at most: input, index and output stay in the nearest cache.
pub(crate) const WINDOW: usize = 4096;
/// The bytes that are looked at together.
pub(crate) const BLOCK: usize = 64;
/// How many bytes before a block are looked at.
pub(crate) const BEFORE: usize = 2;
const BLOCK_LENGTH: u16 = 64;
/// How many cells' lengths are looked at together.
pub(crate) const GROUP: usize = 16;
/// More columns than there may be, and a power of two: to cut a place in a row to it costs no question.
pub(crate) const COLUMNS: usize = 64;
const STARTS: usize = COLUMNS + GROUP;
/// Where a row's cells begin, and what may be looked at behind them.
pub(crate) type Starts = [u16; STARTS];
/// Every byte of a window a separator, and what a block may write or a row may read beyond.
pub(crate) const CAPACITY: usize = WINDOW + STARTS;
/// More blocks than a window has, and a power of two.
const BLOCKS: usize = 2 * WINDOW / BLOCK;

/// The cells of a window. The window begins at a cell's beginning.
#[derive(Debug)]
pub(crate) struct CellIndex {
    /// Where cells begin: behind each separator, and the first.
    starts: Box<[u16; CAPACITY]>,
    /// The odd bytes, and what is behind the last of them.
    odd: Box<[Odd; BLOCKS]>,
    /// How many cells end in the window, and how many of them with a line feed.
    pub(crate) cells: usize,
    lines: usize,
}

/// The bytes of a block that cannot stand in numbers, a bit each, and how many there are in the blocks before.
#[derive(Clone, Copy, Debug, Default)]
struct Odd {
    bits: u64,
    before: u32,
}

/// What one block's check leaves to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// 1 if the block ended with a dot.
    dot: u64,
    /// Whether it ended within a cell that had a dot before.
    dotted: bool,
}

impl CellIndex {
    pub(crate) fn new() -> Self {
        CellIndex { starts: Box::new([0; CAPACITY]), odd: Box::new([Odd::default(); BLOCKS]), cells: 0, lines: 0 }
    }

    /// Where cells begin, from this one on; a cell ends before the separator before the next.
    #[inline(always)]
    pub(crate) fn starts(&self, cell: usize) -> &Starts {
        const NONE: &Starts = &[0; STARTS];
        {
            debug_assert!(cell <= self.cells, "a row starts at a cell of the window");
            self.starts[cell % WINDOW..].first_chunk().unwrap_or(NONE)
        }
    }

    /// How many cells begin before this place of the window, from this one on.
    pub(crate) fn cells_before(&self, place: usize, from: usize) -> usize {
        let starts = self.starts.get(from..self.cells).unwrap_or_default();
        starts.iter().take_while(|start| usize::from(**start) < place).count()
    }

    /// Whether a line ends before this cell.
    fn is_line_before(&self, window: Window<'_>, cell: usize) -> bool {
        let start = self.starts.get(cell).map_or(0, |start| u32::from(*start));
        window.byte(start.wrapping_sub(1)) == b'\n'
    }

    /// Whether every line has so many cells: if there are no more lines than the cells make, and each ends where it should,
    /// no other cell ends with a line feed. If so, the cells behind the last line are forgotten.
    pub(crate) fn is_regular(&mut self, window: Window<'_>, width: usize) -> bool {
        let cells = self.lines * width;
        let is_regular = cells <= self.cells
            && (1..=self.lines).fold(true, |all, line| all & self.is_line_before(window, line * width));
        if is_regular {
            self.cells = cells;
        }
        is_regular
    }

    /// Whether there is an odd byte from one place of the window to before another.
    #[inline(always)]
    pub(crate) fn has_odd(&self, from: u32, to: u32) -> bool {
        self.odd_before(from) != self.odd_before(to)
    }

    /// How many odd bytes there are before a place of the window.
    #[inline(always)]
    fn odd_before(&self, place: u32) -> u32 {
        let Odd { bits, before } = self.odd[place as usize / BLOCK % BLOCKS];
        before + (bits & !(u64::MAX << (place % 64))).count_ones()
    }
}

/// The scan of so many bytes of a window, which begins two bytes into the span.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    pub(crate) index: &'a mut CellIndex,
    pub(crate) span: &'a [u8; BEFORE + SPAN],
    /// At most a window's.
    pub(crate) length: usize,
    pub(crate) rules: &'a Rules,
}

impl Work for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Scan { index, span, length, rules } = self;
        let (mut cells, mut lines, mut behind) = (0, 0, 1);
        let mut carry = Carry::default();
        let rules = simd.rules(rules);
        let mut odd = Odd::default();
        for start in (0..length).step_by(BLOCK) {
            let Some(block) = span[start % WINDOW..].first_chunk() else { break };
            simd.prefetch(span, start + WINDOW);
            let masks = simd.block(block, &rules);
            odd.bits = masks.odd | second_dots(&masks, &mut carry);
            index.odd[start / BLOCK % BLOCKS] = odd;
            odd.before += odd.bits.count_ones();
            // The first cell's start is there: the window's.
            simd.places(masks.separators, behind, &mut index.starts, cells + 1);
            cells += masks.separators.count_ones() as usize;
            lines += masks.newlines.count_ones() as usize;
            behind += BLOCK_LENGTH;
        }
        index.odd[length.div_ceil(BLOCK) % BLOCKS] = Odd { bits: 0, ..odd };
        (index.cells, index.lines) = (cells, lines);
    }
}

/// The dots behind another of the same cell.
///
/// A cell is a run of ones in the complement of the separators; adding a one anywhere within a run clears all of it from
/// there on, and carries on where the cell does.
#[inline(always)]
fn second_dots(masks: &Masks, carry: &mut Carry) -> u64 {
    let Masks { separators, dots, .. } = *masks;
    let cells = !separators;
    let behind_dot = (dots << 1 | carry.dot) & cells;
    let (sum, over) = cells.overflowing_add(behind_dot);
    let (cleared_behind_dot, more) = sum.overflowing_add(u64::from(carry.dotted));
    *carry = Carry { dot: dots >> 63, dotted: over | more };
    dots & !cleared_behind_dot
}
