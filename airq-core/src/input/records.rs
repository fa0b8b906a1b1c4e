//! What a format does with the records of its files.

use super::rows::Rows;
use crate::csv::Record;
use std::fmt::Debug;

/// The records of one file, whose header has been read.
pub(super) trait Records: Debug + Send {
    /// Takes a record into `rows`, or says why it cannot: then nothing of it may have been taken.
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), Fault>;

    /// How many of what is counted each record holds.
    fn counted(&self) -> u64 {
        1
    }

    /// The end of the file.
    fn finish(&mut self, rows: &mut Rows) {
        let _ = rows;
    }
}

/// Why a record, or one value of it, cannot be used.
#[derive(Debug)]
pub(super) struct Fault {
    /// The place of the column at fault, if it is one.
    pub(super) column: Option<usize>,
    pub(super) value: Vec<u8>,
    pub(super) reason: String,
}

impl Fault {
    /// The whole record is at fault.
    pub(super) fn record(reason: impl Into<String>) -> Self {
        Fault { column: None, value: Vec::new(), reason: reason.into() }
    }

    /// This value is; the reason stands behind it, as in `"abc" is not a number`.
    pub(super) fn value(column: usize, value: &[u8], reason: &str) -> Self {
        let reason = format!("{:?} {reason}", crate::error::cut_bytes(value));
        Fault { column: Some(column), value: value.to_owned(), reason }
    }
}

/// The field without blanks around it.
pub(super) fn trimmed(record: Record<'_>, place: usize) -> &[u8] {
    record.field(place).trim_ascii()
}

/// The field as text for people; `None` if it is empty.
pub(super) fn text(record: Record<'_>, place: Option<usize>) -> Option<String> {
    let text = String::from_utf8_lossy(trimmed(record, place?));
    (!text.is_empty()).then(|| text.into_owned())
}

/// The field as degrees; `None` if it is not a number up to `most`.
pub(super) fn degrees(record: Record<'_>, place: Option<usize>, most: f64) -> Option<f64> {
    let degrees: f64 = text(record, place)?.parse().ok()?;
    (degrees.abs() <= most).then_some(degrees)
}

/// Checks that the record has as many fields as the header.
pub(super) fn check_width(record: Record<'_>, width: usize) -> Result<(), Fault> {
    if record.len() == width {
        return Ok(());
    }
    Err(Fault::record(format!("the row has {} fields, the header {width}", record.len())))
}
