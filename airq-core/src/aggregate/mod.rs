//! Averages made by the core, for every repository that does not make them itself.
//!
//! ```text
//! a repository's rows → Averager → (RunningMeans) → Page → CSV: station,time,no2,no2_capture,…
//! ```

mod averager;
mod calendar;
mod cell;
mod millionths;
mod page;
mod running;

use crate::error::Result;
use crate::model::{HOUR, Timestamp};
use crate::query::{Averages, Cursor, Rows, Running, Selection};
pub(crate) use averager::{AverageSink, Averager};
pub(crate) use calendar::{Calendar, Period};
pub(crate) use cell::Average;
use page::Page;
pub(crate) use page::{header, push_row};
use running::RunningMeans;
pub(crate) use running::Window;
use std::io::Write;

/// Writes the selection's averages as CSV, made of the rows that `rows` writes for a selection, and gives what it gives.
///
/// # Errors
/// What `rows` and `out` fail with.
pub(crate) fn write<V>(
    selection: &Selection,
    averaging: &Averages,
    out: &mut dyn Write,
    rows: impl FnOnce(&Selection, &mut dyn Write) -> Result<V>,
) -> Result<V> {
    let needed = needed(selection, averaging);
    let page = Page::new(selection, out);
    let sink: Box<dyn AverageSink + '_> = match averaging.window() {
        Some(running) => Box::new(RunningMeans::new(Window::new(running.hours(), averaging.least_capture()), page)),
        None => Box::new(page),
    };
    let mut averager = Averager::new(averaging, &selection.pollutants, sink);
    let given = rows(&needed, &mut averager)?;
    averager.finish()?;
    Ok(given)
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

impl<S: AverageSink + ?Sized> AverageSink for Box<S> {
    fn header(&mut self, pollutants: &[crate::model::Pollutant]) -> Result<()> {
        (**self).header(pollutants)
    }

    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        (**self).row(station, start, averages)
    }

    fn finish(&mut self) -> Result<()> {
        (**self).finish()
    }
}
