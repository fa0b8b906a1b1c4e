//! The cache tier of a cluster: a server whose source is another server and whose cache is a Redis.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::RedisServer;
use common::Server;
use std::time::{Duration, Instant};

fn tier(api: &Server, redis: &RedisServer) -> Server {
    let (source, cache) = (format!("http://{}", api.api), format!("redis://127.0.0.1:{}", redis.port()));
    Server::start(&["--source", &source, "--cache", &cache])
}

const TARGETS: [&str; 6] = [
    "/v1/air_quality?city=Madrid&limit=20",
    "/v1/air_quality?pollutant=no2&format=columns",
    "/v1/air_quality?limit=100000&format=csv",
    "/v1/latest?format=geojson",
    "/v1/stations",
    "/v1/cities",
];

#[test]
fn a_tier_gives_the_same_bytes_as_the_server_behind_it() {
    let (api, redis) = (Server::start(&[]), RedisServer::start().unwrap());
    let tier = tier(&api, &redis);
    for target in TARGETS {
        let (behind, before) = (api.get(target), tier.get(target));
        assert_eq!((before.status, before.body == behind.body), (200, true), "{target}");
        assert_eq!(before.header("X-Data-Set-Version"), behind.header("X-Data-Set-Version"), "{target}");
    }
    let unknown = tier.get("/v1/latest?city=Madird");
    assert_eq!((unknown.status, &unknown.json()["errors"][0]["nearest"][0]), (404, &"Madrid".into()));
}

#[test]
fn what_one_tier_has_made_the_next_finds_in_redis() {
    let (api, redis) = (Server::start(&[]), RedisServer::start().unwrap());
    let made = tier(&api, &redis).get(TARGETS[0]);
    assert!(made.header("Cache-Status").unwrap().contains("fwd=uri-miss"));
    let next = tier(&api, &redis);
    let status =
        |reply: &common::Reply| reply.header("Cache-Status").unwrap().split("; ttl").next().unwrap().to_owned();
    let (first, second) = (next.get(TARGETS[0]), next.get(TARGETS[0]));
    assert_eq!((status(&first), status(&second)), ("redis; hit".to_owned(), "memory; hit".to_owned()));
    assert_eq!((&first.body, &second.body, first.header("ETag")), (&made.body, &made.body, made.header("ETag")));
}

#[test]
fn without_the_server_behind_it_a_tier_answers_from_its_cache_and_says_no_cleanly() {
    let (api, redis) = (Server::start(&[]), RedisServer::start().unwrap());
    let tier = tier(&api, &redis);
    let made = tier.get(TARGETS[0]);
    drop(api);
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(tier.get(TARGETS[0]).body, made.body);
        let cold = tier.get("/v1/air_quality?city=Sevilla");
        assert_eq!((cold.status, cold.header("Retry-After")), (503, Some("1")));
        assert!(began.elapsed() < Duration::from_millis(2500));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(common::get(tier.admin, "/readyz", "").status, 200, "it can serve, from its cache");
}

#[test]
fn without_redis_a_tier_answers_all_the_same() {
    let (api, mut redis) = (Server::start(&[]), RedisServer::start().unwrap());
    let tier = tier(&api, &redis);
    redis.kill().unwrap();
    for target in TARGETS {
        assert_eq!(tier.get(target).status, 200, "{target}");
    }
    let metrics = String::from_utf8(common::get(tier.admin, "/metrics", "").body).unwrap();
    assert!(metrics.contains("airq_cache_up{tier=\"redis\",operation=\"lookup\"} 0"), "{metrics}");
}
