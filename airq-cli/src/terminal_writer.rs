//! Data on a terminal: control characters are replaced, so that no text of the data can control the terminal.

use std::io::{self, Write};

/// The replacement character, U+FFFD.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();
/// The first byte of U+0080 to U+00BF in UTF-8.
const LATIN: u8 = 0xc2;

/// Replaces all control characters except tabs and line feeds. The text is UTF-8 and may be cut anywhere.
#[derive(Debug)]
pub(crate) struct TerminalWriter<W> {
    out: W,
    /// True if the last byte is [`LATIN`], which is not written until the next byte is known.
    has_latin: bool,
    text: Vec<u8>,
}

impl<W: Write> TerminalWriter<W> {
    pub(crate) fn new(out: W) -> Self {
        TerminalWriter { out, has_latin: false, text: Vec::new() }
    }

    fn push(&mut self, byte: u8) {
        let is_after_latin = std::mem::take(&mut self.has_latin);
        if is_after_latin && !(0x80..0xa0).contains(&byte) {
            self.text.push(LATIN);
        }
        match byte {
            LATIN => self.has_latin = true,
            0x80..0xa0 if is_after_latin => self.text.extend_from_slice(REPLACEMENT),
            b'\t' | b'\n' => self.text.push(byte),
            0..b' ' | 0x7f => self.text.extend_from_slice(REPLACEMENT),
            _ => self.text.push(byte),
        }
    }
}

impl<W: Write> Write for TerminalWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.clear();
        for byte in bytes {
            self.push(*byte);
        }
        self.out.write_all(&self.text)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced_wherever_the_text_is_cut() {
        let text = "a\u{1b}[2J\u{7}b\u{9b}31m\u{7f}\r\tñ°\u{a0}日\n";
        let expected = "a\u{fffd}[2J\u{fffd}b\u{fffd}31m\u{fffd}\u{fffd}\tñ°\u{a0}日\n";
        for piece in 1..text.len() {
            let mut writer = TerminalWriter::new(Vec::new());
            for piece in text.as_bytes().chunks(piece) {
                writer.write_all(piece).unwrap();
            }
            assert_eq!(String::from_utf8(writer.out).unwrap(), expected, "in pieces of {piece}");
        }
    }
}
