//! An answer's CSV as numbers: station by station, and where the gaps of a series are.

use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
use crate::csv::{Field, RowFeed, Wanted, Kind, Layout, OnRejected, Row, RowSink};

/// A step longer than so many usual ones is a gap: one value that is left out makes a step of two.
const GAP: f64 = 1.75;

/// The rows of an answer, by station.
#[derive(Debug, Default)]
pub(super) struct Table {
    fields: Vec<(Pollutant, Field)>,
    /// The column with the level of an index, if there is one.
    level: Option<Field>,
    pub(super) stations: Vec<StationRows>,
    /// Whether the values are numbers of values.
    counts: bool,
}

/// The rows of a station: a time each, and a value or none for each pollutant.
#[derive(Debug)]
pub(super) struct StationRows {
    pub(super) id: String,
    times: Vec<Timestamp>,
    columns: Vec<Vec<Option<f64>>>,
    levels: Vec<Option<usize>>,
}

/// Values that follow each other without a gap.
pub(super) type Run = Vec<(Timestamp, f64)>;

impl Table {
    /// Reads the CSV of an answer, whose rows come by station, then time.
    pub(super) fn read(csv: &[u8]) -> Result<Table> {
        let mut rows = RowFeed::new(Wanted::default(), OnRejected::Fail, Table::default());
        rows.feed(csv)?;
        rows.finish()?;
        Ok(rows.sink)
    }

    /// The values are numbers of values, and not in the pollutants' units.
    pub(super) fn counting(mut self, counts: bool) -> Table {
        self.counts = counts;
        self
    }

    /// The unit of a pollutant's values.
    pub(super) fn unit(&self, pollutant: Pollutant) -> &'static str {
        if self.counts { "values" } else { pollutant.unit() }
    }

    pub(super) fn pollutants(&self) -> impl Iterator<Item = Pollutant> {
        self.fields.iter().map(|(pollutant, _)| *pollutant)
    }

    /// The series of a station and a pollutant, cut at its gaps.
    pub(super) fn runs(&self, station: &StationRows, pollutant: Pollutant) -> Vec<Run> {
        let place = self.fields.iter().position(|(known, _)| *known == pollutant);
        let column = place.and_then(|place| station.columns.get(place));
        column.map(|column| runs(&station.times, column)).unwrap_or_default()
    }
}

impl StationRows {
    /// The level of an index at each time, from 1, the best.
    pub(super) fn levels(&self) -> impl Iterator<Item = (Timestamp, Option<usize>)> {
        self.times.iter().copied().zip(self.levels.iter().copied())
    }
}

impl RowSink for Table {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let pollutant = |field: &Field| match field.kind {
            Kind::Pollutant(pollutant) => Some((pollutant, field.clone())),
            _ => None,
        };
        self.fields = layout.fields.iter().filter_map(pollutant).collect();
        self.level = layout.fields.iter().find(|field| field.name == "index_level").cloned();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if self.stations.last().is_none_or(|last| last.id.as_bytes() != row.station) {
            let id = String::from_utf8_lossy(row.station).into_owned();
            let columns = vec![Vec::new(); self.fields.len()];
            self.stations.push(StationRows { id, times: Vec::new(), columns, levels: Vec::new() });
        }
        let Some(station) = self.stations.last_mut() else { return Ok(()) };
        station.times.push(row.time);
        station.levels.push(self.level.as_ref().and_then(|field| level(row.value(field)?)));
        for ((_, field), column) in self.fields.iter().zip(&mut station.columns) {
            column.push(row.value(field).and_then(number));
        }
        Ok(())
    }
}

fn level(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok().filter(|level| *level > 0)
}

/// What is too large for a number of the machine (1e999) has no place on an axis.
fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

fn runs(times: &[Timestamp], column: &[Option<f64>]) -> Vec<Run> {
    let values: Run = times.iter().zip(column).filter_map(|(time, value)| Some((*time, (*value)?))).collect();
    let longest = longest_step(times, &values);
    let follows = |a: &(Timestamp, f64), b: &(Timestamp, f64)| step(a.0, b.0) <= longest;
    values.chunk_by(follows).map(<[_]>::to_vec).collect()
}

/// The longest time between two values that is no gap. A pollutant that is measured more seldom than others has its own
/// usual step; where it has too few values to show one, the rows' is taken.
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

#[expect(clippy::cast_precision_loss, reason = "a microsecond in 285 years is not seen")]
fn step(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_microseconds() - from.as_microseconds()) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(csv: &str) -> Vec<usize> {
        let table = Table::read(csv.as_bytes()).unwrap();
        table.runs(&table.stations[0], Pollutant::No2).iter().map(Vec::len).collect()
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
    fn a_pollutant_measured_every_other_row_has_no_gaps() {
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
