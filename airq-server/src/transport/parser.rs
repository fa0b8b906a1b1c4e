//! The parsers of requests. No other file uses `tiny_http`.
//!
//! `tiny_http` reads requests only from connections that it accepts itself, and it waits for the rest of a head without a time
//! limit. So each parser is a connection of `tiny_http` over a Unix socket within this process. A checked head is written to
//! one end, and `tiny_http` reads the request from the other end, without waiting.

use super::request_head::RequestHead;
use crate::request::{Request, plain_host, plain_prefix};
use airq_core::internal::{Memo, random};
use rustix::net::{self, AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::fmt::{self, Debug};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use tiny_http::{Listener, SslContextWrap, StatusCode};

/// The parsers that the threads of a server share.
#[derive(Debug)]
pub(super) struct Parsers {
    parsers: Vec<Mutex<Option<Parser>>>,
    /// The requests of recent heads, because clients repeat their requests.
    parsed: Memo<String, Request>,
}

impl Parsers {
    /// Opens this number of parsers.
    ///
    /// # Errors
    /// If a socket cannot be opened.
    pub(super) fn open(number: usize) -> io::Result<Parsers> {
        let parsers: io::Result<Vec<_>> = (0..number).map(|_| Parser::open().map(Some).map(Mutex::new)).collect();
        Ok(Parsers { parsers: parsers?, parsed: Memo::default() })
    }

    /// Returns the request with a checked head. Threads with different numbers use different parsers, if there are enough.
    ///
    /// # Errors
    /// If `tiny_http` refuses the head, or a failed parser cannot be replaced.
    pub(super) fn parse(&self, thread: usize, head: RequestHead) -> io::Result<Request> {
        let RequestHead { forwarded, id, trace, .. } = head;
        if let Some(parsed) = self.parsed.get(forwarded.as_str()) {
            return Ok(Request { trace, id, ..Request::clone(&parsed) });
        }
        let parsed = self.parse_new(thread, &forwarded)?;
        self.parsed.insert(forwarded, Arc::new(parsed.clone()));
        Ok(Request { trace, id, ..parsed })
    }

    fn parse_new(&self, thread: usize, head: &str) -> io::Result<Request> {
        let mut slot = self.parsers[thread % self.parsers.len()].lock().unwrap_or_else(PoisonError::into_inner);
        let mut parser = match slot.take() {
            Some(parser) => parser,
            None => Parser::open()?,
        };
        // A parser is used again only after a success.
        let request = catch_unwind(AssertUnwindSafe(|| parser.parse(head))).unwrap_or_else(|_| Err(unreadable()))?;
        *slot = Some(parser);
        Ok(request)
    }
}

/// A connection of `tiny_http` within this process.
struct Parser {
    feed: UnixStream,
    requests: Box<dyn Iterator<Item = Option<tiny_http::Request>> + Send>,
}

impl Parser {
    fn open() -> io::Result<Parser> {
        let address = SocketAddrUnix::new_abstract_name(format!("airq-{:016x}", random()).as_bytes())?;
        let listener = stream_socket(SocketFlags::CLOEXEC)?;
        net::bind(&listener, &address)?;
        // The queue has room for one connection. If another process was first, this connection fails and is not confused with
        // the other.
        net::listen(&listener, 0)?;
        let feed = stream_socket(SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        net::connect(&feed, &address)?;
        let listener = Listener::from(UnixListener::from(listener));
        let plain = SslContextWrap::build_ssl_capabilities(None).map_err(io::Error::other)?;
        let connection = tiny_http::Server::accept_connection(&listener, &plain)?.ok_or_else(unreadable)?;
        Ok(Parser { feed: feed.into(), requests: Box::new(connection.map(Result::ok)) })
    }

    fn parse(&mut self, head: &str) -> io::Result<Request> {
        self.feed.write_all(head.as_bytes())?;
        let request = self.requests.next().flatten().ok_or_else(unreadable)?;
        let parsed = parsed(&request);
        // Without its writer, a request does not write a response of its own when it is dropped.
        drop(request.into_writer());
        Ok(parsed)
    }
}

impl Debug for Parser {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Parser").field("feed", &self.feed).finish_non_exhaustive()
    }
}

fn stream_socket(flags: SocketFlags) -> io::Result<OwnedFd> {
    Ok(net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "tiny_http cannot read the head")
}

fn parsed(request: &tiny_http::Request) -> Request {
    Request {
        method: request.method().as_str().to_owned(),
        target: request.url().to_owned(),
        host: header(request, "Host").and_then(plain_host).map(str::to_owned),
        secure: header(request, "X-Forwarded-Proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
        accept: header(request, "Accept").map(str::to_owned),
        accept_encoding: header(request, "Accept-Encoding").map(str::to_owned),
        if_none_match: header(request, "If-None-Match").map(str::to_owned),
        prefix: header(request, "X-Forwarded-Prefix").and_then(plain_prefix).map(str::to_owned),
        ..Request::default()
    }
}

fn header<'a>(request: &'a tiny_http::Request, name: &str) -> Option<&'a str> {
    let value = request.headers().get(name)?;
    Some(value.as_str())
}

/// Returns the reason phrase of a status.
pub(super) fn reason(status: u16) -> &'static str {
    StatusCode(status).default_reason_phrase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{RequestId, TraceParent};

    fn head(forwarded: &str) -> RequestHead {
        RequestHead { forwarded: forwarded.to_owned(), id: RequestId::default(), trace: None, is_last: false }
    }

    #[test]
    fn a_parser_reads_many_heads_and_is_replaced_after_a_bad_one() {
        let parsers = Parsers::open(1).unwrap();
        for target in ["/a", "/b?c=d", "/a"] {
            let forwarded = format!("GET {target} HTTP/1.1\r\nHost: x\r\naccept: text/csv\r\n\r\n");
            let request = parsers.parse(0, head(&forwarded)).unwrap();
            assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", target));
            assert_eq!((request.host.as_deref(), request.accept.as_deref()), (Some("x"), Some("text/csv")));
            assert!(parsers.parse(1, head("hello\r\n\r\n")).is_err());
        }
    }

    #[test]
    fn a_repeated_head_has_the_id_and_the_trace_of_its_own_request() {
        let parsers = Parsers::open(1).unwrap();
        for (id, trace) in [("one", Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")), ("two", None)] {
            let (id, trace) = (RequestId::accept(Some(id)), trace.and_then(TraceParent::parse));
            let own =
                RequestHead { id: id.clone(), trace: trace.clone(), ..head("GET /a HTTP/1.1\r\nHost: x\r\n\r\n") };
            let request = parsers.parse(0, own).unwrap();
            assert_eq!((request.target.as_str(), request.id, request.trace), ("/a", id, trace));
        }
    }

    #[test]
    fn a_head_of_the_maximum_length_is_read() {
        let target = "/".repeat(16_000);
        let long = head(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!(Parsers::open(1).unwrap().parse(0, long).unwrap().target, target);
    }
}
