//! The memory of the server while clients ask for large answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::{Reply, Server, Simulated, process_status};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

const MIB: u64 = 1024;

/// Asks for an answer of about 15 MB that is different for each number.
fn large(server: &Server, number: usize) -> Reply {
    server.get(&format!("/v1/air_quality?format=records&limit={}", 80_000 - number))
}

#[test]
fn large_answers_at_once_stay_within_the_budget_and_those_in_excess_are_told_to_come_back() {
    let file = Simulated::rows(80_000);
    let flags = ["--source", file.path(), "--memory-budget", "48MiB", "--cache", "memory:16MiB"];
    let server = Server::start(&flags);
    assert_eq!(large(&server, 100).status, 200);
    let idle = process_status(server.id(), "VmRSS:");
    let refused: usize = thread::scope(|scope| {
        let mut clients = Vec::new();
        for number in 0..16 {
            let server = &server;
            clients.push(scope.spawn(move || ask_until_served(server, number)));
        }
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    let grown = process_status(server.id(), "VmHWM:").saturating_sub(idle);
    assert!(grown < (48 + 16 + 32) * MIB, "{grown} KiB more than before, and {refused} answers were refused");
}

#[test]
fn six_large_answers_at_once_do_not_end_a_cache_tier_in_a_container_of_256_mib() {
    let file = Simulated::rows(80_000);
    let upstream = Server::start(&["--source", file.path()]);
    let source = format!("http://{}", upstream.api);
    // The memory of compose.yaml: the budget is a quarter of the container's limit.
    let tier = Server::start(&["--source", &source, "--cache", "memory:64MiB", "--memory-budget", "64MiB"]);
    thread::scope(|scope| {
        for number in 0..6 {
            let tier = &tier;
            scope.spawn(move || ask_until_served(tier, number));
        }
    });
    let peak = process_status(tier.id(), "VmHWM:");
    assert!(peak < 192 * MIB, "{peak} KiB");
}

/// Asks until the answer comes, as `Retry-After` says. Returns how often it was refused.
fn ask_until_served(server: &Server, number: usize) -> usize {
    for refused in 0..60 {
        let reply = large(server, number);
        if reply.status == 200 {
            assert!(reply.body.len() > 10_000_000, "{} bytes", reply.body.len());
            return refused;
        }
        assert_eq!((reply.status, reply.header("Retry-After")), (503, Some("1")));
        assert_eq!(reply.json()["type"], "/problems/overloaded");
        thread::sleep(Duration::from_secs(1));
    }
    panic!("never served");
}

#[test]
fn answers_that_nobody_reads_count_and_small_ones_are_served_meanwhile() {
    let file = Simulated::rows(80_000);
    let flags = ["--source", file.path(), "--memory-budget", "48MiB", "--cache", "none:"];
    let server = Server::start(&flags);
    assert_eq!(large(&server, 100).status, 200);
    let idle = process_status(server.id(), "VmRSS:");
    let mut stalled: Vec<TcpStream> = Vec::new();
    for number in 0..8 {
        let mut stream = server.connect();
        write!(stream, "GET /v1/air_quality?format=records&limit={} HTTP/1.1\r\nHost: x\r\n\r\n", 80_000 - number)
            .unwrap();
        stalled.push(stream);
    }
    thread::sleep(Duration::from_secs(4));
    assert_eq!(server.get("/v1/air_quality?limit=10").status, 200);
    let grown = process_status(server.id(), "VmHWM:").saturating_sub(idle);
    assert!(grown < (48 + 32) * MIB, "{grown} KiB more than before");
    let refused = stalled.iter().filter(|stream| is_refused(stream)).count();
    assert!(refused >= 4, "the answers that were not read use the memory");
    drop(stalled);
    thread::sleep(Duration::from_secs(1));
    assert_eq!(large(&server, 200).status, 200, "the memory is free again");
}

/// Reads the status of the response.
fn is_refused(mut stream: &TcpStream) -> bool {
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    &start == b"HTTP/1.1 503"
}
