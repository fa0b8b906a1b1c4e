//! The door: a writer that takes a published file and writes the rows of it on.

use super::account::Account;
use super::charset::Charset;
use super::input_format::InputFormat;
use super::options::InputOptions;
use super::reading::Reading;
use super::recognise::{Chosen, choose};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Station;
use crate::csv::{LONGEST_RECORD, OnRejected, RejectedRow, Splitter, delimiter_of};
use std::fmt;
use std::io::{self, Write};

/// Takes a file of measurements by [`Write`], in any of the formats that are known, and writes it on as the CSV that
/// [`encode`](crate::encode) reads. Ends with [`finish`](Converter::finish): without it rows are lacking.
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
    on_rejected: OnRejected,
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

impl<W: Write> Converter<W> {
    /// Reads as the options say, and writes into `inner`.
    pub fn new(options: InputOptions, inner: W) -> Self {
        Converter { options, on_rejected: OnRejected::Fail, state: State::Head(Vec::new()), failed: false, inner }
    }

    /// Report rows that cannot be used and leave them out, where without this they are errors.
    #[must_use]
    pub fn on_rejected(mut self, tell: impl FnMut(&RejectedRow) + Send + 'static) -> Self {
        self.on_rejected = OnRejected::Tell(Box::new(tell));
        self
    }

    /// What is done about rows that cannot be used.
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

    /// The writer behind this one.
    pub fn inner(&self) -> &W {
        &self.inner
    }

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

    /// Reads the first record, if it is whole, and then the rest of what has come.
    fn begin(&mut self, head: Vec<u8>, is_last: bool) -> Result<()> {
        let chosen = first_record(&head, is_last, &self.options)?;
        match chosen {
            None if is_last => self.state = State::AsItIs,
            None => {
                self.state = State::Head(head);
                return Ok(());
            }
            Some((_, Chosen::AsItIs)) => self.state = State::AsItIs,
            Some((delimiter, Chosen::Read { format, columns, opened, has_no_header })) => {
                let mut reading = Reading::new(format, columns, delimiter, *opened);
                let inner = &mut self.inner;
                reading.begin(&head, !has_no_header, &mut self.on_rejected, &mut |out| write_on(inner, out))?;
                self.state = State::Reading(Box::new(reading));
                return Ok(());
            }
        }
        Ok(self.inner.write_all(&head)?)
    }

    /// After a failure the input is torn: going on would write with a gap.
    fn check(&self) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::Internal, "written to or finished after it had failed"));
        }
        Ok(())
    }
}

/// How the file is to be read, and its delimiter; `None` if its first record is not whole yet.
fn first_record(head: &[u8], is_last: bool, options: &InputOptions) -> Result<Option<(u8, Chosen)>> {
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
