//! A buffer that takes wide stores.

use crate::csv::WIDE;
use crate::text::Output;

/// The room that a row has.
pub(crate) const ROOM: usize = 8 * 1024 + 2 * WIDE;

/// The room that is made for many rows at once.
const MUCH_ROOM: usize = 64 * 1024;

/// About what is gathered before it is written on: what is written stays in the cache until then.
const FULL: usize = 32 * 1024;

/// Bytes that were written, with room behind them.
///
/// The fast path writes 32 bytes at once and counts as many as it means; what stands behind the counted ones is
/// overwritten next.
#[derive(Clone, Debug)]
pub(crate) struct OutputBuffer {
    /// What is written, then room: always initialised.
    bytes: Vec<u8>,
    filled: usize,
    /// About how much should be written on at once.
    full: usize,
}

impl Default for OutputBuffer {
    fn default() -> Self {
        OutputBuffer { bytes: Vec::new(), filled: 0, full: FULL }
    }
}

impl OutputBuffer {
    /// One that takes rows until it is full without growing.
    pub(crate) fn for_rows() -> Self {
        OutputBuffer { bytes: vec![0; FULL + MUCH_ROOM + WIDE], filled: 0, full: FULL }
    }

    /// The same, empty, to be full when about so much is written.
    pub(crate) fn emptied(self, full: usize) -> Self {
        OutputBuffer { filled: 0, full, ..self }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    pub(crate) fn len(&self) -> usize {
        self.filled
    }

    /// Whether so much is written that it should be written on.
    #[inline(always)]
    pub(crate) fn is_full(&self) -> bool {
        self.filled >= self.full
    }

    pub(crate) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Makes room for so many more bytes and the rest of a wide store behind them.
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

    /// Room for a row and wide stores behind it: there always is. None of it counts before [`count`](OutputBuffer::count).
    #[inline(always)]
    pub(crate) fn room(&mut self) -> Option<&mut [u8; ROOM]> {
        self.reserve(ROOM);
        self.room_there_is()
    }

    /// Makes room for many rows, for [`room_there_is`](OutputBuffer::room_there_is).
    #[inline(always)]
    pub(crate) fn make_room(&mut self) {
        self.reserve(MUCH_ROOM);
    }

    /// The room for a row, if there is any.
    #[inline(always)]
    pub(crate) fn room_there_is(&mut self) -> Option<&mut [u8; ROOM]> {
        self.bytes.get_mut(self.filled..)?.first_chunk_mut()
    }

    /// Lets so many bytes of the [`room`](OutputBuffer::room) count.
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
            // Two copies that overlap, where a call would take longer.
            (Some(head), Some(tail)) if bytes.len() <= WIDE => {
                to[..head.len()].copy_from_slice(head);
                to[bytes.len() - tail.len()..].copy_from_slice(tail);
            }
            _ => to.copy_from_slice(bytes),
        }
        self.filled += bytes.len();
    }
}
