//! Wide stores into a row's room, and wide loads from a window of input.
//!
//! Both are arrays, and places in them are cut to their size: no load or store needs a check, and none can miss.

use super::super::sheet::{ROOM, WIDE};
use super::scan::{BEFORE, WINDOW};
use super::simd::Simd;
use super::template::Literal;

/// A window of input and what is behind it.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct Window<'a>(&'a [u8; SPAN]);

/// As long as a window and a wide load from its last place.
pub(super) const SPAN: usize = WINDOW + WIDE;

impl<'a> Window<'a> {
    /// The window of a span, which has some bytes before it.
    #[inline(always)]
    pub(super) fn new(span: &'a [u8; BEFORE + SPAN]) -> Self {
        Window(span[BEFORE..].first_chunk().unwrap_or(&[0; SPAN]))
    }

    /// 32 bytes from this place on.
    #[inline(always)]
    pub(super) fn wide(self, start: u32) -> &'a [u8; WIDE] {
        let start = start as usize % WINDOW;
        self.0[start..start + WIDE].first_chunk().unwrap_or(&[0; WIDE])
    }

    /// The bytes of a cell.
    #[inline(always)]
    pub(super) fn bytes(self, cell: Cell) -> &'a [u8] {
        let start = cell.start as usize;
        self.0.get(start..start + cell.length as usize).unwrap_or_default()
    }

    /// One byte.
    #[inline(always)]
    pub(super) fn byte(self, place: u32) -> u8 {
        self.0[place as usize % WINDOW]
    }
}

/// A cell of a row: where it is in the window.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::reshape) struct Cell {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// The longest that a row can be, written.
pub(super) const LONGEST: usize = ROOM - 2 * WIDE;

/// Writes a row into its room. No function that is not inlined may take one by reference: it would live in memory, and
/// every store wait for the one before.
#[derive(Debug)]
pub(in crate::reshape) struct Pen<'a> {
    room: &'a mut [u8; ROOM],
    /// How much is written.
    at: u32,
}

impl<'a> Pen<'a> {
    /// A pen for a row that is not longer than [`LONGEST`].
    #[inline(always)]
    pub(in crate::reshape) fn new(room: &'a mut [u8; ROOM]) -> Self {
        Pen { room, at: 0 }
    }

    /// How much was written.
    #[inline(always)]
    pub(in crate::reshape) fn written(&self) -> usize {
        self.at as usize
    }

    /// The bytes of the room from this place on.
    #[inline(always)]
    fn spot<const BYTES: usize>(&mut self, at: u32) -> Option<&mut [u8; BYTES]> {
        const { assert!(BYTES <= 2 * WIDE) };
        let at = at as usize % LONGEST;
        self.room[at..at + BYTES].first_chunk_mut()
    }

    /// Writes 32 bytes at this place.
    #[inline(always)]
    pub(super) fn wide_at<S: Simd>(&mut self, simd: S, v: S::V, at: u32) {
        if let Some(spot) = self.spot(at) {
            simd.store(v, spot);
        }
    }

    /// Writes bytes at this place.
    #[inline(always)]
    pub(super) fn put_at<const BYTES: usize>(&mut self, bytes: [u8; BYTES], at: u32) {
        if let Some(spot) = self.spot(at) {
            *spot = bytes;
        }
    }

    /// Writes these bytes.
    #[inline(always)]
    pub(in crate::reshape) fn put<const BYTES: usize>(&mut self, bytes: [u8; BYTES]) {
        self.put_at(bytes, self.at);
        self.at += u32::try_from(BYTES).unwrap_or(u32::MAX);
    }

    /// Writes 32 bytes, of which so many count.
    #[inline(always)]
    pub(super) fn wide<S: Simd>(&mut self, simd: S, v: S::V, count: u32) {
        self.wide_at(simd, v, self.at);
        self.at += count;
    }

    /// Where the next byte goes.
    #[inline(always)]
    pub(super) fn at(&self) -> u32 {
        self.at
    }

    /// Goes on at this place.
    #[inline(always)]
    pub(super) fn go_to(&mut self, at: u32) {
        self.at = at;
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
        if let Some(room) = self.room.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
        self.at += u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    }
}
