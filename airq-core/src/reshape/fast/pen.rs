//! Wide loads from the input and wide stores into a row's room, a bounds check each.
#![allow(clippy::inline_always, reason = "compiled for the instructions of its caller")]

use super::super::sheet::WIDE;
use super::simd::Simd;
use super::template::Literal;

/// A window of input. Places are `u16`, so that a place and a width never overflow and one comparison checks both.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct Window<'a>(pub(super) &'a [u8]);

impl<'a> Window<'a> {
    /// 32 bytes from this place on.
    #[inline(always)]
    pub(super) fn wide(self, start: u16) -> Option<&'a [u8; WIDE]> {
        let start = usize::from(start);
        self.0.get(start..start + WIDE)?.first_chunk()
    }

    /// The bytes of a cell.
    #[inline(always)]
    pub(super) fn bytes(self, cell: Cell) -> &'a [u8] {
        let start = usize::from(cell.start);
        self.0.get(start..start + usize::from(cell.length)).unwrap_or_default()
    }

    /// One byte; zero behind the end.
    #[inline(always)]
    pub(super) fn byte(self, place: u16) -> u8 {
        self.0.get(usize::from(place)).copied().unwrap_or_default()
    }
}

/// A cell of a row: where it is in the window.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::reshape) struct Cell {
    pub(super) start: u16,
    pub(super) length: u16,
}

/// Writes a row into its room. No function that is not inlined may take one by reference: it would live in memory, and
/// every store wait for the one before. What it is not sure of it notes as a fault, and goes on: faults are asked for once a row,
/// and a row with one does not count.
#[derive(Debug)]
pub(in crate::reshape) struct Pen<'a> {
    room: &'a mut [u8],
    /// How much is written. 32 bits, so that with a width it does not overflow.
    at: u32,
    faults: u32,
}

impl<'a> Pen<'a> {
    #[inline(always)]
    pub(in crate::reshape) fn new(room: &'a mut [u8]) -> Self {
        Pen { room, at: 0, faults: 0 }
    }

    /// Notes a fault if any bit is set.
    #[inline(always)]
    pub(super) fn fault(&mut self, bits: u32) {
        self.faults |= bits;
    }

    /// How much was written, if nothing was at fault.
    #[inline(always)]
    pub(in crate::reshape) fn written(&self) -> Option<usize> {
        (self.faults == 0).then_some(self.at as usize)
    }

    /// The next 32 bytes of room.
    #[inline(always)]
    pub(super) fn spot(&mut self) -> Option<&mut [u8; WIDE]> {
        let at = self.at as usize;
        let spot = self.room.get_mut(at..at + WIDE)?;
        spot.first_chunk_mut()
    }

    /// Writes 32 bytes, of which so many count.
    #[inline(always)]
    pub(super) fn wide<S: Simd>(&mut self, simd: S, v: S::V, count: u32) {
        match self.spot() {
            Some(spot) => simd.store(v, spot),
            None => self.faults = 1,
        }
        self.at += count;
    }

    /// Lets so many of the bytes that were put on the next [`spot`](Pen::spot) count.
    #[inline(always)]
    pub(super) fn count(&mut self, count: u32) {
        self.at += count;
    }

    /// Writes fixed text.
    #[inline(always)]
    pub(in crate::reshape) fn literal<S: Simd>(&mut self, simd: S, text: &Literal) {
        self.wide(simd, simd.load(&text.bytes), text.length);
    }

    /// Writes bytes of any length.
    #[inline(always)]
    pub(super) fn long(&mut self, bytes: &[u8]) {
        let at = self.at as usize;
        match self.room.get_mut(at..at + bytes.len()) {
            Some(room) => room.copy_from_slice(bytes),
            None => self.faults = 1,
        }
        self.at += u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    }
}
