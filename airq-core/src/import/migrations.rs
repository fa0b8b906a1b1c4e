//! The migrations of a database: steps in order, each applied once.

use crate::error::{Error, ErrorKind, Result};
use crate::repository::postgres::{MIGRATIONS, described};
use postgres::{Client, Transaction};

/// The advisory lock of migrations: one process at a time migrates a database.
const LOCK: i64 = 0x6169_7271_6d69_6772;

const JOURNAL: &str = "\
    create table if not exists airq_migrations (
        version    integer primary key,
        name       text not null,
        applied_at timestamptz not null default clock_timestamp()
    )";

/// The result of a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migrated {
    /// The migrations that were applied by this call.
    pub applied: Vec<String>,
    /// The number of migrations that the database has now.
    pub version: u32,
}

/// Applies the missing migrations in one transaction.
///
/// # Errors
/// See [`Database::migrate`](super::Database::migrate).
pub(super) fn apply(client: &mut Client) -> Result<Migrated> {
    let mut transaction = client.transaction().map_err(described)?;
    transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    transaction.batch_execute(JOURNAL).map_err(described)?;
    let applied = applied(&mut transaction)?;
    let Some(missing) = MIGRATIONS.get(applied..) else { return Err(too_new(applied)) };
    for (place, (name, sql)) in (applied + 1..).zip(missing) {
        transaction.batch_execute(sql).map_err(|error| failed(name, error))?;
        let version = i32::try_from(place).unwrap_or(i32::MAX);
        let note = "insert into airq_migrations (version, name) values ($1, $2)";
        transaction.execute(note, &[&version, name]).map_err(described)?;
    }
    transaction.commit().map_err(described)?;
    let names = missing.iter().map(|(name, _)| (*name).to_owned());
    Ok(Migrated { applied: names.collect(), version: u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX) })
}

fn applied(transaction: &mut Transaction<'_>) -> Result<usize> {
    let row = transaction.query_one("select count(*) from airq_migrations", &[]).map_err(described)?;
    let count: i64 = row.try_get(0).map_err(described)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

fn failed(name: &str, error: postgres::Error) -> Error {
    let cause = described(error);
    Error::with_source(cause.kind(), format!("migration {name} cannot be applied, nothing was changed"), cause)
}

fn too_new(applied: usize) -> Error {
    let known = MIGRATIONS.len();
    let why = format!("the database has {applied} migrations and this airq knows {known}: use a newer airq");
    Error::new(ErrorKind::InvalidSetting, why)
}
