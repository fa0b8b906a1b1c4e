//! Ratings of hours.

use super::means::{Captures, Means};
use super::{RatedSink, RatingRequest};
use crate::aggregate::{Average, AverageSink};
use crate::aqi::{AirQualityIndex, AveragingPeriod, Input};
use crate::error::Result;
use crate::model::{Parameter, Timestamp};

/// Rates each hour by the means up to its end, and passes the rating on with the averages of the hour.
pub(super) struct HourRater<S> {
    index: AirQualityIndex,
    wanted: Vec<(Parameter, AveragingPeriod)>,
    captures: Captures,
    means: Vec<Means>,
    station: Vec<u8>,
    inputs: Vec<Input>,
    sink: S,
}

impl<S> HourRater<S> {
    pub(super) fn new(request: &RatingRequest<'_>, sink: S) -> Self {
        HourRater {
            index: request.index,
            wanted: request.inputs(),
            captures: request.captures(),
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
    fn header(&mut self, pollutants: &[Parameter]) -> Result<()> {
        self.means = self.wanted.iter().map(|wanted| Means::new(*wanted, pollutants, self.captures)).collect();
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
