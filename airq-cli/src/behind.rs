//! Writes on a second thread, so that the next piece is turned while the last is written. What is written, and in which
//! order, is the same as on one.

use crate::failure::Failure;
use airq_core::Error;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

/// How much is handed over at once.
const PIECE: usize = 256 * 1024;
/// How many pieces wait to be written at most.
const WAITING: usize = 2;

/// Hands what is written to it to the thread that writes.
pub(crate) struct Behind {
    gathered: Vec<u8>,
    full: SyncSender<Vec<u8>>,
    written: Receiver<Vec<u8>>,
}

/// Does the work with a writer before `out`, and waits until all is written.
///
/// # Errors
/// That of the writing if it failed, else that of the work.
pub(crate) fn write_behind<T>(
    mut out: impl Write + Send,
    work: impl FnOnce(&mut Behind) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (full, to_write) = sync_channel::<Vec<u8>>(WAITING);
    let (give_back, written) = channel();
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for mut piece in to_write {
                out.write_all(&piece)?;
                piece.clear();
                // The other end may have gone: then nobody needs the room again.
                let _ = give_back.send(piece);
            }
            out.flush()
        });
        let mut behind = Behind { gathered: Vec::with_capacity(PIECE), full, written };
        let done = work(&mut behind).and_then(|done| match behind.hand_over() {
            Ok(()) => Ok(done),
            Err(error) => Err(Error::from(error).into()),
        });
        drop(behind);
        match writer.join() {
            // What stops the writer stops the work, which can only say that it was stopped.
            Ok(Err(error)) => Err(Error::from(error).into()),
            Ok(Ok(())) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

impl Behind {
    fn hand_over(&mut self) -> io::Result<()> {
        let room = self.written.try_recv().unwrap_or_else(|_| Vec::with_capacity(PIECE));
        let piece = std::mem::replace(&mut self.gathered, room);
        self.full.send(piece).map_err(|_| io::Error::other("the output could not be written"))
    }
}

impl Write for Behind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.gathered.len());
        self.gathered.extend_from_slice(&bytes[..taken]);
        if self.gathered.len() == PIECE {
            self.hand_over()?;
        }
        Ok(taken)
    }

    /// Nothing: what is gathered is handed over at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
