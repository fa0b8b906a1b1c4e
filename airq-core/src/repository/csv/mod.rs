//! The repository over CSV files: tables are read in parts on several threads; a store keeps their rows in memory, a scan reads
//! them again for each query.
//!
//! ```text
//! files → tables (plain files as they are, others converted into memory) → parts ─┬─► store: rows by station
//!                                                                                ├─► survey: which part has which stations and times
//!                                                                                ├─► selected rows
//!                                                                                └─► averages
//! ```

mod average;
mod dictionary;
pub(crate) mod files;
mod parts;
mod row_set;
mod scan;
mod selected;
pub(crate) mod station_metadata;
mod store;
mod survey;
mod table;
mod watch;

use super::{DataSet, Repository, contents};
use crate::aggregate::{self, AverageSink};
use crate::csv::RejectedRow;
use crate::error::Result;
use crate::finding::Finding;
use crate::hash::hex;
use crate::model::{Station, Stations, Timestamp};
use crate::query::{Averages, Selection};
use parts::{LeftOut, REJECTS_KEPT};
use scan::Scan;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use store::Store;
use table::Tables;
use watch::{Stamps, Watch};

/// The time between two checks of the files of a store.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// More threads than this wait for each other.
const MOST_THREADS: usize = 16;

/// The embedded repository: one or many CSV files.
///
/// [`open`](CsvRepository::open) keeps the rows in memory: for servers and programs that ask many queries. Files that change are
/// loaded in the background and replace the rows in one step. [`scan`](CsvRepository::scan) reads the files for each query and
/// holds only the rows that a query selects: for one question about files of any size.
///
/// Files are what [`encode`](crate::encode) reads. Cities come from the station descriptions, a `city` column, or a default. Rows
/// with the same station and time are one measurement: the later row wins.
///
/// ```
/// use airq_core::{CsvRepository, Repository};
/// let csv = b"time,station,city,no2\n2016-10-01 00:00,aq_a,Madrid,1.5\n2016-10-01 00:00,aq_a,Madrid,2.5\n";
/// let repository = CsvRepository::from_bytes("a.csv", csv)?;
/// assert_eq!(repository.loaded().duplicates, 1);
/// assert_eq!(repository.stations()?.in_city("madrid").count(), 1);
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct CsvRepository(Arc<Source>);

/// The files and their state.
#[derive(Debug)]
struct Source {
    paths: Vec<PathBuf>,
    options: CsvOptions,
    state: RwLock<Arc<State>>,
    /// `None` for rows that do not come from files, and for scans.
    watch: Option<Mutex<(Watch, Instant)>>,
}

/// The rows of one version of the files.
#[derive(Debug)]
struct State {
    rows: SourceRows,
    stations: Stations,
    version: String,
    loaded: Loaded,
}

#[derive(Debug)]
enum SourceRows {
    Store(Store),
    Scan(Scan),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Store,
    Scan,
}

/// The settings of a [`CsvRepository`] besides its files.
#[derive(Clone, Debug)]
#[must_use]
pub struct CsvOptions {
    stations: Option<PathBuf>,
    city: Option<String>,
    skip_bad_rows: bool,
    check_every: Duration,
    scans: bool,
    chunk_length: usize,
    #[cfg(feature = "formats")]
    input: crate::InputOptions,
}

/// The account of the rows: `read = accepted + duplicates + rejected + ignored`.
///
/// Rows of the files are counted; of Madrid's files, whose rows hold a day or a month, values. A scan does not count duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// Rows in the files.
    pub read: u64,
    /// Those that answers are made of.
    pub accepted: u64,
    /// Those that a later row of the same station and time replaced.
    pub duplicates: u64,
    /// Those that could not be used; only with [`CsvOptions::skip_bad_rows`].
    pub rejected: u64,
    /// Those that hold no measurement: marked as invalid, empty, or of a parameter that airq does not know.
    pub ignored: u64,
    /// The first ten of those.
    pub rejects: Vec<RejectedRow>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        CsvOptions {
            stations: None,
            city: None,
            skip_bad_rows: false,
            check_every: CHECK_EVERY,
            scans: false,
            chunk_length: table::CHUNK,
            #[cfg(feature = "formats")]
            input: crate::InputOptions::default(),
        }
    }
}

impl CsvOptions {
    /// Sets the time between two checks whether the files have changed: a second by default.
    pub fn check_every(mut self, time: Duration) -> Self {
        self.check_every = time;
        self
    }

    /// Sets the length of the chunks that threads read, so that tests can cut small files.
    #[doc(hidden)]
    pub fn chunk_length(mut self, bytes: usize) -> Self {
        self.chunk_length = bytes;
        self
    }

    /// Makes a source URL open as a [scan](CsvRepository::scan).
    pub(crate) fn scanning(mut self, scans: bool) -> Self {
        self.scans = scans;
        self
    }

    pub(crate) fn scans(&self) -> bool {
        self.scans
    }

    /// The settings that change rows.
    fn settings(&self) -> String {
        #[cfg(feature = "formats")]
        let input = format!("{:?}", self.input);
        #[cfg(not(feature = "formats"))]
        let input = "";
        format!("{} {input}", self.skip_bad_rows)
    }

    /// Describe stations by this file (`id,name,city,country,latitude,longitude`, any order, all but `id` optional).
    /// Without it, each `stations.csv` beside the data is used.
    pub fn stations(mut self, path: impl Into<PathBuf>) -> Self {
        self.stations = Some(path.into());
        self
    }

    /// The city of stations of which nothing else tells it.
    pub fn city(mut self, name: impl Into<String>) -> Self {
        self.city = Some(name.into());
        self
    }

    /// Leave out rows that cannot be used, and count them, instead of refusing the file.
    pub fn skip_bad_rows(mut self, skip: bool) -> Self {
        self.skip_bad_rows = skip;
        self
    }

    /// Read the files as these options say; without them, formats are recognised by their headers.
    #[cfg(feature = "formats")]
    pub fn input(mut self, options: crate::InputOptions) -> Self {
        self.input = options;
        self
    }

    /// Sets one of [`InputOptions::NAMES`](crate::InputOptions::NAMES); `None` if there is no such name.
    #[cfg(feature = "formats")]
    pub(crate) fn set_input(self, name: &str, value: &str) -> Option<Result<Self>> {
        if !crate::InputOptions::NAMES.contains(&name) {
            return None;
        }
        let input = self.input.clone().set(name, value);
        Some(input.map(|input| self.input(input)))
    }

    /// There are none without the feature `formats`.
    #[cfg(not(feature = "formats"))]
    #[expect(clippy::unused_self, reason = "as it is with the feature")]
    pub(crate) fn set_input(self, _: &str, _: &str) -> Option<Result<Self>> {
        None
    }
}

impl CsvRepository {
    /// Loads files and directories (of which every `*.csv` but `stations.csv`, in the order of their names) into memory. With the
    /// feature `formats` also `.gz` and `.zip`, patterns such as `data/*.csv`, and `-` for standard input.
    ///
    /// The [version](Repository::version) looks at the files about once a second. Files that have changed, and are not being
    /// written any more, are loaded in the background. Until that succeeds, the rows that were loaded before are served, and
    /// [`examine`](Repository::examine) says so.
    ///
    /// # Errors
    /// If a file cannot be read or used: the error names file, line, column and value. If there is no CSV file at all.
    pub fn open(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &CsvOptions) -> Result<Self> {
        Self::read(paths, options, Mode::Store)
    }

    /// Reads files and directories as [`open`](CsvRepository::open) does, but keeps no rows: each query reads the parts of the
    /// files that have rows of its stations and times. Files that are packed, or of another format, are held in memory as CSV.
    ///
    /// # Errors
    /// As [`open`](CsvRepository::open). A query fails as [unavailable](crate::ErrorKind::Unavailable) if the files have changed.
    pub fn scan(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &CsvOptions) -> Result<Self> {
        Self::read(paths, options, Mode::Scan)
    }

    /// Reads CSV that is in memory already; `name` stands for the file's in errors.
    ///
    /// # Errors
    /// As [`open`](CsvRepository::open).
    pub fn from_bytes(name: &str, csv: &[u8]) -> Result<Self> {
        Self::from_reader(name, csv, None, &CsvOptions::default())
    }

    /// Reads CSV, and the descriptions of stations if there are any, from readers.
    ///
    /// # Errors
    /// As [`open`](CsvRepository::open).
    pub fn from_reader(
        name: &str,
        mut csv: impl Read + Send,
        stations_csv: Option<&[u8]>,
        options: &CsvOptions,
    ) -> Result<Self> {
        let described = stations_csv.map(station_metadata::parse).transpose()?.unwrap_or_default();
        let tables = Tables::read(name, &mut csv, options)?;
        let mode = if options.scans { Mode::Scan } else { Mode::Store };
        let state = State::new(tables, described, options, mode, None)?;
        Ok(Self::of(Vec::new(), options, state, None))
    }

    /// A simulated day (2016-10-01, every 15 minutes) of 12 stations in Spanish cities, made in memory.
    ///
    /// # Errors
    /// None that can be expected.
    #[cfg(feature = "sample")]
    pub fn sample() -> Result<Self> {
        use crate::simulation::Simulation;
        let (mut csv, mut stations) = (Vec::new(), Vec::new());
        Simulation::new(Simulation::SAMPLE).write_csv(&mut csv)?;
        Simulation::write_stations(&mut stations)?;
        Self::from_reader("the built-in sample", csv.as_slice(), Some(&stations), &CsvOptions::default())
    }

    fn read(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &CsvOptions, mode: Mode) -> Result<Self> {
        let paths: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        let (state, stamps) = State::load(&paths, options, mode)?;
        let watch = Watch { served: stamps, ..Watch::default() };
        let watch = (mode == Mode::Store).then(|| Mutex::new((watch, Instant::now())));
        Ok(Self::of(paths, options, state, watch))
    }

    fn of(paths: Vec<PathBuf>, options: &CsvOptions, state: State, watch: Option<Mutex<(Watch, Instant)>>) -> Self {
        let state = RwLock::new(Arc::new(state));
        CsvRepository(Arc::new(Source { paths, options: options.clone(), state, watch }))
    }

    /// The account of the rows that are served.
    pub fn loaded(&self) -> Loaded {
        self.0.state().loaded.clone()
    }

    /// The number of bytes that rows and their index take in memory: none in a scan.
    pub fn memory(&self) -> usize {
        match &self.0.state().rows {
            SourceRows::Store(store) => store.memory(),
            SourceRows::Scan(_) => 0,
        }
    }
}

impl Source {
    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks whether the files have changed, if the last look was long enough ago, and starts to load them.
    fn look(self: &Arc<Self>) {
        let Some(watch) = &self.watch else { return };
        let mut watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.1.elapsed() < self.options.check_every {
            return;
        }
        watched.1 = Instant::now();
        let Some(now) = Stamps::of_source(&self.paths, self.options.stations.as_deref()) else { return };
        if !watched.0.look(now) {
            return;
        }
        drop(watched);
        let source = self.clone();
        let started = std::thread::Builder::new().name("airq-load".to_owned()).spawn(move || source.reload());
        if started.is_err() {
            self.finish_loading(|watch| watch.seen = None);
        }
    }

    fn reload(&self) {
        let before = Stamps::of_source(&self.paths, self.options.stations.as_deref()).unwrap_or_default();
        match State::load(&self.paths, &self.options, Mode::Store) {
            Ok((state, stamps)) => {
                log::info!("the files have changed: {} rows loaded, version {}", state.loaded.accepted, state.version);
                *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
                self.finish_loading(|watch| {
                    watch.served = stamps;
                    watch.failed = None;
                });
            }
            Err(error) => {
                log::error!("the files have changed and cannot be loaded, the rows from before are served: {error}");
                self.finish_loading(|watch| watch.failed = Some((before, error.to_string())));
            }
        }
    }

    fn finish_loading(&self, note: impl FnOnce(&mut Watch)) {
        if let Some(watch) = &self.watch {
            let mut watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
            watched.0.is_loading = false;
            note(&mut watched.0);
        }
    }

    /// Why files that have changed are not served.
    fn outdated(&self) -> Option<String> {
        let watch = self.watch.as_ref()?;
        let watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, why) = watched.0.failed.as_ref()?;
        Some(why.clone())
    }
}

impl State {
    /// Loads the files; returns also their stamps before they were read.
    fn load(paths: &[PathBuf], options: &CsvOptions, mode: Mode) -> Result<(State, Stamps)> {
        let found = files::find(paths, options.stations.as_deref())?;
        let stamps = Stamps::of_found(&found);
        let mut described = Vec::new();
        for path in &found.stations {
            described.extend(station_metadata::read(path)?);
        }
        let tables = Tables::open(&found.data, options)?;
        let state = State::new(tables, described, options, mode, Some(&stamps))?;
        if let Some(left_out) = state.loaded.left_out() {
            log::warn!("{left_out}");
        }
        Ok((state, stamps))
    }

    fn new(
        mut tables: Tables,
        described: Vec<Station>,
        options: &CsvOptions,
        mode: Mode,
        stamps: Option<&Stamps>,
    ) -> Result<State> {
        let columns = tables.columns();
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let told = std::mem::take(&mut tables.described);
        let mut loaded = tables.account();
        let is_counted: Vec<bool> = tables.all.iter().map(|table| table.is_counted).collect();
        let names: Vec<String> = tables.all.iter().map(|table| table.name.clone()).collect();
        let (rows, ids, cities, left_out) = match mode {
            Mode::Store => {
                let (store, read) = Store::new(&tables, columns, options.skip_bad_rows, threads)?;
                loaded.duplicates += read.replaced;
                let ids = store.ids().to_vec();
                (SourceRows::Store(store), ids, read.cities, read.left_out)
            }
            Mode::Scan => {
                let (scan, left_out) = Scan::new(tables, columns, options.skip_bad_rows, threads)?;
                let ids = scan.ids().to_vec();
                let cities = scan.survey().cities().into_iter().map(|(number, city)| (ids[number].clone(), city));
                let cities = cities.collect();
                (SourceRows::Scan(scan), ids, cities, left_out)
            }
        };
        for ((left, is_counted), name) in left_out.into_iter().zip(is_counted).zip(&names) {
            loaded.add(left, is_counted, name);
        }
        loaded.accepted = loaded.read - loaded.rejected - loaded.ignored - loaded.duplicates;
        let stations = stations(&ids, told, described, &cities, options.city.as_ref());
        let version = match (stamps, &rows) {
            (None, SourceRows::Store(store)) => hex(store.hash().with(format!("{stations:?}").as_bytes()).finish()),
            (stamps, _) => {
                let settings = format!("{stations:?} {:?}", options.settings());
                stamps.cloned().unwrap_or_default().version(&settings)
            }
        };
        Ok(State { rows, stations, version, loaded })
    }
}

/// Every station that is described or measured, with the best that is known of it.
fn stations(
    ids: &[String],
    told: Vec<Station>,
    described: Vec<Station>,
    cities: &BTreeMap<String, String>,
    default_city: Option<&String>,
) -> Stations {
    let measured = Stations::new(ids.iter().map(Station::new));
    let known = measured.described_by(told).described_by(described);
    Stations::new(known.iter().cloned().map(|mut station| {
        if station.city.is_none() {
            station.city = cities.get(&station.id).or(default_city).cloned();
        }
        station
    }))
}

impl Loaded {
    /// Adds the rows of a table.
    fn add(&mut self, table: LeftOut, is_counted: bool, name: &str) {
        self.rejected += table.rejected;
        if !is_counted {
            self.read += table.rows + table.rejected;
        }
        for row in table.rejects {
            if self.rejects.len() < REJECTS_KEPT {
                self.rejects.push(row.in_file(name));
            }
        }
    }

    /// A sentence on the rows that were left out.
    fn left_out(&self) -> Option<String> {
        let first = self.rejects.first()?;
        Some(format!("{} of {} rows cannot be used and are left out, the first: {first}", self.rejected, self.read))
    }
}

impl Repository for CsvRepository {
    fn version(&self) -> Result<String> {
        self.0.look();
        Ok(self.0.state().version.clone())
    }

    fn stations(&self) -> Result<Stations> {
        Ok(self.0.state().stations.clone())
    }

    fn data_set(&self) -> Result<DataSet> {
        let state = self.0.state();
        let (measurements, (first, last)) = match &state.rows {
            SourceRows::Store(store) => (store.len() as u64, store.span()),
            SourceRows::Scan(scan) => (scan.measurements()?, scan.survey().span()),
        };
        Ok(DataSet {
            version: state.version.clone(),
            loaded_at: None,
            stations: state.stations.len() as u64,
            measurements,
            first: first.and_then(Timestamp::from_microseconds),
            last: last.and_then(Timestamp::from_microseconds),
            outdated: self.0.outdated(),
        })
    }

    fn examine(&self) -> Vec<Finding> {
        let left_out = self.0.state().loaded.left_out();
        let left_out = left_out.map(|found| Finding::warning("source", found, "correct them in the files"));
        let outdated = self.0.outdated().map(|why| {
            let found = format!("the files have changed and cannot be loaded, the rows from before are served: {why}");
            Finding::warning("source", found, "correct the files; they are loaded once they change again")
        });
        [Some(contents(self)), left_out, outdated].into_iter().flatten().collect()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        let state = self.0.state();
        match &state.rows {
            SourceRows::Store(store) => store.write(selection, out)?,
            SourceRows::Scan(scan) => scan.write(selection, out)?,
        }
        Ok(state.version.clone())
    }

    fn average(&self, selection: &Selection, averagings: &[Averages], sink: &mut dyn AverageSink) -> Result<String> {
        let state = self.0.state();
        match &state.rows {
            SourceRows::Store(store) => store.average(selection, averagings, sink)?,
            SourceRows::Scan(scan) if scan.can_average() => scan.average(selection, averagings, sink)?,
            SourceRows::Scan(scan) => {
                aggregate::average(averagings, &selection.pollutants, sink, |out| scan.write(selection, out))?;
            }
        }
        Ok(state.version.clone())
    }
}
