//! The numbers of averages: whole millionths of a parameter's unit. Their sums are exact in any order.

use crate::csv::digits::{are_digits, dot_in, number_of, values_of};

/// The greatest number that is a measurement: one kilogram in a cubic metre.
const MOST: f64 = 1e9;
const ONE: i64 = 1_000_000;

/// Parses a number and returns it in millionths. Returns `None` if the text is not a number or the number is beyond 10⁹.
#[inline]
pub(crate) fn read(text: &[u8]) -> Option<i64> {
    read_long(text).or_else(|| read_other(text))
}

/// Parses a number that [`read_long`] does not parse. Not inlined, so that the compiler inlines [`read`].
#[inline(never)]
fn read_other(text: &[u8]) -> Option<i64> {
    read_decimal(text).or_else(|| read_any(text))
}

/// Rounds the product in floating point, as PostgreSQL does.
fn read_any(text: &[u8]) -> Option<i64> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    // 1e15 at most, and a whole number: exact in both types.
    #[expect(clippy::cast_possible_truncation, reason = "bounded by MOST")]
    (value.abs() <= MOST).then(|| (value * 1e6).round_ties_even() as i64)
}

/// Does the same as [`read_decimal`] for numbers with one to three digits before the dot and 10 to 16 digits after it, the usual form
/// of printed floating-point numbers. Two digits before the dot and six digits after it are converted at once.
#[inline]
fn read_long(text: &[u8]) -> Option<i64> {
    const REST_BELOW_HALF: u32 = u32::from_be_bytes(*b"\x00499");
    const REST_HALF: u32 = u32::from_be_bytes(*b"\x00500");
    let head = values_of(*text.first_chunk()?);
    let length = dot_in(head);
    let fraction = text.get(length + 1..)?;
    if !(1..=3).contains(&length) || !(10..=16).contains(&fraction.len()) {
        return None;
    }
    let next = values_of(*fraction.first_chunk()?);
    let last = values_of(*fraction.last_chunk()?);
    // Zeros, then the digits before the dot.
    let whole = head << (64 - 8 * length);
    // The seventh to the ninth digit after the dot. In big-endian order, numbers compare as their digits do.
    let rest = u32::from_be_bytes(*fraction[6..].first_chunk()?) >> 8;
    if !are_digits(whole) || !are_digits(next) || !are_digits(last) || rest == REST_BELOW_HALF || rest == REST_HALF {
        return None;
    }
    let hundreds = if length == 3 { head & 0xff } else { 0 };
    let size = hundreds * 100_000_000 + number_of(next << 16 | whole >> 48) + u64::from(rest > REST_HALF);
    i64::try_from(size).ok()
}

/// Parses a decimal number below a million without an exponent. Returns `None` for other numbers, and for numbers so close to the
/// middle between two millionths that only [`read_any`] rounds them as a product does.
///
/// Below 10¹² millionths, the error of a product in floating point is less than 0.0005. So the three digits after the sixth decide,
/// unless these digits are 499 or 500.
#[inline]
fn read_decimal(text: &[u8]) -> Option<i64> {
    let (is_negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let mut whole = 0;
    let mut length = 0;
    while let Some(digit) = unsigned.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        whole = whole * 10 + i64::from(digit);
        length += 1;
        if length > 6 {
            return None;
        }
    }
    let billionths = match unsigned.get(length) {
        None if length > 0 => 0,
        Some(b'.') if length > 0 => fraction(&unsigned[length + 1..])?,
        _ => return None,
    };
    let (millionths, rest) = (billionths / 1000, billionths % 1000);
    if rest == 499 || rest == 500 {
        return None;
    }
    let size = whole * ONE + millionths + i64::from(rest > 500);
    Some(if is_negative { -size } else { size })
}

/// Returns the billionths of the digits after the dot, without further digits. Returns `None` if a byte is not a digit.
#[inline]
fn fraction(digits: &[u8]) -> Option<i64> {
    const PLACES: usize = 9;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |place: usize| digits.get(place).map_or(0, |byte| i64::from(byte - b'0'));
    Some((0..PLACES).fold(0, |value, place| value * 10 + digit(place)))
}

/// Appends the number without trailing zeros: `20.5`, `-0.25`, `3`.
pub(crate) fn write(out: &mut Vec<u8>, millionths: i64) {
    let size = millionths.unsigned_abs();
    if millionths < 0 {
        out.push(b'-');
    }
    push_whole(out, size / ONE.unsigned_abs());
    let mut fraction = size % ONE.unsigned_abs();
    if fraction == 0 {
        return;
    }
    let mut digits = [b'0'; 7];
    digits[0] = b'.';
    for digit in digits[1..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(fraction % 10).unwrap_or_default();
        fraction /= 10;
    }
    let length = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    out.extend_from_slice(&digits[..length]);
}

/// Appends a whole number in decimal digits.
fn push_whole(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Returns the quotient, rounded to a whole number, with halves rounded away from zero.
pub(crate) fn divided(sum: i128, by: i128) -> i64 {
    const HALF_OF_RANGE: i64 = i64::MAX / 4;
    if let (Ok(sum), Ok(by)) = (i64::try_from(sum), i64::try_from(by))
        && sum.abs() < HALF_OF_RANGE
        && by < HALF_OF_RANGE
    {
        return (2 * sum + sum.signum() * by) / (2 * by);
    }
    let rounded = (2 * sum + sum.signum() * by) / (2 * by);
    i64::try_from(rounded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, read(text.as_bytes()).unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_number_keeps_six_decimals_and_no_idle_zeros() {
        for (text, expected) in [
            ("48.398337879833704", "48.398338"),
            ("-0.25", "-0.25"),
            ("-0", "0"),
            ("100", "100"),
            ("1e3", "1000"),
            ("0.0000004", "0"),
            ("0.000001", "0.000001"),
            ("-1000000000", "-1000000000"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_measurement_is_none() {
        for text in ["1e999", "-1e10", "1000000001", "", "x"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!((divided(1, 2), divided(-1, 2), divided(3, 2), divided(1, 3), divided(-5, 3)), (1, -1, 2, 0, -2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_decimal_number_is_read_as_the_floating_point_product_rounds(
            text in "-?(0|[1-9][0-9]{0,7})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        ) {
            prop_assert_eq!(read(text.as_bytes()), read_any(text.as_bytes()));
        }

        #[test]
        fn numbers_near_the_middle_of_two_millionths_round_as_the_floating_point_product(
            whole in 0..2_000_000_u32, millionths in 0..1_000_000_u32, rest in "(4999|5000|499|500|5|4)[0-9]{0,8}",
        ) {
            let text = format!("{whole}.{millionths:06}{rest}");
            prop_assert_eq!(read(text.as_bytes()), read_any(text.as_bytes()));
        }
    }
}
