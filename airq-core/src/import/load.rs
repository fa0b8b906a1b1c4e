//! One import: files → staging table → data set, or files → data set, in one transaction.

use super::columns;
use super::dedup;
use super::direct;
use super::file_reader::FileReader;
use super::input::Input;
use super::options::ImportOptions;
use super::report::{ImportPhase, ImportWatch, Imported};
use super::row_copy::{RowCopy, Target};
use super::stations;
use super::survey::Survey;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use crate::repository::postgres::{described, version_sql};
use crate::{Account, Counted};
use postgres::types::Type;
use postgres::{Client, Transaction};
use std::io::Write;

/// The advisory lock of imports: one import at a time writes to a database.
const LOCK: i64 = 0x6169_7271_6c6f_6164;
/// Keeps other writers out until the end: rows that are found to be new must stay new. Readers are not blocked.
const KEEP_OUT: &str = "lock table measurements, stations in share row exclusive mode";

/// What the files had, once their rows were copied to the database.
pub(super) struct Copied {
    account: Account,
    survey: Survey,
}

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
    let (mut imported, survey) = match direct::copy(&mut transaction, &mut input, options, watch)? {
        Some(copied) => finish_direct(copied, options, watch)?,
        None => stage(&mut transaction, &mut input, options, watch)?,
    };
    imported.count();
    imported.stations = stations::upsert(&mut transaction, &input, &survey, options.city.as_deref())?;
    let new_pollutants = optional_pollutants(&mut transaction, &survey)?;
    imported.version = version(&mut transaction)?;
    if options.dry_run {
        transaction.rollback().map_err(described)?;
        return Ok(imported);
    }
    let changed = imported.inserted + imported.updated + imported.stations + new_pollutants;
    record(&mut transaction, input, started, &imported, changed)?;
    imported.version = version(&mut transaction)?;
    transaction.commit().map_err(described)?;
    Ok(imported)
}

/// The counts of rows that were copied straight into the data set: each of them is new.
fn finish_direct(copied: Copied, options: &ImportOptions, watch: &mut dyn ImportWatch) -> Result<(Imported, Survey)> {
    let Copied { account, survey } = copied;
    check_rejects(&account, options)?;
    watch.phase(ImportPhase::Writing);
    let imported = Imported {
        rejected: account.rejected,
        account,
        summary: survey.sums.summary(),
        measurements: survey.copied,
        inserted: survey.copied,
        ..Imported::default()
    };
    Ok((imported, survey))
}

/// Copies the files into the staging table, and from there into the data set.
fn stage(
    transaction: &mut Transaction<'_>,
    input: &mut Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<(Imported, Survey)> {
    transaction.batch_execute(&staging_table()).map_err(described)?;
    let Copied { account, survey } = copy_files(transaction, Target::Staging, input, options, watch)?;
    let mut imported = Imported { rejected: account.rejected, account, ..Imported::default() };
    check_rejects(&imported.account, options)?;
    take_turn(transaction, watch)?;
    watch.phase(ImportPhase::Writing);
    upsert(transaction, &survey, &mut imported)?;
    Ok((imported, survey))
}

fn staging_table() -> String {
    format!(
        "set local temp_buffers = '32MB'; set local work_mem = '64MB'; \
         create temp table staged (line bigint, station_id text collate \"C\", time timestamptz, {}) on commit drop",
        columns::list(|pollutant| format!("{pollutant} double precision"))
    )
}

/// Copies the rows of every file to the target.
///
/// # Errors
/// If a file cannot be read or is invalid, or the database fails; also if a direct copy is abandoned.
pub(super) fn copy_files(
    transaction: &mut Transaction<'_>,
    target: Target<'_>,
    input: &mut Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<Copied> {
    let writer = CopyWriter(transaction.copy_in(&target.command()).map_err(described)?);
    let mut reader = FileReader::new(RowCopy::new(writer, target, watch), &options.input);
    for file in input.data.clone() {
        input.read(&file, |content| reader.read(&file.name(), content))?;
    }
    let FileReader { copy, account, merge_mode, stations, .. } = reader;
    let (CopyWriter(writer), mut survey) = copy.finish()?;
    // Without this call PostgreSQL drops the rows.
    writer.finish().map_err(described)?;
    survey.described = stations;
    survey.merges = merge_mode.merges();
    Ok(Copied { account, survey })
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

/// Takes the advisory lock of imports, if that is possible without waiting.
///
/// # Errors
/// If the database fails.
pub(super) fn try_lock(transaction: &mut Transaction<'_>) -> Result<bool> {
    let row = transaction.query_one("select pg_try_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    row.try_get(0).map_err(described)
}

/// Waits until no other import is writing.
fn take_turn(transaction: &mut Transaction<'_>, watch: &mut dyn ImportWatch) -> Result<()> {
    if !try_lock(transaction)? {
        watch.phase(ImportPhase::Waiting);
        transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    }
    transaction.batch_execute(KEEP_OUT).map_err(described)
}

/// Moves the rows from the staging table into the data set.
fn upsert(transaction: &mut Transaction<'_>, survey: &Survey, imported: &mut Imported) -> Result<()> {
    let mut from = "staged";
    imported.measurements = survey.copied;
    if survey.is_unordered {
        from = "chosen";
        imported.measurements = dedup::choose(transaction, survey.merges)?;
        imported.summary = dedup::summary(transaction)?;
    } else {
        imported.summary = survey.sums.summary();
    }
    imported.account.duplicates += if survey.merges {
        dedup::replaced_values(transaction, survey)?
    } else {
        survey.copied - imported.measurements
    };
    let columns = columns::measurement();
    let insert = format!("insert into measurements as known ({columns}) select {columns} from {from}");
    if is_all_new(transaction, survey)? {
        imported.inserted = transaction.execute(&insert, &[]).map_err(described)?;
        return Ok(());
    }
    let row = transaction.query_one(&on_conflict(&insert, survey.merges), &[]).map_err(described)?;
    let count = |place: usize| row.try_get(place).map(|count: i64| count.unsigned_abs()).map_err(described);
    imported.inserted = count(0)?;
    imported.updated = count(1)?;
    Ok(())
}

/// Inserts the rows, and updates rows that are stored with other values: all values or, where rows are merged, the values
/// that the new row has.
fn on_conflict(insert: &str, merges: bool) -> String {
    let new = |pollutant| {
        if merges {
            format!("coalesce(excluded.{pollutant}, known.{pollutant})")
        } else {
            format!("excluded.{pollutant}")
        }
    };
    let set = columns::list(|pollutant| format!("{pollutant} = {}", new(pollutant)));
    let old = columns::list(|pollutant| format!("known.{pollutant}"));
    // A row that was never updated or locked has no xmax.
    format!(
        "with put as ({insert} on conflict (station_id, time) do update set {set} \
         where ({}) is distinct from ({old}) returning xmax = 0 as is_new) \
         select count(*) filter (where is_new), count(*) filter (where not is_new) from put",
        columns::list(new)
    )
}

/// Whether the database has no row between the first and the last time of any station that was read. Then no row can
/// conflict, and the insert is faster.
fn is_all_new(transaction: &mut Transaction<'_>, survey: &Survey) -> Result<bool> {
    const ANY: &str = "\
        select exists (select from unnest($1, $2::timestamptz[], $3::timestamptz[]) read (id, first, last)
        cross join lateral (select from measurements m
        where m.station_id = read.id and m.time between read.first and read.last limit 1) known)";
    let ids: Vec<_> = survey.stations.keys().map(|id| String::from_utf8_lossy(id)).collect();
    let first: Vec<_> = survey.stations.values().map(|station| station.first.to_string()).collect();
    let last: Vec<_> = survey.stations.values().map(|station| station.last.to_string()).collect();
    let types = [(&ids as _, Type::TEXT_ARRAY), (&first as _, Type::TEXT_ARRAY), (&last as _, Type::TEXT_ARRAY)];
    let rows = transaction.query_typed(ANY, &types).map_err(described)?;
    let any = rows.first().map_or(Ok(true), |row| row.try_get(0)).map_err(described)?;
    Ok(!any)
}

/// Records the pollutants beyond the data set's six. Returns the number of new pollutants.
fn optional_pollutants(transaction: &mut Transaction<'_>, survey: &Survey) -> Result<u64> {
    let mut inserted = 0;
    for pollutant in &survey.optional {
        let insert = "insert into optional_pollutants (name) select $1 \
                      where not exists (select from optional_pollutants where name = $1)";
        inserted += transaction.execute(insert, &[&pollutant.name()]).map_err(described)?;
    }
    Ok(inserted)
}

/// Records the load. If the load has changed anything, the record is the data set's new version.
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

/// Writes to a `COPY`. Its errors are PostgreSQL's.
struct CopyWriter<'a>(postgres::CopyInWriter<'a>);

impl Write for CopyWriter<'_> {
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
