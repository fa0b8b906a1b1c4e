//! The sum of the excess of daily values over a level: SOMO35.

use super::averager::AverageSink;
use super::calendar::{Calendar, Period};
use super::cell::{Average, is_captured};
use crate::error::Result;
use crate::model::{Parameter, Timestamp};
use crate::query::{Averages, Interval};

/// 70 µg/m³ of ozone in millionths: 35 ppb at 20 °C.
const LEVEL: i64 = 70_000_000;

/// Takes the values of days and passes on the sum of their excess over the level, for each month or year.
pub(super) struct ExcessSum<S> {
    sink: S,
    calendar: Calendar,
    /// The share of the days, in percent, that must have a value.
    capture: u8,
    station: Vec<u8>,
    open: Option<Period>,
    sums: Vec<Sum>,
    averages: Vec<Average>,
}

/// The days of a period with a value, and the sum of their excess.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    days: u32,
    excess: i64,
}

impl<S: AverageSink> ExcessSum<S> {
    pub(super) fn new(averages: &Averages, sink: S) -> Self {
        // A day is expected for each day of the period.
        let calendar = Calendar::new(&averages.clone().with_interval(Interval::DAY));
        let capture = averages.capture();
        ExcessSum { sink, calendar, capture, station: Vec::new(), open: None, sums: Vec::new(), averages: Vec::new() }
    }

    fn close(&mut self) -> Result<()> {
        let Some(period) = self.open.take() else { return Ok(()) };
        self.averages.clear();
        for sum in &mut self.sums {
            let Sum { days, excess } = std::mem::take(sum);
            let is_enough = days > 0 && is_captured(days, period.slots, self.capture);
            self.averages.push(Average { value: is_enough.then_some(excess), captured: days, slots: period.slots });
        }
        match period.timestamp() {
            Some(start) => self.sink.row(0, &self.station, start, &self.averages),
            None => Ok(()),
        }
    }
}

impl<S: AverageSink> AverageSink for ExcessSum<S> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        self.sums = vec![Sum::default(); parameters.len()];
        self.sink.header(parameters)
    }

    fn row(&mut self, _: usize, station: &[u8], start: Timestamp, days: &[Average]) -> Result<()> {
        let time = start.as_microseconds();
        if self.station != station || !self.open.is_some_and(|open| open.has(time)) {
            self.close()?;
            station.clone_into(&mut self.station);
            self.open = Some(self.calendar.period(time));
        }
        for (sum, day) in self.sums.iter_mut().zip(days) {
            if let Some(value) = day.value {
                sum.days += 1;
                sum.excess += (value - LEVEL).max(0);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.close()?;
        self.sink.finish()
    }
}
