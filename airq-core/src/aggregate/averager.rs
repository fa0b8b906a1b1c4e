//! Averages of rows ordered by station, then time. Only the values of one period of one station are in memory.

use super::calendar::{Calendar, Period};
use super::cell::{Average, Gathered};
use super::millionths;
use crate::csv::{Kind, Layout, OnRejected, Row, RowFeed, RowSink};
use crate::error::Result;
use crate::model::{Parameter, Timestamp};
use crate::query::Averages;
use std::io::{self, Write};

/// A consumer of averages by one or more averaging rules.
///
/// Stations are passed in ascending order of their ids, and the periods of an averaging in the order of time. For one station, the
/// rows of different averagings can be passed in any order.
pub trait AverageSink {
    /// Takes the parameters of all rows, in the order of their averages. Called once, before any row.
    fn header(&mut self, parameters: &[Parameter]) -> Result<()>;
    /// Takes the averages of the period that starts at `start`, one for each parameter. `averaging` is the index of the rule among
    /// the requested rules.
    fn row(&mut self, averaging: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()>;
    /// Ends the rows.
    fn finish(&mut self) -> Result<()>;
}

/// A factory of sinks that write averages as text.
pub trait AverageSinks: Sync {
    /// Returns a sink that writes a header and rows to `out`.
    fn sink<'a>(&'a self, out: &'a mut dyn Write) -> Box<dyn AverageSink + 'a>;

    /// Returns whether several threads should write the texts of different stations: a text is independent of other stations and
    /// expensive.
    fn are_for_threads(&self) -> bool;
}

/// A writer that takes the CSV of a repository, ordered by station, then time, and passes averages to a sink.
///
/// The parameters are the wanted parameters that the CSV has, or all of its parameters if none is wanted. [`finish`](Averager::finish)
/// passes the last averages.
pub(crate) struct Averager<S> {
    rows: RowFeed<Stations<S>>,
}

/// The averagings of one station at a time.
struct Stations<S> {
    averagings: Vec<Periods>,
    columns: Vec<usize>,
    station: Vec<u8>,
    values: Vec<Option<i64>>,
    averages: Vec<Average>,
    sink: S,
}

/// The open period of one averaging.
struct Periods {
    averages: Averages,
    calendar: Calendar,
    /// `None` before the first row.
    open: Option<Period>,
    gathered: Vec<Gathered>,
}

impl<S: AverageSink> Averager<S> {
    pub(crate) fn new(averagings: &[Averages], wanted: &[Parameter], sink: S) -> Self {
        let stations = Stations {
            averagings: averagings.iter().map(Periods::new).collect(),
            columns: Vec::new(),
            station: Vec::new(),
            values: Vec::new(),
            averages: Vec::new(),
            sink,
        };
        Averager { rows: RowFeed::new(wanted.to_vec(), OnRejected::Fail, stations) }
    }

    /// Returns the sink of the averages.
    pub(crate) fn sink(&mut self) -> &mut S {
        &mut self.rows.sink.sink
    }

    /// Ends the CSV and returns the sink.
    ///
    /// # Errors
    /// If the CSV has no measurements; the error of the sink.
    pub(crate) fn finish(mut self) -> Result<S> {
        self.rows.finish()?;
        let mut stations = self.rows.sink;
        stations.close_all()?;
        stations.sink.finish()?;
        Ok(stations.sink)
    }
}

impl<S: AverageSink> Write for Averager<S> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.rows.write(csv)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns the parameters of the input that have averages, with their columns.
pub(crate) fn measured_columns(layout: &Layout) -> impl Iterator<Item = (Parameter, usize)> {
    layout.fields.iter().filter_map(|field| match field.kind {
        Kind::Parameter(parameter) if parameter.has_mean() => Some((parameter, field.column?)),
        _ => None,
    })
}

impl<S: AverageSink> RowSink for Stations<S> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let (parameters, columns): (Vec<Parameter>, Vec<usize>) = measured_columns(layout).unzip();
        for periods in &mut self.averagings {
            periods.gathered = vec![Gathered::default(); columns.len()];
        }
        self.columns = columns;
        self.sink.header(&parameters)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let time = row.time.as_microseconds();
        if self.station != row.station {
            self.close_all()?;
            row.station.clone_into(&mut self.station);
        }
        self.values.clear();
        self.values.extend(self.columns.iter().map(|column| row.column(*column).and_then(millionths::read)));
        for averaging in 0..self.averagings.len() {
            if !self.averagings[averaging].open.is_some_and(|open| open.has(time)) {
                self.close(averaging)?;
                let periods = &mut self.averagings[averaging];
                periods.open = Some(periods.calendar.period(time));
            }
            self.averagings[averaging].take(time, &self.values);
        }
        Ok(())
    }
}

impl<S: AverageSink> Stations<S> {
    fn close_all(&mut self) -> Result<()> {
        (0..self.averagings.len()).try_for_each(|averaging| self.close(averaging))
    }

    /// Passes on the averages of the open period.
    fn close(&mut self, averaging: usize) -> Result<()> {
        let periods = &mut self.averagings[averaging];
        let Some(period) = periods.open.take() else { return Ok(()) };
        let Some(start) = period.timestamp() else { return Ok(()) };
        self.averages.clear();
        for gathered in &mut periods.gathered {
            self.averages.push(gathered.close(&periods.averages, period.slots));
        }
        self.sink.row(averaging, &self.station, start, &self.averages)
    }
}

impl Periods {
    fn new(averages: &Averages) -> Self {
        Periods { averages: averages.clone(), calendar: Calendar::new(averages), open: None, gathered: Vec::new() }
    }

    fn take(&mut self, time: i64, values: &[Option<i64>]) {
        let slot = self.calendar.slot(time);
        for (gathered, value) in self.gathered.iter_mut().zip(values) {
            if let Some(value) = value {
                gathered.take(*value, slot, self.averages.statistic());
            }
        }
    }
}
