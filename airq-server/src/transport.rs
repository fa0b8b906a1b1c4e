//! Sockets: the only file that knows `tiny_http`.
//!
//! Its own accept loop, for the crate's has limits that cannot be set: one thread a connection, so many connections at
//! most, each request answered on the thread that read it. What this cannot keep off (headers without end, clients that
//! send a byte a second) the proxy in front does.

use crate::head::head;
use crate::request::{Request, RequestId, plain_host};
use crate::response::Response;
use airq_core::{Error, ErrorKind, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::net::sockopt::{self, Timeout};
use std::io::{self, Cursor, Write};
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tiny_http::{Header, Listener, Method, SslContextWrap, StatusCode};

/// A reader of an answer that takes nothing for so long is gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(3);
/// A connection without a request for so long is closed: longer than proxies keep an idle one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// How soon a loop notices that it shall end.
const TICK: Duration = Duration::from_millis(100);
/// How long to wait when the system is out of file descriptors or threads.
const PAUSE: Duration = Duration::from_millis(100);
/// So much of a body is copied behind its head.
const JOINED: usize = 32 * 1024;
const STACK: usize = 512 * 1024;

/// A listening socket.
pub(crate) struct Server {
    listener: Listener,
    address: SocketAddr,
}

/// A server that accepts connections, from a thread of its own.
#[derive(Debug)]
pub(crate) struct Running {
    accepting: JoinHandle<()>,
    load: Arc<Load>,
}

/// How much is going on.
#[derive(Debug, Default)]
struct Load {
    connections: Mutex<usize>,
    freed: Condvar,
    /// Requests that were read and are not answered yet.
    requests: AtomicUsize,
    /// How often the accept loop went round.
    rounds: AtomicUsize,
}

/// Whether an accept loop goes round: it does even while the server is full or nobody comes.
#[derive(Clone, Debug)]
pub(crate) struct Pulse(Arc<Load>);

impl Pulse {
    /// How often it went round so far.
    pub(crate) fn rounds(&self) -> usize {
        self.0.rounds.load(Ordering::Relaxed)
    }
}

impl Server {
    /// Listens at this address; port 0 takes a free one.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub(crate) fn bind(address: &SocketAddr) -> Result<Server> {
        let cannot = |error: std::io::Error| {
            Error::with_source(ErrorKind::InvalidSetting, format!("cannot listen on {address}"), error)
        };
        let socket = TcpListener::bind(address).map_err(cannot)?;
        let address = socket.local_addr().map_err(cannot)?;
        // Accepted connections inherit all three.
        sockopt::set_tcp_nodelay(&socket, true)
            .and_then(|()| sockopt::set_socket_timeout(&socket, Timeout::Send, Some(SEND_TIMEOUT)))
            .and_then(|()| sockopt::set_socket_timeout(&socket, Timeout::Recv, Some(IDLE_TIMEOUT)))
            .map_err(|error| cannot(error.into()))?;
        Ok(Server { listener: socket.into(), address })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to accept, at most so many connections at once, until `stop` is raised.
    ///
    /// # Errors
    /// If no thread can be had.
    pub(crate) fn start(
        self,
        name: &'static str,
        connections: u16,
        stop: Arc<AtomicBool>,
        answer: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Result<Running> {
        let load = Arc::new(Load::default());
        let acceptor =
            Acceptor { name, most: usize::from(connections), stop, load: load.clone(), answer: Arc::new(answer) };
        let accepting =
            thread::Builder::new().name(format!("{name}-accept")).spawn(move || acceptor.run(&self.listener))?;
        Ok(Running { accepting, load })
    }
}

impl Running {
    /// The pulse of its accept loop.
    pub(crate) fn pulse(&self) -> Pulse {
        Pulse(self.load.clone())
    }

    /// Waits for the end of accepting, then until every request that was read is answered, but no longer than this.
    pub(crate) fn join(self, deadline: Duration) {
        // A panic there ends accepting as well.
        let _ = self.accepting.join();
        let began = Instant::now();
        while self.load.requests.load(Ordering::Acquire) > 0 && began.elapsed() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The accept loop.
struct Acceptor<F> {
    name: &'static str,
    most: usize,
    stop: Arc<AtomicBool>,
    load: Arc<Load>,
    answer: Arc<F>,
}

impl<F: Fn(&Request) -> Response + Send + Sync + 'static> Acceptor<F> {
    fn run(&self, listener: &Listener) {
        // Without TLS there is nothing to build that could fail.
        let Ok(plain) = SslContextWrap::build_ssl_capabilities(None) else { return };
        while !self.stop.load(Ordering::Acquire) {
            self.load.rounds.fetch_add(1, Ordering::Relaxed);
            // First a free place, then the connection: those that wait, wait in the kernel's queue.
            if !self.load.has_room(self.most) || !is_readable(listener) {
                continue;
            }
            if let Err(error) = can_hold_one_more(listener) {
                log::warn!("{}: connections wait: {error}", self.name);
                thread::sleep(PAUSE);
                continue;
            }
            // Were the file descriptors gone since, the fork panics where it duplicates the socket.
            match catch_unwind(AssertUnwindSafe(|| tiny_http::Server::accept_connection(listener, &plain))) {
                Ok(Ok(Some(connection))) => self.serve(connection),
                Ok(Ok(None)) => {}
                Ok(Err(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Ok(Err(error)) => {
                    log::warn!("{}: cannot accept: {error}", self.name);
                    thread::sleep(PAUSE);
                }
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    fn serve<E>(&self, connection: impl Iterator<Item = std::result::Result<tiny_http::Request, E>> + Send + 'static) {
        let place = Place::take(self.load.clone());
        let (stop, answer) = (self.stop.clone(), self.answer.clone());
        // The connection ends within, the place after it: a place is free only once its descriptor is.
        let work = move || converse(connection, &place.0, &stop, &*answer);
        if let Err(error) = thread::Builder::new().name(self.name.to_owned()).stack_size(STACK).spawn(work) {
            log::warn!("{}: no thread for a connection: {error}", self.name);
            thread::sleep(PAUSE);
        }
    }
}

/// Answers the requests of one connection, one after the other.
fn converse<E>(
    connection: impl Iterator<Item = std::result::Result<tiny_http::Request, E>>,
    load: &Load,
    stop: &AtomicBool,
    answer: &impl Fn(&Request) -> Response,
) {
    // What could not be read as a request the crate has answered itself, and closes.
    for request in connection.map_while(std::result::Result::ok) {
        load.requests.fetch_add(1, Ordering::AcqRel);
        // A body is not read: behind it the connection cannot go on.
        let last = carries_body(&request);
        let answered = catch_unwind(AssertUnwindSafe(|| respond(request, answer)));
        load.requests.fetch_sub(1, Ordering::AcqRel);
        if last || stop.load(Ordering::Acquire) || !matches!(answered, Ok(Ok(()))) {
            return;
        }
    }
}

fn respond(request: tiny_http::Request, answer: &impl Fn(&Request) -> Response) -> io::Result<()> {
    let response = answer(&parsed(&request));
    if carries_body(&request) {
        return respond_before_body(request, response);
    }
    let is_bodiless = response.status == 304 || *request.method() == Method::Head;
    let body = if is_bodiless { &[] } else { response.body.as_ref() };
    send(&mut *request.into_writer(), head(&response, reason(response.status), body.len().min(JOINED)), body)
}

/// The head with the beginning of the body, so that none of it goes out in a packet of its own; then the rest from where it
/// lies. The crate itself would copy a body in pieces of 8 KiB.
fn send(out: &mut dyn Write, mut head: Vec<u8>, body: &[u8]) -> io::Result<()> {
    let (beginning, rest) = body.split_at(body.len().min(JOINED));
    head.extend_from_slice(beginning);
    out.write_all(&head)?;
    out.write_all(rest)?;
    out.flush()
}

/// By the crate's own way, for its writer comes only once the whole body of the request was read.
fn respond_before_body(request: tiny_http::Request, response: Response) -> io::Result<()> {
    let Response { status, headers, body, .. } = response;
    let length = body.as_ref().len();
    let mut response =
        tiny_http::Response::new(StatusCode(status), Vec::new().into(), Cursor::new(body), Some(length), None)
            .with_chunked_threshold(usize::MAX);
    for (name, value) in headers {
        match Header::from_str(name, &value) {
            Ok(header) => response.add_header(header),
            Err(error) => log::error!("header {name} is left out: {error}"),
        }
    }
    request.respond(response)
}

fn reason(status: u16) -> &'static str {
    StatusCode(status).default_reason_phrase()
}

fn parsed(request: &tiny_http::Request) -> Request {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_str().to_owned());
    Request {
        method: request.method().as_str().to_owned(),
        target: request.url().to_owned(),
        host: header("Host").as_deref().and_then(plain_host).map(str::to_owned),
        secure: header("X-Forwarded-Proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
        accept: header("Accept"),
        accept_encoding: header("Accept-Encoding"),
        if_none_match: header("If-None-Match"),
        id: RequestId::accept(header("X-Request-Id").as_deref()),
    }
}

fn carries_body(request: &tiny_http::Request) -> bool {
    request.headers().contains("Content-Length") || request.headers().contains("Transfer-Encoding")
}

fn is_readable(listener: &Listener) -> bool {
    let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
    poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&tick)).is_ok_and(|ready| ready > 0)
}

/// Whether there are the file descriptors of one more connection: the fork holds it by two, and one for which there is but
/// one would be reset, where in the kernel's queue it waits.
fn can_hold_one_more(listener: &Listener) -> io::Result<()> {
    let first = fcntl_dupfd_cloexec(listener, 0)?;
    fcntl_dupfd_cloexec(first, 0)?;
    Ok(())
}

impl Load {
    /// Waits a moment for a free place.
    fn has_room(&self, most: usize) -> bool {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |connections: &mut usize| *connections >= most;
        let waited = self.freed.wait_timeout_while(connections, TICK, full).unwrap_or_else(PoisonError::into_inner);
        !waited.1.timed_out()
    }
}

/// A connection's place among those that are served at once; free again when dropped.
struct Place(Arc<Load>);

impl Place {
    fn take(load: Arc<Load>) -> Self {
        *load.connections.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Place(load)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.connections.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_full_server_has_a_pulse() {
        let server = Server::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, stop) = (server.address(), Arc::new(AtomicBool::new(false)));
        let nothing = |_: &Request| Response::new(204, "text/plain", crate::response::Body::Static(""));
        let running = server.start("full", 1, stop.clone(), nothing).unwrap();
        let _idle = [TcpStream::connect(address).unwrap(), TcpStream::connect(address).unwrap()];
        while *running.load.connections.lock().unwrap() == 0 {
            thread::sleep(TICK);
        }
        let before = running.pulse().rounds();
        thread::sleep(10 * TICK);
        assert!(running.pulse().rounds() > before);
        stop.store(true, Ordering::Release);
        running.join(Duration::ZERO);
    }
}
