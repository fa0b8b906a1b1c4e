//! The counts of the rows of a file, by what became of them.

use std::collections::BTreeMap;

/// The number of unknown names that are counted by name. Later names are counted together.
const MOST_NAMES: usize = 100;

/// The counts of the rows of a file: `read = accepted + duplicates + rejected + ignored`.
///
/// For Madrid's files, the counts are of values: a row holds a day or a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The unit of the counts.
    pub counted: Counted,
    /// Rows in the file.
    pub read: u64,
    /// Rows that a later row of the same station, time and pollutant replaced.
    pub duplicates: u64,
    /// Rows that could not be used. Each was reported.
    pub rejected: u64,
    /// Rows that hold no measurement.
    pub ignored: Ignored,
    /// The parameters or columns of the file that airq does not know, by name, with the number of their values.
    pub unknown: BTreeMap<String, u64>,
}

/// The unit of the counts of an [`Account`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Rows of the file.
    #[default]
    Rows,
    /// Values, in files whose rows hold many values.
    Values,
}

/// The number of rows that hold no measurement, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// The file marks the value as invalid.
    pub invalid: u64,
    /// The value is empty, or the format's text for a missing value.
    pub missing: u64,
    /// airq does not know the parameter.
    pub unknown: u64,
}

impl Ignored {
    /// The sum of all reasons.
    pub const fn total(self) -> u64 {
        self.invalid + self.missing + self.unknown
    }
}

impl Account {
    /// The number of rows that are measurements, or parts of measurements.
    pub fn accepted(&self) -> u64 {
        self.read.saturating_sub(self.duplicates + self.rejected + self.ignored.total())
    }

    /// Adds the account of another file.
    pub fn add(&mut self, other: &Account) {
        if self.read == 0 {
            self.counted = other.counted;
        }
        self.read += other.read;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        self.ignored.invalid += other.ignored.invalid;
        self.ignored.missing += other.ignored.missing;
        self.ignored.unknown += other.ignored.unknown;
        for (name, count) in &other.unknown {
            self.note_unknown(name, *count);
        }
    }

    pub(super) fn note_unknown(&mut self, name: &str, count: u64) {
        if let Some(known) = self.unknown.get_mut(name) {
            *known += count;
            return;
        }
        let name = if self.unknown.len() < MOST_NAMES { crate::error::cut(name) } else { "others".to_owned() };
        *self.unknown.entry(name).or_default() += count;
    }
}
