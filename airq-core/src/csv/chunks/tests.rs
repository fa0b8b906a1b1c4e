//! Chunks cover the input, results come in order, and every failure ends all threads.

use super::{Chunk, Chunks, StreamChunks, map_in_order};
use crate::error::{Error, ErrorKind, Result};
use proptest::prelude::*;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Runs the test on another thread, so that a test that hangs fails, also on a busy machine.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (done, is_done) = channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    let waited = is_done.recv_timeout(Duration::from_secs(600));
    assert_ne!(waited, Err(std::sync::mpsc::RecvTimeoutError::Timeout), "the threads hang");
    test.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// Chunks that contain their own number, up to `count`. The chunk `count` fails if there is an error, or panics.
struct NumberedChunks {
    next: Mutex<u64>,
    count: u64,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Normal,
    Error,
    Panic,
}

impl NumberedChunks {
    fn new(count: u64, end: End) -> Self {
        NumberedChunks { next: Mutex::new(0), count, end }
    }
}

impl Chunks for NumberedChunks {
    fn next(&self, mut buffer: Vec<u8>) -> Result<Option<Chunk>> {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let number = *next;
        *next += 1;
        if number == self.count {
            match self.end {
                End::Normal => {}
                End::Error => return Err(Error::new(ErrorKind::Io, "cannot read")),
                End::Panic => panic!("panic of the input"),
            }
        }
        if number >= self.count {
            return Ok(None);
        }
        buffer.clear();
        buffer.extend_from_slice(&number.to_le_bytes());
        let lines = 0..buffer.len();
        Ok(Some(Chunk { number, start: 8 * number, bytes: buffer, lines }))
    }
}

/// Takes longer for some chunks than for others, so that they are mapped out of order.
fn number_of(chunk: Chunk) -> (u64, Vec<u8>) {
    for _ in 0..chunk.number * 7 % 5 {
        thread::yield_now();
    }
    (u64::from_le_bytes(*chunk.bytes.first_chunk().unwrap()), chunk.bytes)
}

fn deliver_all(threads: usize, chunks: &NumberedChunks) -> (Result<()>, Vec<u64>) {
    let mut delivered = Vec::new();
    let result = map_in_order(
        threads,
        chunks,
        || (),
        |(), chunk| number_of(chunk),
        |number| {
            delivered.push(number);
            Ok(ControlFlow::Continue(()))
        },
    );
    (result, delivered)
}

#[test]
fn results_are_delivered_once_each_and_in_order() {
    ends(|| {
        for threads in 0..9 {
            for count in [0, 1, 2, 3, 50, 2_000] {
                let (result, delivered) = deliver_all(threads, &NumberedChunks::new(count, End::Normal));
                result.unwrap();
                assert_eq!(delivered, (0..count).collect::<Vec<_>>(), "{threads} threads");
            }
        }
    });
}

#[test]
fn all_chunks_before_a_chunk_that_cannot_be_read_are_delivered() {
    ends(|| {
        for threads in 1..6 {
            for count in [0, 1, 7, 100] {
                let (result, delivered) = deliver_all(threads, &NumberedChunks::new(count, End::Error));
                assert_eq!(result.unwrap_err().to_string(), "cannot read", "{threads} threads");
                assert_eq!(delivered, (0..count).collect::<Vec<_>>(), "{threads} threads");
            }
        }
    });
}

#[test]
fn after_an_error_of_deliver_no_chunk_is_delivered() {
    ends(|| {
        for threads in 1..6 {
            // The error of the earlier chunk is returned, although the input fails, too.
            let chunks = NumberedChunks::new(21, End::Error);
            let mut delivered = 0;
            let result = map_in_order(
                threads,
                &chunks,
                || (),
                |(), chunk| number_of(chunk),
                |number| {
                    delivered += 1;
                    if number == 20 {
                        Err(Error::new(ErrorKind::InvalidData, "chunk 20"))
                    } else {
                        Ok(ControlFlow::Continue(()))
                    }
                },
            );
            assert_eq!(result.unwrap_err().to_string(), "chunk 20", "{threads} threads");
            assert_eq!(delivered, 21, "{threads} threads");
        }
    });
}

#[test]
fn a_panic_ends_all_threads_and_is_passed_on() {
    const AT: u64 = 30;
    let run = |threads: usize, panics: &'static str| {
        let end = if panics == "panic of the input" { End::Panic } else { End::Normal };
        let chunks = NumberedChunks::new(if panics == "panic of the input" { AT } else { 10_000 }, end);
        let result = catch_unwind(AssertUnwindSafe(|| {
            map_in_order(
                threads,
                &chunks,
                || assert_ne!(panics, "panic of the state", "panic of the state"),
                |(), chunk| {
                    assert!(panics != "panic of map" || chunk.number != AT, "panic of map");
                    number_of(chunk)
                },
                |number| {
                    assert!(panics != "panic of deliver" || number != AT, "panic of deliver");
                    Ok(ControlFlow::Continue(()))
                },
            )
        }));
        result.unwrap_err()
    };
    ends(move || {
        for threads in 1..6 {
            for panics in ["panic of the input", "panic of map", "panic of deliver"] {
                let payload = run(threads, panics);
                assert_eq!(payload.downcast_ref(), Some(&panics), "{threads} threads");
            }
            let payload = run(threads, "panic of the state");
            assert!(payload.downcast_ref::<String>().unwrap().contains("panic of the state"), "{threads} threads");
        }
    });
}

#[test]
fn a_slow_chunk_bounds_the_number_of_chunks_in_memory() {
    ends(|| {
        for threads in 2..6 {
            let chunks = NumberedChunks::new(500, End::Normal);
            let read = AtomicU64::new(0);
            let mut most = 0;
            let mut delivered = 0;
            map_in_order(
                threads,
                &chunks,
                || (),
                |(), chunk| {
                    read.fetch_add(1, Ordering::SeqCst);
                    number_of(chunk)
                },
                |_| {
                    thread::yield_now();
                    most = most.max(read.load(Ordering::SeqCst) - delivered);
                    delivered += 1;
                    Ok(ControlFlow::Continue(()))
                },
            )
            .unwrap();
            assert!(most <= 2 * threads as u64 + 2, "{threads} threads, {most} chunks");
        }
    });
}

/// Reads at most `step` bytes at once, and fails at the end if it is to fail.
struct Steps<'a> {
    rest: &'a [u8],
    step: usize,
    fails: bool,
}

impl Read for Steps<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && self.fails {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let count = self.step.min(self.rest.len()).min(buffer.len());
        self.rest.read(&mut buffer[..count])
    }
}

proptest! {
    #[test]
    fn chunks_are_the_input_cut_at_line_ends(
        input in prop::collection::vec(prop::sample::select(b"abc,\r\n".to_vec()), 0..300),
        length in 1..700_usize,
        step in 1..80_usize,
    ) {
        let chunks = StreamChunks::with_length(Steps { rest: &input, step, fails: false }, length);
        let mut read = Vec::new();
        for number in 0.. {
            let Some(chunk) = chunks.next(vec![b'x'; 3]).unwrap() else { break };
            prop_assert_eq!(chunk.number, number);
            prop_assert_eq!(chunk.start, read.len() as u64);
            prop_assert!(!chunk.bytes.is_empty());
            read.extend_from_slice(&chunk.bytes);
            prop_assert!(chunk.bytes.ends_with(b"\n") || read.len() == input.len());
        }
        prop_assert_eq!(read, input);
    }
}

#[test]
fn the_bytes_before_an_error_of_the_input_are_the_last_chunk() {
    let input = b"a\nb\nc";
    for length in 1..10 {
        let chunks = StreamChunks::with_length(Steps { rest: input, step: 1, fails: true }, length);
        let mut read = Vec::new();
        let error = loop {
            match chunks.next(Vec::new()) {
                Ok(chunk) => read.extend(chunk.unwrap().bytes),
                Err(error) => break error,
            }
        };
        assert_eq!(error.io_kind(), Some(io::ErrorKind::BrokenPipe));
        assert_eq!(read, input);
        assert!(chunks.next(Vec::new()).unwrap().is_none());
    }
}

#[test]
fn an_input_without_line_ends_is_cut_before_it_fills_the_memory() {
    let input = vec![b'x'; 5 << 20];
    let chunks = StreamChunks::new(input.as_slice());
    let mut length = 0;
    while let Some(chunk) = chunks.next(Vec::new()).unwrap() {
        assert!(chunk.bytes.len() < 2 << 20);
        length += chunk.bytes.len();
    }
    assert_eq!(length, input.len());
}
