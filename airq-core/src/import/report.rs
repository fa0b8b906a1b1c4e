//! What an import tells while it runs, and what it came to.

use crate::reshape::Reject;

/// What an import came to: `read = accepted + duplicates + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// Rows in the files.
    pub read: u64,
    /// Measurements that are in the database now: inserted, updated or there already just so.
    pub accepted: u64,
    /// Rows that a later row of the same station and time replaced.
    pub duplicates: u64,
    /// Rows that could not be used.
    pub rejected: u64,
    /// Of the accepted, those that were not there before.
    pub inserted: u64,
    /// Of the accepted, those that were there with other values.
    pub updated: u64,
    /// Stations that were inserted or are described otherwise now.
    pub stations: u64,
    /// The data set's version now, or what it was if nothing has changed or was to be kept.
    pub version: String,
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
    fn rejected(&mut self, reject: &Reject) {
        let _ = reject;
    }
}

impl ImportWatch for () {}
