//! The account of the rows of a source: accepted, duplicate, rejected and ignored rows.

use crate::csv::{RejectedRow, StationProfile};
use crate::model::{Conflicts, MixedStations, Sentinels};
use crate::text::counted;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The number of unused columns that are counted by name. Later names are counted together.
const MOST_NAMES: usize = 100;
/// The number of rejected rows that are kept.
const REJECTS_KEPT: usize = 10;

/// The account of the rows of a source: `read = accepted + duplicates + rejected + ignored`.
///
/// Values are counted in files with the hours of a day or the days of a month in a row, and in files with a flag for each value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Account {
    /// The unit of the counts.
    pub counted: Counted,
    /// Rows in the source.
    pub read: u64,
    /// Rows that add nothing: other rows of the same station and time have or replace all their values.
    pub duplicates: u64,
    /// Rows that cannot be used.
    pub rejected: u64,
    /// Rows that hold no measurement.
    pub ignored: Ignored,
    /// Columns that are not read although they have values, with the number of their values. The number is 0 where the
    /// values are not counted.
    pub unused: BTreeMap<String, u64>,
    /// Numbers such as −999, which are missing values.
    pub sentinels: Sentinels,
    /// Different values for one station, time and parameter.
    pub conflicts: Conflicts,
    /// Station ids of several places or instruments.
    pub mixed_stations: MixedStations,
    /// The formats of the files, with what is assumed about them. The CSV of airq's own format assumes nothing.
    pub formats: Vec<String>,
    /// The first rejected rows: at most ten, or all of them in an account that keeps all.
    pub rejects: Vec<RejectedRow>,
    /// True if all examples are kept, not only the first.
    pub(crate) keeps_all: bool,
}

/// The unit of the counts of an [`Account`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Rows of the source.
    #[default]
    Rows,
    /// Values, in files with many values in a row.
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
    /// The value is a mean of another period than the values that are read.
    pub other_period: u64,
    /// The row is of a kind that the format leaves out, such as another statistic.
    pub unselected: u64,
}

impl Ignored {
    /// The sum of all reasons.
    pub const fn total(self) -> u64 {
        self.invalid + self.missing + self.other_period + self.unselected
    }
}

impl Counted {
    /// Returns a number of them: `1 row`, `2 rows`, `2 values`.
    pub fn number(self, count: u64) -> String {
        match self {
            Counted::Rows => counted(count, "row"),
            Counted::Values => counted(count, "value"),
        }
    }
}

impl Account {
    /// Returns an empty account, which keeps the first examples or all of them.
    pub(crate) fn keeping(all: bool) -> Self {
        Account {
            conflicts: Conflicts::keeping(all),
            mixed_stations: MixedStations::keeping(all),
            keeps_all: all,
            ..Account::default()
        }
    }

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
        self.ignored.other_period += other.ignored.other_period;
        self.ignored.unselected += other.ignored.unselected;
        for (name, count) in &other.unused {
            self.note_unused(name, *count);
        }
        self.sentinels.add(&other.sentinels);
        self.conflicts.add(&other.conflicts);
        self.mixed_stations.add(&other.mixed_stations);
        for format in &other.formats {
            self.note_format(format);
        }
        let room = rejects_kept(self.keeps_all).saturating_sub(self.rejects.len());
        self.rejects.extend(other.rejects.iter().take(room).cloned());
    }

    /// Adds the invalid metadata and the places of a station.
    pub(crate) fn note_profile(&mut self, profile: &StationProfile) {
        for (what, count) in &profile.unusable {
            self.note_unused(what, *count);
        }
        self.mixed_stations.add(&profile.mixed);
    }

    /// Adds the format of a file.
    pub(crate) fn note_format(&mut self, format: &str) {
        if !self.formats.iter().any(|known| known == format) {
            self.formats.push(format.to_owned());
        }
    }

    /// Counts values of a column that is not read.
    pub(crate) fn note_unused(&mut self, name: &str, count: u64) {
        if let Some(known) = self.unused.get_mut(name) {
            *known += count;
            return;
        }
        let name = if self.unused.len() < MOST_NAMES { crate::error::cut(name) } else { "others".to_owned() };
        *self.unused.entry(name).or_default() += count;
    }

    /// Describes in one line what did not reach the answers: how much, why, and the first example. Returns `None` if nothing was
    /// left out. Duplicates and empty values leave nothing out.
    pub fn left_out(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.rejected > 0 {
            let first = self.rejects.first().map(|row| format!(" (first: {row})")).unwrap_or_default();
            parts.push(format!("{} of {} that cannot be used{first}", self.rejected, self.counted.number(self.read)));
        }
        if self.ignored.invalid > 0 {
            parts.push(format!("{} that the file marks as invalid", self.counted.number(self.ignored.invalid)));
        }
        if self.ignored.other_period > 0 {
            let what = self.counted.number(self.ignored.other_period);
            parts.push(format!("{what} of another period (period=1h or period=1d selects one)"));
        }
        if self.ignored.unselected > 0 {
            let what = self.counted.number(self.ignored.unselected);
            parts.push(format!("{what} of kinds that the format leaves out"));
        }
        if !self.sentinels.is_empty() {
            let count = counted(self.sentinels.count(), "value");
            parts.push(format!("{count} read as missing: {}", self.sentinels));
        }
        if self.conflicts.count > 0 {
            let first =
                self.conflicts.first.first().map(|conflict| format!(" (first: {conflict})")).unwrap_or_default();
            parts.push(format!("{} in conflict{first}", counted(self.conflicts.count, "value")));
        }
        if let Some(first) = self.mixed_stations.first.first() {
            let count = self.mixed_stations.count;
            let hint = "station-columns makes ids of several columns";
            parts.push(format!("several places or instruments of one id, {count} in all (first: {first}; {hint})"));
        }
        if !self.unused.is_empty() {
            parts.push(format!("columns {}", self.unused_columns()));
        }
        if parts.is_empty() { None } else { Some(parts.join("; ")) }
    }

    /// `"note" (12 values), "flag"`
    fn unused_columns(&self) -> String {
        let mut names = String::new();
        for (name, count) in &self.unused {
            let separator = if names.is_empty() { "" } else { ", " };
            // Writing to a `String` cannot fail.
            let _ = match count {
                0 => write!(names, "{separator}{name:?}"),
                _ => write!(names, "{separator}{name:?} ({})", counted(*count, "value")),
            };
        }
        names
    }
}

/// Returns the number of rejected rows that are kept.
pub(crate) const fn rejects_kept(all: bool) -> usize {
    if all { usize::MAX } else { REJECTS_KEPT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameter;

    #[test]
    fn what_is_left_out_is_one_line() {
        assert_eq!(Account { read: 5, duplicates: 2, ..Account::default() }.left_out(), None);
        let mut account = Account { read: 5, rejected: 1, ..Account::default() };
        account.sentinels.note(Parameter::NO2, b"-999");
        account.note_unused("note", 3);
        let line = account.left_out().unwrap();
        let expected =
            "1 of 5 rows that cannot be used; 1 value read as missing: no2 -999 (1); columns \"note\" (3 values)";
        assert_eq!(line, expected);
    }
}
