//! The options of an import.

use crate::error::Result;
use crate::input::InputOptions;
use crate::model::OnConflict;
use std::path::PathBuf;

/// The options of an import.
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
    /// Without this option, each `stations.csv` next to the data is used. Empty fields leave stored metadata unchanged.
    pub fn stations(mut self, path: impl Into<PathBuf>) -> Self {
        self.stations = Some(path.into());
        self
    }

    /// The city of stations without a city in the files and in the database.
    pub fn city(mut self, name: impl Into<String>) -> Self {
        self.city = Some(name.into());
        self
    }

    /// The time zone of times without an offset, such as `Europe/Madrid`. The default is UTC.
    ///
    /// In the hour that clocks show twice, a time is the first of the two instants, or the second if the station's row before
    /// is not earlier: a file in the order of time is read correctly. A time that clocks skip is rejected.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) if there is no such zone.
    pub fn time_zone(mut self, name: &str) -> Result<Self> {
        self.input = self.input.set("time-zone", name)?;
        Ok(self)
    }

    /// The options of the input format. Without them, formats are recognised by their headers. They replace the
    /// [time zone](ImportOptions::time_zone) and the [rule for conflicts](ImportOptions::on_conflict).
    pub fn input(mut self, options: InputOptions) -> Self {
        self.input = options;
        self
    }

    /// The number of rejected rows up to which the other rows are imported. The default is 0.
    pub fn max_rejects(mut self, rows: u64) -> Self {
        self.max_rejects = rows;
        self
    }

    /// The rule for different values of one station, time and parameter, in the files or in a file and the database. The
    /// default is [`OnConflict::Last`].
    pub fn on_conflict(mut self, rule: OnConflict) -> Self {
        self.input.on_conflict = rule;
        self
    }

    /// Read the files and report the result, and write nothing.
    pub fn dry_run(mut self, dry: bool) -> Self {
        self.dry_run = dry;
        self
    }
}
