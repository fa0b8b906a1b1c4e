//! Finds the separators of a window of input, and the cells that are no numbers.

use super::pen::{SPAN, Window};
use super::rules::Rules;
use super::simd::{Masks, Simd, Work};

/// How many bytes are scanned before their rows are written, at most: input, index and output stay in the nearest cache.
pub(super) const WINDOW: usize = 4096;
/// The bytes that are looked at together.
pub(super) const BLOCK: usize = 64;
/// How many bytes before a block are looked at.
pub(super) const BEFORE: usize = 2;
const BLOCK_LENGTH: u16 = 64;
/// How many cells' lengths are looked at together.
pub(super) const GROUP: usize = 16;
/// The most columns that there may be: for so many there always is a bit in eight bytes, wherever in a byte they begin.
pub(super) const MOST_COLUMNS: usize = 56;
/// A power of two: a column cut to it costs no question.
pub(super) const COLUMNS: usize = MOST_COLUMNS.next_power_of_two();
const STARTS: usize = COLUMNS + GROUP;
/// Where a row's cells begin, and what may be looked at behind them.
pub(super) type Starts = [u16; STARTS];
/// Every byte of a window a separator, and what a block may write or a row may read beyond.
pub(super) const CAPACITY: usize = WINDOW + STARTS;
const ODD_BYTES: usize = CAPACITY / 8 + size_of::<u64>();

/// The cells of a window. The window begins at a cell's beginning.
#[derive(Debug)]
pub(super) struct Index {
    /// Where cells begin: behind each separator, and the first.
    starts: Box<[u16; CAPACITY]>,
    /// A bit for each cell: whether it is neither a number nor empty.
    odd: Box<[u8; ODD_BYTES]>,
    /// How many cells end in the window, and how many of them with a line feed.
    pub(super) cells: usize,
    lines: usize,
}

/// What one block's check leaves to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// 1 if the block ended with a dot.
    dot: u64,
    /// Whether it ended within a cell that had a dot, or an odd byte.
    dotted: bool,
    odd: bool,
}

impl Index {
    pub(super) fn new() -> Self {
        Index { starts: Box::new([0; CAPACITY]), odd: Box::new([0; ODD_BYTES]), cells: 0, lines: 0 }
    }

    /// Where cells begin, from this one on; a cell ends before the separator before the next.
    #[inline(always)]
    pub(super) fn starts(&self, cell: usize) -> &Starts {
        const NONE: &Starts = &[0; STARTS];
        self.starts[cell % WINDOW..].first_chunk().unwrap_or(NONE)
    }

    /// How many cells begin before this place of the window, from this one on.
    pub(super) fn cells_before(&self, place: usize, from: usize) -> usize {
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
    pub(super) fn is_regular(&mut self, window: Window<'_>, width: usize) -> bool {
        let cells = self.lines * width;
        let is_regular =
            cells <= self.cells && (1..=self.lines).fold(true, |all, line| all & self.is_line_before(window, line * width));
        if is_regular {
            self.cells = cells;
        }
        is_regular
    }

    /// Which of [`MOST_COLUMNS`] cells, from this one on, are neither numbers nor empty.
    #[inline(always)]
    pub(super) fn odd(&self, cell: usize) -> u64 {
        let bytes = self.odd[cell % WINDOW / 8..].first_chunk();
        bytes.map_or(!0, |bytes| u64::from_le_bytes(*bytes) >> (cell % 8))
    }
}

/// The scan of so many bytes of a window, which begins two bytes into the span.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) index: &'a mut Index,
    pub(super) span: &'a [u8; BEFORE + SPAN],
    pub(super) length: usize,
    pub(super) rules: &'a Rules,
}

impl Work for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Scan { index, span, length, rules } = self;
        let (mut cells, mut lines, mut behind) = (0, 0, 1);
        let mut carry = Carry::default();
        let rules = simd.rules(rules);
        index.odd[0] = 0;
        for start in (0..length.min(WINDOW)).step_by(BLOCK) {
            let Some(block) = span[start % WINDOW..].first_chunk() else { break };
            simd.prefetch(span, start + WINDOW);
            let masks = simd.block(block, &rules);
            let odd = odd_cells(&masks, &mut carry);
            append_bits(&mut index.odd, cells, simd.gather(odd, masks.separators));
            // The first cell's start is there: the window's.
            simd.places(masks.separators, behind, &mut index.starts, cells + 1);
            cells += masks.separators.count_ones() as usize;
            lines += masks.newlines.count_ones() as usize;
            behind += BLOCK_LENGTH;
        }
        (index.cells, index.lines) = (cells, lines);
    }
}

/// Appends bits to so many that there are; those behind them are zero.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "of the bits that are left there are seven at most")]
fn append_bits(to: &mut [u8; ODD_BYTES], count: usize, bits: u64) {
    let shift = count % 8;
    let Some(nine) = to[count % WINDOW / 8..].first_chunk_mut::<9>() else { return };
    let eight = u64::from(nine[0]) | bits << shift;
    nine[..8].copy_from_slice(&eight.to_le_bytes());
    nine[8] = (bits >> 1 >> (63 - shift)) as u8;
}

/// The separators at the end of cells with an odd byte or two dots.
///
/// A cell is a run of ones in the complement of the separators; adding a one anywhere within a run clears all of it from
/// there on and sets the bit behind it: the separator.
#[inline(always)]
fn odd_cells(masks: &Masks, carry: &mut Carry) -> u64 {
    let Masks { separators, dots, odd, .. } = *masks;
    let cells = !separators;
    let behind_dot = (dots << 1 | carry.dot) & cells;
    let (from_dot_on_cleared, dotted) = add(cells, behind_dot, carry.dotted);
    let odd = odd | (dots & !from_dot_on_cleared);
    let (carried, is_odd) = add(cells, odd & cells, carry.odd);
    *carry = Carry { dot: dots >> 63, dotted, odd: is_odd };
    (carried | odd) & separators
}

/// Adds with carry.
#[inline(always)]
fn add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, one) = a.overflowing_add(b);
    let (sum, other) = sum.overflowing_add(u64::from(carry));
    (sum, one | other)
}
