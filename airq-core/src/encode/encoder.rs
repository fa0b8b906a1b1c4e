//! The encoder: a writer that takes CSV and writes an output format.

use super::columns::ColumnsEncoder;
use super::engine::{Engine, Summary, new_engine};
use super::flat::{FlatEncoder, FlatForm};
use super::geojson::GeoJsonEncoder;
use super::json::JsonEncoder;
use super::ngsi_ld::{AttributeForm, NgsiLdEncoder};
#[cfg(feature = "parquet")]
use super::parquet::ParquetEncoder;
use super::{Context, Encode, OutputBuffer};
use crate::csv::{Instructions, OnRejected, Reader, RejectedRow, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::format::Format;
use crate::model::{Parameter, Stations, Unit};
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// The settings of an [`Encoder`].
///
/// ```
/// use airq_core::encode::EncoderOptions;
/// use airq_core::{Format, Parameter};
/// use std::io::Write;
///
/// let rejected = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
/// let log = rejected.clone();
/// let mut encoder = EncoderOptions::new(Format::Csv)
///     .parameters([Parameter::NO2])
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
    parameters: Vec<Parameter>,
    limit: Option<u64>,
    query: Vec<u8>,
    without_units: bool,
    units: Option<Unit>,
    has_json: bool,
    stations: Arc<Stations>,
    selected: Option<Vec<String>>,
    on_rejected: OnRejected,
    keeps_sentinels: bool,
    instructions: Instructions,
}

impl EncoderOptions {
    /// Returns the default settings for an output format.
    pub fn new(format: Format) -> Self {
        EncoderOptions {
            format,
            parameters: Vec::new(),
            limit: None,
            query: b"{}".to_vec(),
            without_units: false,
            units: None,
            has_json: false,
            stations: Arc::default(),
            selected: None,
            on_rejected: OnRejected::Fail,
            keeps_sentinels: false,
            instructions: Instructions::Auto,
        }
    }

    /// Selects parameters. A parameter that the input lacks is `null` in every row. An empty selection means all parameters of
    /// the input.
    pub fn parameters(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters = parameters.into_iter().collect();
        self
    }

    /// Ends the answer after `rows` rows. If the input has more rows, the summary has the cursor of the
    /// [next](Summary::next) page.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Sets the descriptions of stations.
    pub fn stations(mut self, stations: Arc<Stations>) -> Self {
        self.stations = stations;
        self
    }

    /// Passes invalid rows to `report` and skips them. Without this setting, the first invalid row is an error.
    pub fn on_rejected(mut self, report: impl FnMut(&RejectedRow) + Send + 'static) -> Self {
        self.on_rejected = OnRejected::Tell(Box::new(report));
        self
    }

    /// Sets whether numbers such as −999, which mark missing values, are values. By default they are missing, and counted in
    /// [`Summary::sentinels`].
    pub fn keep_sentinels(mut self, keep: bool) -> Self {
        self.keeps_sentinels = keep;
        self
    }

    /// Sets the instruction set. Every [set](Instructions) gives the same bytes; this is for benches and tests.
    pub fn instructions(mut self, instructions: Instructions) -> Self {
        self.instructions = instructions;
        self
    }

    /// Sets the `query` of the answer, a JSON object.
    pub(crate) fn query(mut self, json: Vec<u8>) -> Self {
        self.query = json;
        self
    }

    /// Sets the ids of the selected stations, sorted; `None` for all stations. A page that is not the last has the number of stations after
    /// it.
    pub(crate) fn selected(mut self, ids: Option<Vec<String>>) -> Self {
        self.selected = ids;
        self
    }

    /// Sets whether the values are counts, which have no unit.
    pub(crate) fn without_units(mut self, without: bool) -> Self {
        self.without_units = without;
        self
    }

    /// Sets the unit of concentrations, in which the input has them.
    pub(crate) fn units(mut self, units: Option<Unit>) -> Self {
        self.units = units;
        self
    }

    /// Sets whether the rows have a column of JSON written by this crate.
    pub(crate) fn with_json(mut self, has_json: bool) -> Self {
        self.has_json = has_json;
        self
    }

    /// Returns a writer that takes CSV and writes the answer into `inner`.
    pub fn into_writer<W: Write>(self, inner: W) -> Encoder<W> {
        Encoder { engine: self.into_engine(1), out: OutputBuffer::for_rows(), inner, poison: Poison::default() }
    }

    /// Returns an engine. A Parquet file is encoded on up to `threads` threads, the caller's among them.
    #[cfg_attr(not(feature = "parquet"), expect(unused_variables, reason = "only Parquet files have columns"))]
    pub(super) fn into_engine(self, threads: usize) -> Box<dyn Engine> {
        match self.format {
            Format::Json => self.engine(JsonEncoder::default()),
            Format::Records => self.engine(FlatEncoder::new(FlatForm::Records)),
            Format::Columns => self.engine(ColumnsEncoder::default()),
            Format::Ndjson => self.engine(FlatEncoder::new(FlatForm::Ndjson)),
            Format::Csv => self.engine(FlatEncoder::new(FlatForm::Csv)),
            Format::CsvSafe => self.engine(FlatEncoder::new(FlatForm::CsvSafe)),
            Format::GeoJson => self.engine(GeoJsonEncoder::default()),
            #[cfg(feature = "parquet")]
            Format::Parquet => self.engine(ParquetEncoder::new(threads)),
            Format::NgsiLd => self.engine(NgsiLdEncoder::new(AttributeForm::KeyValues)),
            Format::NgsiLdNormalized => self.engine(NgsiLdEncoder::new(AttributeForm::Normalized)),
        }
    }

    fn engine<E: Encode + 'static>(self, format: E) -> Box<dyn Engine> {
        let context = Context {
            query: self.query,
            without_units: self.without_units,
            units: self.units,
            stations: self.stations,
            selected: self.selected,
        };
        let wanted = Wanted {
            parameters: self.parameters,
            has_json: self.has_json,
            taken: format.taken(),
            special: format.special(),
            keeps_sentinels: self.keeps_sentinels,
        };
        let reader = Reader::new(wanted, self.on_rejected, self.instructions);
        new_engine(reader, format, context, self.limit)
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

/// A guard against writes to a writer that has failed, because the answer would have a gap.
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

    /// Records whether a result is an error, and returns the result.
    pub(crate) fn note(&mut self, result: Result<()>) -> Result<()> {
        self.has_failed = result.is_err();
        result
    }
}
