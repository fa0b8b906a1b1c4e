//! Checked rows as the rows of a binary `COPY`: PostgreSQL does not parse numbers and times again.

use super::copy_stream::CopyStream;
use super::parameters::{self, StoredParameters};
use super::report::ImportWatch;
use super::survey::Survey;
use crate::csv::number::double;
use crate::csv::{Field, Kind, Layout, RejectedRow, Row, RowSink, StationColumns};
use crate::error::{Error, ErrorKind, Position, Result, cut_bytes};
use crate::model::{Parameter, Station, Timestamp};
use std::collections::HashMap;

/// The first and the last bytes of a binary `COPY`.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// The length of null.
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

/// The state that a direct copy needs to be abandoned without a trace.
#[derive(Default)]
pub(super) struct DirectCopy {
    /// The time of the last measurement of each station in the database.
    pub(super) stored: HashMap<Vec<u8>, Timestamp>,
    /// The rejected rows, which are reported once the copy is complete.
    pub(super) rejects: Vec<RejectedRow>,
    /// The number of rejected rows that the import allows.
    pub(super) max_rejects: u64,
    /// True if the rows must be read again, into the staging table.
    pub(super) is_abandoned: bool,
}

impl Target<'_> {
    /// The `COPY` command of rows with these parameters.
    fn command(&self, parameters: &[Parameter]) -> String {
        let values = parameters::list(parameters, str::to_owned);
        match self {
            Target::Staging => format!("copy staged (line, station_id, time{values}) from stdin (format binary)"),
            Target::Measurements(_) => {
                format!("copy measurements (station_id, time{values}) from stdin (format binary)")
            }
        }
    }

    /// The number of columns before the parameter columns.
    fn key_width(&self) -> usize {
        if matches!(self, Target::Staging) { 3 } else { 2 }
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
        if self.is_abandoned { Err(abandoned()) } else { Ok(()) }
    }
}

fn abandoned() -> Error {
    Error::new(ErrorKind::Internal, "the direct copy was abandoned")
}

/// Writes rows as a binary `COPY`, and surveys them.
pub(super) struct RowCopy<'a> {
    out: CopyStream,
    buffer: Vec<u8>,
    target: Target<'a>,
    stored: StoredParameters,
    /// The parameters of the `COPY` that is under way.
    copied: Option<Vec<Parameter>>,
    /// The number of columns of a row, as `COPY` wants it.
    width: [u8; 2],
    watch: &'a mut dyn ImportWatch,
    /// The file that is being read.
    file: String,
    columns: CopiedColumns,
    /// The values of the row that is being pushed, each with the position of its summary.
    values: Vec<(usize, f64)>,
    pub(super) survey: Survey,
}

/// The columns of the current file.
#[derive(Default)]
struct CopiedColumns {
    /// Each with the position of its summary.
    parameters: Vec<(usize, Field)>,
    metadata: StationColumns,
}

/// The reason why a row that the parser accepted cannot be stored.
struct Refusal<'a> {
    column: &'a str,
    value: &'a [u8],
    reason: String,
}

impl<'a> RowCopy<'a> {
    pub(super) fn new(
        out: CopyStream,
        target: Target<'a>,
        stored: StoredParameters,
        watch: &'a mut dyn ImportWatch,
    ) -> Self {
        RowCopy {
            out,
            buffer: Vec::new(),
            target,
            stored,
            copied: None,
            width: [0; 2],
            watch,
            file: String::new(),
            columns: CopiedColumns::default(),
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

    /// Sends the last rows.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn finish(mut self) -> Result<Survey> {
        self.end_copy()?;
        Ok(self.survey)
    }

    /// Starts a `COPY` for rows with these parameters. The staging table gets the columns of new parameters before.
    fn start_copy(&mut self, parameters: Vec<Parameter>, new: &[Parameter]) -> Result<()> {
        self.end_copy()?;
        let mut statements = String::new();
        if matches!(self.target, Target::Staging) && !new.is_empty() {
            let columns = parameters::list(new, |name| format!("add column {name} double precision"));
            statements = format!("alter table staged{}", columns.trim_start_matches(','));
        }
        self.out.start(statements, self.target.command(&parameters))?;
        let width = self.target.key_width() + parameters.len();
        self.width = u16::try_from(width).unwrap_or(u16::MAX).to_be_bytes();
        self.buffer.extend_from_slice(SIGNATURE);
        self.copied = Some(parameters);
        Ok(())
    }

    fn end_copy(&mut self) -> Result<()> {
        if self.copied.take().is_some() {
            self.buffer.extend_from_slice(&TRAILER);
            self.out.rows(std::mem::take(&mut self.buffer))?;
            self.out.end()?;
        }
        Ok(())
    }

    /// Checks that each parameter has one unit, in the database and in the files.
    fn check_units(&self, parameters: &[Parameter]) -> Result<()> {
        for parameter in parameters {
            self.stored.check_unit(*parameter)?;
            let before = self.survey.parameters.iter().find(|known| *known == parameter);
            if let Some(before) = before.filter(|before| before.unit() != parameter.unit()) {
                return Err(parameters::two_units(*parameter, before.unit().symbol(), "in a file before"));
            }
        }
        Ok(())
    }

    /// Appends the row, or none of it.
    fn push<'r>(&mut self, row: &Row<'r>) -> std::result::Result<(), Refusal<'r>> {
        check_id(row.station).map_err(|why| refusal(row, row.layout.station, row.station, why))?;
        let start = self.buffer.len();
        self.buffer.extend_from_slice(&self.width);
        if matches!(self.target, Target::Staging) {
            self.push_number(self.survey.copied.to_be_bytes());
        }
        self.push_text(row.station);
        self.push_number((row.time.as_microseconds() - EPOCH).to_be_bytes());
        self.values.clear();
        self.push_values(row).inspect_err(|_| self.buffer.truncate(start))?;
        for (position, value) in &self.values {
            self.survey.sums.add(*position, *value, row.time);
        }
        self.survey.values += self.values.len() as u64;
        self.survey.add_row(row, &self.columns.metadata, &self.values);
        Ok(())
    }

    fn push_values<'r>(&mut self, row: &Row<'r>) -> std::result::Result<(), Refusal<'r>> {
        for place in 0..self.columns.parameters.len() {
            let (position, field) = &self.columns.parameters[place];
            let Some(text) = row.value(field) else {
                self.buffer.extend_from_slice(&NULL);
                continue;
            };
            let Some(number) = double(text) else {
                let why = format!("{:?} is out of the range of double precision", cut_bytes(text));
                return Err(refusal(row, field.column.unwrap_or(usize::MAX), text, why));
            };
            self.values.push((*position, number));
            self.push_number(number.to_be_bytes());
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

impl RowSink for RowCopy<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        layout.check_measured()?;
        let parameters: Vec<Parameter> = layout.parameters().collect();
        self.check_units(&parameters)?;
        if let Target::Measurements(direct) = &mut self.target {
            direct.is_abandoned |= parameters.iter().any(|parameter| !self.stored.has_column(*parameter));
            if direct.is_abandoned {
                return Err(abandoned());
            }
        }
        self.columns = CopiedColumns::of(layout, &mut self.survey);
        let new = self.survey.add_parameters(&parameters);
        if self.copied.as_ref() != Some(&parameters) {
            self.start_copy(parameters, &new)?;
        }
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
            let full = std::mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER + BUFFER / 8));
            self.out.rows(full)?;
        }
        Ok(())
    }
}

impl CopiedColumns {
    fn of(layout: &Layout, survey: &mut Survey) -> Self {
        let mut parameters = Vec::new();
        for field in &layout.fields {
            if let Kind::Parameter(parameter) = field.kind {
                parameters.push((survey.sums.position(parameter), field.clone()));
            }
        }
        CopiedColumns { parameters, metadata: layout.station_columns() }
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
