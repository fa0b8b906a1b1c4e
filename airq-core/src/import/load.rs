//! One import: files → staging table → data set, in one transaction.

use super::chosen;
use super::input::Input;
use super::options::ImportOptions;
use super::reading::Reading;
use super::report::{ImportPhase, ImportWatch, Imported};
use super::staging::{Seen, Staging};
use super::stations;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Pollutant, Timestamp};
use crate::repository::postgres::{described, version_sql};
use crate::{Account, Counted};
use postgres::types::Type;
use postgres::{Client, Transaction};
use std::io::Write;

/// Imports of all airqs into one database take this advisory lock, one after the other.
const LOCK: i64 = 0x6169_7271_6c6f_6164;
/// Keeps other writers out until the end: what is found to be new must stay so. Readers are not held up.
const KEEP_OUT: &str = "lock table measurements, stations in share row exclusive mode";

/// Imports the files.
///
/// # Errors
/// See [`Database::import`](super::Database::import).
pub(super) fn load(
    client: &mut Client,
    mut input: Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<Imported> {
    let started = Timestamp::now();
    watch.phase(ImportPhase::Reading { bytes: input.size });
    let mut transaction = client.transaction().map_err(described)?;
    let (mut imported, seen) = stage(&mut transaction, &mut input, options, watch)?;
    check_rejects(&imported.account, options)?;
    take_turn(&mut transaction, watch)?;
    watch.phase(ImportPhase::Writing);
    upsert(&mut transaction, &seen, &mut imported)?;
    imported.count();
    imported.stations = stations::upsert(&mut transaction, &input, &seen, options.city.as_deref())?;
    let brought = optional_pollutants(&mut transaction, &seen)?;
    imported.version = version(&mut transaction)?;
    if options.dry_run {
        transaction.rollback().map_err(described)?;
        return Ok(imported);
    }
    let changed = imported.inserted + imported.updated + imported.stations + brought;
    record(&mut transaction, input, started, &imported, changed)?;
    imported.version = version(&mut transaction)?;
    transaction.commit().map_err(described)?;
    Ok(imported)
}

/// Reads every file into the staging table.
fn stage(
    transaction: &mut Transaction<'_>,
    input: &mut Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<(Imported, Seen)> {
    transaction.batch_execute(&staging_table()).map_err(described)?;
    let copy = format!("copy staged (line, station_id, time, {}) from stdin (format binary)", values(""));
    let out = transaction.copy_in(&copy).map_err(described)?;
    let mut reading = Reading::new(Staging::new(Sent(out), watch), &options.input);
    for file in input.data.clone() {
        input.read(&file, |content| reading.read(&file.name(), content))?;
    }
    let Reading { staging, account, merging, told, .. } = reading;
    let (Sent(out), mut seen) = staging.finish()?;
    // Without this the rows would be dropped without a word.
    out.finish().map_err(described)?;
    (seen.told, seen.are_parts) = (told, merging.is_on());
    Ok((Imported { rejected: account.rejected, account, ..Imported::default() }, seen))
}

fn staging_table() -> String {
    format!(
        "set local temp_buffers = '32MB'; set local work_mem = '64MB'; \
         create temp table staged (line bigint, station_id text collate \"C\", time timestamptz, {}) on commit drop",
        values(" double precision")
    )
}

/// Every pollutant's column, with this behind each.
pub(super) fn values(behind: &str) -> String {
    Pollutant::ALL.map(|pollutant| format!("{pollutant}{behind}")).join(", ")
}

fn check_rejects(account: &Account, options: &ImportOptions) -> Result<()> {
    if account.rejected <= options.max_rejects {
        return Ok(());
    }
    let (rejected, read, most) = (account.rejected, account.read, options.max_rejects);
    let what = if account.counted == Counted::Values { "values" } else { "rows" };
    let why = format!("{rejected} of {read} {what} cannot be used and {most} may be: nothing was imported");
    Err(Error::new(ErrorKind::InvalidData, why))
}

/// Waits until no other import is at work.
fn take_turn(transaction: &mut Transaction<'_>, watch: &mut dyn ImportWatch) -> Result<()> {
    let mine = transaction.query_one("select pg_try_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    if !mine.try_get::<_, bool>(0).map_err(described)? {
        watch.phase(ImportPhase::Waiting);
        transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    }
    transaction.batch_execute(KEEP_OUT).map_err(described)
}

/// From the staging table into the data set.
fn upsert(transaction: &mut Transaction<'_>, seen: &Seen, imported: &mut Imported) -> Result<()> {
    let from = if seen.tangled { "chosen" } else { "staged" };
    imported.measurements = if seen.tangled { chosen::choose(transaction, seen.are_parts)? } else { seen.staged };
    let lost =
        if seen.are_parts { chosen::lost_values(transaction, seen)? } else { seen.staged - imported.measurements };
    imported.account.duplicates += lost;
    imported.summary = if seen.tangled { chosen::summary(transaction)? } else { seen.sums.summary() };
    let columns = format!("station_id, time, {}", values(""));
    let insert = format!("insert into measurements as known ({columns}) select {columns} from {from}");
    if is_all_new(transaction, seen)? {
        imported.inserted = transaction.execute(&insert, &[]).map_err(described)?;
        return Ok(());
    }
    let row = transaction.query_one(&on_conflict(&insert, seen.are_parts), &[]).map_err(described)?;
    let count = |place: usize| row.try_get(place).map(|count: i64| count.unsigned_abs()).map_err(described);
    (imported.inserted, imported.updated) = (count(0)?, count(1)?);
    Ok(())
}

/// The rows that are inserted or, where they are known with other values, updated: wholly, or as far as a part has values.
fn on_conflict(insert: &str, are_parts: bool) -> String {
    let each = |form: &dyn Fn(Pollutant) -> String| Pollutant::ALL.map(form).join(", ");
    let new = |pollutant: Pollutant| {
        if are_parts {
            format!("coalesce(excluded.{pollutant}, known.{pollutant})")
        } else {
            format!("excluded.{pollutant}")
        }
    };
    let set = each(&|pollutant| format!("{pollutant} = {}", new(pollutant)));
    let old = each(&|pollutant| format!("known.{pollutant}"));
    // A row that was never anybody's has no xmax.
    format!(
        "with put as ({insert} on conflict (station_id, time) do update set {set} \
         where ({}) is distinct from ({old}) returning xmax = 0 as is_new) \
         select count(*) filter (where is_new), count(*) filter (where not is_new) from put",
        each(&new)
    )
}

/// Whether the database has no row in the times of any station that was read: then there is nothing to conflict with, and
/// inserting is much quicker.
fn is_all_new(transaction: &mut Transaction<'_>, seen: &Seen) -> Result<bool> {
    const ANY: &str = "\
        select exists (select from unnest($1, $2::timestamptz[], $3::timestamptz[]) read (id, first, last)
        cross join lateral (select from measurements m
        where m.station_id = read.id and m.time between read.first and read.last limit 1) known)";
    let ids: Vec<_> = seen.stations.keys().map(|id| String::from_utf8_lossy(id)).collect();
    let first: Vec<_> = seen.stations.values().map(|station| station.first.to_string()).collect();
    let last: Vec<_> = seen.stations.values().map(|station| station.last.to_string()).collect();
    let types = [(&ids as _, Type::TEXT_ARRAY), (&first as _, Type::TEXT_ARRAY), (&last as _, Type::TEXT_ARRAY)];
    let rows = transaction.query_typed(ANY, &types).map_err(described)?;
    let any = rows.first().map_or(Ok(true), |row| row.try_get(0)).map_err(described)?;
    Ok(!any)
}

/// Notes the pollutants that files have brought; how many are new.
fn optional_pollutants(transaction: &mut Transaction<'_>, seen: &Seen) -> Result<u64> {
    let mut brought = 0;
    for pollutant in &seen.optional {
        let insert = "insert into optional_pollutants (name) select $1 \
                      where not exists (select from optional_pollutants where name = $1)";
        brought += transaction.execute(insert, &[&pollutant.name()]).map_err(described)?;
    }
    Ok(brought)
}

/// The row in the record of loads; with it the version moves, if anything has changed.
fn record(
    transaction: &mut Transaction<'_>,
    input: Input,
    started: Timestamp,
    imported: &Imported,
    changed: u64,
) -> Result<()> {
    const RECORD: &str = "\
        insert into loads (source, sha256, started_at, finished_at, accepted, duplicates, rejected, inserted, changed)
        values ($1, $2, $3::timestamptz, clock_timestamp(), $4, $5, $6, $7, $8)";
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (source, sha256) = (input.source(), input.sha256());
    transaction
        .execute_typed(
            RECORD,
            &[
                (&source, Type::TEXT),
                (&sha256, Type::TEXT),
                (&started.to_string(), Type::TEXT),
                (&count(imported.accepted), Type::INT8),
                (&count(imported.duplicates), Type::INT8),
                (&count(imported.rejected), Type::INT8),
                (&count(imported.inserted), Type::INT8),
                (&count(changed), Type::INT8),
            ],
        )
        .map(drop)
        .map_err(described)
}

fn version(transaction: &mut Transaction<'_>) -> Result<String> {
    let row = transaction.query_one(version_sql(), &[]).map_err(described)?;
    row.try_get(0).map_err(described)
}

/// The way into the staging table: its errors are PostgreSQL's.
struct Sent<'a>(postgres::CopyInWriter<'a>);

impl Write for Sent<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes).map_err(|error| match error.downcast::<postgres::Error>() {
            Ok(error) => described(error).into(),
            Err(error) => error,
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
