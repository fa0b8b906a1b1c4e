//! Where a concentration stands on a scale: its band, its number, how far through the band it is. Exact, in whole numbers.

use super::fixed::Fixed;
use super::table::{Numbers, Scale};

/// A concentration's place on a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// Below the scale's first band: another scale rates it.
    Below,
    /// In a band.
    In(Standing),
    /// Beyond the scale's last band, which is not the table's last: at the end of that band, unless another scale rates it.
    Beyond(Standing),
}

/// A band and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Standing {
    /// The band, 0 for the best.
    pub(super) level: usize,
    /// The number, where the index has numbers.
    pub(super) number: Option<u32>,
    /// How far through the band: 0 at its beginning, 1 at its end, more beyond the last one.
    through: f64,
}

impl Scale {
    /// The place of a concentration in this scale's unit. `last` tells that no other scale of the table goes further.
    pub(super) fn place(&self, value: Fixed, numbers: Numbers, last: bool) -> Place {
        let value = self.units(value);
        if value < self.bound(self.from) {
            return Place::Below;
        }
        let end = self.ends.iter().position(|end| value <= self.bound(*end));
        let band = end.unwrap_or(self.ends.len());
        if end.is_some() || last {
            Place::In(self.standing(value, band, numbers))
        } else {
            let farthest = self.ends.last().map_or(value, |end| self.bound(*end));
            Place::Beyond(self.standing(farthest, band.saturating_sub(1), numbers))
        }
    }

    fn standing(&self, value: i128, band: usize, numbers: Numbers) -> Standing {
        // A table whose last band has an end goes on in it, one without has a band more than ends.
        let most = if matches!(numbers, Numbers::Apart(_)) { self.ends.len() - 1 } else { self.ends.len() };
        let level = self.first + band.min(most);
        let segment = Segment::of(self, band.min(self.ends.len() - 1), numbers);
        Standing { level, number: segment.number(value, numbers, level), through: segment.through(value) }
    }

    /// A concentration in the whole units that this scale compares.
    fn units(&self, value: Fixed) -> i128 {
        self.decimals.map_or(value.billionths(), |decimals| value.truncated(decimals))
    }

    /// A breakpoint in the same units. The tables' numbers are finite.
    fn bound(&self, breakpoint: f64) -> i128 {
        Fixed::new(breakpoint).map_or(0, |breakpoint| self.units(breakpoint))
    }
}

/// From where to where a band reaches, in concentrations.
struct Segment {
    from: i128,
    to: i128,
}

impl Segment {
    fn of(scale: &Scale, band: usize, numbers: Numbers) -> Segment {
        let apart = i128::from(matches!(numbers, Numbers::Apart(_)));
        let from = match band.checked_sub(1) {
            Some(before) => scale.bound(scale.ends[before]) + apart,
            None => scale.bound(scale.from),
        };
        Segment { from, to: scale.bound(scale.ends[band]) }
    }

    /// Linear between the numbers of the band's ends, and on by the same slope; rounded, halves up.
    fn number(&self, value: i128, numbers: Numbers, level: usize) -> Option<u32> {
        let (ends, gap) = match numbers {
            Numbers::None => return None,
            Numbers::Shared(ends) => (ends, 0),
            Numbers::Apart(ends) => (ends, 1),
        };
        let band = level.min(ends.len() - 1);
        let (low, high) = (band.checked_sub(1).map_or(0, |before| ends[before] + gap), ends[band]);
        let (rise, run) = (i128::from(high - low), self.to - self.from);
        let above = (2 * rise * (value - self.from) + run).div_euclid(2 * run);
        let number = u32::try_from(i128::from(low) + above).unwrap_or(u32::MAX);
        // Beyond all ends it never rounds down onto the last one.
        Some(if level > band { number.max(high + 1) } else { number })
    }

    #[expect(clippy::cast_precision_loss, reason = "only tells two pollutants of one band apart")]
    fn through(&self, value: i128) -> f64 {
        (value - self.from) as f64 / (self.to - self.from) as f64
    }
}
