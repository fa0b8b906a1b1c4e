//! The highest running mean of each day.

use super::averager::AverageSink;
use super::calendar::{Calendar, Period};
use super::cell::{Average, is_captured};
use super::running::{Window, hours_without_row};
use crate::error::Result;
use crate::model::{HOUR, Parameter, Timestamp};
use crate::query::Averages;

/// Takes hourly means and passes on the highest running mean of each day. A running mean belongs to the day with the start of its last
/// hour.
pub(super) struct DailyMaximum<S> {
    sink: S,
    calendar: Calendar,
    /// The share of a day's hours, in percent, that must have a running mean.
    capture: u8,
    window: Window,
    station: Vec<u8>,
    last: Option<Timestamp>,
    day: Option<OpenDay>,
    series: Vec<MaximumSeries>,
}

/// The day of the last hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenDay {
    pub(crate) period: Period,
    /// True if one of the hours has a row. A day without a row is not part of an answer.
    pub(crate) has_row: bool,
}

impl OpenDay {
    /// Returns a day without rows.
    pub(crate) fn new(period: Period) -> Self {
        OpenDay { period, has_row: false }
    }
}

/// The running means of one parameter.
struct MaximumSeries {
    window: Window,
    /// The number of hours of the open day with a running mean, and the highest mean.
    known: u32,
    highest: Option<i64>,
}

impl<S: AverageSink> DailyMaximum<S> {
    pub(super) fn new(averages: &Averages, window: Window, sink: S) -> Self {
        DailyMaximum {
            sink,
            calendar: Calendar::new(averages),
            capture: averages.capture(),
            window,
            station: Vec::new(),
            last: None,
            day: None,
            series: Vec::new(),
        }
    }

    /// Takes an hour, later than the hours before. `hours` is empty for an hour without a row.
    fn take(&mut self, start: Timestamp, hours: &[Average]) -> Result<()> {
        let time = start.as_microseconds();
        if !self.day.is_some_and(|day| day.period.has(time)) {
            self.close_day()?;
            self.day = Some(OpenDay::new(self.calendar.period(time)));
        }
        if let Some(day) = &mut self.day {
            day.has_row |= !hours.is_empty();
        }
        for (number, series) in self.series.iter_mut().enumerate() {
            let mean = hours.get(number).and_then(|hour| hour.value);
            if let Some(value) = series.window.push(start, mean).value {
                series.known += 1;
                series.highest = series.highest.max(Some(value));
            }
        }
        Ok(())
    }

    fn close_day(&mut self) -> Result<()> {
        let mut averages = Vec::with_capacity(self.series.len());
        let Some(OpenDay { period, has_row }) = self.day.take() else { return Ok(()) };
        let hours = u32::try_from((period.end - period.start) / HOUR).unwrap_or(u32::MAX);
        for series in &mut self.series {
            let captured = std::mem::take(&mut series.known).min(hours);
            let highest = series.highest.take().filter(|_| is_captured(captured, hours, self.capture));
            averages.push(Average { value: highest, captured, slots: hours });
        }
        match period.timestamp().filter(|_| has_row) {
            Some(start) => self.sink.row(0, &self.station, start, &averages),
            None => Ok(()),
        }
    }

    /// Ends the station. Windows may end after its last row.
    fn close_station(&mut self) -> Result<()> {
        if let Some(last) = self.last.take() {
            self.skip_hours(last, None)?;
        }
        self.close_day()?;
        self.series.iter_mut().for_each(|series| series.window.clear());
        Ok(())
    }

    fn skip_hours(&mut self, last: Timestamp, next: Option<Timestamp>) -> Result<()> {
        let hours = self.window.hours();
        hours_without_row(last, next, hours).try_for_each(|start| self.take(start, &[]))
    }
}

impl<S: AverageSink> AverageSink for DailyMaximum<S> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        for _ in parameters {
            self.series.push(MaximumSeries { window: self.window.clone(), known: 0, highest: None });
        }
        self.sink.header(parameters)
    }

    fn row(&mut self, _: usize, station: &[u8], start: Timestamp, hours: &[Average]) -> Result<()> {
        if self.station != station {
            self.close_station()?;
            station.clone_into(&mut self.station);
        }
        if let Some(last) = self.last.replace(start) {
            self.skip_hours(last, Some(start))?;
        }
        self.take(start, hours)
    }

    fn finish(&mut self) -> Result<()> {
        self.close_station()?;
        self.sink.finish()
    }
}
