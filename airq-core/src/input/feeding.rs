//! Feeding the bytes of a file to a writer.

use crate::csv::{OnRejected, RejectedRow};
use crate::error::{Error, ErrorKind, Result};
use std::io::{self, Read, Write};
use std::sync::mpsc::Sender;

const CHUNK: usize = 256 * 1024;

/// Sends each rejected row to the channel.
pub(crate) fn send_rejected(rejected: Sender<RejectedRow>) -> OnRejected {
    OnRejected::Tell(Box::new(move |reject| drop(rejected.send(reject.clone()))))
}

/// Writes the whole input to `out`, chunk by chunk, and calls `after_chunk` after each chunk.
///
/// # Errors
/// If the input cannot be read, or `out` fails.
pub(crate) fn feed<W: Write>(
    name: &str,
    input: &mut dyn Read,
    out: &mut W,
    mut after_chunk: impl FnMut(&mut W),
) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match input.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error)),
        };
        let written = out.write_all(&chunk[..read]);
        after_chunk(out);
        written.map_err(|error| Error::from(error).in_file(name))?;
    }
}
