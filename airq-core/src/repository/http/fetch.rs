//! Requests that another thread sends, so that the caller can stop waiting at any time.

use crate::deadline;
use crate::trace;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;
use ureq::http::response::Parts;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body, Timeout};

/// The maximum number of requests for one answer. If one of five servers is gone, four requests in a row reach that server once in
/// 625 times.
const TRIES: u32 = 4;
/// The number of chunks of a body that may wait for their reader.
pub(super) const WAITING: usize = 4;
/// The maximum length of a chunk in bytes.
const CHUNK: usize = 64 * 1024;

/// A message of the thread that sends a request and reads its answer.
pub(super) enum Message {
    Head(Box<Parts>),
    /// A chunk of the body; an empty chunk is the end.
    Body(io::Result<Vec<u8>>),
    Failed(ureq::Error),
}

/// Sends a request and passes its answer on, until the receiver is gone. The receiver can thus stop waiting at any time.
pub(super) fn fetch(agent: &Agent, url: &str, limit: Duration, sender: &SyncSender<Message>) {
    let (head, body) = match send(agent, url, limit) {
        Ok(response) => response.into_parts(),
        Err(error) => {
            // The receiver may have stopped waiting.
            let _ = sender.send(Message::Failed(error));
            return;
        }
    };
    let mut is_connected = sender.send(Message::Head(Box::new(head))).is_ok();
    let mut reader = body.into_reader();
    while is_connected {
        let mut chunk = vec![0; CHUNK];
        let read = reader.read(&mut chunk);
        let is_last = matches!(read, Ok(0) | Err(_));
        let read = read.map(|length| {
            chunk.truncate(length);
            chunk
        });
        is_connected = sender.send(Message::Body(read)).is_ok() && !is_last;
    }
}

/// A body that another thread reads.
pub(super) struct ReceivedBody {
    receiver: Receiver<Message>,
    /// The maximum pause between two chunks.
    timeout: Duration,
    chunk: io::Cursor<Vec<u8>>,
}

impl ReceivedBody {
    pub(super) fn new(receiver: Receiver<Message>, timeout: Duration) -> Self {
        ReceivedBody { receiver, timeout, chunk: io::Cursor::default() }
    }
}

impl Read for ReceivedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.chunk.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        if deadline::has_passed() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match self.receiver.recv_timeout(deadline::at_most(self.timeout)) {
            Ok(Message::Body(chunk)) => self.chunk = io::Cursor::new(chunk?),
            Ok(Message::Head(_) | Message::Failed(_)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
        }
        self.chunk.read(buffer)
    }
}

/// Sends the request. If the server is gone, or a proxy answers 502 because its server is gone, the request is sent again: another
/// connection may reach another server of the same name or address.
pub(super) fn send(agent: &Agent, url: &str, limit: Duration) -> std::result::Result<Response<Body>, ureq::Error> {
    let mut outcome = send_once(agent, url, limit);
    for sent in 1..TRIES {
        let is_gone = match &outcome {
            Ok(response) => response.status() == StatusCode::BAD_GATEWAY,
            Err(ureq::Error::Io(error)) => is_gone(error),
            // A second connection leaves time for the answer.
            Err(ureq::Error::Timeout(Timeout::Connect)) => sent == 1,
            Err(_) => false,
        };
        if !is_gone {
            break;
        }
        outcome = send_once(agent, url, limit);
    }
    outcome
}

fn send_once(agent: &Agent, url: &str, limit: Duration) -> std::result::Result<Response<Body>, ureq::Error> {
    let limit = Some(limit);
    let mut request = agent.get(url).header(header::CONNECTION, "close");
    if let Some(parent) = trace::parent() {
        request = request.header("traceparent", parent);
    }
    let config = request.config().timeout_global(deadline::remaining());
    config.timeout_recv_response(limit).timeout_per_read(limit).build().call()
}

fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, UnexpectedEof,
    };
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionRefused | ConnectionReset | HostUnreachable | UnexpectedEof
    )
}
