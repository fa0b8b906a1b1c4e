//! One measurement from the staged rows of one station and time.

use super::columns;
use super::survey::Survey;
use crate::PollutantSummary;
use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
use crate::repository::postgres::described;
use postgres::{Row, Transaction};

/// Fills the table `chosen` with the last row of each station and time or, where rows are merged, with the last value of
/// each pollutant. Returns the number of rows.
///
/// # Errors
/// If the database fails.
pub(super) fn choose(transaction: &mut Transaction<'_>, merges: bool) -> Result<u64> {
    const LAST: &str = "create temp table chosen on commit drop as \
                        select distinct on (station_id, time) * from staged order by station_id, time, line desc";
    if !merges {
        return transaction.execute(LAST, &[]).map_err(described);
    }
    let last_values = columns::list(|pollutant| {
        format!("(array_agg({pollutant} order by line desc) filter (where {pollutant} is not null))[1] as {pollutant}")
    });
    let merge = format!(
        "create temp table chosen on commit drop as \
         select station_id, time, {last_values} from staged group by station_id, time"
    );
    transaction.execute(&merge, &[]).map_err(described)
}

/// The number of values that later values replaced.
///
/// # Errors
/// If the database fails.
pub(super) fn replaced_values(transaction: &mut Transaction<'_>, survey: &Survey) -> Result<u64> {
    if !survey.is_unordered {
        return Ok(0);
    }
    let count = format!("select coalesce(sum(num_nonnulls({})), 0)::bigint from chosen", columns::names());
    let row = transaction.query_one(&count, &[]).map_err(described)?;
    let kept: i64 = row.try_get(0).map_err(described)?;
    Ok(survey.values.saturating_sub(kept.unsigned_abs()))
}

/// The summary of each pollutant in the table `chosen`.
///
/// # Errors
/// If the database fails.
pub(super) fn summary(transaction: &mut Transaction<'_>) -> Result<Vec<PollutantSummary>> {
    let query = format!("select {} from chosen", columns::list(summary_columns));
    let row = transaction.query_one(&query, &[]).map_err(described)?;
    let mut summaries = Vec::new();
    for (place, pollutant) in Pollutant::ALL.iter().enumerate() {
        summaries.extend(pollutant_summary(&row, place * SUMMARY_COLUMNS, *pollutant)?);
    }
    Ok(summaries)
}

/// The number of columns that [`summary_columns`] has.
const SUMMARY_COLUMNS: usize = 6;

fn summary_columns(pollutant: Pollutant) -> String {
    let microseconds =
        |time: &str| format!("(extract(epoch from {time} filter (where {pollutant} is not null)) * 1000000)::bigint");
    let (first, last) = (microseconds("min(time)"), microseconds("max(time)"));
    format!("count({pollutant}), min({pollutant}), avg({pollutant}), max({pollutant}), {first}, {last}")
}

/// Reads the columns from `start` on; `None` if the pollutant has no value.
fn pollutant_summary(row: &Row, start: usize, pollutant: Pollutant) -> Result<Option<PollutantSummary>> {
    let count: i64 = row.try_get(start).map_err(described)?;
    let value = |place: usize| row.try_get::<_, Option<f64>>(start + place).map_err(described);
    let time = |place: usize| row.try_get::<_, Option<i64>>(start + place).map_err(described);
    let (Some(min), Some(mean), Some(max)) = (value(1)?, value(2)?, value(3)?) else { return Ok(None) };
    let first = time(4)?.and_then(Timestamp::from_microseconds);
    let last = time(5)?.and_then(Timestamp::from_microseconds);
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    Ok(Some(PollutantSummary { pollutant, count: count.unsigned_abs(), min, mean, max, first, last }))
}
