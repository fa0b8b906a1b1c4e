//! A file by its URL as a live API: a real nginx whose file changes and that fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::{WebMood, WebServer};
use common::{Reply, Server, get};
use std::time::{Duration, Instant};

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} within 30 s");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_citys_own_file_is_a_live_api() {
    let web = WebServer::start().unwrap();
    web.write("today.csv", b"time,station,no2\n2016-10-01 01:00,a,1.5\n").unwrap();
    let source = format!("csv:{}?refresh=1s&city=Springfield", web.url("today.csv"));
    let server = Server::start(&["--source", &source]);
    let rows = || text(&server.get("/v1/air_quality?city=springfield&format=ndjson")).lines().count();
    let is_outdated = || {
        let metrics = text(&get(server.admin, "/metrics", ""));
        metrics.lines().any(|line| line.starts_with("airq_data_set_outdated") && line.ends_with(" 1"))
    };
    assert_eq!(rows(), 1);

    web.write("today.csv", b"time,station,no2\n2016-10-01 01:00,a,1.5\n2016-10-01 02:00,a,2.25\n").unwrap();
    wait_for("the new row is served", || rows() == 2);

    web.set_mood(WebMood::Fails).unwrap();
    let line = server.log_line("the last copy of a file stays in use");
    assert!(line.contains("answered 500") && line.contains("/today.csv"), "{line}");
    wait_for("the metric tells of it", is_outdated);
    assert_eq!(rows(), 2);

    web.set_mood(WebMood::Fine).unwrap();
    server.log_line("can be fetched again");
    wait_for("the metric tells of the recovery", || !is_outdated());
}
