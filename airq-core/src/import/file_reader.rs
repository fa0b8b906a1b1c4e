//! Reads files of any format into a copy of their rows. Every row is counted.

use super::row_copy::RowCopy;
use crate::account::Account;
use crate::csv::{RowFeed, Wanted};
use crate::error::Result;
use crate::input::feeding::{feed, send_rejected};
use crate::input::{Converter, InputOptions};
use crate::model::SourcePeriod;
use crate::model::Station;
use std::cell::Cell;
use std::io::{self, Read};
use std::sync::mpsc;

/// Reads files into a copy of their rows.
pub(super) struct FileReader<'a> {
    pub(super) copy: RowCopy<'a>,
    options: &'a InputOptions,
    pub(super) account: Account,
    /// Stations as the files describe them.
    pub(super) stations: Vec<Station>,
    pub(super) period: SourcePeriod,
    bytes: Cell<u64>,
}

impl<'a> FileReader<'a> {
    pub(super) fn new(copy: RowCopy<'a>, options: &'a InputOptions) -> Self {
        FileReader {
            copy,
            options,
            account: Account::keeping(options.keeps_all_examples),
            stations: Vec::new(),
            period: SourcePeriod::default(),
            bytes: Cell::new(0),
        }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// If the file cannot be read, is invalid as a whole, or the database refuses.
    pub(super) fn read(&mut self, name: &str, content: &mut dyn Read) -> Result<()> {
        self.copy.begin_file(name);
        let before = (self.copy.survey.copied, self.copy.survey.refused);
        let (sender, receiver) = mpsc::channel();
        let wanted = Wanted { keeps_sentinels: self.options.keeps_sentinels, ..Wanted::default() };
        let rows = RowFeed::new(wanted, send_rejected(sender.clone()), &mut self.copy);
        let mut writer = Converter::new(self.options.clone(), rows).path(name).rejecting(send_rejected(sender));
        let bytes = &self.bytes;
        let rejected_before = self.account.rejected;
        feed(name, &mut Counting { content, bytes }, &mut writer, |writer| {
            let by_format = writer.account().map_or(0, |account| account.rejected);
            let rows = writer.inner_mut();
            for reject in receiver.try_iter() {
                rows.sink.reject(reject);
            }
            let rejected = rejected_before + by_format + rows.rejected();
            rows.sink.report_progress(bytes.get(), rejected);
        })?;
        let (mut rows, summary) = writer.finish().map_err(|error| error.in_file(name))?;
        let finished = rows.finish().map_err(|error| error.in_file(name));
        for reject in receiver.try_iter() {
            rows.sink.reject(reject);
        }
        let (rejected, sentinels) = (rows.rejected(), rows.take_sentinels());
        finished?;
        self.period.add_file(summary.period, name)?;
        self.account.sentinels.add(&sentinels);
        self.copy.survey.has_values_as_rows |= summary.merges;
        self.stations.extend(summary.stations);
        self.add_account(&summary.account, rejected, before);
        Ok(())
    }

    /// Adds a file's account. The account of a file of airq's own format is empty: its rows are the rows that were copied,
    /// rejected by the parser, or refused by the copy.
    fn add_account(&mut self, account: &Account, rejected: u64, (copied, refused): (u64, u64)) {
        let survey = &self.copy.survey;
        let rejected = rejected + survey.refused - refused;
        self.account.add(account);
        self.account.rejected += rejected;
        if account.read == 0 {
            self.account.read += survey.copied - copied + rejected;
        }
    }
}

/// A file that counts the bytes read from it.
struct Counting<'a> {
    content: &'a mut dyn Read,
    bytes: &'a Cell<u64>,
}

impl Read for Counting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.bytes.set(self.bytes.get() + read as u64);
        Ok(read)
    }
}
