//! Rows without duplicates, merged with the stored rows value by value.

use super::conflicts::{self, count};
use super::parameters::{StoredParameters, list};
use super::survey::Survey;
use crate::error::Result;
use crate::input::InputOptions;
use crate::model::{Conflicts, OnConflict, Parameter};
use crate::repository::postgres::{described, quoted};
use postgres::Transaction;
use postgres::types::Type;

/// The query for whether the database has a row between the first and the last time of any station that was read.
const ANY: &str = "\
    select exists (select from unnest($1, $2::timestamptz[], $3::timestamptz[]) read (id, first, last)
    cross join lateral (select from measurements m
    where m.station_id = read.id and m.time between read.first and read.last limit 1) known)";

/// The move of rows from a table to the data set.
pub(super) struct Upsert<'a, 't> {
    pub(super) transaction: &'a mut Transaction<'t>,
    pub(super) options: &'a InputOptions,
    pub(super) stored: &'a StoredParameters,
    /// The parameters of the rows.
    pub(super) parameters: &'a [Parameter],
    /// The table with the rows.
    pub(super) from: &'static str,
}

/// The rows with a stored station and time.
pub(super) struct Overlap {
    pub(super) rows: u64,
    /// The rows with a value that is not the stored value.
    pub(super) differing: u64,
}

/// The rows that are stored with other values.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) updated: u64,
    pub(super) conflicts: Conflicts,
}

impl Upsert<'_, '_> {
    /// Returns whether the database has no row between the first and the last time of any station that was read. Then no row can
    /// conflict, and the insert is faster.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn is_all_new(&mut self, survey: &Survey) -> Result<bool> {
        let ids: Vec<_> = survey.stations.keys().map(|id| String::from_utf8_lossy(id)).collect();
        let first: Vec<_> = survey.stations.values().map(|station| station.first.to_string()).collect();
        let last: Vec<_> = survey.stations.values().map(|station| station.last.to_string()).collect();
        let types = [(&ids as _, Type::TEXT_ARRAY), (&first as _, Type::TEXT_ARRAY), (&last as _, Type::TEXT_ARRAY)];
        let rows = self.transaction.query_typed(ANY, &types).map_err(described)?;
        let any: bool = match rows.first() {
            Some(row) => row.try_get(0).map_err(described)?,
            None => true,
        };
        Ok(!any)
    }

    /// Counts the rows with a stored station and time. Most second imports end with these counts: nothing differs, and
    /// nothing is new.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn overlap(&mut self) -> Result<Overlap> {
        let differs = self.differs();
        let query = format!(
            "select count(*), count(*) filter (where {differs}) \
             from {} new join measurements known using (station_id, time)",
            self.from
        );
        let row = self.transaction.query_one(&query, &[]).map_err(described)?;
        Ok(Overlap { rows: count(&row, 0)?, differing: count(&row, 1)? })
    }

    /// Makes the table `changes`: the rows with a value that is not the stored value.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn find_changes(&mut self) -> Result<Changes> {
        let (from, values) = (self.from, list(self.parameters, |name| format!("new.{name}")));
        let (differs, old) = (self.differs(), self.row(|_, old| old));
        let kept = self.row(|new, old| self.kept(&new, &old));
        let differences: Vec<String> =
            self.pairs().map(|(new, old)| format!("nullif({new} <> {old}, false)")).collect();
        let create = format!(
            "create temp table changes on commit drop as select new.station_id, new.time{values}, \
             {kept} is distinct from {old} as is_changed, \
             num_nonnulls(variadic array[{}]::boolean[]) as conflicts \
             from {from} new join measurements known using (station_id, time) where {differs}",
            differences.join(", ")
        );
        self.transaction.batch_execute(&create).map_err(described)?;
        let query = "select count(*) filter (where is_changed), coalesce(sum(conflicts), 0)::bigint from changes";
        let row = self.transaction.query_one(query, &[]).map_err(described)?;
        let updated = count(&row, 0)?;
        let conflicts = count(&row, 1)?;
        if conflicts == 0 {
            return Ok(Changes { updated, conflicts: Conflicts::default() });
        }
        let conflicts =
            conflicts::with_stored(self.transaction, self.parameters, self.stored, self.options, conflicts)?;
        Ok(Changes { updated, conflicts })
    }

    /// Inserts the rows that are not stored. Returns their number.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn insert(&mut self, is_all_new: bool) -> Result<u64> {
        let (from, values) = (self.from, list(self.parameters, str::to_owned));
        let on_conflict = if is_all_new { "" } else { " on conflict do nothing" };
        let insert = format!(
            "insert into measurements (station_id, time{values}) select station_id, time{values} from {from}{on_conflict}"
        );
        self.transaction.execute(&insert, &[]).map_err(described)
    }

    /// Updates the stored rows by the table `changes`.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn update(&mut self) -> Result<()> {
        let set: Vec<String> = self
            .parameters
            .iter()
            .map(|parameter| {
                let name = quoted(*parameter);
                format!("{name} = {}", self.kept(&format!("new.{name}"), &format!("known.{name}")))
            })
            .collect();
        let update = format!(
            "update measurements known set {} from changes new \
             where known.station_id = new.station_id and known.time = new.time and new.is_changed",
            set.join(", ")
        );
        self.transaction.batch_execute(&update).map_err(described)
    }

    /// The condition of rows with a value that is not the stored value.
    fn differs(&self) -> String {
        if self.parameters.is_empty() {
            return "false".to_owned();
        }
        let old = self.row(|_, old| old);
        let filled = self.row(|new, old| format!("coalesce({new}, {old})"));
        format!("{filled} is distinct from {old}")
    }

    /// Each parameter's new and stored value. In a dry run measurements may lack the column.
    fn pairs(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.parameters.iter().map(|parameter| {
            let name = quoted(*parameter);
            let has_column = self.stored.has_column(*parameter);
            let old = if has_column { format!("known.{name}") } else { "null::double precision".to_owned() };
            (format!("new.{name}"), old)
        })
    }

    fn row(&self, item: impl Fn(String, String) -> String) -> String {
        let items: Vec<String> = self.pairs().map(|(new, old)| item(new, old)).collect();
        format!("row({})", items.join(", "))
    }

    /// The value that stays. An empty cell never erases a value.
    fn kept(&self, new: &str, old: &str) -> String {
        match self.options.on_conflict {
            OnConflict::First => format!("coalesce({old}, {new})"),
            OnConflict::Last | OnConflict::Error => format!("coalesce({new}, {old})"),
        }
    }
}
