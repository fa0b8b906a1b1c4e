//! Rows as canonical CSV, put in the order of answers.

use super::CsvOptions;
use super::dictionary::{Dictionary, StationNumbers};
use super::parts::PartSink;
use super::profile::{PartProfiles, ProfileCollector};
use super::table::Table;
use crate::csv::number::without_trailing_zeros;
use crate::csv::{Kind, Layout, Row};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Conflict, Conflicts, OnConflict, Parameter, Timestamp, is_same_value};
use crate::text::{Output, QuoteTracker, push_csv_field};

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

/// Rows in the order of arrival.
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

    /// Sorts the rows by the rank of their station, then time. Rows of one station and time become one row.
    ///
    /// # Errors
    /// A conflict, if conflicts are errors.
    pub(super) fn sorted(mut self, ranks: &[usize], merging: &mut Merging<'_>) -> Result<RowSet> {
        let key = |row: &RowKey| (ranks[row.station as usize], row.time);
        if self.rows.is_sorted_by(|one, next| key(one) < key(next)) {
            return Ok(self);
        }
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by_key(key);
        let mut sorted = RowSet { bytes: Vec::with_capacity(self.bytes.len()), rows: Vec::with_capacity(rows.len()) };
        for same in rows.chunk_by(|one, next| key(one) == key(next)) {
            match same {
                [] => {}
                [row] => sorted.push(row.station, row.time, self.text(row))?,
                [first, ..] => {
                    let texts: Vec<&[u8]> = same.iter().map(|row| self.text(row)).collect();
                    sorted.push(first.station, first.time, &merging.merge(&texts)?)?;
                }
            }
        }
        Ok(sorted)
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

/// Merges rows of one station and time value by value, and counts what is left out.
#[derive(Debug)]
pub(super) struct Merging<'a> {
    columns: &'a [Parameter],
    on_conflict: OnConflict,
    pub(super) conflicts: Conflicts,
    /// The number of rows without a value that is kept.
    pub(super) duplicate_rows: u64,
    /// The number of values that are not kept.
    pub(super) duplicate_values: u64,
}

impl<'a> Merging<'a> {
    pub(super) fn new(columns: &'a [Parameter], options: &CsvOptions) -> Self {
        let conflicts = Conflicts::keeping(options.keeps_all_examples);
        Merging { columns, on_conflict: options.on_conflict, conflicts, duplicate_rows: 0, duplicate_values: 0 }
    }

    /// Merges the texts of rows, which come in the order of the source.
    fn merge(&mut self, rows: &[&[u8]]) -> Result<Vec<u8>> {
        let mut key: &[u8] = b"";
        let mut cells = Vec::with_capacity(rows.len());
        for text in rows {
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let (its_key, values) = text.split_at(values_start(text));
            key = its_key;
            cells.push(values.split(|byte| *byte == b',').collect::<Vec<&[u8]>>());
        }
        let mut merged = key.to_vec();
        let mut is_kept = vec![false; rows.len()];
        for column in 0..self.columns.len() {
            if column > 0 {
                merged.push(b',');
            }
            let values = cells.iter().enumerate().map(|(row, cells)| (row, cells[column]));
            let values: Vec<(usize, &[u8])> = values.filter(|(_, value)| !value.is_empty()).collect();
            let Some((row, value)) = self.choose(&values) else { continue };
            merged.extend_from_slice(value);
            is_kept[row] = true;
            self.note_conflicts(key, column, value, &values)?;
        }
        merged.push(b'\n');
        let kept = is_kept.iter().filter(|is_kept| **is_kept).count();
        self.duplicate_rows += (rows.len() - kept.max(1)) as u64;
        Ok(merged)
    }

    /// Returns the value that is kept, and the position of its row.
    fn choose<'v>(&self, values: &[(usize, &'v [u8])]) -> Option<(usize, &'v [u8])> {
        if self.on_conflict == OnConflict::First { values.first() } else { values.last() }.copied()
    }

    /// Counts the values that are not kept, and the conflicts among them.
    fn note_conflicts(&mut self, key: &[u8], column: usize, kept: &[u8], values: &[(usize, &[u8])]) -> Result<()> {
        self.duplicate_values += (values.len() - 1) as u64;
        for (_, left_out) in values.iter().filter(|(_, value)| !is_same_value(value, kept)) {
            let conflict = || describe(key, self.columns[column], kept, left_out);
            if self.on_conflict == OnConflict::Error {
                return Err(conflict().into());
            }
            self.conflicts.note(conflict);
        }
        Ok(())
    }
}

fn describe(key: &[u8], parameter: Parameter, kept: &[u8], left_out: &[u8]) -> Conflict {
    let key = text(key.strip_suffix(b",").unwrap_or(key));
    let (station, time) = key.rsplit_once(',').unwrap_or((key.as_str(), ""));
    let station = station.trim_matches('"').replace("\"\"", "\"");
    Conflict { station, time: time.to_owned(), parameter, kept: text(kept), left_out: text(left_out) }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The position of the first value: after the second comma outside the quotes of the station.
pub(super) fn values_start(row: &[u8]) -> usize {
    let mut quotes = QuoteTracker::default();
    let separators = row.iter().enumerate().filter(|(_, byte)| quotes.can_separate(**byte) && **byte == b',');
    separators.map(|(position, _)| position + 1).nth(1).unwrap_or(row.len())
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

/// For each parameter, its column in a table.
pub(super) fn column_map(layout: &Layout, columns: &[Parameter]) -> Vec<Option<usize>> {
    let column = |parameter: &Parameter| {
        let field = layout.fields.iter().find(|field| field.kind == Kind::Parameter(*parameter))?;
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
    /// `None` if profiles are not collected.
    profiles: Option<ProfileCollector>,
}

/// The rows of a part.
#[derive(Debug, Default)]
pub(super) struct CollectedRows {
    pub(super) rows: RowSet,
    pub(super) profiles: PartProfiles,
}

impl<'a, F: RowFilter> RowCollector<'a, F> {
    pub(super) fn new(table: &Table, dictionary: &'a Dictionary, columns: &[Parameter], filter: F) -> Self {
        RowCollector {
            numbers: StationNumbers::new(dictionary),
            columns: column_map(table.rows.layout(), columns),
            filter,
            rows: RowSet::default(),
            profiles: None,
        }
    }

    /// Collects the profiles of the stations, too.
    pub(super) fn with_profiles(self, table: &Table, columns: &[Parameter]) -> Self {
        RowCollector { profiles: Some(ProfileCollector::new(table, columns)), ..self }
    }
}

impl<F: RowFilter> PartSink for RowCollector<'_, F> {
    type Part = CollectedRows;

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let station = self.numbers.number(row.station)?;
        if !self.filter.accepts(station, row.time) {
            return Ok(());
        }
        if let Some(profiles) = &mut self.profiles {
            profiles.row(station, row);
        }
        let columns = &self.columns;
        self.rows.begin(station, row.time.as_microseconds()).write(|bytes| push_row(bytes, row, columns))
    }

    fn end_part(&mut self) -> CollectedRows {
        let profiles = self.profiles.as_mut().map(ProfileCollector::end_part).unwrap_or_default();
        CollectedRows { rows: std::mem::take(&mut self.rows), profiles }
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
            // Once here, and not in each answer.
            out.extend_from_slice(without_trailing_zeros(value));
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_station_and_time_become_one() {
        let columns = [Parameter::SO2, Parameter::NO2, Parameter::CO, Parameter::O3];
        let rows: [&[u8]; 4] =
            [b"\"a, b\",2016,1,,3,\n", b"\"a, b\",2016,,2,,4\n", b"\"a, b\",2016,5,,3.0,\n", b"\"a, b\",2016,,,,\n"];
        let merge = |on_conflict| {
            let options = CsvOptions { on_conflict, ..CsvOptions::default() };
            let mut merging = Merging::new(&columns, &options);
            let row = merging.merge(&rows).map(|row| String::from_utf8(row).unwrap());
            (row, merging.duplicate_rows, merging.conflicts)
        };
        let (row, duplicates, conflicts) = merge(OnConflict::Last);
        assert_eq!((row.unwrap().as_str(), duplicates, conflicts.count), ("\"a, b\",2016,5,2,3.0,4\n", 2, 1));
        assert_eq!(conflicts.first[0].to_string(), "station \"a, b\", 2016, so2: 5 is kept, 1 is left out");
        let (row, duplicates, conflicts) = merge(OnConflict::First);
        assert_eq!((row.unwrap().as_str(), duplicates, conflicts.count), ("\"a, b\",2016,1,2,3,4\n", 2, 1));
        assert!(merge(OnConflict::Error).0.unwrap_err().is_invalid_data());
    }
}
