//! Rows in, a row a period out: holds the values of one period of one station.

use super::calendar::{Calendar, Period};
use super::cell::{Average, Gathered};
use super::millionths;
use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
use crate::query::Averages;
use crate::csv::{RowFeed, Field, Kind, Layout, OnRejected, Row, RowSink};
use std::io::{self, Write};

/// Takes the averages of one period after the other, by station, then time.
pub(crate) trait AverageSink {
    /// The pollutants of every row to come, in the order of its averages. Called once, before any row.
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()>;
    /// The averages of a period that begins at this instant, one a pollutant.
    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()>;
    /// There are no more.
    fn finish(&mut self) -> Result<()>;
}

/// A writer that takes CSV ordered by station, then time, as a repository writes it, and passes on averages.
///
/// Pollutants are those wanted of those the CSV has, all if none is wanted in particular. Ends with
/// [`finish`](Averager::finish).
pub(crate) struct Averager<S> {
    rows: RowFeed<Periods<S>>,
}

struct Periods<S> {
    averaging: Averages,
    calendar: Calendar,
    sink: S,
    fields: Vec<Field>,
    /// The period that is gathered, and its station; `None` before the first row.
    open: Option<Period>,
    station: Vec<u8>,
    gathered: Vec<Gathered>,
    averages: Vec<Average>,
}

impl<S: AverageSink> Averager<S> {
    pub(crate) fn new(averaging: &Averages, wanted: &[Pollutant], sink: S) -> Self {
        let periods = Periods {
            averaging: averaging.clone(),
            calendar: Calendar::new(averaging),
            sink,
            fields: Vec::new(),
            open: None,
            station: Vec::new(),
            gathered: Vec::new(),
            averages: Vec::new(),
        };
        Averager { rows: RowFeed::new(wanted.to_vec(), OnRejected::Fail, periods) }
    }

    /// The sink of the averages.
    pub(crate) fn sink(&mut self) -> &mut S {
        &mut self.rows.sink.sink
    }

    /// Ends the CSV and returns the sink.
    ///
    /// # Errors
    /// If the CSV has no measurements; the error of the sink.
    pub(crate) fn finish(mut self) -> Result<S> {
        self.rows.finish()?;
        let mut periods = self.rows.sink;
        periods.close()?;
        periods.sink.finish()?;
        Ok(periods.sink)
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

impl<S: AverageSink> RowSink for Periods<S> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let is_measured = |field: &&Field| matches!(field.kind, Kind::Pollutant(_)) && field.column.is_some();
        self.fields = layout.fields.iter().filter(is_measured).cloned().collect();
        self.gathered = vec![Gathered::default(); self.fields.len()];
        let pollutants: Vec<Pollutant> = self.fields.iter().filter_map(pollutant).collect();
        self.sink.header(&pollutants)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let time = row.time.as_microseconds();
        if !self.open.is_some_and(|open| open.has(time) && self.station == row.station) {
            self.open(row.station, time)?;
        }
        let slot = self.calendar.slot(time);
        for (field, gathered) in self.fields.iter().zip(&mut self.gathered) {
            if let Some(value) = row.value(field).and_then(millionths::read) {
                gathered.take(value, slot, self.averaging.kind());
            }
        }
        Ok(())
    }
}

impl<S: AverageSink> Periods<S> {
    fn open(&mut self, station: &[u8], time: i64) -> Result<()> {
        self.close()?;
        station.clone_into(&mut self.station);
        self.open = Some(self.calendar.period(time));
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        let Some(period) = self.open.take() else { return Ok(()) };
        let Some(start) = period.timestamp() else { return Ok(()) };
        self.averages.clear();
        let averaging = &self.averaging;
        self.averages.extend(self.gathered.iter_mut().map(|gathered| gathered.close(averaging, period.slots)));
        self.sink.row(&self.station, start, &self.averages)
    }
}

fn pollutant(field: &Field) -> Option<Pollutant> {
    match field.kind {
        Kind::Pollutant(pollutant) => Some(pollutant),
        _ => None,
    }
}
