//! The escaping of text in JSON and CSV.

use std::str::FromStr;

/// A buffer that bytes can be appended to.
pub(crate) trait Output {
    /// Appends one byte.
    fn push(&mut self, byte: u8);
    /// Appends bytes.
    fn extend_from_slice(&mut self, bytes: &[u8]);
}

impl Output for Vec<u8> {
    fn push(&mut self, byte: u8) {
        Vec::push(self, byte);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        Vec::extend_from_slice(self, bytes);
    }
}

/// Parses the bytes of a text; `None` if they are not UTF-8 or the text has another form.
pub(crate) fn parsed<T: FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Returns a number with its noun: `1 row`, `2 rows`.
pub fn counted(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// Tracks which bytes of CSV are within quotes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QuoteTracker {
    is_quoted: bool,
}

impl QuoteTracker {
    /// Takes the next byte. Returns whether it can separate fields or rows: whether it is neither within quotes nor a quote.
    #[inline]
    pub(crate) fn can_separate(&mut self, byte: u8) -> bool {
        let is_quote = byte == b'"';
        self.is_quoted ^= is_quote;
        !self.is_quoted && !is_quote
    }

    /// Returns whether the bytes up to now end within quotes.
    #[cfg(feature = "http")]
    pub(crate) fn is_within_quotes(self) -> bool {
        self.is_quoted
    }
}

/// Appends the text as a JSON string, escaped as by `serde_json`: short escapes, `\u00xx` for other control characters, and all
/// other characters unchanged. The bytes must be UTF-8.
pub(crate) fn push_json_string(out: &mut impl Output, text: &[u8]) {
    out.push(b'"');
    let mut plain_from = 0;
    for (at, byte) in text.iter().enumerate() {
        if !needs_escape(*byte) {
            continue;
        }
        out.extend_from_slice(&text[plain_from..at]);
        push_escape(out, *byte);
        plain_from = at + 1;
    }
    out.extend_from_slice(&text[plain_from..]);
    out.push(b'"');
}

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn push_escape(out: &mut impl Output, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            return out.push(HEX[usize::from(byte & 15)]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Appends a field of a comma-separated row, quoted only if RFC 4180 requires it.
pub(crate) fn push_csv_field(out: &mut impl Output, text: &[u8]) {
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        return out.extend_from_slice(text);
    }
    out.push(b'"');
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// Swaps the quotes and commas of JSON text for control characters, which JSON text does not have, and back. So JSON is a cell of CSV
/// without quotes, and rows without quotes are read many times faster.
pub(crate) fn swap_csv_syntax(json: &mut [u8]) {
    for byte in json {
        *byte = match *byte {
            b'"' => 0x01,
            b',' => 0x02,
            0x01 => b'"',
            0x02 => b',',
            other => other,
        };
    }
}

/// Appends a comma-separated row and a line feed.
pub(crate) fn push_csv_line<'a>(out: &mut impl Output, fields: impl Iterator<Item = &'a [u8]>) {
    for (position, field) in fields.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        push_csv_field(out, field);
    }
    out.push(b'\n');
}

/// Appends a field of CSV for spreadsheets: with an apostrophe before a text that a spreadsheet would run as a formula. A number is not a formula.
pub(crate) fn push_safe_csv_field(out: &mut impl Output, text: &[u8]) {
    let is_formula = matches!(text, [b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r', ..]);
    if is_formula && !is_number(text) {
        push_csv_field(out, &[b"'", text].concat());
    } else {
        push_csv_field(out, text);
    }
}

fn is_number(text: &[u8]) -> bool {
    // The standard library also parses `inf` and `nan`, which a spreadsheet does not.
    let has_digit = text.iter().any(u8::is_ascii_digit);
    match std::str::from_utf8(text) {
        Ok(text) => has_digit && text.parse::<f64>().is_ok(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_safe_field_is_a_formula() {
        let field = |text: &str| {
            let mut out = Vec::new();
            push_safe_csv_field(&mut out, text.as_bytes());
            String::from_utf8(out).unwrap()
        };
        assert_eq!(field("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        for text in ["+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\tx", "=1"] {
            assert_eq!(field(text), format!("'{text}"));
        }
        assert_eq!(field("\r=1"), "\"'\r=1\"");
        for text in ["", "a=b", "-0.25", "+34", "aq_salvia", "'x"] {
            assert_eq!(field(text), text);
        }
    }

    #[test]
    fn every_character_is_escaped_as_serde_json_does() {
        let text: String = (0..=0x2ff).filter_map(char::from_u32).collect();
        let mut out = Vec::new();
        push_json_string(&mut out, text.as_bytes());
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&text).unwrap());
    }

    #[test]
    fn json_is_a_cell_without_quotes_and_becomes_json_again() {
        let json = br#"{"a":["x\u0001\"y",-1.5,null]}"#;
        let mut cell = *json;
        swap_csv_syntax(&mut cell);
        assert!(!cell.iter().any(|byte| matches!(byte, b',' | b'"')));
        swap_csv_syntax(&mut cell);
        assert_eq!(cell, *json);
    }

    #[test]
    fn csv_fields_are_quoted_only_where_they_must() {
        let field = |text: &str| {
            let mut out = Vec::new();
            push_csv_field(&mut out, text.as_bytes());
            String::from_utf8(out).unwrap()
        };
        assert_eq!(field("plain text"), "plain text");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"a\""), "\"say \"\"a\"\"\"");
    }
}
