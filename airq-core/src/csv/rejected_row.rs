//! Rows that cannot be used: what is wrong with one, and what is done about it.

use super::header::Layout;
use super::split::Record;
use crate::error::{Error, Position, cut_bytes};
use std::fmt;

/// A row that was left out of an answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRow {
    /// Its line, and the column at fault if it is one.
    pub position: Position,
    /// The value at fault, cut to 100 characters; empty if it is the whole row.
    pub value: String,
    /// What is wrong, such as `"abc" is not a number`.
    pub reason: String,
}

impl RejectedRow {
    /// The same row, with the name of its file.
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

/// What to do with a row that cannot be used.
#[derive(Default)]
pub(crate) enum OnRejected {
    /// Stop with an error.
    #[default]
    Fail,
    /// Tell, leave it out and go on.
    Tell(Box<dyn FnMut(&RejectedRow) + Send>),
}

impl OnRejected {
    pub(crate) fn take(&mut self, reject: RejectedRow) -> Result<(), Error> {
        match self {
            OnRejected::Fail => Err(reject.into()),
            OnRejected::Tell(tell) => {
                tell(&reject);
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

/// What is wrong with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Width,
    NoStation,
    NotUtf8 { column: usize },
    NotATime,
    NotANumber { column: usize },
}

impl Fault {
    pub(crate) fn describe(self, layout: &Layout, record: Record<'_>) -> RejectedRow {
        let column = match self {
            Fault::Width => None,
            Fault::NoStation => Some(layout.station),
            Fault::NotATime => Some(layout.time),
            Fault::NotUtf8 { column } | Fault::NotANumber { column } => Some(column),
        };
        let value = column.map(|column| cut_bytes(record.field(column))).unwrap_or_default();
        let reason = match self {
            Fault::Width => format!("the row has {} fields, the header {}", record.len(), layout.width()),
            Fault::NoStation => "the row names no station".to_owned(),
            Fault::NotUtf8 { .. } => format!("{value:?} is not UTF-8"),
            Fault::NotATime => format!("{value:?} is not a time such as 2016-10-01 00:00:00.004"),
            Fault::NotANumber { .. } => format!("{value:?} is not a number"),
        };
        let column = column.and_then(|column| layout.names.get(column).cloned());
        RejectedRow { position: Position { file: None, line: record.line, column }, value, reason }
    }
}
