//! A server under attack: innocent clients that must be served, and what the attack costs the server.

use super::{Reply, Server, process_status};
use rustix::net::{self, AddressFamily, SocketFlags, SocketType};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The longest time in which an innocent client must be served.
const SERVED_WITHIN: Duration = Duration::from_secs(1);
/// The memory that an attack may cost, in KiB.
const MEMORY: u64 = 32 * 1024;
/// The time in which threads and descriptors must be back to the numbers before the attack.
const BACK_WITHIN: Duration = Duration::from_secs(15);

/// The connections that the proxy keeps to the server after the last request: 16 of each of its two workers.
const KEPT_BY_PROXY: usize = 32;

/// Sieges measure times, so they run one after the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Attacks a server while innocent clients ask for `/v1/cities` at `address`, and checks that all of them are served in time,
/// that memory stays flat, and that threads and descriptors are given back.
pub(crate) fn hold(server: &Server, address: SocketAddr, attack: impl FnOnce() + Send) {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    for _ in 0..50 {
        innocent(address);
    }
    let idle = Usage::of(server.id());
    let done = AtomicBool::new(false);
    let (longest, peak) = thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            let mut peak = idle.memory;
            while !done.load(Ordering::Relaxed) {
                longest = longest.max(innocent(address));
                peak = peak.max(Usage::of(server.id()).memory);
                thread::sleep(Duration::from_millis(20));
            }
            (longest, peak)
        });
        let ended = Ended(&done);
        attack();
        drop(ended);
        asking.join().unwrap()
    });
    assert!(longest < SERVED_WITHIN, "an innocent client waited {longest:?}");
    let grown = peak.saturating_sub(idle.memory);
    assert!(grown < MEMORY, "memory grew by {grown} KiB");
    let kept = if address == server.api { 0 } else { KEPT_BY_PROXY };
    let began = Instant::now();
    loop {
        let now = Usage::of(server.id());
        if now.threads <= idle.threads && now.descriptors <= idle.descriptors + kept {
            break;
        }
        assert!(began.elapsed() < BACK_WITHIN, "before the attack {idle:?}, and after it {now:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// Asks as an innocent client and returns the time it took.
fn innocent(address: SocketAddr) -> Duration {
    let began = Instant::now();
    assert_eq!(super::get(address, "/v1/cities", "").status, 200);
    began.elapsed()
}

/// Raises its flag when it is dropped, also by a panic: threads that wait for the flag must not wait forever.
pub(crate) struct Ended<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The resources that a process uses.
#[derive(Debug)]
struct Usage {
    /// Resident memory in KiB.
    memory: u64,
    threads: u64,
    descriptors: usize,
}

impl Usage {
    fn of(pid: u32) -> Usage {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
        Usage { memory: process_status(pid, "VmRSS:"), threads: process_status(pid, "Threads:"), descriptors }
    }
}

/// Connects as an attacker, from an address of the attacker's own.
pub(crate) fn attacker(address: SocketAddr) -> TcpStream {
    let socket = net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).unwrap();
    net::bind(&socket, &SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0))).unwrap();
    net::connect(&socket, &address).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    stream
}

/// Connects a number of attackers that each send these bytes and keep their connections.
pub(crate) fn attackers(address: SocketAddr, number: usize, bytes: &[u8]) -> Vec<TcpStream> {
    let mut streams: Vec<_> = (0..number).map(|_| attacker(address)).collect();
    for stream in &mut streams {
        // The server may have closed the connection to make room.
        let _ = stream.write_all(bytes);
    }
    streams
}

/// Reads one response of each connection and checks the status.
pub(crate) fn all_answered(streams: &mut [TcpStream], status: u16) {
    for stream in streams {
        assert_eq!(Reply::read(stream, false).status, status);
    }
}

/// Reads until the end and returns the statuses of the responses.
pub(crate) fn statuses(stream: &mut TcpStream) -> Vec<String> {
    let mut bytes = Vec::new();
    // A reset after the response is an end.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    text.split("HTTP/1.1 ").skip(1).map(|response| response[..3].to_owned()).collect()
}
