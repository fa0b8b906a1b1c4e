//! The position of a concentration on a scale: its band, its number, and its distance from the start of the band.
//!
//! All comparisons are exact, because concentrations are whole numbers here.

use super::fixed::Fixed;
use super::table::{Interpolation, Numbers, Scale};

/// The position of a concentration on a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ScalePosition {
    /// Below the first band of the scale. Another scale rates the concentration.
    Below,
    /// In a band.
    In(BandPosition),
    /// Above the last band of the scale, which is not the last band of the table. The position is the end of that band, for
    /// use if no other scale rates the concentration.
    Beyond(BandPosition),
    /// Above the last band of a scale that does not rate such concentrations.
    Unrated,
}

/// A position in a band.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct BandPosition {
    /// The band, 0 for the best.
    pub(super) level: usize,
    /// The number, if the index has numbers.
    pub(super) number: Option<u32>,
    /// The position in the band: 0 at its start, 1 at its end, more than 1 above the last band.
    fraction: f64,
}

impl Scale {
    /// Returns the position of a concentration in the unit of this scale, in a table of `bands` bands. `last` means that no other
    /// scale of the pollutant reaches a higher band.
    pub(super) fn locate(&self, value: Fixed, numbers: Numbers, bands: usize, last: bool) -> ScalePosition {
        let value = self.units(value);
        if value < self.bound(self.from) {
            return ScalePosition::Below;
        }
        let end = self.ends.iter().position(|end| value <= self.bound(*end));
        let band = end.unwrap_or(self.ends.len());
        if end.is_some() || last {
            ScalePosition::In(self.position(value, band, numbers, bands))
        } else if self.is_closed {
            ScalePosition::Unrated
        } else {
            let farthest = self.ends.last().map_or(value, |end| self.bound(*end));
            ScalePosition::Beyond(self.position(farthest, band.saturating_sub(1), numbers, bands))
        }
    }

    fn position(&self, value: i128, segment: usize, numbers: Numbers, bands: usize) -> BandPosition {
        // The last band of a table may have several segments, and higher values stay in the last band.
        let level = (self.first + segment).min(bands - 1);
        let range = SegmentRange::of(self, segment.min(self.ends.len() - 1), numbers);
        let number = match numbers {
            Numbers::None => None,
            Numbers::Ranks => u32::try_from(level + 1).ok(),
            Numbers::Interpolated(rules) => range.number(value, rules, self.first + segment),
        };
        BandPosition { level, number, fraction: range.fraction(value) }
    }

    /// Returns a concentration in the whole units that this scale compares.
    fn units(&self, value: Fixed) -> i128 {
        match self.decimals {
            None => value.billionths(),
            Some(decimals) if self.is_rounded => value.rounded(decimals).truncated(decimals),
            Some(decimals) => value.truncated(decimals),
        }
    }

    /// Returns a breakpoint in the same units. The numbers of the tables are finite.
    fn bound(&self, breakpoint: f64) -> i128 {
        Fixed::new(breakpoint).map_or(0, |breakpoint| self.units(breakpoint))
    }
}

impl BandPosition {
    /// Returns the position of a number in a band that has no range of concentrations.
    pub(super) fn of_number(level: usize, number: u32) -> BandPosition {
        BandPosition { level, number: Some(number), fraction: 0.0 }
    }
}

/// The range of concentrations of a segment.
struct SegmentRange {
    from: i128,
    to: i128,
}

impl SegmentRange {
    fn of(scale: &Scale, segment: usize, numbers: Numbers) -> SegmentRange {
        let apart = i128::from(matches!(numbers, Numbers::Interpolated(rules) if rules.is_apart));
        let from = match segment.checked_sub(1) {
            Some(before) => scale.bound(scale.ends[before]) + apart,
            None => scale.bound(scale.from),
        };
        SegmentRange { from, to: scale.bound(scale.ends[segment]) }
    }

    /// Interpolates between the numbers at the two ends of the segment, and extrapolates above it with the same slope.
    fn number(&self, value: i128, rules: Interpolation, segment: usize) -> Option<u32> {
        let last = rules.ends.len() - 1;
        let is_above = segment > last;
        if is_above && !rules.is_open {
            return None;
        }
        let low = match segment.min(last).checked_sub(1) {
            Some(before) => rules.ends[before] + u32::from(rules.is_apart),
            None => 0,
        };
        let high = rules.ends[segment.min(last)];
        let risen = i128::from(high - low) * (value - self.from);
        let run = self.to - self.from;
        let above =
            if rules.rounds_up { (risen + run - 1).div_euclid(run) } else { (2 * risen + run).div_euclid(2 * run) };
        let number = u32::try_from(i128::from(low) + above).unwrap_or(u32::MAX);
        // A value in a band without an end must not be rounded down to the number at its start.
        Some(if is_above && !rules.is_apart { number.max(high + 1) } else { number })
    }

    #[expect(clippy::cast_precision_loss, reason = "the result only orders pollutants in the same band")]
    fn fraction(&self, value: i128) -> f64 {
        (value - self.from) as f64 / (self.to - self.from) as f64
    }
}
