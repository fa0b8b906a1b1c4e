//! The trait of formats: how records become measurements.

use super::columns::Columns;
use super::rows::Rows;
use crate::csv::Record;
use std::fmt::Debug;

/// The records of one file, after its header.
pub(super) trait Records: Debug + Send {
    /// Adds the measurements of a record to `rows`.
    ///
    /// # Errors
    /// If the record cannot be used. None of its values was added then; its station may have been.
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), RecordError>;

    /// The number that each record adds to the counts.
    fn counted(&self) -> u64 {
        1
    }

    /// Ends the file.
    fn finish(&mut self, rows: &mut Rows) {
        let _ = rows;
    }
}

/// The reason why a record or one of its values cannot be used.
#[derive(Debug)]
pub(super) struct RecordError {
    /// The index of the invalid column; `None` if the whole record is invalid.
    pub(super) column: Option<usize>,
    pub(super) value: Vec<u8>,
    pub(super) reason: String,
}

impl RecordError {
    /// The whole record is invalid.
    pub(super) fn record(reason: impl Into<String>) -> Self {
        RecordError { column: None, value: Vec::new(), reason: reason.into() }
    }

    /// A value is invalid. The reason follows the value in messages, as in `"abc" is not a number`.
    pub(super) fn value(column: usize, value: &[u8], reason: &str) -> Self {
        let reason = format!("{:?} {reason}", crate::error::cut_bytes(value));
        RecordError { column: Some(column), value: value.to_owned(), reason }
    }
}

/// The field without surrounding blanks.
pub(super) fn trimmed(record: Record<'_>, index: usize) -> &[u8] {
    record.field(index).trim_ascii()
}

/// Checks that the record has as many fields as the header. Columns without a name at the end of the header may lack fields. An
/// extra field is an error even if it is empty, because the fields before it may be in wrong columns.
pub(super) fn check_width(record: Record<'_>, columns: &Columns) -> Result<(), RecordError> {
    let width = columns.names.len();
    if record.len() == width || columns.names.get(record.len()..).is_some_and(|rest| rest.iter().all(String::is_empty))
    {
        return Ok(());
    }
    Err(RecordError::record(format!("the row has {} fields, the header {width}", record.len())))
}
