//! The overall air quality index of a row.

use super::MeasurementRef;
use super::schema::IndexColumns;
use crate::aqi::{AirQualityIndex, Band};
use crate::model::Parameter;

/// The overall air quality index of a row: the band of its worst parameter.
///
/// A row has one where the query has an [`index`](crate::QueryBuilder::index) and a parameter of the index could be rated.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct OverallIndex {
    /// The index.
    pub index: AirQualityIndex,
    /// The band, with its name and colour.
    pub band: &'static Band,
    /// The number of the band, from 1, the best.
    pub level: usize,
    /// The value of the index; `None` for an index that has bands only.
    pub number: Option<u32>,
    /// The parameter with this band, the worst of all parameters.
    pub parameter: Parameter,
}

impl OverallIndex {
    pub(super) fn of_row(row: MeasurementRef<'_>, columns: IndexColumns) -> Option<OverallIndex> {
        let index = row.cell(columns.id).parse::<AirQualityIndex>().ok()?;
        let level: usize = row.cell(columns.level).parse().ok()?;
        let band = index.bands().get(level.checked_sub(1)?)?;
        let number = row.cell(columns.number).parse().ok();
        let parameter = Parameter::lookup(row.cell(columns.parameter))?;
        Some(OverallIndex { index, band, level, number, parameter })
    }
}
