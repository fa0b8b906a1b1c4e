//! A row that has been checked against its layout.

use super::header::{Field, Kind, Layout};
use super::is_json_number;
use super::reject::Fault;
use super::split::Record;
use crate::model::Timestamp;

/// A row that is right: it has a station and a time, its numbers are numbers, its text is UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) layout: &'a Layout,
    /// The station's id: UTF-8, not empty.
    pub(crate) station: &'a [u8],
    pub(crate) time: Timestamp,
    record: Record<'a>,
}

impl<'a> Row<'a> {
    pub(crate) fn check(layout: &'a Layout, record: Record<'a>) -> Result<Row<'a>, Fault> {
        if record.len() != layout.width() {
            return Err(Fault::Width);
        }
        let station = record.field(layout.station);
        if station.is_empty() {
            return Err(Fault::NoStation);
        }
        if std::str::from_utf8(station).is_err() {
            return Err(Fault::NotUtf8 { column: layout.station });
        }
        let time = Timestamp::parse_bytes(record.field(layout.time)).ok_or(Fault::NotATime)?;
        for (column, kind) in layout.kinds.iter().enumerate() {
            check_value(*kind, column, record.field(column))?;
        }
        Ok(Row { layout, station, time, record })
    }

    /// The line on which it begins.
    #[cfg(feature = "postgres")]
    pub(crate) fn line(&self) -> u64 {
        self.record.line
    }

    /// The field's value as it was written; `None` if it is missing.
    pub(crate) fn value(&self, field: &Field) -> Option<&'a [u8]> {
        field.column.map(|column| self.record.field(column)).filter(|value| !value.is_empty())
    }
}

fn check_value(kind: Option<Kind>, column: usize, value: &[u8]) -> Result<(), Fault> {
    match kind {
        Some(Kind::Pollutant(_)) if !value.is_empty() && !is_json_number(value) => Err(Fault::NotANumber { column }),
        Some(Kind::Text) if std::str::from_utf8(value).is_err() => Err(Fault::NotUtf8 { column }),
        _ => Ok(()),
    }
}
