//! The rows of a table, read on several threads in parts: the rows of a chunk, at known offsets.

use super::table::{Table, TableChunks};
use crate::account::{Account, rejects_kept};
use crate::csv::chunks::{Chunk, map_in_order};
use crate::csv::{Batch, OnRejected, Reader, RejectedRow, Row};
use crate::error::Result;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

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

/// Keeps the first rejected rows that a reader reports.
#[derive(Clone, Debug)]
pub(super) struct RejectLog {
    rows: Arc<Mutex<Vec<RejectedRow>>>,
    most: usize,
}

impl RejectLog {
    /// Returns a log that keeps the first rows or all of them.
    pub(super) fn keeping(all: bool) -> Self {
        RejectLog { rows: Arc::default(), most: rejects_kept(all) }
    }

    pub(super) fn reporter(&self) -> impl FnMut(&RejectedRow) + Send + 'static {
        let log = self.clone();
        move |row| {
            let mut rows = log.rows.lock().unwrap_or_else(PoisonError::into_inner);
            if rows.len() < log.most {
                rows.push(row.clone());
            }
        }
    }

    pub(super) fn take(&self) -> Vec<RejectedRow> {
        std::mem::take(&mut *self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads a table on several threads; `deliver` takes its parts in order. Returns the account of the rows that were left out.
///
/// # Errors
/// If the table cannot be read; the first invalid row, unless `skip_bad_rows`; the first error of `deliver`.
pub(super) fn read_parts<S: PartSink + Send>(
    table: &Table,
    threads: usize,
    skip_bad_rows: bool,
    sink: impl Fn() -> S + Sync,
    mut deliver: impl FnMut(Part<S::Part>) -> Result<()> + Send,
) -> Result<Account> {
    let mut left_out = Account::keeping(table.keeps_all_examples);
    let mut lines = table.lines_before;
    let mut leader: Option<Leader<S>> = None;
    map_in_order(
        threads,
        &TableChunks::new(table),
        || PartReader::new(table, skip_bad_rows, sink()),
        PartReader::read,
        |read| {
            match (&mut leader, read) {
                (None, Read::Part(mut part)) => {
                    for row in &mut part.left_out.rejects {
                        row.position.line += lines;
                    }
                    left_out.add(&part.left_out);
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

/// Runs `make` on another thread, and passes what it makes to `take` on this thread, which need not be able to leave the thread. At
/// most `waiting` results wait.
///
/// # Errors
/// The error of `take`, or else that of `make`. `make` ends early after `take` breaks.
pub(super) fn pass_to_this_thread<T: Send>(
    waiting: usize,
    make: impl FnOnce(&mut (dyn FnMut(T) -> Result<ControlFlow<()>> + Send)) -> Result<()> + Send,
    mut take: impl FnMut(T) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let (sender, receiver) = std::sync::mpsc::sync_channel::<T>(waiting);
    std::thread::scope(|scope| {
        let making = scope.spawn(move || {
            make(&mut |made| {
                let sent = sender.send(made);
                Ok(if sent.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })
        });
        for made in receiver {
            if take(made)?.is_break() {
                break;
            }
        }
        making.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The result of a thread for a chunk.
#[expect(clippy::large_enum_variant, reason = "almost every chunk is a part")]
enum Read<P> {
    Part(ReadPart<P>),
    /// The chunk has an invalid row, or does not end between two rows.
    Torn(Chunk),
}

struct ReadPart<P> {
    part: Part<P>,
    lines: u64,
    /// The account of the rows that were left out. The lines of rejected rows count from the start of the part.
    left_out: Account,
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
        PartReader { table, skip_bad_rows, sink, reader: None, log: RejectLog::keeping(table.keeps_all_examples) }
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
            left_out: left_out(reader.rejected() - rejected, &self.log, reader),
        }))
    }
}

/// Returns the account of the rows that a reader left out since the last call.
fn left_out(rejected: u64, log: &RejectLog, reader: &mut Reader) -> Account {
    Account { rejected, rejects: log.take(), sentinels: reader.take_sentinels(), ..Account::default() }
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
        let log = RejectLog::keeping(table.keeps_all_examples);
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
        account: &mut Account,
        deliver: &mut impl FnMut(Part<S::Part>) -> Result<()>,
    ) -> Result<()> {
        while let Some(batch) = self.reader.finish()? {
            take_rows(&batch, &mut self.sink)?;
        }
        self.end_part(table.bytes.len(), deliver)?;
        account.add(&left_out(self.reader.rejected(), &self.log, &mut self.reader));
        Ok(())
    }
}
