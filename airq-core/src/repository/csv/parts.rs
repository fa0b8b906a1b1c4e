//! The rows of a table, read on several threads in parts: the rows of a chunk, at known offsets.

use super::table::{Table, TableChunks};
use crate::csv::chunks::{Chunk, map_in_order};
use crate::csv::{Batch, OnRejected, Reader, RejectedRow, Row};
use crate::error::Result;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of rejected rows that are kept.
pub(super) const REJECTS_KEPT: usize = 10;

/// Takes the rows of one part after another.
pub(super) trait PartSink {
    /// The result of a part.
    type Part: Send;
    /// Takes a row.
    fn row(&mut self, row: &Row<'_>) -> Result<()>;
    /// Ends the part.
    fn end_part(&mut self) -> Self::Part;
}

/// A part of a table.
pub(super) struct Part<P> {
    /// The offset of the first byte of its rows, and of the byte that follows them.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) result: P,
}

/// The numbers of rows of a table.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// The number of rows that were read.
    pub(super) rows: u64,
    pub(super) rejected: u64,
    /// The first of them.
    pub(super) rejects: Vec<RejectedRow>,
}

/// Keeps the first rejected rows that a reader reports.
#[derive(Clone, Debug, Default)]
pub(super) struct RejectLog(Arc<Mutex<Vec<RejectedRow>>>);

impl RejectLog {
    pub(super) fn reporter(&self) -> impl FnMut(&RejectedRow) + Send + 'static {
        let log = self.clone();
        move |row| {
            let mut rows = log.0.lock().unwrap_or_else(PoisonError::into_inner);
            if rows.len() < REJECTS_KEPT {
                rows.push(row.clone());
            }
        }
    }

    pub(super) fn take(&self) -> Vec<RejectedRow> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads a table on several threads; `deliver` takes its parts in order. Returns the rows that were left out.
///
/// # Errors
/// If the table cannot be read; the first invalid row, unless `skip_bad_rows`; the first error of `deliver`.
pub(super) fn read_parts<S: PartSink + Send>(
    table: &Table,
    threads: usize,
    skip_bad_rows: bool,
    sink: impl Fn() -> S + Sync,
    mut deliver: impl FnMut(Part<S::Part>) -> Result<()> + Send,
) -> Result<LeftOut> {
    let mut left_out = LeftOut::default();
    let mut lines = table.lines_before;
    let mut leader: Option<Leader<S>> = None;
    map_in_order(
        threads,
        &TableChunks::new(table),
        || PartReader::new(table, skip_bad_rows, sink()),
        PartReader::read,
        |read| {
            match (&mut leader, read) {
                (None, Read::Part(part)) => {
                    left_out.add(part.rejected, part.rejects, lines);
                    lines += part.lines;
                    deliver(part.part)?;
                }
                (None, Read::Torn(chunk)) => {
                    let new = Leader::new(table, skip_bad_rows, sink(), lines, chunk.start);
                    leader.insert(new).read(chunk.text(), &mut deliver)?;
                }
                (Some(leader), Read::Torn(chunk)) => leader.read(chunk.text(), &mut deliver)?,
                (Some(leader), Read::Part(part)) => {
                    // The guess that the chunk starts a row may be wrong: its text is read again.
                    let mut text = Vec::new();
                    let length = usize::try_from(part.part.end - part.part.start).unwrap_or_default();
                    table.bytes.read(part.part.start, length, &mut text).map_err(|error| table.cannot_read(error))?;
                    leader.read(&text, &mut deliver)?;
                }
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    if let Some(leader) = leader {
        leader.finish(table, &mut left_out, &mut deliver)?;
    }
    Ok(left_out)
}

impl LeftOut {
    fn add(&mut self, rejected: u64, rejects: Vec<RejectedRow>, lines_before: u64) {
        self.rejected += rejected;
        for mut row in rejects {
            if self.rejects.len() < REJECTS_KEPT {
                row.position.line += lines_before;
                self.rejects.push(row);
            }
        }
    }
}

/// What a thread made of a chunk.
enum Read<P> {
    Part(ReadPart<P>),
    /// The chunk has an invalid row, or does not end between two rows.
    Torn(Chunk),
}

struct ReadPart<P> {
    part: Part<P>,
    lines: u64,
    rejected: u64,
    /// Rejected rows, whose lines count from the start of the part.
    rejects: Vec<RejectedRow>,
}

/// Reads chunks on one thread.
struct PartReader<'a, S> {
    table: &'a Table,
    skip_bad_rows: bool,
    sink: S,
    reader: Option<Reader>,
    log: RejectLog,
}

impl<'a, S: PartSink> PartReader<'a, S> {
    fn new(table: &'a Table, skip_bad_rows: bool, sink: S) -> Self {
        PartReader { table, skip_bad_rows, sink, reader: None, log: RejectLog::default() }
    }

    /// Returns the result and a buffer for the next chunk.
    fn read(&mut self, chunk: Chunk) -> (Read<S::Part>, Vec<u8>) {
        if let Ok(Some(part)) = self.try_read(&chunk) {
            return (Read::Part(part), chunk.bytes);
        }
        let _ = self.sink.end_part();
        self.log.take();
        self.reader = None;
        (Read::Torn(chunk), Vec::new())
    }

    fn try_read(&mut self, chunk: &Chunk) -> Result<Option<ReadPart<S::Part>>> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => self.reader.insert(branch(self.table, self.skip_bad_rows, &self.log)),
        };
        let text = chunk.text();
        let rejected = reader.rejected();
        let mut position = 0;
        while let Some(batch) = reader.next(text, &mut position)? {
            take_rows(&batch, &mut self.sink)?;
        }
        let end = chunk.start + text.len() as u64;
        if end == self.table.bytes.len() {
            while let Some(batch) = reader.finish()? {
                take_rows(&batch, &mut self.sink)?;
            }
        }
        let Some(lines) = reader.take_lines() else { return Ok(None) };
        Ok(Some(ReadPart {
            part: Part { start: chunk.start, end, result: self.sink.end_part() },
            lines,
            rejected: reader.rejected() - rejected,
            rejects: self.log.take(),
        }))
    }
}

fn take_rows(batch: &Batch<'_>, sink: &mut impl PartSink) -> Result<()> {
    batch.for_each_row(|row| sink.row(row))
}

fn branch(table: &Table, skip_bad_rows: bool, log: &RejectLog) -> Reader {
    let mut reader = table.rows.reader();
    if skip_bad_rows {
        reader.on_rejected(OnRejected::Tell(Box::new(log.reporter())));
    }
    reader
}

/// Reads the rest of a table on one thread, from the first chunk that is torn.
struct Leader<S> {
    sink: S,
    reader: Reader,
    log: RejectLog,
    /// The start of the open part.
    start: u64,
    /// The offset of the next chunk.
    offset: u64,
}

impl<S: PartSink> Leader<S> {
    fn new(table: &Table, skip_bad_rows: bool, sink: S, lines: u64, offset: u64) -> Self {
        let log = RejectLog::default();
        let mut reader = branch(table, skip_bad_rows, &log);
        reader.skip_lines(lines);
        Leader { sink, reader, log, start: offset, offset }
    }

    fn read(&mut self, text: &[u8], deliver: &mut impl FnMut(Part<S::Part>) -> Result<()>) -> Result<()> {
        let mut position = 0;
        let mut rows_end = 0;
        while let Some(batch) = self.reader.next(text, &mut position)? {
            take_rows(&batch, &mut self.sink)?;
            rows_end = position;
        }
        let is_between_rows = !self.reader.in_record();
        let end = self.offset + if is_between_rows { text.len() } else { rows_end } as u64;
        self.offset += text.len() as u64;
        // A chunk within one long row has no row to end the part.
        if is_between_rows || rows_end > 0 {
            self.end_part(end, deliver)?;
        }
        Ok(())
    }

    fn end_part(&mut self, end: u64, deliver: &mut impl FnMut(Part<S::Part>) -> Result<()>) -> Result<()> {
        let part = Part { start: self.start, end, result: self.sink.end_part() };
        self.start = end;
        deliver(part)
    }

    fn finish(
        mut self,
        table: &Table,
        left_out: &mut LeftOut,
        deliver: &mut impl FnMut(Part<S::Part>) -> Result<()>,
    ) -> Result<()> {
        while let Some(batch) = self.reader.finish()? {
            take_rows(&batch, &mut self.sink)?;
        }
        self.end_part(table.bytes.len(), deliver)?;
        left_out.add(self.reader.rejected(), self.log.take(), 0);
        Ok(())
    }
}
