//! The newest rated row of each station, without reading older rows.

use super::{Asked, RatedSink, spelling};
use crate::aggregate::{Average, Calendar};
use crate::aqi::Rating;
use crate::csv::{Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{HOUR, Pollutant, Timestamp};
use crate::query::{Cursor, Rows, Selection};
use crate::repository::Repository;
use std::collections::BTreeMap;
use std::io::Write;

/// The last instant: the end of the year 9999.
const LAST: i64 = 253_402_300_799_999_999;

/// Reads the time of the newest row of each station, then the rows before that time, together for stations whose newest rows
/// are within a day of each other.
///
/// # Errors
/// The error of the repository or of `out`; [`ErrorKind::Unavailable`] if the data change in every attempt.
pub(super) fn write(
    repository: &dyn Repository,
    selection: &Selection,
    asked: &Asked<'_>,
    out: &mut dyn Write,
) -> Result<String> {
    const TRIES: usize = 3;
    for _ in 0..TRIES {
        if let Some((version, newest)) = read(repository, selection, asked)? {
            out.write_all(newest.header.as_bytes())?;
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
    asked: &Asked<'a>,
) -> Result<Option<(String, Newest<'a>)>> {
    let mut last = RowFeed::new(Wanted::default(), OnRejected::Fail, Last::default());
    // The cursor has the start of a period, not the time of the newest row, so the whole station is skipped.
    let after = selection
        .after
        .as_ref()
        .and_then(|cursor| Some(Cursor::new(&*cursor.station, Timestamp::from_microseconds(LAST)?)));
    let version = repository.write_csv(&Selection { after, ..selection.clone() }, &mut last)?;
    let range = Selection { from: selection.from, to: selection.to, ..Selection::default() };
    let mut newest = Newest { asked: *asked, range, header: String::new(), rows: BTreeMap::new() };
    last.finish()?;
    for part in parts(last.sink.0, selection, asked) {
        let needed = asked.needed(&part);
        let mut rater = asked.row_rater(&needed.pollutants, newest);
        if repository.write_csv(&needed, &mut rater)? != version {
            return Ok(None);
        }
        newest = rater.finish()?.into_sink();
    }
    Ok(Some((version, newest)))
}

/// Returns a selection for each group of stations with newest rows within a day of each other; without stations, one selection
/// without stations.
fn parts(mut last: Vec<(Timestamp, String)>, selection: &Selection, asked: &Asked<'_>) -> Vec<Selection> {
    const DAY: i64 = 24 * HOUR;
    let calendar = Calendar::new(asked.averages);
    let part = |stations: Vec<String>, from: Option<Timestamp>| Selection {
        stations: Some(stations),
        from,
        after: None,
        limit: None,
        rows: Rows::All,
        ..selection.clone()
    };
    if last.is_empty() {
        return vec![part(Vec::new(), None)];
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
    let of = |(first, mut stations): (i64, Vec<String>)| {
        stations.sort_unstable();
        part(stations, Timestamp::from_microseconds(calendar.period(first).start))
    };
    parts.into_iter().map(of).collect()
}

/// Keeps the last row of each station. Stations come in any order, because they are read in groups.
struct Newest<'a> {
    asked: Asked<'a>,
    /// The range of the periods.
    range: Selection,
    header: String,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl RatedSink for Newest<'_> {
    fn header(&mut self, pollutants: &[Pollutant]) -> Result<()> {
        self.header = spelling::header(pollutants, &self.asked);
        Ok(())
    }

    fn row(&mut self, station: &[u8], start: Timestamp, averages: &[Average], rating: &Rating) -> Result<()> {
        if !self.range.holds(station, start) {
            return Ok(());
        }
        let row = self.rows.entry(station.to_vec()).or_default();
        row.clear();
        spelling::push_row(row, station, start, averages, rating, self.asked.spelling);
        Ok(())
    }
}

/// The time of the newest row of each station.
#[derive(Debug, Default)]
struct Last(Vec<(Timestamp, String)>);

impl RowSink for Last {
    fn header(&mut self, _: &Layout) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        self.0.push((row.time, String::from_utf8_lossy(row.station).into_owned()));
        Ok(())
    }
}
