//! A connection: the states between two requests, without a thread of its own.

use super::limiter::Permit;
use super::outgoing::Outgoing;
use super::request_head::{self, Check, RequestHead};
use super::{InProgress, Shared};
use crate::problem::Problem;
use crate::response::Response;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// The time after which a connection without a request is closed. It is longer than proxies keep idle connections.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// The interval for the number of bytes that a client must read.
const PACE_WINDOW: Duration = Duration::from_secs(10);
/// The time and the number of bytes for which a connection that ends is still read, so that the client gets the response
/// before the connection is reset.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 256 * 1024;
/// The time without progress after which a connection may be closed to make room for another.
const SETTLED: Duration = Duration::from_millis(250);

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    // Fields are dropped in this order: the descriptor is free before the permit is.
    stream: TcpStream,
    state: State,
    permit: Permit,
    /// The time when the state began.
    since: Instant,
}

#[derive(Debug)]
enum State {
    /// No byte of a request has arrived.
    Idle,
    /// A part of a head has arrived.
    PartialHead(Vec<u8>),
    /// A part of a response is not sent yet.
    Sending(Box<Outgoing>),
    /// The last response is sent. What the client still sends is discarded, and its bytes are counted.
    Lingering(usize),
}

/// The event that a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Readable,
    Writable,
    /// The connection is finished.
    Close,
}

/// The rank of a connection for closing, to make room: the smallest is closed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Priority {
    Lingering(Instant),
    Idle(Instant),
    PartialHead(Instant),
    Sending(Instant),
}

impl Connection {
    pub(super) fn new(stream: TcpStream, permit: Permit) -> Connection {
        Connection { stream, state: State::Idle, permit, since: Instant::now() }
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    pub(super) fn client(&self) -> IpAddr {
        self.permit.client
    }

    /// Continues after an event. `buffer` is scratch memory, and `thread` is the number of the calling thread.
    pub(super) fn proceed(&mut self, shared: &Shared, thread: usize, buffer: &mut [u8]) -> Next {
        match self.state {
            State::Idle | State::PartialHead(_) => self.read_head(shared, thread, buffer),
            State::Sending(_) => self.send(),
            State::Lingering(_) => self.linger(buffer),
        }
    }

    fn read_head(&mut self, shared: &Shared, thread: usize, buffer: &mut [u8]) -> Next {
        let read = match (&self.stream).read(buffer) {
            Ok(0) => return Next::Close,
            Ok(read) => read,
            Err(error) if is_temporary(&error) => return Next::Readable,
            Err(_) => return Next::Close,
        };
        if matches!(self.state, State::Idle) {
            self.since = Instant::now();
        }
        let mut bytes = match std::mem::replace(&mut self.state, State::Idle) {
            State::PartialHead(bytes) => bytes,
            _ => Vec::new(),
        };
        let known = bytes.len();
        bytes.extend_from_slice(&buffer[..read]);
        match request_head::check(&bytes, known) {
            Check::Partial => {
                self.state = State::PartialHead(bytes);
                Next::Readable
            }
            Check::Valid(head) => self.answer(shared, thread, head),
            Check::Refused(problem, detail) => self.refuse(shared, problem, &detail),
        }
    }

    fn answer(&mut self, shared: &Shared, thread: usize, head: RequestHead) -> Next {
        let in_progress = shared.load.begin_request();
        let is_last = head.is_last;
        let request = match shared.parsers.parse(thread, head) {
            Ok(request) => request,
            Err(error) => return self.refuse(shared, Problem::InvalidRequest, &format!("{error}.")),
        };
        let response = shared.handler.answer(&request);
        self.respond(response, request.method == "HEAD", is_last || shared.is_stopping(), Some(in_progress))
    }

    /// Responds with a problem and ends the connection.
    pub(super) fn refuse(&mut self, shared: &Shared, problem: Problem, detail: &str) -> Next {
        self.respond(shared.handler.refuse(problem, detail), false, true, None)
    }

    fn respond(&mut self, response: Response, is_head: bool, is_last: bool, in_progress: Option<InProgress>) -> Next {
        self.state = State::Sending(Box::new(Outgoing::new(response, is_head, is_last, in_progress)));
        self.since = Instant::now();
        self.send()
    }

    fn send(&mut self) -> Next {
        let State::Sending(outgoing) = &mut self.state else { return Next::Close };
        match outgoing.send(&self.stream) {
            Ok(true) => {}
            Ok(false) => return Next::Writable,
            Err(_) => return Next::Close,
        }
        let is_last = outgoing.is_last;
        self.since = Instant::now();
        self.state = if is_last { State::Lingering(0) } else { State::Idle };
        if is_last && self.stream.shutdown(Shutdown::Write).is_err() {
            return Next::Close;
        }
        Next::Readable
    }

    fn linger(&mut self, buffer: &mut [u8]) -> Next {
        let State::Lingering(discarded) = &mut self.state else { return Next::Close };
        match (&self.stream).read(buffer) {
            Ok(read) if read > 0 && *discarded < LINGER_BYTES => {
                *discarded += read;
                Next::Readable
            }
            Err(error) if is_temporary(&error) => Next::Readable,
            _ => Next::Close,
        }
    }

    /// Returns whether the connection has exceeded a time limit. A client that was too slow to send a head gets a response.
    pub(super) fn is_overdue(&mut self, shared: &Shared, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.since);
        match &mut self.state {
            State::Idle => elapsed > IDLE_TIMEOUT,
            State::Lingering(_) => elapsed > LINGER_TIMEOUT,
            State::Sending(outgoing) => outgoing.is_too_slow(now, shared.limits.send_floor, PACE_WINDOW),
            State::PartialHead(_) if elapsed > shared.limits.head_timeout => {
                // One attempt must do: the connection is closed whether the response was sent or not.
                self.refuse(shared, Problem::RequestTimeout, "The head of the request was not complete in time.");
                true
            }
            State::PartialHead(_) => false,
        }
    }

    /// Returns the priority of the connection if it may be closed to make room for another.
    pub(super) fn priority(&self, now: Instant) -> Option<Priority> {
        let (priority, since) = match &self.state {
            State::Lingering(_) => return Some(Priority::Lingering(self.since)),
            State::Idle => (Priority::Idle(self.since), self.since),
            State::PartialHead(_) => (Priority::PartialHead(self.since), self.since),
            State::Sending(outgoing) => (Priority::Sending(outgoing.last_progress()), outgoing.last_progress()),
        };
        if now.saturating_duration_since(since) >= SETTLED { Some(priority) } else { None }
    }

    /// Returns whether no response is being sent.
    pub(super) fn is_unused(&self) -> bool {
        !matches!(self.state, State::Sending(_))
    }
}

fn is_temporary(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
