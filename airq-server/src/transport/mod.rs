//! The transport: connections, and the way from their bytes to requests and back.
//!
//! A guard between the clients and `tiny_http` owns the sockets, collects the head of each request within limits of
//! time and size, and checks it (`request_head`). Only a whole and valid head reaches `tiny_http` (`parser`). Connections wait at
//! an `epoll` instance without threads of their own (`connection`); a few threads answer (`workers`). The accept loop
//! (`acceptor`) limits the connections, in all and for each client (`limiter`), and closes connections that exceed a limit.

mod acceptor;
mod connection;
mod limiter;
mod outgoing;
mod parser;
mod request_head;
mod workers;

use crate::problem::Problem;
use crate::request::Request;
use crate::response::Response;
use airq_core::{Error, ErrorKind, Result};
use connection::Connection;
use limiter::Limiter;
use parser::Parsers;
use rustix::event::epoll;
use rustix::net::{self, sockopt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fmt::Debug;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use workers::Workers;

/// The size of a socket's send buffer. Usual answers fit in one write, and a client that does not read costs no more memory of
/// the kernel than this; by default, the kernel would let the buffer grow to some megabytes.
const SEND_BUFFER: usize = 256 * 1024;

/// The number of connections that wait to be accepted, within the limit of the system.
const BACKLOG: i32 = 4096;

/// The answers of a server to its requests.
pub(crate) trait Handler: Debug + Send + Sync + 'static {
    /// Returns the response to a request.
    fn answer(&self, request: &Request) -> Response;

    /// Returns the response to bytes that are not a valid request.
    fn refuse(&self, problem: Problem, detail: &str) -> Response {
        problem.response(detail)
    }
}

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The maximum number of connections.
    pub(crate) connections: usize,
    /// The maximum number of connections from one address.
    pub(crate) connections_per_client: usize,
    /// The maximum number of threads.
    pub(crate) threads: usize,
    /// The maximum time from the first byte of a request to the end of its head.
    pub(crate) head_timeout: Duration,
    /// The number of bytes a second that a client must read of a response.
    pub(crate) send_floor: u64,
}

/// A listening socket.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

/// A server that accepts connections on its own thread.
#[derive(Debug)]
pub(crate) struct Running {
    accepting: JoinHandle<()>,
    load: Arc<Load>,
}

/// The counters of a server.
#[derive(Debug, Default)]
struct Load {
    /// The number of requests that were read and are not answered yet.
    requests: AtomicUsize,
    /// The number of iterations of the accept loop.
    iterations: AtomicUsize,
}

/// A request that was read and is not answered yet.
#[derive(Debug)]
struct InProgress(Arc<Load>);

/// The heartbeat of an accept loop, by which a watchdog sees that the loop still runs. The loop iterates even if the server is full or no client connects.
#[derive(Clone, Debug)]
pub(crate) struct Heartbeat(Arc<Load>);

/// The state that the threads of a server share.
#[derive(Debug)]
struct Shared {
    name: &'static str,
    limits: Limits,
    stop: Arc<AtomicBool>,
    load: Arc<Load>,
    handler: Box<dyn Handler>,
    parsers: Parsers,
    limiter: Arc<Limiter>,
    /// A slot for each permit.
    slots: Vec<Mutex<Slot>>,
    epoll: OwnedFd,
    workers: Workers,
}

/// A connection, and the number of connections that the slot has had.
#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    connection: Option<Connection>,
}

impl Slot {
    /// Closes the connection. The part of a response that the client has not read is discarded at once, or the kernel would keep
    /// it for minutes.
    fn close(&mut self) {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.is_unused()) {
            // Without this option, the connection is closed as well.
            let _ = sockopt::set_socket_linger(connection.stream(), Some(Duration::ZERO));
        }
    }
}

impl Heartbeat {
    /// Returns the number of iterations.
    pub(crate) fn iterations(&self) -> usize {
        self.0.iterations.load(Ordering::Relaxed)
    }
}

impl Load {
    fn begin_request(self: &Arc<Self>) -> InProgress {
        self.requests.fetch_add(1, Ordering::AcqRel);
        InProgress(self.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Shared {
    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn slot(&self, index: usize) -> MutexGuard<'_, Slot> {
        self.slots[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Listens on this address. Port 0 means any free port.
    ///
    /// # Errors
    /// If the address cannot be used.
    pub(crate) fn bind(address: &SocketAddr) -> Result<Server> {
        Server::listen(address).map_err(|error| {
            Error::with_source(ErrorKind::InvalidSetting, format!("cannot listen on {address}"), error)
        })
    }

    fn listen(address: &SocketAddr) -> io::Result<Server> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        // Accepted connections inherit these options. Without the first, small answers wait for an acknowledgement.
        sockopt::set_tcp_nodelay(&listener, true)?;
        sockopt::set_socket_send_buffer_size(&listener, SEND_BUFFER)?;
        // The standard library asks for a queue of 128 connections, and connections beyond the queue wait a second.
        net::listen(&listener, BACKLOG)?;
        listener.set_nonblocking(true)?;
        Ok(Server { listener, address })
    }

    /// Returns the address that the server listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts to accept connections until `stop` is set.
    ///
    /// # Errors
    /// If no thread can be started or no file descriptor is free.
    pub(crate) fn start(
        self,
        name: &'static str,
        limits: Limits,
        stop: Arc<AtomicBool>,
        handler: impl Handler,
    ) -> Result<Running> {
        let load = Arc::new(Load::default());
        let shared = Arc::new(Shared {
            name,
            limits,
            stop,
            load: load.clone(),
            handler: Box::new(handler),
            parsers: Parsers::open(workers::cores().min(limits.threads))?,
            limiter: Limiter::new(limits.connections),
            slots: (0..limits.connections).map(|_| Mutex::default()).collect(),
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC).map_err(io::Error::from)?,
            workers: Workers::new(limits.threads),
        });
        workers::start_missing(&shared)?;
        let listener = self.listener;
        let accepting =
            thread::Builder::new().name(format!("{name}-accept")).spawn(move || acceptor::run(&shared, &listener))?;
        Ok(Running { accepting, load })
    }
}

impl Running {
    /// Returns the heartbeat of the accept loop.
    pub(crate) fn heartbeat(&self) -> Heartbeat {
        Heartbeat(self.load.clone())
    }

    /// Waits for the end of the accept loop. Then waits until every request that was read is answered, at most for
    /// `deadline`.
    pub(crate) fn join(self, deadline: Duration) {
        // A panic of the accept loop ends it as well.
        let _ = self.accepting.join();
        let start = Instant::now();
        while self.load.requests.load(Ordering::Acquire) > 0 && start.elapsed() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Raises the limit of file descriptors as far as the system allows, and returns the number of connections, at most `wanted`,
/// that leave enough descriptors for everything else.
pub(crate) fn affordable_connections(wanted: usize) -> usize {
    const RESERVE: u64 = 128;
    let Rlimit { maximum, current } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current };
    let Some(limit) = limit else { return wanted };
    let affordable = limit - RESERVE.min(limit / 2);
    let affordable = usize::try_from(affordable).unwrap_or(usize::MAX).max(1);
    if affordable < wanted {
        log::warn!("{affordable} connections at a time instead of {wanted}: the limit of file descriptors is {limit}");
    }
    affordable.min(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::ResponseBody;
    use std::io::Read;
    use std::net::TcpStream;

    #[derive(Debug)]
    struct Nothing;

    impl Handler for Nothing {
        fn answer(&self, _: &Request) -> Response {
            Response::new(200, "text/plain", ResponseBody::Static(""))
        }
    }

    const LIMITS: Limits = Limits {
        connections: 1,
        connections_per_client: 1,
        threads: 1,
        head_timeout: Duration::from_secs(1),
        send_floor: 1,
    };

    #[test]
    fn a_full_server_has_a_heartbeat_and_the_connection_that_waited_gets_the_place_of_the_idle() {
        let server = Server::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, stop) = (server.address(), Arc::new(AtomicBool::new(false)));
        let running = server.start("full", LIMITS, stop.clone(), Nothing).unwrap();
        let mut idle = TcpStream::connect(address).unwrap();
        let mut waiting = TcpStream::connect(address).unwrap();
        let before = running.heartbeat().iterations();
        thread::sleep(Duration::from_millis(300));
        assert!(running.heartbeat().iterations() > before);
        io::Write::write_all(&mut waiting, b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        waiting.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert_eq!(idle.read(&mut [0]).unwrap(), 0, "closed to make room");
        stop.store(true, Ordering::Release);
        running.join(Duration::ZERO);
    }
}
