//! The columns of a table that nothing reads, with the number of their values, for the report of what was left out.

use super::columns::Columns;
use super::records::trimmed;
use super::rows::Rows;
use crate::csv::Record;

/// The columns that no role has, with the number of their values.
#[derive(Clone, Debug, Default)]
pub(super) struct OtherColumns(Vec<(usize, u64)>);

impl OtherColumns {
    /// The columns with these indices.
    pub(super) fn new(columns: impl IntoIterator<Item = usize>) -> Self {
        OtherColumns(columns.into_iter().map(|column| (column, 0)).collect())
    }

    /// Removes the columns, and returns their indices.
    pub(super) fn take(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.0).into_iter().map(|(column, _)| column).collect()
    }

    /// Counts the values of a record.
    pub(super) fn count(&mut self, record: Record<'_>) {
        for (column, count) in &mut self.0 {
            *count += u64::from(!trimmed(record, *column).is_empty());
        }
    }

    /// Reports the columns that have values.
    pub(super) fn note(&self, columns: &Columns, rows: &mut Rows) {
        for (column, count) in self.0.iter().filter(|(_, count)| *count > 0) {
            rows.account.note_unused(columns.name(*column), *count);
        }
    }
}
