//! The door: a writer that takes a published file and writes the rows of it on.

use super::account::Account;
use super::charset::Charset;
use super::columns::Columns;
use super::input_format::InputFormat;
use super::options::InputOptions;
use super::recognise::{Chosen, choose};
use super::records::{Fault, Records};
use super::rows::Rows;
use crate::error::{Error, ErrorKind, Position, Result, cut_bytes};
use crate::model::Station;
use crate::reshape::{LONGEST_RECORD, OnReject, Record, Reject, Splitter, delimiter_of};
use std::fmt;
use std::io::{self, Write};

/// How much is gathered before it is written on.
const PIECE: usize = 64 * 1024;

/// Takes a file of measurements by [`Write`], in any of the formats that are known, and writes it on as the CSV that
/// [`reshape`](crate::reshape) reads. Ends with [`finish`](Converter::finish): without it rows are lacking.
///
/// A file that is airq's own passes as it is. Of formats whose rows hold a part of a measurement
/// ([`InputFormat::merges`]), all values are held until the end: about 30 bytes each, at most 33 million.
///
/// ```
/// use airq_core::{Converter, InputOptions};
/// use std::io::Write;
///
/// let mut converter = Converter::new(InputOptions::default(), Vec::new());
/// converter.write_all(b"location,city,country,utc,local,parameter,value,unit\n")?;
/// converter.write_all(b"Centre,Cardiff,GB,2018-01-01T01:00:00Z,,no2,14,ug/m3\n")?;
/// converter.write_all(b"Centre,Cardiff,GB,2018-01-01T01:00:00Z,,o3,69,ug/m3\n")?;
/// let (csv, converted) = converter.finish()?;
/// assert_eq!(csv, b"station,time,no2,o3\nCentre,2018-01-01T00:00:00.000Z,14,69\n");
/// assert_eq!(converted.account.read, 2);
/// # Ok::<(), airq_core::Error>(())
/// ```
pub struct Converter<W> {
    options: InputOptions,
    on_reject: OnReject,
    state: State,
    failed: bool,
    inner: W,
}

/// What was read by a [`Converter`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Converted {
    /// The format the file is of.
    pub format: Option<InputFormat>,
    /// Whether rows of one station and time are to be merged, value by value, also with those of other files.
    pub merges: bool,
    /// What became of everything; nothing is counted of a file that is airq's own.
    pub account: Account,
    /// The stations, as far as the file describes them.
    pub stations: Vec<Station>,
}

enum State {
    /// The file up to the end of its first record.
    Head(Vec<u8>),
    AsItIs,
    Reading(Box<Reading>),
}

/// A file whose format is known.
struct Reading {
    format: InputFormat,
    columns: Columns,
    charset: Charset,
    splitter: Splitter,
    records: Box<dyn Records>,
    rows: Rows,
    merges: bool,
}

impl<W: Write> Converter<W> {
    /// Reads as the options say, and writes into `inner`.
    pub fn new(options: InputOptions, inner: W) -> Self {
        Converter { options, on_reject: OnReject::Fail, state: State::Head(Vec::new()), failed: false, inner }
    }

    /// Report rows that cannot be used and leave them out, where without this they are errors.
    #[must_use]
    pub fn on_reject(mut self, tell: impl FnMut(&Reject) + Send + 'static) -> Self {
        self.on_reject = OnReject::Tell(Box::new(tell));
        self
    }

    /// What is done about rows that cannot be used.
    pub(crate) fn rejecting(mut self, on_reject: OnReject) -> Self {
        self.on_reject = on_reject;
        self
    }

    /// The format, once the header has been read.
    pub fn format(&self) -> Option<InputFormat> {
        match &self.state {
            State::Head(_) => None,
            State::AsItIs => Some(InputFormat::Airq),
            State::Reading(reading) => Some(reading.format),
        }
    }

    /// The account so far.
    pub fn account(&self) -> Option<&Account> {
        match &self.state {
            State::Reading(reading) => Some(&reading.rows.account),
            _ => None,
        }
    }

    /// The writer behind this one.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn inner_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Ends the file: writes the rest of the rows and gives the writer back.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`] if the file is at fault; what the writer returned if it failed.
    pub fn finish(mut self) -> Result<(W, Converted)> {
        self.check()?;
        if let State::Head(head) = &mut self.state {
            let head = std::mem::take(head);
            self.begin(head, true)?;
        }
        let format = self.format();
        let State::Reading(mut reading) = self.state else {
            return Ok((self.inner, Converted { format, ..Converted::default() }));
        };
        let inner = &mut self.inner;
        reading.finish(&mut self.on_reject, &mut |out| write_on(inner, out))?;
        let (account, merges) = (std::mem::take(&mut reading.rows.account), reading.merges);
        let stations = reading.rows.into_stations();
        Ok((self.inner, Converted { format, merges, account, stations }))
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<()> {
        match &mut self.state {
            State::AsItIs => Ok(self.inner.write_all(chunk)?),
            State::Reading(reading) => {
                let inner = &mut self.inner;
                reading.feed(chunk, &mut self.on_reject, &mut |out| write_on(inner, out))
            }
            State::Head(head) => {
                head.extend_from_slice(chunk);
                if chunk.iter().any(|byte| matches!(byte, b'\r' | b'\n')) || head.len() > LONGEST_RECORD {
                    let head = std::mem::take(head);
                    return self.begin(head, false);
                }
                Ok(())
            }
        }
    }

    /// Reads the first record, if it is whole, and then the rest of what has come.
    fn begin(&mut self, head: Vec<u8>, is_last: bool) -> Result<()> {
        let chosen = first_record(&head, is_last, &self.options, choose)?;
        match chosen {
            None if is_last => self.state = State::AsItIs,
            None => {
                self.state = State::Head(head);
                return Ok(());
            }
            Some((_, Chosen::AsItIs)) => self.state = State::AsItIs,
            Some((delimiter, Chosen::Read { format, columns, opened, has_no_header })) => {
                let merges = format.merges() || opened.merges;
                let (records, rows, charset) = (opened.records, opened.rows, Charset::new());
                let splitter = Splitter::new(delimiter);
                let reading = Reading { format, columns, charset, splitter, records, rows, merges };
                self.state = State::Reading(Box::new(reading));
                return self.read_head(&head, !has_no_header);
            }
        }
        Ok(self.inner.write_all(&head)?)
    }

    /// Reads what has come again, now that its format is known.
    fn read_head(&mut self, head: &[u8], has_header: bool) -> Result<()> {
        let State::Reading(reading) = &mut self.state else { return Ok(()) };
        let decoded = reading.charset.decode(head, false).to_vec();
        let mut rest = decoded.as_slice();
        if has_header && reading.splitter.next(&mut rest)?.is_none() {
            let _ = reading.splitter.finish()?;
        }
        let inner = &mut self.inner;
        reading.split(rest, &mut self.on_reject, &mut |out| write_on(inner, out))
    }

    /// After a failure the input is torn: going on would write with a gap.
    fn check(&self) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::Internal, "written to or finished after it had failed"));
        }
        Ok(())
    }
}

impl Reading {
    fn feed(
        &mut self,
        chunk: &[u8],
        on_reject: &mut OnReject,
        write: &mut dyn FnMut(&mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let mut charset = std::mem::replace(&mut self.charset, Charset::new());
        let fed = self.split(charset.decode(chunk, false), on_reject, write);
        self.charset = charset;
        fed
    }

    fn split(
        &mut self,
        mut chunk: &[u8],
        on_reject: &mut OnReject,
        write: &mut dyn FnMut(&mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let Reading { splitter, records, rows, columns, .. } = self;
        while let Some(record) = splitter.next(&mut chunk)? {
            take(record, records.as_mut(), rows, columns, on_reject)?;
            if rows.out.len() >= PIECE {
                write(&mut rows.out)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, on_reject: &mut OnReject, write: &mut dyn FnMut(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let mut charset = std::mem::replace(&mut self.charset, Charset::new());
        self.split(charset.decode(b"", true), on_reject, write)?;
        let Reading { splitter, records, rows, columns, .. } = self;
        if let Some(record) = splitter.finish()? {
            take(record, records.as_mut(), rows, columns, on_reject)?;
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
    on_reject: &mut OnReject,
) -> Result<()> {
    let in_record = records.counted();
    rows.account.read += in_record;
    if let Err(fault) = records.take(record, rows) {
        rows.account.rejected += in_record;
        on_reject.take(describe(fault, record.line, columns))?;
    }
    for fault in std::mem::take(&mut rows.faults) {
        rows.account.rejected += 1;
        on_reject.take(describe(fault, record.line, columns))?;
    }
    Ok(())
}

fn describe(fault: Fault, line: u64, columns: &Columns) -> Reject {
    let column = fault.column.map(|place| columns.name(place).to_owned());
    Reject { position: Position { file: None, line, column }, value: cut_bytes(&fault.value), reason: fault.reason }
}

/// What `choose` makes of the first record, and the delimiter; `None` if it is not whole yet.
fn first_record(
    head: &[u8],
    is_last: bool,
    options: &InputOptions,
    choose: impl FnOnce(Record<'_>, &InputOptions) -> Result<Chosen>,
) -> Result<Option<(u8, Chosen)>> {
    let mut charset = Charset::new();
    let mut text = charset.decode(head, is_last);
    let delimiter = options.delimiter.unwrap_or_else(|| delimiter_of(text));
    let mut splitter = Splitter::new(delimiter);
    if let Some(record) = splitter.next(&mut text)? {
        return Ok(Some((delimiter, choose(record, options)?)));
    }
    if !is_last {
        return Ok(None);
    }
    let last = splitter.finish()?;
    last.map(|record| Ok((delimiter, choose(record, options)?))).transpose()
}

fn write_on(inner: &mut impl Write, out: &mut Vec<u8>) -> Result<()> {
    inner.write_all(out)?;
    out.clear();
    Ok(())
}

impl<W: Write> Write for Converter<W> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        self.check()?;
        let fed = self.feed(chunk);
        self.failed = fed.is_err();
        fed?;
        Ok(chunk.len())
    }

    /// Writes on what the writer behind has. The rest of the rows needs [`finish`](Converter::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        self.inner.flush()
    }
}

impl<W> fmt::Debug for Converter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Converter")
            .field("options", &self.options)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
