//! All rated rows of a selection, or a page of rows.

use super::{Asked, RatedSink, spelling};
use crate::aggregate::{Average, BUFFER};
use crate::aqi::Rating;
use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
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
    asked: &Asked<'_>,
    out: &mut dyn Write,
) -> Result<String> {
    let needed = asked.needed(selection);
    let Some(rows) = selection.limit else {
        let mut out = BufWriter::with_capacity(BUFFER, out);
        let mut rater = asked.rater(Page::new(selection, asked, &mut out));
        let version = repository.average(&needed, &asked.averagings(), &mut rater)?;
        out.flush()?;
        return Ok(version);
    };
    let mut most = Some(first_guess(rows, asked));
    loop {
        let mut page = Vec::new();
        let rater = asked.row_rater(&needed.pollutants, Page::new(selection, asked, &mut page));
        let mut counted = Counted { inner: rater, lines: 0 };
        let version = repository.write_csv(&Selection { limit: most, ..needed.clone() }, &mut counted)?;
        let is_cut = most.is_some_and(|most| counted.lines > most);
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

/// The estimated number of rows of the repository that make a page, for a row an hour without gaps.
fn first_guess(rows: u64, asked: &Asked<'_>) -> u64 {
    let an_hour = rows.saturating_add(24).saturating_mul(2);
    an_hour.saturating_mul(if asked.averages.periods() == Every::Day { 24 } else { 1 })
}

/// The next estimate: eight times as many rows, or all rows.
fn more(most: Option<u64>) -> Option<u64> {
    const ENOUGH: u64 = 20_000_000;
    most.map(|most| most.saturating_mul(8)).filter(|most| *most < ENOUGH)
}

/// Counts lines. There are at least as many lines as rows and the header.
struct Counted<W> {
    inner: W,
    lines: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(csv)?;
        self.lines += csv.iter().take(written).filter(|byte| **byte == b'\n').count() as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes the rows in the range of a selection, after its cursor and within its limit.
struct Page<'a> {
    selection: &'a Selection,
    asked: Asked<'a>,
    out: &'a mut dyn Write,
    left: u64,
    row: Vec<u8>,
}

impl<'a> Page<'a> {
    fn new(selection: &'a Selection, asked: &Asked<'a>, out: &'a mut dyn Write) -> Self {
        Page { selection, asked: *asked, out, left: selection.limit.unwrap_or(u64::MAX), row: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.left == 0
    }
}

impl RatedSink for Page<'_> {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        Ok(self.out.write_all(spelling::header(pollutants, &self.asked).as_bytes())?)
    }

    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average], rating: &Rating) -> Result<()> {
        if self.left == 0 || !self.selection.holds(station, start) {
            return Ok(());
        }
        self.left -= 1;
        self.row.clear();
        spelling::push_row(&mut self.row, station, start, averages, rating, self.asked.spelling);
        Ok(self.out.write_all(&self.row)?)
    }
}
