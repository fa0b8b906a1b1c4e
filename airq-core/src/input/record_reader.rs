//! Reads the records of a file of a known format. Each record is counted.

use super::charset::Charset;
use super::columns::Columns;
use super::input_format::InputFormat;
use super::recognise::{FormatParts, OpenedFormat};
use super::records::{RecordError, Records};
use super::rows::Rows;
use crate::csv::{Instructions, OnRejected, Record, RejectedRow, Splitter};
use crate::error::{Position, Result, cut, cut_bytes};

/// The number of bytes that are written at once.
const PIECE: usize = 64 * 1024;

/// A file of a known format.
#[derive(Debug)]
pub(super) struct RecordReader {
    pub(super) format: InputFormat,
    columns: Columns,
    charset: Charset,
    splitter: Splitter,
    records: Box<dyn Records>,
    pub(super) rows: Rows,
    pub(super) merges: bool,
    /// The first text of the row after the last row.
    end: Option<Vec<u8>>,
    has_ended: bool,
}

/// Writes rows, and clears the buffer.
pub(super) type WriteRows<'a> = dyn FnMut(&mut Vec<u8>) -> Result<()> + 'a;

impl RecordReader {
    pub(super) fn new(opened: OpenedFormat, delimiter: u8, charset: Charset) -> Self {
        let splitter = Splitter::with_dispatch(delimiter, Instructions::Auto.dispatch());
        let OpenedFormat { format, description, columns, parts, heading: _ } = opened;
        let FormatParts { records, rows, merges } = parts;
        let end = description.and_then(|description| description.table.end.clone()).map(String::into_bytes);
        RecordReader { format, columns, charset, splitter, records, rows, merges, end, has_ended: false }
    }

    /// Reads the bytes that came before the format was known. `offset` bytes and `lines` lines precede the header, and `heading`
    /// records the first row.
    ///
    /// # Errors
    /// As [`feed`](RecordReader::feed).
    pub(super) fn begin(
        &mut self,
        head: &[u8],
        (offset, lines): (usize, u64),
        heading: usize,
        on_rejected: &mut OnRejected,
        write: &mut WriteRows<'_>,
    ) -> Result<()> {
        let decoded = self.charset.decode(head, false).to_vec();
        let mut rest = &decoded[offset.min(decoded.len())..];
        self.splitter.skip_lines(lines);
        for _ in 0..heading {
            if self.splitter.next(&mut rest)?.is_none() {
                let _ = self.splitter.finish()?;
            }
        }
        self.split(rest, on_rejected, write)
    }

    /// Reads the next chunk of the file.
    ///
    /// # Errors
    /// If the CSV is invalid, a record cannot be used and rejected records are errors, or `write` fails.
    pub(super) fn feed(&mut self, chunk: &[u8], on_rejected: &mut OnRejected, write: &mut WriteRows<'_>) -> Result<()> {
        let mut charset = std::mem::replace(&mut self.charset, Charset::new());
        let fed = self.split(charset.decode(chunk, false), on_rejected, write);
        self.charset = charset;
        fed
    }

    fn split(&mut self, mut chunk: &[u8], on_rejected: &mut OnRejected, write: &mut WriteRows<'_>) -> Result<()> {
        let RecordReader { splitter, records, rows, columns, end, has_ended, .. } = self;
        while let Some(record) = splitter.next(&mut chunk)? {
            if let Some(end) = end {
                *has_ended |= is_end(record, end);
                if *has_ended {
                    continue;
                }
            }
            take(record, records.as_mut(), rows, columns, on_rejected)?;
            if rows.out.len() >= PIECE {
                write(&mut rows.out)?;
            }
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// As [`feed`](RecordReader::feed).
    pub(super) fn finish(
        &mut self,
        on_rejected: &mut OnRejected,
        write: &mut dyn FnMut(&mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let mut charset = std::mem::replace(&mut self.charset, Charset::new());
        self.split(charset.decode(b"", true), on_rejected, write)?;
        let RecordReader { splitter, records, rows, columns, end, has_ended, .. } = self;
        if let Some(record) = splitter.finish()?
            && !*has_ended
            && !matches!(end, Some(end) if is_end(record, end))
        {
            take(record, records.as_mut(), rows, columns, on_rejected)?;
        }
        records.finish(rows);
        rows.finish(write)
    }
}

/// Returns whether the table ends before the record: the record is blank, or starts with the text of the end.
fn is_end(record: Record<'_>, end: &[u8]) -> bool {
    let first = record.field(0).trim_ascii();
    first == end || (first.is_empty() && record.fields().all(|field| field.trim_ascii().is_empty()))
}

/// Takes a record, and counts it.
fn take(
    record: Record<'_>,
    records: &mut dyn Records,
    rows: &mut Rows,
    columns: &Columns,
    on_rejected: &mut OnRejected,
) -> Result<()> {
    let in_record = records.counted();
    rows.account.read += in_record;
    if let Err(fault) = records.take(record, rows) {
        rows.account.rejected += in_record;
        on_rejected.take(describe(fault, record.line, columns))?;
    }
    for fault in std::mem::take(&mut rows.faults) {
        rows.account.rejected += 1;
        on_rejected.take(describe(fault, record.line, columns))?;
    }
    Ok(())
}

fn describe(fault: RecordError, line: u64, columns: &Columns) -> RejectedRow {
    let column = fault.column.map(|index| cut(columns.name(index)));
    RejectedRow {
        position: Position { file: None, line, column },
        value: cut_bytes(&fault.value),
        reason: fault.reason,
    }
}
