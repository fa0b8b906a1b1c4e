//! The server over a real PostgreSQL: hostile text stays text, and a database that is gone is told cleanly and in time.
#![allow(clippy::float_cmp, reason = "counts are whole numbers")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::import::Database;
use airq_core::testing::servers::PostgresServer;
use airq_core::testing::{HOSTILE_NAMES, csv_of_stations};
use common::{Reply, Server};
use std::time::{Duration, Instant};

/// A database with a row of each of these stations, in a city of the same name.
fn imported(postgres: &PostgresServer, ids: &[&str]) -> String {
    let url = postgres.create_database("airq").unwrap();
    Database::at(&url).unwrap().migrate().unwrap();
    assert_eq!(common::import(&url, csv_of_stations(ids)).accepted, ids.len() as u64);
    url
}

fn ask(server: &Server, name: &str, value: &str) -> Reply {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    server.get(&format!("/v1/air_quality?format=records&{query}"))
}

#[test]
fn hostile_text_finds_what_is_of_that_name_and_nothing_else() {
    let postgres = PostgresServer::start().unwrap();
    let url = imported(&postgres, &HOSTILE_NAMES);
    let server = Server::start(&["--source", &url]);
    for text in HOSTILE_NAMES {
        for parameter in ["station", "city"] {
            let reply = ask(&server, parameter, text);
            assert_eq!(reply.status, 200, "{parameter} {text:?}: {}", String::from_utf8_lossy(&reply.body));
            let rows = reply.json()["measurements"].as_array().unwrap().clone();
            assert_eq!(rows.len(), 1, "{parameter} {text:?}");
            assert_eq!(rows[0]["station"], text);
        }
        let unknown = ask(&server, "station", &format!("{text}'"));
        assert_eq!(unknown.status, 404, "{text:?} with a quote behind it is nobody");
        let after = ask(&server, "cursor", &format!("2016-10-01T00:00:00.000Z,{text}"));
        assert_eq!(after.status, 200, "a cursor behind {text:?}");
    }
    assert_eq!(ask(&server, "station", "a\0b").status, 400);
    let left = ask(&server, "limit", "100").json()["page"]["count"].as_u64();
    assert_eq!(left, Some(HOSTILE_NAMES.len() as u64), "every row is still there");
}

#[test]
fn a_missing_right_is_named_for_operators_and_clients_are_not_told_to_try_again() {
    let postgres = PostgresServer::start().unwrap();
    let url = imported(&postgres, &["aq_one"]);
    postgres.sql("airq", "create role looks login").unwrap();
    let source = url.replace("airq@", "looks@");
    let server = Server::start(&["--source", &source]);
    let reply = ask(&server, "station", "aq_one");
    assert_eq!((reply.status, reply.header("Retry-After")), (500, None));
    let problem = reply.json();
    assert_eq!(problem["type"], "/problems/source-forbidden");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("operator") && !detail.contains("again") && !detail.contains("looks"), "{detail}");
    let readiness = common::get(server.admin, "/readyz", "");
    let told = String::from_utf8(readiness.body).unwrap();
    assert_eq!(readiness.status, 503);
    assert!(told.contains("grant airq_reader to USER") && told.contains("permission denied"), "{told}");
    assert!(server.log_line("permission denied").contains("grant airq_reader to USER"));
    let airq = airq_core::Airq::builder().source(&source).build().unwrap();
    let error = airq.answer(&airq_core::Query::all(), airq_core::Format::Json).unwrap_err();
    assert!(error.is_forbidden() && !error.is_unavailable(), "{error}");
    let examined = airq_core::Airq::builder().source(&source).examine(None);
    assert!(examined.iter().any(|finding| finding.fix == "grant airq_reader to looks"), "{examined:?}");
    // A tier in front of the server says the same.
    let front = Server::start(&["--source", &format!("http://{}", server.api)]);
    assert_eq!(ask(&front, "station", "aq_one").json()["type"], "/problems/source-forbidden");
    postgres.sql("airq", "grant airq_reader to looks").unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(ask(&server, "station", "aq_one").status, 200, "once the right is granted");
}

#[test]
fn a_server_is_ready_once_its_database_has_every_migration() {
    let postgres = PostgresServer::start().unwrap();
    let url = postgres.create_database("airq").unwrap();
    let server = Server::start(&["--source", &url]);
    let readiness = || common::get(server.admin, "/readyz", "");
    let told = String::from_utf8(readiness().body).unwrap();
    assert!(told.starts_with("not ready: the database has none of airq's tables"), "{told}");
    assert_eq!(common::get(server.admin, "/livez", "").status, 200, "no reason to restart it");
    let newest = Database::at(&url).unwrap().migrate().unwrap().version;
    postgres.sql("airq", &format!("delete from airq_migrations where version = {newest}")).unwrap();
    let behind = readiness();
    let told = String::from_utf8(behind.body).unwrap();
    assert_eq!(behind.status, 503);
    assert!(told.contains(&format!("at migration {} of {newest}: run `airq-cli migrate`", newest - 1)), "{told}");
    postgres.sql("airq", &format!("insert into airq_migrations (version, name) values ({newest}, 'x')")).unwrap();
    assert_eq!(readiness().status, 200);
}

#[test]
fn a_database_that_is_gone_is_told_cleanly_and_what_is_kept_is_served() {
    let mut postgres = PostgresServer::start().unwrap();
    let url = imported(&postgres, &["aq_warm", "aq_cold"]);
    let server = Server::start(&["--source", &url]);
    // Its answers are fresh for a second only.
    let brief = Server::start(&["--source", &url, "--cache-ttl", "1"]);
    let warm = ask(&server, "station", "aq_warm");
    assert_eq!((warm.status, ask(&brief, "station", "aq_warm").status), (200, 200));
    let address = format!("127.0.0.1:{}", postgres.port());
    let check = |what: &str| {
        let began = Instant::now();
        assert_eq!(ask(&server, "station", "aq_warm").body, warm.body, "{what}");
        assert!(began.elapsed() < Duration::from_millis(2500), "{what}: warm in {:?}", began.elapsed());
        let began = Instant::now();
        let cold = ask(&server, "station", "aq_cold");
        assert_eq!((cold.status, cold.header("Retry-After")), (503, Some("1")), "{what}");
        assert_eq!(cold.json()["type"], "/problems/unavailable");
        assert!(!String::from_utf8_lossy(&cold.body).contains(&address), "{what}: no address is told");
        assert!(began.elapsed() < Duration::from_millis(2500), "{what}: cold in {:?}", began.elapsed());
    };
    postgres.freeze().unwrap();
    check("frozen");
    postgres.thaw().unwrap();
    postgres.kill().unwrap();
    check("killed");
    let stale = ask(&brief, "station", "aq_warm");
    assert_eq!((stale.status, &stale.body), (200, &warm.body));
    assert!(stale.header("Cache-Status").unwrap().starts_with("memory; hit; stale; ttl=-"), "{stale:?}");
    assert_eq!(stale.header("Cache-Control"), Some("public, max-age=0"));
    assert!(stale.header("Age").unwrap().parse::<u64>().unwrap() >= 1, "{stale:?}");
    postgres.restart().unwrap();
    let began = Instant::now();
    while ask(&server, "station", "aq_cold").status != 200 {
        assert!(began.elapsed() < Duration::from_secs(5), "it heals by itself");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The value of a sample in Prometheus' text.
fn sample(server: &Server, name: &str) -> f64 {
    let metrics = String::from_utf8(common::get(server.admin, "/metrics", "").body).unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}")).parse().unwrap()
}

/// Locks the table, so that whoever reads it waits for so many seconds and keeps a connection meanwhile.
fn hold_measurements<'scope>(
    postgres: &'scope PostgresServer,
    scope: &'scope std::thread::Scope<'scope, '_>,
    seconds: u32,
) {
    let hold = format!("begin; lock table measurements; select pg_sleep({seconds})");
    scope.spawn(move || postgres.sql("airq", &hold).unwrap());
    let is_locked = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and \
                relation = 'measurements'::regclass";
    while postgres.sql("airq", is_locked).unwrap() != "1" {
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_pool_without_a_free_connection_is_told_in_time_and_counted() {
    let postgres = PostgresServer::start().unwrap();
    let url = imported(&postgres, &["aq_one", "aq_two"]);
    let server = Server::start(&["--source", &format!("{url}?pool_size=1")]);
    let pool = |what: &str| sample(&server, &format!("airq_pool_{what}{{pool=\"postgres\"}}"));
    assert_eq!(ask(&server, "station", "aq_one").status, 200);
    assert_eq!((pool("connections_max"), pool("connections"), pool("connections_in_use")), (1.0, 1.0, 0.0));
    assert_eq!(pool("timeouts_total"), 0.0);
    std::thread::scope(|scope| {
        hold_measurements(&postgres, scope, 5);
        // It keeps the connection, or waits for who does.
        scope.spawn(|| ask(&server, "station", "aq_two"));
        while pool("connections_in_use") < 1.0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let began = Instant::now();
        let crowded = ask(&server, "limit", "7");
        assert_eq!((crowded.status, crowded.header("Retry-After")), (503, Some("1")));
        assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
        assert_eq!(pool("connections_in_use"), 1.0);
    });
    assert!(pool("waits_total") >= 2.0 && pool("timeouts_total") >= 1.0);
    assert!(pool("timeouts_total") <= pool("waits_total"));
}

#[test]
fn told_to_stop_it_finishes_the_answer_that_it_is_making() {
    let postgres = PostgresServer::start().unwrap();
    let url = imported(&postgres, &["aq_one"]);
    let mut server = Server::start(&["--source", &url]);
    assert!(server.serves());
    let api = server.api;
    std::thread::scope(|scope| {
        hold_measurements(&postgres, scope, 2);
        let slow = scope.spawn(move || common::get(api, "/v1/air_quality?station=aq_one", ""));
        std::thread::sleep(Duration::from_millis(300));
        server.signal("TERM");
        assert!(server.wait(Duration::from_secs(8)).success());
        assert_eq!(slow.join().unwrap().status, 200);
    });
}

#[test]
fn a_query_past_its_time_limit_is_given_up_and_told() {
    let postgres = PostgresServer::start().unwrap();
    let url = imported(&postgres, &["aq_one"]);
    let server = Server::start(&["--source", &format!("{url}?statement_timeout=0.3")]);
    assert!(server.serves());
    std::thread::scope(|scope| {
        hold_measurements(&postgres, scope, 2);
        let given_up = ask(&server, "station", "aq_one");
        assert_eq!((given_up.status, given_up.header("Retry-After")), (504, Some("1")));
        assert_eq!(given_up.json()["type"], "/problems/timeout");
    });
    assert_eq!(ask(&server, "station", "aq_one").status, 200, "afterwards all is well");
}
