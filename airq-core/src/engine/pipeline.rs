//! A repository and an encoder on different threads, with a queue of CSV between them.

use crate::error::Result;
use std::io::{self, Cursor, Read, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// The number of bytes that are passed at once.
const BUFFER: usize = 128 * 1024;
/// The number of buffers that may wait.
const QUEUE: usize = 4;

/// Runs `write` on another thread, and passes the CSV that it writes to `read` on this thread. After an error of `write`, the
/// reader returns the error instead of the end of the CSV.
///
/// # Errors
/// The error of `read`.
pub(super) fn pass<T>(
    write: impl FnOnce(&mut dyn Write) -> Result<()> + Send,
    read: impl FnOnce(QueueReader) -> Result<T>,
) -> Result<T> {
    let (full, to_read) = sync_channel(QUEUE);
    let (emptied, empty) = channel();
    thread::scope(|scope| {
        let writing = scope.spawn(move || {
            let mut queue = QueueWriter { buffer: Vec::with_capacity(BUFFER), full, empty };
            let written = write(&mut queue).and_then(|()| Ok(queue.pass()?));
            // The reader may have ended.
            let _ = queue.full.send(written.map(|()| Vec::new()));
        });
        let result = read(QueueReader { full: to_read, emptied, buffer: Cursor::default() });
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        result
    })
}

/// The writing end of the queue.
struct QueueWriter {
    buffer: Vec<u8>,
    full: SyncSender<Result<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
}

impl QueueWriter {
    fn pass(&mut self) -> io::Result<()> {
        let mut next = self.empty.try_recv().unwrap_or_else(|_| Vec::with_capacity(BUFFER));
        next.clear();
        let buffer = std::mem::replace(&mut self.buffer, next);
        self.full.send(Ok(buffer)).map_err(|_| io::ErrorKind::BrokenPipe.into())
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

/// The reading end of the queue.
pub(super) struct QueueReader {
    /// The buffers of the CSV, and an empty buffer or an error after the last.
    full: Receiver<Result<Vec<u8>>>,
    emptied: Sender<Vec<u8>>,
    buffer: Cursor<Vec<u8>>,
}

impl Read for QueueReader {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.buffer.read(room)?;
        if read > 0 {
            return Ok(read);
        }
        // A writing thread that panics does not send the end.
        let next = self.full.recv().map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))??;
        let emptied = std::mem::replace(&mut self.buffer, Cursor::new(next));
        // The writing thread may have ended.
        let _ = self.emptied.send(emptied.into_inner());
        self.buffer.read(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind};

    fn read_all(mut csv: QueueReader) -> Result<Vec<u8>> {
        let mut read = Vec::new();
        csv.read_to_end(&mut read)?;
        Ok(read)
    }

    #[test]
    fn the_reader_gets_the_bytes_of_many_buffers() {
        let bytes = b"station,time,no2\n".repeat(3 * BUFFER / 16);
        let write = |csv: &mut dyn Write| Ok(bytes.chunks(1000).try_for_each(|chunk| csv.write_all(chunk))?);
        assert!(pass(write, read_all).unwrap() == bytes);
        assert!(pass(|_| Ok(()), read_all).unwrap().is_empty());
    }

    #[test]
    fn the_reader_gets_the_error_of_the_writer_and_no_end() {
        let failed = |csv: &mut dyn Write| {
            csv.write_all(&vec![b'x'; BUFFER + 1])?;
            Err(Error::new(ErrorKind::Unavailable, "gone"))
        };
        let mut read = Vec::new();
        let error = pass(failed, |mut csv| Ok(csv.read_to_end(&mut read).map(drop)?)).unwrap_err();
        assert_eq!((error.kind(), read.len()), (ErrorKind::Unavailable, BUFFER));
    }

    #[test]
    fn the_writer_ends_after_the_reader_has_ended() {
        let endless = |csv: &mut dyn Write| loop {
            csv.write_all(&vec![b'x'; BUFFER])?;
        };
        assert_eq!(pass(endless, |mut csv| Ok(csv.read(&mut [0; 10])?)).unwrap(), 10);
    }

    #[test]
    #[should_panic(expected = "of the writer")]
    fn a_panic_of_the_writer_is_continued() {
        let _ = pass(|_| panic!("of the writer"), read_all);
    }
}
