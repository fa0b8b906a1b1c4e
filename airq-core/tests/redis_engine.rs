//! The engine with a Redis: what is asked of it, who answers, and how soon news show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod counted;

use airq_core::cache::CacheStatus;
use airq_core::testing::Clock;
use airq_core::testing::servers::RedisServer;
use airq_core::{Format, Query};
use counted::{Counted, Memory, builder, engine};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn madrid() -> Query {
    Query::builder().city("Madrid").build().unwrap()
}

/// How often Redis was asked this command.
fn calls(server: &RedisServer, command: &str) -> u64 {
    let stats = server.command(&["INFO", "commandstats"]).unwrap();
    let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    line.map_or(0, |rest| rest.split(',').next().unwrap().parse().unwrap())
}

#[test]
fn an_answer_made_by_one_engine_is_a_hit_for_another() {
    let server = RedisServer::start().unwrap();
    let repository = Counted::new(Duration::ZERO);
    let (one, two) = (
        engine(&repository, &server.url(), &Memory::default()),
        engine(&repository, &server.url(), &Memory::default()),
    );
    let made = one.answer(&madrid(), Format::Json).unwrap();
    assert_eq!((made.status(), made.tier()), (CacheStatus::Miss, None));
    let hit = two.answer(&madrid(), Format::Json).unwrap();
    assert_eq!((hit.status(), hit.tier()), (CacheStatus::Hit, Some("redis")));
    assert_eq!(
        (hit.body(), hit.gzip(), hit.etag(), hit.row_count()),
        (made.body(), made.gzip(), made.etag(), made.row_count())
    );
    let near = two.answer(&madrid(), Format::Json).unwrap();
    assert_eq!((near.status(), near.tier()), (CacheStatus::Hit, Some("memory")));
    assert_eq!(repository.loads(), 1);
}

#[test]
fn a_hot_answer_costs_one_round_trip_a_second() {
    let (server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let builder = builder(&Counted::new(Duration::ZERO), &server.url(), &Memory::default());
    let airq = builder.clock(clock.clone()).build().unwrap();
    airq.answer(&madrid(), Format::Json).unwrap();
    let before = calls(&server, "get");
    for second in 0..5 {
        for _ in 0..20 {
            assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Hit);
        }
        assert_eq!(calls(&server, "get") - before, second, "after {second} seconds");
        clock.advance(SECOND);
    }

    let far = engine(&Counted::new(Duration::ZERO), &format!("{}?memory=0", server.url()), &Memory::default());
    let before = calls(&server, "get");
    for _ in 0..20 {
        assert_eq!(far.answer(&madrid(), Format::Json).unwrap().tier(), Some("redis"));
    }
    assert_eq!(calls(&server, "get") - before, 20, "without memory each is one");
}

#[test]
fn a_new_data_set_shows_after_a_second() {
    let (server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let repository = Counted::new(Duration::ZERO);
    let builder = builder(&repository, &server.url(), &Memory::default());
    let airq = builder.clock(clock.clone()).build().unwrap();
    let old = airq.answer(&madrid(), Format::Json).unwrap();
    repository.move_on();
    clock.advance(SECOND);
    let new = airq.answer(&madrid(), Format::Json).unwrap();
    assert_ne!(new.version(), old.version());
    assert_eq!(new.status(), CacheStatus::Miss);
}

#[test]
fn what_was_flushed_from_redis_is_served_from_memory_for_a_second() {
    let (server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let repository = Counted::new(Duration::ZERO);
    let builder = builder(&repository, &server.url(), &Memory::default());
    let airq = builder.clock(clock.clone()).build().unwrap();
    airq.answer(&madrid(), Format::Json).unwrap();
    server.command(&["FLUSHALL"]).unwrap();
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().tier(), Some("memory"));
    clock.advance(SECOND);
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Miss);
    assert_eq!(repository.loads(), 2);
}

#[test]
fn what_redis_has_lost_is_served_from_memory_if_the_source_fails() {
    let (server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let repository = Counted::new(Duration::ZERO);
    let builder = builder(&repository, &server.url(), &Memory::default());
    let airq = builder.clock(clock.clone()).build().unwrap();
    let fresh = airq.answer(&madrid(), Format::Json).unwrap();
    server.command(&["FLUSHALL"]).unwrap();
    repository.fail();
    for _ in 0..5 {
        clock.advance(SECOND);
        let stale = airq.answer(&madrid(), Format::Json).unwrap();
        assert_eq!((stale.status(), stale.tier()), (CacheStatus::Stale, Some("memory")));
        assert_eq!(stale.body(), fresh.body());
    }
}

#[test]
fn garbage_under_our_key_is_counted_and_replaced() {
    let server = RedisServer::start().unwrap();
    let (repository, memory) = (Counted::new(Duration::ZERO), Memory::default());
    let url = format!("{}?memory=0", server.url());
    engine(&repository, &url, &Memory::default()).answer(&madrid(), Format::Json).unwrap();
    let key = server.command(&["KEYS", "airq:*:json:*"]).unwrap();
    server.set(&key, b"\x1f\x8bgarbage").unwrap();
    let airq = engine(&repository, &url, &memory);
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Miss);
    assert!(memory.count("unreadable") >= 1, "{memory:?}");
    assert_eq!(memory.count("first failed"), 0, "it is no failure of the cache: {memory:?}");
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Hit);
}

#[test]
fn a_right_left_by_a_process_that_died_delays_but_does_not_prevent() {
    let (server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let repository = Counted::new(Duration::ZERO);
    let builder = builder(&repository, &server.url(), &Memory::default());
    let airq = builder.clock(clock.clone()).build().unwrap();
    airq.answer(&madrid(), Format::Json).unwrap();
    let key = server.command(&["KEYS", "airq:*:json:*"]).unwrap();
    server.command(&["FLUSHALL"]).unwrap();
    server.command(&["SET", &format!("airq:lock:{key}"), "the dead's", "PX", "60000"]).unwrap();
    clock.advance(SECOND);
    let began = Instant::now();
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Miss);
    let waited = began.elapsed();
    assert!((Duration::from_millis(400)..Duration::from_millis(1_500)).contains(&waited), "{waited:?}");
}

#[test]
fn who_has_a_stale_answer_waits_for_nobody() {
    let (server, clock) = (RedisServer::start().unwrap(), Clock::default());
    let repository = Counted::new(Duration::ZERO);
    let url = format!("{}?memory=0", server.url());
    let airq = builder(&repository, &url, &Memory::default()).ttl(HOUR).clock(clock.clone()).build().unwrap();
    airq.answer(&madrid(), Format::Json).unwrap();
    let key = server.command(&["KEYS", "airq:*:json:*"]).unwrap();
    server.command(&["SET", &format!("airq:lock:{key}"), "another's", "PX", "60000"]).unwrap();
    clock.advance(2 * HOUR);
    let began = Instant::now();
    let stale = airq.answer(&madrid(), Format::Json).unwrap();
    assert_eq!((stale.status(), stale.tier()), (CacheStatus::Stale, Some("redis")));
    assert!(began.elapsed() < Duration::from_millis(250), "{:?}", began.elapsed());
    assert_eq!(repository.loads(), 1);
}

#[test]
fn a_wrong_password_is_told_once_and_costs_only_the_cache() {
    let server = RedisServer::options().password("right").start().unwrap();
    let (repository, memory) = (Counted::new(Duration::ZERO), Memory::default());
    let url = format!("{}?memory=0", server.url().replace("right", "wr0ng"));
    let airq = engine(&repository, &url, &memory);
    for _ in 0..30 {
        assert!(airq.answer(&madrid(), Format::Json).is_ok());
    }
    assert_eq!(memory.count("first failed"), 2, "reading once, writing once: {memory:?}");
    assert!(!format!("{memory:?}").contains("wr0ng"));
    assert!(memory.count("failed") < 5, "then it is left alone: {memory:?}");
}

#[test]
fn a_redis_that_can_only_be_read_serves_what_it_has() {
    let server = RedisServer::start().unwrap();
    let (repository, memory) = (Counted::new(Duration::ZERO), Memory::default());
    let url = format!("{}?memory=0", server.url());
    let airq = engine(&repository, &url, &memory);
    airq.answer(&madrid(), Format::Json).unwrap();
    server.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    for _ in 0..20 {
        assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Hit);
        assert_eq!(airq.answer(&Query::all(), Format::Json).unwrap().status(), CacheStatus::Miss);
    }
    for operation in ["lease", "store"] {
        assert_eq!(memory.count(&format!("first failed {operation}")), 1, "told once: {memory:?}");
    }
}
