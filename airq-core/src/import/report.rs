//! What an import tells while it runs, and what it came to.

use crate::csv::RejectedRow;
use crate::{Account, PollutantSummary};

/// What an import came to: `read = accepted + duplicates + rejected + ignored`.
///
/// Counted are rows of the files; of Madrid's, whose rows hold a day or a month, values.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Imported {
    /// Rows in the files.
    pub read: u64,
    /// Those that are in the database now, as measurements or as parts of one.
    pub accepted: u64,
    /// Those that a later row of the same station and time replaced.
    pub duplicates: u64,
    /// Those that could not be used.
    pub rejected: u64,
    /// Those that hold no measurement.
    pub ignored: u64,
    /// The same in detail: why some were ignored, and what is not known.
    pub account: Account,
    /// What there is of each pollutant in what was accepted.
    pub summary: Vec<PollutantSummary>,
    /// The measurements they make, one a station and time: inserted, updated or there already just so.
    pub measurements: u64,
    /// Of the measurements, those that were not there before.
    pub inserted: u64,
    /// Of the measurements, those that were there with other values.
    pub updated: u64,
    /// Stations that were inserted or are described otherwise now.
    pub stations: u64,
    /// The data set's version now, or what it was if nothing has changed or was to be kept.
    pub version: String,
}

impl Imported {
    /// Takes the counts from the account.
    pub(super) fn count(&mut self) {
        let account = &self.account;
        (self.read, self.accepted, self.rejected) = (account.read, account.accepted(), account.rejected);
        (self.duplicates, self.ignored) = (account.duplicates, account.ignored.total());
    }
}

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportPhase {
    /// Reading files of so many bytes in all.
    Reading {
        /// The size of the files.
        bytes: u64,
    },
    /// Waiting for another import to end.
    Waiting,
    /// Taking into the data set what was read.
    Writing,
}

/// Watches an import. `()` watches nothing.
pub trait ImportWatch {
    /// It goes on to this phase.
    fn phase(&mut self, phase: ImportPhase) {
        let _ = phase;
    }

    /// So many bytes and rows have been read so far. Called many times a second.
    fn read(&mut self, bytes: u64, rows: u64) {
        let _ = (bytes, rows);
    }

    /// A row cannot be used. Its position names the file.
    fn rejected(&mut self, reject: &RejectedRow) {
        let _ = reject;
    }
}

impl ImportWatch for () {}
