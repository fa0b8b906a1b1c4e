//! Ratings of days. Each pollutant is rated by its worst hour, or by the mean of the day if the index averages 24 hours.

use super::means::{Captures, Means, in_units};
use super::{RatedSink, RatingRequest};
use crate::aggregate::{Average, AverageSink, Calendar, OpenDay, hours_without_row};
use crate::aqi::{AirQualityIndex, AveragingPeriod, Input, Missing, Rating};
use crate::error::Result;
use crate::model::{HOUR, Parameter, Timestamp};
use std::collections::VecDeque;

/// Joins the ratings of days, from the averages of hours, with the averages of days.
///
/// Each row belongs to one hour and one day, and each hour to one day, so both have a row for the same days.
pub(super) struct RatedDays<S> {
    ratings: DayRater,
    averages: VecDeque<(Vec<u8>, Timestamp, Vec<Average>)>,
    sink: S,
}

/// The index of the hourly averages among the averagings. The daily averages follow.
const HOURS: usize = 0;

impl<S: RatedSink> RatedDays<S> {
    pub(super) fn new(request: &RatingRequest<'_>, sink: S) -> Self {
        RatedDays { ratings: DayRater::new(request), averages: VecDeque::new(), sink }
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

impl<S> RatedDays<S> {
    pub(super) fn sink(&self) -> &S {
        &self.sink
    }

    pub(super) fn into_sink(self) -> S {
        self.sink
    }
}

impl<S: RatedSink> AverageSink for RatedDays<S> {
    fn header(&mut self, pollutants: &[Parameter]) -> Result<()> {
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
    wanted: Vec<(Parameter, AveragingPeriod)>,
    captures: Captures,
    calendar: Calendar,
    means: Vec<(Means, DayMean)>,
    /// The averages of an hour without a row.
    no_values: Vec<Average>,
    station: Vec<u8>,
    last: Option<Timestamp>,
    day: Option<OpenDay>,
    /// The ratings of days that have not been passed on.
    days: VecDeque<Rating>,
}

/// The hourly values of a mean that belong to the open day.
#[derive(Clone, Copy, Debug, Default)]
struct DayMean {
    hours: usize,
    worst: Option<f64>,
    sum: f64,
}

impl DayRater {
    fn new(request: &RatingRequest<'_>) -> Self {
        DayRater {
            index: request.index,
            wanted: request.inputs(),
            captures: request.captures(),
            calendar: Calendar::new(request.averages),
            means: Vec::new(),
            no_values: Vec::new(),
            station: Vec::new(),
            last: None,
            day: None,
            days: VecDeque::new(),
        }
    }

    /// Ends the station: means reach beyond its last row.
    fn close(&mut self) {
        if let Some(last) = self.last.take() {
            self.skip_hours(last, None);
        }
        self.close_day();
        self.means.iter_mut().for_each(|(means, _)| means.clear());
    }

    /// Rates the open day. A day without a row has no averages, and no rating.
    fn close_day(&mut self) {
        let Some(OpenDay { period, has_row }) = self.day.take() else { return };
        let of = usize::try_from((period.end - period.start) / HOUR).unwrap_or_default();
        let inputs: Vec<Input> = self.means.iter().map(|(means, day)| day.input(means, of)).collect();
        if has_row {
            self.days.push_back(self.index.rate(&inputs));
        }
        self.means.iter_mut().for_each(|(_, day)| *day = DayMean::default());
    }
}

impl DayRater {
    fn header(&mut self, pollutants: &[Parameter]) {
        self.means.clear();
        self.no_values = vec![Average::default(); pollutants.len()];
        for wanted in &self.wanted {
            self.means.push((Means::new(*wanted, pollutants, self.captures), DayMean::default()));
        }
    }

    /// Takes an hour with a row. Hours come in the order of time.
    fn hour(&mut self, station: &[u8], start: Timestamp, hours: &[Average]) {
        if self.station != station {
            self.close();
            station.clone_into(&mut self.station);
        }
        if let Some(last) = self.last.replace(start) {
            self.skip_hours(last, Some(start));
        }
        self.open_day(start).has_row = true;
        self.take(start, hours);
    }

    fn skip_hours(&mut self, last: Timestamp, next: Option<Timestamp>) {
        let longest = self.wanted.iter().map(|(_, period)| period.hours()).max().unwrap_or_default();
        let no_values = std::mem::take(&mut self.no_values);
        for start in hours_without_row(last, next, u32::try_from(longest).unwrap_or(u32::MAX)) {
            self.open_day(start);
            self.take(start, &no_values);
        }
        self.no_values = no_values;
    }

    /// Returns the day of an hour, after the rating of the day before.
    fn open_day(&mut self, start: Timestamp) -> &mut OpenDay {
        let time = start.as_microseconds();
        let is_same_day = matches!(&self.day, Some(day) if day.period.has(time));
        if !is_same_day {
            self.close_day();
        }
        let calendar = &self.calendar;
        self.day.get_or_insert_with(|| OpenDay::new(calendar.period(time)))
    }

    fn take(&mut self, start: Timestamp, hours: &[Average]) {
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
        self.worst = Some(self.worst.unwrap_or(value).max(value));
    }

    /// Returns the value of the day, if the index's share of its hours have a value. `of` is the number of hours of the day.
    fn input(&self, means: &Means, of: usize) -> Input {
        let needed = (of * usize::from(means.captures.hours)).div_ceil(100);
        let Some(worst) = self.worst.filter(|_| self.hours >= needed) else {
            return means.missing(Missing::few(self.hours, needed, of));
        };
        #[expect(clippy::cast_precision_loss, reason = "a day has 25 hours at most")]
        let mean = self.sum / self.hours as f64;
        let value = if means.period == AveragingPeriod::Hours24 { mean } else { worst };
        Input::new(means.pollutant, means.period, value)
    }
}
