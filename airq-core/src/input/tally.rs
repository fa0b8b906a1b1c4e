//! The summary of each parameter: count, minimum, mean, maximum, first and last time.

use crate::csv::number::double;
use crate::csv::{Kind, Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::model::{Parameter, Timestamp};
use crate::{Error, Result};
use std::io::{self, Write};

/// The summary of a parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ParameterSummary {
    /// The parameter.
    pub parameter: Parameter,
    /// The number of values.
    pub count: u64,
    /// The minimum, in the parameter's [unit](Parameter::unit).
    pub min: f64,
    /// The mean of the values.
    pub mean: f64,
    /// The maximum.
    pub max: f64,
    /// The time of the first value.
    pub first: Timestamp,
    /// The time of the last value.
    pub last: Timestamp,
}

/// Summarises the rows of CSV in the form that [`encode`](crate::encode) reads.
///
/// ```
/// use airq_core::input::Tally;
/// use std::io::Write;
/// let mut tally = Tally::new();
/// tally.write_all(b"time,station,no2\n2016-10-01,a,1\n2016-10-02,a,4\n2016-10-03,a,\n")?;
/// let summary = tally.finish()?;
/// assert_eq!((summary[0].count, summary[0].mean, summary[0].max), (2, 2.5, 4.0));
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Tally(RowFeed<Sums>);

impl Default for Tally {
    fn default() -> Self {
        Tally::new()
    }
}

impl Tally {
    /// An empty tally. Rows that cannot be used are skipped.
    pub fn new() -> Self {
        Tally(RowFeed::new(Wanted::default(), OnRejected::Tell(Box::new(|_| {})), Sums::default()))
    }

    /// The summary of every parameter that has values.
    ///
    /// # Errors
    /// If the input is not CSV of measurements.
    pub fn finish(mut self) -> Result<Vec<ParameterSummary>, Error> {
        self.0.finish()?;
        Ok(self.0.sink.summary())
    }
}

impl Write for Tally {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.0.write(csv)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The sums of every parameter.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    summaries: Vec<(Parameter, Option<ParameterSummary>)>,
    /// The columns of the input, each with the position of its summary.
    columns: Vec<(usize, crate::csv::Field)>,
}

impl Sums {
    /// Reads rows of a repository.
    pub(crate) fn read(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<Vec<ParameterSummary>> {
        let mut feed = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, Sums::default());
        write(&mut feed)?;
        feed.finish()?;
        Ok(feed.sink.summary())
    }

    /// The position of a parameter's summary.
    pub(crate) fn position(&mut self, parameter: Parameter) -> usize {
        if let Some(position) = self.summaries.iter().position(|(known, _)| *known == parameter) {
            return position;
        }
        self.summaries.push((parameter, None));
        self.summaries.len() - 1
    }

    /// The parameter of the summary at a position.
    #[cfg(feature = "postgres")]
    pub(crate) fn parameter(&self, position: usize) -> Parameter {
        self.summaries[position].0
    }

    /// Adds a value to the summary at a position.
    pub(crate) fn add(&mut self, position: usize, value: f64, time: Timestamp) {
        let (parameter, summary) = &mut self.summaries[position];
        let summary = summary.get_or_insert(ParameterSummary {
            parameter: *parameter,
            count: 0,
            min: value,
            mean: 0.0,
            max: value,
            first: time,
            last: time,
        });
        summary.add(value, time);
    }

    /// The summaries of parameters with values, in the order of columns.
    pub(crate) fn summary(&self) -> Vec<ParameterSummary> {
        let mut summary: Vec<ParameterSummary> =
            self.summaries.iter().filter_map(|(_, summary)| summary.clone()).collect();
        summary.sort_by_key(|one| one.parameter);
        summary
    }
}

impl ParameterSummary {
    /// Describes values outside the parameter's [plausible range](Parameter::plausible_range). Returns `None` without such values, and
    /// for counts of values. Such values are kept.
    pub fn implausible(&self) -> Option<String> {
        self.parameter.implausible(self.min, self.max)
    }

    fn add(&mut self, value: f64, time: Timestamp) {
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 values")]
        let count = self.count as f64;
        // A running mean: a sum of very many values would lose digits.
        self.mean += (value - self.mean) / count;
        self.first = self.first.min(time);
        self.last = self.last.max(time);
    }
}

impl RowSink for Sums {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        self.columns.clear();
        for field in &layout.fields {
            if let Kind::Parameter(parameter) = field.kind {
                let position = self.position(parameter);
                self.columns.push((position, field.clone()));
            }
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        for (position, field) in &columns {
            if let Some(value) = row.value(field).and_then(double) {
                self.add(*position, value, row.time);
            }
        }
        self.columns = columns;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_outside_the_plausible_range_are_described() {
        let mut tally = Tally::new();
        tally.write_all(b"time,station,no2,temperature\n2016-10-01,a,1,71.5\n2016-10-02,a,40,20\n").unwrap();
        let summary = tally.finish().unwrap();
        let implausible: Vec<String> = summary.iter().filter_map(ParameterSummary::implausible).collect();
        let expected = "temperature: values from 20 to 71.5 °C, and -90 to 60 is plausible; they are kept";
        assert_eq!(implausible, [expected]);
    }
}
