//! Conflicts: their number and examples.

use super::parameters::{StoredParameters, array};
use crate::error::Result;
use crate::input::InputOptions;
use crate::model::{Conflict, Conflicts, OnConflict, Parameter, Timestamp};
use crate::repository::postgres::{described, quoted};
use postgres::{Row, Transaction};

/// The `limit` of a query for examples of conflicts: the first five, or all.
fn limit(keeps_all: bool) -> &'static str {
    if keeps_all { "limit all" } else { "limit 5" }
}

/// The conflicts between staged rows, by the table `merged`: values that differ from the value that is kept.
///
/// # Errors
/// If the database fails.
pub(super) fn in_files(
    transaction: &mut Transaction<'_>,
    parameters: &[Parameter],
    options: &InputOptions,
) -> Result<Conflicts> {
    let limit = limit(options.keeps_all_examples);
    let differences = array(parameters, |name| format!("nullif(s.{name} <> m.{name}, false)"));
    let count = format!(
        "select sum(num_nonnulls(variadic {differences}::boolean[]))::bigint \
         from merged m join staged s using (station_id, time) where m.conflicts > 0"
    );
    let row = transaction.query_one(&count, &[]).map_err(described)?;
    let count: i64 = row.try_get(0).map_err(described)?;
    let (last, first) = if options.on_conflict == OnConflict::First { ("asc", "desc") } else { ("desc", "asc") };
    let values = rows_of_values(parameters, |name| format!("s.{name}"));
    let query = format!(
        "with rows as (select station_id, time from merged where conflicts > 0 order by station_id, time {limit}), \
         cells as (select s.station_id, s.time, v.code, (array_agg(v.value order by s.line {last}))[1] as kept, \
             (array_agg(v.value order by s.line {first}))[1] as other, min(v.value) as least, max(v.value) as greatest \
             from rows join staged s using (station_id, time) cross join lateral (values {values}) v (code, value) \
             where v.value is not null group by s.station_id, s.time, v.code) \
         select station_id, {MICROSECONDS}, code, kept, \
         case when other <> kept then other when least <> kept then least else greatest end \
         from cells where least < greatest order by station_id, time, code {limit}"
    );
    let first = read(transaction, &query, parameters)?;
    Ok(Conflicts::counted(count.unsigned_abs(), first, options.keeps_all_examples))
}

/// The conflicts between new and stored values, by the table `changes`.
///
/// # Errors
/// If the database fails.
pub(super) fn with_stored(
    transaction: &mut Transaction<'_>,
    parameters: &[Parameter],
    stored: &StoredParameters,
    options: &InputOptions,
    count: u64,
) -> Result<Conflicts> {
    let limit = limit(options.keeps_all_examples);
    let known: Vec<Parameter> = parameters.iter().copied().filter(|parameter| stored.has_column(*parameter)).collect();
    let (kept, left_out) =
        if options.on_conflict == OnConflict::First { ("known", "changes") } else { ("changes", "known") };
    let values = rows_of_values(&known, |name| format!("{kept}.{name}, {left_out}.{name}"));
    let query = format!(
        "with rows as (select * from changes where conflicts > 0 order by station_id, time {limit}) \
         select changes.station_id, (extract(epoch from changes.time) * 1000000)::bigint, v.code, v.kept, v.left_out \
         from rows changes join measurements known using (station_id, time) \
         cross join lateral (values {values}) v (code, kept, left_out) \
         where v.kept <> v.left_out order by changes.station_id, changes.time, v.code {limit}"
    );
    let first = read(transaction, &query, parameters)?;
    Ok(Conflicts::counted(count, first, options.keeps_all_examples))
}

/// Reads a number of rows or values.
pub(super) fn count(row: &Row, column: usize) -> Result<u64> {
    let count: i64 = row.try_get(column).map_err(described)?;
    Ok(count.unsigned_abs())
}

const MICROSECONDS: &str = "(extract(epoch from time) * 1000000)::bigint";

/// A row for each parameter: its code and its values.
fn rows_of_values(parameters: &[Parameter], values: impl Fn(&str) -> String) -> String {
    let mut rows = Vec::new();
    for parameter in parameters {
        rows.push(format!("('{}', {})", parameter.code(), values(&quoted(*parameter))));
    }
    rows.join(", ")
}

fn read(transaction: &mut Transaction<'_>, query: &str, parameters: &[Parameter]) -> Result<Vec<Conflict>> {
    let mut conflicts = Vec::new();
    for row in transaction.query(query, &[]).map_err(described)? {
        conflicts.extend(conflict(&row, parameters).map_err(described)?);
    }
    Ok(conflicts)
}

fn conflict(row: &Row, parameters: &[Parameter]) -> Result<Option<Conflict>, postgres::Error> {
    let code: String = row.try_get(2)?;
    let parameter = parameters.iter().find(|parameter| parameter.code() == code).copied();
    let time = Timestamp::from_microseconds(row.try_get(1)?);
    let (Some(parameter), Some(time)) = (parameter, time) else { return Ok(None) };
    let (kept, left_out): (f64, f64) = (row.try_get(3)?, row.try_get(4)?);
    Ok(Some(Conflict {
        station: row.try_get(0)?,
        time: time.to_string(),
        parameter,
        kept: kept.to_string(),
        left_out: left_out.to_string(),
    }))
}
