//! The rows of an answer, collected.

use super::{Measurement, RowSchema, RowSummary, visit_csv};
use crate::error::Result;
use crate::query::Cursor;
use std::ops::{ControlFlow, Deref};
use std::sync::Arc;

/// The rows of an answer, ordered by station, then time: a slice of [`Measurement`], and the cursor of the next page.
///
/// Memory grows with the answer. For answers of any size there is [`Airq::for_each_row`](crate::Airq::for_each_row).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurements {
    rows: Vec<Measurement>,
    schema: Arc<RowSchema>,
    next: Option<Cursor>,
}

impl Measurements {
    pub(crate) fn new(rows: Vec<Measurement>, summary: RowSummary) -> Measurements {
        Measurements { rows, schema: summary.schema, next: summary.next }
    }

    /// Reads CSV that airq has written: the format `csv`, or the output of
    /// [`Repository::write_csv`](crate::Repository::write_csv). The [next page](Measurements::next_cursor) is unknown.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`](crate::ErrorKind::InvalidData) if the bytes are not such a table;
    /// [`Error::position`](crate::Error::position) has the line.
    pub fn from_csv(csv: &[u8]) -> Result<Measurements> {
        let mut rows = Vec::new();
        let summary = visit_csv(csv, |row| {
            rows.push(row.to_measurement());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Measurements::new(rows, summary))
    }

    /// The columns of the rows.
    pub fn schema(&self) -> &RowSchema {
        &self.schema
    }

    /// The cursor of the next page, for [`Query::after`](crate::Query::after), if the limit of the query ended this page.
    pub fn next_cursor(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// The rows as a vector.
    pub fn into_vec(self) -> Vec<Measurement> {
        self.rows
    }
}

impl Deref for Measurements {
    type Target = [Measurement];

    fn deref(&self) -> &[Measurement] {
        &self.rows
    }
}

impl IntoIterator for Measurements {
    type Item = Measurement;
    type IntoIter = std::vec::IntoIter<Measurement>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a> IntoIterator for &'a Measurements {
    type Item = &'a Measurement;
    type IntoIter = std::slice::Iter<'a, Measurement>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}
