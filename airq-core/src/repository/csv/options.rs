//! The settings of the repository over CSV files.

use super::files::RemoteFiles;
use super::table::CHUNK;
use crate::error::Result;
use crate::model::OnConflict;
use std::path::PathBuf;
use std::time::Duration;

/// The time between two checks of the files of a store.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// The settings of a [`CsvRepository`](super::CsvRepository) besides its files.
#[derive(Clone, Debug)]
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct CsvOptions {
    pub(super) stations: Option<PathBuf>,
    pub(super) city: Option<String>,
    pub(super) skip_bad_rows: bool,
    pub(super) check_every: Duration,
    pub(super) scans: bool,
    pub(super) postpones: bool,
    pub(super) chunk_length: usize,
    pub(super) on_conflict: OnConflict,
    pub(super) keeps_sentinels: bool,
    pub(super) keeps_all_examples: bool,
    /// True if the rows are simulated.
    pub(super) is_simulated: bool,
    #[cfg(feature = "formats")]
    pub(super) input: crate::input::InputOptions,
}

impl Default for CsvOptions {
    fn default() -> Self {
        CsvOptions {
            stations: None,
            city: None,
            skip_bad_rows: false,
            check_every: CHECK_EVERY,
            scans: false,
            postpones: false,
            chunk_length: CHUNK,
            on_conflict: OnConflict::default(),
            keeps_sentinels: false,
            keeps_all_examples: false,
            is_simulated: false,
            #[cfg(feature = "formats")]
            input: crate::input::InputOptions::default(),
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

    /// Makes a source URL open as a [scan](super::CsvRepository::scan).
    pub(crate) fn scanning(mut self, scans: bool) -> Self {
        self.scans = scans;
        self
    }

    pub(crate) fn scans(&self) -> bool {
        self.scans
    }

    /// Makes a scan read its files when the first query does, so that averages of all stations take one pass. Errors of rows are
    /// then the stations of the query.
    #[doc(hidden)]
    pub fn postponed(mut self, postpones: bool) -> Self {
        self.postpones = postpones;
        self
    }

    /// The files that are fetched by their URL: none until they are found.
    #[cfg(feature = "formats")]
    pub(super) fn remote_files(&self) -> RemoteFiles {
        super::files::remote_files(&self.input)
    }

    /// Without the feature `formats`, no file is fetched.
    #[cfg(not(feature = "formats"))]
    #[expect(clippy::unused_self, reason = "as it is with the feature")]
    pub(super) fn remote_files(&self) -> RemoteFiles {
        RemoteFiles
    }

    /// The time between two requests for a file by its URL.
    #[cfg(feature = "http")]
    pub(super) fn refresh(&self) -> Duration {
        self.input.remote.refresh
    }

    /// The settings that change rows.
    pub(super) fn settings(&self) -> String {
        #[cfg(feature = "formats")]
        let input = format!("{:?}", self.input);
        #[cfg(not(feature = "formats"))]
        let input = "";
        format!("{} {input}", self.skip_bad_rows)
    }

    /// Sets the file that describes stations (`id,name,city,country,latitude,longitude`, in any order, all but `id` optional). By
    /// default, each `stations.csv` next to the data is used.
    pub fn stations(mut self, path: impl Into<PathBuf>) -> Self {
        self.stations = Some(path.into());
        self
    }

    /// Sets the city of stations without a city.
    pub fn city(mut self, name: impl Into<String>) -> Self {
        self.city = Some(name.into());
        self
    }

    /// Skips and counts invalid rows. By default, an invalid row is an error.
    pub fn skip_bad_rows(mut self, skip: bool) -> Self {
        self.skip_bad_rows = skip;
        self
    }

    /// Sets the options for reading files. By default, formats are recognised by their headers.
    #[cfg(feature = "formats")]
    pub fn input(mut self, options: crate::input::InputOptions) -> Self {
        self.on_conflict = options.on_conflict;
        self.keeps_sentinels = options.keeps_sentinels;
        self.keeps_all_examples = options.keeps_all_examples;
        self.input = options;
        self
    }

    /// Sets one of [`InputOptions::NAMES`](crate::input::InputOptions::NAMES); `None` if there is no such name.
    #[cfg(feature = "formats")]
    pub(crate) fn set_input(self, name: &str, value: &str) -> Option<Result<Self>> {
        if !crate::input::InputOptions::NAMES.contains(&name) {
            return None;
        }
        let input = self.input.clone().set(name, value);
        Some(input.map(|input| self.input(input)))
    }

    /// Returns `None`: without the feature `formats` there are no such names.
    #[cfg(not(feature = "formats"))]
    #[expect(clippy::unused_self, reason = "as it is with the feature")]
    pub(crate) fn set_input(self, _: &str, _: &str) -> Option<Result<Self>> {
        None
    }
}
