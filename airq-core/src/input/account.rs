//! What became of everything that was read.

use std::collections::BTreeMap;

/// More names than a file of measurements has; those that come later are counted as one.
const MOST_NAMES: usize = 100;

/// What became of what was read: `read = accepted + duplicates + rejected + ignored`.
///
/// Counted are rows of the file. Of Madrid's files, whose rows hold a day or a month, it is the values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// What is counted.
    pub counted: Counted,
    /// How many there are in the file.
    pub read: u64,
    /// Those that a later one of the same station, time and pollutant replaced.
    pub duplicates: u64,
    /// Those that could not be used: each was reported.
    pub rejected: u64,
    /// Those that hold no measurement.
    pub ignored: Ignored,
    /// What the file has and airq does not know: names of parameters, or of columns, and how many values each has.
    pub unknown: BTreeMap<String, u64>,
}

/// What an [`Account`] counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Rows of the file.
    #[default]
    Rows,
    /// Values: the file's rows hold many.
    Values,
}

/// What held no measurement, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// Marked as invalid by the file.
    pub invalid: u64,
    /// Empty, or what the format writes for it.
    pub missing: u64,
    /// Of parameters that airq does not know.
    pub unknown: u64,
}

impl Ignored {
    /// All of them.
    pub const fn total(self) -> u64 {
        self.invalid + self.missing + self.unknown
    }
}

impl Account {
    /// How many are measurements, or parts of one.
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
