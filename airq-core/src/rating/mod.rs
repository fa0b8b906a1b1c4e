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

use crate::aggregate::{Average, Averager, needed_before};
use crate::error::Result;
use crate::aqi::{AirQualityIndex, AveragingPeriod, Rating};
use crate::model::{HOUR, Pollutant, Timestamp};
use crate::query::{Averages, Every, Rows, Selection};
use crate::repository::Repository;
use day::Days;
use hour::HourRater;
pub(crate) use spelling::Spelling;
use std::io::{self, Write};

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

    /// A writer that takes the rows and passes rated ones to the sink.
    fn rater<S: RatedSink>(&self, pollutants: &[Pollutant], sink: S) -> Rater<S> {
        match self.averages.periods() {
            Every::Day => Rater::Days(Box::new(Days::new(self, pollutants, sink))),
            _ => Rater::Hours(Box::new(Averager::new(self.averages, pollutants, HourRater::new(self, sink)))),
        }
    }
}

/// Takes a repository's rows as CSV. Ends with [`finish`](Rater::finish).
enum Rater<S> {
    Hours(Box<Averager<HourRater<S>>>),
    Days(Box<Days<S>>),
}

impl<S: RatedSink> Rater<S> {
    fn sink(&mut self) -> &mut S {
        match self {
            Rater::Hours(hours) => hours.sink().sink(),
            Rater::Days(days) => days.sink(),
        }
    }

    fn finish(self) -> Result<S> {
        match self {
            Rater::Hours(hours) => Ok(hours.finish()?.into_sink()),
            Rater::Days(days) => days.finish(),
        }
    }
}

impl<S: RatedSink> Write for Rater<S> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        match self {
            Rater::Hours(hours) => hours.write(csv),
            Rater::Days(days) => days.write(csv),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
