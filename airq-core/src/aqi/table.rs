//! The tables of indices: bands, and a scale for each pollutant and averaging period.

use crate::model::{Parameter, Unit};
use std::fmt;

/// A band of an index, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Band {
    /// The English name, as in the definition of the index.
    pub name: &'static str,
    /// The colour, `#rrggbb`. Always show the name, too: many people cannot distinguish these colours.
    pub colour: &'static str,
}

/// The averaging period of a concentration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AveragingPeriod {
    /// One hour.
    Hour,
    /// The last 3 hours.
    Hours3,
    /// The last 8 hours.
    Hours8,
    /// The last 24 hours; in a daily index, the day.
    Hours24,
    /// The last 12 hours, with more weight for newer hours: see [`nowcast`](super::nowcast).
    NowCast,
}

impl AveragingPeriod {
    /// The name: `1h`, `3h`, `8h`, `24h` or `nowcast`.
    pub const fn name(self) -> &'static str {
        match self {
            AveragingPeriod::Hour => "1h",
            AveragingPeriod::Hours3 => "3h",
            AveragingPeriod::Hours8 => "8h",
            AveragingPeriod::Hours24 => "24h",
            AveragingPeriod::NowCast => "nowcast",
        }
    }

    /// The number of hours, including the current hour.
    pub const fn hours(self) -> usize {
        match self {
            AveragingPeriod::Hour => 1,
            AveragingPeriod::Hours3 => 3,
            AveragingPeriod::Hours8 => 8,
            AveragingPeriod::Hours24 => 24,
            AveragingPeriod::NowCast => 12,
        }
    }
}

impl fmt::Display for AveragingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The table of a version of an index. Each table has a file in `tables`.
#[derive(Debug)]
pub(super) struct IndexTable {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// The document that defines the index.
    pub(super) source: &'static str,
    pub(super) bands: &'static [Band],
    pub(super) numbers: Numbers,
    pub(super) scales: &'static [Scale],
    /// The formula of an index that rates its pollutants together. Such an index has no scales.
    pub(super) formula: Option<&'static Formula>,
    /// The share of the hours of a mean, in percent, that must have a value.
    pub(super) capture: u8,
    pub(super) minimum: Minimum,
}

impl IndexTable {
    /// The rules of most indices: three quarters of the hours, and one pollutant.
    pub(super) const USUAL: IndexTable = IndexTable {
        id: "",
        name: "",
        source: "",
        bands: &[],
        numbers: Numbers::None,
        scales: &[],
        formula: None,
        capture: 75,
        minimum: Minimum { pollutants: 1, one_of: &[] },
    };
}

/// The pollutants that must be rated for an index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minimum {
    /// The number of pollutants.
    pub(super) pollutants: usize,
    /// At least one of these pollutants must be rated, unless the list is empty.
    pub(super) one_of: &'static [Parameter],
}

/// A sum over pollutants: `factor` · Σ (e^(`coefficient` · concentration) − 1), rounded to a whole number of at least 1. The
/// number of a band is its rank.
#[derive(Debug)]
pub(super) struct Formula {
    pub(super) averaging: AveragingPeriod,
    pub(super) factor: f64,
    pub(super) terms: &'static [Term],
}

/// The part of a pollutant in a [`Formula`].
#[derive(Debug)]
pub(super) struct Term {
    pub(super) pollutant: Parameter,
    pub(super) unit: Unit,
    pub(super) coefficient: f64,
}

/// The numbers at the ends of bands. The number of a concentration is interpolated within its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// The index has only bands.
    None,
    /// The number of a band is its rank, 1 for the best.
    Ranks,
    /// Numbers are interpolated between the numbers at the ends of segments. A segment is a band, or a part of the last band.
    Interpolated(Interpolation),
}

/// The rules by which the number of a concentration is interpolated within its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interpolation {
    /// The number at the end of each segment.
    pub(super) ends: &'static [u32],
    /// True if a segment starts one unit above the end of the segment before, in numbers and in concentrations: 0–50, 51–100.
    /// Otherwise it starts at that end.
    pub(super) is_apart: bool,
    /// True if numbers are rounded up. Otherwise they are rounded to the nearest number, halves up.
    pub(super) rounds_up: bool,
    /// True if concentrations above the last segment have a number, by the slope of that segment.
    pub(super) is_open: bool,
}

impl Interpolation {
    /// Returns the rules of segments that share their ends: nearest numbers, also above the last segment.
    pub(super) const fn shared(ends: &'static [u32]) -> Interpolation {
        Interpolation { ends, is_apart: false, rounds_up: false, is_open: true }
    }

    /// Returns the rules of segments that are one unit apart: nearest numbers, also above the last segment.
    pub(super) const fn apart(ends: &'static [u32]) -> Interpolation {
        Interpolation { is_apart: true, ..Interpolation::shared(ends) }
    }

    /// Rounds numbers up.
    pub(super) const fn rounded_up(self) -> Interpolation {
        Interpolation { rounds_up: true, ..self }
    }

    /// Gives no number to concentrations above the last segment.
    pub(super) const fn closed(self) -> Interpolation {
        Interpolation { is_open: false, ..self }
    }
}

/// The ratings that a scale is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RatedPeriods {
    HoursAndDays,
    Hours,
    Days,
}

/// The breakpoints of a pollutant for one averaging period.
#[derive(Debug)]
pub(super) struct Scale {
    pub(super) pollutant: Parameter,
    /// The averaging periods that the scale applies to, in order of preference.
    pub(super) averagings: &'static [AveragingPeriod],
    pub(super) rated: RatedPeriods,
    /// The unit of the breakpoints.
    pub(super) unit: Unit,
    /// The number of decimals that concentrations are truncated to; `None` if they are not truncated.
    pub(super) decimals: Option<u32>,
    /// True if concentrations are rounded to these decimals, halves up, rather than truncated.
    pub(super) is_rounded: bool,
    /// The first band of the scale. Lower bands belong to another scale.
    pub(super) first: usize,
    /// The start of the first band.
    pub(super) from: f64,
    /// The inclusive end of each band. A concentration above the last end of the table is in the last band.
    pub(super) ends: &'static [f64],
    /// True if concentrations above the last end are not rated, if another scale of the pollutant reaches a higher band.
    /// Otherwise they count as that end.
    pub(super) is_closed: bool,
}

impl Scale {
    /// Returns a scale of all bands in µg/m³.
    pub(super) const fn new(
        pollutant: Parameter,
        averagings: &'static [AveragingPeriod],
        ends: &'static [f64],
    ) -> Scale {
        Scale {
            pollutant,
            averagings,
            rated: RatedPeriods::HoursAndDays,
            unit: Unit::MicrogramPerCubicMetre,
            decimals: None,
            is_rounded: false,
            first: 0,
            from: 0.0,
            ends,
            is_closed: false,
        }
    }

    /// Sets the unit of the breakpoints.
    pub(super) const fn unit(self, unit: Unit) -> Scale {
        Scale { unit, ..self }
    }

    /// Sets the number of decimals that concentrations are truncated to.
    pub(super) const fn truncated_to(self, decimals: u32) -> Scale {
        Scale { decimals: Some(decimals), ..self }
    }

    /// Sets the number of decimals that concentrations are rounded to.
    pub(super) const fn rounded_to(self, decimals: u32) -> Scale {
        Scale { decimals: Some(decimals), is_rounded: true, ..self }
    }

    /// Restricts the scale to the ratings of hours.
    pub(super) const fn of_hours(self) -> Scale {
        Scale { rated: RatedPeriods::Hours, ..self }
    }

    /// Restricts the scale to the ratings of days.
    pub(super) const fn of_days(self) -> Scale {
        Scale { rated: RatedPeriods::Days, ..self }
    }

    /// Leaves concentrations above the last end without a rating.
    pub(super) const fn closed(self) -> Scale {
        Scale { is_closed: true, ..self }
    }

    /// Sets the first band and the concentration at which it starts.
    pub(super) const fn starting_at(self, first: usize, from: f64) -> Scale {
        Scale { first, from, ..self }
    }
}
