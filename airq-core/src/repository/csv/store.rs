//! The rows of a source in memory, in the order of answers.

use super::CsvOptions;
use super::average::{AverageRules, StationAverages};
use super::dictionary::Dictionary;
use super::newest::newest_rows;
use super::parts::read_parts;
use super::profile::Profiles;
use super::row_set::{CollectedRows, Merging, RowCollector, RowFilter, RowSet};
use super::selected::{PartBytes, SelectedRows, SourcePart};
use super::table::{Bytes, CHUNK, Table, Tables};
use crate::account::Account;
use crate::aggregate::AverageSinks;
use crate::csv::header_of;
use crate::error::Result;
use crate::model::{Conflicts, Parameter, Timestamp};
use crate::query::{Averages, Rows, Selection};
use std::io::Write;
use std::ops::Range;

/// Rows as canonical CSV, station by station.
#[derive(Debug)]
pub(super) struct Store {
    /// A table without rows, with the columns of the rows.
    table: Table,
    columns: Vec<Parameter>,
    /// In ascending order of their ids.
    stations: Vec<StationRows>,
    ids: Vec<String>,
    dictionary: Dictionary,
    threads: usize,
}

/// The rows of a station in ascending time.
#[derive(Debug, Default)]
struct StationRows {
    bytes: Vec<u8>,
    times: Vec<i64>,
    /// The end of each row in `bytes`.
    ends: Vec<u64>,
    /// True if the times of the rows, as they came, are strictly ascending.
    is_unordered: bool,
}

/// The counts of loading a store.
#[derive(Debug, Default)]
pub(super) struct LoadedRows {
    pub(super) rows: u64,
    /// The number of rows without a kept value, and the number of values that are not kept.
    pub(super) duplicate_rows: u64,
    pub(super) duplicate_values: u64,
    pub(super) conflicts: Conflicts,
    pub(super) left_out: Vec<Account>,
    pub(super) profiles: Profiles,
}

struct AllRows;

impl RowFilter for AllRows {
    fn accepts(&self, _: u32, _: Timestamp) -> bool {
        true
    }
}

impl Store {
    /// Loads the tables.
    ///
    /// # Errors
    /// If a table cannot be read or, unless bad rows are skipped, a row is invalid.
    pub(super) fn new(
        tables: &Tables,
        columns: Vec<Parameter>,
        options: &CsvOptions,
        threads: usize,
    ) -> Result<(Store, LoadedRows)> {
        let dictionary = Dictionary::default();
        let mut loaded = LoadedRows::default();
        let mut stations: Vec<StationRows> = Vec::new();
        for table in &tables.all {
            let rows_before = loaded.rows;
            let left_out = read_parts(
                table,
                threads,
                options.skip_bad_rows,
                || RowCollector::new(table, &dictionary, &columns, AllRows).with_profiles(table, &columns),
                |part| {
                    let CollectedRows { rows, profiles } = part.result;
                    loaded.rows += rows.len() as u64;
                    add(&mut stations, &rows);
                    loaded.profiles.add(profiles);
                    Ok(())
                },
            );
            let mut left_out = left_out.map_err(|error| table.blame(error))?;
            left_out.read = loaded.rows - rows_before;
            loaded.left_out.push(left_out);
        }
        let mut ids = dictionary.into_ids();
        let mut merging = Merging::new(&columns, options);
        for station in &mut stations {
            station.put_in_order(&mut merging)?;
        }
        loaded.duplicate_rows = merging.duplicate_rows;
        loaded.duplicate_values = merging.duplicate_values;
        loaded.conflicts = merging.conflicts;
        let mut named: Vec<(String, StationRows)> = ids.drain(..).zip(stations).collect();
        named.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (ids, stations): (Vec<String>, Vec<StationRows>) = named.into_iter().unzip();
        let dictionary = Dictionary::of(ids.iter());
        let table = Table::new("the rows in memory".to_owned(), Bytes::Memory(header_of(&columns)), true)?;
        Ok((Store { table, columns, stations, ids, dictionary, threads }, loaded))
    }

    /// The number of measurements.
    pub(super) fn len(&self) -> usize {
        self.stations.iter().map(|station| station.times.len()).sum()
    }

    /// The number of bytes of rows and their index.
    pub(super) fn memory(&self) -> usize {
        self.stations.iter().map(StationRows::memory).sum()
    }

    /// The oldest and the newest time.
    pub(super) fn span(&self) -> (Option<i64>, Option<i64>) {
        let first = self.stations.iter().filter_map(|station| station.times.first()).min();
        let last = self.stations.iter().filter_map(|station| station.times.last()).max();
        (first.copied(), last.copied())
    }

    /// A hash of header and rows.
    pub(super) fn hash(&self) -> crate::hash::StableHasher {
        let header = crate::hash::StableHasher::default().with(&header_of(&self.columns));
        self.stations.iter().fold(header, |hash, station| hash.with(&station.bytes))
    }

    /// Writes the header and the selected rows, a slice a station.
    ///
    /// # Errors
    /// The error of `out`.
    pub(super) fn write(&self, selection: &Selection, out: &mut dyn Write) -> Result<()> {
        out.write_all(&header_of(&self.columns))?;
        let mut left = selection.most_rows();
        let selected = self.selected(selection);
        let wanted = selection.wanted_positions(&self.columns);
        for station in self.candidates(selection) {
            if left == 0 {
                break;
            }
            let mut rows = self.rows_of(station, &selected);
            if selection.rows == Rows::Latest {
                let newest = self.stations[station].newest(&wanted, rows);
                left -= usize::from(!newest.is_empty());
                for row in newest {
                    out.write_all(self.stations[station].text(row..row + 1))?;
                }
                continue;
            }
            rows.end = rows.end.min(rows.start.saturating_add(left));
            left -= rows.len();
            out.write_all(self.stations[station].text(rows))?;
        }
        Ok(())
    }

    /// Writes averages by `sinks`.
    ///
    /// # Errors
    /// The error of `out`.
    pub(super) fn average(
        &self,
        selection: &Selection,
        averagings: &[Averages],
        sinks: &dyn AverageSinks,
        out: &mut dyn Write,
    ) -> Result<()> {
        let selected = self.selected(selection);
        let mut parts = Vec::new();
        for station in self.candidates(selection) {
            let rows = self.rows_of(station, &selected);
            self.stations[station].chunks(rows, |text| {
                parts.push(SourcePart { table: &self.table, position: 0, bytes: PartBytes::Slice(text) });
            });
        }
        let rules = AverageRules::new(selection.averaged_of(&self.columns), averagings, selected);
        StationAverages::read(&rules, &parts, &self.dictionary, false, self.threads)?.write(
            &self.ids,
            self.threads,
            sinks,
            out,
        )
    }

    fn selected(&self, selection: &Selection) -> SelectedRows {
        SelectedRows::new(selection, self.ids.iter().map(String::as_str))
    }

    /// The positions of the stations that the selection names, in order.
    fn candidates(&self, selection: &Selection) -> Vec<usize> {
        match &selection.stations {
            None => (0..self.stations.len()).collect(),
            Some(ids) => ids.iter().filter_map(|id| self.ids.binary_search(id).ok()).collect(),
        }
    }

    /// The selected rows of a station.
    fn rows_of(&self, station: usize, selected: &SelectedRows) -> Range<usize> {
        let times = &self.stations[station].times;
        let Some(first) = selected.first_of(station) else { return 0..0 };
        let start = times.partition_point(|time| *time < first);
        let end = times.partition_point(|time| *time < selected.end());
        start..end.max(start)
    }
}

/// Adds rows to their stations.
fn add(stations: &mut Vec<StationRows>, rows: &RowSet) {
    for row in &rows.rows {
        let number = row.station as usize;
        if stations.len() <= number {
            stations.resize_with(number + 1, StationRows::default);
        }
        stations[number].push(row.time, rows.text(row));
    }
}

impl StationRows {
    fn push(&mut self, time: i64, text: &[u8]) {
        self.is_unordered |= self.times.last().is_some_and(|last| *last >= time);
        self.bytes.extend_from_slice(text);
        self.times.push(time);
        self.ends.push(self.bytes.len() as u64);
    }

    /// Sorts the rows unless they are in order, merges rows of one time, and frees unused room.
    fn put_in_order(&mut self, merging: &mut Merging<'_>) -> Result<()> {
        if self.is_unordered {
            let mut rows = RowSet::default();
            for row in 0..self.times.len() {
                rows.push(0, self.times[row], self.text(row..row + 1))?;
            }
            *self = StationRows::default();
            let rows = rows.sorted(&[0], merging)?;
            for row in &rows.rows {
                self.push(row.time, rows.text(row));
            }
        }
        self.bytes.shrink_to_fit();
        self.times.shrink_to_fit();
        self.ends.shrink_to_fit();
        Ok(())
    }

    fn memory(&self) -> usize {
        self.bytes.capacity() + self.times.capacity() * size_of::<i64>() + self.ends.capacity() * size_of::<u64>()
    }

    fn end(&self, row: usize) -> usize {
        usize::try_from(self.ends[row]).unwrap_or(usize::MAX)
    }

    /// Returns the rows with the newest value of one of the columns.
    fn newest(&self, wanted: &[usize], rows: Range<usize>) -> Vec<usize> {
        newest_rows(wanted, rows.rev().map(|row| (row, self.times[row], self.text(row..row + 1))))
    }

    /// The text of consecutive rows.
    fn text(&self, rows: Range<usize>) -> &[u8] {
        if rows.is_empty() {
            return &[];
        }
        let start = if rows.start == 0 { 0 } else { self.end(rows.start - 1) };
        &self.bytes[start..self.end(rows.end - 1)]
    }

    /// Cuts the text of consecutive rows into chunks.
    fn chunks<'a>(&'a self, rows: Range<usize>, mut take: impl FnMut(&'a [u8])) {
        let mut start = rows.start;
        while start < rows.end {
            let begin = if start == 0 { 0 } else { self.end(start - 1) };
            let fitting = self.ends[start..rows.end].partition_point(|end| *end <= (begin + CHUNK) as u64);
            let end = start + fitting.max(1);
            take(self.text(start..end));
            start = end;
        }
    }
}
