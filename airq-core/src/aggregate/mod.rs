//! Computes averages of periods by their rules ([`Averages`]).

// For repositories that do not compute averages:
//
// a repository's rows → Averager → (RunningMeans | DailyMaximum → (ExcessSum)) → Page → CSV: station,time,no2,no2_capture,…
//                     → ProfileAverager                           → Page → CSV: station,time,weekday,no2,no2_capture,…

mod averager;
mod calendar;
mod cell;
mod daily_maximum;
mod encoding;
mod excess_sum;
mod local_time;
pub(crate) mod millionths;
mod pieces;
mod profile;
mod running;

use crate::error::Result;
use crate::model::{HOUR, Parameter, Timestamp};
pub use crate::query::{Averages, Every, Interval, Percentile, Profile, Running, Statistic};
use crate::query::{Cursor, Page, Rows, Selection};
pub(crate) use averager::{AverageSink, AverageSinks, Averager};
pub(crate) use calendar::Calendar;
pub(crate) use cell::{Average, is_captured};
use daily_maximum::DailyMaximum;
pub(crate) use daily_maximum::OpenDay;
pub(crate) use encoding::{header, push_row};
use excess_sum::ExcessSum;
pub(crate) use local_time::{has_local_times, with_local_times};
pub(crate) use pieces::{Averaging, Piece};
pub(crate) use profile::write_profile;
use running::RunningMeans;
pub(crate) use running::{Window, hours_without_row};
use std::io::{BufWriter, Write};

/// The number of bytes of CSV that are written at once. The vector scanner of the reader needs many rows at a time.
pub(crate) const BUFFER: usize = 64 * 1024;

/// The hours of the means that have a daily maximum.
const MAXIMUM_OF: Running = Running::EightHours;

/// Writes the averages of a selection as CSV. `average` passes the averages of a selection of rows to sinks, and returns the version
/// of the data.
///
/// # Errors
/// The errors of `average` and `out`.
pub(crate) fn write(
    selection: &Selection,
    averages: &Averages,
    out: &mut dyn Write,
    average: impl FnOnce(&Selection, &Averages, &dyn AverageSinks, &mut dyn Write) -> Result<String>,
) -> Result<String> {
    let needed = needed(selection, averages);
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let sinks = AveragePages { selection, averages };
    let version = if averages.statistic().is_of_eight_hours() {
        average(&needed, &hours_of(averages), &sinks, &mut out)?
    } else {
        average(&needed, averages, &sinks, &mut out)?
    };
    out.flush()?;
    Ok(version)
}

/// Returns the rules of the hourly means from which other averages are computed.
pub(crate) fn hours_of(averages: &Averages) -> Averages {
    averages.clone_for(Every::Hour)
}

/// Returns the rules of the daily values from which other averages are computed.
fn days_of(averages: &Averages) -> Averages {
    averages.clone_for(Every::Day)
}

/// Writes averages, running means of averages or daily maxima of running means, as CSV.
struct AveragePages<'a> {
    selection: &'a Selection,
    averages: &'a Averages,
}

impl AverageSinks for AveragePages<'_> {
    fn sink<'a>(&'a self, out: &'a mut dyn Write) -> Box<dyn AverageSink + 'a> {
        let page = Page::new(self.selection, out);
        let window = |running: Running| Window::new(running.hours(), self.averages.capture());
        match (self.averages.statistic(), self.averages.running()) {
            (Statistic::MaxEightHours, _) => Box::new(DailyMaximum::new(self.averages, window(MAXIMUM_OF), page)),
            (Statistic::Somo35, _) => {
                let sums = ExcessSum::new(self.averages, page);
                Box::new(DailyMaximum::new(&days_of(self.averages), window(MAXIMUM_OF), sums))
            }
            (_, Some(running)) => Box::new(RunningMeans::new(window(running), page)),
            (_, None) => Box::new(page),
        }
    }

    /// The encoder takes longer than the texts of the averages.
    fn are_for_threads(&self) -> bool {
        false
    }
}

/// Averages the rows that `write` writes as CSV, ordered by station, then time. Returns the result of `write`.
///
/// # Errors
/// The errors of `write` and `sink`.
pub(crate) fn average<V>(
    averagings: &[Averages],
    parameters: &[Parameter],
    sink: &mut dyn AverageSink,
    write: impl FnOnce(&mut dyn Write) -> Result<V>,
) -> Result<V> {
    let mut averager = Averager::new(averagings, parameters, sink);
    let written = write(&mut averager)?;
    averager.finish()?;
    Ok(written)
}

/// Returns the selection of the rows from which the averages of a selection are computed: all rows of the periods that start in the
/// range, and of the window before the first period.
pub(crate) fn needed(selection: &Selection, averaging: &Averages) -> Selection {
    let running = if averaging.statistic().is_of_eight_hours() { Some(MAXIMUM_OF) } else { averaging.running() };
    needed_before(selection, averaging, running.map_or(0, before))
}

/// Returns the selection of all rows of the periods that start in the range, and of `before` microseconds before the first period of
/// each station.
pub(crate) fn needed_before(selection: &Selection, averaging: &Averages, before: i64) -> Selection {
    let calendar = Calendar::new(averaging);
    let first_from = |time: Timestamp| calendar.first_from(time.as_microseconds());
    let since = |time: Timestamp| Timestamp::from_microseconds(first_from(time) - before);
    // The period of a cursor is part of the page before.
    let behind = |cursor: &Cursor| {
        let next = first_from(Timestamp::from_microseconds(cursor.time.as_microseconds() + 1)?);
        Some(Cursor::new(&*cursor.station, Timestamp::from_microseconds(next - before - 1)?))
    };
    Selection {
        from: selection.from.and_then(since),
        to: selection.to.and_then(|to| Timestamp::from_microseconds(first_from(to))),
        after: selection.after.as_ref().and_then(behind),
        limit: None,
        rows: Rows::All,
        ..selection.clone()
    }
}

/// Returns the length in microseconds of the hours that a running mean includes before its last hour.
fn before(running: Running) -> i64 {
    (i64::from(running.hours()) - 1) * HOUR
}

impl<S: AverageSink + ?Sized> AverageSink for &mut S {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        (**self).header(parameters)
    }

    fn row(&mut self, averaging: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        (**self).row(averaging, station, start, averages)
    }

    fn finish(&mut self) -> Result<()> {
        (**self).finish()
    }
}
