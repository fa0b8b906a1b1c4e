//! Rows that may be duplicates, conflicts or stored already: files → staging table → data set.

use super::dedup::{self, Deduplicated};
use super::input::Input;
use super::load::{self, Copied, LOCK};
use super::options::ImportOptions;
use super::parameters::{self, StoredParameters};
use super::report::{ImportPhase, ImportWatch, Imported};
use super::row_copy::Target;
use super::survey::Survey;
use super::upsert::Upsert;
use crate::error::Result;
use crate::model::{Conflicts, OnConflict};
use crate::repository::postgres::described;
use postgres::{Client, Transaction};

/// The table has the columns of its rows' parameters once headers bring them.
const TABLE: &str = "\
    set local temp_buffers = '32MB'; set local work_mem = '64MB'; \
    create temp table staged (line bigint, station_id text collate \"C\", time timestamptz) on commit drop";
/// Keeps other writers out until the end: rows that are found to be new must stay new. Readers are not blocked.
const KEEP_OUT: &str = "lock table measurements, stations in share row exclusive mode";

/// Copies the files into the staging table, and from there into the data set.
///
/// # Errors
/// If a file cannot be read or is invalid, values are in conflict and must not be, or the database fails.
pub(super) fn stage(
    transaction: &mut Transaction<'_>,
    connect: &dyn Fn() -> Result<Client>,
    input: &mut Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<(Imported, Survey)> {
    transaction.batch_execute(TABLE).map_err(described)?;
    let Copied { account, survey } = load::copy_files(transaction, Target::Staging, input, options, watch)?;
    load::check_rejects(&account, options)?;
    wait_for_turn(transaction, watch)?;
    // Another import may have added parameters meanwhile.
    let mut stored = StoredParameters::read(transaction)?;
    for parameter in &survey.parameters {
        stored.check_unit(*parameter)?;
    }
    if !options.dry_run {
        parameters::add_columns(connect, &mut stored, &survey.parameters)?;
    }
    transaction.batch_execute(KEEP_OUT).map_err(described)?;
    watch.phase(ImportPhase::Writing);
    let mut imported = Imported { rejected: account.rejected, account, ..Imported::default() };
    let deduplicated = dedup::deduplicate(transaction, &survey, &options.input)?;
    imported.measurements = deduplicated.measurements;
    imported.account.duplicates += deduplicated.duplicates;
    imported.account.conflicts.add(&deduplicated.conflicts);
    imported.summary.clone_from(&deduplicated.summary);
    write(transaction, options, &stored, &survey, &deduplicated, &mut imported)?;
    Ok((imported, survey))
}

/// Waits until no other import is writing.
fn wait_for_turn(transaction: &mut Transaction<'_>, watch: &mut dyn ImportWatch) -> Result<()> {
    if !load::try_lock(transaction)? {
        watch.phase(ImportPhase::Waiting);
        transaction.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).map_err(described)?;
    }
    Ok(())
}

/// Finds the conflicts with stored values, and writes the rows.
fn write(
    transaction: &mut Transaction<'_>,
    options: &ImportOptions,
    stored: &StoredParameters,
    survey: &Survey,
    deduplicated: &Deduplicated,
    imported: &mut Imported,
) -> Result<()> {
    let mut upsert = Upsert {
        transaction,
        options: &options.input,
        stored,
        parameters: &survey.parameters,
        from: deduplicated.table,
    };
    let is_all_new = upsert.is_all_new(survey)?;
    imported.inserted = deduplicated.measurements;
    if !is_all_new {
        let overlap = upsert.overlap()?;
        imported.inserted = deduplicated.measurements.saturating_sub(overlap.rows);
        if overlap.differing > 0 {
            let changes = upsert.find_changes()?;
            imported.updated = changes.updated;
            imported.account.conflicts.add(&changes.conflicts);
        }
    }
    if options.input.on_conflict == OnConflict::Error {
        check_conflicts(&imported.account.conflicts)?;
    }
    if options.dry_run {
        return Ok(());
    }
    if imported.inserted > 0 {
        imported.inserted = upsert.insert(is_all_new)?;
    }
    if imported.updated > 0 { upsert.update() } else { Ok(()) }
}

fn check_conflicts(conflicts: &Conflicts) -> Result<()> {
    match conflicts.first.first() {
        Some(conflict) => Err(conflict.clone().into()),
        None => Ok(()),
    }
}
