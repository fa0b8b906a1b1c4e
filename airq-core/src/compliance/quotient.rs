//! Quotients of whole millionths, which are rounded once.

use super::table::Rounding;
use crate::aggregate::millionths::divided;

/// A sum of millionths divided by a number of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quotient {
    pub(super) sum: i128,
    /// At least one.
    pub(super) by: i128,
}

impl Quotient {
    /// A whole number of millionths.
    pub(super) const fn whole(millionths: i64) -> Quotient {
        Quotient { sum: millionths as i128, by: 1 }
    }
}

impl Rounding {
    /// Rounds a quotient to a number of millionths.
    pub(super) fn of(self, quotient: Quotient) -> i64 {
        let Quotient { sum, by } = quotient;
        match self {
            Rounding::None => divided(sum, by),
            Rounding::Nearest(step) => divided(sum, by * i128::from(step)) * step,
            Rounding::Down(step) => i64::try_from(sum.div_euclid(by * i128::from(step))).unwrap_or_default() * step,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::table::{ONE, TENTH, WHOLE, units};

    fn rounded(rounding: Rounding, millionths: i64) -> i64 {
        rounding.of(Quotient::whole(millionths))
    }

    #[test]
    fn rounding_is_to_the_nearest_with_halves_away_from_zero_or_down() {
        for (value, expected) in [(40_499_900, 40), (40_500_000, 41), (50_490_000, 50), (-500_000, -1), (-499_999, 0)] {
            assert_eq!(rounded(WHOLE, value), units(expected), "{value}");
        }
        assert_eq!((rounded(TENTH, 9_050_000), rounded(TENTH, 9_049_999)), (9_100_000, 9_000_000));
        let tens = Rounding::Nearest(10 * ONE);
        assert_eq!((rounded(tens, 154_900_000), rounded(tens, 155_000_000)), (units(150), units(160)));
        assert_eq!(rounded(Rounding::Down(1000), 70_375), 70_000);
        assert_eq!(rounded(Rounding::None, 70_375), 70_375);
    }

    #[test]
    fn a_quotient_is_rounded_once() {
        let almost = Quotient { sum: 3 * 40_500_000 - 1, by: 3 };
        assert_eq!(Rounding::None.of(almost), 40_500_000);
        assert_eq!(WHOLE.of(almost), units(40));
    }
}
