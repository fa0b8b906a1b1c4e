//! Pages while an import runs: whoever follows `Link` to the end has every row that was there from the beginning, once.
//!
//! A cursor is the last row's own key, so it holds in every state of the data: each page is of the data set that is current
//! when it is asked for (`X-Data-Set-Version` says which), and what comes or goes before the cursor shifts nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::import::Database;
use airq_core::testing::servers::{PostgresServer, RedisServer};
use common::{Reply, Server};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: &str = "/v1/air_quality?format=csv&limit=60";
const WHOLE: &str = "/v1/air_quality?format=csv&limit=100000";

/// Rows of twenty stations, `step` minutes apart, each with this value.
fn rows(stations: &str, first: u32, step: u32, value: u32) -> String {
    let mut csv = String::from("station,time,no2\n");
    for station in 0..20 {
        for minute in (first..600).step_by(step as usize) {
            let (hour, minute) = (minute / 60, minute % 60);
            writeln!(csv, "{stations}{station:02},2016-10-01T{hour:02}:{minute:02}:00Z,{value}").unwrap();
        }
    }
    csv
}

/// The rows of a page, without its header.
fn lines(page: &Reply) -> Vec<String> {
    let body = std::str::from_utf8(&page.body).unwrap();
    body.lines().skip(1).map(str::to_owned).collect()
}

/// The station and the time of a row.
fn key(row: &str) -> (String, String) {
    let mut cells = row.split(',').map(str::to_owned);
    (cells.next().unwrap(), cells.next().unwrap())
}

fn next(page: &Reply) -> Option<String> {
    let link = page.header("Link")?;
    Some(format!("/v1/air_quality{}", link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?))
}

/// All rows by following the links, and the data sets they are of.
fn followed(server: &Server, pause: Duration) -> (Vec<String>, BTreeSet<String>) {
    let (mut all, mut versions, mut target) = (Vec::new(), BTreeSet::new(), Some(PAGE.to_owned()));
    while let Some(here) = target {
        let page = server.get(&here);
        assert_eq!(page.status, 200, "{here}: {}", String::from_utf8_lossy(&page.body));
        versions.insert(page.header("X-Data-Set-Version").unwrap().to_owned());
        all.extend(lines(&page));
        target = next(&page);
        thread::sleep(pause);
    }
    (all, versions)
}

fn whole(server: &Server) -> Vec<String> {
    lines(&server.get(WHOLE))
}

/// Waits until answers are of the newest data set: the server checks once a second for a new one.
fn wait_for_the_newest(server: &Server) {
    let newest = server.get("/v1/dataset").header("X-Data-Set-Version").unwrap().to_owned();
    let began = Instant::now();
    while server.get(WHOLE).header("X-Data-Set-Version") != Some(&newest) {
        assert!(began.elapsed() < Duration::from_secs(5), "{newest} does not show");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Imports until told to stop: stations before, between and behind the others, times between, and corrected values.
fn import_until(done: &AtomicBool, url: &str) -> u32 {
    let mut count = 0;
    while !done.load(Ordering::Relaxed) {
        count += 1;
        common::import(url, rows(["a", "s1", "z"][count as usize % 3], count, 50, count));
        common::import(url, rows("s", 1 + count % 9, 20, count));
        common::import(url, rows("s", 0, 10, 1000 + count));
    }
    count
}

#[test]
fn pages_followed_while_an_import_runs_have_every_row_of_before_once_and_in_order() {
    let (postgres, redis) = (PostgresServer::start().unwrap(), RedisServer::start().unwrap());
    let url = postgres.create_database("airq").unwrap();
    Database::at(&url).unwrap().migrate().unwrap();
    common::import(&url, rows("s", 0, 10, 1000));
    let server = Server::start(&["--source", &url, "--cache", &redis.url()]);
    let before = whole(&server);
    assert_eq!(before.len(), 20 * 60);
    assert_eq!(followed(&server, Duration::ZERO).0, before, "at rest the pages are the whole answer, byte for byte");

    let done = AtomicBool::new(false);
    let (pages, versions) = thread::scope(|scope| {
        let importing = scope.spawn(|| import_until(&done, &url));
        let followed = followed(&server, Duration::from_millis(60));
        done.store(true, Ordering::Relaxed);
        assert!(importing.join().unwrap() > 1);
        followed
    });
    assert!(versions.len() > 2, "the data set moved on while pages were read: {versions:?}");
    let keys: Vec<_> = pages.iter().map(|row| key(row)).collect();
    assert!(keys.is_sorted_by(|one, other| one < other), "in order, none twice");
    let seen: BTreeSet<_> = keys.into_iter().collect();
    let of_before: BTreeSet<_> = before.iter().map(|row| key(row)).collect();
    assert!(of_before.is_subset(&seen), "none of before is missing: {:?}", of_before.difference(&seen).next());
    assert!(seen.len() > of_before.len(), "and some of what came meanwhile is there");

    wait_for_the_newest(&server);
    let after = whole(&server);
    assert!(seen.is_subset(&after.iter().map(|row| key(row)).collect()), "nothing that never was");
    assert_eq!(followed(&server, Duration::ZERO).0, after, "at rest again");
}
