//! Rows as canonical CSV, put in the order of answers.

use super::dictionary::{Dictionary, StationNumbers};
use super::parts::PartSink;
use super::survey::{city_column, city_of};
use super::table::Table;
use crate::csv::{Kind, Layout, Row};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Pollutant, Timestamp};
use crate::text::{Output, push_csv_field};

/// The key and the position of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowKey {
    /// The number of the station.
    pub(super) station: u32,
    length: u32,
    start: u64,
    /// Microseconds since 1970.
    pub(super) time: i64,
}

/// Rows in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct RowSet {
    bytes: Vec<u8>,
    pub(super) rows: Vec<RowKey>,
}

impl RowSet {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The text of the first `count` rows.
    pub(super) fn first_rows(&self, count: usize) -> &[u8] {
        let end = match count.checked_sub(1).and_then(|last| self.rows.get(last)) {
            Some(last) => usize::try_from(last.start).unwrap_or(usize::MAX) + last.length as usize,
            None => 0,
        };
        &self.bytes[..end]
    }

    /// The text of a row, with its line end.
    pub(super) fn text(&self, row: &RowKey) -> &[u8] {
        let start = usize::try_from(row.start).unwrap_or(usize::MAX);
        &self.bytes[start..start + row.length as usize]
    }

    /// Adds a row, with its line end.
    pub(super) fn push(&mut self, station: u32, time: i64, text: &[u8]) -> Result<()> {
        self.begin(station, time).write(|bytes| bytes.extend_from_slice(text))
    }

    /// Adds the rows of another set.
    pub(super) fn append(&mut self, other: &RowSet) {
        let start = self.bytes.len() as u64;
        self.bytes.extend_from_slice(&other.bytes);
        self.rows.extend(other.rows.iter().map(|row| RowKey { start: row.start + start, ..*row }));
    }

    fn begin(&mut self, station: u32, time: i64) -> NewRow<'_> {
        NewRow { set: self, station, time }
    }

    /// Sorts the rows by the rank of their station, then time. Of rows with the same station and time the last one stays or, if
    /// `merges`, they become one row, in which the last value of each column stays. Returns the rows and the number of rows, or
    /// values, that were replaced.
    pub(super) fn sorted(mut self, ranks: &[usize], merges: bool) -> Result<(RowSet, u64)> {
        let key = |row: &RowKey| (ranks[row.station as usize], row.time);
        if self.rows.is_sorted_by(|one, next| key(one) < key(next)) {
            return Ok((self, 0));
        }
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by_key(key);
        let mut sorted = RowSet { bytes: Vec::with_capacity(self.bytes.len()), rows: Vec::with_capacity(rows.len()) };
        let mut replaced = 0;
        for same in rows.chunk_by(|one, next| key(one) == key(next)) {
            let [.., last] = same else { continue };
            if merges && same.len() > 1 {
                let (text, values) = merged(same.iter().map(|row| self.text(row)));
                replaced += values;
                sorted.push(last.station, last.time, &text)?;
            } else {
                replaced += same.len() as u64 - 1;
                sorted.push(last.station, last.time, self.text(last))?;
            }
        }
        Ok((sorted, replaced))
    }

    /// Keeps the rows for which `keep` is true.
    pub(super) fn filtered(&self, mut keep: impl FnMut(usize, &RowKey) -> bool) -> Result<RowSet> {
        let mut kept = RowSet::default();
        for (position, row) in self.rows.iter().enumerate() {
            if keep(position, row) {
                kept.push(row.station, row.time, self.text(row))?;
            }
        }
        Ok(kept)
    }
}

struct NewRow<'a> {
    set: &'a mut RowSet,
    station: u32,
    time: i64,
}

impl NewRow<'_> {
    #[inline]
    fn write(self, write: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let NewRow { set, station, time } = self;
        let start = set.bytes.len();
        write(&mut set.bytes);
        let length = u32::try_from(set.bytes.len() - start)
            .map_err(|_| Error::new(ErrorKind::InvalidData, "a row is longer than 4 GiB"))?;
        set.rows.push(RowKey { station, length, start: start as u64, time });
        Ok(())
    }
}

/// Joins rows of one station and time; returns the row and the number of values that later values replaced.
fn merged<'a>(rows: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, u64) {
    let mut key: &[u8] = b"";
    let mut values: Vec<&[u8]> = Vec::new();
    let mut replaced = 0;
    for row in rows {
        let row = row.strip_suffix(b"\n").unwrap_or(row);
        let (its_key, its_values) = row.split_at(values_start(row));
        key = its_key;
        for (column, value) in its_values.split(|byte| *byte == b',').enumerate() {
            if column == values.len() {
                values.push(value);
            } else if !value.is_empty() {
                replaced += u64::from(!values[column].is_empty());
                values[column] = value;
            }
        }
    }
    ([key, &values.join(&b','), b"\n"].concat(), replaced)
}

/// The position of the first value: after the second comma outside the quotes of the station.
fn values_start(row: &[u8]) -> usize {
    let mut is_quoted = false;
    let mut commas = 0;
    for (position, byte) in row.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => commas += 1,
            _ => {}
        }
        if commas == 2 {
            return position + 1;
        }
    }
    row.len()
}

/// The ranks of stations in the order of their ids by bytes.
pub(super) fn ranks(ids: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by_key(|number| &ids[*number]);
    let mut ranks = vec![0; ids.len()];
    for (rank, number) in order.into_iter().enumerate() {
        ranks[number] = rank;
    }
    ranks
}

/// The header of canonical CSV.
pub(super) fn header(columns: &[Pollutant]) -> Vec<u8> {
    let names = columns.iter().map(|pollutant| pollutant.name());
    let mut header = ["station", "time"].into_iter().chain(names).collect::<Vec<_>>().join(",").into_bytes();
    header.push(b'\n');
    header
}

/// For each pollutant, its column in a table.
pub(super) fn column_map(layout: &Layout, columns: &[Pollutant]) -> Vec<Option<usize>> {
    let column = |pollutant: &Pollutant| {
        let field = layout.fields.iter().find(|field| field.kind == Kind::Pollutant(*pollutant))?;
        field.column
    };
    columns.iter().map(column).collect()
}

/// Decides which rows are selected.
pub(super) trait RowFilter: Send {
    fn accepts(&self, station: u32, time: Timestamp) -> bool;
}

/// Writes the selected rows of one part after another as canonical CSV.
pub(super) struct RowCollector<'a, F> {
    numbers: StationNumbers<'a>,
    columns: Vec<Option<usize>>,
    filter: F,
    rows: RowSet,
    city: Option<usize>,
    /// By number: whether a city is known.
    has_city: Vec<bool>,
    cities: Vec<(u32, String)>,
}

/// The rows of a part.
#[derive(Debug, Default)]
pub(super) struct CollectedRows {
    pub(super) rows: RowSet,
    /// The first city that a column names, by number of the station.
    pub(super) cities: Vec<(u32, String)>,
}

impl<'a, F: RowFilter> RowCollector<'a, F> {
    pub(super) fn new(table: &Table, dictionary: &'a Dictionary, columns: &[Pollutant], filter: F) -> Self {
        RowCollector {
            numbers: StationNumbers::new(dictionary),
            columns: column_map(table.rows.layout(), columns),
            filter,
            rows: RowSet::default(),
            city: city_column(table.rows.layout()),
            has_city: Vec::new(),
            cities: Vec::new(),
        }
    }

    fn note_city(&mut self, station: u32, row: &Row<'_>, column: usize) {
        let index = station as usize;
        if self.has_city.len() <= index {
            self.has_city.resize(index + 1, false);
        }
        if !self.has_city[index]
            && let Some(city) = city_of(row, column)
        {
            self.has_city[index] = true;
            self.cities.push((station, city));
        }
    }
}

impl<F: RowFilter> PartSink for RowCollector<'_, F> {
    type Part = CollectedRows;

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let station = self.numbers.number(row.station)?;
        if !self.filter.accepts(station, row.time) {
            return Ok(());
        }
        if let Some(column) = self.city {
            self.note_city(station, row, column);
        }
        let columns = &self.columns;
        self.rows.begin(station, row.time.as_microseconds()).write(|bytes| push_row(bytes, row, columns))
    }

    fn end_part(&mut self) -> CollectedRows {
        self.has_city.clear();
        CollectedRows { rows: std::mem::take(&mut self.rows), cities: std::mem::take(&mut self.cities) }
    }
}

#[inline]
fn push_row(out: &mut Vec<u8>, row: &Row<'_>, columns: &[Option<usize>]) {
    push_csv_field(out, row.station);
    out.push(b',');
    row.push_time(out);
    for column in columns {
        Output::push(out, b',');
        if let Some(value) = column.and_then(|column| row.column(column)) {
            out.extend_from_slice(value);
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_station_and_time_become_one() {
        let rows = [&b"\"a, b\",2016,1,,3\n"[..], b"\"a, b\",2016,,2,,4\n", b"\"a, b\",2016,5,,,\n"];
        let (row, replaced) = merged(rows.into_iter());
        assert_eq!((String::from_utf8(row).unwrap().as_str(), replaced), ("\"a, b\",2016,5,2,3,4\n", 1));
    }
}
