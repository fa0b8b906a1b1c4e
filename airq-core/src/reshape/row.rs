//! A row that has been checked against its layout.

use super::fast::{Path, numbers_are_plain};
use super::header::{Field, Kind, Layout};
use super::is_json_number;
use super::reject::Fault;
use super::sheet::Output;
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
    pub(crate) fn check(layout: &'a Layout, record: Record<'a>, path: Path) -> Result<Row<'a>, Fault> {
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
        let numbers_are_plain = numbers_are_plain(path, &layout.kinds, record);
        let is_proven = |kind: Option<Kind>| numbers_are_plain && kind.is_some_and(Kind::is_number);
        for (column, kind) in layout.kinds.iter().enumerate() {
            if !is_proven(*kind) {
                check_value(*kind, column, record.field(column))?;
            }
        }
        Ok(Row { layout, station, time, record })
    }

    /// Appends the time as RFC 3339.
    pub(crate) fn push_time(&self, out: &mut impl Output) {
        // The usual spelling, which needs no calendar: `YYYY-MM-DD hh:mm:ss.mmm`.
        let text = self.record.field(self.layout.time);
        match text.get(19..) {
            Some([b'.', fraction @ ..]) if fraction.len() == 3 && fraction.iter().all(u8::is_ascii_digit) => {
                out.extend_from_slice(&text[..10]);
                out.push(b'T');
                out.extend_from_slice(&text[11..]);
                out.push(b'Z');
            }
            _ => self.time.write_to(out),
        }
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
        Some(kind) if kind.is_number() && !value.is_empty() && !is_json_number(value) => {
            Err(Fault::NotANumber { column })
        }
        Some(Kind::Text) if std::str::from_utf8(value).is_err() => Err(Fault::NotUtf8 { column }),
        _ => Ok(()),
    }
}
