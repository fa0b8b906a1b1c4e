//! A mean that an index needs, computed for each hour: the mean of the hour, a running mean, or a NowCast.

use crate::aggregate::{Average, Window};
use crate::aqi::{AveragingPeriod, Input, Missing, nowcast};
use crate::model::{HOUR, Parameter, Timestamp};
use std::collections::VecDeque;

/// The least shares of values, in percent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Captures {
    /// The share of the values of an hour.
    pub(super) values: u8,
    /// The share of the hours of a mean, or of a day.
    pub(super) hours: u8,
}

/// The mean of a pollutant over the period that ends with each hour.
#[derive(Clone, Debug)]
pub(super) struct Means {
    pub(super) pollutant: Parameter,
    pub(super) period: AveragingPeriod,
    /// The position of the pollutant among the averages of an hour; `None` if the source does not have the pollutant.
    position: Option<usize>,
    pub(super) captures: Captures,
    window: Window,
    /// The start and the mean of the last hours that have a mean, for a NowCast.
    recent: VecDeque<(i64, f64)>,
}

impl Means {
    pub(super) fn new(
        (pollutant, period): (Parameter, AveragingPeriod),
        measured: &[Parameter],
        captures: Captures,
    ) -> Self {
        let window = Window::new(u32::try_from(period.hours()).unwrap_or_default(), captures.hours);
        let position = measured.iter().position(|known| *known == pollutant);
        Means { pollutant, period, position, captures, window, recent: VecDeque::new() }
    }

    /// Adds the hour that starts at this time, and returns the mean up to its end. Hours must be in order of time.
    pub(super) fn push(&mut self, start: Timestamp, hours: &[Average]) -> Input {
        let Some(hour) = self.hour(hours) else { return self.missing(Missing::NotMeasured) };
        match self.period {
            AveragingPeriod::Hour => self.input(hour, self.captures.values),
            AveragingPeriod::NowCast => self.nowcast(start, hour.value),
            AveragingPeriod::Hours3 | AveragingPeriod::Hours8 | AveragingPeriod::Hours24 => {
                let mean = self.window.push(start, hour.value);
                self.input(mean, self.captures.hours)
            }
        }
    }

    /// Returns the pollutant's average of an hour.
    pub(super) fn hour(&self, hours: &[Average]) -> Option<Average> {
        hours.get(self.position?).copied()
    }

    /// Removes all hours, before another station.
    pub(super) fn clear(&mut self) {
        self.window.clear();
        self.recent.clear();
    }

    fn nowcast(&mut self, start: Timestamp, mean: Option<i64>) -> Input {
        const NEWEST: usize = 3;
        const NEEDED: usize = 2;
        let start = start.as_microseconds();
        self.recent.extend(mean.map(|mean| (start, in_units(mean))));
        let hours: Vec<Option<f64>> = (0..12).map(|age| self.recent_mean(start - age * HOUR)).collect();
        while let Some((hour, _)) = self.recent.front()
            && *hour < start - 11 * HOUR
        {
            self.recent.pop_front();
        }
        let known = hours.iter().take(NEWEST).flatten().count();
        match nowcast(&hours) {
            Some(value) => Input::new(self.pollutant, self.period, value),
            None => self.missing(Missing::few(known, NEEDED, NEWEST)),
        }
    }

    fn recent_mean(&self, start: i64) -> Option<f64> {
        let (_, mean) = self.recent.iter().find(|(hour, _)| *hour == start)?;
        Some(*mean)
    }

    fn input(&self, average: Average, capture: u8) -> Input {
        if let Some(value) = average.value {
            return Input::new(self.pollutant, self.period, in_units(value));
        }
        let needed = (average.slots * u32::from(capture)).div_ceil(100);
        let counts = [average.captured, needed, average.slots];
        let [known, needed, of] = counts.map(|count| usize::try_from(count).unwrap_or_default());
        self.missing(Missing::few(known, needed, of))
    }

    pub(super) fn missing(&self, why: Missing) -> Input {
        Input::missing(self.pollutant, self.period, why)
    }
}

/// Converts millionths to a number.
#[expect(clippy::cast_precision_loss, reason = "up to 10^15: exact")]
pub(super) fn in_units(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}
