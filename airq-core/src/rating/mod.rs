//! Computes air quality indices from the rows of any repository.
//!
//! ```text
//! rows of a repository → Averager (hours) → ratings of hours, or of days with their averages → CSV with an index → JSON
//! ```

mod day;
mod encoding;
mod hour;
mod means;
mod newest;
mod page;

use crate::aggregate::{Average, AverageSink, Averager, hours_of, needed_before};
use crate::aqi::{AirQualityIndex, AveragingPeriod, Rating};
use crate::error::Result;
use crate::model::{HOUR, Parameter, Timestamp};
use crate::query::{Averages, Every, Rows, Selection};
use crate::repository::Repository;
use day::RatedDays;
pub(crate) use encoding::RatingEncoding;
use hour::HourRater;
use means::Captures;
use std::io::Write;

/// The settings of ratings: the index, the rated periods, and the encoding of ratings in rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RatingRequest<'a> {
    pub(crate) index: AirQualityIndex,
    /// The periods that are rated, hours or days, and the averages that are written next to a rating.
    pub(crate) averages: &'a Averages,
    pub(crate) encoding: RatingEncoding,
}

/// Writes the averages of a selection, each row with its rating, as CSV. Returns the version of the data.
///
/// # Errors
/// The error of the repository or of `out`.
pub(crate) fn write(
    repository: &dyn Repository,
    selection: &Selection,
    request: &RatingRequest<'_>,
    out: &mut dyn Write,
) -> Result<String> {
    let selection = &Selection { parameters: request.pollutants(&selection.parameters), ..selection.clone() };
    match selection.rows {
        Rows::All => page::write(repository, selection, request, out),
        Rows::Latest => newest::write(repository, selection, request, out),
    }
}

/// A sink for rated rows, ordered by station, then time.
trait RatedSink {
    /// Takes the pollutants of all rows. Called once, before any row.
    fn header(&mut self, pollutants: &[Parameter]) -> Result<()>;
    /// Takes the averages and the rating of the period that starts at this time.
    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average], rating: &Rating) -> Result<()>;
}

impl RatingRequest<'_> {
    /// Returns the shown pollutants and all pollutants of the index, because an index also depends on pollutants that the
    /// answer does not show.
    fn pollutants(&self, shown: &[Parameter]) -> Vec<Parameter> {
        if shown.is_empty() {
            return Vec::new();
        }
        let mut all: Vec<Parameter> = shown.iter().copied().chain(self.index.pollutants()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Returns the means that the index needs for an hour, or for a day.
    fn inputs(&self) -> Vec<(Parameter, AveragingPeriod)> {
        match self.averages.every() {
            Every::Day => self.index.daily().collect(),
            _ => self.index.hourly().collect(),
        }
    }

    /// Returns the selection of the rows that ratings depend on. It starts earlier than the ratings, because means include
    /// the hours before.
    fn needed(&self, selection: &Selection) -> Selection {
        let longest = self.inputs().iter().map(|(_, period)| period.hours()).max().unwrap_or(1);
        let before = i64::try_from(longest).unwrap_or_default() - 1;
        needed_before(selection, self.averages, before * HOUR)
    }

    /// Returns the averages that ratings are computed from.
    fn averagings(&self) -> Vec<Averages> {
        if self.averages.every() != Every::Day {
            return vec![self.averages.clone()];
        }
        vec![hours_of(self.averages), self.averages.clone()]
    }

    fn captures(&self) -> Captures {
        Captures { values: self.averages.capture(), hours: self.index.capture() }
    }

    /// Returns a sink for the [averages](RatingRequest::averagings) that passes rated rows to `sink`.
    fn rater<S: RatedSink>(&self, sink: S) -> Rater<S> {
        match self.averages.every() {
            Every::Day => Rater::Days(Box::new(RatedDays::new(self, sink))),
            _ => Rater::Hours(Box::new(HourRater::new(self, sink))),
        }
    }

    /// A writer that takes a repository's rows as CSV and passes rated rows to `sink`.
    fn row_rater<S: RatedSink>(&self, pollutants: &[Parameter], sink: S) -> Averager<Rater<S>> {
        Averager::new(&self.averagings(), pollutants, self.rater(sink))
    }
}

/// Rates averages.
enum Rater<S> {
    Hours(Box<HourRater<S>>),
    Days(Box<RatedDays<S>>),
}

impl<S> Rater<S> {
    fn sink(&self) -> &S {
        match self {
            Rater::Hours(hours) => hours.sink(),
            Rater::Days(days) => days.sink(),
        }
    }

    fn into_sink(self) -> S {
        match self {
            Rater::Hours(hours) => hours.into_sink(),
            Rater::Days(days) => days.into_sink(),
        }
    }
}

impl<S: RatedSink> AverageSink for Rater<S> {
    fn header(&mut self, pollutants: &[Parameter]) -> Result<()> {
        match self {
            Rater::Hours(hours) => hours.header(pollutants),
            Rater::Days(days) => days.header(pollutants),
        }
    }

    fn row(&mut self, averaging: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        match self {
            Rater::Hours(hours) => hours.row(averaging, station, start, averages),
            Rater::Days(days) => days.row(averaging, station, start, averages),
        }
    }

    fn finish(&mut self) -> Result<()> {
        match self {
            Rater::Hours(hours) => hours.finish(),
            Rater::Days(days) => days.finish(),
        }
    }
}
