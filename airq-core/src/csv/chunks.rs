//! An input cut into chunks of whole lines, which several threads map and one thread at a time delivers, in order.
//!
//! A line end may be within quotes, so a chunk may end within a row. The reader of a chunk must check for this, and the consumer
//! must then read the rest of the input with one reader.

use super::split::LONGEST_RECORD;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::{ControlFlow, Range};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The length of a chunk of a stream.
pub(crate) const STREAM_CHUNK: usize = 64 * 1024;
/// The maximum number of threads. Only one thread at a time delivers, so more threads would be idle.
pub(crate) const MOST_THREADS: usize = 16;

/// Returns the number of processors, at most [`MOST_THREADS`].
pub(crate) fn usual_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
}

/// A chunk of the input.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// The position of the chunk in the order of chunks.
    pub(crate) number: u64,
    /// The offset of the text in the input.
    pub(crate) start: u64,
    pub(crate) bytes: Vec<u8>,
    /// The range of the text, which is whole lines, in `bytes`.
    pub(crate) lines: Range<usize>,
}

impl Chunk {
    /// The lines of the chunk.
    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[self.lines.clone()]
    }
}

/// An input that gives its chunks to several threads.
pub(crate) trait Chunks: Sync {
    /// Reads the next chunk, into the memory of `buffer`. Chunks have the numbers from 0 on. Returns `None` at the end.
    ///
    /// # Errors
    /// If the input cannot be read. Later calls return no later chunk then.
    fn next(&self, buffer: Vec<u8>) -> Result<Option<Chunk>>;
}

/// The chunks of a stream.
pub(crate) struct StreamChunks<R>(Mutex<Stream<R>>);

struct Stream<R> {
    input: R,
    /// The length of a chunk before it is cut at a line end.
    length: usize,
    /// The bytes that follow the last line end of the chunk before.
    rest: Vec<u8>,
    start: u64,
    number: u64,
    is_at_end: bool,
    /// The error that ended the input, until it is returned.
    error: Option<Error>,
}

impl<R: Read> StreamChunks<R> {
    pub(crate) fn new(input: R) -> Self {
        StreamChunks::with_length(input, STREAM_CHUNK)
    }

    /// Cuts the input into chunks of about `length` bytes. A chunk without a line end is longer.
    pub(crate) fn with_length(input: R, length: usize) -> Self {
        let stream = Stream { input, length, rest: Vec::new(), start: 0, number: 0, is_at_end: false, error: None };
        StreamChunks(Mutex::new(stream))
    }
}

impl<R: Read + Send> Chunks for StreamChunks<R> {
    fn next(&self, mut buffer: Vec<u8>) -> Result<Option<Chunk>> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.read_chunk(&mut buffer);
        if buffer.is_empty() {
            return match stream.error.take() {
                Some(error) => Err(error),
                None => Ok(None),
            };
        }
        let lines = 0..buffer.len();
        let chunk = Chunk { number: stream.number, start: stream.start, bytes: buffer, lines };
        stream.number += 1;
        stream.start += chunk.bytes.len() as u64;
        Ok(Some(chunk))
    }
}

impl<R: Read> Stream<R> {
    /// Replaces the content of `buffer` by the next chunk, which is empty at the end of the input. After an error of the
    /// input, the bytes before the error are the last chunk.
    fn read_chunk(&mut self, buffer: &mut Vec<u8>) {
        let mut filled = self.rest.len();
        // The buffer keeps the length of an earlier chunk, so that few bytes have to be initialized.
        buffer.resize(self.length.max(filled + 1), 0);
        buffer[..filled].copy_from_slice(&self.rest);
        self.rest.clear();
        while !self.is_at_end && filled < LONGEST_RECORD {
            if filled == buffer.len() {
                buffer.resize(2 * filled, 0);
            }
            let start = filled;
            filled += self.fill(&mut buffer[start..]);
            let line_end = buffer[start..filled].iter().rposition(|byte| *byte == b'\n');
            if let Some(line_end) = line_end.filter(|_| !self.is_at_end) {
                let end = start + line_end + 1;
                self.rest.extend_from_slice(&buffer[end..filled]);
                filled = end;
                break;
            }
        }
        buffer.truncate(filled);
    }

    /// Reads until `room` is full or the input ends; returns the number of bytes read.
    fn fill(&mut self, room: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < room.len() && !self.is_at_end {
            match self.input.read(&mut room[filled..]) {
                Ok(0) => self.is_at_end = true,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.is_at_end = true;
                    self.error = Some(Error::from(error));
                }
            }
        }
        filled
    }
}

/// Maps each chunk on one of `threads` threads, the caller's among them, and passes the results to `deliver` in the order of
/// the chunks. Each thread has a state of its own.
///
/// # Errors
/// The first error of reading or of `deliver`, in the order of the chunks. No later chunk is delivered after an error, or
/// after `deliver` breaks.
///
/// # Panics
/// If `chunks`, `state`, `map` or `deliver` panics, with the same payload.
pub(crate) fn map_in_order<S, T: Send>(
    threads: usize,
    chunks: &impl Chunks,
    state: impl Fn() -> S + Sync,
    map: impl Fn(&mut S, Chunk) -> (T, Vec<u8>) + Sync,
    deliver: impl FnMut(T) -> Result<ControlFlow<()>> + Send,
) -> Result<()> {
    let threads = threads.clamp(1, MOST_THREADS);
    let pool = ChunkPool {
        progress: Mutex::new(ChunkProgress::default()),
        changed: Condvar::new(),
        deliver: Mutex::new(deliver),
        most_open: 2 * threads as u64 + 2,
    };
    thread::scope(|scope| {
        let mut workers = Vec::new();
        for _ in 1..threads {
            // If the system cannot start more threads, the existing threads do all the work.
            workers.extend(thread::Builder::new().spawn_scoped(scope, || pool.work(chunks, &state, &map)));
        }
        pool.work(chunks, &state, &map);
        for worker in workers {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
    let progress = pool.progress.into_inner().unwrap_or_else(PoisonError::into_inner);
    let read_error = progress.read_error.filter(|_| !progress.is_stopped);
    match progress.error.or(read_error) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The state that the threads share.
struct ChunkPool<T, D> {
    progress: Mutex<ChunkProgress<T>>,
    changed: Condvar,
    deliver: Mutex<D>,
    /// The number of chunks that may be read and not delivered.
    most_open: u64,
}

struct ChunkProgress<T> {
    /// The number of chunks read, or being read.
    begun: u64,
    delivered: u64,
    /// Results by the number of their chunk.
    ready: BTreeMap<u64, T>,
    is_delivering: bool,
    is_at_end: bool,
    is_stopped: bool,
    /// The error of `deliver`.
    error: Option<Error>,
    /// The error of the chunk that follows the last chunk that was read.
    read_error: Option<Error>,
}

impl<T> Default for ChunkProgress<T> {
    fn default() -> Self {
        ChunkProgress {
            begun: 0,
            delivered: 0,
            ready: BTreeMap::new(),
            is_delivering: false,
            is_at_end: false,
            is_stopped: false,
            error: None,
            read_error: None,
        }
    }
}

impl<T, D: FnMut(T) -> Result<ControlFlow<()>>> ChunkPool<T, D> {
    fn work<S>(&self, chunks: &impl Chunks, state: &impl Fn() -> S, map: &impl Fn(&mut S, Chunk) -> (T, Vec<u8>)) {
        let _stop = StopOnPanic(self);
        let mut state = state();
        let mut buffer = Vec::new();
        while self.reserve() {
            match chunks.next(std::mem::take(&mut buffer)) {
                Ok(Some(chunk)) => {
                    let number = chunk.number;
                    let (result, room) = map(&mut state, chunk);
                    buffer = room;
                    self.progress().ready.insert(number, result);
                }
                Ok(None) => self.end(None),
                Err(error) => self.end(Some(error)),
            }
        }
    }

    /// Delivers the next results in order, then reserves a chunk. Returns `false` if the input has ended or the pool has stopped.
    fn reserve(&self) -> bool {
        let mut progress = self.progress();
        loop {
            progress = self.deliver_ready(progress);
            if progress.is_stopped || progress.is_at_end {
                return false;
            }
            if progress.begun - progress.delivered < self.most_open {
                progress.begun += 1;
                return true;
            }
            progress = self.changed.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn deliver_ready<'a>(&'a self, mut progress: MutexGuard<'a, ChunkProgress<T>>) -> MutexGuard<'a, ChunkProgress<T>> {
        if progress.is_delivering {
            return progress;
        }
        progress.is_delivering = true;
        while !progress.is_stopped
            && let Some(result) = progress.next_ready()
        {
            drop(progress);
            let delivered = (self.deliver.lock().unwrap_or_else(PoisonError::into_inner))(result);
            match delivered {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => self.stop(None),
                Err(error) => self.stop(Some(error)),
            }
            progress = self.progress();
            progress.delivered += 1;
            self.changed.notify_all();
        }
        progress.is_delivering = false;
        progress
    }

    /// Ends the input: it has no more chunks, or its next chunk cannot be read.
    fn end(&self, error: Option<Error>) {
        let mut progress = self.progress();
        progress.begun -= 1;
        progress.is_at_end = true;
        progress.read_error = progress.read_error.take().or(error);
        self.changed.notify_all();
    }
}

impl<T, D> ChunkPool<T, D> {
    fn progress(&self) -> MutexGuard<'_, ChunkProgress<T>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self, error: Option<Error>) {
        let mut progress = self.progress();
        progress.is_stopped = true;
        progress.error = progress.error.take().or(error);
        self.changed.notify_all();
    }
}

impl<T> ChunkProgress<T> {
    fn next_ready(&mut self) -> Option<T> {
        let next = self.delivered;
        self.ready.remove(&next)
    }
}

/// Stops all threads when one panics: the others would wait for a chunk that never comes.
struct StopOnPanic<'a, T, D>(&'a ChunkPool<T, D>);

impl<T, D> Drop for StopOnPanic<'_, T, D> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop(None);
        }
    }
}

#[cfg(test)]
mod tests;
