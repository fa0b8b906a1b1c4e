//! The encoder: a writer that takes CSV and writes an output format.

use super::columns::Columns;
use super::flat::{Flat, Form};
use super::geojson::GeoJson;
use super::json::Json;
use super::ngsi_ld::{self, NgsiLd};
use super::{Context, Encode, OutputBuffer, Page, Template, WriteRows};
use crate::csv::scan::{Dispatch, ProvenRows, Simd, Work};
use crate::csv::{Batch, Instructions, Layout, OnRejected, Reader, RejectedRow, Row, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::format::Format;
use crate::model::{LastDate, Pollutant, Stations};
use crate::query::Cursor;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// The settings of an [`Encoder`].
///
/// ```
/// use airq_core::{Format, Pollutant, encode::EncoderOptions};
/// use std::io::Write;
///
/// let rejected = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
/// let log = rejected.clone();
/// let mut encoder = EncoderOptions::new(Format::Csv)
///     .pollutants([Pollutant::No2])
///     .on_rejected(move |row| log.lock().unwrap().push(row.to_string()))
///     .into_writer(Vec::new());
/// encoder.write_all(b"time;station;no2;o3\n2016-10-01;a;1.5;2\n2016-10-01;b;bad;2\n")?;
/// let (csv, summary) = encoder.finish()?;
/// assert_eq!(csv, b"station,time,no2\na,2016-10-01T00:00:00.000Z,1.5\n");
/// assert_eq!((summary.rows, summary.rejected), (1, 1));
/// assert_eq!(rejected.lock().unwrap()[0], "line 3, column \"no2\": \"bad\" is not a number");
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct EncoderOptions {
    format: Format,
    pollutants: Vec<Pollutant>,
    limit: Option<u64>,
    query: Vec<u8>,
    without_units: bool,
    has_json: bool,
    stations: Arc<Stations>,
    on_rejected: OnRejected,
    instructions: Instructions,
}

/// The counts of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The number of rows in the answer; for GeoJSON the number of rows that its features were chosen from.
    pub rows: u64,
    /// The number of invalid rows that were reported and left out.
    pub rejected: u64,
    /// The cursor of the next page, if the limit ended this page.
    pub next: Option<Cursor>,
}

impl EncoderOptions {
    /// Settings for this output format.
    pub fn new(format: Format) -> Self {
        EncoderOptions {
            format,
            pollutants: Vec::new(),
            limit: None,
            query: b"{}".to_vec(),
            without_units: false,
            has_json: false,
            stations: Arc::default(),
            on_rejected: OnRejected::Fail,
            instructions: Instructions::Auto,
        }
    }

    /// Selects pollutants. A pollutant that the input lacks is `null` in every row. An empty selection stands for all
    /// pollutants of the input.
    pub fn pollutants(mut self, pollutants: impl IntoIterator<Item = Pollutant>) -> Self {
        self.pollutants = pollutants.into_iter().collect();
        self
    }

    /// Ends the answer after `rows` rows. Another row in the input makes a [next](Summary::next) page.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Describes stations by this table.
    pub fn stations(mut self, stations: Arc<Stations>) -> Self {
        self.stations = stations;
        self
    }

    /// Reports invalid rows to `report` and leaves them out. Without it, the first invalid row is an error.
    pub fn on_rejected(mut self, report: impl FnMut(&RejectedRow) + Send + 'static) -> Self {
        self.on_rejected = OnRejected::Tell(Box::new(report));
        self
    }

    /// Sets the instruction set. Every [set](Instructions) gives the same bytes; this is for benches and tests.
    pub fn instructions(mut self, instructions: Instructions) -> Self {
        self.instructions = instructions;
        self
    }

    /// The answer's `query`, as a JSON object.
    pub(crate) fn query(mut self, json: Vec<u8>) -> Self {
        self.query = json;
        self
    }

    /// Whether the values are counts, which have no unit.
    pub(crate) fn without_units(mut self, without: bool) -> Self {
        self.without_units = without;
        self
    }

    /// Whether the rows have a column of JSON that the core has written.
    pub(crate) fn with_json(mut self, has_json: bool) -> Self {
        self.has_json = has_json;
        self
    }

    /// Returns a writer that takes CSV and writes the answer into `inner`.
    pub fn into_writer<W: Write>(self, inner: W) -> Encoder<W> {
        Encoder { engine: self.into_engine(), out: OutputBuffer::for_rows(), inner, poison: Poison::default() }
    }

    pub(super) fn into_engine(self) -> Box<dyn Engine> {
        match self.format {
            Format::Json => self.engine(Json::default()),
            Format::Records => self.engine(Flat::new(Form::Records)),
            Format::Columns => self.engine(Columns::default()),
            Format::Ndjson => self.engine(Flat::new(Form::Ndjson)),
            Format::Csv => self.engine(Flat::new(Form::Csv)),
            Format::GeoJson => self.engine(GeoJson::default()),
            Format::NgsiLd => self.engine(NgsiLd::new(ngsi_ld::Form::KeyValues)),
            Format::NgsiLdNormalized => self.engine(NgsiLd::new(ngsi_ld::Form::Normalized)),
        }
    }

    fn engine<E: Encode + 'static>(self, format: E) -> Box<dyn Engine> {
        let context = Context { query: self.query, without_units: self.without_units, stations: self.stations };
        let wanted = Wanted {
            pollutants: self.pollutants,
            has_json: self.has_json,
            taken: format.taken(),
            special: format.special(),
        };
        let reader = Reader::new(wanted, self.on_rejected, self.instructions);
        let rows = Rows {
            dispatch: reader.dispatch(),
            format,
            context,
            template: None,
            limit: self.limit.unwrap_or(u64::MAX),
            written: 0,
            last: None,
            has_more: false,
        };
        Box::new(FormatEngine { reader, rows })
    }
}

/// A writer that takes CSV and writes the answer into the writer it holds. The end of the answer is written by
/// [`finish`](Encoder::finish).
pub struct Encoder<W> {
    engine: Box<dyn Engine>,
    out: OutputBuffer,
    inner: W,
    poison: Poison,
}

impl<W: Write> Encoder<W> {
    /// Ends the input: writes the rest of the answer and returns the writer.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`](crate::ErrorKind::InvalidData) if the CSV is invalid or empty; the writer's error if it fails.
    pub fn finish(mut self) -> Result<(W, Summary)> {
        self.poison.check()?;
        let summary = self.engine.finish(&mut self.out)?;
        drain(&mut self.out, &mut self.inner)?;
        self.inner.flush()?;
        Ok((self.inner, summary))
    }

    /// The writer that this encoder holds.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    fn feed(&mut self, csv: &[u8]) -> Result<()> {
        let Encoder { engine, out, inner, .. } = self;
        engine.feed_all(csv, out, |out| drain(out, inner))
    }
}

pub(super) fn drain(out: &mut OutputBuffer, inner: &mut impl Write) -> Result<()> {
    inner.write_all(out.as_slice())?;
    out.clear();
    Ok(())
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.poison.check()?;
        let fed = self.feed(csv);
        self.poison.note(fed)?;
        Ok(csv.len())
    }

    /// Writes the buffered part of the answer. The end of the answer needs [`finish`](Encoder::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.poison.check()?;
        drain(&mut self.out, &mut self.inner)?;
        self.inner.flush()
    }
}

impl<W> fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("buffered", &self.out.len())
            .field("poison", &self.poison)
            .finish_non_exhaustive()
    }
}

/// A guard against writing to a writer that has failed: the answer would have a gap.
#[derive(Debug, Default)]
pub(crate) struct Poison {
    has_failed: bool,
}

impl Poison {
    /// # Errors
    /// If an earlier result was an error.
    pub(crate) fn check(&self) -> Result<()> {
        if self.has_failed {
            return Err(Error::new(ErrorKind::Internal, "written to or finished after it had failed"));
        }
        Ok(())
    }

    /// Notes a result and returns it.
    pub(crate) fn note(&mut self, result: Result<()>) -> Result<()> {
        self.has_failed = result.is_err();
        result
    }
}

/// A reader and an encoder of any format: a dynamic call for each chunk, static calls for each row.
pub(super) trait Engine: Send {
    /// Encodes the chunk from the offset `start` on, until `out` is full; returns the offset that was reached.
    fn feed(&mut self, chunk: &[u8], start: usize, out: &mut OutputBuffer) -> Result<usize>;
    /// Ends the CSV and appends the rest of the answer.
    fn finish(&mut self, out: &mut OutputBuffer) -> Result<Summary>;
    /// Whether rows can be encoded independently of each other, so that several engines can share the input.
    fn branches(&self) -> bool;
    /// An engine for rows that follow. Returns `None` if the engine does not [branch](Engine::branches), before its first row,
    /// and within a row.
    fn branch(&self) -> Option<Box<dyn Engine>>;
    /// The counts since the last call; `None` within a row.
    fn take_counts(&mut self) -> Option<Counts>;
    /// Adds the counts of branches.
    fn add_counts(&mut self, counts: Counts);
}

impl dyn Engine {
    /// Encodes all of this CSV; `drain` empties `out` whenever `out` is full.
    pub(super) fn feed_all(
        &mut self,
        csv: &[u8],
        out: &mut OutputBuffer,
        mut drain: impl FnMut(&mut OutputBuffer) -> Result<()>,
    ) -> Result<()> {
        let mut position = 0;
        while position < csv.len() {
            position = self.feed(csv, position, out)?;
            if out.is_full() {
                drain(out)?;
            }
        }
        Ok(())
    }
}

/// The rows and lines of a chunk.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    rows: u64,
    lines: u64,
}

struct FormatEngine<E> {
    reader: Reader,
    rows: Rows<E>,
}

/// The rows of an answer: counted, and ended at the limit of a page.
struct Rows<E> {
    dispatch: Dispatch,
    format: E,
    context: Context,
    /// The text of proven rows; `None` if all rows go through [`Encode::row`].
    template: Option<Template>,
    /// The page size. One more row is read to find out whether there is a next page.
    limit: u64,
    written: u64,
    /// The last row of a full page.
    last: Option<Cursor>,
    has_more: bool,
}

impl<E: Encode + 'static> Engine for FormatEngine<E> {
    fn feed(&mut self, chunk: &[u8], start: usize, out: &mut OutputBuffer) -> Result<usize> {
        let mut position = start;
        while !out.is_full() {
            let Some(batch) = self.reader.next(chunk, &mut position)? else { return Ok(chunk.len()) };
            self.rows.batch(&batch, out);
        }
        Ok(position)
    }

    fn finish(&mut self, out: &mut OutputBuffer) -> Result<Summary> {
        while let Some(batch) = self.reader.finish()? {
            self.rows.batch(&batch, out);
        }
        Ok(self.rows.finish(self.reader.rejected(), out))
    }

    fn branches(&self) -> bool {
        self.reader.stops_at_rejected() && self.rows.branch().is_some()
    }

    fn branch(&self) -> Option<Box<dyn Engine>> {
        if !self.branches() || self.rows.written == 0 {
            return None;
        }
        Some(Box::new(FormatEngine { reader: self.reader.branch()?, rows: self.rows.branch()? }))
    }

    fn take_counts(&mut self) -> Option<Counts> {
        let lines = self.reader.take_lines()?;
        Some(Counts { rows: std::mem::take(&mut self.rows.written), lines })
    }

    fn add_counts(&mut self, counts: Counts) {
        self.reader.skip_lines(counts.lines);
        self.rows.written += counts.rows;
    }
}

impl<E: Encode> Rows<E> {
    /// Returns `None` if rows depend on earlier rows, as they do where a limit counts them.
    fn branch(&self) -> Option<Self> {
        let format = self.format.branch().filter(|_| self.limit == u64::MAX)?;
        Some(Rows {
            dispatch: self.dispatch,
            format,
            context: self.context.clone(),
            template: self.template.clone(),
            limit: u64::MAX,
            written: 0,
            last: None,
            has_more: false,
        })
    }

    fn batch(&mut self, batch: &Batch<'_>, out: &mut OutputBuffer) {
        match batch {
            Batch::Header(layout) => {
                self.template = self.format.template(layout);
                self.format.begin(out, &self.context, layout);
            }
            Batch::Rows { layout, rows, .. } => self.proven(layout, rows, out),
            Batch::Row(row) => self.row(row, out),
        }
    }

    /// Counts the next `rows` rows, up to the limit; returns the number of rows that the page takes.
    fn admit(&mut self, rows: usize) -> usize {
        let room = usize::try_from(self.limit - self.written).unwrap_or(usize::MAX);
        let admitted = rows.min(room);
        self.has_more |= admitted < rows;
        self.written += admitted as u64;
        admitted
    }

    /// Keeps the cursor of the last row of a full page.
    fn note_last(&mut self, row: &Row<'_>) {
        if self.written == self.limit {
            self.last = Some(Cursor::new(String::from_utf8_lossy(row.station), row.time));
        }
    }

    fn row(&mut self, row: &Row<'_>, out: &mut OutputBuffer) {
        if self.admit(1) == 0 {
            return;
        }
        self.note_last(row);
        self.format.row(out, &self.context, row);
    }

    fn proven(&mut self, layout: &Layout, rows: &ProvenRows<'_>, out: &mut OutputBuffer) {
        let count = self.admit(rows.count);
        if count == 0 {
            return;
        }
        let rows = rows.first(count);
        if self.written == self.limit {
            self.note_last(&Row::proven(layout, rows.row(count - 1), 0, &mut LastDate::default()));
        }
        let mut done = 0;
        while done < count {
            if let Some(template) = &self.template {
                let mut writer = self.format.writer(out, template);
                let work = WriteProven { rows: rows.after(done), writer: &mut writer };
                done += self.dispatch.run(work).unwrap_or(0);
            }
            if done < count {
                self.format.row(out, &self.context, &Row::proven(layout, rows.row(done), 0, &mut LastDate::default()));
                done += 1;
            }
        }
    }

    fn finish(&mut self, rejected: u64, out: &mut OutputBuffer) -> Summary {
        let next = self.last.take().filter(|_| self.has_more);
        let page = Page { count: self.written, next: next.as_ref().map(ToString::to_string) };
        self.format.end(out, &self.context, &page);
        Summary { rows: self.written, rejected, next }
    }
}

struct WriteUniform<'a, W> {
    rows: ProvenRows<'a>,
    writer: &'a mut W,
}

impl<W: WriteRows> Work for WriteUniform<'_, W> {
    /// The number of rows written.
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        self.writer.uniform(simd, &self.rows)
    }
}

struct WriteProven<'a, W> {
    rows: ProvenRows<'a>,
    writer: &'a mut W,
}

impl<W: WriteRows> Work for WriteProven<'_, W> {
    /// The number of rows written.
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        let WriteProven { rows, writer } = self;
        let mut done = 0;
        while done < rows.count {
            let rest = rows.after(done);
            let uniform = rest.first_uniform();
            if uniform.count > 0 {
                // A function of its own: the compiler keeps more of the loop in registers.
                done += simd.enter(WriteUniform { rows: uniform, writer: &mut *writer });
            }
            if done == rows.count {
                break;
            }
            if !writer.row(simd, &rows.row(done)) {
                break;
            }
            done += 1;
        }
        done
    }
}
