//! The accept loop. It also closes connections that exceed a limit and keeps enough threads running.

use super::connection::{Connection, Next, Priority};
use super::{Shared, workers};
use crate::problem::Problem;
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::io::Errno;
use rustix::net::{SocketAddrAny, SocketFlags, acceptfrom_with};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// The interval at which the loop looks at threads and at whether to stop.
const TICK: Duration = Duration::from_millis(50);
/// The interval at which the limits of all connections are checked.
const CHECK_EVERY: Duration = Duration::from_millis(500);
/// The minimum interval between two warnings that connections wait.
const WARN_EVERY: Duration = Duration::from_secs(60);
/// The number of connections that are accepted before threads and limits are checked again.
const BATCH: usize = 64;

/// Runs the accept loop until the server stops.
pub(super) fn run(shared: &Arc<Shared>, listener: &TcpListener) {
    let mut checked = Instant::now();
    let mut warned: Option<Instant> = None;
    while !shared.is_stopping() {
        shared.load.iterations.fetch_add(1, Ordering::Relaxed);
        let mut result = workers::start_missing(shared).map_err(|error| format!("no thread can be started: {error}"));
        if checked.elapsed() >= CHECK_EVERY {
            shared.close_overdue();
            checked = Instant::now();
        }
        if is_readable(listener) {
            result = result.and(accept(shared, listener));
        }
        if let Err(reason) = result {
            let was_warned = matches!(warned, Some(at) if at.elapsed() <= WARN_EVERY);
            if !was_warned {
                log::warn!("{}: connections wait: {reason}", shared.name);
                warned = Some(Instant::now());
            }
            thread::sleep(TICK);
        }
    }
    shared.close_unused();
}

fn is_readable(listener: &TcpListener) -> bool {
    let tick = Timespec { tv_sec: 0, tv_nsec: TICK.subsec_nanos().into() };
    matches!(poll(&mut [PollFd::new(listener, PollFlags::IN)], Some(&tick)), Ok(1..))
}

/// Accepts the waiting connections, as many as there is room for.
///
/// # Errors
/// If connections still wait, because no permit or no file descriptor is free.
fn accept(shared: &Arc<Shared>, listener: &TcpListener) -> Result<(), String> {
    for _ in 0..BATCH {
        while !shared.limiter.has_room() {
            if !shared.make_room(None) {
                return Err("the maximum number of connections is reached".to_owned());
            }
        }
        match acceptfrom_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok((socket, address)) => admit(shared, socket, address),
            Err(Errno::AGAIN) => return Ok(()),
            Err(Errno::MFILE | Errno::NFILE) if shared.make_room(None) => {}
            Err(error @ (Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)) => return Err(error.to_string()),
            // The client has closed the connection before it was accepted.
            Err(_) => {}
        }
    }
    Ok(())
}

fn admit(shared: &Arc<Shared>, socket: OwnedFd, address: Option<SocketAddrAny>) {
    let Some(address) = address.and_then(|address| SocketAddr::try_from(address).ok()) else { return };
    let Some(permit) = shared.limiter.acquire(address.ip()) else { return };
    let index = permit.index;
    let client = permit.client;
    let mut connection = Connection::new(TcpStream::from(socket), permit);
    let mut next = Next::Readable;
    let max = shared.limits.connections_per_client;
    // A connection that was refused keeps its permit until its client has read the response.
    while shared.limiter.held_by(client) > max {
        if !shared.make_room(Some(client)) {
            next =
                connection.refuse(shared, Problem::TooManyConnections, &format!("The maximum is {max} connections."));
            break;
        }
    }
    shared.insert(index, connection, next);
}

impl Shared {
    /// Puts a new connection into its slot and waits for its first event.
    fn insert(&self, index: usize, connection: Connection, next: Next) {
        let Some(flags) = flags(next) else { return };
        let mut slot = self.slot(index);
        slot.generation = slot.generation.wrapping_add(1);
        let data = epoll::EventData::new_u64(event_data(index, slot.generation));
        if epoll::add(&self.epoll, connection.stream(), data, flags).is_ok() {
            slot.connection = Some(connection);
        }
    }

    /// Continues with the connection of an event.
    pub(super) fn proceed(&self, data: u64, thread: usize, buffer: &mut [u8]) {
        let (index, generation) = parts(data);
        let mut slot = self.slot(index);
        // The connection may have been closed since the event.
        if slot.generation != generation {
            return;
        }
        let Some(connection) = &mut slot.connection else { return };
        let proceed = AssertUnwindSafe(|| connection.proceed(self, thread, buffer));
        let next = catch_unwind(proceed).unwrap_or(Next::Close);
        let waits = match flags(next) {
            Some(flags) => {
                let data = epoll::EventData::new_u64(data);
                epoll::modify(&self.epoll, connection.stream(), data, flags).is_ok()
            }
            None => false,
        };
        if !waits {
            slot.connection = None;
        }
    }

    /// Closes the connections that have exceeded a time limit.
    fn close_overdue(&self) {
        let now = Instant::now();
        self.close_where(|connection| connection.is_overdue(self, now));
    }

    /// Closes the connections that have no response to send.
    fn close_unused(&self) {
        self.close_where(|connection| connection.is_unused());
    }

    /// Closes connections. A connection that a thread is working on is left out.
    fn close_where(&self, mut is_closed: impl FnMut(&mut Connection) -> bool) {
        for slot in &self.slots {
            let Ok(mut slot) = slot.try_lock() else { continue };
            if let Some(connection) = &mut slot.connection
                && is_closed(connection)
            {
                slot.close();
            }
        }
    }

    /// Closes the connection that does least, or the connection of this client that does least. Returns `false` if no
    /// connection can be closed. After `true`, the caller checks again, because a thread may have continued with the
    /// connection.
    fn make_room(&self, client: Option<IpAddr>) -> bool {
        let now = Instant::now();
        let mut least: Option<(Priority, usize)> = None;
        for (index, slot) in self.slots.iter().enumerate() {
            let Ok(slot) = slot.try_lock() else { continue };
            let Some(connection) = &slot.connection else { continue };
            if let Some(client) = client
                && client != connection.client()
            {
                continue;
            }
            let Some(priority) = connection.priority(now) else { continue };
            match least {
                Some((lower, _)) if priority >= lower => {}
                _ => least = Some((priority, index)),
            }
        }
        let Some((priority, index)) = least else { return false };
        // A thread that works on a connection keeps its slot locked, and the accept loop must not wait for the thread.
        let Ok(mut slot) = self.slots[index].try_lock() else { return true };
        match &slot.connection {
            Some(connection) if connection.priority(now) == Some(priority) => slot.close(),
            _ => {}
        }
        true
    }
}

/// Returns the events to wait for. Each event is delivered once, so that one thread works on a connection at a time.
fn flags(next: Next) -> Option<epoll::EventFlags> {
    match next {
        Next::Readable => Some(epoll::EventFlags::IN | epoll::EventFlags::ONESHOT),
        Next::Writable => Some(epoll::EventFlags::OUT | epoll::EventFlags::ONESHOT),
        Next::Close => None,
    }
}

/// Returns the number by which an event names its connection.
fn event_data(index: usize, generation: u32) -> u64 {
    (index as u64) << 32 | u64::from(generation)
}

#[expect(clippy::cast_possible_truncation, reason = "each half has 32 bits")]
fn parts(data: u64) -> (usize, u32) {
    ((data >> 32) as usize, data as u32)
}
