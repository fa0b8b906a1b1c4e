//! All rated rows of a selection, or a page of rows.

use super::{RatedSink, RatingRequest, encoding};
use crate::aggregate::{Average, AverageSink, AverageSinks, BUFFER};
use crate::aqi::Rating;
use crate::error::Result;
use crate::model::{Parameter, Timestamp};
use crate::query::{Every, Selection};
use crate::repository::Repository;
use std::io::{self, BufWriter, Write};

/// Streams all rows, or collects a page.
///
/// # Errors
/// The error of the repository or of `out`.
pub(super) fn write(
    repository: &dyn Repository,
    selection: &Selection,
    request: &RatingRequest<'_>,
    out: &mut dyn Write,
) -> Result<String> {
    let needed = request.needed(selection);
    let Some(rows) = selection.limit else {
        let mut out = BufWriter::with_capacity(BUFFER, out);
        let pages = RatingPages { selection, request };
        let version = repository.average(&needed, &request.averagings(), &pages, &mut out)?;
        out.flush()?;
        return Ok(version);
    };
    let mut most = Some(first_guess(rows, request));
    loop {
        let mut page = Vec::new();
        let rater = request.row_rater(&needed.parameters, PageWriter::new(selection, request, &mut page));
        let mut counted = LineCounter { inner: rater, lines: 0 };
        let version = repository.write_csv(&Selection { limit: most, ..needed.clone() }, &mut counted)?;
        let is_cut = matches!(most, Some(most) if counted.lines > most);
        // The last period of rows that a limit has cut off is incomplete, so it must not be part of the page.
        if is_cut && !counted.inner.sink().sink().is_full() {
            most = more(most);
            continue;
        }
        counted.inner.finish()?;
        out.write_all(&page)?;
        return Ok(version);
    }
}

/// Estimates the number of rows of the repository that a page is made of, for one row per hour without gaps.
fn first_guess(rows: u64, request: &RatingRequest<'_>) -> u64 {
    let an_hour = rows.saturating_add(24).saturating_mul(2);
    an_hour.saturating_mul(if request.averages.every() == Every::Day { 24 } else { 1 })
}

/// The next estimate: eight times as many rows, or all rows.
fn more(most: Option<u64>) -> Option<u64> {
    const ENOUGH: u64 = 20_000_000;
    most.map(|most| most.saturating_mul(8)).filter(|most| *most < ENOUGH)
}

/// Counts lines. There are at least as many lines as rows and the header.
struct LineCounter<W> {
    inner: W,
    lines: u64,
}

impl<W: Write> Write for LineCounter<W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(csv)?;
        self.lines += csv.iter().take(written).filter(|byte| **byte == b'\n').count() as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Makes the sinks of all rows.
struct RatingPages<'a> {
    selection: &'a Selection,
    request: &'a RatingRequest<'a>,
}

impl AverageSinks for RatingPages<'_> {
    fn sink<'a>(&'a self, out: &'a mut dyn Write) -> Box<dyn AverageSink + 'a> {
        Box::new(self.request.rater(PageWriter::new(self.selection, self.request, out)))
    }

    fn are_for_threads(&self) -> bool {
        self.selection.limit.is_none()
    }
}

/// Writes the rows in the range of a selection, after its cursor and within its limit.
struct PageWriter<'a> {
    selection: &'a Selection,
    request: RatingRequest<'a>,
    out: &'a mut dyn Write,
    left: u64,
    row: Vec<u8>,
}

impl<'a> PageWriter<'a> {
    fn new(selection: &'a Selection, request: &RatingRequest<'a>, out: &'a mut dyn Write) -> Self {
        PageWriter { selection, request: *request, out, left: selection.limit.unwrap_or(u64::MAX), row: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.left == 0
    }
}

impl RatedSink for PageWriter<'_> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        Ok(self.out.write_all(&encoding::header(parameters, &self.request))?)
    }

    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average], rating: &Rating) -> Result<()> {
        if self.left == 0 || !self.selection.holds(station, start) {
            return Ok(());
        }
        self.left -= 1;
        self.row.clear();
        encoding::push_row(&mut self.row, station, start, averages, rating, self.request.encoding);
        Ok(self.out.write_all(&self.row)?)
    }
}
