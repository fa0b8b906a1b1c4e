//! A row that was checked against its layout.

use super::header::{Field, Kind, Layout};
use super::number::is_json_number;
use super::rejected_row::Fault;
use super::scan::{Dispatch, ProvenRow, numbers_are_plain};
use super::split::Record;
use crate::model::{LastDate, Timestamp};
use crate::text::Output;

/// A valid row: it has a station and a time, its numbers are numbers, its text is UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) layout: &'a Layout,
    /// The station's id: UTF-8, not empty.
    pub(crate) station: &'a [u8],
    pub(crate) time: Timestamp,
    /// The line on which the row starts.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "imports report lines"))]
    pub(crate) line: u64,
    cells: Cells<'a>,
}

/// The bytes of the cells.
#[derive(Clone, Copy, Debug)]
enum Cells<'a> {
    /// Unquoted by the scalar parser.
    Record(Record<'a>),
    /// As the input has them.
    Proven(ProvenRow<'a>),
}

impl<'a> Row<'a> {
    /// Checks a record; returns its time.
    ///
    /// # Errors
    /// If a cell is invalid, or there are more or fewer cells than columns.
    pub(crate) fn check(layout: &Layout, record: Record<'_>, dispatch: Dispatch) -> Result<Timestamp, Fault> {
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
        let numbers_are_plain = numbers_are_plain(dispatch, &layout.kinds, record);
        for (column, kind) in layout.kinds.iter().enumerate() {
            let is_proven = numbers_are_plain && kind.is_some_and(Kind::is_number);
            if !is_proven {
                check_value(*kind, column, record.field(column))?;
            }
        }
        Ok(time)
    }

    /// The row of a record that [`check`](Row::check) accepted, with the time that it returned.
    pub(crate) fn checked(layout: &'a Layout, record: Record<'a>, time: Timestamp) -> Row<'a> {
        Row { layout, station: record.field(layout.station), time, line: record.line, cells: Cells::Record(record) }
    }

    /// A row that the scanner has proven.
    #[inline]
    pub(crate) fn proven(layout: &'a Layout, row: ProvenRow<'a>, line: u64, date: &mut LastDate) -> Row<'a> {
        let time = Timestamp::from_proven(row.window.wide(row.start(layout.time)), row.fraction, date);
        Row { layout, station: row.bytes(layout.station), time, line, cells: Cells::Proven(row) }
    }

    /// Appends the time as RFC 3339.
    pub(crate) fn push_time(&self, out: &mut impl Output) {
        // The common form needs no calendar: `YYYY-MM-DD hh:mm:ss.mmm`.
        let text = self.cell(self.layout.time);
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

    /// The field's value as the input has it; `None` if the value is missing.
    #[inline]
    pub(crate) fn value(&self, field: &Field) -> Option<&'a [u8]> {
        field.column.and_then(|column| self.column(column))
    }

    /// The value in this column; `None` if the value is missing.
    #[inline]
    pub(crate) fn column(&self, column: usize) -> Option<&'a [u8]> {
        let value = self.cell(column);
        (!value.is_empty()).then_some(value)
    }

    #[inline]
    fn cell(&self, column: usize) -> &'a [u8] {
        match &self.cells {
            Cells::Record(record) => record.field(column),
            Cells::Proven(row) => row.bytes(column),
        }
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
