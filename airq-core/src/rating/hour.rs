//! Ratings of hours.

use super::means::Means;
use super::{Asked, RatedSink};
use crate::aggregate::{Average, AverageSink};
use crate::aqi::{AirQualityIndex, AveragingPeriod, Input};
use crate::error::Result;
use crate::model::{Pollutant, Timestamp};

/// Rates each hour by the means up to its end, and passes it on with its own averages.
pub(super) struct HourRater<S> {
    index: AirQualityIndex,
    wanted: Vec<(Pollutant, AveragingPeriod)>,
    capture: u8,
    means: Vec<Means>,
    station: Vec<u8>,
    inputs: Vec<Input>,
    sink: S,
}

impl<S> HourRater<S> {
    pub(super) fn new(asked: &Asked<'_>, sink: S) -> Self {
        HourRater {
            index: asked.index,
            wanted: asked.inputs(),
            capture: asked.averages.least_capture(),
            means: Vec::new(),
            station: Vec::new(),
            inputs: Vec::new(),
            sink,
        }
    }

    pub(super) fn sink(&self) -> &S {
        &self.sink
    }

    pub(super) fn into_sink(self) -> S {
        self.sink
    }
}

impl<S: RatedSink> AverageSink for HourRater<S> {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        self.means = self.wanted.iter().map(|wanted| Means::new(*wanted, pollutants, self.capture)).collect();
        self.sink.header(pollutants)
    }

    fn row(&mut self, _: usize, station: &[u8], start: Timestamp, hours: &[Average]) -> Result<()> {
        if self.station != station {
            station.clone_into(&mut self.station);
            self.means.iter_mut().for_each(Means::clear);
        }
        self.inputs.clear();
        self.inputs.extend(self.means.iter_mut().map(|means| means.push(start, hours)));
        let rating = self.index.rate(&self.inputs);
        self.sink.row(station, start, hours, &rating)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(())
    }
}
