//! A writer that converts a published file to the CSV of airq.

use super::account::Account;
use super::charset::Charset;
use super::input_format::InputFormat;
use super::options::InputOptions;
use super::recognise::{Recognition, recognise};
use super::record_reader::RecordReader;
use crate::csv::{LONGEST_RECORD, OnRejected, RejectedRow, Splitter, delimiter_of};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Station;
use std::fmt;
use std::io::{self, Write};

/// Converts a file of measurements in any known format, written to it by [`Write`], to the CSV that
/// [`encode`](crate::encode) reads. [`finish`](Converter::finish) must be called: it writes the last rows.
///
/// A file of airq's own format passes unchanged. In formats whose rows hold a part of a measurement
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
    on_rejected: OnRejected,
    state: State,
    failed: bool,
    inner: W,
}

/// The result of a [`Converter`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Converted {
    /// The format of the file.
    pub format: Option<InputFormat>,
    /// Whether rows of one station and time are to be merged value by value, also with rows of other files.
    pub merges: bool,
    /// The counts of the rows. They are empty for a file of airq's own format.
    pub account: Account,
    /// The stations, with the metadata that the file has.
    pub stations: Vec<Station>,
}

enum State {
    /// The file up to the end of its first record.
    Head(Vec<u8>),
    AsItIs,
    Reading(Box<RecordReader>),
}

impl<W: Write> Converter<W> {
    /// Converts according to the options, and writes to `inner`.
    pub fn new(options: InputOptions, inner: W) -> Self {
        Converter { options, on_rejected: OnRejected::Fail, state: State::Head(Vec::new()), failed: false, inner }
    }

    /// Reports rows that cannot be used and leaves them out. Without it, the first such row is an error.
    #[must_use]
    pub fn on_rejected(mut self, tell: impl FnMut(&RejectedRow) + Send + 'static) -> Self {
        self.on_rejected = OnRejected::Tell(Box::new(tell));
        self
    }

    /// Sets the handler of rows that cannot be used.
    pub(crate) fn rejecting(mut self, on_rejected: OnRejected) -> Self {
        self.on_rejected = on_rejected;
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

    /// Whether the rest of the file passes as it is.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.state, State::AsItIs) && !self.failed
    }

    /// The account so far.
    pub fn account(&self) -> Option<&Account> {
        match &self.state {
            State::Reading(reading) => Some(&reading.rows.account),
            _ => None,
        }
    }

    /// The inner writer.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    pub(crate) fn inner_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Ends the file: writes the last rows and returns the inner writer.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`] if the file is invalid; the error of the inner writer if it fails.
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
        reading.finish(&mut self.on_rejected, &mut |out| write_on(inner, out))?;
        let (account, merges) = (std::mem::take(&mut reading.rows.account), reading.merges);
        let stations = reading.rows.into_stations();
        Ok((self.inner, Converted { format, merges, account, stations }))
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<()> {
        match &mut self.state {
            State::AsItIs => Ok(self.inner.write_all(chunk)?),
            State::Reading(reading) => {
                let inner = &mut self.inner;
                reading.feed(chunk, &mut self.on_rejected, &mut |out| write_on(inner, out))
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

    /// Reads the first record, if it is complete, and then the rest of the bytes.
    fn begin(&mut self, head: Vec<u8>, is_last: bool) -> Result<()> {
        let chosen = first_record(&head, is_last, &self.options)?;
        match chosen {
            None if is_last => self.state = State::AsItIs,
            None => {
                self.state = State::Head(head);
                return Ok(());
            }
            Some((_, Recognition::AsItIs)) => self.state = State::AsItIs,
            Some((delimiter, Recognition::Read { format, columns, opened, has_no_header })) => {
                let mut reading = RecordReader::new(format, columns, delimiter, *opened);
                let inner = &mut self.inner;
                reading.begin(&head, !has_no_header, &mut self.on_rejected, &mut |out| write_on(inner, out))?;
                self.state = State::Reading(Box::new(reading));
                return Ok(());
            }
        }
        Ok(self.inner.write_all(&head)?)
    }

    /// After a failure the rows would have a gap.
    fn check(&self) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::Internal, "written to or finished after it had failed"));
        }
        Ok(())
    }
}

/// The delimiter and the format of the file; `None` if its first record is not complete.
fn first_record(head: &[u8], is_last: bool, options: &InputOptions) -> Result<Option<(u8, Recognition)>> {
    let mut charset = Charset::new();
    let mut text = charset.decode(head, is_last);
    let delimiter = options.delimiter.unwrap_or_else(|| delimiter_of(text));
    let mut splitter = Splitter::new(delimiter);
    if let Some(record) = splitter.next(&mut text)? {
        return Ok(Some((delimiter, recognise(record, options)?)));
    }
    if !is_last {
        return Ok(None);
    }
    let last = splitter.finish()?;
    last.map(|record| Ok((delimiter, recognise(record, options)?))).transpose()
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

    /// Flushes the inner writer. The last rows need [`finish`](Converter::finish).
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
