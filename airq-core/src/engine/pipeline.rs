//! A repository and an encoder on two threads, with a queue of CSV between them.

use crate::error::Result;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// The number of bytes that are passed at once.
const BUFFER: usize = 128 * 1024;
/// The number of buffers that may wait.
const QUEUE: usize = 4;

/// Runs `write` on another thread, and passes the CSV that it writes to `out` on this one.
///
/// # Errors
/// The error of `out`, or else that of `write`.
pub(super) fn pass<R: Send>(write: impl FnOnce(&mut dyn Write) -> Result<R> + Send, out: &mut impl Write) -> Result<R> {
    let (full, to_read) = sync_channel(QUEUE);
    let (read, empty) = channel();
    thread::scope(|scope| {
        let writing = scope.spawn(move || {
            let mut queue = QueueWriter { buffer: Vec::with_capacity(BUFFER), full, empty };
            let written = write(&mut queue)?;
            queue.pass()?;
            Ok(written)
        });
        let passed = pass_buffers(&to_read, &read, out);
        drop(to_read);
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        passed.and(written)
    })
}

fn pass_buffers(full: &Receiver<Vec<u8>>, read: &Sender<Vec<u8>>, out: &mut impl Write) -> Result<()> {
    for buffer in full {
        out.write_all(&buffer)?;
        // The writing thread may have ended.
        let _ = read.send(buffer);
    }
    Ok(())
}

/// The writing end of the queue.
struct QueueWriter {
    buffer: Vec<u8>,
    full: SyncSender<Vec<u8>>,
    empty: Receiver<Vec<u8>>,
}

impl QueueWriter {
    fn pass(&mut self) -> io::Result<()> {
        let mut next = self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(BUFFER));
        next.clear();
        let buffer = std::mem::replace(&mut self.buffer, next);
        self.full.send(buffer).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for QueueWriter {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        let room = BUFFER - self.buffer.len();
        let taken = csv.len().min(room);
        self.buffer.extend_from_slice(&csv[..taken]);
        if self.buffer.len() == BUFFER {
            self.pass()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
