//! The dialect of an input: its delimiter and its byte order mark.

use crate::text::QuoteTracker;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns whether the head contains a complete line that is not empty.
pub(crate) fn has_line(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    match head.iter().position(|byte| !is_line_end(*byte)) {
        Some(start) => head[start..].iter().any(|byte| is_line_end(*byte)),
        None => false,
    }
}

/// Returns whether the byte ends a line.
pub(crate) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Returns the delimiter that occurs most often outside quotes in the first line, or a comma if none occurs.
pub(crate) fn delimiter_of(text: &[u8]) -> u8 {
    let start = text.iter().position(|byte| !is_line_end(*byte)).unwrap_or(0);
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quotes = QuoteTracker::default();
    for byte in text[start..].iter().filter(|byte| quotes.can_separate(**byte)) {
        if is_line_end(*byte) {
            break;
        }
        if let Some(found) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
            counts[found] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let found = counts.iter().position(|count| *count == most).unwrap_or(0);
    DELIMITERS[found]
}
