//! Rows copied straight into the data set, without a staging table.
//!
//! The copy needs no staging table if no row can be a duplicate: each row is later than the rows of its station before, in
//! the files and in the database. The first import of a data set and the import of a next year are so. The turn of the
//! import is taken before the files are read, so that no other import adds rows meanwhile. A file with a row out of order
//! is read again from its start, into the staging table.

use super::input::Input;
use super::load::{self, Copied};
use super::options::ImportOptions;
use super::report::ImportWatch;
use super::row_copy::{DirectCopy, Target};
use crate::error::Result;
use crate::input::InputFile;
use crate::model::Timestamp;
use crate::repository::postgres::described;
use postgres::Transaction;
use std::collections::HashMap;

/// Keeps other writers out, unless another writer is at work.
const KEEP_OUT: &str = "lock table measurements, stations in share row exclusive mode nowait";

/// The last measurement of each station, by one index look-up each.
const LAST_TIMES: &str = "\
with recursive latest as (
    (select station_id, time from measurements order by station_id desc, time desc limit 1)
    union all
    select before.* from latest cross join lateral (
        select station_id, time from measurements m where m.station_id < latest.station_id
        order by station_id desc, time desc limit 1) before)
select station_id, (extract(epoch from time) * 1000000)::bigint from latest";

/// Copies all files into the data set. Returns `None`, with nothing done, if the staging table is needed.
///
/// # Errors
/// If a file cannot be read or is invalid, or the database fails.
pub(super) fn copy(
    transaction: &mut Transaction<'_>,
    input: &mut Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<Option<Copied>> {
    // A rollback leaves dead rows, so a dry run is staged.
    if options.dry_run || !input.data.iter().all(InputFile::can_be_read_again) {
        return Ok(None);
    }
    let hash = input.hash();
    let mut savepoint = transaction.savepoint("direct").map_err(described)?;
    let copied = if take_turn(&mut savepoint)? { attempt(&mut savepoint, input, options, watch)? } else { None };
    if copied.is_some() {
        savepoint.commit().map_err(described)?;
    } else {
        savepoint.rollback().map_err(described)?;
        input.restart(hash);
    }
    Ok(copied)
}

/// Takes the import's turn without waiting; returns whether this was possible.
fn take_turn(savepoint: &mut Transaction<'_>) -> Result<bool> {
    Ok(load::try_lock(savepoint)? && savepoint.batch_execute(KEEP_OUT).is_ok())
}

fn attempt(
    savepoint: &mut Transaction<'_>,
    input: &mut Input,
    options: &ImportOptions,
    watch: &mut dyn ImportWatch,
) -> Result<Option<Copied>> {
    let stored = last_times(savepoint)?;
    let mut direct = DirectCopy { stored, max_rejects: options.max_rejects, ..DirectCopy::default() };
    let copied = load::copy_files(savepoint, Target::Measurements(&mut direct), input, options, watch);
    if direct.is_abandoned {
        return Ok(None);
    }
    for reject in &direct.rejects {
        watch.rejected(reject);
    }
    copied.map(Some)
}

fn last_times(savepoint: &mut Transaction<'_>) -> Result<HashMap<Vec<u8>, Timestamp>> {
    let mut times = HashMap::new();
    for row in savepoint.query(LAST_TIMES, &[]).map_err(described)? {
        let station: String = row.try_get(0).map_err(described)?;
        let time: i64 = row.try_get(1).map_err(described)?;
        if let Some(time) = Timestamp::from_microseconds(time) {
            times.insert(station.into_bytes(), time);
        }
    }
    Ok(times)
}
