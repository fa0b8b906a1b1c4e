//! Decimal numbers in double precision.
//!
//! Numbers that programs print in full have up to 17 digits, which are more than a double holds. Their digits are divided by a power of
//! ten with one multiplication by its reciprocal, as Eisel and Lemire do. The standard library reads the few numbers whose
//! rounding this does not decide, and all other numbers.

use super::digits::{are_digits, dot_in, number_of, values_of};
use crate::text::parsed;

/// The maximum number of digits, so that they fit 64 bits.
const MOST_DIGITS: usize = 19;

/// Returns the double next to a number of JSON's grammar. A number that is too large is infinite.
#[inline]
pub(crate) fn read(text: &[u8]) -> Option<f64> {
    read_long(text).or_else(|| parsed(text))
}

/// Reads a number of one to seven digits before the dot and nine or more after it; `None` for any other number.
#[inline]
fn read_long(text: &[u8]) -> Option<f64> {
    let head = values_of(*text.first_chunk()?);
    let length = dot_in(head);
    let fraction = text.get(length + 1..)?;
    let decimals = fraction.len();
    if !(1..=7).contains(&length) || decimals < 9 || length + decimals > MOST_DIGITS {
        return None;
    }
    let (sixteen, rest) = fraction.split_at(decimals.min(16));
    let next = values_of(*sixteen.first_chunk()?);
    let last = values_of(*sixteen.last_chunk()?);
    // The digits before the dot as the last bytes, and zeros before them.
    let whole = head << (64 - 8 * length);
    if !are_digits(whole) || !are_digits(next) || !are_digits(last) || !rest.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // The digits that follow the eighth decimal as the last bytes, and zeros before them.
    let after_next = sixteen.len() - 8;
    let read = 64 - 8 * after_next;
    let last = last >> read << read;
    let digits = (number_of(whole) * POWERS[8] + number_of(next)) * POWERS[after_next] + number_of(last);
    let digits = rest.iter().fold(digits, |digits, digit| digits * 10 + u64::from(digit - b'0'));
    divided(digits, decimals)
}

/// The powers of ten.
static POWERS: [u64; MOST_DIGITS] = {
    let mut powers = [1; MOST_DIGITS];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = 10 * powers[exponent - 1];
        exponent += 1;
    }
    powers
};

/// A power of ten as `2^(63 + bits) / factor`, where the factor has 64 bits and is rounded down.
#[derive(Clone, Copy)]
struct Reciprocal {
    factor: u64,
    bits: u32,
}

/// The reciprocals of the [powers of ten](POWERS).
static RECIPROCALS: [Reciprocal; MOST_DIGITS] = {
    let mut reciprocals = [Reciprocal { factor: 0, bits: 0 }; MOST_DIGITS];
    let mut exponent = 0;
    while exponent < reciprocals.len() {
        let power = POWERS[exponent];
        let bits = power.next_power_of_two().trailing_zeros();
        #[expect(clippy::cast_possible_truncation, reason = "2^bits is less than twice the power")]
        let factor = ((1_u128 << (63 + bits)) / power as u128) as u64;
        reciprocals[exponent] = Reciprocal { factor, bits };
        exponent += 1;
    }
    reciprocals
};

/// Returns the double next to `digits / 10^decimals`; `None` if the quotient may be in the middle between two doubles.
#[inline]
fn divided(digits: u64, decimals: usize) -> Option<f64> {
    if digits == 0 {
        return Some(0.0);
    }
    let shift = digits.leading_zeros();
    let Reciprocal { factor, bits } = RECIPROCALS[decimals];
    let product = u128::from(digits << shift) * u128::from(factor);
    // The exact product is less than 2 larger than this, because the factor and these bits are rounded down.
    let high = (product >> 64) as u64;
    // A double has 53 of the 63 or 64 bits.
    let cut = if high >> 63 == 1 { 11 } else { 10 };
    let half = 1 << (cut - 1);
    let rest = high & (2 * half - 1);
    if rest == half - 1 || rest == half {
        return None;
    }
    let mantissa = (high >> cut) + u64::from(rest > half);
    let exponent = u64::from(F64_BIAS + 1 + cut - shift - bits);
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let mantissa = mantissa as f64;
    Some(mantissa * f64::from_bits(exponent << (f64::MANTISSA_DIGITS - 1)))
}

/// The exponent of 1 in the bits of a double.
const F64_BIAS: u32 = 1023;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        #[test]
        fn a_number_is_read_as_the_standard_library_reads_it(text in "(0|[1-9][0-9]{0,7})\\.[0-9]{7,18}|-?[0-9]{1,9}(\\.[0-9]{1,9})?") {
            let expected: f64 = text.parse().unwrap();
            prop_assert_eq!(read(text.as_bytes()).unwrap().to_bits(), expected.to_bits());
        }

        #[test]
        fn the_digits_of_any_double_are_read_as_that_double(value in 0.0..1e7_f64) {
            prop_assert_eq!(read(value.to_string().as_bytes()), Some(value));
        }

        #[test]
        fn numbers_near_the_middle_of_two_doubles_are_rounded_for_sure(digits in (1_u64 << 53)..10_000_000_000_000_000_000, decimals in 9..MOST_DIGITS) {
            let expected: f64 = format!("{digits}e-{decimals}").parse().unwrap();
            if let Some(value) = divided(digits, decimals) {
                prop_assert_eq!(value.to_bits(), expected.to_bits());
            }
        }
    }

    #[test]
    fn most_long_numbers_are_read_without_the_standard_library() {
        let long = (0..10_000)
            .filter(|n| read_long(format!("{}.{:016}", n % 300, n * 123_456_789_012_u64).as_bytes()).is_some());
        assert!(long.count() > 9_900);
        assert_eq!(read_long(b"0.0000000000"), Some(0.0));
    }
}
