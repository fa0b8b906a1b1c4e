//! A source that is read again for each query: only the rows that a query selects are held in memory.

use super::average::Averaged;
use super::dictionary::Dictionary;
use super::parts::{LeftOut, read_parts};
use super::row_set::{RowCollector, RowSet, header, ranks};
use super::selected::{PartBytes, SelectedRows, SourcePart, read_selected};
use super::survey::{PartSummary, Survey, Surveyor};
use super::table::Tables;
use crate::aggregate::AverageSink;
use crate::error::Result;
use crate::model::Pollutant;
use crate::query::{Averages, Rows, Selection};
use std::io::Write;
use std::ops::ControlFlow;

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
    columns: Vec<Pollutant>,
    skip_bad_rows: bool,
    threads: usize,
}

impl Scan {
    /// Surveys the tables.
    ///
    /// # Errors
    /// If a table cannot be read or, unless `skip_bad_rows`, a row is invalid.
    pub(super) fn new(
        tables: Tables,
        columns: Vec<Pollutant>,
        skip_bad_rows: bool,
        threads: usize,
    ) -> Result<(Scan, Vec<LeftOut>)> {
        let dictionary = Dictionary::default();
        let mut survey = Survey::new();
        let mut left_out = Vec::new();
        for (position, table) in tables.all.iter().enumerate() {
            let rows_before = survey.rows;
            let left = read_parts(
                table,
                threads,
                skip_bad_rows,
                || Surveyor::new(table, &dictionary),
                |part| {
                    survey.add(position, part);
                    Ok(())
                },
            );
            let mut left = left.map_err(|error| table.blame(error))?;
            left.rows = survey.rows - rows_before;
            left_out.push(left);
        }
        let ids = dictionary.into_ids();
        let dictionary = Dictionary::of(ids.iter());
        Ok((Scan { tables, survey, dictionary, ids, columns, skip_bad_rows, threads }, left_out))
    }

    /// The ids of stations, by number.
    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    pub(super) fn survey(&self) -> &Survey {
        &self.survey
    }

    /// The number of measurements, after duplicates are replaced.
    ///
    /// # Errors
    /// If the tables cannot be read.
    pub(super) fn measurements(&self) -> Result<u64> {
        if self.survey.is_ascending() {
            return Ok(self.survey.rows);
        }
        let mut count = 0;
        self.for_each_row(&Selection::default(), |_| {
            count += 1;
            Ok(true)
        })?;
        Ok(count)
    }

    /// Writes the header and the selected rows.
    ///
    /// # Errors
    /// If the tables cannot be read, or have changed; the error of `out`.
    pub(super) fn write(&self, selection: &Selection, out: &mut dyn Write) -> Result<()> {
        out.write_all(&header(&self.columns))?;
        if self.survey.is_in_order && selection.rows == Rows::All && !self.tables.merges {
            return self.stream(selection, out);
        }
        let mut left = selection.limit.unwrap_or(u64::MAX);
        self.for_each_row(selection, |row| {
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            out.write_all(row)?;
            Ok(true)
        })
    }

    /// Whether the rows of each station come in strictly ascending time, so that [`average`](Scan::average) can read them in parts.
    pub(super) fn can_average(&self) -> bool {
        self.survey.is_ascending() && !self.tables.merges
    }

    /// Passes averages to the sink.
    ///
    /// # Errors
    /// If the tables cannot be read, or have changed; the error of the sink.
    pub(super) fn average(
        &self,
        selection: &Selection,
        averagings: &[Averages],
        sink: &mut dyn AverageSink,
    ) -> Result<()> {
        let selected = self.selected(selection);
        let averaged = Averaged {
            parts: &self.parts(&selected),
            selected: &selected,
            ids: &self.ids,
            dictionary: &self.dictionary,
            skip_bad_rows: self.skip_bad_rows,
            threads: self.threads,
        };
        averaged.pass(&selection.wanted_of(&self.columns), averagings, sink)
    }

    fn selected(&self, selection: &Selection) -> SelectedRows {
        let mut selected = SelectedRows::new(selection, self.ids.iter().map(String::as_str));
        if selection.rows == Rows::Latest {
            selected.start_at_newest(self.survey.stations.iter().map(|station| station.last));
        }
        selected
    }

    /// The parts that may have selected rows.
    fn parts(&self, selected: &SelectedRows) -> Vec<SourcePart<'_>> {
        let is_needed = |part: &&PartSummary| {
            part.first < selected.end()
                && part.stations().any(|station| selected.first_of(station).is_some_and(|first| first <= part.last))
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
            self.skip_bad_rows,
            |part| RowCollector::new(part.table, &self.dictionary, &self.columns, selected),
            |collected| deliver(collected.rows),
        )
    }

    /// Writes rows as they come, which is in the order of answers.
    fn stream(&self, selection: &Selection, out: &mut dyn Write) -> Result<()> {
        let mut left = selection.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let (rows_out, rows_in) = std::sync::mpsc::sync_channel::<RowSet>(2 * self.threads);
        let selected = self.selected(selection);
        // `out` stays on this thread; the others read.
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let rows_out = rows_out;
                self.read(&selected, |rows| {
                    let sent = rows_out.send(rows);
                    Ok(if sent.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
                })
            });
            let mut written = Ok(());
            for rows in rows_in {
                let count = rows.len().min(left);
                left -= count;
                written = out.write_all(rows.first_rows(count));
                if written.is_err() || left == 0 {
                    break;
                }
            }
            written?;
            match reading.join() {
                // A full page ends the reading early.
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
    }

    /// Calls `take` with the text of each selected row, in the order of answers, until `take` returns `false`.
    fn for_each_row(&self, selection: &Selection, mut take: impl FnMut(&[u8]) -> Result<bool>) -> Result<()> {
        let selected = self.selected(selection);
        let ranks = ranks(&self.ids);
        let mut gathered =
            Gathered { rows: RowSet::default(), kept: 0, ranks: &ranks, merges: self.tables.merges, selection };
        self.read(&selected, |rows| {
            gathered.add(&rows)?;
            Ok(ControlFlow::Continue(()))
        })?;
        let rows = std::mem::take(&mut gathered.rows);
        let rows = gathered.reduce(rows)?;
        for row in &rows.rows {
            if !take(rows.text(row))? {
                break;
            }
        }
        Ok(())
    }
}

/// The selected rows so far, reduced now and then to those that the answer needs.
struct Gathered<'a> {
    rows: RowSet,
    /// The number of rows after the last reduction.
    kept: usize,
    ranks: &'a [usize],
    merges: bool,
    selection: &'a Selection,
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

    /// The rows in order, without those that an answer to the selection cannot contain.
    fn reduce(&self, rows: RowSet) -> Result<RowSet> {
        let (rows, _) = rows.sorted(self.ranks, self.merges)?;
        let limit = self.selection.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        if self.selection.rows == Rows::All {
            return if rows.len() <= limit { Ok(rows) } else { rows.filtered(|position, _| position < limit) };
        }
        let is_newest = |position: usize| {
            rows.rows.get(position + 1).is_none_or(|next| next.station != rows.rows[position].station)
        };
        rows.filtered(|position, _| is_newest(position))
    }
}
