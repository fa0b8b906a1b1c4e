//! A row that was checked against its layout.

use super::header::{Field, Kind, Layout};
use super::number::{is_json_number, keeps_digits, without_trailing_zeros};
use super::rejected_row::RowError;
use super::scan::{Dispatch, ProvenRow, numbers_are_plain};
use super::split::Record;
use crate::model::{LastDate, Timestamp};
use crate::text::Output;

/// A valid row: it has a station and a time, its numbers are numbers, its text is UTF-8.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) layout: &'a Layout,
    /// The station's id: UTF-8, not empty, without outer blanks.
    pub(crate) station: &'a [u8],
    pub(crate) time: Timestamp,
    /// The line on which the row starts.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "imports report lines"))]
    pub(crate) line: u64,
    cells: Cells<'a>,
}

/// The result of checking a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckedRow {
    pub(crate) time: Timestamp,
    /// True if a number is negative, and so may be a sentinel.
    pub(crate) has_negative: bool,
    /// True if no number has to be [rewritten](super::number::rewritten).
    pub(crate) keeps_digits: bool,
}

/// The bytes of the cells.
#[derive(Clone, Copy, Debug)]
enum Cells<'a> {
    /// A record of the scalar parser, unquoted.
    Record(Record<'a>),
    /// A row of the scanner: a view of the input.
    Proven(ProvenRow<'a>),
}

impl<'a> Row<'a> {
    /// Checks a record.
    ///
    /// # Errors
    /// If a cell is invalid, or there are more or fewer cells than columns.
    pub(crate) fn check(layout: &Layout, record: Record<'_>, dispatch: Dispatch) -> Result<CheckedRow, RowError> {
        if record.len() != layout.width() {
            return Err(RowError::Width);
        }
        let station = trimmed(record.field(layout.station));
        if station.is_empty() {
            return Err(RowError::NoStation);
        }
        if std::str::from_utf8(station).is_err() {
            return Err(RowError::NotUtf8 { column: layout.station });
        }
        let time = Timestamp::parse_bytes(record.field(layout.time)).ok_or(RowError::NotATime)?;
        let numbers_are_plain = numbers_are_plain(dispatch, &layout.kinds, record);
        let mut has_negative = false;
        let mut has_digits = true;
        for (column, kind) in layout.kinds.iter().enumerate() {
            let is_number = matches!(kind, Some(kind) if kind.is_number());
            let value = record.field(column);
            if !(numbers_are_plain && is_number) {
                check_value(*kind, column, value)?;
                has_negative |= is_number && value.first() == Some(&b'-');
            }
            has_digits &= !is_number || keeps_digits(value);
        }
        Ok(CheckedRow { time, has_negative, keeps_digits: has_digits })
    }

    /// The row of a record that [`check`](Row::check) accepted, with the time that it returned.
    pub(crate) fn checked(layout: &'a Layout, record: Record<'a>, time: Timestamp) -> Row<'a> {
        let station = trimmed(record.field(layout.station));
        Row { layout, station, time, line: record.line, cells: Cells::Record(record) }
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

    /// The field's value; `None` if the value is missing. Numbers have their [canonical text](super::number).
    #[inline]
    pub(crate) fn value(&self, field: &Field) -> Option<&'a [u8]> {
        let value = self.column(field.column?)?;
        Some(if field.kind.is_number() { without_trailing_zeros(value) } else { value })
    }

    /// The value in this column, maybe with zeros at the end of its decimals; `None` if the value is missing.
    #[inline]
    pub(crate) fn column(&self, column: usize) -> Option<&'a [u8]> {
        let value = match &self.cells {
            // Proven rows have no sentinels.
            Cells::Proven(row) => row.bytes(column),
            Cells::Record(record) => self.value_of(record, column),
        };
        if value.is_empty() { None } else { Some(value) }
    }

    /// Returns the value of a record in this column, or an empty text if the value is missing. Not inlined, so that the compiler
    /// inlines [`column`](Row::column).
    #[inline(never)]
    fn value_of(&self, record: &Record<'a>, column: usize) -> &'a [u8] {
        let value = record.field(column);
        if self.layout.sentinel(column, value).is_some() { b"" } else { value }
    }

    #[inline]
    fn cell(&self, column: usize) -> &'a [u8] {
        match &self.cells {
            Cells::Record(record) => record.field(column),
            Cells::Proven(row) => row.bytes(column),
        }
    }
}

/// Returns the field without outer blanks, which few fields have.
#[inline]
fn trimmed(field: &[u8]) -> &[u8] {
    match field {
        [first, .., last] if *first > b' ' && *last > b' ' => field,
        _ => field.trim_ascii(),
    }
}

fn check_value(kind: Option<Kind>, column: usize, value: &[u8]) -> Result<(), RowError> {
    match kind {
        Some(kind) if kind.is_number() && !value.is_empty() && !is_json_number(value) => {
            Err(RowError::NotANumber { column })
        }
        Some(Kind::Text) if std::str::from_utf8(value).is_err() => Err(RowError::NotUtf8 { column }),
        _ => Ok(()),
    }
}
