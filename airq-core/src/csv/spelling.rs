//! Numbers as people write them (`+5`, `.5`, `5.`, `007`) in the spelling of JSON: the same decimal, without insignificant zeros.

use super::number::{double, is_json_number};
use std::borrow::Cow;

/// Double precision holds every number without an exponent that is shorter.
const SHORT: usize = 300;

/// The number in JSON's spelling: without leading zeros, zeros at the end of the fraction, and a plus sign. Nothing is
/// rounded. Returns `None` if the text is not a number, or out of the range of double precision.
#[inline]
pub(crate) fn canonical(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    match plain(text, b'.') {
        Some(number) if number.len() < SHORT => Some(Cow::Borrowed(number)),
        _ => unusual(text),
    }
}

/// The same for numbers that are long, or have another spelling than most.
#[inline(never)]
fn unusual(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let number = match plain(text, b'.') {
        Some(number) => Cow::Borrowed(number),
        None if is_json_number(text) => Cow::Borrowed(text),
        None => Cow::Owned(rewritten(text, b'.')?),
    };
    if is_in_range(&number) { Some(number) } else { None }
}

/// A number that starts with its point (`.5`) or has zeros after its sign (`-007`).
fn rewritten(text: &[u8], point: u8) -> Option<Vec<u8>> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text.strip_prefix(b"+").unwrap_or(text));
    let number = match unsigned {
        [first, b'0'..=b'9', ..] if *first == point => [b"0", unsigned].concat(),
        [b'0'..=b'9', ..] => unsigned.to_vec(),
        _ => return None,
    };
    let number = plain(&number, point)?;
    let sign: &[u8] = if text.starts_with(b"-") { b"-" } else { b"" };
    Some([sign, number].concat())
}

/// The same for a number with a decimal comma, which becomes a dot.
#[cfg(feature = "formats")]
pub(crate) fn canonical_with_comma(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(comma) = text.iter().position(|byte| *byte == b',') else { return canonical(text) };
    if let Some(number) = plain(text, b',').filter(|number| is_in_range(number)) {
        return Some(with_dot(number));
    }
    let mut text = text.to_vec();
    text[comma] = b'.';
    canonical(&text).map(|number| Cow::Owned(number.into_owned()))
}

/// The number with its comma, if it has one, turned into a dot.
#[cfg(feature = "formats")]
fn with_dot(number: &[u8]) -> Cow<'_, [u8]> {
    match number.iter().position(|byte| *byte == b',') {
        None => Cow::Borrowed(number),
        Some(comma) => {
            let mut number = number.to_vec();
            number[comma] = b'.';
            Cow::Owned(number)
        }
    }
}

/// Digits with at most a sign before and a point between them, without insignificant zeros. Returns `None` also if the
/// result is not a part of the text.
fn plain(text: &[u8], point: u8) -> Option<&[u8]> {
    let (text, unsigned) = match text {
        [b'+', digits @ ..] => (digits, digits),
        [b'-', digits @ ..] => (text, digits),
        _ => (text, text),
    };
    let mut point_at = None;
    for (index, byte) in unsigned.iter().enumerate() {
        if *byte == point && point_at.is_none() {
            point_at = Some(index);
        } else if !byte.is_ascii_digit() {
            return None;
        }
    }
    let whole = point_at.unwrap_or(unsigned.len());
    if whole == 0 {
        return None;
    }
    let zeros = unsigned[..whole - 1].iter().take_while(|digit| **digit == b'0').count();
    if zeros > 0 && unsigned.len() != text.len() {
        return None;
    }
    let mut end = text.len();
    if point_at.is_some() {
        while text[end - 1] == b'0' {
            end -= 1;
        }
        if text[end - 1] == point {
            end -= 1;
        }
    }
    Some(&text[zeros..end])
}

/// Returns whether double precision holds the number. Every short number without an exponent is in the range.
fn is_in_range(number: &[u8]) -> bool {
    let is_short = number.len() < SHORT && !number.iter().any(|byte| matches!(byte, b'e' | b'E'));
    is_short || double(number).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        canonical(text.as_bytes()).map(|number| String::from_utf8(number.into_owned()).unwrap())
    }

    #[test]
    fn insignificant_zeros_are_left_out_and_nothing_else() {
        for (text, expected) in [
            ("00009", "9"),
            ("09.00", "9"),
            ("03.05", "3.05"),
            ("41.0000000000", "41"),
            ("0", "0"),
            ("000", "0"),
            ("0.10", "0.1"),
            ("-0.50", "-0.5"),
            ("+7", "7"),
            ("7.", "7"),
            ("100", "100"),
            ("48.398337879833704", "48.398337879833704"),
            ("1.5e3", "1.5e3"),
            (".5", "0.5"),
            ("+.50", "0.5"),
            ("-.08", "-0.08"),
            ("-05", "-5"),
            ("-007.10", "-7.1"),
        ] {
            assert_eq!(written(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn texts_that_are_not_numbers_are_none() {
        for text in ["", "-", ".", "-.", "..5", "+-5", "NA", "nan", "1,5", "1e999", "0x1", "--1", "1 2", "1e-999", "1e"]
        {
            assert_eq!(written(text), None, "{text}");
        }
        assert_eq!(written(&"9".repeat(400)), None);
    }

    #[cfg(feature = "formats")]
    #[test]
    fn a_decimal_comma_becomes_a_dot() {
        for (text, expected) in [
            ("2,6", Some("2.6")),
            ("-02,6", Some("-2.6")),
            ("02,60", Some("2.6")),
            ("+7,0", Some("7")),
            ("7,", Some("7")),
            ("1.5", Some("1.5")),
            ("1,5e3", Some("1.5e3")),
            ("1,234,5", None),
            ("1.234,5", None),
            (",5", Some("0.5")),
            (",", None),
        ] {
            let number = canonical_with_comma(text.as_bytes());
            assert_eq!(number.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }
}
