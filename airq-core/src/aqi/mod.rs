//! Air quality indices: what concentrations mean for people.
//!
//! Each version of an index is a table of data (`tables`); [`AirQualityIndex::rate`] is a pure function over it.

mod fixed;
mod nowcast;
mod place;
mod rate;
mod table;
mod tables;

use crate::model::Pollutant;
pub use nowcast::nowcast;
pub use rate::{Input, Missing, Rated, Rating, SubIndex};
use std::fmt;
use table::Table;
pub use table::{AveragingPeriod, Band};

/// A version of an air quality index.
///
/// | id | index | particles | numbers |
/// |---|---|---|---|
/// | `eaqi-2024` | European Air Quality Index, revised 2024 | by the hour | none, bands only |
/// | `eaqi-2020` | the same until 2024, and Spain's ICA | running 24 hours | none, bands only |
/// | `us-2024` | US Air Quality Index since May 2024 | NowCast, by the day its mean | 0 to 500 and beyond |
/// | `caqi` | Common Air Quality Index, hourly, background | by the hour | 0 to 100 and beyond |
///
/// ```
/// use airq_core::{AirQualityIndex, AveragingPeriod, Input, Pollutant};
/// let index = AirQualityIndex::parse("us-2024").unwrap();
/// let rating = index.rate(&[Input::new(Pollutant::Pm2_5, AveragingPeriod::Hours24, 35.4)]);
/// let worst = rating.worst().unwrap();
/// assert_eq!((worst.number, worst.band.name), (Some(100), "Moderate"));
/// ```
#[derive(Clone, Copy)]
pub struct AirQualityIndex(&'static Table);

impl AirQualityIndex {
    /// Every index, the default first.
    pub fn all() -> impl ExactSizeIterator<Item = AirQualityIndex> {
        tables::ALL.into_iter().map(AirQualityIndex)
    }

    /// The index of this id, exactly as in the table above.
    pub fn parse(id: &str) -> Option<AirQualityIndex> {
        AirQualityIndex::all().find(|index| index.id() == id)
    }

    /// The id, such as `eaqi-2024`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The name for people.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The document its numbers are from.
    pub fn source(self) -> &'static str {
        self.0.source
    }

    /// Its bands, from the best to the worst.
    pub fn bands(self) -> &'static [Band] {
        self.0.bands
    }

    /// What it wants to know of an hour: of each scale its first averaging period.
    pub(crate) fn hourly(self) -> impl Iterator<Item = (Pollutant, AveragingPeriod)> {
        self.0.scales.iter().filter_map(|scale| Some((scale.pollutant, *scale.averagings.first()?)))
    }

    /// What it wants to know of a day: of each scale its last.
    pub(crate) fn daily(self) -> impl Iterator<Item = (Pollutant, AveragingPeriod)> {
        self.0.scales.iter().filter_map(|scale| Some((scale.pollutant, *scale.averagings.last()?)))
    }

    /// The pollutants it rates, in the order of its table.
    pub(crate) fn pollutants(self) -> Vec<Pollutant> {
        self.rate(&[]).sub_indices.iter().map(|sub| sub.pollutant).collect()
    }

    /// What it wants to know, each once: which mean of which pollutant.
    pub fn inputs(self) -> impl Iterator<Item = (Pollutant, AveragingPeriod)> {
        self.0.scales.iter().flat_map(|scale| scale.averagings.iter().map(|averaging| (scale.pollutant, *averaging)))
    }
}

/// The default is `eaqi-2024`.
impl Default for AirQualityIndex {
    fn default() -> Self {
        AirQualityIndex(tables::ALL[0])
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

impl fmt::Display for AirQualityIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
