//! Averages made by the core, for every repository that does not make them itself.
//!
//! ```text
//! a repository's rows → Averager → (RunningMeans) → Page → CSV: station,time,no2,no2_capture,…
//! ```

mod averager;
mod calendar;
mod cell;
pub(crate) mod millionths;
mod page;
mod pieces;
mod running;

use crate::error::Result;
use crate::model::{HOUR, Pollutant, Timestamp};
use crate::query::{Averages, Cursor, Rows, Running, Selection};
pub(crate) use averager::{AverageSink, Averager};
pub(crate) use calendar::{Calendar, Period};
pub(crate) use cell::Average;
use page::Page;
pub(crate) use page::{header, push_row};
pub(crate) use pieces::{Averaging, Piece};
use running::RunningMeans;
pub(crate) use running::Window;
use std::io::Write;

/// Writes the averages of a selection as CSV. `average` passes the averages of a selection of rows to a sink and returns the version
/// of the data.
///
/// # Errors
/// The errors of `average` and `out`.
pub(crate) fn write(
    selection: &Selection,
    averages: &Averages,
    out: &mut dyn Write,
    average: impl FnOnce(&Selection, &mut dyn AverageSink) -> Result<String>,
) -> Result<String> {
    let needed = needed(selection, averages);
    let page = Page::new(selection, out);
    let Some(running) = averages.window() else {
        let mut page = page;
        return average(&needed, &mut page);
    };
    let window = Window::new(running.hours(), averages.least_capture());
    average(&needed, &mut RunningMeans::new(window, page))
}

/// Averages the rows that `write` writes as CSV ordered by station, then time; returns what `write` returns.
///
/// # Errors
/// The errors of `write` and `sink`.
pub(crate) fn average<V>(
    averagings: &[Averages],
    pollutants: &[Pollutant],
    sink: &mut dyn AverageSink,
    write: impl FnOnce(&mut dyn Write) -> Result<V>,
) -> Result<V> {
    let mut averager = Averager::new(averagings, pollutants, sink);
    let written = write(&mut averager)?;
    averager.finish()?;
    Ok(written)
}

/// The rows that a selection's averages are made of: those of the periods that start in its range, whole, and of the
/// window before them.
pub(crate) fn needed(selection: &Selection, averaging: &Averages) -> Selection {
    needed_before(selection, averaging, averaging.window().map_or(0, before))
}

/// The same, with so many microseconds before each station's first period.
pub(crate) fn needed_before(selection: &Selection, averaging: &Averages, before: i64) -> Selection {
    let calendar = Calendar::new(averaging);
    let first_from = |time: Timestamp| calendar.first_from(time.as_microseconds());
    let since = |time: Timestamp| Timestamp::from_microseconds(first_from(time) - before);
    // A cursor's own period is passed.
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

/// How far the hours before an hour's window reach, in microseconds.
fn before(running: Running) -> i64 {
    (i64::from(running.hours()) - 1) * HOUR
}

impl<S: AverageSink + ?Sized> AverageSink for &mut S {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        (**self).header(pollutants)
    }

    fn row(&mut self, averaging: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        (**self).row(averaging, station, start, averages)
    }

    fn finish(&mut self) -> Result<()> {
        (**self).finish()
    }
}
