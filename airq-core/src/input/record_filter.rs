//! The rows of a file that a format reads, by the texts of their columns.

use super::records::trimmed;
use crate::csv::Record;

/// The columns that decide by their texts whether a row is read.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordFilter {
    /// The texts of rows that are read, by column.
    pub(super) kept: Vec<(usize, Vec<Vec<u8>>)>,
    /// The texts of rows that are left out, by column.
    pub(super) left_out: Vec<(usize, Vec<Vec<u8>>)>,
}

impl RecordFilter {
    /// Returns whether the row is read.
    #[inline]
    pub(super) fn keeps(&self, record: Record<'_>) -> bool {
        if self.kept.is_empty() && self.left_out.is_empty() {
            return true;
        }
        self.kept.iter().all(|rule| has_text(record, rule)) && !self.left_out.iter().any(|rule| has_text(record, rule))
    }

    /// Returns whether the column decides on rows.
    pub(super) fn is_at(&self, index: usize) -> bool {
        self.kept.iter().chain(&self.left_out).any(|(column, _)| *column == index)
    }
}

/// Returns whether the record has one of the texts in the column.
fn has_text(record: Record<'_>, (column, texts): &(usize, Vec<Vec<u8>>)) -> bool {
    let text = trimmed(record, *column);
    texts.iter().any(|known| known == text)
}
