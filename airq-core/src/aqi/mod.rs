//! Air quality indices, which rate concentrations by their effect on health.
//!
//! Each version of an index is a table of data (`tables`). [`AirQualityIndex::rate`] is a pure function of a table and
//! concentrations.

mod fixed;
mod formula;
mod nowcast;
mod rate;
mod scale_position;
mod table;
mod tables;

use crate::error::ParseError;
use crate::model::Parameter;
pub use nowcast::nowcast;
pub use rate::{Input, Missing, Rated, Rating, SubIndex};
use std::fmt;
use std::str::FromStr;
pub use table::{AveragingPeriod, Band};
use table::{IndexTable, RatedPeriods};

/// A version of an air quality index.
///
/// | id | index | particles | numbers |
/// |---|---|---|---|
/// | `eaqi-2024` | European Air Quality Index, revised 2024 | by the hour | none, bands only |
/// | `eaqi-2020` | the same until 2024, and Spain's ICA | running 24 hours | none, bands only |
/// | `us-2024` | US Air Quality Index since May 2024 | NowCast, by the day its mean | 0 to 500 and beyond |
/// | `caqi` | Common Air Quality Index, hourly, background | by the hour | 0 to 100 and beyond |
/// | `uk-daqi` | UK Daily Air Quality Index, without SO₂ | running 24 hours | 1 to 10 |
/// | `in-naqi` | Indian National Air Quality Index, without lead | running 24 hours | 0 to 400, none in the last band |
/// | `cn-2012` | Chinese Air Quality Index, HJ 633-2012 | running 24 hours | 0 to 500 |
/// | `cn-2026` | the same since March 2026, HJ 633-2026 | by the hour, by the day its mean | 0 to 500 |
/// | `ca-aqhi` | Canadian Air Quality Health Index, of hours | 3 hours, with O₃ and NO₂ | 1 to 10 and beyond |
///
/// ```
/// use airq_core::aqi::{AirQualityIndex, AveragingPeriod, Input};
/// use airq_core::Parameter;
/// let index = "us-2024".parse::<AirQualityIndex>().unwrap();
/// let rating = index.rate(&[Input::new(Parameter::PM2_5, AveragingPeriod::Hours24, 35.4)]);
/// let worst = rating.worst().unwrap();
/// assert_eq!((worst.number, worst.band.name), (Some(100), "Moderate"));
/// ```
#[derive(Clone, Copy)]
pub struct AirQualityIndex(&'static IndexTable);

impl AirQualityIndex {
    /// All indices, the default first.
    pub const ALL: &'static [AirQualityIndex] = tables::ALL;

    /// The id, such as `eaqi-2024`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The English name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The document that defines the index.
    pub fn source(self) -> &'static str {
        self.0.source
    }

    /// The bands, from the best to the worst.
    pub fn bands(self) -> &'static [Band] {
        self.0.bands
    }

    /// Returns the means that the rating of an hour needs: the first averaging period of each scale, and the means of a formula.
    pub(crate) fn hourly(self) -> impl Iterator<Item = (Parameter, AveragingPeriod)> {
        let scales = self.0.scales.iter().filter(|scale| scale.rated != RatedPeriods::Days);
        scales.filter_map(|scale| Some((scale.pollutant, *scale.averagings.first()?))).chain(self.formula_inputs())
    }

    /// Returns the means that the rating of a day needs: the last averaging period of each scale. An index of hours only needs none.
    pub(crate) fn daily(self) -> impl Iterator<Item = (Parameter, AveragingPeriod)> {
        let scales = self.0.scales.iter().filter(|scale| scale.rated != RatedPeriods::Hours);
        scales.filter_map(|scale| Some((scale.pollutant, *scale.averagings.last()?)))
    }

    /// Returns whether days can be rated.
    pub(crate) fn rates_days(self) -> bool {
        self.daily().next().is_some()
    }

    /// Returns the share of the hours of a mean, in percent, that must have a value.
    pub(crate) fn capture(self) -> u8 {
        self.0.capture
    }

    fn formula_inputs(self) -> impl Iterator<Item = (Parameter, AveragingPeriod)> {
        let formula = self.0.formula.into_iter();
        formula.flat_map(|formula| formula.terms.iter().map(|term| (term.pollutant, formula.averaging)))
    }

    /// Returns the pollutants that the index rates, in the order of its table.
    pub(crate) fn pollutants(self) -> Vec<Parameter> {
        self.rate(&[]).sub_indices.iter().map(|sub| sub.pollutant).collect()
    }

    /// Returns all means that the index can rate, as pollutant and averaging period.
    pub fn inputs(self) -> impl Iterator<Item = (Parameter, AveragingPeriod)> {
        let scales = self.0.scales.iter();
        let means = scales.flat_map(|scale| scale.averagings.iter().map(|averaging| (scale.pollutant, *averaging)));
        means.chain(self.formula_inputs())
    }
}

/// The default is `eaqi-2024`.
impl Default for AirQualityIndex {
    fn default() -> Self {
        AirQualityIndex::ALL[0]
    }
}

impl PartialEq for AirQualityIndex {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for AirQualityIndex {}

impl fmt::Debug for AirQualityIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AirQualityIndex").field(&self.id()).finish()
    }
}

/// Parses an id, as in the table of [`AirQualityIndex`].
impl FromStr for AirQualityIndex {
    type Err = ParseError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let known = AirQualityIndex::ALL.iter().copied().find(|index| index.id() == id);
        known.ok_or_else(|| ParseError::not_one_of(id, AirQualityIndex::ALL.iter().map(|index| index.id())))
    }
}

impl fmt::Display for AirQualityIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
