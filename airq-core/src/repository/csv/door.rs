//! What import and repository share: rejected rows, and rows that merge.

use crate::error::{Error, ErrorKind, Result};
use crate::csv::{OnRejected, RejectedRow};
use std::io::{self, Read, Write};
use std::sync::mpsc::Sender;

const CHUNK: usize = 256 * 1024;

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
