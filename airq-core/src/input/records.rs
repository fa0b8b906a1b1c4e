//! The trait of formats: how records become measurements.

use super::rows::Rows;
use crate::csv::Record;
use std::fmt::Debug;

/// The records of one file, whose header has been read.
pub(super) trait Records: Debug + Send {
    /// Adds the measurements of a record to `rows`.
    ///
    /// # Errors
    /// If the record cannot be used. Nothing of it was added then.
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), Fault>;

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
pub(super) struct Fault {
    /// The index of the invalid column; `None` if the whole record is invalid.
    pub(super) column: Option<usize>,
    pub(super) value: Vec<u8>,
    pub(super) reason: String,
}

impl Fault {
    /// The whole record is invalid.
    pub(super) fn record(reason: impl Into<String>) -> Self {
        Fault { column: None, value: Vec::new(), reason: reason.into() }
    }

    /// A value is invalid. The reason follows the value in messages, as in `"abc" is not a number`.
    pub(super) fn value(column: usize, value: &[u8], reason: &str) -> Self {
        let reason = format!("{:?} {reason}", crate::error::cut_bytes(value));
        Fault { column: Some(column), value: value.to_owned(), reason }
    }
}

/// The field without surrounding blanks.
pub(super) fn trimmed(record: Record<'_>, place: usize) -> &[u8] {
    record.field(place).trim_ascii()
}

/// The field as text; `None` if it is empty.
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
