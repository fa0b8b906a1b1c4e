//! A writer that converts a published file to the CSV of airq.

use super::charset::Charset;
use super::head::{FoundHeader, find_header};
use super::input_format::InputFormat;
use super::options::InputOptions;
use super::recognise::{OpenedFormat, Recognition};
use super::record_reader::RecordReader;
use super::text_filter::TextFilter;
use crate::account::Account;
use crate::csv::{LONGEST_RECORD, OnRejected, RejectedRow};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Period, Station};
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Converts a file of measurements in any known format, written to it by [`Write`], to the CSV that
/// [`encode`](crate::encode) reads. [`finish`](Converter::finish) must be called: it writes the last rows.
///
/// A file of airq's own format passes unchanged, except that it is decoded to UTF-8. In formats whose rows hold a part of a measurement
/// ([`Converted::merges`]), all values are held until the end: 24 bytes and the digits of each value, at
/// most 33 million values.
///
/// ```
/// use airq_core::input::{Converter, InputOptions};
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
    path: Option<PathBuf>,
    on_rejected: OnRejected,
    state: ConverterState,
    /// Changes text that CSV does not allow.
    filter: Option<TextFilter>,
    failed: bool,
    inner: W,
}

/// The result of a [`Converter`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Converted {
    /// The format of the file.
    pub format: Option<InputFormat>,
    /// True if rows of one station and time are to be merged value by value, also with rows of other files.
    pub merges: bool,
    /// The period of the values, if the file states one.
    pub period: Option<Period>,
    /// The counts of the rows. They are empty for a file of airq's own format.
    pub account: Account,
    /// The stations, with the metadata that the file has.
    pub stations: Vec<Station>,
}

enum ConverterState {
    /// The file up to the end of its first record.
    Head(Vec<u8>),
    /// The rest passes, decoded to UTF-8. Bytes before the header were left out if `from_start` is false.
    AsItIs {
        from_start: bool,
        charset: Charset,
    },
    Reading(Box<RecordReader>),
}

impl<W: Write> Converter<W> {
    /// Converts according to the options, and writes to `inner`.
    pub fn new(options: InputOptions, inner: W) -> Self {
        Converter {
            options,
            path: None,
            on_rejected: OnRejected::Fail,
            state: ConverterState::Head(Vec::new()),
            filter: None,
            failed: false,
            inner,
        }
    }

    /// Sets the path of the file. Some formats have the station or the parameter in the file's name, or in a table next to the
    /// file.
    #[must_use]
    pub fn path(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().to_owned());
        self
    }

    /// Reports rows that cannot be used and leaves them out. Without it, the first such row is an error.
    #[must_use]
    pub fn on_rejected(mut self, tell: impl FnMut(&RejectedRow) + Send + 'static) -> Self {
        self.on_rejected = OnRejected::Tell(Box::new(tell));
        self
    }

    /// Sets the handler of rows that cannot be used.
    #[cfg(feature = "postgres")]
    pub(crate) fn rejecting(mut self, on_rejected: OnRejected) -> Self {
        self.on_rejected = on_rejected;
        self
    }

    /// The format, once the header has been read.
    pub fn format(&self) -> Option<InputFormat> {
        match &self.state {
            ConverterState::Head(_) => None,
            ConverterState::AsItIs { .. } => Some(InputFormat::AIRQ),
            ConverterState::Reading(reading) => Some(reading.format),
        }
    }

    /// Returns whether the rest of the file passes unchanged.
    pub(crate) fn is_passing(&self) -> bool {
        let ConverterState::AsItIs { charset, .. } = &self.state else { return false };
        charset.is_utf8() && self.filter.is_none() && !self.failed
    }

    /// Returns whether the whole file passes unchanged.
    pub(crate) fn passes_from_start(&self) -> bool {
        matches!(self.state, ConverterState::AsItIs { from_start: true, .. }) && self.is_passing()
    }

    /// The account of the rows that were read.
    pub fn account(&self) -> Option<&Account> {
        match &self.state {
            ConverterState::Reading(reading) => Some(&reading.rows.account),
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
        if let ConverterState::Head(head) = &mut self.state {
            let head = std::mem::take(head);
            self.begin(head, true)?;
        }
        let format = self.format();
        if let ConverterState::AsItIs { charset, .. } = &mut self.state {
            self.inner.write_all(charset.decode(b"", true))?;
        }
        let ConverterState::Reading(mut reading) = self.state else {
            return Ok((self.inner, Converted { format, ..Converted::default() }));
        };
        let inner = &mut self.inner;
        reading.finish(&mut self.on_rejected, &mut |out| write_on(inner, out))?;
        let (account, merges) = (std::mem::take(&mut reading.rows.account), reading.merges);
        let period = reading.rows.period;
        let stations = reading.rows.into_stations();
        Ok((self.inner, Converted { format, merges, period, account, stations }))
    }

    fn feed(&mut self, chunk: &[u8]) -> Result<()> {
        let Some(filter) = &mut self.filter else { return self.feed_plain(chunk) };
        let chunk = filter.filter(chunk).to_vec();
        self.feed_plain(&chunk)
    }

    fn feed_plain(&mut self, chunk: &[u8]) -> Result<()> {
        match &mut self.state {
            ConverterState::AsItIs { charset, .. } => Ok(self.inner.write_all(charset.decode(chunk, false))?),
            ConverterState::Reading(reading) => {
                let inner = &mut self.inner;
                reading.feed(chunk, &mut self.on_rejected, &mut |out| write_on(inner, out))
            }
            ConverterState::Head(head) => {
                head.extend_from_slice(chunk);
                if chunk.iter().any(|byte| matches!(byte, b'\r' | b'\n')) || head.len() > LONGEST_RECORD {
                    let head = std::mem::take(head);
                    return self.begin(head, false);
                }
                Ok(())
            }
        }
    }

    /// Finds the header, if it is complete, and then reads the rest of the bytes.
    fn begin(&mut self, mut head: Vec<u8>, is_last: bool) -> Result<()> {
        if self.filter.is_none()
            && let Some(mut filter) = TextFilter::of(&head, self.options.stated_delimiter()?)
        {
            head = filter.filter(&head).to_vec();
            self.filter = Some(filter);
        }
        let Some(found) = find_header(&head, is_last, &self.options, self.path.as_deref())? else {
            if !is_last {
                self.state = ConverterState::Head(head);
                return Ok(());
            }
            self.state = ConverterState::AsItIs { from_start: true, charset: Charset::new() };
            return Ok(self.inner.write_all(&head)?);
        };
        let FoundHeader { recognition, delimiter, mut charset, offset, lines } = found;
        match recognition {
            Recognition::AsItIs => {
                // Empty lines keep the numbers of lines.
                self.inner.write_all(&vec![b'\n'; usize::try_from(lines).unwrap_or(0)])?;
                self.inner.write_all(charset.decode(&head[offset..], false))?;
                self.state = ConverterState::AsItIs { from_start: offset == 0, charset };
                Ok(())
            }
            Recognition::Read(opened) => {
                let heading = opened.heading;
                let mut reading = self.reader(*opened, delimiter, charset);
                let inner = &mut self.inner;
                reading
                    .begin(&head, (offset, lines), heading, &mut self.on_rejected, &mut |out| write_on(inner, out))?;
                self.state = ConverterState::Reading(Box::new(reading));
                Ok(())
            }
        }
    }

    fn reader(&self, opened: OpenedFormat, delimiter: u8, charset: Charset) -> RecordReader {
        let format = opened.format;
        let description = opened.description.clone();
        let mut reading = RecordReader::new(opened, delimiter, charset);
        reading.rows.on_conflict = self.options.on_conflict;
        reading.rows.keep_examples(self.options.keeps_all_examples);
        reading.rows.period = self.options.period;
        if let Some(description) = description {
            let period = description.time.period.map(|period| period.0);
            reading.rows.period = self.options.period.or(period);
            let assumptions = description.assumptions(self.options.zone.as_ref());
            let title = if description.title.is_empty() { String::new() } else { format!(" ({})", description.title) };
            let assumed = format!("{format}{title}: {assumptions}{}", description.unverified());
            reading.rows.account.note_format(&assumed);
        }
        reading
    }

    /// After a failure the rows would have a gap.
    fn check(&self) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::Internal, "written to or finished after it had failed"));
        }
        Ok(())
    }
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
