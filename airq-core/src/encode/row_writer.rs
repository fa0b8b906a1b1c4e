//! Wide stores into the room of a row.
//!
//! The room is an array, and offsets are reduced to its size: no store needs a bounds check that can fail.

use super::output_buffer::ROOM;
use crate::csv::WIDE;
use crate::csv::scan::{Simd, WideText};

/// The maximum length of an encoded row.
pub(crate) const LONGEST: usize = ROOM - 2 * WIDE;

/// Writes a row into its room. A function that takes a `RowWriter` by reference must be inlined: otherwise the position lives
/// in memory, and each store waits for the store before.
#[derive(Debug)]
pub(crate) struct RowWriter<'a> {
    room: &'a mut [u8; ROOM],
    /// The number of bytes written.
    at: u32,
}

impl<'a> RowWriter<'a> {
    /// A writer for a row that is not longer than [`LONGEST`].
    #[inline(always)]
    pub(crate) fn new(room: &'a mut [u8; ROOM]) -> Self {
        RowWriter { room, at: 0 }
    }

    /// The number of bytes written.
    #[inline(always)]
    pub(crate) fn written(&self) -> usize {
        self.at as usize
    }

    /// The bytes of the room from this offset on.
    #[inline(always)]
    fn room_at<const BYTES: usize>(&mut self, at: u32) -> Option<&mut [u8; BYTES]> {
        const { assert!(BYTES <= 2 * WIDE) };
        let at = at as usize % LONGEST;
        self.room[at..at + BYTES].first_chunk_mut()
    }

    /// Writes 32 bytes at this offset.
    #[inline(always)]
    pub(crate) fn wide_at<S: Simd>(&mut self, simd: S, v: S::V, at: u32) {
        if let Some(room) = self.room_at(at) {
            simd.store(v, room);
        }
    }

    /// Writes bytes at this offset.
    #[inline(always)]
    pub(crate) fn put_at<const BYTES: usize>(&mut self, bytes: [u8; BYTES], at: u32) {
        if let Some(room) = self.room_at(at) {
            *room = bytes;
        }
    }

    /// Writes these bytes.
    #[inline(always)]
    pub(crate) fn put<const BYTES: usize>(&mut self, bytes: [u8; BYTES]) {
        self.put_at(bytes, self.at);
        self.at += u32::try_from(BYTES).unwrap_or(u32::MAX);
    }

    /// Writes 32 bytes and advances by `count` of them.
    #[inline(always)]
    pub(crate) fn wide<S: Simd>(&mut self, simd: S, v: S::V, count: u32) {
        self.wide_at(simd, v, self.at);
        self.at += count;
    }

    /// The offset of the next byte.
    #[inline(always)]
    pub(crate) fn at(&self) -> u32 {
        self.at
    }

    /// Continues at this offset.
    #[inline(always)]
    pub(crate) fn go_to(&mut self, at: u32) {
        self.at = at;
    }

    /// Writes fixed text.
    #[inline(always)]
    pub(crate) fn literal<S: Simd>(&mut self, simd: S, text: &WideText) {
        self.wide(simd, simd.load(&text.bytes), text.length);
    }

    /// Writes bytes of any length.
    #[inline(always)]
    pub(crate) fn long(&mut self, bytes: &[u8]) {
        let at = self.at as usize;
        if let Some(room) = self.room.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
        self.at += u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    }
}
