//! The result of an import, and its progress.

use super::durability::Durability;
use crate::account::Account;
use crate::csv::RejectedRow;
use crate::input::ParameterSummary;
use crate::model::Conflicts;

/// The result of an import: `read = accepted + duplicates + rejected + ignored`.
///
/// The counts are rows or, for Madrid's files, values: a row of theirs holds a day or a month.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Imported {
    /// Rows in the files.
    pub read: u64,
    /// Rows that are in the database now, as measurements or as parts of measurements.
    pub accepted: u64,
    /// Rows without a value that was kept: other rows of the same station and time have the values. In formats whose rows are
    /// values ([`Converted::merges`](crate::input::Converted::merges)), values that another value replaced.
    pub duplicates: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Rows that hold no measurement.
    pub ignored: u64,
    /// The counts in detail: the reasons of ignored rows, and unknown parameters.
    pub account: Account,
    /// The summary of each parameter in the accepted rows.
    pub summary: Vec<ParameterSummary>,
    /// Measurements, one for each station and time: inserted, updated or stored already with the same values.
    pub measurements: u64,
    /// Measurements that were not stored before.
    pub inserted: u64,
    /// Measurements that were stored and have other values now.
    pub updated: u64,
    /// The values that differ from a value of the same station, time and parameter, in the files or in the database, and are
    /// left out. [`ImportOptions::on_conflict`](crate::import::ImportOptions::on_conflict) decides which value is kept.
    pub conflicts: Conflicts,
    /// Stations that were inserted or have other metadata now.
    pub stations: u64,
    /// The data set's version after the import. The version stays the same if nothing has changed, and in a dry run.
    pub version: String,
    /// The durability of the import. `None` in a dry run.
    pub durability: Option<Durability>,
}

impl Imported {
    /// Takes the counts from the account.
    pub(super) fn count(&mut self) {
        let account = &self.account;
        (self.read, self.accepted, self.rejected) = (account.read, account.accepted(), account.rejected);
        (self.duplicates, self.ignored) = (account.duplicates, account.ignored.total());
        self.conflicts = account.conflicts.clone();
    }
}

/// A phase of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportPhase {
    /// Reading the files.
    Reading {
        /// The size of all files.
        bytes: u64,
    },
    /// Waiting for another import to end.
    Waiting,
    /// Writing the rows to the data set.
    Writing,
}

/// Watches an import. `()` watches nothing.
pub trait ImportWatch {
    /// The import enters this phase.
    fn phase(&mut self, phase: ImportPhase) {
        let _ = phase;
    }

    /// Reports the bytes and rows read up to now. Called many times a second.
    fn read(&mut self, bytes: u64, rows: u64) {
        let _ = (bytes, rows);
    }

    /// Reports a row that cannot be used. Its position names the file. Rows that are copied straight into the data set are
    /// reported after the last file.
    fn rejected(&mut self, reject: &RejectedRow) {
        let _ = reject;
    }
}

impl ImportWatch for () {}
