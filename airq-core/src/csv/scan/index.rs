//! Finds the separators in a window of input, and the bytes that are invalid in numbers.

use super::rules::Rules;
use super::simd::{Masks, Simd, Work};
use super::window::{SPAN, Window};

/// The maximum number of bytes that are scanned before their rows are written. Input, index and output fit the L1 cache.
pub(crate) const WINDOW: usize = 4096;
/// The number of bytes that one vector step scans.
pub(crate) const BLOCK: usize = 64;
/// The number of bytes before a block that the rules of numbers read.
pub(crate) const BEFORE: usize = 2;
const BLOCK_LENGTH: u16 = 64;
/// The number of cells that one vector step measures.
pub(crate) const GROUP: usize = 16;
/// An upper bound of the number of columns. A power of two, so that `column % COLUMNS` replaces a bounds check.
pub(crate) const COLUMNS: usize = 64;
const STARTS: usize = COLUMNS + GROUP;
/// The starts of the cells of a row, and of the cells that follow.
pub(crate) type Starts = [u16; STARTS];
/// Room for a start at every byte of a window, plus what a block may write or a row may read past the end.
pub(crate) const CAPACITY: usize = WINDOW + STARTS;
/// An upper bound of the number of blocks in a window, a power of two.
const BLOCKS: usize = 2 * WINDOW / BLOCK;

/// The cells of a window. The window starts at the start of a cell.
#[derive(Debug)]
pub(crate) struct CellIndex {
    /// The offset of each cell: 0, then the offset after each separator.
    starts: Box<[u16; CAPACITY]>,
    /// The odd bytes of each block, and an entry after the last block that has only a count.
    odd: Box<[OddBytes; BLOCKS]>,
    /// The odd bytes of each block that are separators after a decimal that ends in a zero.
    zero_ends: Box<[u64; BLOCKS]>,
    /// The number of cells that end in the window.
    pub(crate) cells: usize,
    /// The number of line feeds in the window.
    lines: usize,
}

/// The bytes of a block that are invalid in numbers.
#[derive(Clone, Copy, Debug, Default)]
struct OddBytes {
    /// A bit for each byte of the block.
    bits: u64,
    /// The number of odd bytes in the blocks before.
    before: u32,
}

/// The state that the scan of one block passes to the next block.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// 1 if the block ended with a dot.
    dot: u64,
    /// True if the block ended within a cell that already had a dot.
    dotted: bool,
}

impl CellIndex {
    pub(crate) fn new() -> Self {
        CellIndex {
            starts: Box::new([0; CAPACITY]),
            odd: Box::new([OddBytes::default(); BLOCKS]),
            zero_ends: Box::new([0; BLOCKS]),
            cells: 0,
            lines: 0,
        }
    }

    /// Returns the starts of the cells from `cell` on. A cell ends one byte before the start of the next cell.
    #[inline(always)]
    pub(crate) fn starts(&self, cell: usize) -> &Starts {
        const NONE: &Starts = &[0; STARTS];
        {
            debug_assert!(cell <= self.cells, "a row starts at a cell of the window");
            self.starts[cell % WINDOW..].first_chunk().unwrap_or(NONE)
        }
    }

    /// Returns the number of cells from the cell `from` on that start before `offset`.
    pub(crate) fn cells_before(&self, offset: usize, from: usize) -> usize {
        let starts = self.starts.get(from..self.cells).unwrap_or_default();
        starts.iter().take_while(|start| usize::from(**start) < offset).count()
    }

    /// Returns whether a line feed precedes `cell`.
    fn is_line_before(&self, window: Window<'_>, cell: usize) -> bool {
        let start = self.starts.get(cell).map_or(0, |start| u32::from(*start));
        window.byte(start.wrapping_sub(1)) == b'\n'
    }

    /// Returns whether every line of the window has `width` cells, and then drops the cells after the last line feed.
    ///
    /// If the number of line feeds is `lines`, and each of the cells `width`, `2 * width`, …, `lines * width` follows a line
    /// feed, then no other cell can follow one.
    pub(crate) fn is_regular(&mut self, window: Window<'_>, width: usize) -> bool {
        let cells = self.lines * width;
        let is_regular = cells <= self.cells
            && (1..=self.lines).fold(true, |all, line| all & self.is_line_before(window, line * width));
        if is_regular {
            self.cells = cells;
        }
        is_regular
    }

    /// Returns whether there is an odd byte in `from..to`, offsets in the window.
    #[inline(always)]
    pub(crate) fn has_odd(&self, from: u32, to: u32) -> bool {
        self.odd_before(from) != self.odd_before(to)
    }

    /// Returns whether each odd byte in `from..to` only follows a decimal that ends in a zero.
    pub(crate) fn has_only_zero_ends(&self, from: u32, to: u32) -> bool {
        let blocks = from as usize / BLOCK..=to as usize / BLOCK;
        blocks.into_iter().all(|block| {
            let start = block * BLOCK;
            let others = self.odd[block % BLOCKS].bits & !self.zero_ends[block % BLOCKS];
            let is_in_range = |bit: usize| (from as usize..to as usize).contains(&(start + bit));
            (0..BLOCK).all(|bit| others >> bit & 1 == 0 || !is_in_range(bit))
        })
    }

    /// Returns the number of odd bytes before `offset`.
    #[inline(always)]
    fn odd_before(&self, offset: u32) -> u32 {
        let OddBytes { bits, before } = self.odd[offset as usize / BLOCK % BLOCKS];
        before + (bits & !(u64::MAX << (offset % 64))).count_ones()
    }
}

/// Fills the index from the first `length` bytes of a window.
#[derive(Debug)]
pub(crate) struct ScanWindow<'a> {
    pub(crate) index: &'a mut CellIndex,
    /// The window, after [`BEFORE`] bytes of context.
    pub(crate) span: &'a [u8; BEFORE + SPAN],
    /// The number of bytes to scan, at most [`WINDOW`].
    pub(crate) length: usize,
    pub(crate) rules: &'a Rules,
}

impl Work for ScanWindow<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let ScanWindow { index, span, length, rules } = self;
        let mut cells = 0;
        let mut lines = 0;
        // The offset after the block's first byte: a cell starts one byte after its separator.
        let mut base = 1;
        let mut carry = Carry::default();
        let rules = simd.rules(rules);
        let mut odd = OddBytes::default();
        for start in (0..length).step_by(BLOCK) {
            let Some(block) = span[start % WINDOW..].first_chunk() else { break };
            simd.prefetch(span, start + WINDOW);
            let masks = simd.block(block, &rules);
            let decimals = Decimals::find(&masks, &mut carry);
            let zero_ends = decimals.ends & masks.after_zero;
            odd.bits = masks.odd | decimals.second_dots | zero_ends;
            index.odd[start / BLOCK % BLOCKS] = odd;
            index.zero_ends[start / BLOCK % BLOCKS] = zero_ends;
            odd.before += odd.bits.count_ones();
            // `starts[0]` is always 0, the start of the window.
            simd.positions(masks.separators, base, &mut index.starts, cells + 1);
            cells += masks.separators.count_ones() as usize;
            lines += masks.newlines.count_ones() as usize;
            base += BLOCK_LENGTH;
        }
        index.odd[length.div_ceil(BLOCK) % BLOCKS] = OddBytes { bits: 0, ..odd };
        index.cells = cells;
        index.lines = lines;
    }
}

/// The dots of the cells of a block.
struct Decimals {
    /// The dots that follow another dot of the same cell.
    second_dots: u64,
    /// The separators that end a cell with a dot.
    ends: u64,
}

impl Decimals {
    /// Finds the dots by additions.
    ///
    /// A cell is a run of ones in the complement of the separators. Adding a one within a run clears the run from there to its
    /// end, and sets the bit of the separator after the run. The carry out of the top bit means that the cell continues in the next
    /// block.
    #[inline(always)]
    fn find(masks: &Masks, carry: &mut Carry) -> Decimals {
        let Masks { separators, dots, .. } = *masks;
        let cells = !separators;
        let after_dots = (dots << 1 | carry.dot) & cells;
        let (sum, overflow) = cells.overflowing_add(after_dots);
        let (cleared_after_dots, carry_overflow) = sum.overflowing_add(u64::from(carry.dotted));
        *carry = Carry { dot: dots >> 63, dotted: overflow | carry_overflow };
        Decimals { second_dots: dots & !cleared_after_dots, ends: cleared_after_dots & separators }
    }
}
