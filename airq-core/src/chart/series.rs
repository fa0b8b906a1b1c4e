//! The rows of an answer as series of numbers, station by station, cut at their gaps.

use crate::error::Result;
use crate::model::{Parameter, Timestamp};
use crate::rows::{MeasurementRef, visit_csv};
use std::ops::ControlFlow;

/// A step between two values that is longer than this number of usual steps is a gap. One missing value makes a step of two.
const GAP: f64 = 1.75;

/// The rows of an answer, by station.
#[derive(Debug, Default)]
pub(super) struct SeriesTable {
    parameters: Vec<Parameter>,
    pub(super) stations: Vec<StationSeries>,
    /// The unit of all values, if the values are not in the units of their parameters.
    own_unit: Option<&'static str>,
}

/// The rows of a station: a time each, and a value or none for each parameter.
#[derive(Debug)]
pub(super) struct StationSeries {
    pub(super) id: String,
    times: Vec<Timestamp>,
    columns: Vec<Vec<Option<f64>>>,
    levels: Vec<Option<usize>>,
}

/// Consecutive values without a gap.
pub(super) type Run = Vec<(Timestamp, f64)>;

impl SeriesTable {
    /// Reads the CSV of an answer, which is ordered by station, then time.
    pub(super) fn read(csv: &[u8]) -> Result<SeriesTable> {
        let mut table = SeriesTable::default();
        let summary = visit_csv(csv, |row| {
            table.push(row);
            Ok(ControlFlow::Continue(()))
        })?;
        table.parameters = summary.schema().parameters().collect();
        Ok(table)
    }

    /// Sets the unit of all values, if the values are not in the units of their parameters.
    pub(super) fn in_unit(mut self, own_unit: Option<&'static str>) -> SeriesTable {
        self.own_unit = own_unit;
        self
    }

    /// The unit of a parameter's values.
    pub(super) fn unit(&self, parameter: Parameter) -> &'static str {
        self.own_unit.unwrap_or_else(|| parameter.unit().symbol())
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.parameters.iter().copied()
    }

    /// The series of a station and a parameter, cut at its gaps.
    pub(super) fn runs(&self, station: &StationSeries, parameter: Parameter) -> Vec<Run> {
        let position = self.parameters.iter().position(|known| *known == parameter);
        match position.and_then(|position| station.columns.get(position)) {
            Some(column) => runs(&station.times, column),
            None => Vec::new(),
        }
    }

    fn push(&mut self, row: MeasurementRef<'_>) {
        if self.stations.last().is_none_or(|last| last.id != row.station()) {
            self.stations.push(StationSeries {
                id: row.station().to_owned(),
                times: Vec::new(),
                columns: vec![Vec::new(); row.schema().parameters().count()],
                levels: Vec::new(),
            });
        }
        let Some(station) = self.stations.last_mut() else { return };
        station.times.push(row.time());
        station.levels.push(row.overall_index().map(|rated| rated.level));
        for ((_, value), column) in row.values().zip(&mut station.columns) {
            // A number that is too large for an `f64` (1e999) has no position on an axis.
            column.push(value.map(|value| value.number).filter(|number| number.is_finite()));
        }
    }
}

impl StationSeries {
    /// The level of an index at each time, from 1, the best.
    pub(super) fn levels(&self) -> impl Iterator<Item = (Timestamp, Option<usize>)> {
        self.times.iter().copied().zip(self.levels.iter().copied())
    }
}

fn runs(times: &[Timestamp], column: &[Option<f64>]) -> Vec<Run> {
    let values: Run = times.iter().zip(column).filter_map(|(time, value)| Some((*time, (*value)?))).collect();
    let longest = longest_step(times, &values);
    values.chunk_by(|a, b| step(a.0, b.0) <= longest).map(<[_]>::to_vec).collect()
}

/// The longest step between two values that is not a gap. It follows from the usual step of the parameter's own values, which
/// may be rarer than the rows; a parameter with few values takes the usual step of the rows.
fn longest_step(times: &[Timestamp], values: &[(Timestamp, f64)]) -> f64 {
    const ENOUGH: usize = 4;
    let usual = if values.len() >= ENOUGH {
        usual_step(values.iter().map(|(time, _)| *time))
    } else {
        usual_step(times.iter().copied())
    };
    usual * GAP
}

/// The median step.
fn usual_step(times: impl Iterator<Item = Timestamp> + Clone) -> f64 {
    let mut steps: Vec<f64> = times.clone().zip(times.skip(1)).map(|(a, b)| step(a, b)).collect();
    let middle = steps.len().saturating_sub(1) / 2;
    if steps.is_empty() { 0.0 } else { *steps.select_nth_unstable_by(middle, f64::total_cmp).1 }
}

#[expect(clippy::cast_precision_loss, reason = "the error is a microsecond in 285 years")]
fn step(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_microseconds() - from.as_microseconds()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(csv: &str) -> Vec<usize> {
        let table = SeriesTable::read(csv.as_bytes()).unwrap();
        table.runs(&table.stations[0], Parameter::NO2).iter().map(Vec::len).collect()
    }

    fn hours(hours: &[(u32, &str)]) -> String {
        let rows = hours.iter().map(|(hour, value)| format!("a,2016-10-01T{hour:02}:00:00.000Z,{value}\n"));
        "station,time,no2\n".to_owned() + &rows.collect::<String>()
    }

    #[test]
    fn a_missing_value_and_a_missing_row_are_gaps() {
        assert_eq!(cut(&hours(&[(0, "1"), (1, "2"), (2, ""), (3, "4"), (4, "5")])), [2, 2]);
        assert_eq!(cut(&hours(&[(0, "1"), (1, "2"), (3, "4"), (4, "5")])), [2, 2]);
        assert_eq!(cut(&hours(&[(0, "1"), (1, ""), (2, "3")])), [1, 1]);
    }

    #[test]
    fn a_parameter_measured_every_other_row_has_no_gaps() {
        let rows: Vec<(u32, &str)> = (0..12).map(|hour| (hour, if hour % 2 == 0 { "1" } else { "" })).collect();
        assert_eq!(cut(&hours(&rows)), [6]);
    }

    #[test]
    fn steps_that_differ_a_little_are_no_gaps() {
        assert_eq!(cut(&hours(&[(0, "1"), (2, "2"), (5, "3"), (7, "4"), (10, "5")])), [5]);
    }

    #[test]
    fn a_number_too_large_is_missing() {
        assert_eq!(cut(&hours(&[(0, "1"), (1, "1e999"), (2, "3"), (3, "4"), (4, "5")])), [1, 3]);
        assert!(cut("station,time,no2\na,2016-10-01,\n").is_empty());
    }
}
