//! Finds the separators of a window of input.
#![allow(clippy::inline_always, reason = "compiled for the instructions of its caller")]

use super::simd::Simd;

/// How many bytes are scanned before their rows are written: input, index and output stay in the first-level cache.
pub(super) const WINDOW: usize = 4096;
const BLOCK: usize = 64;
const BLOCK_LENGTH: u16 = 64;
/// Every byte of a window a separator, one before them, and what a block may write beyond.
const CAPACITY: usize = WINDOW + 1 + BLOCK;

/// The places of a window's separators. The first is the one before the window: the place -1.
#[derive(Debug)]
pub(super) struct Index {
    places: Vec<u16>,
}

/// What a scan found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanned {
    /// How many separators, without the one before the window.
    pub(super) separators: usize,
    pub(super) newlines: usize,
    /// Whether a quote ended the scan.
    pub(super) quote: bool,
}

impl Index {
    pub(super) fn new() -> Self {
        let mut places = vec![0; CAPACITY];
        places[0] = u16::MAX;
        Index { places }
    }

    /// The separators before and in a window: cell `n` begins behind place `n` and ends at place `n + 1`.
    #[inline(always)]
    pub(super) fn places(&self) -> &[u16] {
        &self.places
    }

    /// Scans up to a window's length, whole blocks only, and stops at a quote.
    #[inline(always)]
    pub(super) fn scan<S: Simd>(&mut self, simd: S, input: &[u8], delimiter: u8) -> Scanned {
        let (blocks, _) = input.as_chunks::<BLOCK>();
        let mut scanned = Scanned { separators: 0, newlines: 0, quote: false };
        let mut count = 1;
        let mut base = 0_u16;
        for block in blocks.iter().take(WINDOW / BLOCK) {
            let masks = simd.block(block, delimiter);
            let before_quote = masks.quotes.wrapping_sub(1) & !masks.quotes;
            count = simd.places(masks.separators & before_quote, base, &mut self.places, count);
            scanned.newlines += (masks.newlines & before_quote).count_ones() as usize;
            if masks.quotes != 0 {
                scanned.quote = true;
                break;
            }
            base += BLOCK_LENGTH;
        }
        scanned.separators = count - 1;
        scanned
    }
}
