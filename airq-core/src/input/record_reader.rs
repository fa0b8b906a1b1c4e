//! Reads the records of a file whose format is known. Each record is counted.

use super::charset::Charset;
use super::columns::Columns;
use super::input_format::InputFormat;
use super::recognise::FormatParts;
use super::records::{Fault, Records};
use super::rows::Rows;
use crate::csv::{Instructions, OnRejected, Record, RejectedRow, Splitter};
use crate::error::{Position, Result, cut_bytes};

/// The number of bytes that are written at once.
const PIECE: usize = 64 * 1024;

/// A file whose format is known.
#[derive(Debug)]
pub(super) struct RecordReader {
    pub(super) format: InputFormat,
    columns: Columns,
    charset: Charset,
    splitter: Splitter,
    records: Box<dyn Records>,
    pub(super) rows: Rows,
    pub(super) merges: bool,
}

/// Writes rows, and clears the buffer.
pub(super) type WriteRows<'a> = dyn FnMut(&mut Vec<u8>) -> Result<()> + 'a;

impl RecordReader {
    pub(super) fn new(format: InputFormat, columns: Columns, delimiter: u8, opened: FormatParts) -> Self {
        let charset = Charset::new();
        let splitter = Splitter::with_instructions(delimiter, Instructions::Auto);
        let FormatParts { records, rows, merges } = opened;
        RecordReader { format, columns, charset, splitter, records, rows, merges: merges || format.merges() }
    }

    /// Reads the bytes that came before the format was known.
    ///
    /// # Errors
    /// As [`feed`](RecordReader::feed).
    pub(super) fn begin(
        &mut self,
        head: &[u8],
        has_header: bool,
        on_rejected: &mut OnRejected,
        write: &mut WriteRows<'_>,
    ) -> Result<()> {
        let decoded = self.charset.decode(head, false).to_vec();
        let mut rest = decoded.as_slice();
        if has_header && self.splitter.next(&mut rest)?.is_none() {
            let _ = self.splitter.finish()?;
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
        let RecordReader { splitter, records, rows, columns, .. } = self;
        while let Some(record) = splitter.next(&mut chunk)? {
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
        let RecordReader { splitter, records, rows, columns, .. } = self;
        if let Some(record) = splitter.finish()? {
            take(record, records.as_mut(), rows, columns, on_rejected)?;
        }
        records.finish(rows);
        rows.finish(write)
    }
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

fn describe(fault: Fault, line: u64, columns: &Columns) -> RejectedRow {
    let column = fault.column.map(|place| columns.name(place).to_owned());
    RejectedRow {
        position: Position { file: None, line, column },
        value: cut_bytes(&fault.value),
        reason: fault.reason,
    }
}
