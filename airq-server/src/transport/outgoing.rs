//! A response on its way to a client.

use super::InProgress;
use super::parser::reason;
use crate::response::Response;
use crate::response_head::head;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A response, with the number of bytes that were sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    head: Vec<u8>,
    response: Response,
    /// The number of bytes of the body to send.
    body_length: usize,
    sent: usize,
    pace: Pace,
    /// True if the connection ends after the response.
    pub(super) is_last: bool,
    /// The request that is answered when all of the response is sent; `None` for bytes that were no valid request.
    _request: Option<InProgress>,
}

/// The progress of a client that reads a response.
#[derive(Debug)]
struct Pace {
    window: Instant,
    sent_before: usize,
    progress: Instant,
}

impl Outgoing {
    /// Returns a response before its first byte is sent. `is_head` is whether the request was `HEAD`.
    pub(super) fn new(response: Response, is_head: bool, is_last: bool, request: Option<InProgress>) -> Outgoing {
        let omits_body = is_head || response.status == 304;
        let body_length = if omits_body { 0 } else { response.body.as_ref().len() };
        let head = head(&response, reason(response.status), is_last);
        let now = Instant::now();
        let pace = Pace { window: now, sent_before: 0, progress: now };
        Outgoing { head, response, body_length, sent: 0, pace, is_last, _request: request }
    }

    /// Sends as much as the socket takes. Returns whether all of the response is sent.
    ///
    /// # Errors
    /// If the connection is broken.
    pub(super) fn send(&mut self, mut stream: &TcpStream) -> io::Result<bool> {
        loop {
            let body = &self.response.body.as_ref()[..self.body_length];
            let head = self.head.get(self.sent..).unwrap_or_default();
            let body = &body[self.sent.saturating_sub(self.head.len())..];
            if head.is_empty() && body.is_empty() {
                return Ok(true);
            }
            match stream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => self.sent += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.sent > self.pace.sent_before {
            self.pace.progress = Instant::now();
        }
        Ok(false)
    }

    /// Returns whether the client has read less than `floor` bytes a second in a whole `window`.
    pub(super) fn is_too_slow(&mut self, now: Instant, floor: u64, window: Duration) -> bool {
        let elapsed = now.saturating_duration_since(self.pace.window);
        if elapsed < window {
            return false;
        }
        let read = self.sent - self.pace.sent_before;
        self.pace.window = now;
        self.pace.sent_before = self.sent;
        (read as u64) < floor.saturating_mul(elapsed.as_secs())
    }

    /// Returns the time of the last progress.
    pub(super) fn last_progress(&self) -> Instant {
        self.pace.progress
    }
}
