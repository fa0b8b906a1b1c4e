//! From files to the index: every row checked once, written in one spelling, put in order.

use super::door::{self, Merging};
use super::index::{Index, Place};
use super::{CsvOptions, CsvRepository, Loaded};
use crate::error::{Error, ErrorKind, Result};
use crate::hash::{StableHasher, hex};
use crate::model::{Pollutant, Station, Stations};
use crate::csv::{Field, Kind, Layout, RejectedRow, Row, RowSink};
use crate::text::push_csv_field;
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::mpsc;

const REJECTS_KEPT: usize = 10;

/// Gathers rows of any number of files.
#[derive(Debug)]
pub(super) struct Loader {
    default_city: Option<String>,
    skip_bad_rows: bool,
    described: Vec<Station>,
    /// Cities that a `city` column told.
    cities: BTreeMap<String, String>,
    /// Stations as files of measurements tell them.
    told: Vec<Station>,
    #[cfg(feature = "formats")]
    input: crate::InputOptions,
    #[cfg(not(feature = "formats"))]
    input: (),
    merging: Merging,
    rows: Rows,
    read: u64,
    rejected: u64,
    ignored: u64,
    duplicates: u64,
    rejects: Vec<RejectedRow>,
}

/// The rows so far, in the order they came.
#[derive(Debug)]
struct Rows {
    /// Canonical CSV, row after row: `station,time,values…\n`.
    bytes: Vec<u8>,
    places: Vec<Place>,
    /// Station ids by number, and back.
    ids: Vec<String>,
    numbers: HashMap<Vec<u8>, u32>,
    /// The columns behind station and time: the data set's six, then what files add.
    columns: Vec<Pollutant>,
}

impl Loader {
    pub(super) fn new(options: &CsvOptions) -> Self {
        Loader {
            default_city: options.city.clone(),
            skip_bad_rows: options.skip_bad_rows,
            described: Vec::new(),
            cities: BTreeMap::new(),
            rows: Rows {
                bytes: Vec::new(),
                places: Vec::new(),
                ids: Vec::new(),
                numbers: HashMap::new(),
                columns: Pollutant::DATA_SET.to_vec(),
            },
            told: Vec::new(),
            #[cfg(feature = "formats")]
            input: options.input.clone(),
            #[cfg(not(feature = "formats"))]
            input: (),
            merging: Merging::default(),
            read: 0,
            rejected: 0,
            ignored: 0,
            duplicates: 0,
            rejects: Vec::new(),
        }
    }

    pub(super) fn describe(&mut self, stations: Vec<Station>) {
        self.described.extend(stations);
    }

    /// Reads one file's rows.
    ///
    /// # Errors
    /// If it cannot be read or, unless bad rows are skipped, a row cannot be used.
    pub(super) fn read(&mut self, name: &str, csv: &mut dyn Read) -> Result<()> {
        let (tell, told) = mpsc::channel();
        let tell = self.skip_bad_rows.then_some(tell);
        let before = self.rows.places.len();
        let sink = FileSink { rows: &mut self.rows, cities: &mut self.cities, city: None, fields: Vec::new() };
        let rejects = &mut self.rejects;
        let passed = door::pass(name, csv, &self.input, sink, tell, || note_rejects(rejects, &told, name))?;
        self.merging.note(passed.merges, name)?;
        self.ignored += passed.ignored;
        self.duplicates += passed.duplicates;
        self.rejected += passed.rejected;
        // Nothing is counted on the way of a file that is airq's own.
        let rows = (self.rows.places.len() - before) as u64;
        self.read += if passed.read == 0 { rows + passed.rejected } else { passed.read };
        self.told.extend(passed.stations);
        Ok(())
    }

    /// Puts everything in order.
    pub(super) fn finish(self) -> CsvRepository {
        let stations = self.stations();
        let Rows { bytes, places, ids, columns, .. } = self.rows;
        let (index, replaced) = Index::new(&columns, &bytes, places, &ids, self.merging.is_on());
        let (read, rejected, ignored) = (self.read, self.rejected, self.ignored);
        let duplicates = self.duplicates + replaced;
        let accepted = read - rejected - ignored - duplicates;
        let loaded = Loaded { read, accepted, duplicates, rejected, ignored, rejects: self.rejects };
        let version = version(&index, &stations);
        CsvRepository { index, stations, version, loaded }
    }

    /// Every station that is described or measured, with the best that is known of it.
    fn stations(&self) -> Stations {
        let measured = Stations::new(self.rows.ids.iter().map(Station::new));
        let known = measured.described_by(self.told.iter().cloned()).described_by(self.described.iter().cloned());
        Stations::new(known.iter().cloned().map(|mut station| {
            let told = || self.cities.get(&station.id).or(self.default_city.as_ref()).cloned();
            station.city = station.city.clone().or_else(told);
            station
        }))
    }
}

/// Empties the channel; the first few rejects are kept, with the file's name.
fn note_rejects(kept: &mut Vec<RejectedRow>, told: &mpsc::Receiver<RejectedRow>, name: &str) {
    for mut reject in told.try_iter() {
        if kept.len() < REJECTS_KEPT {
            reject.position.file = Some(name.to_owned());
            kept.push(reject);
        }
    }
}

/// The same data have the same version, in every process.
fn version(index: &Index, stations: &Stations) -> String {
    let described = format!("{stations:?}");
    hex(StableHasher::default().with(index.header()).with(index.bytes()).with(described.as_bytes()).finish())
}

/// Takes the rows of one file.
struct FileSink<'a> {
    rows: &'a mut Rows,
    cities: &'a mut BTreeMap<String, String>,
    /// The file's own `city` column.
    city: Option<Field>,
    /// For each of the repository's columns, the file's field.
    fields: Vec<Option<Field>>,
}

impl RowSink for FileSink<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        layout.check_measured()?;
        for pollutant in layout.pollutants() {
            if !self.rows.columns.contains(&pollutant) {
                self.rows.columns.push(pollutant);
            }
        }
        let of = |pollutant: &Pollutant| {
            layout.fields.iter().find(|field| field.kind == Kind::Pollutant(*pollutant)).cloned()
        };
        self.fields = self.rows.columns.iter().map(of).collect();
        self.city = layout.fields.iter().find(|field| field.name.eq_ignore_ascii_case("city")).cloned();
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let station = self.rows.number(row.station)?;
        if let Some(city) = self.city.as_ref().and_then(|field| row.value(field)) {
            self.note_city(row.station, city);
        }
        let start = self.rows.bytes.len();
        let bytes = &mut self.rows.bytes;
        push_csv_field(bytes, row.station);
        bytes.push(b',');
        row.time.write_to(bytes);
        for field in &self.fields {
            bytes.push(b',');
            bytes.extend_from_slice(field.as_ref().and_then(|field| row.value(field)).unwrap_or_default());
        }
        let length = u32::try_from(bytes.len() - start).map_err(|_| too_much("a row"))?;
        self.rows.places.push(Place { station, length, start: start as u64, time: row.time.as_microseconds() });
        Ok(())
    }
}

impl FileSink<'_> {
    fn note_city(&mut self, station: &[u8], city: &[u8]) {
        let (station, city) = (String::from_utf8_lossy(station), String::from_utf8_lossy(city));
        if !city.trim().is_empty() && !self.cities.contains_key(&*station) {
            self.cities.insert(station.into_owned(), city.trim().to_owned());
        }
    }
}

impl Rows {
    fn number(&mut self, id: &[u8]) -> Result<u32> {
        if let Some(number) = self.numbers.get(id) {
            return Ok(*number);
        }
        let number = u32::try_from(self.ids.len()).map_err(|_| too_much("the number of stations"))?;
        self.ids.push(String::from_utf8_lossy(id).into_owned());
        self.numbers.insert(id.to_owned(), number);
        Ok(number)
    }
}

fn too_much(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{what} is past what can be counted"))
}
