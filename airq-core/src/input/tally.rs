//! The summary of each pollutant: count, minimum, mean, maximum, first and last time.

use super::number::double;
use crate::csv::{Kind, Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::model::{Pollutant, Timestamp};
use crate::{Error, Result};
use std::io::{self, Write};

/// The summary of a pollutant.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PollutantSummary {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// The number of values.
    pub count: u64,
    /// The minimum, in the pollutant's [unit](Pollutant::unit).
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
/// use airq_core::Tally;
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

    /// The summary of every pollutant that has values.
    ///
    /// # Errors
    /// If the input is not CSV of measurements.
    pub fn finish(mut self) -> Result<Vec<PollutantSummary>, Error> {
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

/// The sums of every pollutant.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    of: [Option<PollutantSummary>; Pollutant::ALL.len()],
    columns: Vec<(Pollutant, crate::csv::Field)>,
}

impl Sums {
    pub(crate) fn add(&mut self, pollutant: Pollutant, value: f64, time: Timestamp) {
        let sums = self.of[pollutant as usize].get_or_insert(PollutantSummary {
            pollutant,
            count: 0,
            min: value,
            mean: 0.0,
            max: value,
            first: time,
            last: time,
        });
        sums.count += 1;
        sums.min = sums.min.min(value);
        sums.max = sums.max.max(value);
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 values")]
        let count = sums.count as f64;
        // A running mean: a sum of very many values would lose digits.
        sums.mean += (value - sums.mean) / count;
        sums.first = sums.first.min(time);
        sums.last = sums.last.max(time);
    }

    pub(crate) fn summary(&self) -> Vec<PollutantSummary> {
        self.of.iter().flatten().cloned().collect()
    }
}

impl RowSink for Sums {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        self.columns = layout
            .fields
            .iter()
            .filter_map(|field| match field.kind {
                Kind::Pollutant(pollutant) => Some((pollutant, field.clone())),
                _ => None,
            })
            .collect();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        for (pollutant, field) in &columns {
            if let Some(value) = row.value(field).and_then(double) {
                self.add(*pollutant, value, row.time);
            }
        }
        self.columns = columns;
        Ok(())
    }
}
