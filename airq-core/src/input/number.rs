//! Numbers as files write them, in the spelling that JSON has: the same decimal, without what does not count.

use crate::csv::is_json_number;
use std::borrow::Cow;

/// The number in JSON's spelling: without zeros before it or at the end of its fraction, without a plus sign. No digit
/// that counts is changed: nothing is rounded. `None` if it is no number, or one that double precision cannot hold.
pub(super) fn canonical(text: &[u8]) -> Option<&[u8]> {
    plain(text).or_else(|| is_json_number(text).then_some(text)).filter(|number| is_in_range(number))
}

/// The number with its comma turned into a dot.
pub(super) fn with_dot(text: &[u8]) -> Cow<'_, [u8]> {
    match text.iter().position(|byte| *byte == b',') {
        None => Cow::Borrowed(text),
        Some(comma) => {
            let mut text = text.to_vec();
            text[comma] = b'.';
            Cow::Owned(text)
        }
    }
}

/// Digits with at most a sign before and a dot between them, cut to what counts. `None` also where a sign or a zero
/// would have to be put in.
fn plain(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let dot = unsigned.iter().position(|byte| *byte == b'.');
    let (whole, fraction) = unsigned.split_at(dot.unwrap_or(unsigned.len()));
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    if whole.is_empty() || !digits(whole) || !digits(fraction.get(1..).unwrap_or_default()) {
        return None;
    }
    let zeros = whole.iter().take_while(|digit| **digit == b'0').count().min(whole.len() - 1);
    if zeros > 0 && unsigned.len() != text.len() {
        return None;
    }
    let kept = fraction.iter().rposition(|byte| !matches!(byte, b'0' | b'.')).map_or(0, |last| last + 1);
    Some(&text[zeros..text.len() - (fraction.len() - kept)])
}

/// Whether double precision holds it: any number of so few letters without an exponent is.
fn is_in_range(number: &[u8]) -> bool {
    const SHORT: usize = 300;
    let is_short = number.len() < SHORT && !number.iter().any(|byte| matches!(byte, b'e' | b'E'));
    is_short || double(number).is_some()
}

/// The number that a text, proven to be one by JSON's grammar, stands for; `None` if it is too large, or so small that
/// nothing would be left of it.
pub(crate) fn double(text: &[u8]) -> Option<f64> {
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let is_zero = || {
        let mantissa = text.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
        mantissa.filter(|byte| byte.is_ascii_digit()).all(|digit| *digit == b'0')
    };
    (number.is_finite() && (number != 0.0 || is_zero())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<&str> {
        canonical(text.as_bytes()).map(|number| std::str::from_utf8(number).unwrap())
    }

    #[test]
    fn what_does_not_count_is_left_out_and_nothing_else() {
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
        ] {
            assert_eq!(written(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", ".5", "NA", "nan", "1,5", "1e999", "0x1", "--1", "1 2", "-05", "1e-999", "1e"] {
            assert_eq!(written(text), None, "{text}");
        }
        assert_eq!(written(&"9".repeat(400)), None);
    }

    #[test]
    fn a_decimal_comma_becomes_a_dot() {
        assert_eq!(with_dot(b"2,6").as_ref(), b"2.6");
        assert_eq!(with_dot(b"1,234,5").as_ref(), b"1.234,5");
    }

    #[test]
    fn numbers_that_double_precision_cannot_hold_are_none() {
        assert_eq!(double(b"48.398337879833704"), Some(48.398_337_879_833_704));
        assert_eq!(double(b"-0.0"), Some(-0.0));
        assert_eq!(double(b"0e999"), Some(0.0));
        assert_eq!(double(b"5e-324"), Some(5e-324));
        assert_eq!(double(b"1e309"), None);
        assert_eq!(double(b"1e-400"), None);
    }
}
