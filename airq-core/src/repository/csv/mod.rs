//! CSV files as a repository: read once into memory, rows kept as bytes in the order of answers, queries answered by
//! slices of them.

pub(crate) mod door;
pub(crate) mod files;
mod index;
mod loader;
pub(crate) mod stations_file;

use super::{DataSet, Repository, contents};
use crate::error::Result;
use crate::finding::Finding;
use crate::model::Stations;
use crate::query::Selection;
use crate::reshape::Reject;
use index::Index;
use loader::Loader;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The embedded repository: one or many CSV files in memory.
///
/// Files are what [`reshape`](crate::reshape) reads. Cities come from the station descriptions, a `city` column, or a
/// default. A station and time that occur twice are one measurement: the later row wins. Files that change later are not
/// noticed: open them again.
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
pub struct CsvRepository {
    index: Index,
    stations: Stations,
    version: String,
    loaded: Loaded,
}

/// What a [`CsvRepository`] is opened with besides its files.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CsvOptions {
    stations: Option<PathBuf>,
    city: Option<String>,
    skip_bad_rows: bool,
    #[cfg(feature = "formats")]
    input: crate::InputOptions,
}

/// What was read: `read = accepted + duplicates + rejected + ignored`.
///
/// Counted are rows of the files; of Madrid's, whose rows hold a day or a month, values.
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
    pub rejects: Vec<Reject>,
}

impl CsvOptions {
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
    /// Reads files and directories (of which every `*.csv` but `stations.csv`, in the order of their names). With the
    /// feature `formats` also `.gz` and `.zip`, patterns such as `data/*.csv`, and `-` for standard input.
    ///
    /// # Errors
    /// If a file cannot be read or used: file, line, column and value are named. If there is no CSV file at all.
    pub fn open(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &CsvOptions) -> Result<Self> {
        let found = files::find(paths, options.stations.as_deref())?;
        let mut loader = Loader::new(options);
        for path in &found.stations {
            loader.describe(stations_file::read(path)?);
        }
        for file in &found.data {
            file.read(|content| loader.read(&file.name(), content))?;
        }
        let repository = loader.finish();
        if let Some(left_out) = repository.loaded.left_out() {
            log::warn!("{left_out}");
        }
        Ok(repository)
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
        mut csv: impl Read,
        stations_csv: Option<&[u8]>,
        options: &CsvOptions,
    ) -> Result<Self> {
        let mut loader = Loader::new(options);
        if let Some(csv) = stations_csv {
            loader.describe(stations_file::parse(csv)?);
        }
        loader.read(name, &mut csv)?;
        Ok(loader.finish())
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

    /// What was read when it was opened.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The memory that rows and index hold, in bytes.
    pub fn memory(&self) -> usize {
        self.index.memory()
    }
}

impl Loaded {
    /// What is to be said of rows that were skipped.
    fn left_out(&self) -> Option<String> {
        let first = self.rejects.first()?;
        Some(format!("{} of {} rows cannot be used and are left out, the first: {first}", self.rejected, self.read))
    }
}

impl Repository for CsvRepository {
    fn version(&self) -> Result<String> {
        Ok(self.version.clone())
    }

    fn stations(&self) -> Result<Stations> {
        Ok(self.stations.clone())
    }

    fn data_set(&self) -> Result<DataSet> {
        let (first, last) = self.index.span();
        Ok(DataSet {
            version: self.version.clone(),
            loaded_at: None,
            stations: self.stations.len() as u64,
            measurements: self.index.len() as u64,
            first,
            last,
        })
    }

    fn examine(&self) -> Vec<Finding> {
        let left_out =
            self.loaded.left_out().map(|found| Finding::warning("source", found, "correct them in the files"));
        [Some(contents(self)), left_out].into_iter().flatten().collect()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.index.write(selection, out)?;
        Ok(self.version.clone())
    }
}
