//! Finds the separators of a window of input, and the cells that are no numbers.

use super::pen::SPAN;
use super::rules::Rules;
use super::simd::{Masks, Simd};

/// How many bytes are scanned before their rows are written, at most: input, index and output stay in the nearest cache.
pub(super) const WINDOW: usize = 4096;
/// The bytes that are looked at together.
pub(super) const BLOCK: usize = 64;
/// How many bytes before a block are looked at.
pub(super) const BEFORE: usize = 2;
const BLOCK_LENGTH: u16 = 64;
/// Every byte of a window a separator, one before them, and what a block may write beyond.
pub(super) const CAPACITY: usize = WINDOW + 1 + BLOCK;

/// The cells and lines of a window.
#[derive(Debug)]
pub(super) struct Index {
    /// The places of the separators.
    places: Box<[u16; CAPACITY]>,
    /// The places of the line feeds among them.
    line_ends: Box<[u16; CAPACITY]>,
    /// A bit for each byte of the window: set at a separator whose cell is no number.
    odd: OddCells,
}

/// Which cells are neither numbers nor empty: a bit at the place of each cell's end.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct OddCells([u64; WINDOW / BLOCK]);

impl OddCells {
    /// Whether a cell is odd that ends at one of these places, which are in ascending order.
    #[inline(always)]
    pub(super) fn any(&self, ends: &[u16]) -> bool {
        let [first, .., last] = ends else {
            return ends.iter().any(|end| self.word(*end) >> (end % BLOCK_LENGTH) & 1 == 1);
        };
        let [from, to] = [*first, *last].map(|end| usize::from(end) / BLOCK);
        // What is not before the first and not behind the last. There is no odd cell's end between them but theirs.
        let low = self.word(*first) >> (first % BLOCK_LENGTH) << (first % BLOCK_LENGTH);
        let high = self.word(*last) << (BLOCK_LENGTH - 1 - last % BLOCK_LENGTH);
        match to - from {
            0 => low & (!0 >> (BLOCK_LENGTH - 1 - last % BLOCK_LENGTH)) != 0,
            between => {
                let middle = self.0.iter().skip(from + 1).take(between - 1);
                middle.fold(low | high, |any, word| any | word) != 0
            }
        }
    }

    #[inline(always)]
    fn word(&self, end: u16) -> u64 {
        self.0[usize::from(end) / BLOCK % (WINDOW / BLOCK)]
    }
}

/// What a scan found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanned {
    pub(super) lines: usize,
    /// Whether a quote ended the scan.
    pub(super) quote: bool,
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
        Index {
            places: Box::new([0; CAPACITY]),
            line_ends: Box::new([0; CAPACITY]),
            odd: OddCells([0; WINDOW / BLOCK]),
        }
    }

    /// Where cells end, where lines end, and which cells are no numbers.
    #[inline(always)]
    pub(super) fn parts(&mut self) -> (&mut [u16], &[u16], &OddCells) {
        (self.places.as_mut_slice(), self.line_ends.as_slice(), &self.odd)
    }

    /// Scans so many bytes and stops at a quote. The window begins two bytes into the span.
    #[inline(always)]
    pub(super) fn scan<S: Simd>(&mut self, simd: S, span: &[u8; BEFORE + SPAN], most: usize, rules: &Rules) -> Scanned {
        let (mut cells, mut lines, mut base) = (0, 0, 0);
        let mut carry = Carry::default();
        for odd in self.odd.0.iter_mut().take(most / BLOCK) {
            let start = usize::from(base);
            let Some(block) = span.get(start..).and_then(|rest| rest.first_chunk()) else { break };
            simd.prefetch(span, start + WINDOW);
            let masks = simd.block(block, rules);
            *odd = odd_cells(&masks, &mut carry);
            if masks.quotes != 0 {
                let before = masks.quotes.wrapping_sub(1) & !masks.quotes;
                simd.places(masks.separators & before, base, &mut self.places, cells);
                lines = some_places(masks.newlines & before, base, &mut self.line_ends, lines);
                return Scanned { lines, quote: true };
            }
            cells = simd.places(masks.separators, base, &mut self.places, cells);
            lines = some_places(masks.newlines, base, &mut self.line_ends, lines);
            base += BLOCK_LENGTH;
        }
        Scanned { lines, quote: false }
    }
}

/// Appends the places of a mask's bits, of which there is seldom more than one.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a place in a block is at most 64")]
fn some_places(mut mask: u64, base: u16, to: &mut [u16; CAPACITY], count: usize) -> usize {
    let end = count + mask.count_ones() as usize;
    for place in to.iter_mut().take(end + 1).skip(count) {
        *place = base + mask.trailing_zeros() as u16;
        mask &= mask.wrapping_sub(1);
    }
    end
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
