//! From checked rows to the staging table, in PostgreSQL's binary format: no number is printed and read again.

use super::report::ImportWatch;
use crate::error::{Position, Result, cut_bytes};
use crate::input::number::double;
use crate::input::tally::Sums;
use crate::model::{self, Pollutant, Timestamp};
use crate::csv::{Field, Kind, Layout, RejectedRow, Row, RowSink};
use std::collections::HashMap;
use std::io::Write;

/// What the file of a binary `COPY` begins and ends with.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();
/// Microseconds from 1970 to 2000, where PostgreSQL's instants begin.
const EPOCH: i64 = 946_684_800_000_000;
/// Line, station and time stand before the pollutants.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "a handful of columns")]
const COLUMNS: i16 = 3 + Pollutant::ALL.len() as i16;
/// How much is gathered before it is sent.
const PIECE: usize = 128 * 1024;

/// Where rows go, and what was seen of them.
pub(super) struct Staging<'a, W> {
    out: W,
    gathered: Vec<u8>,
    watch: &'a mut dyn ImportWatch,
    /// The file that is being read.
    file: String,
    columns: Columns,
    /// The values of the row that is being pushed.
    row: Vec<(Pollutant, f64)>,
    pub(super) seen: Seen,
}

/// What was seen of the rows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Rows in the staging table.
    pub(super) staged: u64,
    /// Rows that were refused here, not by the parser.
    pub(super) refused: u64,
    pub(super) stations: HashMap<Vec<u8>, Station>,
    /// Stations as files of measurements describe them.
    pub(super) told: Vec<crate::Station>,
    /// The pollutants beyond the data set's six that headers name, in the order they came.
    pub(super) optional: Vec<Pollutant>,
    /// Whether rows are parts of measurements, to be merged value by value.
    pub(super) are_parts: bool,
    /// What there is of each pollutant.
    pub(super) sums: Sums,
    /// How many values the rows have.
    pub(super) values: u64,
    /// Whether a station's rows did not come in the order of time: only then can two be of one time.
    pub(super) tangled: bool,
}

/// What was seen of a station.
#[derive(Debug)]
pub(super) struct Station {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// As a `city` column told it.
    pub(super) city: Option<String>,
}

/// Where the current file has what.
#[derive(Default)]
struct Columns {
    pollutants: [Option<Field>; Pollutant::ALL.len()],
    city: Option<Field>,
}

/// Why a row that the parser took cannot be stored.
struct Refusal<'a> {
    column: &'a str,
    value: &'a [u8],
    reason: String,
}

impl<'a, W: Write> Staging<'a, W> {
    pub(super) fn new(out: W, watch: &'a mut dyn ImportWatch) -> Self {
        let (columns, seen) = (Columns::default(), Seen::default());
        Staging { out, gathered: SIGNATURE.to_vec(), watch, file: String::new(), columns, row: Vec::new(), seen }
    }

    /// The rows to come are from this file.
    pub(super) fn begin(&mut self, file: &str) {
        file.clone_into(&mut self.file);
    }

    /// Tells how far it has come.
    pub(super) fn tell(&mut self, bytes: u64, rejected: u64) {
        self.watch.read(bytes, self.seen.staged + self.seen.refused + rejected);
    }

    /// Tells of a row that cannot be used.
    pub(super) fn reject(&mut self, mut reject: RejectedRow) {
        reject.position.file = Some(self.file.clone());
        self.watch.rejected(&reject);
    }

    /// Sends the rest; the writer must be finished then.
    ///
    /// # Errors
    /// What the writer fails with.
    pub(super) fn finish(mut self) -> Result<(W, Seen)> {
        self.gathered.extend_from_slice(&TRAILER);
        self.out.write_all(&self.gathered)?;
        Ok((self.out, self.seen))
    }

    /// Appends the row, or none of it.
    fn push<'r>(&mut self, row: &Row<'r>) -> std::result::Result<(), Refusal<'r>> {
        check_id(row.station).map_err(|why| refusal(row, row.layout.station, row.station, why))?;
        let city = self.columns.city.as_ref().and_then(|field| row.value(field));
        if let Some(city) = city.filter(|city| city.contains(&0)) {
            return Err(Refusal { column: "city", value: city, reason: NUL.to_owned() });
        }
        let start = self.gathered.len();
        self.gathered.extend_from_slice(&COLUMNS.to_be_bytes());
        self.push_field(&self.seen.staged.to_be_bytes());
        self.push_field(row.station);
        self.push_field(&(row.time.as_microseconds() - EPOCH).to_be_bytes());
        self.row.clear();
        self.push_values(row).inspect_err(|_| self.gathered.truncate(start))?;
        for (pollutant, value) in &self.row {
            self.seen.sums.add(*pollutant, *value, row.time);
        }
        self.seen.values += self.row.len() as u64;
        self.note(row.station, row.time, city);
        Ok(())
    }

    fn push_values<'r>(&mut self, row: &Row<'r>) -> std::result::Result<(), Refusal<'r>> {
        for place in 0..Pollutant::ALL.len() {
            let field = self.columns.pollutants[place].as_ref();
            match field.and_then(|field| row.value(field)) {
                None => self.gathered.extend_from_slice(&(-1_i32).to_be_bytes()),
                Some(text) => {
                    let column = field.and_then(|field| field.column).unwrap_or(usize::MAX);
                    let number = double(text).ok_or_else(|| {
                        let why = format!("{:?} is out of the range of double precision", cut_bytes(text));
                        refusal(row, column, text, why)
                    })?;
                    self.push_field(&number.to_be_bytes());
                    self.row.push((Pollutant::ALL[place], number));
                }
            }
        }
        Ok(())
    }

    fn push_field(&mut self, bytes: &[u8]) {
        // A record is at most a MiB long.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.gathered.extend_from_slice(&length.to_be_bytes());
        self.gathered.extend_from_slice(bytes);
    }

    fn note(&mut self, id: &[u8], time: Timestamp, city: Option<&[u8]>) {
        self.seen.staged += 1;
        let named = |city: &[u8]| Some(String::from_utf8_lossy(city).trim().to_owned()).filter(|city| !city.is_empty());
        let city = || city.and_then(named);
        let Some(station) = self.seen.stations.get_mut(id) else {
            let station = Station { first: time, last: time, city: city() };
            self.seen.stations.insert(id.to_owned(), station);
            return;
        };
        self.seen.tangled |= time <= station.last;
        station.first = station.first.min(time);
        station.last = station.last.max(time);
        if station.city.is_none() {
            station.city = city();
        }
    }
}

impl<W: Write> RowSink for Staging<'_, W> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        layout.check_measured()?;
        let of = |kind: Kind| layout.fields.iter().find(|field| field.kind == kind).cloned();
        self.columns.pollutants = Pollutant::ALL.map(|pollutant| of(Kind::Pollutant(pollutant)));
        self.columns.city = layout.fields.iter().find(|field| field.name.eq_ignore_ascii_case("city")).cloned();
        for pollutant in layout.pollutants() {
            if !Pollutant::DATA_SET.contains(&pollutant) && !self.seen.optional.contains(&pollutant) {
                self.seen.optional.push(pollutant);
            }
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if let Err(Refusal { column, value, reason }) = self.push(row) {
            self.seen.refused += 1;
            let position = Position { file: None, line: row.line, column: Some(column.to_owned()) };
            self.reject(RejectedRow { position, value: cut_bytes(value), reason });
        }
        if self.gathered.len() >= PIECE {
            self.out.write_all(&self.gathered)?;
            self.gathered.clear();
        }
        Ok(())
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
    if id.len() > model::Station::LONGEST_ID { Err("a station's id of more than 1000 bytes") } else { Ok(()) }
}
