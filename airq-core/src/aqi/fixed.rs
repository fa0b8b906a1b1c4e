//! Concentrations as whole billionths, so that comparisons with breakpoints are exact.
//!
//! The binary number 35.4 is a little less than 35.4, a conversion of 0.07 ppm to µg/m³ and back may give
//! 0.06999999999999999, and the mean of 24 values of 35.4 is 35.39999999999999. If such numbers were truncated, they would fall
//! into the band below. Nine decimals are far more than any instrument measures, and far fewer than binary sums lose.

/// A concentration in billionths of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fixed(i128);

const ONE: i128 = 1_000_000_000;

impl Fixed {
    /// Rounds a value to nine decimals. Returns `None` if the value is not finite. A negative value is noise of an instrument
    /// and counts as zero.
    pub(super) fn new(value: f64) -> Option<Fixed> {
        if !value.is_finite() {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
        let billionths = (value * 1e9).round() as i128;
        // The bound leaves room for the arithmetic of an interpolation.
        Some(Fixed(billionths.clamp(0, ONE * ONE)))
    }

    /// Rounds to this number of decimals.
    pub(super) fn rounded(self, decimals: u32) -> Fixed {
        let step = ONE / 10_i128.pow(decimals);
        Fixed((self.0 + step / 2) / step * step)
    }

    /// Truncates to this number of decimals, and returns the number of units of the last decimal.
    pub(super) fn truncated(self, decimals: u32) -> i128 {
        self.0 / (ONE / 10_i128.pow(decimals))
    }

    pub(super) fn billionths(self) -> i128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_cuts_decimal_digits() {
        for (value, decimals, expected) in [
            (35.4, 1, 354),
            (35.449_999_9, 1, 354),
            (9.0, 1, 90),
            (9.099_999_999, 1, 90),
            (0.07, 3, 70),
            (0.070_999, 3, 70),
            (0.069_999_999_999_999_99, 3, 70),
            (12.4, 1, 124),
            (304.9, 0, 304),
            (-0.4, 1, 0),
        ] {
            assert_eq!(Fixed::new(value).unwrap().truncated(decimals), expected, "{value}");
        }
    }

    #[test]
    fn tenths_and_thousandths_are_exact() {
        for whole in 0..20_000_i32 {
            assert_eq!(Fixed::new(f64::from(whole) / 10.0).unwrap().truncated(1), i128::from(whole));
            assert_eq!(Fixed::new(f64::from(whole) / 1000.0).unwrap().truncated(3), i128::from(whole));
        }
    }

    #[test]
    fn a_mean_keeps_the_digits_of_equal_values() {
        let mean = (0..24).map(|_| 35.4).sum::<f64>() / 24.0;
        assert!(mean < 35.4, "the binary mean is inexact: {mean}");
        assert_eq!(Fixed::new(mean).unwrap().truncated(1), 354);
    }

    #[test]
    fn values_that_are_not_finite_are_rejected_and_huge_values_are_bounded() {
        assert_eq!(Fixed::new(f64::NAN), None);
        assert_eq!(Fixed::new(f64::INFINITY), None);
        assert_eq!(Fixed::new(1e300), Fixed::new(1e200));
    }
}
