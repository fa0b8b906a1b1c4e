//! Air quality indices over a repository's rows, for every repository alike.
//!
//! ```text
//! a repository's rows → Averager (hours) → ratings of hours, or of days beside their averages → CSV with an index → JSON
//! ```

mod day;
mod hour;
mod means;
mod newest;
mod page;
mod spelling;

use crate::aggregate::{Average, AverageSink, Averager, needed_before};
use crate::aqi::{AirQualityIndex, AveragingPeriod, Rating};
use crate::error::Result;
use crate::model::{HOUR, Pollutant, Timestamp};
use crate::query::{Averages, Every, Rows, Selection};
use crate::repository::Repository;
use day::Days;
use hour::HourRater;
pub(crate) use spelling::Spelling;
use std::io::Write;

/// What is to be rated, and how the ratings are to be spelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) index: AirQualityIndex,
    /// The hours or days that are rated, and the averages beside.
    pub(crate) averages: &'a Averages,
    pub(crate) spelling: Spelling,
}

/// Writes the selection's averages, each row with its rating, as CSV; gives the version of the data they are from.
///
/// # Errors
/// What the repository and `out` fail with.
pub(crate) fn write(
    repository: &dyn Repository,
    selection: &Selection,
    asked: &Asked<'_>,
    out: &mut dyn Write,
) -> Result<String> {
    let selection = &Selection { pollutants: asked.pollutants(&selection.pollutants), ..selection.clone() };
    match selection.rows {
        Rows::All => page::write(repository, selection, asked, out),
        Rows::Latest => newest::write(repository, selection, asked, out),
    }
}

/// Takes rated rows by station, then time.
trait RatedSink {
    /// The pollutants of every row to come.
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()>;
    /// The averages of a period that begins at this instant, and what the index says of it.
    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average], rating: &Rating) -> Result<()>;
}

impl Asked<'_> {
    /// An index is of all its pollutants, also of those that the answer does not show.
    fn pollutants(&self, shown: &[Pollutant]) -> Vec<Pollutant> {
        if shown.is_empty() {
            return Vec::new();
        }
        let mut all: Vec<Pollutant> = shown.iter().copied().chain(self.index.pollutants()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The means that the index wants of an hour, or of a day.
    fn inputs(&self) -> Vec<(Pollutant, AveragingPeriod)> {
        match self.averages.periods() {
            Every::Day => self.index.daily().collect(),
            _ => self.index.hourly().collect(),
        }
    }

    /// The rows that the ratings of a selection are made of: with the hours before the first that its means look back upon.
    fn needed(&self, selection: &Selection) -> Selection {
        let longest = self.inputs().iter().map(|(_, period)| period.hours()).max().unwrap_or(1);
        let before = i64::try_from(longest).unwrap_or_default() - 1;
        needed_before(selection, self.averages, before * HOUR)
    }

    /// The averagings that ratings are made of.
    fn averagings(&self) -> Vec<Averages> {
        if self.averages.periods() != Every::Day {
            return vec![self.averages.clone()];
        }
        let hourly = Averages::every(Every::Hour)
            .zone(self.averages.clocks().clone())
            .interval(self.averages.expected())
            .capture(self.averages.least_capture());
        vec![hourly, self.averages.clone()]
    }

    /// A sink of the [averagings](Asked::averagings) that passes rated rows to `sink`.
    fn rater<S: RatedSink>(&self, sink: S) -> Rater<S> {
        match self.averages.periods() {
            Every::Day => Rater::Days(Box::new(Days::new(self, sink))),
            _ => Rater::Hours(Box::new(HourRater::new(self, sink))),
        }
    }

    /// A writer that takes a repository's rows as CSV and passes rated rows to `sink`.
    fn row_rater<S: RatedSink>(&self, pollutants: &[Pollutant], sink: S) -> Averager<Rater<S>> {
        Averager::new(&self.averagings(), pollutants, self.rater(sink))
    }
}

/// Rates averages.
enum Rater<S> {
    Hours(Box<HourRater<S>>),
    Days(Box<Days<S>>),
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
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
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
