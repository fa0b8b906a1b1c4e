//! What a table of an index says: bands, and a scale for each pollutant and averaging period.

use crate::model::{Pollutant, Unit};
use std::fmt;

/// A band of an index, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Band {
    /// Its name in English, as the index has it.
    pub name: &'static str,
    /// Its colour, `#rrggbb`. Never show it without the name: many people cannot tell these colours apart.
    pub colour: &'static str,
}

/// What a concentration is the mean of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AveragingPeriod {
    /// One hour.
    Hour,
    /// The last 8 hours.
    Hours8,
    /// The last 24 hours; in a daily index, the day.
    Hours24,
    /// The last 12 hours, the newer ones weighing more: see [`nowcast`](super::nowcast).
    NowCast,
}

impl AveragingPeriod {
    /// `1h`, `8h`, `24h` or `nowcast`.
    pub const fn name(self) -> &'static str {
        match self {
            AveragingPeriod::Hour => "1h",
            AveragingPeriod::Hours8 => "8h",
            AveragingPeriod::Hours24 => "24h",
            AveragingPeriod::NowCast => "nowcast",
        }
    }

    /// How many hours it looks back upon, the current one included.
    pub const fn hours(self) -> usize {
        match self {
            AveragingPeriod::Hour => 1,
            AveragingPeriod::Hours8 => 8,
            AveragingPeriod::Hours24 => 24,
            AveragingPeriod::NowCast => 12,
        }
    }

    /// How many of those hours must have a value: three quarters, as all four tables have it. A NowCast needs two of the
    /// newest three.
    pub const fn needed(self) -> usize {
        match self {
            AveragingPeriod::Hour => 1,
            AveragingPeriod::Hours8 => 6,
            AveragingPeriod::Hours24 => 18,
            AveragingPeriod::NowCast => 2,
        }
    }
}

impl fmt::Display for AveragingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A version of an index. Each is a file in `tables`.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// The document that the numbers are from.
    pub(super) source: &'static str,
    pub(super) bands: &'static [Band],
    pub(super) numbers: Numbers,
    pub(super) scales: &'static [Scale],
}

/// What number, besides its band, a concentration has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// None.
    None,
    /// Interpolated within the band between the numbers where bands end, neighbours sharing one: 25, 50, 75, 100.
    Shared(&'static [u32]),
    /// The same, each band beginning one above the end of the one before, in numbers and in concentrations: 50, 51.
    Apart(&'static [u32]),
}

/// The breakpoints of a pollutant for one averaging period.
#[derive(Debug)]
pub(super) struct Scale {
    pub(super) pollutant: Pollutant,
    /// The averaging periods it takes, the better first.
    pub(super) averagings: &'static [AveragingPeriod],
    /// The unit of its concentrations.
    pub(super) unit: Unit,
    /// Concentrations are cut to so many decimals first; `None` if they are compared as they are.
    pub(super) decimals: Option<u32>,
    /// The first band it knows: others know those before.
    pub(super) first: usize,
    /// Where its first band begins.
    pub(super) from: f64,
    /// Where each of its bands ends, the end included. What is beyond the last one of the table is in it all the same.
    pub(super) ends: &'static [f64],
}

impl Scale {
    /// A scale in µg/m³ that knows all bands.
    pub(super) const fn new(
        pollutant: Pollutant,
        averagings: &'static [AveragingPeriod],
        ends: &'static [f64],
    ) -> Scale {
        Scale { pollutant, averagings, unit: Unit::MicrogramPerCubicMetre, decimals: None, first: 0, from: 0.0, ends }
    }

    /// The same in another unit.
    pub(super) const fn unit(self, unit: Unit) -> Scale {
        Scale { unit, ..self }
    }

    /// The same for concentrations cut to so many decimals.
    pub(super) const fn cut_to(self, decimals: u32) -> Scale {
        Scale { decimals: Some(decimals), ..self }
    }

    /// The same beginning with this band, at this concentration.
    pub(super) const fn beginning(self, first: usize, from: f64) -> Scale {
        Scale { first, from, ..self }
    }
}
