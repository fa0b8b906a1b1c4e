//! PostgreSQL as a repository: rows pushed by `COPY … TO STDOUT`, connections from a pool that outlives the database.

mod applied;
mod averages;
mod copy;
mod crew;
mod dial;
mod doctor;
mod non_finite;
mod pool;
mod schema;
mod session;
mod session_error;
mod settings;
mod sql;
mod tls;

use super::{DataSet, Repository, write_averages_of_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::model::{Parameter, Station, Stations, Timestamp};
use crate::pool::PoolState;
use crate::query::{Averages, Selection};
use crate::secret::SecretUrl;
use applied::Schema;
pub(crate) use crew::Crew;
pub(crate) use dial::dial;
use pool::Pool;
use postgres::types::FromSql;
use postgres::{Client, Row};
pub(crate) use schema::MIGRATIONS;
use session_error::SessionError;
pub(crate) use session_error::described;
pub(crate) use settings::Settings;
use sql::Ask;
pub(crate) use sql::quoted;
use std::io::Write;
use std::sync::Arc;

/// A PostgreSQL database as the repository.
///
/// The URL is `postgres://user:password@host:port/database`, with several hosts separated by commas. After a `?` it may have the
/// settings of PostgreSQL (`target_session_attrs`, `load_balance_hosts`, `connect_timeout`, `options`, …) and these:
///
/// | setting | meaning |
/// |---|---|
/// | `sslmode` | `disable`, `prefer` (the default: encrypted if the server can), `require`, `verify-ca`, `verify-full` |
/// | `sslrootcert` | the authorities to trust: a PEM file, or `system` (the default) |
/// | `pool_size` | connections at most, 8 unless set |
/// | `statement_timeout` | seconds that a query may take, 10 unless set; 0 for no limit |
/// | `synchronous_standbys` | the minimum number of synchronous standbys that have a commit of [`Database`](crate::import::Database), 0 unless set |
///
/// The database may be down when the repository is opened, and later. While it is down, calls fail as
/// [unavailable](crate::Error::is_unavailable) within 2.5 seconds, also if a server is frozen or the pool is exhausted.
/// Connections are read-only.
///
/// All calls block, and run a runtime of their own: do not call them from async code.
///
/// ```no_run
/// use airq_core::repository::PostgresRepository;
/// use airq_core::Repository;
/// let repository = PostgresRepository::open("postgres://airq@db1,db2/airq?load_balance_hosts=random&sslmode=verify-full")?;
/// println!("data set {}", repository.version()?);
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct PostgresRepository {
    pool: Pool,
    settings: Settings,
}

impl PostgresRepository {
    /// Returns the repository of a URL. Connections are made when they are needed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) if the URL cannot be used.
    pub fn open(url: &str) -> Result<Self> {
        Self::at(&SecretUrl::new(url), false)
    }

    pub(crate) fn at(url: &SecretUrl, unlimited: bool) -> Result<Self> {
        let settings = Settings::parse(url)?.read_only(unlimited);
        Ok(PostgresRepository { pool: Pool::new(settings.clone()), settings })
    }

    fn write(&self, ask: Ask, out: &mut dyn Write) -> Result<String> {
        let ask = Arc::new(ask);
        self.pool.read(|session, wait| copy::write(session, wait, &ask, &self.settings.tls, out))
    }

    fn ask<T: Send + 'static>(&self, question: fn(&mut Client) -> Result<T, SessionError>) -> Result<T> {
        self.pool.read(|session, wait| session.ask(wait, question))
    }
}

impl Repository for PostgresRepository {
    fn version(&self) -> Result<String> {
        self.ask(|client| value(&one(client, sql::VERSION)?, 0))
    }

    fn stations(&self) -> Result<Stations> {
        self.ask(|client| {
            let rows = client.query_typed(sql::STATIONS, &[])?;
            Ok(Stations::from_iter(rows.iter().map(station).collect::<Result<Vec<_>, _>>()?))
        })
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        self.ask(parameters)
    }

    fn data_set(&self) -> Result<DataSet> {
        self.ask(|client| {
            // One transaction, so that the version is that of the counts.
            let mut transaction = client.build_transaction().isolation_level(REPEATABLE).read_only(true).start()?;
            let version = transaction.query_typed(sql::VERSION, &[])?;
            let counts = transaction.query_typed(sql::DATA_SET, &[])?;
            transaction.commit()?;
            data_set(first(&version)?, first(&counts)?)
        })
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.write(Ask::new(selection), out)
    }

    fn write_averages(&self, selection: &Selection, averages: &Averages, out: &mut dyn Write) -> Result<String> {
        if averages::are_by_sql(averages) {
            return self.write(Ask::averages(selection, averages), out);
        }
        write_averages_of_rows(self, selection, averages, out)
    }

    fn implausible_values(&self) -> Result<Vec<String>> {
        self.ask(doctor::implausible_values)
    }

    fn check_schema(&self) -> Result<()> {
        self.ask(Schema::read)?.check()
    }

    fn examine(&self) -> Vec<Finding> {
        doctor::examine(self)
    }

    fn pool(&self) -> Option<PoolState> {
        Some(self.pool.state())
    }
}

/// Returns the SQL for the version of the data set.
pub(crate) fn version_sql() -> &'static str {
    sql::VERSION
}

const REPEATABLE: postgres::IsolationLevel = postgres::IsolationLevel::RepeatableRead;

fn parameters(client: &mut Client) -> Result<Vec<Parameter>, SessionError> {
    let row = one(client, sql::PARAMETERS)?;
    Ok(sql::parameters(&value::<Vec<String>>(&row, 0)?, &value::<Vec<String>>(&row, 1)?))
}

fn station(row: &Row) -> Result<Station, SessionError> {
    let codes: Option<Vec<String>> = value(row, 6)?;
    let units: Option<Vec<String>> = value(row, 7)?;
    let of_data_set: i64 = value(row, 8)?;
    let parameters = sql::parameters(&codes.unwrap_or_default(), &units.unwrap_or_default());
    let lacks_some = !parameters.is_empty() && (parameters.len() as u64) < of_data_set.unsigned_abs();
    Ok(Station {
        id: value(row, 0)?,
        name: value(row, 1)?,
        city: value(row, 2)?,
        country: value(row, 3)?,
        latitude: value(row, 4)?,
        longitude: value(row, 5)?,
        parameters: if lacks_some { Some(parameters) } else { None },
    })
}

fn data_set(version: &Row, counts: &Row) -> Result<DataSet, SessionError> {
    Ok(DataSet {
        version: value(version, 0)?,
        loaded_at: time(counts, 0)?,
        stations: count(counts, 1)?,
        measurements: count(counts, 2)?,
        first: time(counts, 3)?,
        last: time(counts, 4)?,
        outdated: None,
        left_out: None,
        formats: Vec::new(),
        simulated: false,
    })
}

fn one(client: &mut Client, sql: &str) -> Result<Row, SessionError> {
    client.query_typed(sql, &[])?.pop().ok_or_else(no_row)
}

fn first(rows: &[Row]) -> Result<&Row, SessionError> {
    rows.first().ok_or_else(no_row)
}

fn no_row() -> SessionError {
    SessionError::harmless(Error::new(ErrorKind::Internal, "the database gave no row where there is always one"))
}

fn time(row: &Row, place: usize) -> Result<Option<Timestamp>, SessionError> {
    let microseconds: Option<i64> = value(row, place)?;
    Ok(microseconds.and_then(Timestamp::from_microseconds))
}

fn count(row: &Row, place: usize) -> Result<u64, SessionError> {
    let count: i64 = value(row, place)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

fn value<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Result<T, SessionError> {
    Ok(row.try_get(place)?)
}
