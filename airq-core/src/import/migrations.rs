//! The migrations of a database: steps in order, each applied once.

use super::durability::{self, Durability};
use super::{load, lock_retry};
use crate::error::{Error, ErrorKind, Result};
use crate::repository::postgres::{MIGRATIONS, described};
use postgres::{Client, Transaction};
use std::time::Duration;

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
    /// The durability of the migration.
    pub durability: Durability,
}

/// Applies the missing migrations, each in a transaction of its own: locks of tables last no longer than one migration.
///
/// # Errors
/// See [`Database::migrate`](super::Database::migrate).
pub(super) fn apply(client: &mut Client, synchronous_standbys: u32) -> Result<Migrated> {
    let mut applied = Vec::new();
    loop {
        let next = lock_retry::until_locked(|timeout| apply_next(client, synchronous_standbys, timeout));
        let (name, durability) = next?;
        let Some(name) = name else {
            let version = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
            return Ok(Migrated { applied, version, durability });
        };
        applied.push(name.to_owned());
    }
}

/// Applies the next migration, with a time limit for locks of tables: readers queue after a waiting migration. Returns its name,
/// or `None` if no migration is missing.
fn apply_next(
    client: &mut Client,
    synchronous_standbys: u32,
    timeout: Duration,
) -> Result<(Option<&'static str>, Durability)> {
    let mut transaction = client.transaction().map_err(described)?;
    wait_for(&mut transaction, LOCK)?;
    transaction.batch_execute(JOURNAL).map_err(described)?;
    let applied = applied(&mut transaction)?;
    if applied > MIGRATIONS.len() {
        return Err(too_new(applied));
    }
    let missing = MIGRATIONS.get(applied);
    if let Some((name, sql)) = missing {
        // An import that writes holds locks until its end. No time limit is long enough for that.
        wait_for(&mut transaction, load::LOCK)?;
        transaction.batch_execute(&lock_retry::timeout_sql(timeout)).map_err(described)?;
        transaction.batch_execute(sql).map_err(|error| failed(name, error))?;
        let version = i32::try_from(applied + 1).unwrap_or(i32::MAX);
        let note = "insert into airq_migrations (version, name) values ($1, $2)";
        transaction.execute(note, &[&version, name]).map_err(described)?;
    }
    let promised = durability::commit(transaction, synchronous_standbys)?;
    let durability = promised.confirm(client, synchronous_standbys)?;
    Ok((missing.map(|(name, _)| *name), durability))
}

/// Waits for an advisory lock, which the transaction then has until its end.
fn wait_for(transaction: &mut Transaction<'_>, lock: i64) -> Result<()> {
    transaction.execute("select pg_advisory_xact_lock($1)", &[&lock]).map(drop).map_err(described)
}

fn applied(transaction: &mut Transaction<'_>) -> Result<usize> {
    let row = transaction.query_one("select count(*) from airq_migrations", &[]).map_err(described)?;
    let count: i64 = row.try_get(0).map_err(described)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

fn failed(name: &str, error: postgres::Error) -> Error {
    let cause = described(error);
    Error::with_source(cause.kind(), format!("migration {name} cannot be applied: it has changed nothing"), cause)
}

fn too_new(applied: usize) -> Error {
    let known = MIGRATIONS.len();
    let why = format!("the database has {applied} migrations and this airq knows {known}: use a newer airq");
    Error::new(ErrorKind::InvalidSetting, why)
}
