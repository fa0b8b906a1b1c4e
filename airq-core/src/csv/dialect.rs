//! The dialect of an input: its delimiter and its byte order mark.

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether the head has a whole line that is not empty.
pub(crate) fn has_line(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    head.iter().position(|byte| !is_end(byte)).is_some_and(|start| head[start..].iter().any(is_end))
}

/// The delimiter that occurs most often outside quotes in the first line; a comma if none occurs.
pub(crate) fn delimiter_of(text: &[u8]) -> u8 {
    let start = text.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in &text[start..] {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(found) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[found] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let found = counts.iter().position(|count| *count == most).unwrap_or(0);
    DELIMITERS[found]
}
