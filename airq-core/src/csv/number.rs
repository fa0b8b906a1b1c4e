//! The grammar of numbers, and their canonical text.
//!
//! The canonical text of a number is the same whatever repository the number comes from: without zeros at the end of its decimals
//! (`69.0` is `69`), and without an exponent unless the number is very large or very small. A decimal of up to 17 significant digits keeps
//! its other digits. All other numbers have the shortest digits that are distinct in double precision, because PostgreSQL has no other digits.

use crate::text::parsed;

/// The maximum length of a number that [keeps its digits](keeps_digits).
pub(crate) const LONGEST_DECIMAL: usize = 20;
/// The maximum length of a number that keeps its digits, whatever they are: 17 digits and a dot.
pub(crate) const SHORT_DECIMAL: usize = 18;
/// Smaller and larger numbers have an exponent if their decimals are longer than [`LONGEST_DECIMAL`].
const SMALLEST_DECIMAL: f64 = 1e-7;
const LARGEST_DECIMAL: f64 = 1e21;

/// Returns whether the text is a number by JSON's grammar (RFC 8259, section 6). Such a number is copied to JSON unchanged.
pub(crate) fn is_json_number(text: &[u8]) -> bool {
    is_plain_decimal(text) || is_number_by_grammar(text)
}

/// Returns whether the text is a plain decimal, as nearly all numbers are: digits with at most one dot between them, and no
/// leading zero before another digit. The loops have no branches, so compilers vectorize them.
fn is_plain_decimal(text: &[u8]) -> bool {
    let ([first, second, ..], [.., last]) = (text, text) else { return false };
    text.len() < 255
        && first.is_ascii_digit()
        && last.is_ascii_digit()
        && (*first != b'0' || *second == b'.')
        && count(text, |byte| byte == b'.') <= 1
        && usize::from(count(text, |byte| byte == b'.' || byte.is_ascii_digit())) == text.len()
}

/// Returns the number of bytes with the property. The text has less than 256 bytes.
#[inline]
fn count(text: &[u8], is: impl Fn(u8) -> bool) -> u8 {
    text.iter().fold(0, |count, byte| count + u8::from(is(*byte)))
}

fn is_number_by_grammar(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    let whole_is_right = !whole.is_empty() && (whole[0] != b'0' || whole.len() == 1);
    whole_is_right && is_exponent(skip_fraction(rest))
}

/// Returns the text after a fraction. A dot without digits is not skipped, so [`is_exponent`] rejects it.
fn skip_fraction(text: &[u8]) -> &[u8] {
    match text.strip_prefix(b".").map(split_digits) {
        Some((digits, rest)) if !digits.is_empty() => rest,
        _ => text,
    }
}

fn is_exponent(text: &[u8]) -> bool {
    let digits = match text {
        [] => return true,
        [b'e' | b'E', b'+' | b'-', digits @ ..] | [b'e' | b'E', digits @ ..] => digits,
        _ => return false,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Returns a number without the zeros at the end of its decimals.
#[inline]
pub(crate) fn without_trailing_zeros(number: &[u8]) -> &[u8] {
    if number.last() != Some(&b'0') {
        return number;
    }
    let Some(dot) = number.iter().position(|byte| *byte == b'.') else { return number };
    match number[dot..].iter().rposition(|byte| *byte != b'0') {
        // No digit but zeros follows the dot.
        Some(0) => &number[..dot],
        Some(_) if has_exponent(number) => number,
        Some(last) => &number[..=dot + last],
        None => number,
    }
}

/// Returns the canonical text of a number that has an exponent or is long. Returns `None` if the text is canonical except for
/// [trailing zeros](without_trailing_zeros), or if double precision cannot hold the number.
pub(crate) fn rewritten(number: &[u8]) -> Option<String> {
    if keeps_digits(number) {
        return None;
    }
    let value = double(number)?;
    let decimal = value.to_string();
    let is_usual = (SMALLEST_DECIMAL..LARGEST_DECIMAL).contains(&value.abs());
    Some(if is_usual || decimal.len() <= LONGEST_DECIMAL { decimal } else { format!("{value:e}") })
}

/// Returns whether the digits of a number stay as they are.
#[inline]
pub(crate) fn keeps_digits(number: &[u8]) -> bool {
    is_short(number) && !has_exponent(number)
}

/// Returns whether a number without an exponent has at most 17 significant digits, if it has a dot. A sign and the zeros at the start of
/// `0.05` are not significant. Longer numbers that start with more zeros are not short.
#[inline]
pub(crate) fn is_short(number: &[u8]) -> bool {
    let longest = match number {
        [b'0', b'.', b'0', ..] | [b'-', b'0', b'.', ..] => LONGEST_DECIMAL,
        [b'0', b'.', ..] | [b'-', ..] => SHORT_DECIMAL + 1,
        _ => SHORT_DECIMAL,
    };
    number.len() <= longest
}

fn has_exponent(number: &[u8]) -> bool {
    number.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

/// Parses a number of JSON's grammar; `None` if the number is too large, or so small that it would become zero.
pub(crate) fn double(text: &[u8]) -> Option<f64> {
    let number: f64 = parsed(text)?;
    if number.is_finite() && (number != 0.0 || is_zero(text)) { Some(number) } else { None }
}

/// Returns whether all digits before the exponent are zeros.
fn is_zero(text: &[u8]) -> bool {
    let mantissa = text.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    mantissa.filter(|byte| byte.is_ascii_digit()).all(|digit| *digit == b'0')
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_serde_json_takes_for_one_in_every_short_string() {
        let letters = b"09-+.eE a";
        let mut checked = 0;
        for length in 0..=6_u32 {
            for mut code in 0..letters.len().pow(length) {
                let text: Vec<u8> = (0..length)
                    .map(|_| {
                        let letter = letters[code % letters.len()];
                        code /= letters.len();
                        letter
                    })
                    .collect();
                let expected = is_number_to_serde_json(&text);
                assert_eq!(is_json_number(&text), expected, "{:?}", String::from_utf8_lossy(&text));
                checked += 1;
            }
        }
        assert_eq!(checked, (0..=6).map(|n| 9_usize.pow(n)).sum::<usize>());
    }

    fn is_number_to_serde_json(text: &[u8]) -> bool {
        // A raw check by the parser: no blanks around, and huge exponents are numbers although f64 has none such.
        let tame: Vec<u8> = text.iter().map(|b| if *b == b'9' { b'1' } else { *b }).collect();
        let blank = text.contains(&b' ');
        let huge = |error: serde_json::Error| error.to_string().contains("out of range");
        !blank && serde_json::from_slice::<serde_json::Number>(&tame).map_or_else(huge, |_| true)
    }

    fn canonical(text: &str) -> String {
        let rewritten = rewritten(text.as_bytes());
        let text = rewritten.as_deref().unwrap_or(text);
        String::from_utf8(without_trailing_zeros(text.as_bytes()).to_vec()).unwrap()
    }

    #[test]
    fn a_canonical_text_has_no_zeros_at_its_end_and_seldom_an_exponent() {
        for (text, expected) in [
            ("69.0", "69"),
            ("69.10", "69.1"),
            ("-0.50", "-0.5"),
            ("0.0", "0"),
            ("-0.0", "-0"),
            ("-0", "-0"),
            ("690", "690"),
            ("100.001", "100.001"),
            ("48.398337879833704", "48.398337879833704"),
            ("0.0048398337879833704", "0.00483983378798337"),
            ("1e3", "1000"),
            ("1.50E+1", "15"),
            ("1.5e30", "1.5e30"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e21"),
            ("100000000000000000000000", "1e23"),
            ("1e-05", "0.00001"),
            ("0.00000001", "0.00000001"),
            ("1e-08", "0.00000001"),
            ("1.23456789012345e-30", "1.23456789012345e-30"),
            ("69.000000000000000000000000", "69"),
            ("12.345678901234567890", "12.345678901234567"),
            ("12.34567890123456789", "12.345678901234567"),
            ("-48.398337879833704", "-48.398337879833704"),
            ("-0.98337879833704123", "-0.98337879833704123"),
            ("0.048398337879833704", "0.048398337879833704"),
            ("0.1000000000000000055511151231257827", "0.1"),
            ("123456789012345678901234", "1.2345678901234569e23"),
            ("1e999", "1e999"),
            ("1e-999", "1e-999"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    /// A number as PostgreSQL prints it: the shortest digits, with an exponent of two digits or more below 1e-4 and from 1e15 on.
    fn as_postgres(value: f64) -> String {
        if value == 0.0 || (1e-4..1e15).contains(&value.abs()) {
            return value.to_string();
        }
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap();
        let exponent: i32 = exponent.parse().unwrap();
        format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    }

    proptest::proptest! {
        #[test]
        fn every_text_of_a_number_has_one_canonical_text(bits in proptest::prelude::any::<u64>(), scale in -30..30_i32, digits in -99_999..99_999_i32) {
            for value in [f64::from_bits(bits), f64::from(digits) * 10_f64.powi(scale)] {
                if !value.is_finite() {
                    continue;
                }
                let plain = value.to_string();
                let expected = canonical(&as_postgres(value));
                proptest::prop_assert_eq!(&canonical(&plain), &expected);
                proptest::prop_assert_eq!(&canonical(&format!("{value:e}")), &expected);
                proptest::prop_assert_eq!(&canonical(&expected), &expected);
                let zeros = if plain.contains('.') { "000" } else { ".000" };
                proptest::prop_assert_eq!(&canonical(&format!("{plain}{zeros}")), &expected);
                proptest::prop_assert_eq!(expected.parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
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

    #[test]
    fn numbers_at_the_edges_of_the_grammar() {
        for good in ["0", "-0", "0.10", "-12.5e-3", "1E+99999", "123456789012345678901234567890"] {
            assert!(is_json_number(good.as_bytes()), "{good}");
        }
        for bad in ["", "-", ".5", "5.", "2991.", "+1", "01", "1e", "1e+", "NaN", "Infinity", "0x1", "1_0", "1,5", "٣"]
        {
            assert!(!is_json_number(bad.as_bytes()), "{bad}");
        }
    }
}
