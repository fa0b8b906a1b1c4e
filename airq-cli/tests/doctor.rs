//! `doctor`, on real servers: what is right is said so, what is wrong is found with how to mend it, no password shows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::Timestamp;
use airq_core::testing::servers::{PostgresServer, RedisServer};
use common::{Ran, command, file, run};
use std::io::{Read, Write};
use std::net::TcpListener;

/// A database as it should be, with a measurement of this moment, and a user `api` who only reads.
fn healthy(name: &str) -> (PostgresServer, String) {
    let server = PostgresServer::start().unwrap();
    let owner = server.create_database("airq").unwrap();
    run(&["migrate", "--source", &owner]).ok();
    let csv = format!("station,time,no2\naq_salvia,{},1\n", Timestamp::now());
    run(&["import", &file(name, csv), "--source", &owner]).ok();
    server.sql("airq", "create role api login; grant airq_reader to api").unwrap();
    let reader = owner.replace("airq@", "api@");
    (server, reader)
}

fn doctor(source: &str, cache: &str) -> Ran {
    run(&["doctor", "--source", source, "--cache", cache])
}

/// The line on this subject, which must begin with this health.
fn line<'a>(ran: &'a Ran, health: &str, subject: &str) -> &'a str {
    let found = ran.text().lines().find(|line| line.split_whitespace().nth(1) == Some(subject));
    let found = found.unwrap_or_else(|| panic!("no {subject}: {ran:?}"));
    assert!(found.starts_with(health), "{subject} is not {health}: {ran:?}");
    found
}

#[test]
fn a_database_and_a_redis_as_they_should_be_are_all_ok() {
    let (_postgres, reader) = healthy("doctor_healthy");
    let redis =
        RedisServer::options().setting("maxmemory", "64mb").setting("maxmemory-policy", "allkeys-lru").start().unwrap();
    let ran = run(&["doctor", "--source", &reader, "--cache", &redis.url(), "--max-age", "1"]).ok();
    assert!(ran.text().lines().all(|line| line.starts_with("ok ")), "{ran:?}");
    assert!(line(&ran, "ok", "source").contains("as the user api"), "{ran:?}");
    assert!(line(&ran, "ok", "schema").contains("the newest"), "{ran:?}");
    assert!(line(&ran, "ok", "roles").ends_with("airq_loader imports; api only reads"), "{ran:?}");
    assert!(line(&ran, "ok", "data").contains("old"), "{ran:?}");
    assert!(line(&ran, "ok", "memory").contains("allkeys-lru"), "{ran:?}");
    assert_eq!(ran.text().matches("clock and this one agree").count(), 2, "{ran:?}");
    assert!(ran.text().contains("Redis 7.") || ran.text().contains("Redis "), "{ran:?}");
    let kept = redis.command(&["KEYS", "*lock*"]).unwrap();
    assert!(kept.is_empty(), "the right that was taken is given back: {kept}");
}

#[test]
fn what_is_wrong_with_a_database_is_found_with_how_to_mend_it() {
    let (server, reader) = healthy("doctor_database");
    let owner = server.url("airq");
    let sql = |sql: &str| server.sql("airq", sql).unwrap();
    let as_owner = doctor(&owner, "none:").ok();
    assert!(line(&as_owner, "warning", "roles").contains("airq can write; right for imports"), "{as_owner:?}");

    for (harm, subject, part, mend, cure) in [
        (
            "grant delete on measurements to airq_reader",
            "roles",
            "airq_reader can write",
            "revoke",
            "revoke delete on measurements from airq_reader",
        ),
        (
            "revoke insert on loads from airq_loader",
            "roles",
            "airq_loader cannot import",
            "airq-cli migrate",
            "grant insert on loads to airq_loader",
        ),
        (
            "revoke execute on function airq_add_parameter(text, text) from airq_loader",
            "roles",
            "airq_loader cannot import",
            "airq-cli migrate",
            "grant execute on function airq_add_parameter(text, text) to airq_loader",
        ),
        (
            "revoke airq_reader from api",
            "roles",
            "api cannot read",
            "grant airq_reader to api",
            "grant airq_reader to api",
        ),
        (
            "delete from airq_migrations where version = 5",
            "schema",
            "at migration 4 of 5",
            "airq-cli migrate",
            "insert into airq_migrations values (5, 'x')",
        ),
        (
            "insert into airq_migrations values (99, 'x')",
            "schema",
            "at migration 6",
            "use a newer airq",
            "delete from airq_migrations where version = 99",
        ),
        (
            "alter table airq_migrations rename to elsewhere",
            "schema",
            "none of airq's tables",
            "airq-cli migrate",
            "alter table elsewhere rename to airq_migrations",
        ),
    ] {
        sql(harm);
        let ran = doctor(&reader, "none:");
        let found = line(&ran, "failed", subject);
        assert!(found.contains(part) && found.contains(mend), "{harm}: {found}");
        assert!(ran.failed(1).contains("checks failed"));
        sql(cure);
        doctor(&reader, "none:").ok();
    }
    sql("revoke select on airq_migrations from airq_reader");
    let hidden = doctor(&reader, "none:").ok();
    assert!(line(&hidden, "warning", "schema").contains("may not see"), "{hidden:?}");
}

#[test]
fn a_database_without_measurements_or_with_old_ones_is_told() {
    let server = PostgresServer::start().unwrap();
    let url = server.create_database("airq").unwrap();
    let bare = doctor(&url, "none:");
    assert!(line(&bare, "failed", "schema").contains("none of airq's tables"), "{bare:?}");
    assert_eq!(bare.code, Some(1));
    run(&["migrate", "--source", &url]).ok();
    assert!(line(&doctor(&url, "none:"), "failed", "data").contains("airq-cli import FILE"));
    let old = file("doctor_old", "station,time,no2\nx,2016-10-01,1\n");
    run(&["import", &old, "--source", &url]).ok();
    assert!(line(&doctor(&url, "none:").ok(), "warning", "data").contains("2016-10-01T00:00:00.000Z"));
    let strict = run(&["doctor", "--source", &url, "--cache", "none:", "--max-age", "6"]);
    assert!(line(&strict, "failed", "data").contains("more than 6 hours"), "{strict:?}");
    assert_eq!(strict.code, Some(1));
    assert!(run(&["doctor", "--max-age", "soon"]).failed(2).contains("number of hours"));
}

#[test]
fn a_redis_that_refuses_is_told_from_one_that_only_could_be_better() {
    let redis = RedisServer::options().setting("maxmemory", "64mb").start().unwrap();
    let sample = |cache: &str| run(&["doctor", "--cache", cache]);
    let full = sample(&redis.url()).ok();
    assert!(line(&full, "warning", "memory").contains("set maxmemory-policy allkeys-lru"), "{full:?}");
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    assert!(line(&sample(&redis.url()).ok(), "warning", "memory").contains("no limit"));

    let as_user = |name: &str| redis.url().replace("redis://", &format!("redis://{name}:s3cret@"));
    let user = |name: &str, rules: &[&str]| {
        redis.command(&[&["ACL", "SETUSER", name, "on", ">s3cret", "~airq:*"], rules].concat()).unwrap();
    };
    user("plain", &["+get", "+set", "+del", "+eval", "+time"]);
    let plain = sample(&as_user("plain")).ok();
    assert!(plain.text().contains("let this user run INFO"), "{plain:?}");
    user("reader", &["+get", "+time", "+info"]);
    let reader = sample(&as_user("reader"));
    assert!(line(&reader, "failed", "cache").contains("no permissions"), "{reader:?}");
    user("greedy", &["+get", "+set", "+del", "+time", "+info"]);
    assert!(line(&sample(&as_user("greedy")), "failed", "cache").contains("not given back; let this user run EVAL"));
}

#[test]
fn every_kind_of_source_and_cache_is_looked_at() {
    let sample = run(&["doctor"]).ok();
    assert!(line(&sample, "ok", "source").contains("12 stations, 1152 measurements"), "{sample:?}");
    line(&sample, "ok", "cache");
    let csv = file("doctor_csv", format!("station,time,no2\nx,{},1\n", Timestamp::now()));
    let ran = doctor(&csv, "memory:1MiB").ok();
    assert!(line(&ran, "ok", "cache").contains("memory:1MiB"), "{ran:?}");
    let bad = file("doctor_bad", "station,time,no2\nx,yesterday,1\n");
    assert!(line(&doctor(&bad, "none:"), "failed", "source").contains("skip-bad-rows=true"));
    let nowhere = doctor("no/such.csv", "redis://127.0.0.1:1");
    assert!(line(&nowhere, "failed", "source").contains("no/such.csv"));
    assert!(line(&nowhere, "failed", "cache").contains("refused"));
    assert!(line(&doctor("ftp://x", "memory:lots"), "failed", "cache").contains("memory:lots"));
}

#[test]
fn a_server_whose_clock_is_wrong_is_found_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let data = r#"{"version":"1","loaded_at":null,"stations":1,"measurements":1,"first":null,"last":null}"#;
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _request = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\nDate: Sat, 01 Oct 2016 00:00:00 GMT\r\nConnection: close\r\nContent-Length";
            let _gone = write!(stream, "{head}: {}\r\n\r\n{data}", data.len());
        }
    });
    let ran = doctor(&url, "none:");
    line(&ran, "ok", "source");
    let clock = line(&ran, "failed", "clock");
    assert!(clock.contains("days behind this one; keep the time of both by NTP"), "{clock}");
    assert_eq!(ran.code, Some(1));
}

#[test]
fn no_password_is_ever_shown() {
    let postgres = PostgresServer::options().password("r1ght").start().unwrap();
    let redis = RedisServer::options().password("r1ght").start().unwrap();
    let (source, cache) = (postgres.url("postgres"), redis.url());
    for (source, cache) in
        [(source.clone(), cache.clone()), (source.replace("r1ght", "wr0ng"), cache.replace("r1ght", "wr0ng"))]
    {
        for level in ["warn", "trace"] {
            let output =
                command(&["doctor", "--source", &source, "--cache", &cache]).env("RUST_LOG", level).output().unwrap();
            let told =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(told.contains("airq:***@") && told.contains(":***@127"), "{told}");
            assert!(!told.contains("r1ght") && !told.contains("wr0ng"), "{told}");
        }
    }
    // As a server is told of them.
    let secret = file("doctor_secret", "r1ght\n");
    let by_file = command(&["doctor"])
        .env("AIRQ_SOURCE", source.replace(":r1ght", ""))
        .env("AIRQ_SOURCE_PASSWORD_FILE", &secret)
        .env("AIRQ_CACHE", cache.replace(":r1ght@", ""))
        .env("AIRQ_CACHE_PASSWORD_FILE", &secret)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&by_file.stdout).into_owned();
    assert!(told.starts_with("ok       source  postgres://airq:***@"), "{told}");
    assert!(told.contains("ok       cache   redis://:***@"), "{told}");
}
