//! Four processes with 64 threads each that all miss one answer: with a Redis it is made once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod counted;

use airq_core::testing::servers::RedisServer;
use airq_core::{Format, Query};
use counted::{Counted, Memory, engine};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PROCESSES: usize = 4;
const THREADS: usize = 64;
/// Names the cache to a process that this test starts of itself, and the second in which to begin.
const TOLD: &str = "AIRQ_TEST_REDIS_PROCESSES";

#[test]
fn an_answer_that_four_processes_miss_is_made_once_with_redis_and_four_times_without() {
    if let Ok(told) = std::env::var(TOLD) {
        return be_one_of_them(&told);
    }
    let server = RedisServer::start().unwrap();
    let with = all_loads(&server.url());
    let without = all_loads("memory:");
    eprintln!("{PROCESSES} processes with {THREADS} threads each: loads {with:?} with Redis, {without:?} without");
    assert_eq!(with.iter().sum::<u32>(), 1, "with Redis: {with:?}");
    assert_eq!(without, [1; PROCESSES], "without");

    let server = RedisServer::start().unwrap();
    let loads = all_loads(&format!("{}?memory=0", server.url()));
    assert_eq!(loads.iter().sum::<u32>(), 1, "with Redis and no memory: {loads:?}");
    let left = server.command(&["KEYS", "airq:lock:*"]).unwrap();
    assert_eq!(left, "", "the right was given back");
}

/// Starts the processes and gives the loads of each.
fn all_loads(cache: &str) -> Vec<u32> {
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_millis(500);
    let told = format!("{} {cache}", start.as_millis());
    let one = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "an_answer_that_four_processes_miss_is_made_once_with_redis_and_four_times_without"])
            .arg("--nocapture")
            .env(TOLD, &told)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..PROCESSES).map(|_| one()).collect();
    children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{text}");
            let loads = text.split("loads=").nth(1).unwrap_or_else(|| panic!("it tells its loads: {text}"));
            loads.split(';').next().unwrap().parse().unwrap()
        })
        .collect()
}

fn be_one_of_them(told: &str) {
    let (start, cache) = told.split_once(' ').unwrap();
    let repository = Counted::new(Duration::from_millis(100));
    let airq = engine(&repository, cache, &Memory::default());
    airq.stations().unwrap();
    let start = UNIX_EPOCH + Duration::from_millis(start.parse().unwrap());
    thread::sleep(start.duration_since(SystemTime::now()).unwrap_or_default());
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                let query = Query::builder().city("Madrid").build().unwrap();
                assert!(airq.answer(&query, Format::Json).unwrap().row_count() > 0);
            });
        }
    });
    std::io::stdout().write_all(format!("loads={};", repository.loads()).as_bytes()).unwrap();
}
