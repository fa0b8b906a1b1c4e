//! Encoding on several threads.
//!
//! The rows of `records`, `ndjson` and `csv` are encoded by all threads, each its own chunks, and so are the columns of `parquet`. In
//! the other formats a row depends on the rows before, so one thread encodes and another writes.

mod buffer_queue;
#[cfg(test)]
mod tests;

use super::encoder::{EncoderOptions, drain};
use super::engine::{Counts, Engine, Summary};
use super::output_buffer::OutputBuffer;
use crate::csv::chunks::{Chunk, Chunks, MOST_THREADS, StreamChunks, map_in_order};
use crate::error::{Error, ErrorKind, Result};
use buffer_queue::BufferQueue;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The maximum output of a chunk that is encoded in parallel. A chunk with more output is encoded by the leader, which writes
/// the output piece by piece.
const LONGEST_OUTPUT: usize = 1 << 20;
/// The length of an output buffer that is passed to the writing thread.
const PASSED_OUTPUT: usize = 128 * 1024;

impl EncoderOptions {
    /// Reads CSV from `input` and writes the answer to `out`, on up to 16 threads, the caller's among them. The bytes are those
    /// of [`into_writer`](EncoderOptions::into_writer).
    ///
    /// The rows of `records`, `ndjson`, `csv` and `parquet` are encoded on all threads, unless there is a
    /// [`limit`](EncoderOptions::limit) or rejected rows are [reported](EncoderOptions::on_rejected). For the other formats, one
    /// thread encodes and another writes.
    ///
    /// ```
    /// use airq_core::encode::EncoderOptions;
    /// use airq_core::{Error, Format};
    ///
    /// let csv = b"time,station,no2\n2016-10-01,a,1.5\n";
    /// let mut json = Vec::new();
    /// let summary = EncoderOptions::new(Format::Ndjson).encode_parallel(4, csv.as_slice(), &mut json)?;
    /// assert_eq!(json, b"{\"station\":\"a\",\"time\":\"2016-10-01T00:00:00.000Z\",\"no2\":1.5}\n");
    /// assert_eq!(summary.rows, 1);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`](crate::ErrorKind::InvalidData) if the CSV is invalid or empty; the error of `input` or `out` if it
    /// fails.
    ///
    /// # Panics
    /// If `input` or `out` does.
    pub fn encode_parallel(self, threads: usize, input: impl Read + Send, out: impl Write + Send) -> Result<Summary> {
        let threads = threads.clamp(1, MOST_THREADS);
        encode_chunks(self.into_engine(threads), threads, &StreamChunks::new(input), out)
    }
}

fn encode_chunks(
    engine: Box<dyn Engine>,
    threads: usize,
    chunks: &impl Chunks,
    out: impl Write + Send,
) -> Result<Summary> {
    if threads > 1 && engine.branches() {
        return encode_together(engine, threads, chunks, out);
    }
    if threads > 1 {
        return encode_and_write(engine, chunks, out);
    }
    let mut leader = LeaderEncoder { engine, buffer: OutputBuffer::for_rows(), out };
    leader.encode_to_end(chunks)
}

/// An engine and the writer of its answer.
struct LeaderEncoder<W> {
    engine: Box<dyn Engine>,
    buffer: OutputBuffer,
    out: W,
}

impl<W: Write> LeaderEncoder<W> {
    fn encode(&mut self, csv: &[u8]) -> Result<()> {
        let LeaderEncoder { engine, buffer, out } = self;
        engine.feed_all(csv, buffer, |buffer| drain(buffer, out))
    }

    /// Writes the rows that a branch has encoded.
    fn join(&mut self, rows: &[u8]) -> Result<()> {
        if self.engine.join(rows, &mut self.buffer) {
            return drain(&mut self.buffer, &mut self.out);
        }
        Ok(self.out.write_all(rows)?)
    }

    fn encode_to_end(&mut self, chunks: &impl Chunks) -> Result<Summary> {
        let mut room = Vec::new();
        while let Some(chunk) = chunks.next(room)? {
            self.encode(chunk.text())?;
            room = chunk.bytes;
        }
        self.finish()
    }

    fn finish(&mut self) -> Result<Summary> {
        let summary = self.engine.finish(&mut self.buffer)?;
        drain(&mut self.buffer, &mut self.out)?;
        self.out.flush()?;
        Ok(summary)
    }
}

/// The number of consecutive chunks that branches fail to encode before only the leader encodes.
const MOST_FAILURES: u32 = 8;

/// The engines and buffers that the threads share.
#[derive(Default)]
struct Shared {
    /// Branches that are not in use.
    branches: Mutex<Vec<Box<dyn Engine>>>,
    buffers: Mutex<Vec<(Vec<u8>, OutputBuffer)>>,
    /// The number of consecutive chunks that branches failed to encode.
    failures: AtomicU32,
}

/// A chunk that a branch has encoded.
struct Encoded {
    chunk: Chunk,
    output: OutputBuffer,
    /// `None` if the chunk was not encoded to its end: a row is invalid, the chunk does not start and end between two rows, or
    /// its output is too long.
    counts: Option<Counts>,
}

/// Encodes chunks on all threads. The leader encodes the chunks that branches fail to encode.
fn encode_together(
    engine: Box<dyn Engine>,
    threads: usize,
    chunks: &impl Chunks,
    out: impl Write + Send,
) -> Result<Summary> {
    let mut leader = LeaderEncoder { engine, buffer: OutputBuffer::for_rows(), out };
    let shared = Shared::default();
    // The leader reads the header and the first rows.
    while lock(&shared.branches).is_empty() {
        let Some(chunk) = chunks.next(Vec::new())? else { return leader.finish() };
        leader.encode(chunk.text())?;
        lock(&shared.branches).extend((0..threads).filter_map(|_| leader.engine.branch()));
    }
    drain(&mut leader.buffer, &mut leader.out)?;
    let chunks = Numbered { chunks, skipped: None.into() };
    // Whether the next chunk starts within a row.
    let mut in_row = false;
    map_in_order(
        threads,
        &chunks,
        || lock(&shared.branches).pop(),
        |branch, chunk| shared.encode(branch, chunk),
        |encoded| {
            if let Some(counts) = encoded.counts.filter(|_| !in_row) {
                leader.join(encoded.output.as_slice())?;
                leader.engine.add_counts(counts);
            } else {
                leader.encode(encoded.chunk.text())?;
                drain(&mut leader.buffer, &mut leader.out)?;
                let branch = leader.engine.branch();
                in_row = branch.is_none();
                shared.replace_branch(branch, threads);
            }
            lock(&shared.buffers).push((encoded.chunk.bytes, encoded.output));
            Ok(ControlFlow::Continue(()))
        },
    )?;
    leader.finish()
}

impl Shared {
    /// Encodes a chunk with the thread's branch; returns a buffer for the next chunk, too.
    fn encode(&self, branch: &mut Option<Box<dyn Engine>>, chunk: Chunk) -> (Encoded, Vec<u8>) {
        let (room, output) = lock(&self.buffers).pop().unwrap_or_default();
        let mut output = output.emptied(LONGEST_OUTPUT);
        let failures = self.failures.load(Ordering::Relaxed);
        if failures >= MOST_FAILURES {
            return (Encoded { chunk, output, counts: None }, room);
        }
        if branch.is_none() {
            *branch = lock(&self.branches).pop();
        }
        let counts = branch.as_mut().and_then(|branch| encode_chunk(&mut **branch, chunk.text(), &mut output));
        if counts.is_some() {
            self.failures.store(0, Ordering::Relaxed);
        } else {
            self.failures.store(failures + 1, Ordering::Relaxed);
            // The branch may be within a row.
            *branch = None;
        }
        (Encoded { chunk, output, counts }, room)
    }

    /// Adds a branch for a thread without a branch.
    fn replace_branch(&self, branch: Option<Box<dyn Engine>>, threads: usize) {
        let mut branches = lock(&self.branches);
        if branches.len() < threads {
            branches.extend(branch);
        }
    }
}

/// Encodes a chunk of rows; returns `None` if the chunk was not encoded to its end.
fn encode_chunk(branch: &mut dyn Engine, csv: &[u8], output: &mut OutputBuffer) -> Option<Counts> {
    let end = branch.feed(csv, 0, output).ok()?;
    branch.take_counts().filter(|_| end == csv.len())
}

/// Renumbers chunks from 0, after the leader has read some chunks.
struct Numbered<'a, C> {
    chunks: &'a C,
    skipped: Mutex<Option<u64>>,
}

impl<C: Chunks> Chunks for Numbered<'_, C> {
    fn next(&self, buffer: Vec<u8>) -> Result<Option<Chunk>> {
        let mut skipped = lock(&self.skipped);
        let Some(chunk) = self.chunks.next(buffer)? else { return Ok(None) };
        let first = *skipped.get_or_insert(chunk.number);
        Ok(Some(Chunk { number: chunk.number - first, ..chunk }))
    }
}

/// Encodes on the caller's thread and writes on another.
fn encode_and_write(mut engine: Box<dyn Engine>, chunks: &impl Chunks, out: impl Write + Send) -> Result<Summary> {
    let queue = &BufferQueue::default();
    let out = &Mutex::new(out);
    thread::scope(|scope| {
        let writer = thread::Builder::new().spawn_scoped(scope, || write_buffers(queue, &mut *lock(out)));
        let Ok(writer) = writer else {
            // The system has no more threads.
            return LeaderEncoder { engine, buffer: OutputBuffer::for_rows(), out: &mut *lock(out) }
                .encode_to_end(chunks);
        };
        let encoded = encode_buffers(&mut *engine, chunks, queue);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // If the writer failed, the encoder only knows that the queue is closed.
        written.and(encoded)
    })
}

fn encode_buffers(engine: &mut (dyn Engine + 'static), chunks: &impl Chunks, queue: &BufferQueue) -> Result<Summary> {
    let _closer = queue.closer();
    let mut buffer = OutputBuffer::for_rows().emptied(PASSED_OUTPUT);
    let mut room = Vec::new();
    while let Some(chunk) = chunks.next(room)? {
        engine.feed_all(chunk.text(), &mut buffer, |buffer| pass(buffer, queue))?;
        room = chunk.bytes;
    }
    let summary = engine.finish(&mut buffer)?;
    pass(&mut buffer, queue)?;
    Ok(summary)
}

/// Passes the buffer to the writing thread and replaces it by an empty buffer.
fn pass(buffer: &mut OutputBuffer, queue: &BufferQueue) -> Result<()> {
    match queue.push(std::mem::take(buffer)) {
        Some(empty) => {
            *buffer = empty.emptied(PASSED_OUTPUT);
            Ok(())
        }
        None => Err(Error::new(ErrorKind::Io, "the writing thread has stopped")),
    }
}

fn write_buffers(queue: &BufferQueue, mut out: impl Write) -> Result<()> {
    let _closer = queue.closer();
    while let Some(buffer) = queue.pop() {
        out.write_all(buffer.as_slice())?;
        queue.recycle(buffer);
    }
    Ok(out.flush()?)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
