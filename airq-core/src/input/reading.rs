//! A file whose format is known: its records, each counted whatever becomes of it.

use super::charset::Charset;
use super::columns::Columns;
use super::input_format::InputFormat;
use super::recognise::Opened;
use super::records::{Fault, Records};
use super::rows::Rows;
use crate::error::{Position, Result, cut_bytes};
use crate::csv::{OnRejected, Record, RejectedRow, Splitter};

/// How much is gathered before it is written on.
const PIECE: usize = 64 * 1024;

/// A file whose format is known.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) format: InputFormat,
    columns: Columns,
    charset: Charset,
    splitter: Splitter,
    records: Box<dyn Records>,
    pub(super) rows: Rows,
    pub(super) merges: bool,
}

/// Where rows go on to, piece by piece.
pub(super) type WriteOn<'a> = dyn FnMut(&mut Vec<u8>) -> Result<()> + 'a;

impl Reading {
    pub(super) fn new(format: InputFormat, columns: Columns, delimiter: u8, opened: Opened) -> Self {
        let (charset, splitter) = (Charset::new(), Splitter::new(delimiter));
        let Opened { records, rows, merges } = opened;
        Reading { format, columns, charset, splitter, records, rows, merges: merges || format.merges() }
    }

    /// Reads what had come before the format was known.
    ///
    /// # Errors
    /// As [`feed`](Reading::feed).
    pub(super) fn begin(
        &mut self,
        head: &[u8],
        has_header: bool,
        on_rejected: &mut OnRejected,
        write: &mut WriteOn<'_>,
    ) -> Result<()> {
        let decoded = self.charset.decode(head, false).to_vec();
        let mut rest = decoded.as_slice();
        if has_header && self.splitter.next(&mut rest)?.is_none() {
            let _ = self.splitter.finish()?;
        }
        self.split(rest, on_rejected, write)
    }

    /// Takes the next chunk of the file.
    ///
    /// # Errors
    /// If a record is none or, unless that is told, cannot be used; what `write` fails with.
    pub(super) fn feed(&mut self, chunk: &[u8], on_rejected: &mut OnRejected, write: &mut WriteOn<'_>) -> Result<()> {
        let mut charset = std::mem::replace(&mut self.charset, Charset::new());
        let fed = self.split(charset.decode(chunk, false), on_rejected, write);
        self.charset = charset;
        fed
    }

    fn split(&mut self, mut chunk: &[u8], on_rejected: &mut OnRejected, write: &mut WriteOn<'_>) -> Result<()> {
        let Reading { splitter, records, rows, columns, .. } = self;
        while let Some(record) = splitter.next(&mut chunk)? {
            take(record, records.as_mut(), rows, columns, on_rejected)?;
            if rows.out.len() >= PIECE {
                write(&mut rows.out)?;
            }
        }
        Ok(())
    }

    /// Takes the end of the file.
    ///
    /// # Errors
    /// As [`feed`](Reading::feed).
    pub(super) fn finish(
        &mut self,
        on_rejected: &mut OnRejected,
        write: &mut dyn FnMut(&mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let mut charset = std::mem::replace(&mut self.charset, Charset::new());
        self.split(charset.decode(b"", true), on_rejected, write)?;
        let Reading { splitter, records, rows, columns, .. } = self;
        if let Some(record) = splitter.finish()? {
            take(record, records.as_mut(), rows, columns, on_rejected)?;
        }
        records.finish(rows);
        rows.finish(write)
    }
}

/// One record, counted whatever becomes of it.
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
    RejectedRow { position: Position { file: None, line, column }, value: cut_bytes(&fault.value), reason: fault.reason }
}
