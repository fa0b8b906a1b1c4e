//! A source that is read again for each query: only the rows that a query selects are held in memory.

use super::CsvOptions;
use super::average::{AverageCollector, AverageRules, StationAverages};
use super::dictionary::Dictionary;
use super::newest::newest_rows;
use super::parts::{pass_to_this_thread, read_parts};
use super::row_set::{Merging, RowCollector, RowSet, ranks};
use super::selected::{PartBytes, SelectedRows, SourcePart, read_selected};
use super::survey::{PartSummary, Survey, Surveyor};
use super::table::Tables;
use crate::account::Account;
use crate::aggregate::AverageSinks;
use crate::csv::header_of;
use crate::error::Result;
use crate::model::{Conflicts, Parameter};
use crate::query::{Averages, Rows, Selection};
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The number of rows that are gathered beyond those that a page or the newest rows need, before they are reduced.
const GATHERED: usize = 1 << 16;

/// The tables of a source and what the survey found.
#[derive(Debug)]
pub(super) struct Scan {
    tables: Tables,
    survey: Survey,
    dictionary: Dictionary,
    /// The ids of stations, by number.
    ids: Vec<String>,
    columns: Vec<Parameter>,
    options: CsvOptions,
    /// The conflicts among the rows of the last query that met any.
    conflicts: Mutex<Conflicts>,
    threads: usize,
}

impl Scan {
    /// Surveys the tables and, with `rules`, averages their rows in the same pass. Returns no averages if the rows of a station
    /// do not come in strictly ascending time.
    ///
    /// # Errors
    /// If a table cannot be read or, unless bad rows are skipped, a row is invalid.
    pub(super) fn new<'a>(
        tables: Tables,
        columns: Vec<Parameter>,
        options: &CsvOptions,
        threads: usize,
        rules: Option<&'a AverageRules>,
    ) -> Result<(Scan, Vec<Account>, Option<StationAverages<'a>>)> {
        let dictionary = Dictionary::default();
        let mut survey = Survey::new();
        let mut averages = rules.map(StationAverages::new);
        let is_ascending = AtomicBool::new(true);
        let mut left_out = Vec::new();
        for (position, table) in tables.all.iter().enumerate() {
            let rows_before = survey.rows;
            let collector = || rules.map(|rules| AverageCollector::new(table, rules, &is_ascending));
            let left = read_parts(
                table,
                threads,
                options.skip_bad_rows,
                || Surveyor::new(table, &dictionary, &columns, collector()),
                |mut part| {
                    let pieces = std::mem::take(&mut part.result.pieces);
                    survey.add(position, part);
                    if !survey.is_ascending {
                        is_ascending.store(false, Ordering::Relaxed);
                        averages = None;
                    }
                    if let Some(averages) = &mut averages {
                        averages.add(pieces);
                    }
                    Ok(())
                },
            );
            let mut left = left.map_err(|error| table.blame(error))?;
            left.read = survey.rows - rows_before;
            left_out.push(left);
        }
        // A chunk that starts within quotes can seem to be out of order before its text is read again.
        let averages = averages.filter(|_| is_ascending.load(Ordering::Relaxed));
        let ids = dictionary.into_ids();
        let dictionary = Dictionary::of(ids.iter());
        let conflicts = Mutex::default();
        let scan = Scan { tables, survey, dictionary, ids, columns, options: options.clone(), conflicts, threads };
        Ok((scan, left_out, averages))
    }

    /// The ids of stations, by number.
    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The number of threads that read.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    pub(super) fn survey(&self) -> &Survey {
        &self.survey
    }

    /// The number of measurements, after duplicates are replaced.
    ///
    /// # Errors
    /// If the tables cannot be read.
    pub(super) fn measurements(&self) -> Result<u64> {
        if self.survey.is_ascending {
            return Ok(self.survey.rows);
        }
        let mut count = 0;
        self.for_each_row(&Selection::default(), |_, _| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }

    /// The conflicts among the rows of the last query that met any.
    pub(super) fn conflicts(&self) -> Conflicts {
        self.conflicts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes the header and the selected rows.
    ///
    /// # Errors
    /// If the tables cannot be read, or have changed; the error of `out`.
    pub(super) fn write(&self, selection: &Selection, out: &mut dyn Write) -> Result<()> {
        out.write_all(&header_of(&self.columns))?;
        if self.survey.is_in_order && selection.rows == Rows::All {
            return self.stream(selection, out);
        }
        let mut left = selection.limit.unwrap_or(u64::MAX);
        let mut station = None;
        self.for_each_row(selection, |of_station, row| {
            // The limit of the newest rows counts stations.
            let counts = selection.rows == Rows::All || station != Some(of_station);
            if counts && left == 0 {
                return Ok(false);
            }
            left -= u64::from(counts);
            station = Some(of_station);
            out.write_all(row)?;
            Ok(true)
        })
    }

    /// Returns whether the rows of each station come in strictly ascending time, so that [`average`](Scan::average) can read them in parts.
    pub(super) fn can_average(&self) -> bool {
        self.survey.is_ascending
    }

    /// Writes averages by `sinks`.
    ///
    /// # Errors
    /// If the tables cannot be read, or have changed; the error of `out`.
    pub(super) fn average(
        &self,
        selection: &Selection,
        averagings: &[Averages],
        sinks: &dyn AverageSinks,
        out: &mut dyn Write,
    ) -> Result<()> {
        let selected = self.selected(selection);
        let parts = self.parts(&selected);
        let rules = AverageRules::new(selection.averaged_of(&self.columns), averagings, selected);
        let averages =
            StationAverages::read(&rules, &parts, &self.dictionary, self.options.skip_bad_rows, self.threads)?;
        averages.write(&self.ids, self.threads, sinks, out)
    }

    fn selected(&self, selection: &Selection) -> SelectedRows {
        SelectedRows::new(selection, self.ids.iter().map(String::as_str))
    }

    /// The parts that may have selected rows.
    fn parts(&self, selected: &SelectedRows) -> Vec<SourcePart<'_>> {
        let is_needed = |part: &&PartSummary| {
            part.first < selected.end()
                && part
                    .stations
                    .iter()
                    .any(|station| selected.first_of(station).is_some_and(|first| first <= part.last))
        };
        let source_part = |part: &PartSummary| SourcePart {
            table: &self.tables.all[part.table],
            position: part.table,
            bytes: PartBytes::Range { start: part.start, end: part.end },
        };
        self.survey.parts.iter().filter(is_needed).map(source_part).collect()
    }

    /// Reads the selected rows of the parts; `deliver` takes the rows of a part after another.
    fn read(
        &self,
        selected: &SelectedRows,
        deliver: impl FnMut(RowSet) -> Result<ControlFlow<()>> + Send,
    ) -> Result<()> {
        let mut deliver = deliver;
        read_selected(
            &self.parts(selected),
            self.threads,
            self.options.skip_bad_rows,
            |part| RowCollector::new(part.table, &self.dictionary, &self.columns, selected),
            |collected| deliver(collected.rows),
        )
    }

    /// Writes rows as they come, which is in the order of answers.
    fn stream(&self, selection: &Selection, out: &mut dyn Write) -> Result<()> {
        let mut left = selection.most_rows();
        let selected = self.selected(selection);
        pass_to_this_thread(
            2 * self.threads,
            |pass| self.read(&selected, pass),
            |rows: RowSet| {
                let count = rows.len().min(left);
                left -= count;
                out.write_all(rows.first_rows(count))?;
                Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            },
        )
    }

    /// Calls `take` with the station and the text of each selected row, in the order of answers, until `take` returns `false`.
    fn for_each_row(&self, selection: &Selection, mut take: impl FnMut(u32, &[u8]) -> Result<bool>) -> Result<()> {
        let selected = self.selected(selection);
        let ranks = ranks(&self.ids);
        let merging = Merging::new(&self.columns, &self.options);
        let wanted = selection.wanted_positions(&self.columns);
        let mut gathered = Gathered { rows: RowSet::default(), kept: 0, ranks: &ranks, merging, selection, wanted };
        let rows = match selection.rows {
            Rows::All => self.gather(&selected, &mut gathered)?,
            Rows::Latest => self.gather_newest(&selected, &mut gathered)?,
        };
        if gathered.merging.conflicts.count > 0 {
            *self.conflicts.lock().unwrap_or_else(PoisonError::into_inner) = gathered.merging.conflicts.clone();
        }
        for row in &rows.rows {
            if !take(row.station, rows.text(row))? {
                break;
            }
        }
        Ok(())
    }

    /// Reads and reduces the selected rows.
    fn gather(&self, selected: &SelectedRows, gathered: &mut Gathered<'_>) -> Result<RowSet> {
        self.read(selected, |rows| {
            gathered.add(&rows)?;
            Ok(ControlFlow::Continue(()))
        })?;
        let rows = std::mem::take(&mut gathered.rows);
        gathered.reduce(rows)
    }

    /// Reads the rows with the newest values: first the end of each station, then all rows of the stations whose newest value is older.
    fn gather_newest(&self, selected: &SelectedRows, gathered: &mut Gathered<'_>) -> Result<RowSet> {
        let mut ends = selected.clone();
        ends.start_before_newest(2 * Rows::REACH, self.survey.stations.iter().map(|station| station.last));
        let rows = self.gather(&ends, gathered)?;
        let mut found = vec![i64::MIN; self.ids.len()];
        for row in &rows.rows {
            found[row.station as usize] = row.time;
        }
        // A value may be as old as the reach before the newest value, so the rows that were read must start before that time.
        let is_complete = |station: usize| match (selected.first_of(station), ends.first_of(station)) {
            (None, _) => true,
            (first, start) if first == start => true,
            (_, Some(start)) => found[station].saturating_sub(Rows::REACH) >= start,
            (_, None) => false,
        };
        let mut others = selected.clone();
        let is_any_incomplete = others.leave_out(is_complete);
        if !is_any_incomplete {
            return Ok(rows);
        }
        gathered.rows = rows.filtered(|_, row| is_complete(row.station as usize))?;
        self.gather(&others, gathered)
    }
}

/// The selected rows up to now, which are reduced at times to the rows that the answer needs.
struct Gathered<'a> {
    rows: RowSet,
    /// The number of rows after the last reduction.
    kept: usize,
    ranks: &'a [usize],
    merging: Merging<'a>,
    selection: &'a Selection,
    /// The positions of the columns of selected parameters.
    wanted: Vec<usize>,
}

impl Gathered<'_> {
    fn add(&mut self, rows: &RowSet) -> Result<()> {
        self.rows.append(rows);
        let is_reducible = self.selection.limit.is_some() || self.selection.rows == Rows::Latest;
        if is_reducible && self.rows.len() > 2 * self.kept + GATHERED {
            let rows = std::mem::take(&mut self.rows);
            self.rows = self.reduce(rows)?;
            self.kept = self.rows.len();
        }
        Ok(())
    }

    /// Returns the rows in order, without rows that cannot be part of the answer.
    fn reduce(&mut self, rows: RowSet) -> Result<RowSet> {
        let rows = rows.sorted(self.ranks, &mut self.merging)?;
        let limit = self.selection.most_rows();
        if self.selection.rows == Rows::All {
            return if rows.len() <= limit { Ok(rows) } else { rows.filtered(|position, _| position < limit) };
        }
        let mut newest = Vec::new();
        let mut start = 0;
        for of_station in rows.rows.chunk_by(|one, next| one.station == next.station) {
            let from_newest = of_station.iter().enumerate().rev();
            let positions = newest_rows(
                &self.wanted,
                from_newest.map(|(position, row)| (start + position, row.time, rows.text(row))),
            );
            newest.extend(positions);
            start += of_station.len();
        }
        rows.filtered(|position, _| newest.binary_search(&position).is_ok())
    }
}
