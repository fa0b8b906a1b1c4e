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
mod newest;
mod options;
mod parts;
#[cfg(feature = "formats")]
mod pattern;
mod profile;
#[cfg(feature = "http")]
mod refresh;
mod row_set;
mod scan;
mod selected;
mod source;
mod state;
pub(crate) mod station_metadata;
mod store;
mod survey;
mod table;
mod watch;

use super::{DataSet, Repository, contents, implausible};
use crate::account::Account;
use crate::aggregate::{self, AverageSinks};
use crate::error::Result;
use crate::finding::Finding;
#[cfg(feature = "formats")]
use crate::input::InputFile;
use crate::model::{Parameter, Stations, Timestamp};
use crate::query::{Averages, Selection};
pub use options::CsvOptions;
use source::Source;
use state::{Mode, Opened, SourceRows, State};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use table::Tables;
use watch::Watch;

/// The embedded repository: one or many CSV files.
///
/// [`open`](CsvRepository::open) keeps the rows in memory: for servers and programs that ask many queries. Files that change are
/// loaded in the background and replace the rows in one step. [`scan`](CsvRepository::scan) reads the files for each query and
/// holds only the rows that a query selects: for one question about files of any size.
///
/// Files are what [`encode`](crate::encode) reads. Cities come from the station descriptions, a `city` column, or a default. Rows
/// with the same station and time are one measurement: values merge value by value, and of different values for one parameter the
/// last is kept ([`OnConflict`](crate::OnConflict)).
///
/// ```
/// use airq_core::repository::CsvRepository;
/// use airq_core::Repository;
/// let csv = b"time,station,city,no2\n2016-10-01 00:00,aq_a,Madrid,1.5\n2016-10-01 00:00,aq_a,Madrid,2.5\n";
/// let repository = CsvRepository::from_bytes("a.csv", csv)?;
/// assert_eq!(repository.account().unwrap().conflicts.count, 1);
/// assert_eq!(repository.stations()?.in_city("madrid").count(), 1);
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct CsvRepository(Arc<Source>);

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

    /// Reads one input file as [`scan`](CsvRepository::scan) does, without `stations.csv`.
    ///
    /// # Errors
    /// As [`open`](CsvRepository::open).
    #[cfg(feature = "formats")]
    pub fn scan_file(file: &InputFile, options: &CsvOptions) -> Result<Self> {
        let found = files::Found { data: vec![file.clone()], ..files::Found::default() };
        Self::scan_opened(Opened::open(&found, options)?, options)
    }

    /// Reads CSV that is in memory already; `name` is the file's name in errors.
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
        let opened = Opened { columns: tables.columns(), tables, described, stamps: None };
        let (state, _) = State::new(opened, options, mode, None)?;
        Ok(CsvRepository(Arc::new(Source::of(options, Some(state), None))))
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
        let options = CsvOptions { is_simulated: true, ..CsvOptions::default() };
        Self::from_reader("the built-in sample", csv.as_slice(), Some(&stations), &options)
    }

    fn read(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &CsvOptions, mode: Mode) -> Result<Self> {
        let paths: Vec<PathBuf> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        let remote = options.remote_files();
        let opened = Opened::find(&paths, options, &remote)?;
        if mode == Mode::Scan {
            return Self::scan_opened(opened, options);
        }
        let stamps = opened.stamps.clone().unwrap_or_default();
        let (state, _) = State::read(opened, options, mode, None)?;
        let watch = Watch { served: stamps, ..Watch::default() };
        let watch = Some(Mutex::new((watch, Instant::now())));
        let source = Source { paths, remote, watch, ..Source::of(options, Some(state), None) };
        let source = Arc::new(source);
        #[cfg(feature = "http")]
        refresh::start(&source)?;
        Ok(CsvRepository(source))
    }

    fn scan_opened(opened: Opened, options: &CsvOptions) -> Result<Self> {
        if options.postpones {
            return Ok(CsvRepository(Arc::new(Source::of(options, None, Some(opened)))));
        }
        let (state, _) = State::read(opened, options, Mode::Scan, None)?;
        Ok(CsvRepository(Arc::new(Source::of(options, Some(state), None))))
    }

    /// The number of bytes that rows and their index take in memory: none in a scan.
    pub fn memory(&self) -> usize {
        match self.0.state().as_deref() {
            Ok(State { rows: SourceRows::Store(store), .. }) => store.memory(),
            _ => 0,
        }
    }
}

impl Repository for CsvRepository {
    fn version(&self) -> Result<String> {
        self.0.look();
        Ok(self.0.state()?.version.clone())
    }

    fn stations(&self) -> Result<Stations> {
        Ok(self.0.state()?.stations.clone())
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        // The headers of files that were opened are enough.
        if let Some(Ok(opened)) = &*self.0.opened.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(opened.columns.clone());
        }
        Ok(self.0.state()?.parameters.clone())
    }

    fn data_set(&self) -> Result<DataSet> {
        let state = self.0.state()?;
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
            left_out: self.account().and_then(|account| account.left_out()),
            formats: self.account().map(|account| account.formats).unwrap_or_default(),
            simulated: self.is_simulated(),
        })
    }

    fn is_simulated(&self) -> bool {
        self.0.options.is_simulated
    }

    fn account(&self) -> Option<Account> {
        let state = self.0.state().ok()?;
        let mut account = state.account.clone();
        if let SourceRows::Scan(scan) = &state.rows {
            account.conflicts.add(&scan.conflicts());
        }
        Some(account)
    }

    fn examine(&self) -> Vec<Finding> {
        let left_out = self.account().and_then(|account| account.left_out()).map(|what| {
            Finding::warning(
                "source",
                format!("left out: {what}"),
                "correct the files, or read them with other options",
            )
        });
        let outdated = self.0.outdated().map(|why| {
            let found = format!("the rows from before are served: {why}");
            Finding::warning("source", found, "correct the files; they are loaded once they change again")
        });
        let mut findings: Vec<Finding> = [Some(contents(self)), left_out, outdated].into_iter().flatten().collect();
        findings.extend(implausible(self));
        let formats = self.account().map(|account| account.formats).unwrap_or_default();
        findings.extend(formats.iter().map(|format| Finding::ok("source", format!("files read as {format}"))));
        findings
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        let state = self.0.state()?;
        match &state.rows {
            SourceRows::Store(store) => store.write(selection, out)?,
            SourceRows::Scan(scan) => scan.write(selection, out)?,
        }
        Ok(state.version.clone())
    }

    fn average(
        &self,
        selection: &Selection,
        averagings: &[Averages],
        sinks: &dyn AverageSinks,
        out: &mut dyn Write,
    ) -> Result<String> {
        if let Some(version) = self.0.survey_and_average(selection, averagings, sinks, out)? {
            return Ok(version);
        }
        let state = self.0.state()?;
        match &state.rows {
            SourceRows::Store(store) => store.average(selection, averagings, sinks, out)?,
            SourceRows::Scan(scan) if scan.can_average() => scan.average(selection, averagings, sinks, out)?,
            SourceRows::Scan(scan) => {
                let mut sink = sinks.sink(out);
                aggregate::average(averagings, &selection.parameters, &mut *sink, |csv| scan.write(selection, csv))?;
            }
        }
        Ok(state.version.clone())
    }
}
