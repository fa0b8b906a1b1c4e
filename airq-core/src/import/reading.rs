//! Files into the staging table: each by its format, every row accounted for.

use super::staging::Staging;
use crate::error::{Error, Result};
use crate::repository::csv::door::{Merging, on_rejected, pump};
use crate::csv::{RowFeed, Wanted};
use crate::{Account, Converter, InputOptions, Station};
use std::cell::Cell;
use std::io::{self, Read, Write};
use std::sync::mpsc;

/// What is read, and where it goes.
pub(super) struct Reading<'a, W> {
    pub(super) staging: Staging<'a, W>,
    input: &'a InputOptions,
    pub(super) account: Account,
    pub(super) merging: Merging,
    /// Stations as the files describe them.
    pub(super) told: Vec<Station>,
    bytes: Cell<u64>,
}

impl<'a, W: Write> Reading<'a, W> {
    pub(super) fn new(staging: Staging<'a, W>, input: &'a InputOptions) -> Self {
        let (account, merging) = (Account::default(), Merging::default());
        Reading { staging, input, account, merging, told: Vec::new(), bytes: Cell::new(0) }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// If it cannot be read, is at fault as a whole, or the database refuses.
    pub(super) fn read(&mut self, name: &str, content: &mut dyn Read) -> Result<()> {
        self.staging.begin(name);
        let before = (self.staging.seen.staged, self.staging.seen.refused);
        let (tell, told) = mpsc::channel();
        let rows = RowFeed::new(Wanted::default(), on_rejected(Some(tell.clone())), &mut self.staging);
        let mut converter = Converter::new(self.input.clone(), rows).rejecting(on_rejected(Some(tell)));
        let (bytes, rejected) = (&self.bytes, self.account.rejected);
        pump(name, &mut Counting { content, bytes }, &mut converter, |converter| {
            let rejected = rejected + converter.account().map_or(0, |account| account.rejected);
            let rows = converter.inner_mut();
            for reject in told.try_iter() {
                rows.sink.reject(reject);
            }
            let rejected = rejected + rows.rejected();
            rows.sink.tell(bytes.get(), rejected);
        })?;
        let blame = |error: Error| error.in_file(name);
        let (mut rows, done) = converter.finish().map_err(blame)?;
        let finished = rows.finish().map_err(blame);
        for reject in told.try_iter() {
            rows.sink.reject(reject);
        }
        let rejected = rows.rejected();
        finished?;
        self.merging.note(done.merges, name)?;
        self.told.extend(done.stations);
        self.note(&done.account, rejected, before);
        Ok(())
    }

    /// Adds a file's account. Nothing is counted on the way of a file that is airq's own: its rows are those staged, those
    /// that the parser rejected and those that were refused when they were to be staged.
    fn note(&mut self, account: &Account, rejected: u64, (staged, refused): (u64, u64)) {
        let seen = &self.staging.seen;
        let rejected = rejected + seen.refused - refused;
        self.account.add(account);
        self.account.rejected += rejected;
        if account.read == 0 {
            self.account.read += seen.staged - staged + rejected;
        }
    }
}

/// A file whose bytes are counted as they are read.
struct Counting<'a> {
    content: &'a mut dyn Read,
    bytes: &'a Cell<u64>,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.content.read(buffer)?;
        self.bytes.set(self.bytes.get() + taken as u64);
        Ok(taken)
    }
}
