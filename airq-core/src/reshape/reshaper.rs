//! The door to the mechanism: a writer that turns the CSV written into it.

use super::engine::{Ended, Engine, Intact, ShapeEngine};
use super::fast::Path;
use super::header::Wanted;
use super::parser::Parser;
use super::reject::{OnReject, Reject};
use super::shapes::{Columns, Context, Csv, GeoJson, Ndjson, Nested, NgsiLd, Records, Shape, Spelled};
use super::sheet::Sheet;
use crate::error::Result;
use crate::format::Format;
use crate::model::{Pollutant, Stations};
use crate::query::Cursor;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

/// How CSV is to be turned; [`into_writer`](Reshape::into_writer) begins.
///
/// ```
/// use airq_core::{Format, Pollutant, reshape::Reshape};
/// use std::io::Write;
///
/// let rejects = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
/// let seen = rejects.clone();
/// let mut reshaper = Reshape::to(Format::Csv)
///     .pollutants([Pollutant::No2])
///     .on_reject(move |reject| seen.lock().unwrap().push(reject.to_string()))
///     .into_writer(Vec::new());
/// reshaper.write_all(b"time;station;no2;o3\n2016-10-01;a;1.5;2\n2016-10-01;b;bad;2\n")?;
/// let (csv, summary) = reshaper.finish()?;
/// assert_eq!(csv, b"station,time,no2\na,2016-10-01T00:00:00.000Z,1.5\n");
/// assert_eq!((summary.rows, summary.rejected), (1, 1));
/// assert_eq!(rejects.lock().unwrap()[0], "line 3, column \"no2\": \"bad\" is not a number");
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Reshape {
    format: Format,
    pollutants: Vec<Pollutant>,
    limit: Option<u64>,
    query: Vec<u8>,
    without_units: bool,
    has_json: bool,
    stations: Arc<Stations>,
    on_reject: OnReject,
    path: Path,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Rows in the answer (for GeoJSON: rows that its features were chosen from).
    pub rows: u64,
    /// Rows that were reported and left out.
    pub rejected: u64,
    /// Where the next page begins, if the limit ended this one.
    pub next: Option<Cursor>,
}

impl Reshape {
    /// Turn CSV into this format.
    pub fn to(format: Format) -> Self {
        Reshape {
            format,
            pollutants: Vec::new(),
            limit: None,
            query: b"{}".to_vec(),
            without_units: false,
            has_json: false,
            stations: Arc::default(),
            on_reject: OnReject::Fail,
            path: Path::Auto,
        }
    }

    /// Only these pollutants; one that the input lacks is `null` in every row. None means all that there are.
    pub fn pollutants(mut self, pollutants: impl IntoIterator<Item = Pollutant>) -> Self {
        self.pollutants = pollutants.into_iter().collect();
        self
    }

    /// Stop the answer after so many rows. A further row in the input makes a [next](Summary::next) page.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Describe stations by this table.
    pub fn stations(mut self, stations: Arc<Stations>) -> Self {
        self.stations = stations;
        self
    }

    /// Report rows that cannot be used and leave them out, where without this they are errors.
    pub fn on_reject(mut self, tell: impl FnMut(&Reject) + Send + 'static) -> Self {
        self.on_reject = OnReject::Tell(Box::new(tell));
        self
    }

    /// Turn rows this way. Every [`Path`] gives the same bytes: this is for benches, tests and finding faults.
    pub fn path(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// The JSON object that the answer's `query` is to be.
    pub(crate) fn query(mut self, json: Vec<u8>) -> Self {
        self.query = json;
        self
    }

    /// The values are numbers without a unit: what was counted.
    pub(crate) fn without_units(mut self, without: bool) -> Self {
        self.without_units = without;
        self
    }

    /// The rows have a column of JSON that the core has made.
    pub(crate) fn with_json(mut self, has_json: bool) -> Self {
        self.has_json = has_json;
        self
    }

    /// A writer that takes CSV and writes the answer into `inner`.
    pub fn into_writer<W: Write>(self, inner: W) -> Reshaper<W> {
        Reshaper { engine: self.into_engine(), out: Sheet::for_rows(), inner, intact: Intact::default() }
    }

    pub(super) fn into_engine(self) -> Box<dyn Engine> {
        match self.format {
            Format::Json => self.engine(Nested::default()),
            Format::Records => self.engine(Records::default()),
            Format::Columns => self.engine(Columns::default()),
            Format::Ndjson => self.engine(Ndjson::default()),
            Format::Csv => self.engine(Csv::default()),
            Format::GeoJson => self.engine(GeoJson::default()),
            Format::NgsiLd => self.engine(NgsiLd::new(Spelled::KeyValues)),
            Format::NgsiLdNormalized => self.engine(NgsiLd::new(Spelled::Normalized)),
        }
    }

    fn engine<S: Shape + 'static>(self, shape: S) -> Box<dyn Engine> {
        let context = Context { query: self.query, without_units: self.without_units, stations: self.stations };
        let wanted = Wanted { pollutants: self.pollutants, has_json: self.has_json, taken: shape.taken() };
        let parser = Parser::new(wanted, self.on_reject, self.path);
        Box::new(ShapeEngine::new(shape, parser, context, self.limit))
    }
}

/// Takes CSV by [`Write`] and writes the answer on. Ends with [`finish`](Reshaper::finish): without it the answer has no
/// end.
pub struct Reshaper<W> {
    engine: Box<dyn Engine>,
    out: Sheet,
    inner: W,
    intact: Intact,
}

impl<W: Write> Reshaper<W> {
    /// Ends the input: writes the rest of the answer and gives the writer back.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`](crate::ErrorKind::InvalidData) if the CSV is at fault or empty; what the writer returned if
    /// it failed.
    pub fn finish(mut self) -> Result<(W, Summary)> {
        self.intact.check()?;
        let Ended { rows, rejected, next } = self.engine.finish(&mut self.out)?;
        drain(&mut self.out, &mut self.inner)?;
        self.inner.flush()?;
        Ok((self.inner, Summary { rows, rejected, next }))
    }

    /// The writer behind this one.
    pub fn inner(&self) -> &W {
        &self.inner
    }

    fn feed(&mut self, csv: &[u8]) -> Result<()> {
        let Reshaper { engine, out, inner, .. } = self;
        engine.feed_all(csv, out, |out| drain(out, inner))
    }
}

fn drain(out: &mut Sheet, inner: &mut impl Write) -> Result<()> {
    inner.write_all(out.as_slice())?;
    out.clear();
    Ok(())
}

impl<W: Write> Write for Reshaper<W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.intact.check()?;
        let fed = self.feed(csv);
        self.intact.note(fed)?;
        Ok(csv.len())
    }

    /// Writes on what is gathered. The answer's end needs [`finish`](Reshaper::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.intact.check()?;
        drain(&mut self.out, &mut self.inner)?;
        self.inner.flush()
    }
}

impl<W> fmt::Debug for Reshaper<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reshaper")
            .field("gathered", &self.out.len())
            .field("intact", &self.intact)
            .finish_non_exhaustive()
    }
}
