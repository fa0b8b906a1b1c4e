//! The rows in the order of answers, and where to find them.

use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
use crate::query::{Rows, Selection};
use std::io::Write;
use std::ops::Range;

/// Where a row came to stand, before the order is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The station's number.
    pub(super) station: u32,
    pub(super) length: u32,
    pub(super) start: u64,
    /// Microseconds since 1970.
    pub(super) time: i64,
}

/// All rows as canonical CSV, by station and time.
#[derive(Debug)]
pub(super) struct Index {
    header: Vec<u8>,
    bytes: Vec<u8>,
    /// Each row's time.
    times: Vec<i64>,
    /// Where each row ends in `bytes`.
    ends: Vec<u64>,
    /// Each station's rows, by id.
    stations: Vec<(String, Range<usize>)>,
}

impl Index {
    /// Puts rows in order. Of rows with one station and time, the one that came last stays or, if rows are parts, they
    /// become one row, in which of two values that which came last stays. Tells how many rows, or values, did not stay.
    pub(super) fn new(
        columns: &[Pollutant],
        bytes: &[u8],
        mut places: Vec<Place>,
        ids: &[String],
        are_parts: bool,
    ) -> (Self, u64) {
        let ranks = ranks(ids);
        let rank = |place: &Place| ranks[place.station as usize];
        if !places.is_sorted_by_key(|place| (rank(place), place.time)) {
            places.sort_by_key(|place| (rank(place), place.time));
        }
        let mut index = Index {
            header: header(columns),
            bytes: Vec::with_capacity(bytes.len() + places.len()),
            times: Vec::with_capacity(places.len()),
            ends: Vec::with_capacity(places.len()),
            stations: Vec::new(),
        };
        let mut replaced = 0;
        for same in places.chunk_by(|one, next| one.station == next.station && one.time == next.time) {
            let [.., last] = same else { continue };
            let id = &ids[last.station as usize];
            if are_parts && same.len() > 1 {
                let (row, overruled) = merged(same.iter().map(|place| place.row(bytes)));
                replaced += overruled;
                index.push(id, last.time, &row, columns.len());
            } else {
                replaced += same.len() as u64 - 1;
                index.push(id, last.time, last.row(bytes), columns.len());
            }
        }
        index.bytes.shrink_to_fit();
        (index, replaced)
    }

    fn push(&mut self, id: &str, time: i64, row: &[u8], columns: usize) {
        self.bytes.extend_from_slice(row);
        // A row of an earlier file lacks the columns that later files brought.
        let lacking = if columns == Pollutant::DATA_SET.len() { 0 } else { columns.saturating_sub(values_in(row)) };
        self.bytes.extend(std::iter::repeat_n(b',', lacking));
        self.bytes.push(b'\n');
        let number = self.times.len();
        self.times.push(time);
        self.ends.push(self.bytes.len() as u64);
        match self.stations.last_mut() {
            Some((last, rows)) if last == id => rows.end = number + 1,
            _ => self.stations.push((id.to_owned(), number..number + 1)),
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn memory(&self) -> usize {
        let index = self.times.capacity() * size_of::<i64>() + self.ends.capacity() * size_of::<u64>();
        self.bytes.capacity() + index
    }

    /// The oldest and the newest time.
    pub(super) fn span(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        let time = |time: Option<&i64>| time.and_then(|time| Timestamp::from_microseconds(*time));
        (time(self.times.iter().min()), time(self.times.iter().max()))
    }

    /// Writes the header and the selected rows, a slice a station.
    ///
    /// # Errors
    /// What `out` fails with.
    pub(super) fn write(&self, selection: &Selection, out: &mut dyn Write) -> Result<()> {
        out.write_all(&self.header)?;
        let mut left = selection.limit.map_or(usize::MAX, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
        for (id, rows) in self.selected(selection) {
            if left == 0 {
                break;
            }
            let rows = self.matching(id, rows, selection);
            let rows = rows.start..rows.end.min(rows.start.saturating_add(left));
            left -= rows.len();
            out.write_all(self.slice(rows))?;
        }
        Ok(())
    }

    /// The rows of each station that is selected, in order.
    fn selected<'a>(&'a self, selection: &'a Selection) -> Box<dyn Iterator<Item = (&'a str, Range<usize>)> + 'a> {
        let rows = |(id, rows): &'a (String, Range<usize>)| (id.as_str(), rows.clone());
        match &selection.stations {
            None => Box::new(self.stations.iter().map(rows)),
            Some(ids) => Box::new(ids.iter().filter_map(move |wanted| {
                let found = self.stations.binary_search_by(|(id, _)| id.cmp(wanted)).ok()?;
                self.stations.get(found).map(rows)
            })),
        }
    }

    /// Of a station's rows those in the time range and behind the cursor.
    fn matching(&self, id: &str, rows: Range<usize>, selection: &Selection) -> Range<usize> {
        let times = &self.times[rows.clone()];
        let first_at = |time: i64| rows.start + times.partition_point(|row| *row < time);
        let mut start = selection.from.map_or(rows.start, |from| first_at(from.as_microseconds()));
        let mut end = selection.to.map_or(rows.end, |to| first_at(to.as_microseconds()));
        if selection.rows == Rows::Latest {
            start = start.max(end.saturating_sub(1));
        }
        if let Some(cursor) = &selection.after {
            match id.cmp(&cursor.station) {
                std::cmp::Ordering::Less => end = start,
                std::cmp::Ordering::Equal => start = start.max(first_at(cursor.time.as_microseconds() + 1)),
                std::cmp::Ordering::Greater => {}
            }
        }
        start..end.max(start)
    }

    fn slice(&self, rows: Range<usize>) -> &[u8] {
        let end_of = |row: usize| usize::try_from(self.ends[row]).unwrap_or(usize::MAX);
        if rows.is_empty() {
            return &[];
        }
        let start = if rows.start == 0 { 0 } else { end_of(rows.start - 1) };
        &self.bytes[start..end_of(rows.end - 1)]
    }
}

impl Place {
    fn row<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        bytes.get(start..start + self.length as usize).unwrap_or_default()
    }
}

/// Rows of one station and time as one, and how many values of theirs a later one replaced.
fn merged<'a>(rows: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, u64) {
    let (mut key, mut values, mut replaced) = (&b""[..], Vec::new(), 0);
    for row in rows {
        let (its_key, its_values) = row.split_at(values_start(row));
        key = its_key;
        for (place, value) in its_values.split(|byte| *byte == b',').enumerate() {
            if place == values.len() {
                values.push(value);
            } else if !value.is_empty() {
                replaced += u64::from(!values[place].is_empty());
                values[place] = value;
            }
        }
    }
    ([key, &values.join(&b',')].concat(), replaced)
}

/// Each station's place in the order of ids by bytes.
fn ranks(ids: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by_key(|number| &ids[*number]);
    let mut ranks = vec![0; ids.len()];
    for (rank, number) in order.into_iter().enumerate() {
        ranks[number] = rank;
    }
    ranks
}

fn header(columns: &[Pollutant]) -> Vec<u8> {
    let names = columns.iter().map(|pollutant| pollutant.name());
    let mut header = ["station", "time"].into_iter().chain(names).collect::<Vec<_>>().join(",").into_bytes();
    header.push(b'\n');
    header
}

/// How many values stand behind station and time.
fn values_in(row: &[u8]) -> usize {
    row[values_start(row)..].split(|byte| *byte == b',').count()
}

/// Where the values begin: behind the second comma, those within the quotes of the station not counted.
fn values_start(row: &[u8]) -> usize {
    let mut quoted = false;
    let mut commas = row.iter().enumerate().filter(|(_, byte)| {
        quoted ^= **byte == b'"';
        **byte == b',' && !quoted
    });
    commas.nth(1).map_or(row.len(), |(place, _)| place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_station_and_time_become_one() {
        let rows = [&b"\"a, b\",2016,1,,3"[..], b"\"a, b\",2016,,2,,4", b"\"a, b\",2016,5,,,"];
        let (row, replaced) = merged(rows.into_iter());
        assert_eq!((String::from_utf8(row).unwrap().as_str(), replaced), ("\"a, b\",2016,5,2,3,4", 1));
    }
}
