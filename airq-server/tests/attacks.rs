//! Attacks on the server, bare and behind the proxy of `ops/nginx`. During each attack, innocent clients are served in time,
//! memory stays flat, and afterwards threads and descriptors are as before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::proxy::Proxy;
use common::siege::{all_answered, attacker, attackers, hold, statuses};
use common::{Reply, Server, Simulated, hostile};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A request for an answer of 2 MB.
const LARGE: &[u8] = b"GET /v1/air_quality?limit=100000&format=records HTTP/1.1\r\nHost: x\r\n\r\n";

const CITIES: &[u8] = b"GET /v1/cities HTTP/1.1\r\nHost: x\r\n\r\n";

/// The memory limit of nginx in `ops/compose.yaml`, in KiB.
const PROXY_MEMORY: u64 = 128 * 1024;

/// Defines two tests for each attack, a function of the attacked address.
macro_rules! attacks {
    ($($name:ident),* $(,)?) => {
        mod bare {
            $(#[test] fn $name() { super::hold_bare(super::$name); })*
        }
        mod behind_nginx {
            $(#[test] fn $name() { super::hold_behind_nginx(super::$name); })*
        }
    };
}

attacks! {
    huge_content_lengths,
    bodies_that_are_never_sent,
    bursts_of_kept_connections,
    later_versions,
    an_endless_header_line,
    endless_header_lines,
    pipelined_requests_that_are_never_read,
    clients_that_send_a_byte_a_second,
    smuggled_requests,
    resets_in_the_middle_of_an_answer,
    eight_readers_that_stall,
    readers_that_stall,
    weights_that_are_not_numbers,
    half_heads,
    idle_connections,
}

fn hold_bare(attack: fn(SocketAddr)) {
    let file = Simulated::rows(12_000);
    let server = Server::start(&["--source", file.path()]);
    hold(&server, server.api, || attack(server.api));
}

fn hold_behind_nginx(attack: fn(SocketAddr)) {
    let file = Simulated::rows(12_000);
    let server = Server::start(&["--source", file.path()]);
    let proxy = Proxy::start(&[server.api]);
    hold(&server, proxy.address, || attack(proxy.address));
    assert!(proxy.peak_memory() < PROXY_MEMORY, "nginx took {} KiB", proxy.peak_memory());
}

fn huge_content_lengths(address: SocketAddr) {
    for _ in 0..20 {
        let mut stream = attacker(address);
        stream.write_all(b"GET /v1/cities HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n").unwrap();
        assert!(matches!(Reply::read(&mut stream, false).status, 200 | 413));
    }
}

fn bodies_that_are_never_sent(address: SocketAddr) {
    let request = b"GET /v1/cities HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
    let mut streams = attackers(address, 64, request);
    thread::sleep(Duration::from_secs(2));
    for stream in &mut streams {
        // The proxy waits for the body and then closes the connection.
        let statuses = statuses(stream);
        assert!(statuses.is_empty() || statuses == ["200"], "{statuses:?}");
    }
}

fn bursts_of_kept_connections(address: SocketAddr) {
    for number in [8, 64, 200] {
        let mut streams: Vec<_> = (0..number).map(|_| attacker(address)).collect();
        for _ in 0..3 {
            for stream in &mut streams {
                stream.write_all(b"GET /v1/latest HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            }
            all_answered(&mut streams, 200);
        }
    }
}

fn later_versions(address: SocketAddr) {
    let mut streams = attackers(address, 306, b"GET /v1/cities HTTP/2.0\r\nHost: x\r\n\r\n");
    for stream in &mut streams {
        assert_eq!(statuses(stream), ["505"]);
    }
}

fn an_endless_header_line(address: SocketAddr) {
    let mut stream = attacker(address);
    stream.write_all(b"GET /v1/cities HTTP/1.1\r\nHost: x\r\nX: ").unwrap();
    let piece = vec![b'x'; 1 << 20];
    send_until_refused(&mut stream, &piece, 300);
}

fn endless_header_lines(address: SocketAddr) {
    let mut stream = attacker(address);
    stream.write_all(b"GET /v1/cities HTTP/1.1\r\nHost: x\r\n").unwrap();
    let piece = b"X-Header: value\r\n".repeat(1 << 16);
    send_until_refused(&mut stream, &piece, 100);
}

/// Sends a piece this number of times, or until the server closes the connection. A proxy may discard the rest instead.
fn send_until_refused(stream: &mut TcpStream, piece: &[u8], times: usize) {
    let sent = (0..times).take_while(|_| stream.write_all(piece).is_ok()).count();
    let statuses = statuses(stream);
    assert!(sent < times || statuses == ["400"], "{sent} pieces, {statuses:?}");
}

fn pipelined_requests_that_are_never_read(address: SocketAddr) {
    let streams = attackers(address, 32, &LARGE.repeat(500));
    thread::sleep(Duration::from_secs(3));
    drop(streams);
}

fn clients_that_send_a_byte_a_second(address: SocketAddr) {
    let mut streams = attackers(address, 300, b"");
    for byte in b"GET /v1/" {
        for stream in &mut streams {
            let _ = stream.write_all(&[*byte]);
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Sends requests whose framing is ambiguous, so that two programs may disagree where they end.
fn smuggled_requests(address: SocketAddr) {
    let hidden = "GET /v1/stations HTTP/1.1\r\nHost: hidden\r\n\r\n";
    for framing in hostile::ambiguous_framings(hidden.len()) {
        let mut stream = attacker(address);
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let request = format!("GET /v1/cities HTTP/1.1\r\nHost: x\r\n{framing}\r\n{hidden}");
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        // Where the framing says nothing of a body, a proxy takes the hidden bytes for the next request of the same client.
        let is_next_request = framing.starts_with("Content_Length");
        assert!(is_next_request || answer.matches("HTTP/1.1 ").count() <= 1, "{framing:?}: {answer}");
        assert!(is_next_request || !answer.contains("\"stations\":[{\"id\""), "{framing:?}: {answer}");
    }
}

fn resets_in_the_middle_of_an_answer(address: SocketAddr) {
    for mut stream in attackers(address, 30, LARGE) {
        // Bytes that are not read reset the connection when it is closed.
        stream.read_exact(&mut [0; 1000]).unwrap();
    }
}

fn eight_readers_that_stall(address: SocketAddr) {
    stall(address, 8);
}

fn readers_that_stall(address: SocketAddr) {
    stall(address, 256);
}

fn stall(address: SocketAddr, number: usize) {
    let streams = attackers(address, number, LARGE);
    thread::sleep(Duration::from_secs(5));
    drop(streams);
}

fn weights_that_are_not_numbers(address: SocketAddr) {
    let weights = hostile::invalid_weights();
    let request = format!("GET /v1/cities HTTP/1.1\r\nHost: x\r\nTE: {weights}\r\n\r\n");
    all_answered(&mut attackers(address, 50, request.as_bytes()), 200);
}

fn half_heads(address: SocketAddr) {
    let streams = attackers(address, 385, b"GET /v1/cities HTTP/1.1\r\nHost: ");
    thread::sleep(Duration::from_secs(5));
    drop(streams);
}

fn idle_connections(address: SocketAddr) {
    let streams = attackers(address, 1000, b"");
    thread::sleep(Duration::from_secs(5));
    drop(streams);
}

#[test]
fn thousands_of_half_heads_behind_nginx() {
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    hold(&server, proxy.address, || {
        let streams = attackers(proxy.address, 4500, b"GET /v1/cities HTTP/1.1\r\nHost: ");
        thread::sleep(Duration::from_secs(3));
        drop(streams);
    });
    assert!(proxy.peak_memory() < PROXY_MEMORY, "nginx took {} KiB", proxy.peak_memory());
}

#[test]
fn ten_thousand_idle_connections() {
    let server = Server::start(&["--connections", "12000", "--connections-per-client", "12000"]);
    hold(&server, server.api, || {
        let mut streams = attackers(server.api, 10_000, b"");
        thread::sleep(Duration::from_secs(2));
        for stream in streams.iter_mut().step_by(100) {
            stream.write_all(b"GET /v1/cities HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            assert_eq!(Reply::read(stream, false).status, 200);
        }
    });
}

#[test]
fn readers_that_stall_are_disconnected() {
    let file = Simulated::rows(12_000);
    let server = Server::start(&["--source", file.path(), "--send-floor", "100000"]);
    let mut streams = attackers(server.api, 8, LARGE);
    let began = Instant::now();
    thread::sleep(Duration::from_secs(11));
    for stream in &mut streams {
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer);
        assert!(end.is_err() || answer.len() < 2_000_000, "{end:?} after {} bytes", answer.len());
    }
    assert!(began.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_head_that_is_not_complete_in_time_is_answered_by_408() {
    let server = Server::start(&["--head-timeout", "1"]);
    let mut stream = server.connect();
    stream.write_all(b"GET /v1/cities HTTP/1.1\r\n").unwrap();
    let began = Instant::now();
    let reply = Reply::read(&mut stream, false);
    assert_eq!((reply.status, reply.header("Connection")), (408, Some("close")));
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&began.elapsed()));
}

#[test]
fn a_client_has_a_share_of_the_connections() {
    let server = Server::start(&["--connections", "8"]);
    // Each waits for the rest of a head, so none is idle.
    let streams = attackers(server.api, 2, b"GET /v1/cities HTTP/1.1\r\n");
    let mut third = attacker(server.api);
    let reply = Reply::read(&mut third, false);
    assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("1")));
    assert_eq!(reply.json()["type"], "/problems/too-many-connections");
    assert!(server.serves(), "another client is served");
    drop(streams);
}

#[test]
fn a_client_that_connects_again_and_again_keeps_its_share_of_the_connections() {
    let server = Server::start(&["--connections", "16", "--connections-per-client", "2"]);
    // The time without progress after which a connection may be closed has not passed, so each further connection is refused.
    let mut streams = attackers(server.api, 14, b"GET /v1/cities HTTP/1.1\r\n");
    thread::sleep(Duration::from_millis(300));
    let mut open = 0;
    for stream in &mut streams {
        stream.set_nonblocking(true).unwrap();
        open += usize::from(stream.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    }
    assert_eq!(open, 2);
}

#[test]
fn a_connection_more_than_allowed_takes_the_place_of_one_that_waits_longest() {
    let server = Server::start(&["--connections", "16", "--connections-per-client", "16"]);
    hold(&server, server.api, || {
        let mut streams = attackers(server.api, 17, b"GET /v1/cities HTTP/1.1\r\n");
        thread::sleep(Duration::from_secs(2));
        let mut closed = 0;
        for stream in &mut streams {
            stream.set_nonblocking(true).unwrap();
            closed += u32::from(matches!(stream.read(&mut [0]), Ok(0)));
        }
        assert!(closed > 0, "some were closed for innocent clients");
    });
}

#[test]
fn a_request_more_than_a_client_may_have_is_refused_behind_nginx() {
    /// `limit_conn client` of `ops/nginx`.
    const ALLOWED: usize = 200;
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    hold(&server, proxy.address, || {
        // The proxy waits for a body, and meanwhile the request counts.
        let request = b"GET /v1/cities HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
        let waiting = attackers(proxy.address, ALLOWED, request);
        thread::sleep(Duration::from_secs(1));
        let mut another = attacker(proxy.address);
        another.write_all(CITIES).unwrap();
        let reply = Reply::read(&mut another, false);
        assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("1")));
        assert_eq!(reply.header("Content-Type"), Some("application/problem+json"));
        drop(waiting);
    });
}

/// Starts a server that may have this number of descriptors.
fn start_with_descriptors(limit: u32, flags: &str) -> Server {
    let mut command = Command::new("sh");
    let server = env!("CARGO_BIN_EXE_airq-server");
    let serve = format!("ulimit -n {limit}; exec '{server}' --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 {flags}");
    command.args(["-c", &serve]);
    Server::spawn(command)
}

#[test]
fn with_few_descriptors_connections_take_turns() {
    for limit in [64, 65] {
        let server = start_with_descriptors(limit, "");
        hold(&server, server.api, || {
            let mut streams: Vec<_> = (0..100).map(|_| attacker(server.api)).collect();
            thread::sleep(Duration::from_secs(2));
            let mut answers = 0;
            for stream in &mut streams {
                let _ = stream.write_all(b"GET /v1/cities HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                answers += statuses(stream).len();
            }
            assert!(answers > 0);
        });
    }
}

#[test]
fn with_few_descriptors_requests_take_turns_behind_nginx() {
    for limit in [64, 65] {
        let server = start_with_descriptors(limit, "--connections-per-client 64");
        let proxy = Proxy::start(&[server.api]);
        hold(&server, proxy.address, || {
            let mut streams: Vec<_> = (0..100).map(|_| attacker(proxy.address)).collect();
            for _ in 0..20 {
                for stream in &mut streams {
                    stream.write_all(CITIES).unwrap();
                }
                all_answered(&mut streams, 200);
            }
        });
    }
}

#[test]
fn a_request_that_was_read_is_answered_after_sigterm() {
    answer_after_sigterm(|server| (server.api, None));
}

#[test]
fn a_request_that_was_read_is_answered_after_sigterm_behind_nginx() {
    answer_after_sigterm(|server| {
        let proxy = Proxy::start(&[server.api]);
        (proxy.address, Some(proxy))
    });
}

/// Ends the server in the middle of an answer to a client of the address that `front` returns.
fn answer_after_sigterm(front: fn(&Server) -> (SocketAddr, Option<Proxy>)) {
    let file = Simulated::rows(12_000);
    let mut server = Server::start(&["--source", file.path()]);
    let (address, _proxy) = front(&server);
    let whole = server.get("/v1/air_quality?limit=100000&format=records").body;
    let mut stream = common::connect(address);
    stream.write_all(LARGE).unwrap();
    let mut start = vec![0; 100_000];
    stream.read_exact(&mut start).unwrap();
    server.signal("TERM");
    server.log_line("stopping");
    thread::sleep(Duration::from_millis(300));
    let mut reader = start.as_slice().chain(stream);
    let reply = Reply::read(&mut reader, false);
    assert!(reply.status == 200 && reply.body == whole, "{} bytes of {}", reply.body.len(), whole.len());
    drop(reader);
    assert!(server.wait(Duration::from_secs(5)).success());
}
