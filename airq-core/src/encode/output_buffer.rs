//! An output buffer for wide stores.

use crate::csv::WIDE;
use crate::text::Output;

/// The room for one row.
pub(crate) const ROOM: usize = 8 * 1024 + 2 * WIDE;

/// The room for many rows, which is reserved at once.
const ROOM_FOR_ROWS: usize = 64 * 1024;

/// The approximate number of bytes that are buffered before they are passed on. They still fit the L1 cache.
const FULL: usize = 32 * 1024;

/// The bytes written, followed by room for more.
///
/// A wide store always writes 32 bytes to the room, and [`count`](OutputBuffer::count) then adds only the bytes that belong
/// to the output. The next store overwrites the rest.
#[derive(Clone, Debug)]
pub(crate) struct OutputBuffer {
    /// The bytes written, then the room. All of it is initialized.
    bytes: Vec<u8>,
    /// The number of bytes written.
    filled: usize,
    /// The number of bytes from which on the buffer is full. The buffer can still grow.
    full: usize,
}

impl Default for OutputBuffer {
    fn default() -> Self {
        OutputBuffer { bytes: Vec::new(), filled: 0, full: FULL }
    }
}

impl OutputBuffer {
    /// Returns a buffer that does not have to grow before it is full.
    pub(crate) fn for_rows() -> Self {
        OutputBuffer { bytes: vec![0; FULL + ROOM_FOR_ROWS + WIDE], filled: 0, full: FULL }
    }

    /// Clears the buffer and sets the number of bytes from which on it is full.
    pub(crate) fn emptied(self, full: usize) -> Self {
        OutputBuffer { filled: 0, full, ..self }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.filled]
    }

    pub(crate) fn len(&self) -> usize {
        self.filled
    }

    /// Returns whether the buffer should be drained.
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.filled >= self.full
    }

    pub(crate) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Makes room for `more` bytes and for a wide store at their end.
    #[inline(always)]
    pub(crate) fn reserve(&mut self, more: usize) {
        if self.bytes.len() - self.filled < more + WIDE {
            self.grow(more + WIDE);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) {
        let wanted = (self.filled + more).max(self.bytes.len() * 2).max(1024);
        self.bytes.resize(wanted, 0);
    }

    /// Makes room for a row and returns the room; never `None`. Call [`count`](OutputBuffer::count) for the bytes written.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> Option<&mut [u8; ROOM]> {
        self.reserve(ROOM);
        self.remaining_room()
    }

    /// Makes room for many rows, for [`remaining_room`](OutputBuffer::remaining_room).
    #[inline(always)]
    pub(crate) fn make_room(&mut self) {
        self.reserve(ROOM_FOR_ROWS);
    }

    /// Returns the room for a row without growing the buffer. Returns `None` if the remaining room is too small.
    #[inline(always)]
    pub(crate) fn remaining_room(&mut self) -> Option<&mut [u8; ROOM]> {
        self.bytes.get_mut(self.filled..)?.first_chunk_mut()
    }

    /// Adds the first `more` bytes of the [`room`](OutputBuffer::room) to the output.
    #[inline(always)]
    pub(crate) fn count(&mut self, more: usize) {
        debug_assert!(self.filled + more <= self.bytes.len());
        self.filled += more;
    }
}

impl Output for OutputBuffer {
    fn push(&mut self, byte: u8) {
        self.extend_from_slice(&[byte]);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        let to = &mut self.bytes[self.filled..self.filled + bytes.len()];
        match (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
            // Two overlapping copies of a fixed length are faster than a call of `memcpy`.
            (Some(head), Some(tail)) if bytes.len() <= WIDE => {
                to[..head.len()].copy_from_slice(head);
                to[bytes.len() - tail.len()..].copy_from_slice(tail);
            }
            _ => to.copy_from_slice(bytes),
        }
        self.filled += bytes.len();
    }
}
