//! The newest values of stations, with their bands.

use super::index::NewestIndices;
use airq_core::aqi::AirQualityIndex;
use airq_core::{Airq, Answer, MeasurementRef, OverallIndex, Parameter, Result, Stations, Timestamp};
use std::ops::ControlFlow;

/// The greatest number of rows.
const MOST_ROWS: usize = 200;
/// The averaging period of the indices of hours, in microseconds.
const PERIOD: i64 = 3_600_000_000;
/// The parameters that the page shows first.
const FIRST: [Parameter; 6] =
    [Parameter::PM2_5, Parameter::PM10, Parameter::NO2, Parameter::O3, Parameter::SO2, Parameter::CO];

/// The newest values, a row for each station.
#[derive(Debug)]
pub(super) struct Latest {
    /// The parameters with values, particles first.
    pub(super) parameters: Vec<Parameter>,
    pub(super) rows: Vec<LatestRow>,
    /// The index of the rows.
    pub(super) index: AirQualityIndex,
    /// The number of stations that are left out.
    pub(super) more: u64,
    /// The time at which the page is read. For simulated measurements, the time of the newest measurement.
    pub(super) now: Timestamp,
}

#[derive(Debug)]
pub(super) struct LatestRow {
    pub(super) id: String,
    /// The name of the station, or else its id.
    pub(super) station: String,
    pub(super) city: Option<String>,
    pub(super) latitude: Option<f64>,
    pub(super) longitude: Option<f64>,
    pub(super) time: Timestamp,
    /// A value for each parameter.
    pub(super) values: Vec<Option<LatestValue>>,
    /// The newest index; `None` if the row is old.
    pub(super) rated: Option<OverallIndex>,
    pub(super) is_old: bool,
}

/// A value, and the text of the value with the digits that its parameter is reported with.
#[derive(Clone, Debug)]
pub(super) struct LatestValue {
    pub(super) number: f64,
    pub(super) text: String,
    /// The time of the value, if the value is older than the row.
    pub(super) older: Option<Timestamp>,
}

impl Latest {
    /// Reads an answer of the newest rows in CSV.
    ///
    /// # Errors
    /// The error of the engine.
    pub(super) fn read(airq: &Airq, answer: &Answer, stations: &Stations, indices: &NewestIndices) -> Result<Latest> {
        let mut rows = Vec::new();
        let summary = answer.for_each_row(|row| {
            if rows.len() == MOST_ROWS {
                return Ok(ControlFlow::Break(()));
            }
            rows.push(LatestRow::new(row, stations));
            Ok(ControlFlow::Continue(()))
        })?;
        let all: Vec<Parameter> = summary.schema().parameters().collect();
        let columns = shown_columns(&all, &rows);
        let newest = rows.iter().map(|row| row.time).max();
        let now = newest.filter(|_| airq.is_simulated()).unwrap_or_else(Timestamp::now);
        for row in &mut rows {
            row.values = columns.iter().map(|column| row.values[*column].take()).collect();
            row.is_old = is_old(row.time, now);
            row.rated = indices.of(&row.id).filter(|_| !row.is_old);
        }
        let parameters = columns.into_iter().map(|column| all[column]).collect();
        let more = answer.row_count().saturating_sub(rows.len() as u64);
        Ok(Latest { parameters, rows, index: indices.index, more, now })
    }

    /// The time of the newest row.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.rows.iter().map(|row| row.time).max()
    }

    /// The row with the worst band.
    pub(super) fn worst(&self) -> Option<(&LatestRow, OverallIndex)> {
        let rated = self.rows.iter().filter_map(|row| Some((row, row.rated?)));
        rated.max_by_key(|(_, rated)| (rated.level, rated.number))
    }
}

impl LatestRow {
    fn new(row: MeasurementRef<'_>, stations: &Stations) -> LatestRow {
        let metadata = stations.get(row.station()).cloned().unwrap_or_default();
        let mut values = Vec::new();
        for (parameter, value) in row.values() {
            let older = Some(row.time_of(parameter)).filter(|time| *time != row.time());
            values.push(value.map(|value| LatestValue {
                number: value.number,
                text: parameter.rounded(value.number),
                older,
            }));
        }
        LatestRow {
            id: row.station().to_owned(),
            station: metadata.name.unwrap_or_else(|| row.station().to_owned()),
            city: metadata.city,
            latitude: metadata.latitude,
            longitude: metadata.longitude,
            time: row.time(),
            values,
            rated: None,
            is_old: false,
        }
    }
}

/// Returns the columns of parameters with values, in the order of the page.
fn shown_columns(parameters: &[Parameter], rows: &[LatestRow]) -> Vec<usize> {
    let mut columns = Vec::new();
    for column in 0..parameters.len() {
        if rows.iter().any(|row| row.values[column].is_some()) {
            columns.push(column);
        }
    }
    columns.sort_by_key(|column| {
        let first = FIRST.iter().position(|parameter| *parameter == parameters[*column]);
        first.unwrap_or(FIRST.len())
    });
    columns
}

/// Returns whether a row is too old for a band: three averaging periods have passed since the end of its own.
fn is_old(time: Timestamp, now: Timestamp) -> bool {
    now.as_microseconds() - time.as_microseconds() > 4 * PERIOD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_old_three_hours_after_its_hour() {
        let now = "2016-10-01T12:00:00Z".parse::<Timestamp>().unwrap();
        assert!(!is_old("2016-10-01T08:00:00Z".parse::<Timestamp>().unwrap(), now));
        assert!(is_old("2016-10-01T07:59:59Z".parse::<Timestamp>().unwrap(), now));
        assert!(!is_old("2016-10-01T13:00:00Z".parse::<Timestamp>().unwrap(), now), "clocks may differ");
    }
}
