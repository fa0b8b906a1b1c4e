//! The reader: chunks of CSV in, batches of checked rows out.

use super::changed_record::ChangedRecord;
use super::dialect::{BYTE_ORDER_MARK, delimiter_of, has_line, is_line_end};
use super::header::{First, Layout, Wanted};
use super::rejected_row::{OnRejected, RowError};
use super::row::{CheckedRow, Row};
use super::scan::{Dispatch, Instructions, ProvenRows, ProvenRun, ScanPlan, Scanner};
use super::split::{LONGEST_RECORD, Record, Splitter};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{LastDate, Sentinels};
use std::io::{self, Write};

/// A part of an input.
#[derive(Debug)]
pub(crate) enum Batch<'a> {
    /// The header. It is the first batch.
    Header(&'a Layout),
    /// Rows that the scanner has proven.
    Rows {
        layout: &'a Layout,
        /// The line of the first row.
        line: u64,
        rows: ProvenRows<'a>,
    },
    /// A row that the scalar parser has read.
    Row(Row<'a>),
}

/// A batch without its borrowed bytes.
#[derive(Clone, Copy, Debug)]
enum Step {
    Header,
    Rows(ProvenRun),
    Row(CheckedRow),
    /// The chunk is read.
    End,
}

/// Reads the chunks of one input. A chunk may end anywhere.
///
/// The scanner proves rows that have no quotes and common spellings. The scalar parser reads the others, and it alone decides
/// that a row is invalid, so errors do not depend on the instruction set.
#[derive(Debug)]
pub(crate) struct Reader {
    /// The input up to its first line end, until the delimiter is known.
    head: Vec<u8>,
    splitter: Option<Splitter>,
    dispatch: Dispatch,
    scanner: Option<Scanner>,
    layout: Option<Layout>,
    /// The record of the splitter with its time and numbers in the usual spelling.
    respelled: ChangedRecord,
    /// The record with rewritten numbers.
    rewritten: ChangedRecord,
    /// True while the record of the splitter is the first row of the input and was not returned.
    has_first_row: bool,
    wanted: Wanted,
    on_rejected: OnRejected,
    rejected: u64,
    sentinels: Sentinels,
}

/// A factory of readers for the rows after the header of an input.
#[derive(Clone, Debug)]
pub(crate) struct RowReader {
    layout: Layout,
    delimiter: u8,
    wanted: Wanted,
    dispatch: Dispatch,
}

impl RowReader {
    /// The columns of the input.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns a reader of rows that follow a line end. The reader stops at the first invalid row and counts lines from its first
    /// row.
    pub(crate) fn reader(&self) -> Reader {
        let mut reader = Reader::new(self.wanted.clone(), OnRejected::Fail, Instructions::Auto);
        reader.dispatch = self.dispatch;
        reader.begin_rows(self.layout.clone(), self.delimiter);
        reader
    }
}

impl Reader {
    pub(crate) fn new(wanted: impl Into<Wanted>, on_rejected: OnRejected, instructions: Instructions) -> Self {
        Reader {
            head: Vec::new(),
            splitter: None,
            dispatch: instructions.dispatch(),
            scanner: None,
            layout: None,
            respelled: ChangedRecord::default(),
            rewritten: ChangedRecord::default(),
            has_first_row: false,
            wanted: wanted.into(),
            on_rejected,
            rejected: 0,
            sentinels: Sentinels::default(),
        }
    }

    /// Returns a reader for rows of the same input that follow a line end. The reader stops at the first invalid row and counts lines
    /// from its first row. Returns `None` before the header, and within a record.
    pub(crate) fn branch(&self) -> Option<Reader> {
        self.row_reader().map(|rows| rows.reader())
    }

    /// Returns a factory of readers for rows of the same input. Returns `None` before the header, and within a record.
    pub(crate) fn row_reader(&self) -> Option<RowReader> {
        let splitter = self.splitter.as_ref().filter(|splitter| !splitter.in_record())?;
        Some(RowReader {
            layout: self.layout.clone()?,
            delimiter: splitter.delimiter(),
            wanted: self.wanted.clone(),
            dispatch: self.dispatch,
        })
    }

    /// Sets the policy for invalid rows.
    pub(crate) fn on_rejected(&mut self, on_rejected: OnRejected) {
        self.on_rejected = on_rejected;
    }

    /// Returns whether the first record of the input is a row that was not returned yet.
    pub(crate) fn has_first_row(&self) -> bool {
        self.has_first_row
    }

    /// The instruction set of the scanner.
    pub(crate) fn dispatch(&self) -> Dispatch {
        self.dispatch
    }

    /// Returns the number of rejected rows.
    pub(crate) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// The sentinels of the rows read since the last call.
    pub(crate) fn take_sentinels(&mut self) -> Sentinels {
        std::mem::take(&mut self.sentinels)
    }

    /// Returns whether an invalid row is an error.
    pub(crate) fn stops_at_rejected(&self) -> bool {
        matches!(self.on_rejected, OnRejected::Fail)
    }

    /// Returns whether the last byte that was read is within a record.
    pub(crate) fn in_record(&self) -> bool {
        self.splitter.as_ref().is_none_or(Splitter::in_record)
    }

    /// The number of lines read since the last call; `None` within a record.
    pub(crate) fn take_lines(&mut self) -> Option<u64> {
        self.splitter.as_mut().filter(|splitter| !splitter.in_record()).map(Splitter::take_lines)
    }

    /// Adds lines that branches have read.
    pub(crate) fn skip_lines(&mut self, lines: u64) {
        if let Some(splitter) = &mut self.splitter {
            splitter.skip_lines(lines);
        }
    }

    /// Reads the next batch of `chunk` and moves `position`, an offset in the chunk, to the end of the batch. Returns `None`
    /// once the whole chunk is read.
    ///
    /// # Errors
    /// If the header or a record is invalid, or if a row is invalid and the policy is to fail.
    pub(crate) fn next<'a>(&'a mut self, chunk: &'a [u8], position: &mut usize) -> Result<Option<Batch<'a>>> {
        let step = self.step(chunk, position)?;
        Ok(self.batch(step, chunk))
    }

    /// Ends the input: returns its last row if the input does not end with a line end. Must be called until it returns
    /// `None`.
    ///
    /// # Errors
    /// As [`next`](Reader::next), and if the input was empty or ends within quotes.
    pub(crate) fn finish(&mut self) -> Result<Option<Batch<'_>>> {
        let step = self.last_step()?;
        if matches!(step, Step::End) && self.layout.is_none() {
            return Err(Error::new(ErrorKind::InvalidData, "the input is empty: not even a header"));
        }
        Ok(self.batch(step, b""))
    }

    fn batch<'a>(&'a self, step: Step, chunk: &'a [u8]) -> Option<Batch<'a>> {
        let layout = self.layout.as_ref()?;
        match step {
            Step::Header => Some(Batch::Header(layout)),
            Step::Rows(found) => {
                let line = self.splitter.as_ref()?.line() - found.count();
                Some(Batch::Rows { layout, line, rows: self.scanner.as_ref()?.rows(chunk, found) })
            }
            Step::Row(row) => {
                let record = self.splitter.as_ref()?.record();
                let record = if row.keeps_digits { record } else { self.rewritten.record(record.line) };
                Some(Batch::Row(Row::checked(layout, record, row.time)))
            }
            Step::End => None,
        }
    }

    fn step(&mut self, chunk: &[u8], position: &mut usize) -> Result<Step> {
        if *position == 0
            && let Some(scanner) = &mut self.scanner
        {
            scanner.forget_chunk();
        }
        if std::mem::take(&mut self.has_first_row)
            && let Some(step) = self.take_record()?
        {
            return Ok(step);
        }
        loop {
            if self.splitter.is_none() && !self.begin(chunk, position, false) {
                return Ok(Step::End);
            }
            if !self.head.is_empty() {
                if let Some(step) = self.step_in_head()? {
                    return Ok(step);
                }
                continue;
            }
            if let Some(found) = self.find(chunk, *position) {
                *position = found.end;
                return Ok(Step::Rows(found));
            }
            let mut rest = chunk.get(*position..).unwrap_or_default();
            let is_record = match &mut self.splitter {
                Some(splitter) => splitter.advance(&mut rest)?,
                None => false,
            };
            *position = chunk.len() - rest.len();
            if !is_record {
                return Ok(Step::End);
            }
            if let Some(step) = self.take_record()? {
                return Ok(step);
            }
        }
    }

    fn last_step(&mut self) -> Result<Step> {
        if std::mem::take(&mut self.has_first_row)
            && let Some(step) = self.take_record()?
        {
            return Ok(step);
        }
        if self.splitter.is_none() {
            self.begin(b"", &mut 0, true);
        }
        while !self.head.is_empty() {
            if let Some(step) = self.step_in_head()? {
                return Ok(step);
            }
        }
        let Some(splitter) = &mut self.splitter else { return Ok(Step::End) };
        if !splitter.advance_last()? {
            return Ok(Step::End);
        }
        Ok(self.take_record()?.unwrap_or(Step::End))
    }

    /// Takes bytes into the head up to the end of its first line that is not empty; returns whether the delimiter is known.
    fn begin(&mut self, chunk: &[u8], position: &mut usize, is_last: bool) -> bool {
        while !has_line(&self.head) && self.head.len() <= LONGEST_RECORD && *position < chunk.len() {
            let rest = &chunk[*position..];
            let blank =
                if self.head.is_empty() { rest.iter().take_while(|byte| is_line_end(**byte)).count() } else { 0 };
            let line = match rest[blank..].iter().position(|byte| is_line_end(*byte)) {
                Some(end) => blank + end + 1,
                None => rest.len(),
            };
            self.head.extend_from_slice(&rest[..line]);
            *position += line;
        }
        if !has_line(&self.head) && self.head.len() <= LONGEST_RECORD && !is_last {
            return false;
        }
        let text = self.head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.head);
        self.splitter = Some(Splitter::with_dispatch(delimiter_of(text), self.dispatch));
        self.head = text.to_vec();
        true
    }

    /// Reads the next record of the head.
    fn step_in_head(&mut self) -> Result<Option<Step>> {
        let Some(splitter) = &mut self.splitter else { return Ok(None) };
        let mut rest = self.head.as_slice();
        let is_record = splitter.advance(&mut rest)?;
        let read = self.head.len() - rest.len();
        self.head.drain(..read);
        if is_record { self.take_record() } else { Ok(None) }
    }

    fn find(&mut self, chunk: &[u8], position: usize) -> Option<ProvenRun> {
        let splitter = self.splitter.as_mut().filter(|splitter| !splitter.in_record())?;
        let found = self.scanner.as_mut()?.find(chunk, position)?;
        splitter.skip_lines(found.count());
        Some(found)
    }

    /// Takes the splitter's record: the header or a row. Returns `None` for a row that was rejected.
    fn take_record(&mut self) -> Result<Option<Step>> {
        let Some(splitter) = &self.splitter else { return Ok(None) };
        let record = splitter.record();
        let Some(layout) = &self.layout else {
            let delimiter = splitter.delimiter();
            let layout = match Layout::read(record, &self.wanted)? {
                First::Header(layout) => layout,
                First::Row(layout) => {
                    self.has_first_row = true;
                    layout
                }
            };
            self.begin_rows(layout, delimiter);
            return Ok(Some(Step::Header));
        };
        match checked(layout, record, self.dispatch, &mut self.respelled) {
            Ok((record, row)) => {
                if row.has_negative {
                    note_sentinels(layout, record, &mut self.sentinels);
                }
                if !row.keeps_digits {
                    self.rewritten.rewrite(layout, record);
                }
                Ok(Some(Step::Row(row)))
            }
            Err(fault) => {
                self.rejected += 1;
                self.on_rejected.take(fault.describe(layout, record))?;
                Ok(None)
            }
        }
    }

    fn begin_rows(&mut self, layout: Layout, delimiter: u8) {
        if self.splitter.is_none() {
            self.splitter = Some(Splitter::with_dispatch(delimiter, self.dispatch));
        }
        let plan = ScanPlan::new(&layout, self.wanted.special).filter(|_| !matches!(self.dispatch, Dispatch::Scalar));
        self.scanner = plan.map(|plan| Scanner::new(self.dispatch, delimiter, plan));
        self.layout = Some(layout);
    }
}

/// Checks a record. A record with a time or a number in another spelling is checked again in the usual spelling. Returns the record that
/// has passed.
fn checked<'a>(
    layout: &Layout,
    record: Record<'a>,
    dispatch: Dispatch,
    respelled: &'a mut ChangedRecord,
) -> std::result::Result<(Record<'a>, CheckedRow), RowError> {
    match Row::check(layout, record, dispatch) {
        Ok(row) => Ok((record, row)),
        Err(fault @ (RowError::NotATime | RowError::NotANumber { .. })) => {
            respelled.respell(layout, record);
            let record = respelled.record(record.line);
            let row = Row::check(layout, record, dispatch).map_err(|_| fault)?;
            Ok((record, CheckedRow { keeps_digits: false, ..row }))
        }
        Err(fault) => Err(fault),
    }
}

fn note_sentinels(layout: &Layout, record: Record<'_>, sentinels: &mut Sentinels) {
    for field in &layout.fields {
        let Some(column) = field.column else { continue };
        let number = record.field(column);
        if let Some(parameter) = layout.sentinel(column, number) {
            sentinels.note(parameter, number);
        }
    }
}

impl<'a> Batch<'a> {
    /// Calls `take` with each row.
    ///
    /// # Errors
    /// The first error of `take`.
    pub(crate) fn for_each_row(&self, mut take: impl FnMut(&Row<'a>) -> Result<()>) -> Result<()> {
        match self {
            Batch::Header(_) => Ok(()),
            Batch::Rows { layout, line, rows } => {
                let mut date = LastDate::default();
                for row in 0..rows.count {
                    take(&Row::proven(layout, rows.row(row), line + row as u64, &mut date))?;
                }
                Ok(())
            }
            Batch::Row(row) => take(row),
        }
    }
}

/// Takes rows one by one.
pub(crate) trait RowSink {
    /// The header was read. Called once, before any row.
    fn header(&mut self, layout: &Layout) -> Result<()>;
    /// Takes the next row.
    fn row(&mut self, row: &Row<'_>) -> Result<()>;

    /// Takes the header or the rows of a batch.
    fn batch(&mut self, batch: &Batch<'_>) -> Result<()> {
        match batch {
            Batch::Header(layout) => self.header(layout),
            rows => rows.for_each_row(|row| self.row(row)),
        }
    }
}

impl<S: RowSink> RowSink for &mut S {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        (**self).header(layout)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        (**self).row(row)
    }
}

/// A writer that reads the CSV written to it and passes the rows to a sink.
#[derive(Debug)]
pub(crate) struct RowFeed<S> {
    reader: Reader,
    pub(crate) sink: S,
}

impl<S: RowSink> RowFeed<S> {
    pub(crate) fn new(wanted: impl Into<Wanted>, on_rejected: OnRejected, sink: S) -> Self {
        RowFeed { reader: Reader::new(wanted, on_rejected, Instructions::Auto), sink }
    }

    /// Returns the number of rejected rows.
    #[cfg(feature = "postgres")]
    pub(crate) fn rejected(&self) -> u64 {
        self.reader.rejected()
    }

    /// The sentinels of the rows read since the last call.
    #[cfg(feature = "postgres")]
    pub(crate) fn take_sentinels(&mut self) -> Sentinels {
        self.reader.take_sentinels()
    }

    /// Ends the input.
    ///
    /// # Errors
    /// As [`Reader::finish`], and the error of the sink.
    pub(crate) fn finish(&mut self) -> Result<()> {
        while let Some(batch) = self.reader.finish()? {
            self.sink.batch(&batch)?;
        }
        Ok(())
    }

    /// Reads a chunk.
    ///
    /// # Errors
    /// As [`Reader::next`], and the error of the sink.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Result<()> {
        let mut position = 0;
        while let Some(batch) = self.reader.next(chunk, &mut position)? {
            self.sink.batch(&batch)?;
        }
        Ok(())
    }
}

impl<S: RowSink> Write for RowFeed<S> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.feed(csv)?;
        Ok(csv.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
