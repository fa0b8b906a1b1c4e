//! Ratings of days: each pollutant by its worst hour, or by the day's mean where the index is of 24 hours.

use super::means::{Means, in_units};
use super::{Asked, RatedSink};
use crate::aggregate::{Average, AverageSink, Calendar, Period};
use crate::aqi::{AirQualityIndex, AveragingPeriod, Input, Missing, Rating};
use crate::error::Result;
use crate::model::{HOUR, Pollutant, Timestamp};
use std::collections::VecDeque;

/// Joins the ratings of days, from the averages of hours, with the averages of days.
///
/// Each row belongs to one hour and one day, and each hour to one day, so both have a row for the same days.
pub(super) struct Days<S> {
    ratings: DayRater,
    averages: VecDeque<(Vec<u8>, Timestamp, Vec<Average>)>,
    sink: S,
}

/// The position of the averages of hours among the averagings; those of days follow.
const HOURS: usize = 0;

impl<S: RatedSink> Days<S> {
    pub(super) fn new(asked: &Asked<'_>, sink: S) -> Self {
        Days { ratings: DayRater::new(asked), averages: VecDeque::new(), sink }
    }

    /// Passes on the days that have a rating and averages.
    fn pass_on(&mut self) -> Result<()> {
        while !self.ratings.days.is_empty()
            && let Some((station, start, averages)) = self.averages.pop_front()
            && let Some(rating) = self.ratings.days.pop_front()
        {
            self.sink.row(&station, start, &averages, &rating)?;
        }
        Ok(())
    }
}

impl<S> Days<S> {
    pub(super) fn sink(&self) -> &S {
        &self.sink
    }

    pub(super) fn into_sink(self) -> S {
        self.sink
    }
}

impl<S: RatedSink> AverageSink for Days<S> {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        self.ratings.header(pollutants);
        self.sink.header(pollutants)
    }

    fn row(&mut self, averaging: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        if averaging == HOURS {
            self.ratings.hour(station, start, averages);
        } else {
            self.averages.push_back((station.to_vec(), start, averages.to_vec()));
        }
        self.pass_on()
    }

    fn finish(&mut self) -> Result<()> {
        self.ratings.close();
        self.pass_on()
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

impl DayRater {
    fn header(&mut self, pollutants: &[Pollutant]) {
        let means = |wanted| (Means::new(wanted, pollutants, self.capture), DayMean::default());
        self.means = self.wanted.iter().copied().map(means).collect();
    }

    fn hour(&mut self, station: &[u8], start: Timestamp, hours: &[Average]) {
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
