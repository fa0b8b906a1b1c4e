//! One import: files → staging table → data set, or files → data set, in one transaction.

use super::copy_stream;
use super::direct;
use super::durability::{self, Durability};
use super::file_reader::FileReader;
use super::input::Input;
use super::options::ImportOptions;
use super::parameters::{self, StoredParameters};
use super::report::{ImportPhase, ImportWatch, Imported};
use super::row_copy::{RowCopy, Target};
use super::staging;
use super::stations;
use super::survey::Survey;
use crate::Account;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Period, Timestamp};
use crate::repository::postgres::{described, version_sql};
use postgres::types::Type;
use postgres::{Client, Transaction};

/// The advisory lock of imports: one import at a time writes to a database.
pub(super) const LOCK: i64 = 0x6169_7271_6c6f_6164;

/// The contents of the files, after their rows were copied to the database.
pub(super) struct Copied {
    pub(super) account: Account,
    pub(super) survey: Survey,
}

/// Imports the files.
///
/// # Errors
/// See [`Database::import`](super::Database::import).
pub(super) fn load(
    connect: &dyn Fn() -> Result<Client>,
    synchronous_standbys: u32,
    mut input: Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<Imported> {
    let started = Timestamp::now();
    let mut client = connect()?;
    Durability::read(&mut client)?.require(synchronous_standbys, "nothing was imported")?;
    watch.phase(ImportPhase::Reading { bytes: input.size });
    let mut transaction = client.transaction().map_err(described)?;
    let (mut imported, survey) = match direct::copy(&mut transaction, &mut input, options, watch)? {
        Some(copied) => finish_direct(copied, options, watch)?,
        None => staging::stage(&mut transaction, connect, &mut input, options, watch)?,
    };
    imported.count();
    check_period(&mut transaction, survey.period)?;
    imported.stations = stations::upsert(&mut transaction, &input, &survey, options.city.as_deref())?;
    imported.version = version(&mut transaction)?;
    if options.dry_run {
        transaction.rollback().map_err(described)?;
        return Ok(imported);
    }
    let new_parameters = parameters::register(&mut transaction, &survey)?;
    let changed = imported.inserted + imported.updated + imported.stations + new_parameters;
    let period = survey.period.map(|period| period.to_string());
    record(&mut transaction, input, started, &imported, changed, period.as_deref())?;
    imported.version = version(&mut transaction)?;
    let promised = durability::commit(transaction, synchronous_standbys)?;
    imported.durability = Some(promised.confirm(&mut client, synchronous_standbys)?);
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
    let stored = StoredParameters::read(transaction)?;
    copy_stream::run(transaction, |stream| {
        let mut reader = FileReader::new(RowCopy::new(stream, target, stored, watch), &options.input);
        for file in input.data.clone() {
            input.read(&file, |content| reader.read(&file.name(), content))?;
        }
        let FileReader { copy, mut account, stations, period, .. } = reader;
        let mut survey = copy.finish()?;
        survey.described = stations;
        survey.period = period.get();
        survey.add_notes(&mut account);
        Ok(Copied { account, survey })
    })
}

/// Checks that no more rows were rejected than the import allows.
///
/// # Errors
/// If more rows were rejected.
pub(super) fn check_rejects(account: &Account, options: &ImportOptions) -> Result<()> {
    if account.rejected <= options.max_rejects {
        return Ok(());
    }
    let (rejected, read, most) = (account.rejected, account.read, options.max_rejects);
    let read = account.counted.number(read);
    let why = format!("{rejected} of {read} cannot be used and {most} may be: nothing was imported");
    Err(Error::new(ErrorKind::InvalidData, why))
}

/// Checks that the files have values of the period of the stored values.
///
/// # Errors
/// [`ErrorKind::InvalidData`] if the periods differ: the values are not one series.
fn check_period(transaction: &mut Transaction<'_>, period: Option<Period>) -> Result<()> {
    const STORED: &str = "select period from loads where period is not null and changed > 0 order by id desc limit 1";
    let Some(period) = period else { return Ok(()) };
    let rows = transaction.query(STORED, &[]).map_err(described)?;
    let stored = rows.first().map(|row| row.try_get::<_, String>(0)).transpose().map_err(described)?;
    match stored {
        Some(stored) if stored != period.to_string() => {
            let why = format!("the files have values of the period {period}, and the database has values of {stored}");
            let hint = format!("select values with period={stored}, or import into another database");
            Err(Error::new(ErrorKind::InvalidData, format!("{why}: they are not one series; {hint}")))
        }
        _ => Ok(()),
    }
}

/// Takes the advisory lock of imports, if that is possible without waiting.
///
/// # Errors
/// If the database fails.
pub(super) fn try_lock(transaction: &mut Transaction<'_>) -> Result<bool> {
    let row = transaction.query_one("select pg_try_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    row.try_get(0).map_err(described)
}

/// Records the load. If the load has changed anything, the record is the data set's new version.
fn record(
    transaction: &mut Transaction<'_>,
    input: Input,
    started: Timestamp,
    imported: &Imported,
    changed: u64,
    period: Option<&str>,
) -> Result<()> {
    const RECORD: &str = "\
        insert into loads (source, sha256, started_at, finished_at, accepted, duplicates, rejected, inserted, changed, period)
        values ($1, $2, $3::timestamptz, clock_timestamp(), $4, $5, $6, $7, $8, $9)";
    let (source, sha256) = (input.source(), input.sha256());
    transaction
        .execute_typed(
            RECORD,
            &[
                (&source, Type::TEXT),
                (&sha256, Type::TEXT),
                (&started.to_string(), Type::TEXT),
                (&bigint(imported.accepted), Type::INT8),
                (&bigint(imported.duplicates), Type::INT8),
                (&bigint(imported.rejected), Type::INT8),
                (&bigint(imported.inserted), Type::INT8),
                (&bigint(changed), Type::INT8),
                (&period, Type::TEXT),
            ],
        )
        .map(drop)
        .map_err(described)
}

fn bigint(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn version(transaction: &mut Transaction<'_>) -> Result<String> {
    let row = transaction.query_one(version_sql(), &[]).map_err(described)?;
    row.try_get(0).map_err(described)
}
