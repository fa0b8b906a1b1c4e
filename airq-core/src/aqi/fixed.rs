//! Concentrations as whole billionths, so that a breakpoint is met exactly.
//!
//! In binary 35.4 is a little less than 35.4, 0.07 ppm that went through µg/m³ and back may be 0.06999999999999999, and the
//! mean of 24 times 35.4 is 35.39999999999999. Truncated as they are, each would fall into the band below. Nine decimals
//! are far below what any instrument tells and far above what sums in binary lose.

/// A concentration in billionths of its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fixed(i128);

const ONE: i128 = 1_000_000_000;

impl Fixed {
    /// The value to nine decimals. `None` if it is no finite number. Below zero is instruments' noise: it counts as zero.
    pub(super) fn new(value: f64) -> Option<Fixed> {
        #[expect(clippy::cast_possible_truncation, reason = "what is larger than 10^38 stays at the largest")]
        let billionths = (value * 1e9).round() as i128;
        // Room for the arithmetic of an interpolation.
        value.is_finite().then_some(Fixed(billionths.clamp(0, ONE * ONE)))
    }

    /// Rounded to this many decimals.
    pub(super) fn rounded(self, decimals: u32) -> Fixed {
        let step = ONE / 10_i128.pow(decimals);
        Fixed((self.0 + step / 2) / step * step)
    }

    /// In whole units of this many decimals, what is finer cut off.
    pub(super) fn truncated(self, decimals: u32) -> i128 {
        self.0 / (ONE / 10_i128.pow(decimals))
    }

    /// In billionths.
    pub(super) fn billionths(self) -> i128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_is_that_of_the_decimal_digits() {
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
    fn every_tenth_and_every_thousandth_stays_itself() {
        for whole in 0..20_000_i32 {
            assert_eq!(Fixed::new(f64::from(whole) / 10.0).unwrap().truncated(1), i128::from(whole));
            assert_eq!(Fixed::new(f64::from(whole) / 1000.0).unwrap().truncated(3), i128::from(whole));
        }
    }

    #[test]
    fn a_mean_keeps_the_digits_of_equal_values() {
        let mean = (0..24).map(|_| 35.4).sum::<f64>() / 24.0;
        assert!(mean < 35.4, "the trap is there: {mean}");
        assert_eq!(Fixed::new(mean).unwrap().truncated(1), 354);
    }

    #[test]
    fn what_is_no_number_is_none_and_what_is_huge_stays_bounded() {
        assert_eq!(Fixed::new(f64::NAN), None);
        assert_eq!(Fixed::new(f64::INFINITY), None);
        assert_eq!(Fixed::new(1e300), Fixed::new(1e200));
    }
}
