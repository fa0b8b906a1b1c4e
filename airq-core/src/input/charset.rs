//! Decodes the bytes of a file to UTF-8. UTF-8 passes unchanged, UTF-16 is recognised by its byte order mark, and bytes that
//! cannot be UTF-8 are read as windows-1252.

use crate::csv::BYTE_ORDER_MARK;
use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes a file chunk by chunk.
pub(super) struct Charset {
    state: CharsetState,
    /// The first bytes of an incomplete character.
    carried: Vec<u8>,
    decoded: String,
    joined: Vec<u8>,
}

enum CharsetState {
    Start,
    /// Only ASCII up to now: the charset is open.
    Ascii,
    Utf8,
    Windows1252,
    /// UTF-16, or the charset that a description names.
    Other(Box<Decoder>),
}

impl std::fmt::Debug for Charset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Charset").finish_non_exhaustive()
    }
}

impl Charset {
    pub(super) fn new() -> Self {
        Charset { state: CharsetState::Start, carried: Vec::new(), decoded: String::new(), joined: Vec::new() }
    }

    /// A file in the charset of this name of the WHATWG's list; without a name, the charset is found by the bytes.
    pub(super) fn named(name: Option<&str>) -> Self {
        let state = match name.and_then(|name| Encoding::for_label(name.as_bytes())) {
            Some(encoding) => CharsetState::Other(Box::new(encoding.new_decoder_with_bom_removal())),
            None => CharsetState::Start,
        };
        Charset { state, ..Charset::new() }
    }

    /// Decodes the next chunk. Invalid bytes in a file that is UTF-8 stay unchanged.
    pub(super) fn decode<'a>(&'a mut self, chunk: &'a [u8], is_last: bool) -> &'a [u8] {
        let chunk = self.begin(chunk, is_last);
        if matches!(self.state, CharsetState::Ascii) && chunk.is_ascii() && self.carried.is_empty() {
            return chunk;
        }
        match &mut self.state {
            CharsetState::Start => b"",
            CharsetState::Utf8 => chunk,
            CharsetState::Ascii => self.decide(chunk, is_last),
            CharsetState::Windows1252 => {
                self.decoded = WINDOWS_1252.decode_without_bom_handling(chunk).0.into_owned();
                self.decoded.as_bytes()
            }
            CharsetState::Other(decoder) => {
                self.decoded.clear();
                self.decoded.reserve(decoder.max_utf8_buffer_length(chunk.len()).unwrap_or(0));
                let _ = decoder.decode_to_string(chunk, &mut self.decoded, is_last);
                self.decoded.as_bytes()
            }
        }
    }

    /// Returns whether all bytes up to now are UTF-8, so that their text is the bytes themselves.
    pub(super) fn is_utf8(&self) -> bool {
        matches!(self.state, CharsetState::Start | CharsetState::Ascii | CharsetState::Utf8) && self.carried.is_empty()
    }

    /// Skips a byte order mark at the start of the file.
    fn begin<'a>(&mut self, chunk: &'a [u8], is_last: bool) -> &'a [u8] {
        const LONGEST_MARK: usize = 3;
        if !matches!(self.state, CharsetState::Start) {
            return chunk;
        }
        // A caller passes the whole header at once; a shorter chunk is no file of measurements.
        if chunk.len() < LONGEST_MARK && !is_last {
            self.state = CharsetState::Ascii;
            return chunk;
        }
        let (state, mark) = match chunk {
            [0xff, 0xfe, ..] => (CharsetState::Other(Box::new(UTF_16LE.new_decoder_without_bom_handling())), 2),
            [0xfe, 0xff, ..] => (CharsetState::Other(Box::new(UTF_16BE.new_decoder_without_bom_handling())), 2),
            _ if chunk.starts_with(BYTE_ORDER_MARK) => (CharsetState::Utf8, BYTE_ORDER_MARK.len()),
            _ => (CharsetState::Ascii, 0),
        };
        self.state = state;
        &chunk[mark..]
    }

    /// Decides on the charset by the first bytes that are not ASCII.
    fn decide(&mut self, chunk: &[u8], is_last: bool) -> &[u8] {
        self.joined = std::mem::take(&mut self.carried);
        self.joined.extend_from_slice(chunk);
        let (valid, is_cut) = match std::str::from_utf8(&self.joined) {
            Ok(_) => (self.joined.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_none() && !is_last),
        };
        if !self.joined[..valid].is_ascii() {
            self.state = CharsetState::Utf8;
        } else if is_cut {
            self.carried = self.joined.split_off(valid);
        } else if valid < self.joined.len() {
            self.state = CharsetState::Windows1252;
            self.joined = WINDOWS_1252.decode_without_bom_handling(&self.joined).0.into_owned().into_bytes();
        }
        &self.joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text that comes out, whatever the places where the file is cut.
    fn decoded(file: &[u8]) -> String {
        let whole = |cut: usize| {
            let mut charset = Charset::new();
            let mut text = charset.decode(&file[..cut], cut == file.len()).to_vec();
            if cut < file.len() {
                text.extend_from_slice(charset.decode(&file[cut..], true));
            }
            String::from_utf8(text).unwrap()
        };
        let text = whole(file.len());
        for cut in 3..file.len() {
            assert_eq!(whole(cut), text, "cut at {cut}");
        }
        text
    }

    #[test]
    fn every_charset_gives_the_same_text() {
        let text = "CODIGO;ESTACION\n1;Plaza de España, O’Donell\n2;Alcalá\n";
        assert_eq!(decoded(text.as_bytes()), text);
        assert_eq!(decoded(&[BYTE_ORDER_MARK, text.as_bytes()].concat()), text);
        assert_eq!(decoded(&WINDOWS_1252.encode(text).0), text);
        let little: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&little), text);
        let big: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(decoded(&big), text);
    }

    #[test]
    fn a_character_that_is_cut_off_at_the_end_is_not_lost() {
        assert_eq!(decoded(b"abc \xe1"), "abc á");
    }

    #[test]
    fn a_broken_byte_in_utf_8_stays_for_the_row_to_be_rejected() {
        let mut charset = Charset::new();
        assert_eq!(charset.decode("á\u{20}".as_bytes(), false), "á ".as_bytes());
        assert_eq!(charset.decode(b"\xff\n", true), b"\xff\n");
    }
}
