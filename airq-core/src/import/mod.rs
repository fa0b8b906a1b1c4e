//! The writing side of a database: its migrations, and imports of files.

mod conflicts;
mod copy_stream;
mod dedup;
mod direct;
mod durability;
mod file_reader;
mod input;
mod load;
mod lock_retry;
mod migrations;
mod options;
mod parameters;
mod report;
mod row_copy;
mod staging;
mod stations;
mod survey;
mod upsert;

use crate::error::Result;
use crate::repository::postgres::{Crew, Settings, dial};
use crate::secret::SecretUrl;
pub use durability::Durability;
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
/// use airq_core::import::{Database, ImportOptions};
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
    /// Returns the database of a URL in the form that [`PostgresRepository`](crate::repository::PostgresRepository) accepts. Of several
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

    /// Creates or updates the tables and roles that this version of airq needs. Each migration is a transaction of its own.
    /// Concurrent calls are safe: one call applies a migration, the others wait.
    ///
    /// The user needs the right to create tables and, unless they exist, roles (`airq_reader`, which may read, and
    /// `airq_loader`, which may import; grant them to the users that are to).
    ///
    /// # Errors
    /// If the database cannot be reached or refuses, or is of a newer airq, or commits on fewer synchronous standbys than the
    /// URL requires (`synchronous_standbys`).
    pub fn migrate(&self) -> Result<Migrated> {
        migrations::apply(&mut self.connect()?, self.settings.synchronous_standbys)
    }

    /// Imports files, directories (every `*.csv`, `*.csv.gz` and `*.zip` except `stations.csv`) and patterns such as
    /// `data/*.csv` in one transaction: everything or nothing.
    ///
    /// Rows are read as [`CsvRepository`](crate::repository::CsvRepository) reads them. Rows with one station and time are merged value by
    /// value, also with a stored row, and an empty cell never erases a value. Of different values the
    /// [rule for conflicts](ImportOptions::on_conflict) keeps one. A second import of the same files changes nothing, not even
    /// the data set's version. In formats whose rows are parts of measurements
    /// ([`Converted::merges`](crate::input::Converted::merges)), all values of a file are held in memory; in other formats, memory
    /// does not grow with the files. Imports into one database wait for each other.
    ///
    /// A parameter that the database does not have gets a column. Readers wait for this change of the table, but not longer
    /// than about two seconds at a time; the import waits up to a minute for queries that use the table.
    ///
    /// Files whose rows are all new and in the order of time, of parameters that have columns, are copied straight into the
    /// data set, and the import has its turn from the start. All other files are copied to a temporary table first.
    ///
    /// # Errors
    /// If a file cannot be read, more rows are rejected than [allowed](ImportOptions::max_rejects), a parameter has
    /// two units, values are in conflict and must [not be](ImportOptions::on_conflict), the database fails, or it commits on
    /// fewer synchronous standbys than the URL requires (`synchronous_standbys`). Then nothing was imported.
    pub fn import(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
        options: &ImportOptions,
        watch: &mut dyn ImportWatch,
    ) -> Result<Imported> {
        let input = input::Input::find(paths, options)?;
        load::load(&|| self.connect(), self.settings.synchronous_standbys, input, options, watch)
    }

    fn connect(&self) -> Result<Client> {
        let crew = Crew::new(self.settings.targets.len());
        dial(&self.settings, &crew).map(|(client, _)| client)
    }
}
