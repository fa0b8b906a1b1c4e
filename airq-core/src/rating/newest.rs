//! The newest rated row of each station, without reading older rows.

use super::{RatedSink, RatingRequest, encoding};
use crate::aggregate::{Average, Calendar};
use crate::aqi::Rating;
use crate::csv::{Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{HOUR, Parameter, Timestamp};
use crate::query::{Cursor, Rows, Selection};
use crate::repository::Repository;
use std::collections::BTreeMap;
use std::io::Write;

/// The end of the year 9999, in microseconds.
const LAST: i64 = 253_402_300_799_999_999;

/// Reads the time of the newest row of each station, then the rows before that time. Stations with newest rows within a day of
/// each other are read together.
///
/// # Errors
/// The error of the repository or of `out`; [`ErrorKind::Unavailable`] if the data change in every attempt.
pub(super) fn write(
    repository: &dyn Repository,
    selection: &Selection,
    request: &RatingRequest<'_>,
    out: &mut dyn Write,
) -> Result<String> {
    const TRIES: usize = 3;
    for _ in 0..TRIES {
        if let Some((version, newest)) = read(repository, selection, request)? {
            out.write_all(&newest.header)?;
            newest.rows.values().try_for_each(|row| out.write_all(row))?;
            return Ok(version);
        }
    }
    Err(Error::new(ErrorKind::Unavailable, "the data changed each time while they were read"))
}

/// Returns `None` if the data changed between two reads.
fn read<'a>(
    repository: &dyn Repository,
    selection: &Selection,
    request: &RatingRequest<'a>,
) -> Result<Option<(String, NewestRatedRows<'a>)>> {
    let mut last = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, NewestTimes::default());
    // The cursor has the start of a period, not the time of the newest row, so the whole station is skipped.
    let after = match (&selection.after, Timestamp::from_microseconds(LAST)) {
        (Some(cursor), Some(last)) => Some(Cursor::new(&*cursor.station, last)),
        _ => None,
    };
    let version = repository.write_csv(&Selection { after, ..selection.clone() }, &mut last)?;
    let range = Selection { from: selection.from, to: selection.to, ..Selection::default() };
    let mut newest = NewestRatedRows { request: *request, range, header: Vec::new(), rows: BTreeMap::new() };
    last.finish()?;
    for part in parts(last.sink.0, selection, request) {
        let needed = request.needed(&part);
        let mut rater = request.row_rater(&needed.parameters, newest);
        if repository.write_csv(&needed, &mut rater)? != version {
            return Ok(None);
        }
        newest = rater.finish()?.into_sink();
    }
    Ok(Some((version, newest)))
}

/// Returns a selection for each group of stations with newest rows within a day of each other; without stations, one selection
/// without stations.
fn parts(mut last: Vec<(Timestamp, String)>, selection: &Selection, request: &RatingRequest<'_>) -> Vec<Selection> {
    const DAY: i64 = 24 * HOUR;
    let calendar = Calendar::new(request.averages);
    if last.is_empty() {
        return vec![part(selection, Vec::new(), None)];
    }
    last.sort_unstable();
    let mut parts: Vec<(i64, Vec<String>)> = Vec::new();
    for (time, station) in last {
        let time = time.as_microseconds();
        match parts.last_mut().filter(|(first, _)| time - first <= DAY) {
            Some((_, stations)) => stations.push(station),
            None => parts.push((time, vec![station])),
        }
    }
    let mut selections = Vec::new();
    for (first, mut stations) in parts {
        stations.sort_unstable();
        let from = Timestamp::from_microseconds(calendar.period(first).start);
        selections.push(part(selection, stations, from));
    }
    selections
}

/// Returns the selection of all rows of some stations from a time on.
fn part(selection: &Selection, stations: Vec<String>, from: Option<Timestamp>) -> Selection {
    Selection { stations: Some(stations), from, after: None, limit: None, rows: Rows::All, ..selection.clone() }
}

/// Keeps the last row of each station. Stations come in any order, because they are read in groups.
struct NewestRatedRows<'a> {
    request: RatingRequest<'a>,
    /// The range of the periods.
    range: Selection,
    header: Vec<u8>,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl RatedSink for NewestRatedRows<'_> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        self.header = encoding::header(parameters, &self.request);
        Ok(())
    }

    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average], rating: &Rating) -> Result<()> {
        if !self.range.holds(station, start) {
            return Ok(());
        }
        let row = self.rows.entry(station.to_vec()).or_default();
        row.clear();
        encoding::push_row(row, station, start, averages, rating, self.request.encoding);
        Ok(())
    }
}

/// The time of the newest row of each station.
#[derive(Debug, Default)]
struct NewestTimes(Vec<(Timestamp, String)>);

impl RowSink for NewestTimes {
    fn header(&mut self, _: &Layout) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        match self.0.last_mut().filter(|(_, station)| station.as_bytes() == row.station) {
            Some((time, _)) => *time = row.time,
            None => self.0.push((row.time, String::from_utf8_lossy(row.station).into_owned())),
        }
        Ok(())
    }
}
