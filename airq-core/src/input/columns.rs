//! The header of a file: its columns by name.

use super::station_metadata::{JoinedColumns, TextSource};
use crate::csv::Record;
use crate::error::{Error, Position, Result, cut};

/// The names of a header's columns, in their order.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) line: u64,
}

/// Returns whether two texts name one column: in any case, and with dots for blanks, as R writes them.
pub(super) fn is_same_name(known: &str, name: &str) -> bool {
    known.len() == name.len() && known.bytes().zip(name.bytes()).all(|(one, other)| is_same_byte(one, other))
}

fn is_same_byte(one: u8, other: u8) -> bool {
    one.eq_ignore_ascii_case(&other) || matches!((one, other), (b'.', b' ') | (b' ', b'.'))
}

/// Returns whether a name is one of the names joined by `|`.
pub(super) fn is_one_of(names: &str, name: &str) -> bool {
    is_same_name(names, name) || names.split('|').any(|known| is_same_name(known, name))
}

impl Columns {
    pub(super) fn read(first: Record<'_>) -> Columns {
        let names = first.fields().map(|field| String::from_utf8_lossy(field).trim().to_owned());
        Columns { names: names.collect(), line: first.line }
    }

    /// Columns of these names.
    pub(super) fn named(names: &[String]) -> Columns {
        Columns { names: names.to_vec(), line: 1 }
    }

    /// The index of the column of this name, in any case.
    pub(super) fn index_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| is_same_name(known, name))
    }

    /// The index of the column of this name or, of names joined by `|`, of the first that the header has.
    pub(super) fn one_of_names(&self, names: &str) -> Option<usize> {
        self.index_of(names).or_else(|| names.split('|').find_map(|name| self.index_of(name)))
    }

    /// The index of a required column.
    ///
    /// # Errors
    /// If the header lacks the column. The error lists the columns of the header.
    pub(super) fn need(&self, name: &str) -> Result<usize> {
        self.index_of(name).ok_or_else(|| self.fault(&format!("no column {name:?}")))
    }

    /// The column of this name or, with names joined by `+`, the columns of these names.
    ///
    /// # Errors
    /// If the header lacks a column.
    pub(super) fn joined(&self, names: &str) -> Result<TextSource> {
        if let Some(index) = self.index_of(names) {
            return Ok(TextSource::Column(index));
        }
        let indices: Vec<usize> = names.split('+').map(|name| self.need(name.trim())).collect::<Result<_>>()?;
        match indices.as_slice() {
            [index] => Ok(TextSource::Column(*index)),
            _ => Ok(TextSource::Columns(JoinedColumns::separated(&indices, "-"))),
        }
    }

    /// The name of the column at this index.
    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// An error about the header, which lists its columns.
    pub(super) fn fault(&self, why: &str) -> Error {
        self.fault_with(why, "")
    }

    /// The same, with a hint.
    pub(super) fn fault_with(&self, why: &str, hint: &str) -> Error {
        let seen = cut(&self.names.join(", "));
        let hint = if hint.is_empty() { String::new() } else { format!("; {hint}") };
        Error::at(
            Position { line: self.line, ..Position::default() },
            format!("{why} in the header; seen: {seen}{hint}"),
        )
    }
}
