//! Rows from the newest to the oldest of each station, for `order=desc`.

use crate::csv::{Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::query::{Cursor, Resolved};
use crate::text::push_csv_line;
use std::io::Write;

/// Writes the rows of the stations one after the other, each in descending time, and returns the version of the data. Repositories write
/// ascending rows, so `write` is called for each station until the limit is reached, and the rows of one station are in memory.
///
/// # Errors
/// The errors of `write` and `out`; [`ErrorKind::Unavailable`] if the data change between two stations.
pub(super) fn write_descending(
    resolved: &Resolved,
    out: &mut dyn Write,
    write: impl Fn(&Resolved, &mut dyn Write) -> Result<String>,
) -> Result<String> {
    let after = resolved.selection.after.as_ref();
    let mut stations = resolved.selection.stations.clone().unwrap_or_default();
    if let Some(after) = after {
        stations.retain(|id| *id >= after.station);
    }
    let mut left = match resolved.limit {
        Some(rows) => usize::try_from(rows).unwrap_or(usize::MAX).saturating_add(1),
        None => usize::MAX,
    };
    let mut version = None;
    // Without stations, one call writes the header.
    let lists = if stations.is_empty() { vec![Vec::new()] } else { stations.into_iter().map(|id| vec![id]).collect() };
    for ids in lists {
        if left == 0 {
            break;
        }
        let mut of_station = resolved.clone();
        of_station.limit = None;
        of_station.selection.after = None;
        of_station.selection.stations = Some(ids);
        let mut rows = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, StationReversal::default());
        let read = write(&of_station, &mut rows)?;
        rows.finish()?;
        match &version {
            None => out.write_all(&rows.sink.header)?,
            Some(first) if *first == read => {}
            Some(_) => {
                let what = "the data set changed while an answer was read; ask again";
                return Err(Error::new(ErrorKind::Unavailable, what));
            }
        }
        version = Some(read);
        left -= rows.sink.write_reversed(after, left, out)?;
    }
    version.ok_or_else(|| Error::new(ErrorKind::Internal, "no rows were asked for"))
}

/// The rows of one station as CSV.
#[derive(Default)]
struct StationReversal {
    header: Vec<u8>,
    station: Vec<u8>,
    lines: Vec<u8>,
    /// The time and the end of each row in `lines`.
    rows: Vec<(Timestamp, usize)>,
}

impl StationReversal {
    /// Writes at most `most` rows from the last to the first, only rows before the cursor's time if the cursor is in this station. Returns
    /// the number of rows.
    fn write_reversed(&self, after: Option<&Cursor>, most: usize, out: &mut dyn Write) -> Result<usize> {
        let bound = after.filter(|after| after.station.as_bytes() == self.station).map(|after| after.time);
        let mut written = 0;
        for (index, (time, end)) in self.rows.iter().enumerate().rev() {
            if let Some(bound) = bound
                && *time >= bound
            {
                continue;
            }
            if written == most {
                break;
            }
            let start = if index == 0 { 0 } else { self.rows[index - 1].1 };
            out.write_all(&self.lines[start..*end])?;
            written += 1;
        }
        Ok(written)
    }
}

impl RowSink for StationReversal {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        push_csv_line(&mut self.header, layout.names.iter().map(String::as_bytes));
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        row.station.clone_into(&mut self.station);
        push_csv_line(&mut self.lines, (0..row.layout.width()).map(|column| row.column(column).unwrap_or_default()));
        self.rows.push((row.time, self.lines.len()));
        Ok(())
    }
}
