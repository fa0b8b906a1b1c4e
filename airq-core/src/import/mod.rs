//! The writing side of a database: its migrations, and imports of files.

mod columns;
mod dedup;
mod direct;
mod file_reader;
mod input;
mod load;
mod migrations;
mod options;
mod report;
mod row_copy;
mod stations;
mod survey;

use crate::error::Result;
use crate::repository::postgres::{Crew, Settings, dial};
use crate::secret::SecretUrl;
pub use migrations::Migrated;
pub use options::ImportOptions;
use postgres::Client;
pub use report::{ImportPhase, ImportWatch, Imported};
use std::path::Path;

/// A PostgreSQL database to be migrated and imported into.
///
/// Blocks, and runs a runtime of its own inside: do not call it from async code.
///
/// ```no_run
/// use airq_core::{Database, ImportOptions};
/// let database = Database::at("postgres://airq@localhost/airq")?;
/// database.migrate()?;
/// let imported = database.import(["measurements.csv"], &ImportOptions::default(), &mut ())?;
/// assert_eq!(imported.read, imported.accepted + imported.duplicates + imported.rejected + imported.ignored);
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Database {
    settings: Settings,
}

impl Database {
    /// Returns the database of a URL in the form that [`PostgresRepository`](crate::PostgresRepository) accepts. Of several
    /// hosts, the database is on the host that accepts writes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) if the URL cannot be used.
    pub fn at(url: &str) -> Result<Self> {
        Self::of(&SecretUrl::new(url))
    }

    pub(crate) fn of(url: &SecretUrl) -> Result<Self> {
        Ok(Database { settings: Settings::parse(url)?.writing() })
    }

    /// Creates or updates the tables and roles that this version of airq needs, in one transaction. Concurrent calls are
    /// safe: one call migrates, the others wait.
    ///
    /// The user needs the right to create tables and, unless they exist, roles (`airq_reader`, which may read, and
    /// `airq_loader`, which may import; grant them to the users that are to).
    ///
    /// # Errors
    /// If the database cannot be reached or refuses, or is of a newer airq.
    pub fn migrate(&self) -> Result<Migrated> {
        migrations::apply(&mut self.connect()?)
    }

    /// Imports files, directories (every `*.csv`, `*.csv.gz` and `*.zip` except `stations.csv`) and patterns such as
    /// `data/*.csv` in one transaction: everything or nothing.
    ///
    /// Rows are read as [`CsvRepository`](crate::CsvRepository) reads them. Of rows with one station and time, the last
    /// wins, also over a stored row. A second import of the same files changes nothing, not even the data set's version.
    /// In formats whose rows are parts of measurements ([`InputFormat::merges`](crate::InputFormat::merges)), rows are
    /// merged value by value, and all values of a file are held in memory; in other formats, memory does not grow with the
    /// files. Imports into one database wait for each other.
    ///
    /// Files whose rows are all new and in the order of time are copied straight into the data set, and the import has its
    /// turn from the start. All other files are copied to a temporary table first.
    ///
    /// # Errors
    /// If a file cannot be read, more rows are rejected than [allowed](ImportOptions::max_rejects), or the database fails.
    /// Then nothing was imported.
    pub fn import(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
        options: &ImportOptions,
        watch: &mut dyn ImportWatch,
    ) -> Result<Imported> {
        let input = input::Input::find(paths, options)?;
        load::load(&mut self.connect()?, input, options, watch)
    }

    fn connect(&self) -> Result<Client> {
        let crew = Crew::new(self.settings.targets.len());
        dial(&self.settings, &crew).map(|(client, _)| client)
    }
}
