//! A Redis that is stopped, killed or frozen under a steady load: no request fails or waits long, and all heals by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod counted;

use airq_core::cache::CacheStatus;
use airq_core::testing::Clock;
use airq_core::testing::servers::RedisServer;
use airq_core::{Airq, Format, Query};
use counted::{Counted, Memory, builder};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const LONGEST_WAIT: Duration = Duration::from_millis(2_500);
const HEALED_WITHIN: Duration = Duration::from_secs(5);
/// The pause of the breaker after failures in a row.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Stop,
    Kill,
    Freeze,
}

/// What a steady load came to.
#[derive(Debug, Default)]
struct Load {
    over: AtomicBool,
    answers: AtomicU32,
    /// Answers that Redis gave.
    from_redis: AtomicU32,
    slowest: Mutex<Duration>,
}

impl Load {
    /// Asks for a few answers over and over, and now and then for a new one.
    fn run(&self, airq: &Airq, thread: u64) {
        let mut turn = 0;
        while !self.over.load(Ordering::SeqCst) {
            turn += 1;
            let limit = if turn % 50 == 0 { thread * 1_000 + turn / 50 % 1_000 + 10 } else { turn % 5 + 1 };
            let query = Query::builder().city("Madrid").limit(limit).build().unwrap();
            let began = Instant::now();
            let answer = airq.answer(&query, Format::Json).expect("no request fails");
            let mut slowest = self.slowest.lock().unwrap();
            *slowest = began.elapsed().max(*slowest);
            drop(slowest);
            self.answers.fetch_add(1, Ordering::SeqCst);
            if answer.status() == CacheStatus::Hit && answer.tier() == Some("redis") {
                self.from_redis.fetch_add(1, Ordering::SeqCst);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn wait_for_redis(&self) -> Duration {
        let (before, began) = (self.from_redis.load(Ordering::SeqCst), Instant::now());
        while self.from_redis.load(Ordering::SeqCst) == before {
            assert!(began.elapsed() < HEALED_WITHIN, "Redis is not used again");
            thread::sleep(Duration::from_millis(5));
        }
        began.elapsed()
    }
}

/// Runs a load while the fault strikes. The fault lasts for four pauses of the breaker and for many of Redis' time limits.
fn outage(fault: Fault, settings: &str) {
    let mut server = RedisServer::start().unwrap();
    let (memory, clock) = (Memory::default(), Clock::default());
    let url = format!("{}{settings}", server.url());
    let builder = builder(&Counted::new(Duration::from_millis(5)), &url, &memory);
    let airq = builder.clock(clock.clone()).build().unwrap();
    let load = Load::default();
    thread::scope(|scope| {
        // More threads than the pool has connections.
        for thread in 0..24 {
            let (load, airq) = (&load, &airq);
            scope.spawn(move || load.run(airq, thread));
        }
        // Whatever fails in here, the load comes to its end.
        let over = Over(&load);
        load.wait_for_redis();
        let struck = match fault {
            Fault::Stop => server.stop(),
            Fault::Kill => server.kill(),
            Fault::Freeze => server.freeze(),
        };
        struck.unwrap();
        for _ in 0..4 {
            // The limits of a frozen Redis are of real time.
            thread::sleep(Duration::from_millis(500));
            clock.advance(PAUSE);
        }
        let before = load.answers.load(Ordering::SeqCst);
        if fault == Fault::Freeze {
            server.thaw().unwrap();
        } else {
            server.restart().unwrap();
        }
        clock.advance(PAUSE);
        let healed = load.wait_for_redis();
        let slowest = *load.slowest.lock().unwrap();
        eprintln!(
            "{fault:?} {settings:?}: {before} answers until it returned, the slowest {slowest:?}, healed after {healed:?}"
        );
        drop(over);
    });
    assert!(*load.slowest.lock().unwrap() < LONGEST_WAIT, "{load:?}");
    assert!(memory.count("first failed") <= 3, "told once a change of state: {:?}", memory.count("first failed"));
    assert!(memory.count("failed") < 60, "the breaker leaves it alone: {}", memory.count("failed"));
}

struct Over<'a>(&'a Load);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_redis_that_is_stopped() {
    outage(Fault::Stop, "?memory=0");
}

#[test]
fn a_redis_that_is_killed() {
    outage(Fault::Kill, "?memory=0");
}

#[test]
fn a_redis_that_is_frozen() {
    outage(Fault::Freeze, "?memory=0");
}

#[test]
fn a_redis_behind_memory_that_is_frozen() {
    outage(Fault::Freeze, "");
}

#[test]
fn while_redis_is_away_memory_serves_what_it_has() {
    let (mut server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let repository = Counted::new(Duration::ZERO);
    let builder = builder(&repository, &server.url(), &Memory::default());
    let airq = builder.clock(clock.clone()).build().unwrap();
    let query = Query::builder().city("Madrid").build().unwrap();
    airq.answer(&query, Format::Json).unwrap();
    server.kill().unwrap();
    for _ in 0..100 {
        let answer = airq.answer(&query, Format::Json).unwrap();
        assert_eq!((answer.status(), answer.tier()), (CacheStatus::Hit, Some("memory")));
        clock.advance(Duration::from_millis(100));
    }
    assert_eq!(repository.loads(), 1, "an outage of the cache is no flood for the repository");
}
