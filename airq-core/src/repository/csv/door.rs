//! The way of a file into rows: with the feature `formats` whatever format it is of, without it airq's own.

use crate::error::{Error, ErrorKind, Result};
use crate::model::Station;
use crate::csv::{OnRejected, RejectedRow, RowFeed, RowSink, Wanted};
use std::io::{self, Read, Write};
use std::sync::mpsc::Sender;

const CHUNK: usize = 256 * 1024;

/// What became of a file's rows before they were put in order, and the stations that it describes.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) read: u64,
    pub(crate) rejected: u64,
    pub(crate) ignored: u64,
    pub(crate) duplicates: u64,
    /// Whether its rows are parts, to be merged with others of the same station and time.
    pub(crate) merges: bool,
    pub(crate) stations: Vec<Station>,
}

/// Whether the rows of a source are merged: all of them, or none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Merging(Option<bool>);

impl Merging {
    /// Takes note of a file.
    ///
    /// # Errors
    /// If it is of another sort than those before it: then nobody could say which row is to win.
    pub(crate) fn note(&mut self, merges: bool, file: &str) -> Result<()> {
        if *self.0.get_or_insert(merges) == merges {
            return Ok(());
        }
        let why = "this file and those before it do not go together: in one sort a row is the whole of a measurement, in \
                   the other (madrid, openaq, eea) a part of one; take them one sort after the other";
        Err(Error::new(ErrorKind::InvalidData, format!("{file}: {why}")))
    }

    pub(crate) fn is_on(self) -> bool {
        self.0 == Some(true)
    }
}

/// Tells of rows that cannot be used, or stops at the first where nobody is to be told.
pub(crate) fn on_rejected(tell: Option<Sender<RejectedRow>>) -> OnRejected {
    match tell {
        Some(tell) => OnRejected::Tell(Box::new(move |reject| drop(tell.send(reject.clone())))),
        None => OnRejected::Fail,
    }
}

/// Reads everything into `out`, chunk by chunk; `after` is called behind each.
///
/// # Errors
/// If it cannot be read, or `out` refuses.
pub(crate) fn pump<W: Write>(name: &str, csv: &mut dyn Read, out: &mut W, mut after: impl FnMut(&mut W)) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let taken = match csv.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(taken) => taken,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error)),
        };
        let fed = out.write_all(&chunk[..taken]);
        after(out);
        fed.map_err(|error| Error::from(error).in_file(name))?;
    }
}

/// Reads a file into the rows of `sink`. Who is not told of bad rows gets the first as an error.
///
/// # Errors
/// If it cannot be read, or is at fault.
#[cfg(feature = "formats")]
pub(super) fn pass(
    name: &str,
    csv: &mut dyn Read,
    input: &crate::InputOptions,
    sink: impl RowSink,
    tell: Option<Sender<RejectedRow>>,
    mut after: impl FnMut(),
) -> Result<Passed> {
    let rows = RowFeed::new(Wanted::default(), on_rejected(tell.clone()), sink);
    let mut converter = crate::Converter::new(input.clone(), rows).rejecting(on_rejected(tell));
    pump(name, csv, &mut converter, |_| after())?;
    let blame = |error: Error| error.in_file(name);
    let (mut rows, done) = converter.finish().map_err(blame)?;
    rows.finish().map_err(blame)?;
    after();
    let account = &done.account;
    Ok(Passed {
        read: account.read,
        rejected: account.rejected + rows.rejected(),
        ignored: account.ignored.total(),
        duplicates: account.duplicates,
        merges: done.merges,
        stations: done.stations,
    })
}

/// Reads a file into the rows of `sink`. Who is not told of bad rows gets the first as an error.
///
/// # Errors
/// If it cannot be read, or is at fault.
#[cfg(not(feature = "formats"))]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as it is with the feature")]
pub(super) fn pass(
    name: &str,
    csv: &mut dyn Read,
    (): &(),
    sink: impl RowSink,
    tell: Option<Sender<RejectedRow>>,
    mut after: impl FnMut(),
) -> Result<Passed> {
    let mut feed = RowFeed::new(Wanted::default(), on_rejected(tell), sink);
    pump(name, csv, &mut feed, |_| after())?;
    feed.finish().map_err(|error| error.in_file(name))?;
    after();
    Ok(Passed { rejected: feed.rejected(), ..Passed::default() })
}
