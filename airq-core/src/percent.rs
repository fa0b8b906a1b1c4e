//! Percent-encoding of URLs (RFC 3986).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// All ASCII characters except the unreserved characters of RFC 3986.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes all characters except unreserved characters.
pub(crate) fn percent_encoded(text: &str) -> Cow<'_, str> {
    Cow::from(utf8_percent_encode(text, &RESERVED))
}

/// Decodes percent-encoded text. A `%` without two digits stays, and bytes that are not UTF-8 are replaced.
pub fn percent_decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay_as_they_are() {
        assert_eq!(percent_encoded("aZ09-._~"), "aZ09-._~");
        assert_eq!(percent_encoded(" ñ,/%+\r\n"), "%20%C3%B1%2C%2F%25%2B%0D%0A");
    }

    #[test]
    fn encoded_text_is_decoded_to_the_same_text() {
        for text in ["", "aq_ñ, \"x\"", "100 %", "%", "%4", "%zz", "a+b"] {
            assert_eq!(percent_decoded(&percent_encoded(text)), text);
        }
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
    }
}
