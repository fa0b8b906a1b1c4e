//! Of staged rows with one station and time: the one that is kept.

use super::load::values;
use super::staging::Seen;
use crate::PollutantSummary;
use crate::error::Result;
use crate::model::{Pollutant, Timestamp};
use crate::repository::postgres::described;
use postgres::Transaction;

/// Chooses the row that came last or, of parts, makes a row of the last value of each pollutant; how many rows there are.
///
/// # Errors
/// What the database fails with.
pub(super) fn choose(transaction: &mut Transaction<'_>, are_parts: bool) -> Result<u64> {
    const LAST: &str = "create temp table chosen on commit drop as \
                        select distinct on (station_id, time) * from staged order by station_id, time, line desc";
    if !are_parts {
        return transaction.execute(LAST, &[]).map_err(described);
    }
    let last =
        |of: Pollutant| format!("(array_agg({of} order by line desc) filter (where {of} is not null))[1] as {of}");
    let merge = format!(
        "create temp table chosen on commit drop as \
         select station_id, time, {} from staged group by station_id, time",
        Pollutant::ALL.map(last).join(", ")
    );
    transaction.execute(&merge, &[]).map_err(described)
}

/// How many values later ones replaced.
///
/// # Errors
/// What the database fails with.
pub(super) fn lost_values(transaction: &mut Transaction<'_>, seen: &Seen) -> Result<u64> {
    if !seen.tangled {
        return Ok(0);
    }
    let count = format!("select coalesce(sum(num_nonnulls({})), 0)::bigint from chosen", values(""));
    let row = transaction.query_one(&count, &[]).map_err(described)?;
    let kept: i64 = row.try_get(0).map_err(described)?;
    Ok(seen.values.saturating_sub(kept.unsigned_abs()))
}

/// What there is of each pollutant in the rows that were chosen.
///
/// # Errors
/// What the database fails with.
pub(super) fn summary(transaction: &mut Transaction<'_>) -> Result<Vec<PollutantSummary>> {
    let micros = |time: &str| format!("(extract(epoch from {time}) * 1000000)::bigint");
    let of = |pollutant: Pollutant| {
        let there = format!("filter (where {pollutant} is not null)");
        let (first, last) = (micros(&format!("min(time) {there}")), micros(&format!("max(time) {there}")));
        format!("count({pollutant}), min({pollutant}), avg({pollutant}), max({pollutant}), {first}, {last}")
    };
    let query = format!("select {} from chosen", Pollutant::ALL.map(of).join(", "));
    let row = transaction.query_one(&query, &[]).map_err(described)?;
    let mut summary = Vec::new();
    for (number, pollutant) in Pollutant::ALL.into_iter().enumerate() {
        let at = number * 6;
        let count: i64 = row.try_get(at).map_err(described)?;
        let value = |place: usize| row.try_get::<_, Option<f64>>(at + place).map_err(described);
        let time = |place: usize| {
            let micros = row.try_get::<_, Option<i64>>(at + place).map_err(described)?;
            Ok::<_, crate::Error>(micros.and_then(Timestamp::from_microseconds))
        };
        let (min, mean, max, first, last) = (value(1)?, value(2)?, value(3)?, time(4)?, time(5)?);
        if let (Some(min), Some(mean), Some(max), Some(first), Some(last)) = (min, mean, max, first, last) {
            let count = count.unsigned_abs();
            summary.push(PollutantSummary { pollutant, count, min, mean, max, first, last });
        }
    }
    Ok(summary)
}
