//! Ratings of days: each pollutant by its worst hour, or by the day's mean where the index is of 24 hours.

use super::means::{Means, in_units};
use super::{Asked, RatedSink};
use crate::aggregate::{Average, AverageSink, Averager, Calendar, Period};
use crate::error::Result;
use crate::aqi::{AirQualityIndex, AveragingPeriod, Input, Missing, Rating};
use crate::model::{HOUR, Pollutant, Timestamp};
use crate::query::{Averages, Every};
use std::collections::VecDeque;
use std::io::{self, Write};

/// Makes of the same rows the averages of days and the ratings of days, and passes them on together.
///
/// Every row belongs to one hour and one day, and every hour to one day: both sides give one row for each day there is.
pub(super) struct Days<S> {
    ratings: Averager<DayRater>,
    averages: Averager<DayAverages>,
    sink: S,
}

impl<S: RatedSink> Days<S> {
    pub(super) fn new(asked: &Asked<'_>, pollutants: &[Pollutant], sink: S) -> Self {
        let hourly = Averages::every(Every::Hour)
            .zone(asked.averages.clocks().clone())
            .interval(asked.averages.expected())
            .capture(asked.averages.least_capture());
        Days {
            ratings: Averager::new(&hourly, pollutants, DayRater::new(asked)),
            averages: Averager::new(asked.averages, pollutants, DayAverages::default()),
            sink,
        }
    }

    pub(super) fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    pub(super) fn finish(self) -> Result<S> {
        let Days { ratings, averages, mut sink } = self;
        pass_on(&mut ratings.finish()?, &mut averages.finish()?, &mut sink)?;
        Ok(sink)
    }
}

impl<S: RatedSink> Write for Days<S> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.ratings.write_all(csv)?;
        self.averages.write_all(csv)?;
        pass_on(self.ratings.sink(), self.averages.sink(), &mut self.sink)?;
        Ok(csv.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Passes on the days that both sides have.
fn pass_on(ratings: &mut DayRater, averages: &mut DayAverages, sink: &mut impl RatedSink) -> Result<()> {
    if let Some(pollutants) = averages.pollutants.take() {
        sink.header(&pollutants)?;
    }
    while !ratings.days.is_empty() && !averages.days.is_empty() {
        if let (Some(rating), Some((station, start, averages))) = (ratings.days.pop_front(), averages.days.pop_front())
        {
            sink.row(&station, start, &averages, &rating)?;
        }
    }
    Ok(())
}

/// The averages of days that have no rating yet.
#[derive(Default)]
struct DayAverages {
    pollutants: Option<Vec<Pollutant>>,
    days: VecDeque<(Vec<u8>, Timestamp, Vec<Average>)>,
}

impl AverageSink for DayAverages {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        self.pollutants = Some(pollutants.to_vec());
        Ok(())
    }

    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        self.days.push_back((station.to_vec(), start, averages.to_vec()));
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Rates a day when its last hour has passed.
struct DayRater {
    index: AirQualityIndex,
    wanted: Vec<(Pollutant, AveragingPeriod)>,
    capture: u8,
    calendar: Calendar,
    means: Vec<(Means, DayMean)>,
    station: Vec<u8>,
    open: Option<Period>,
    /// The ratings of days that have not been passed on.
    days: VecDeque<Rating>,
}

/// What a day has of one mean so far.
#[derive(Clone, Copy, Debug, Default)]
struct DayMean {
    hours: usize,
    worst: Option<f64>,
    sum: f64,
}

impl DayRater {
    fn new(asked: &Asked<'_>) -> Self {
        DayRater {
            index: asked.index,
            wanted: asked.inputs(),
            capture: asked.averages.least_capture(),
            calendar: Calendar::new(asked.averages),
            means: Vec::new(),
            station: Vec::new(),
            open: None,
            days: VecDeque::new(),
        }
    }

    fn close(&mut self) {
        let Some(day) = self.open.take() else { return };
        let of = usize::try_from((day.end - day.start) / HOUR).unwrap_or_default();
        let inputs: Vec<Input> = self.means.iter().map(|(means, day)| day.input(means, of)).collect();
        self.days.push_back(self.index.rate(&inputs));
        self.means.iter_mut().for_each(|(_, day)| *day = DayMean::default());
    }
}

impl AverageSink for DayRater {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        let means = |wanted| (Means::new(wanted, pollutants, self.capture), DayMean::default());
        self.means = self.wanted.iter().copied().map(means).collect();
        Ok(())
    }

    fn row(&mut self, station: &[u8], start: Timestamp, hours: &[Average]) -> Result<()> {
        let time = start.as_microseconds();
        if self.station != station || self.open.is_none_or(|day| !day.has(time)) {
            self.close();
            self.open = Some(self.calendar.period(time));
        }
        if self.station != station {
            station.clone_into(&mut self.station);
            self.means.iter_mut().for_each(|(means, _)| means.clear());
        }
        self.means.iter_mut().for_each(|(means, day)| day.take(means, start, hours));
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.close();
        Ok(())
    }
}

impl DayMean {
    fn take(&mut self, means: &mut Means, start: Timestamp, hours: &[Average]) {
        let value = match means.period {
            AveragingPeriod::Hours24 => means.hour(hours).and_then(|hour| hour.value).map(in_units),
            _ => means.push(start, hours).value.ok(),
        };
        let Some(value) = value else { return };
        self.hours += 1;
        self.sum += value;
        self.worst = Some(self.worst.map_or(value, |worst| worst.max(value)));
    }

    /// What the day amounts to, if three quarters of its hours have a value.
    fn input(&self, means: &Means, of: usize) -> Input {
        let needed = (of * 3).div_ceil(4);
        let Some(worst) = self.worst.filter(|_| self.hours >= needed) else {
            return means.missing(Missing::few(self.hours, needed, of));
        };
        #[expect(clippy::cast_precision_loss, reason = "a day has 25 hours at most")]
        let mean = self.sum / self.hours as f64;
        let value = if means.period == AveragingPeriod::Hours24 { mean } else { worst };
        Input::new(means.pollutant, means.period, value)
    }
}
