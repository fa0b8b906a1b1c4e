//! What an import is told besides its files.

use crate::InputOptions;
use crate::error::Result;
use std::path::PathBuf;

/// How an import is done.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ImportOptions {
    pub(super) stations: Option<PathBuf>,
    pub(super) city: Option<String>,
    pub(super) input: InputOptions,
    pub(super) max_rejects: u64,
    pub(super) dry_run: bool,
}

impl ImportOptions {
    /// Describe stations by this file (`id,name,city,country,latitude,longitude`, any order, all but `id` optional).
    /// Without it, each `stations.csv` beside the data is used. What it leaves empty stays as it is known.
    pub fn stations(mut self, path: impl Into<PathBuf>) -> Self {
        self.stations = Some(path.into());
        self
    }

    /// The city of stations of which nothing else tells it: neither the files nor the database.
    pub fn city(mut self, name: impl Into<String>) -> Self {
        self.city = Some(name.into());
        self
    }

    /// Times that stand without an offset are those of clocks in this zone, such as `Europe/Madrid`; without it, UTC.
    ///
    /// In the hour that clocks show twice, a time is the first of the two, or the second if the station's rows have come
    /// that far already: so a file in the order of time is read right. A time that clocks skip is rejected.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) if there is no such zone.
    pub fn time_zone(mut self, name: &str) -> Result<Self> {
        self.input = self.input.set("time-zone", name)?;
        Ok(self)
    }

    /// Read the files as these options say; without them, formats are recognised by their headers.
    pub fn input(mut self, options: InputOptions) -> Self {
        self.input = options;
        self
    }

    /// Import all the same if so many rows, and no more, cannot be used. None unless set.
    pub fn max_rejects(mut self, rows: u64) -> Self {
        self.max_rejects = rows;
        self
    }

    /// Do everything but keep nothing.
    pub fn dry_run(mut self, dry: bool) -> Self {
        self.dry_run = dry;
        self
    }
}
