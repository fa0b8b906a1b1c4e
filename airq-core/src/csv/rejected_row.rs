//! Rows that are invalid, and the policy for them.

use super::header::Layout;
use super::split::Record;
use crate::error::{Error, Position, cut, cut_bytes};
use std::fmt;

/// An invalid row, which was left out of an answer or an import, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRow {
    /// The line of the row, and the column if one value is invalid.
    pub position: Position,
    /// The invalid value, cut to 100 characters; empty if the row as a whole is invalid.
    pub value: String,
    /// The reason, such as `"abc" is not a number`.
    pub reason: String,
}

impl RejectedRow {
    /// Adds the name of the file to the position.
    pub(crate) fn in_file(mut self, name: &str) -> Self {
        self.position.file = Some(name.to_owned());
        self
    }
}

impl fmt::Display for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.reason)
    }
}

impl From<RejectedRow> for Error {
    fn from(reject: RejectedRow) -> Self {
        Error::at(reject.position, reject.reason)
    }
}

/// The policy for invalid rows.
#[derive(Default)]
pub(crate) enum OnRejected {
    /// Stop with an error.
    #[default]
    Fail,
    /// Report the row, skip it and continue.
    Tell(Box<dyn FnMut(&RejectedRow) + Send>),
}

impl OnRejected {
    pub(crate) fn take(&mut self, reject: RejectedRow) -> Result<(), Error> {
        match self {
            OnRejected::Fail => Err(reject.into()),
            OnRejected::Tell(report) => {
                report(&reject);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for OnRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OnRejected::Fail => "Fail",
            OnRejected::Tell(_) => "Tell",
        })
    }
}

/// The reason why a row is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowError {
    Width,
    NoStation,
    NotUtf8 { column: usize },
    NotATime,
    NotANumber { column: usize },
}

impl RowError {
    pub(crate) fn describe(self, layout: &Layout, record: Record<'_>) -> RejectedRow {
        let column = match self {
            RowError::Width => None,
            RowError::NoStation => Some(layout.station),
            RowError::NotATime => Some(layout.time),
            RowError::NotUtf8 { column } | RowError::NotANumber { column } => Some(column),
        };
        let value = column.map(|column| cut_bytes(record.field(column))).unwrap_or_default();
        let reason = match self {
            RowError::Width => format!("the row has {} fields, the header {}", record.len(), layout.width()),
            RowError::NoStation => "the row names no station".to_owned(),
            RowError::NotUtf8 { .. } => format!("{value:?} is not UTF-8"),
            RowError::NotATime => format!("{value:?} is not a time such as 2016-10-01 00:00:00.004"),
            RowError::NotANumber { .. } => format!("{value:?} is not a number"),
        };
        let column = column.and_then(|column| layout.names.get(column).map(|name| cut(name)));
        RejectedRow { position: Position { file: None, line: record.line, column }, value, reason }
    }
}
