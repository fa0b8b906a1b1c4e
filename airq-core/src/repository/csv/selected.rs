//! The rows that a selection needs, read in parts that may have some of them.

use super::parts::PartSink;
use super::row_set::RowFilter;
use super::table::Table;
use crate::csv::chunks::{Chunk, Chunks, map_in_order};
use crate::csv::{OnRejected, Reader};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::query::Selection;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A selection by the numbers of stations.
#[derive(Clone, Debug)]
pub(super) struct SelectedRows {
    /// By number: the first time that is selected, `i64::MAX` if no row is.
    first: Vec<i64>,
    /// The first time of stations without a number.
    others: i64,
    /// The time after the last that is selected.
    end: i64,
}

impl SelectedRows {
    /// Returns the selected rows of these stations. The ids are in the order of the stations' numbers.
    pub(super) fn new<'a>(selection: &Selection, ids: impl Iterator<Item = &'a str>) -> Self {
        let mut selected = SelectedRows::of_range(selection);
        let from = std::mem::replace(&mut selected.others, i64::MAX);
        for id in ids {
            let first = first_time(selection, id).unwrap_or(i64::MAX);
            selected.first.push(first.max(from));
        }
        selected
    }

    /// All rows in the range of the selection, of whatever station.
    pub(super) fn of_range(selection: &Selection) -> Self {
        let (first, end) = selection.range();
        SelectedRows { first: Vec::new(), others: first, end }
    }

    /// The first selected time of a station, `None` if no row of the station is selected.
    pub(super) fn first_of(&self, station: usize) -> Option<i64> {
        self.first.get(station).copied().filter(|first| *first < self.end)
    }

    /// Leaves out the rows that are older than the newest of each station by more than `reach`. `newest` has the times of the newest rows
    /// by number. Where the newest row is not selected, the station keeps its rows.
    pub(super) fn start_before_newest(&mut self, reach: i64, newest: impl Iterator<Item = i64>) {
        for (first, newest) in self.first.iter_mut().zip(newest) {
            if *first <= newest && newest < self.end {
                *first = newest.saturating_sub(reach).max(*first);
            }
        }
    }

    /// Leaves out all rows of the stations for which `is_left_out` is true. Returns whether any station is left.
    pub(super) fn leave_out(&mut self, is_left_out: impl Fn(usize) -> bool) -> bool {
        for (station, first) in self.first.iter_mut().enumerate() {
            if is_left_out(station) {
                *first = i64::MAX;
            }
        }
        self.first.iter().any(|first| *first < self.end)
    }

    /// The time after the last selected time.
    pub(super) fn end(&self) -> i64 {
        self.end
    }
}

/// The first time of a station's selected rows, as far as the stations and the cursor of the selection say.
fn first_time(selection: &Selection, id: &str) -> Option<i64> {
    if let Some(ids) = &selection.stations
        && ids.binary_search_by(|selected| selected.as_str().cmp(id)).is_err()
    {
        return None;
    }
    let Some(cursor) = &selection.after else { return Some(i64::MIN) };
    match id.cmp(&cursor.station) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(cursor.time.as_microseconds() + 1),
        std::cmp::Ordering::Greater => Some(i64::MIN),
    }
}

impl RowFilter for &SelectedRows {
    #[inline]
    fn accepts(&self, station: u32, time: Timestamp) -> bool {
        let time = time.as_microseconds();
        *self.first.get(station as usize).unwrap_or(&self.others) <= time && time < self.end
    }
}

/// Whole rows of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourcePart<'a> {
    pub(super) table: &'a Table,
    /// The position of the table in the source.
    pub(super) position: usize,
    pub(super) bytes: PartBytes<'a>,
}

/// The place of a part's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) enum PartBytes<'a> {
    /// The range from `start` to `end` of the table.
    Range { start: u64, end: u64 },
    /// Bytes in memory.
    Slice(&'a [u8]),
}

struct SourceChunks<'a> {
    parts: &'a [SourcePart<'a>],
    next: AtomicUsize,
}

impl Chunks for SourceChunks<'_> {
    fn next(&self, mut buffer: Vec<u8>) -> Result<Option<Chunk>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(part) = self.parts.get(number) else { return Ok(None) };
        let length = match part.bytes {
            PartBytes::Slice(bytes) => {
                buffer.clear();
                buffer.extend_from_slice(bytes);
                bytes.len()
            }
            PartBytes::Range { start, end } => {
                let length = usize::try_from(end - start).unwrap_or(usize::MAX);
                part.table.bytes.read(start, length, &mut buffer).map_err(|error| part.table.cannot_read(error))?;
                length
            }
        };
        Ok(Some(Chunk { number: number as u64, start: 0, bytes: buffer, lines: 0..length }))
    }
}

/// Reads parts, whose rows were checked before, on several threads; `deliver` takes the results in order.
///
/// # Errors
/// If a part cannot be read, or its rows have changed; the first error of `deliver`.
pub(super) fn read_selected<S: PartSink>(
    parts: &[SourcePart<'_>],
    threads: usize,
    skip_bad_rows: bool,
    sink: impl Fn(&SourcePart<'_>) -> S + Sync,
    mut deliver: impl FnMut(S::Part) -> Result<ControlFlow<()>> + Send,
) -> Result<()> {
    let chunks = SourceChunks { parts, next: AtomicUsize::new(0) };
    map_in_order(
        threads.min(parts.len()),
        &chunks,
        || None,
        |open: &mut Option<OpenTable<S>>, chunk| {
            let part = &parts[usize::try_from(chunk.number).unwrap_or_default()];
            let result = match open {
                Some(open) if open.position == part.position => open.read(chunk.text()),
                _ => open.insert(OpenTable::new(part, skip_bad_rows, sink(part))).read(chunk.text()),
            };
            (result.map_err(|error| changed(part, error)), chunk.bytes)
        },
        |result| deliver(result?),
    )
}

/// Rows that were valid before are invalid now.
fn changed(part: &SourcePart<'_>, error: Error) -> Error {
    if !error.is_invalid_data() {
        return error;
    }
    let name = &part.table.name;
    Error::new(ErrorKind::Unavailable, format!("{name} changed while it was read: ask again"))
}

/// The table that a thread reads.
struct OpenTable<S> {
    position: usize,
    reader: Reader,
    sink: S,
}

impl<S: PartSink> OpenTable<S> {
    fn new(part: &SourcePart<'_>, skip_bad_rows: bool, sink: S) -> Self {
        let mut reader = part.table.rows.reader();
        if skip_bad_rows {
            reader.on_rejected(OnRejected::Tell(Box::new(|_| {})));
        }
        OpenTable { position: part.position, reader, sink }
    }

    fn read(&mut self, text: &[u8]) -> Result<S::Part> {
        let mut position = 0;
        while let Some(batch) = self.reader.next(text, &mut position)? {
            batch.for_each_row(|row| self.sink.row(row))?;
        }
        while let Some(batch) = self.reader.finish()? {
            batch.for_each_row(|row| self.sink.row(row))?;
        }
        Ok(self.sink.end_part())
    }
}
