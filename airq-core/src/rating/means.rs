//! One mean that an index asks for, hour by hour: the hour itself, a running mean, or a NowCast.

use crate::aggregate::{Average, Window};
use crate::aqi::{AveragingPeriod, Input, Missing, nowcast};
use crate::model::{HOUR, Pollutant, Timestamp};
use std::collections::VecDeque;

/// A pollutant's mean over a period up to each hour.
#[derive(Clone, Debug)]
pub(super) struct Means {
    pub(super) pollutant: Pollutant,
    pub(super) period: AveragingPeriod,
    /// Where the pollutant stands among an hour's averages; `None` if the source does not have it.
    place: Option<usize>,
    /// The share of an hour's values, in percent, that must be there.
    capture: u8,
    window: Window,
    /// The last hours with a mean, for a NowCast: when they begin, and it.
    recent: VecDeque<(i64, f64)>,
}

impl Means {
    pub(super) fn new((pollutant, period): (Pollutant, AveragingPeriod), measured: &[Pollutant], capture: u8) -> Self {
        // Three quarters, as the tables of all indices have it.
        let window = Window::new(u32::try_from(period.hours()).unwrap_or_default(), 75);
        let place = measured.iter().position(|known| *known == pollutant);
        Means { pollutant, period, place, capture, window, recent: VecDeque::new() }
    }

    /// Takes the hour that begins at this instant, later than those before, and gives the mean up to its end.
    pub(super) fn push(&mut self, start: Timestamp, hours: &[Average]) -> Input {
        let Some(hour) = self.hour(hours) else { return self.missing(Missing::NotMeasured) };
        match self.period {
            AveragingPeriod::Hour => self.input(hour, self.capture),
            AveragingPeriod::NowCast => self.nowcast(start, hour.value),
            AveragingPeriod::Hours8 | AveragingPeriod::Hours24 => {
                let mean = self.window.push(start, hour.value);
                self.input(mean, 75)
            }
        }
    }

    /// The pollutant's own average of an hour.
    pub(super) fn hour(&self, hours: &[Average]) -> Option<Average> {
        hours.get(self.place?).copied()
    }

    /// Another station begins.
    pub(super) fn clear(&mut self) {
        self.window.clear();
        self.recent.clear();
    }

    fn nowcast(&mut self, start: Timestamp, mean: Option<i64>) -> Input {
        const NEWEST: usize = 3;
        let start = start.as_microseconds();
        self.recent.extend(mean.map(|mean| (start, in_units(mean))));
        let at = |age: i64| self.recent.iter().find(|(hour, _)| *hour == start - age * HOUR).map(|(_, mean)| *mean);
        let hours: Vec<Option<f64>> = (0..12).map(at).collect();
        while self.recent.front().is_some_and(|(hour, _)| *hour < start - 11 * HOUR) {
            self.recent.pop_front();
        }
        let known = hours.iter().take(NEWEST).flatten().count();
        match nowcast(&hours) {
            Some(value) => Input::new(self.pollutant, self.period, value),
            None => self.missing(Missing::few(known, AveragingPeriod::NowCast.needed(), NEWEST)),
        }
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

/// Millionths as the number that they are.
#[expect(clippy::cast_precision_loss, reason = "up to 10^15: exact")]
pub(super) fn in_units(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}
