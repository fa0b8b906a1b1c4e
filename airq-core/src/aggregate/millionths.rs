//! The numbers of averages: whole millionths of a pollutant's unit, so that sums are exact in any order.

/// A number beyond this is no measurement: a kilogram in a cubic metre.
const MOST: f64 = 1e9;
const ONE: i64 = 1_000_000;

/// The text's number in millionths; `None` if it is no measurement.
pub(crate) fn read(text: &[u8]) -> Option<i64> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    // 1e15 at most, and a whole number: exact in both types.
    #[expect(clippy::cast_possible_truncation, reason = "bounded by MOST")]
    (value.abs() <= MOST).then(|| (value * 1e6).round_ties_even() as i64)
}

/// Appends the number, without zeros that say nothing: `20.5`, `-0.25`, `3`.
pub(crate) fn write(out: &mut Vec<u8>, millionths: i64) {
    let size = millionths.unsigned_abs();
    let (whole, part) = (size / ONE.unsigned_abs(), size % ONE.unsigned_abs());
    let sign = if millionths < 0 { "-" } else { "" };
    let text = if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:06}") };
    let shown = if part == 0 { text.as_str() } else { text.trim_end_matches('0') };
    out.extend_from_slice(shown.as_bytes());
}

/// The quotient, rounded to a whole number, halves away from zero.
pub(crate) fn divided(sum: i128, by: i128) -> i64 {
    let rounded = (2 * sum + sum.signum() * by) / (2 * by);
    i64::try_from(rounded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
