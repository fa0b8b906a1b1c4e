//! Wide loads from a window of input.
//!
//! A window is an array with room for a wide load after its last byte, and offsets are taken modulo its size. So no load needs a
//! bounds check that can fail.

use super::index::{BEFORE, WINDOW};

/// The number of bytes of a wide load or store.
pub(crate) const WIDE: usize = 32;

/// The length of a window and a wide load from its last byte.
pub(crate) const SPAN: usize = WINDOW + WIDE;

/// A window of input and the bytes that follow the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'a>(&'a [u8; SPAN]);

/// The position of a cell in its window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

impl<'a> Window<'a> {
    /// The window of a span. A span has [`BEFORE`] more bytes at its start.
    #[inline(always)]
    pub(crate) fn new(span: &'a [u8; BEFORE + SPAN]) -> Self {
        match span[BEFORE..].first_chunk() {
            Some(window) => Window(window),
            None => Window(&[0; SPAN]),
        }
    }

    /// The 32 bytes from this offset on.
    #[inline(always)]
    pub(crate) fn wide(self, start: u32) -> &'a [u8; WIDE] {
        debug_assert!(start as usize <= WINDOW, "a cell starts in its window");
        let start = start as usize % WINDOW;
        self.0[start..start + WIDE].first_chunk().unwrap_or(&[0; WIDE])
    }

    /// The bytes of a cell.
    #[inline(always)]
    pub(crate) fn bytes(self, cell: Cell) -> &'a [u8] {
        let start = cell.start as usize;
        self.0.get(start..start + cell.length as usize).unwrap_or_default()
    }

    /// The byte at this offset.
    #[inline(always)]
    pub(crate) fn byte(self, offset: u32) -> u8 {
        self.0[offset as usize % WINDOW]
    }
}

/// A short text, padded to the width of a wide load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WideText {
    pub(crate) bytes: [u8; WIDE],
    pub(crate) length: u32,
}

impl WideText {
    /// Returns `None` if the text is longer than a wide load.
    pub(crate) fn new(text: &[u8]) -> Option<WideText> {
        let mut bytes = [0; WIDE];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(WideText { bytes, length: u32::try_from(text.len()).ok()? })
    }
}
