//! The header of a file: its columns by name.

use crate::csv::Record;
use crate::error::{Error, Position, Result, cut};

/// The names of a header's columns, in their order.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) line: u64,
}

impl Columns {
    pub(super) fn read(first: Record<'_>) -> Columns {
        let names = first.fields().map(|field| String::from_utf8_lossy(field).trim().to_owned());
        Columns { names: names.collect(), line: first.line }
    }

    /// Columns of these names.
    pub(super) fn named(names: &[&str]) -> Columns {
        Columns { names: names.iter().map(|name| (*name).to_owned()).collect(), line: 1 }
    }

    /// The index of the column of this name, in any case.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    /// The index of the first column of one of these names.
    pub(super) fn one_of(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.place(name))
    }

    /// Returns whether the header has all of these columns.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.place(name).is_some())
    }

    /// The index of a required column.
    ///
    /// # Errors
    /// If the header lacks the column. The error lists the columns of the header.
    pub(super) fn need(&self, name: &str) -> Result<usize> {
        self.place(name).ok_or_else(|| self.fault(&format!("no column {name:?}")))
    }

    /// The name of the column at this index.
    pub(super) fn name(&self, place: usize) -> &str {
        self.names.get(place).map_or("", String::as_str)
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
