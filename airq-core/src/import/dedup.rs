//! One measurement from the staged rows of one station and time.

use super::conflicts::{self, count};
use super::parameters::{array, list};
use super::survey::Survey;
use crate::error::Result;
use crate::input::InputOptions;
use crate::input::ParameterSummary;
use crate::model::{Conflicts, OnConflict, Parameter, Timestamp};
use crate::repository::postgres::{described, quoted};
use postgres::{Row, Transaction};

/// The stations and times of more than one staged row.
const DOUBLED: &str = "\
    create temp table doubled on commit drop as \
    select station_id, time from staged group by station_id, time having count(*) > 1";

/// The staged rows without duplicates.
pub(super) struct Deduplicated {
    /// The table with the rows.
    pub(super) table: &'static str,
    pub(super) measurements: u64,
    /// Rows without a value that was kept, or values that another value replaced.
    pub(super) duplicates: u64,
    pub(super) conflicts: Conflicts,
    pub(super) summary: Vec<ParameterSummary>,
}

/// Merges the staged rows of each station and time, value by value.
///
/// # Errors
/// If the database fails.
pub(super) fn deduplicate(
    transaction: &mut Transaction<'_>,
    survey: &Survey,
    options: &InputOptions,
) -> Result<Deduplicated> {
    let unique = Deduplicated {
        table: "staged",
        measurements: survey.copied,
        duplicates: 0,
        conflicts: Conflicts::keeping(options.keeps_all_examples),
        summary: survey.sums.summary(),
    };
    if !survey.is_unordered || transaction.execute(DOUBLED, &[]).map_err(described)? == 0 {
        return Ok(unique);
    }
    let parameters = &survey.parameters;
    transaction.batch_execute(&merge(parameters, options.on_conflict)).map_err(described)?;
    let measurements = transaction.execute(&choose(parameters), &[]).map_err(described)?;
    let query = "select sum(duplicates)::bigint, sum(conflicts)::bigint from merged";
    let row = transaction.query_one(query, &[]).map_err(described)?;
    let duplicates = count(&row, 0)?;
    let cells = count(&row, 1)?;
    let mut conflicts = unique.conflicts;
    if cells > 0 {
        conflicts = conflicts::in_files(transaction, parameters, options)?;
    }
    let duplicates = if survey.has_values_as_rows { replaced_values(transaction, survey)? } else { duplicates };
    let summary = summary(transaction, parameters)?;
    Ok(Deduplicated { table: "chosen", measurements, duplicates, conflicts, summary })
}

/// The statement that makes the table `merged`: a row for each doubled station and time, with the value of each parameter, the
/// number of rows that have none of the values, and the number of parameters with different values.
fn merge(parameters: &[Parameter], on_conflict: OnConflict) -> String {
    let (order, extreme) = match on_conflict {
        OnConflict::Last => ("desc", "max"),
        OnConflict::First | OnConflict::Error => ("asc", "min"),
    };
    let values = list(parameters, |name| {
        format!("(array_agg({name} order by line {order}) filter (where {name} is not null))[1] as {name}")
    });
    let lines = array(parameters, |name| format!("{extreme}(line) filter (where {name} is not null)"));
    let differences = array(parameters, |name| format!("nullif(min({name}) < max({name}), false)"));
    format!(
        "create temp table merged on commit drop as \
         select station_id, time{values}, \
         count(*) - greatest(1, (select count(distinct used) from unnest({lines}::bigint[]) as used)) as duplicates, \
         num_nonnulls(variadic {differences}::boolean[]) as conflicts \
         from staged join doubled using (station_id, time) group by station_id, time"
    )
}

/// The statement that makes the table `chosen`: the merged rows, and the rows that are alone with their station and time.
fn choose(parameters: &[Parameter]) -> String {
    let values = list(parameters, str::to_owned);
    format!(
        "create temp table chosen on commit drop as select station_id, time{values} from merged union all \
         select station_id, time{values} from staged where not exists (select from doubled \
         where doubled.station_id = staged.station_id and doubled.time = staged.time)"
    )
}

/// The number of values that other values replaced.
fn replaced_values(transaction: &mut Transaction<'_>, survey: &Survey) -> Result<u64> {
    let values = array(&survey.parameters, str::to_owned);
    let count = format!("select coalesce(sum(num_nonnulls(variadic {values}::float8[])), 0)::bigint from chosen");
    let row = transaction.query_one(&count, &[]).map_err(described)?;
    let kept: i64 = row.try_get(0).map_err(described)?;
    Ok(survey.values.saturating_sub(kept.unsigned_abs()))
}

/// The summary of each parameter in the table `chosen`, in the order of columns.
fn summary(transaction: &mut Transaction<'_>, parameters: &[Parameter]) -> Result<Vec<ParameterSummary>> {
    /// A result has at most 1664 columns.
    const MOST: usize = 100;
    let mut summaries = Vec::new();
    for parameters in parameters.chunks(MOST) {
        let columns: Vec<String> = parameters.iter().copied().map(summary_columns).collect();
        let query = format!("select {} from chosen", columns.join(", "));
        let row = transaction.query_one(&query, &[]).map_err(described)?;
        for (place, parameter) in parameters.iter().enumerate() {
            summaries.extend(parameter_summary(&row, place * SUMMARY_COLUMNS, *parameter)?);
        }
    }
    summaries.sort_by_key(|summary| summary.parameter);
    Ok(summaries)
}

/// The number of columns that [`summary_columns`] has.
const SUMMARY_COLUMNS: usize = 6;

fn summary_columns(parameter: Parameter) -> String {
    let name = quoted(parameter);
    let microseconds =
        |time: &str| format!("(extract(epoch from {time} filter (where {name} is not null)) * 1000000)::bigint");
    let (first, last) = (microseconds("min(time)"), microseconds("max(time)"));
    format!("count({name}), min({name}), avg({name}), max({name}), {first}, {last}")
}

/// Reads the columns from `start` on; `None` if the parameter has no value.
fn parameter_summary(row: &Row, start: usize, parameter: Parameter) -> Result<Option<ParameterSummary>> {
    let count = count(row, start)?;
    let Some(min) = number(row, start + 1)? else { return Ok(None) };
    let Some(mean) = number(row, start + 2)? else { return Ok(None) };
    let Some(max) = number(row, start + 3)? else { return Ok(None) };
    let Some(first) = time(row, start + 4)? else { return Ok(None) };
    let Some(last) = time(row, start + 5)? else { return Ok(None) };
    Ok(Some(ParameterSummary { parameter, count, min, mean, max, first, last }))
}

fn number(row: &Row, column: usize) -> Result<Option<f64>> {
    row.try_get(column).map_err(described)
}

fn time(row: &Row, column: usize) -> Result<Option<Timestamp>> {
    let microseconds: Option<i64> = row.try_get(column).map_err(described)?;
    Ok(microseconds.and_then(Timestamp::from_microseconds))
}
