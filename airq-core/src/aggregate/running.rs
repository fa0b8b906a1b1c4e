//! Running means of hourly means: for each hour, the mean of the hours up to its end.

use super::averager::AverageSink;
use super::cell::{Average, is_captured};
use super::millionths::divided;
use crate::error::Result;
use crate::model::{HOUR, Parameter, Timestamp};
use std::collections::VecDeque;

/// The window of a running mean: the last hours of one series.
///
/// An hour without a row is an hour without a mean.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    hours: u32,
    /// The share of the hours, in percent, that must have a mean.
    capture: u8,
    /// The start and the mean of each hour with a mean.
    means: VecDeque<(i64, i64)>,
}

impl Window {
    pub(crate) fn new(hours: u32, capture: u8) -> Self {
        Window { hours, capture, means: VecDeque::new() }
    }

    /// Adds the hour that starts at this instant, and returns the mean up to its end. Hours must be in the order of time.
    pub(crate) fn push(&mut self, start: Timestamp, mean: Option<i64>) -> Average {
        let start = start.as_microseconds();
        let oldest = start - (i64::from(self.hours) - 1) * HOUR;
        while let Some((hour, _)) = self.means.front()
            && *hour < oldest
        {
            self.means.pop_front();
        }
        self.means.extend(mean.map(|mean| (start, mean)));
        // A clock change by half an hour can add an hour to the window.
        let count = u32::try_from(self.means.len()).unwrap_or(u32::MAX);
        let captured = count.min(self.hours);
        let is_enough = count > 0 && is_captured(captured, self.hours, self.capture);
        let sum = self.means.iter().map(|(_, mean)| i128::from(*mean)).sum();
        let value = if is_enough { Some(divided(sum, i128::from(count))) } else { None };
        Average { value, captured, slots: self.hours }
    }

    /// Returns the number of hours.
    pub(super) fn hours(&self) -> u32 {
        self.hours
    }

    /// Removes all hours, before another series.
    pub(crate) fn clear(&mut self) {
        self.means.clear();
    }
}

/// Returns the hours without a row after a row, and before the next row if there is one, as far as a window of `hours` hours reaches.
pub(crate) fn hours_without_row(
    after: Timestamp,
    before: Option<Timestamp>,
    hours: u32,
) -> impl Iterator<Item = Timestamp> {
    let after = after.as_microseconds();
    let before = before.map_or(i64::MAX, Timestamp::as_microseconds);
    let starts = (1..i64::from(hours)).map(move |hour| after + hour * HOUR).take_while(move |start| *start < before);
    starts.filter_map(Timestamp::from_microseconds)
}

/// Computes running means from the means of hours, and passes them to a sink.
pub(super) struct RunningMeans<S> {
    sink: S,
    window: Window,
    /// One window for each parameter.
    windows: Vec<Window>,
    station: Vec<u8>,
    averages: Vec<Average>,
}

impl<S: AverageSink> RunningMeans<S> {
    pub(super) fn new(window: Window, sink: S) -> Self {
        RunningMeans { sink, window, windows: Vec::new(), station: Vec::new(), averages: Vec::new() }
    }
}

impl<S: AverageSink> AverageSink for RunningMeans<S> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        self.windows = vec![self.window.clone(); parameters.len()];
        self.sink.header(parameters)
    }

    fn row(&mut self, averaging: usize, station: &[u8], start: Timestamp, hours: &[Average]) -> Result<()> {
        if self.station != station {
            station.clone_into(&mut self.station);
            self.windows.iter_mut().for_each(Window::clear);
        }
        self.averages.clear();
        let means = self.windows.iter_mut().zip(hours).map(|(window, hour)| window.push(start, hour.value));
        self.averages.extend(means);
        self.sink.row(averaging, station, start, &self.averages)
    }

    fn finish(&mut self) -> Result<()> {
        self.sink.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<Timestamp>().unwrap()
    }

    #[test]
    fn the_mean_is_over_the_hours_up_to_this_one_and_needs_six_of_eight() {
        let mut window = Window::new(8, 75);
        let values: Vec<_> = (0..10)
            .map(|hour| window.push(at(&format!("2016-10-01T{hour:02}:00")), Some(i64::from(hour))).value)
            .collect();
        assert_eq!(values[..5], [None; 5]);
        assert_eq!(values[5..], [Some(3), Some(3), Some(4), Some(5), Some(6)], "2.5 and 3.5 go away from zero");
    }

    #[test]
    fn both_parts_of_an_hour_within_which_clocks_change_count() {
        let mut window = Window::new(8, 75);
        for hour in 6..13 {
            window.push(at(&format!("2016-09-24T{hour:02}:15")), Some(0));
        }
        // In Chatham, the hour from 13:15 ends at 14:00, and the next one at 14:15.
        window.push(at("2016-09-24T13:15"), Some(9));
        window.push(at("2016-09-24T14:00"), Some(9));
        let mean = window.push(at("2016-09-24T14:15"), Some(9));
        assert_eq!(mean, Average { value: Some(3), captured: 8, slots: 8 }, "the mean of nine hours");
    }

    #[test]
    fn an_hour_without_a_row_is_one_without_a_mean() {
        let mut window = Window::new(8, 75);
        for hour in 0..8 {
            window.push(at(&format!("2016-10-01T{hour:02}:00")), Some(1));
        }
        let later = window.push(at("2016-10-01T10:00"), None);
        assert_eq!(later, Average { value: None, captured: 5, slots: 8 });
        assert_eq!(window.push(at("2016-10-03T10:00"), None).captured, 0);
    }
}
