//! A bounded queue of output buffers between a thread that encodes and a thread that writes.
//!
//! A channel of the standard library wakes the receiver while it holds a lock that the receiver needs, which costs as much as
//! the encoding of 10 KB.

use crate::encode::output_buffer::OutputBuffer;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The number of buffers that may wait for the writing thread.
const CAPACITY: usize = 4;

#[derive(Default)]
pub(super) struct BufferQueue {
    state: Mutex<QueueState>,
    /// Signals the writing thread.
    filled: Condvar,
    /// Signals the encoding thread.
    emptied: Condvar,
}

#[derive(Default)]
struct QueueState {
    full: VecDeque<OutputBuffer>,
    empty: Vec<OutputBuffer>,
    is_closed: bool,
}

/// Closes the queue when it is dropped, also by a panic.
pub(super) struct CloseOnDrop<'a>(&'a BufferQueue);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.state().is_closed = true;
        self.0.filled.notify_all();
        self.0.emptied.notify_all();
    }
}

impl BufferQueue {
    /// Returns a guard that closes the queue. Each of the two threads needs a guard.
    pub(super) fn closer(&self) -> CloseOnDrop<'_> {
        CloseOnDrop(self)
    }

    /// Adds a full buffer and returns a buffer to fill. Returns `None` if the writing thread has closed the queue.
    pub(super) fn push(&self, buffer: OutputBuffer) -> Option<OutputBuffer> {
        let mut state = self.state();
        while state.full.len() >= CAPACITY && !state.is_closed {
            state = self.emptied.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return None;
        }
        state.full.push_back(buffer);
        let empty = state.empty.pop();
        drop(state);
        self.filled.notify_one();
        Some(empty.unwrap_or_default())
    }

    /// Returns the next full buffer, or `None` if the queue is empty and closed.
    pub(super) fn pop(&self) -> Option<OutputBuffer> {
        let mut state = self.state();
        loop {
            if let Some(buffer) = state.full.pop_front() {
                drop(state);
                self.emptied.notify_one();
                return Some(buffer);
            }
            if state.is_closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes back a buffer that was written.
    pub(super) fn recycle(&self, buffer: OutputBuffer) {
        self.state().empty.push(buffer);
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
