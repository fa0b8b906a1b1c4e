//! Checked rows as the rows of a binary `COPY`: PostgreSQL does not parse numbers and times again.

use super::columns;
use super::report::ImportWatch;
use super::survey::Survey;
use crate::csv::{Field, Kind, Layout, RejectedRow, Row, RowSink};
use crate::error::{Error, ErrorKind, Position, Result, cut_bytes};
use crate::input::number::double;
use crate::model::{Pollutant, Station, Timestamp};
use std::collections::HashMap;
use std::io::Write;

/// The first and the last bytes of a binary `COPY`.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// The length that stands for null.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
/// The microseconds from 1970 to 2000, where PostgreSQL's times begin.
const EPOCH: i64 = 946_684_800_000_000;
/// The number of bytes that are sent at once.
const BUFFER: usize = 64 * 1024;
/// The number of rejected rows that a direct copy keeps until its end.
const MOST_KEPT_REJECTS: u64 = 1000;

/// The table that rows are copied to.
pub(super) enum Target<'a> {
    /// The staging table: every row with its number.
    Staging,
    /// The data set itself, as long as every row is new and later than the rows of its station before.
    Measurements(&'a mut DirectCopy),
}

/// What a direct copy has to keep to be abandoned without a trace.
#[derive(Default)]
pub(super) struct DirectCopy {
    /// The time of the last measurement of each station in the database.
    pub(super) stored: HashMap<Vec<u8>, Timestamp>,
    /// The rejected rows, which are reported once the copy is complete.
    pub(super) rejects: Vec<RejectedRow>,
    /// The number of rejected rows that the import allows.
    pub(super) max_rejects: u64,
    /// Whether the rows must be read again, into the staging table.
    pub(super) is_abandoned: bool,
}

impl Target<'_> {
    /// The `COPY` command of the rows.
    pub(super) fn command(&self) -> String {
        let columns = columns::measurement();
        match self {
            Target::Staging => format!("copy staged (line, {columns}) from stdin (format binary)"),
            Target::Measurements(_) => format!("copy measurements ({columns}) from stdin (format binary)"),
        }
    }

    /// The number of columns of a row.
    fn width(&self) -> usize {
        let width = 2 + Pollutant::ALL.len();
        if matches!(self, Target::Staging) { width + 1 } else { width }
    }
}

impl DirectCopy {
    fn add_reject(&mut self, reject: RejectedRow) {
        self.rejects.push(reject);
        self.is_abandoned |= self.rejects.len() as u64 > self.max_rejects.min(MOST_KEPT_REJECTS);
    }

    /// Abandons the copy if this row, just added to the survey, is not later than all rows of its station before.
    fn check(&mut self, survey: &Survey, row: &Row<'_>) -> Result<()> {
        let is_stored = !self.stored.is_empty() && self.stored.get(row.station).is_some_and(|last| row.time <= *last);
        self.is_abandoned |= is_stored || survey.is_unordered;
        if self.is_abandoned {
            return Err(Error::new(ErrorKind::Internal, "the direct copy was abandoned"));
        }
        Ok(())
    }
}

/// Writes rows as a binary `COPY`, and surveys them.
pub(super) struct RowCopy<'a, W> {
    out: W,
    buffer: Vec<u8>,
    target: Target<'a>,
    /// The number of columns of a row, as `COPY` wants it.
    width: [u8; 2],
    watch: &'a mut dyn ImportWatch,
    /// The file that is being read.
    file: String,
    columns: Columns,
    /// The values of the row that is being pushed.
    values: Vec<(Pollutant, f64)>,
    pub(super) survey: Survey,
}

/// The columns of the current file.
#[derive(Default)]
struct Columns {
    pollutants: Vec<Option<Field>>,
    city: Option<Field>,
}

/// Why a row that the parser accepted cannot be stored.
struct Refusal<'a> {
    column: &'a str,
    value: &'a [u8],
    reason: String,
}

impl<'a, W: Write> RowCopy<'a, W> {
    pub(super) fn new(out: W, target: Target<'a>, watch: &'a mut dyn ImportWatch) -> Self {
        let width = u16::try_from(target.width()).unwrap_or(u16::MAX).to_be_bytes();
        RowCopy {
            out,
            buffer: SIGNATURE.to_vec(),
            target,
            width,
            watch,
            file: String::new(),
            columns: Columns::default(),
            values: Vec::new(),
            survey: Survey::default(),
        }
    }

    /// Starts a file.
    pub(super) fn begin_file(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    /// Reports the progress.
    pub(super) fn report_progress(&mut self, bytes: u64, rejected: u64) {
        self.watch.read(bytes, self.survey.copied + self.survey.refused + rejected);
    }

    /// Reports a row that cannot be used.
    pub(super) fn reject(&mut self, mut reject: RejectedRow) {
        reject.position.file = Some(self.file.clone());
        match &mut self.target {
            Target::Staging => self.watch.rejected(&reject),
            Target::Measurements(direct) => direct.add_reject(reject),
        }
    }

    /// Sends the last rows. The writer must be finished after that.
    ///
    /// # Errors
    /// If the writer fails.
    pub(super) fn finish(mut self) -> Result<(W, Survey)> {
        self.buffer.extend_from_slice(&TRAILER);
        self.out.write_all(&self.buffer)?;
        Ok((self.out, self.survey))
    }

    /// Appends the row, or none of it.
    fn push<'r>(&mut self, row: &Row<'r>) -> std::result::Result<(), Refusal<'r>> {
        check_id(row.station).map_err(|why| refusal(row, row.layout.station, row.station, why))?;
        let city = self.columns.city.as_ref().and_then(|field| row.value(field));
        if let Some(city) = city.filter(|city| city.contains(&0)) {
            return Err(Refusal { column: "city", value: city, reason: NUL.to_owned() });
        }
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&self.width);
        if matches!(self.target, Target::Staging) {
            self.push_number(self.survey.copied.to_be_bytes());
        }
        self.push_text(row.station);
        self.push_number((row.time.as_microseconds() - EPOCH).to_be_bytes());
        self.values.clear();
        self.push_values(row).inspect_err(|_| self.buffer.truncate(start))?;
        for (pollutant, value) in &self.values {
            self.survey.sums.add(*pollutant, *value, row.time);
        }
        self.survey.values += self.values.len() as u64;
        self.survey.add_row(row.station, row.time, city);
        Ok(())
    }

    fn push_values<'r>(&mut self, row: &Row<'r>) -> std::result::Result<(), Refusal<'r>> {
        for (place, pollutant) in Pollutant::ALL.iter().enumerate() {
            let field = self.columns.pollutants.get(place).and_then(Option::as_ref);
            let Some(text) = field.and_then(|field| row.value(field)) else {
                self.buffer.extend_from_slice(&NULL);
                continue;
            };
            let Some(number) = double(text) else {
                let column = field.and_then(|field| field.column).unwrap_or(usize::MAX);
                let why = format!("{:?} is out of the range of double precision", cut_bytes(text));
                return Err(refusal(row, column, text, why));
            };
            self.push_number(number.to_be_bytes());
            self.values.push((*pollutant, number));
        }
        Ok(())
    }

    /// Appends a number of eight bytes and its length.
    fn push_number(&mut self, number: [u8; 8]) {
        const LENGTH: [u8; 4] = 8_i32.to_be_bytes();
        let mut field = [0; 12];
        field[..4].copy_from_slice(&LENGTH);
        field[4..].copy_from_slice(&number);
        self.buffer.extend_from_slice(&field);
    }

    fn push_text(&mut self, text: &[u8]) {
        // A record is at most a MiB long.
        let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
        self.buffer.extend_from_slice(&length.to_be_bytes());
        self.buffer.extend_from_slice(text);
    }
}

impl<W: Write> RowSink for RowCopy<'_, W> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        layout.check_measured()?;
        self.columns = Columns::of(layout);
        self.survey.add_pollutants(layout.pollutants());
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if let Err(Refusal { column, value, reason }) = self.push(row) {
            self.survey.refused += 1;
            let position = Position { file: None, line: row.line, column: Some(column.to_owned()) };
            self.reject(RejectedRow { position, value: cut_bytes(value), reason });
        }
        if let Target::Measurements(direct) = &mut self.target {
            direct.check(&self.survey, row)?;
        }
        if self.buffer.len() >= BUFFER {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

impl Columns {
    fn of(layout: &Layout) -> Self {
        let field = |kind: Kind| layout.fields.iter().find(|field| field.kind == kind).cloned();
        Columns {
            pollutants: Pollutant::ALL.iter().map(|pollutant| field(Kind::Pollutant(*pollutant))).collect(),
            city: layout.fields.iter().find(|field| field.name.eq_ignore_ascii_case("city")).cloned(),
        }
    }
}

fn refusal<'r>(row: &Row<'r>, column: usize, value: &'r [u8], why: impl Into<String>) -> Refusal<'r> {
    let column = row.layout.names.get(column).map_or("", String::as_str);
    Refusal { column, value, reason: why.into() }
}

const NUL: &str = "a NUL character, which a database cannot store";

fn check_id(id: &[u8]) -> std::result::Result<(), &'static str> {
    if id.contains(&0) {
        return Err(NUL);
    }
    if id.len() > Station::LONGEST_ID { Err("a station's id of more than 1000 bytes") } else { Ok(()) }
}
