//! Another airq server as the source: the contract, pages, and every way in which a server can fail to answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod upstream;

use airq_core::cache::CacheStatus;
use airq_core::compliance::{ComplianceQuery, Standard};
use airq_core::repository::{CsvOptions, CsvRepository, HttpRepository};
use airq_core::testing::{
    Clock, Simulation, repository_contract, repository_contract_csv, repository_contract_stations,
};
use airq_core::{Airq, ErrorKind, Format, Parameter, Query, QueryBuilder, Repository, Selection};
use std::thread;
use std::time::{Duration, Instant};
use upstream::{Mood, Upstream};

fn engine(csv: &[u8], stations: &[u8]) -> Airq {
    let repository = CsvRepository::from_reader("test.csv", csv, Some(stations), &CsvOptions::default()).unwrap();
    Airq::builder().repository(repository).build().unwrap()
}

fn contract_server() -> Upstream {
    Upstream::start(engine(repository_contract_csv().as_bytes(), repository_contract_stations().as_bytes()))
}

fn day(rows: u64) -> (Vec<u8>, Vec<u8>) {
    let (mut csv, mut stations) = (Vec::new(), Vec::new());
    Simulation::new(1).rows(rows).write_csv(&mut csv).unwrap();
    Simulation::write_stations(&mut stations).unwrap();
    (csv, stations)
}

fn all_rows(repository: &HttpRepository) -> Result<Vec<u8>, airq_core::Error> {
    let mut csv = Vec::new();
    repository.write_csv(&Selection::default(), &mut csv).map(|_| csv)
}

#[test]
fn an_airq_server_keeps_to_the_contract_of_a_repository() {
    let server = contract_server();
    repository_contract(&HttpRepository::open(&server.url()).unwrap());
}

#[test]
fn older_values_in_one_of_several_requests_keep_their_times() {
    let mut csv = b"time,station,no2,so2\n".to_vec();
    for station in 100..400 {
        csv.extend(format!("2016-10-01T00:00:00Z,s{station},1,2\n2016-10-01T01:00:00Z,s{station},3,").bytes());
        csv.extend(if station == 399 { &b"\n"[..] } else { &b"4\n"[..] });
    }
    let direct = engine(&csv, b"id\n");
    let server = Upstream::start(engine(&csv, b"id\n"));
    let airq = Airq::builder().source(server.url()).build().unwrap();
    let stations = (100..400).step_by(2).chain([399]).take(100).map(|station| format!("s{station}"));
    let some = stations.fold(Query::builder(), QueryBuilder::station).build().unwrap().latest();
    for (query, rows) in [(Query::all().latest(), 300), (some, 100)] {
        for &format in Format::TEXT {
            let (one, other) = (airq.answer(&query, format).unwrap(), direct.answer(&query, format).unwrap());
            assert_eq!(one.body(), other.body(), "{format}");
        }
        assert_eq!(airq.rows(&query).unwrap().len(), rows);
    }
    let newest = airq.rows(&Query::all().latest()).unwrap();
    let last = &newest[299];
    assert_eq!(last.value(Parameter::SO2).unwrap().text, "2");
    assert_eq!(last.time_of(Parameter::SO2).to_string(), "2016-10-01T00:00:00.000Z");
    assert_eq!(last.time_of(Parameter::NO2), last.time);
}

#[test]
fn an_answer_by_way_of_a_server_is_the_same_bytes() {
    let (csv, stations) = day(1_152);
    let direct = engine(&csv, &stations);
    let server = Upstream::start(engine(&csv, &stations));
    let airq = Airq::builder().source(server.url()).build().unwrap();
    let queries = [
        Query::all(),
        Query::all().latest(),
        Query::builder().parameter(Parameter::SO2).build().unwrap().latest(),
        Query::builder().to("2016-10-01T12:00:00Z").build().unwrap().latest(),
        Query::builder().city("malaga").limit(7).build().unwrap(),
        Query::builder().station("aq_retiro").from("2016-10-01T06:00:00Z").build().unwrap(),
        Query::builder().from("2016-10-01T06:00:00Z").to("2016-10-01T09:00:00Z").build().unwrap(),
        Query::builder().from("2030-01-01").build().unwrap(),
    ];
    for query in &queries {
        for &format in Format::TEXT {
            let (one, other) = (airq.answer(query, format).unwrap(), direct.answer(query, format).unwrap());
            assert_eq!(one.body(), other.body(), "{query:?} as {format}");
            assert_eq!((one.row_count(), one.next_page()), (other.row_count(), other.next_page()));
        }
    }
    for (every, index) in [("1h", "us-2024"), ("1d", "eaqi-2020")] {
        let pairs = [("every", every), ("index", index), ("limit", "40"), ("tz", "Europe/Madrid")];
        let rated = Query::from_pairs(Query::PARAMETERS, pairs).unwrap().0;
        for (query, format) in [(rated.clone(), Format::Json), (rated.latest(), Format::Csv)] {
            let (one, other) = (airq.answer(&query, format).unwrap(), direct.answer(&query, format).unwrap());
            assert_eq!(one.body(), other.body(), "{index} every {every}");
        }
    }
    for &standard in Standard::ALL {
        let pairs = [("year", "2016"), ("city", "Madrid"), ("standard", standard.id())];
        let query = ComplianceQuery::from_pairs(pairs).unwrap().0;
        let body = |airq: &Airq| airq.compliance_answer(&query, Format::Csv).unwrap().body().to_vec();
        assert_eq!(String::from_utf8(body(&airq)), String::from_utf8(body(&direct)), "{standard}");
    }
    let documents =
        |airq: &Airq| (airq.stations_document(&Query::all(), Format::Json).unwrap(), airq.data_set_document().unwrap());
    assert_eq!(documents(&airq), documents(&direct));
}

#[test]
fn what_does_not_fit_a_page_comes_page_by_page() {
    let (csv, stations) = day(230_000);
    let direct = engine(&csv, &stations);
    let server = Upstream::start(engine(&csv, &stations));
    let airq = Airq::builder().source(server.url()).cache("none:").build().unwrap();
    airq.stations().unwrap();
    let before = server.requests();
    let (mut one, mut other) = (Vec::new(), Vec::new());
    let summary = airq.write(&Query::all(), Format::Csv, &mut one).unwrap();
    direct.write(&Query::all(), Format::Csv, &mut other).unwrap();
    assert_eq!((summary.rows, server.requests() - before), (230_000, 3));
    assert!(one == other, "the pages make the whole");

    let query = Query::builder().limit(Query::MAX_LIMIT).build().unwrap();
    let before = server.requests();
    assert_eq!(airq.answer(&query, Format::Csv).unwrap().body(), direct.answer(&query, Format::Csv).unwrap().body());
    assert!(server.requests() - before <= 3, "a page, and the one row that tells of the next");
}

#[test]
fn many_stations_are_asked_for_in_requests_that_proxies_let_through() {
    let ids: Vec<String> = (0..450).map(|number| format!("aq_{number:03}_é_{}", "x".repeat(number % 50))).collect();
    let rows = ids.iter().flat_map(|id| (0..3).map(move |hour| format!("{id},2016-10-01T0{hour}:00:00Z,{hour}.5\n")));
    let csv = "station,time,no2\n".to_owned() + &rows.collect::<String>();
    let city = |id: &String| format!("{id},{}\n", if id.ends_with('_') { "Alpha" } else { "Beta" });
    let stations = "id,city\n".to_owned() + &ids.iter().map(city).collect::<String>();
    let direct = engine(csv.as_bytes(), stations.as_bytes());
    let server = Upstream::start(engine(csv.as_bytes(), stations.as_bytes()));
    let airq = Airq::builder().source(server.url()).cache("none:").build().unwrap();
    let beta = Query::builder().city("Beta");
    for query in [beta.clone(), beta.clone().limit(500), beta.clone().limit(1)] {
        let query = query.build().unwrap();
        let (one, other) = (airq.answer(&query, Format::Csv).unwrap(), direct.answer(&query, Format::Csv).unwrap());
        assert!(one.body() == other.body(), "{query:?}");
        if let Some(next) = one.next_page() {
            let (next, _) = Query::from_pairs(Query::PARAMETERS, form_urlencoded::parse(next.as_bytes())).unwrap();
            let (one, other) = (airq.answer(&next, Format::Csv).unwrap(), direct.answer(&next, Format::Csv).unwrap());
            assert!(one.body() == other.body(), "{next:?}");
        }
    }
    let latest = beta.build().unwrap().latest();
    assert_eq!(
        airq.answer(&latest, Format::Json).unwrap().body(),
        direct.answer(&latest, Format::Json).unwrap().body()
    );
    assert!(server.longest_line() < 8_000, "{}", server.longest_line());
}

#[test]
fn a_server_that_does_not_answer_well_is_an_error_in_time_and_never_a_short_answer() {
    let server = contract_server();
    let repository = HttpRepository::open(&format!("{}?timeout=700", server.url())).unwrap();
    let whole = all_rows(&repository).unwrap();
    for (mood, part) in [
        (Mood::Mute, "does not answer"),
        (Mood::Stalls, "was cut off"),
        (Mood::CutsOff, "was cut off"),
        (Mood::CutsOffChunks, "was cut off"),
        (Mood::TellsNoLength, "where its answers end"),
        (Mood::TellsNoVersion, "of which data set"),
        (Mood::Answers(500), "no luck"),
        (Mood::Answers(503), "no luck"),
        (Mood::Answers(404), "404"),
        (Mood::Answers(302), "302"),
        (Mood::Answers(403), "403"),
        (Mood::Babbles, "does not answer"),
        (Mood::Html, "airq server"),
    ] {
        server.mood(mood);
        let began = Instant::now();
        let error = all_rows(&repository).unwrap_err();
        // A server that refuses this client does not change its mind by itself.
        let kind = if matches!(mood, Mood::Answers(403)) { ErrorKind::Forbidden } else { ErrorKind::Unavailable };
        assert!(error.kind() == kind && error.to_string().contains(part), "{mood:?}: {error}");
        assert!(began.elapsed() < Duration::from_millis(1_900), "{mood:?}: {:?}", began.elapsed());
        if !matches!(mood, Mood::TellsNoVersion) {
            assert_eq!(repository.version().unwrap_err().kind(), kind, "{mood:?}");
            assert_eq!(repository.stations().unwrap_err().kind(), kind, "{mood:?}");
        }
        server.mood(Mood::Fine);
        assert!(all_rows(&repository).unwrap() == whole, "after {mood:?}");
    }
    server.mood(Mood::Answers(504));
    assert!(all_rows(&repository).unwrap_err().is_timeout());
    server.mood(Mood::Answers(400));
    assert_eq!(all_rows(&repository).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn connections_that_the_server_closes_do_no_harm() {
    let server = contract_server();
    let repository = HttpRepository::open(&server.url()).unwrap();
    server.mood(Mood::Closes);
    for _ in 0..20 {
        repository.version().unwrap();
    }
}

#[test]
fn a_server_that_vanishes_delays_no_request_if_another_has_its_name() {
    let server = contract_server();
    let repository = HttpRepository::open(&server.url()).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| all_rows(&repository).unwrap());
        }
    });
    server.mood(Mood::Vanished);
    let began = Instant::now();
    for _ in 0..8 {
        all_rows(&repository).unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn a_server_that_is_down_is_an_error_at_once_and_heals() {
    let server = contract_server();
    let url = server.url();
    drop(server);
    let repository = HttpRepository::open(&url).unwrap();
    let began = Instant::now();
    assert!(repository.version().unwrap_err().is_unavailable());
    assert!(began.elapsed() < Duration::from_secs(1));
    let unreachable = HttpRepository::open("http://192.0.2.1:80").unwrap();
    let began = Instant::now();
    assert!(unreachable.version().unwrap_err().is_unavailable());
    assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
}

#[test]
fn a_data_set_that_moves_on_between_pages_is_no_answer() {
    let (csv, stations) = day(130_000);
    let server = Upstream::start(engine(&csv, &stations));
    let repository = HttpRepository::open(&server.url()).unwrap();
    server.mood(Mood::MovesOn);
    let error = all_rows(&repository).unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("changed while"), "{error}");
    server.mood(Mood::Fine);
    assert_eq!(String::from_utf8(all_rows(&repository).unwrap()).unwrap().lines().count(), 130_001);
}

#[test]
fn stations_of_the_data_set_before_are_read_again() {
    let (csv, stations) = day(1_152);
    let before = engine(b"station,time,no2\nelsewhere,2016-10-01,1\n", b"station,city\nelsewhere,Elsewhere\n");
    let server = Upstream::with_before(engine(&csv, &stations), Some(before));
    server.mood(Mood::Lags);
    let clock = Clock::default();
    let airq = Airq::builder().source(server.url()).clock(clock.clone()).build().unwrap();
    let madrid = Query::builder().city("Madrid").build().unwrap();
    assert!(airq.answer(&madrid, Format::Json).unwrap_err().is_not_found());
    server.mood(Mood::Fine);
    clock.advance(Duration::from_secs(5));
    assert_eq!(airq.answer(&madrid, Format::Json).unwrap().row_count(), 288);
}

#[test]
fn while_the_server_is_away_kept_answers_are_served_as_with_any_source() {
    let (csv, stations) = day(1_152);
    let server = Upstream::start(engine(&csv, &stations));
    let (clock, hour) = (Clock::default(), Duration::from_secs(3600));
    let airq = Airq::builder().source(format!("{}?timeout=300", server.url())).ttl(hour).clock(clock.clone());
    let airq = airq.build().unwrap();
    let query = Query::builder().city("Madrid").build().unwrap();
    let fresh = airq.answer(&query, Format::Json).unwrap();
    server.mood(Mood::Mute);
    clock.advance(2 * hour);
    let began = Instant::now();
    let stale = airq.answer(&query, Format::Json).unwrap();
    assert_eq!((stale.status(), stale.body()), (CacheStatus::Stale, fresh.body()));
    let cold = Query::builder().city("Bilbao").build().unwrap();
    assert!(airq.answer(&cold, Format::Json).unwrap_err().is_unavailable());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    server.mood(Mood::Fine);
    clock.advance(Duration::from_secs(1));
    assert_eq!(airq.answer(&query, Format::Json).unwrap().status(), CacheStatus::Miss);
}

/// `openssl s_server`, ended when dropped.
struct Openssl(std::process::Child);

impl Drop for Openssl {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[test]
fn a_server_with_tls_is_trusted_by_the_certificate_that_is_set_only() {
    use std::process::{Command, Stdio};
    // A Redis with TLS brings the certificates.
    let files = airq_core::testing::servers::RedisServer::options().tls().start().unwrap();
    let authority = files.authority().unwrap();
    let folder = authority.parent().unwrap();
    let body = r#"{"version":"load-7","stations":0,"measurements":0}"#;
    std::fs::create_dir(folder.join("v1")).unwrap();
    let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    std::fs::write(folder.join("v1/dataset"), response).unwrap();
    let port = airq_core::testing::servers::free_port().unwrap();
    let mut server = Command::new("openssl");
    server.args(["s_server", "-quiet", "-HTTP", "-cert", "server.crt", "-key", "server.key", "-accept"]);
    let server = server.arg(format!("127.0.0.1:{port}")).current_dir(folder).stdin(Stdio::null());
    let _running = Openssl(server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());

    let url = format!("https://127.0.0.1:{port}");
    let trusting = HttpRepository::open(&format!("{url}?sslrootcert={}", authority.display())).unwrap();
    let began = Instant::now();
    while trusting.version().is_err() && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(trusting.version().unwrap(), "load-7");
    // It serves one connection at a time.
    drop(trusting);
    let error = HttpRepository::open(&url).unwrap().version().unwrap_err();
    assert!(error.is_unavailable() && format!("{error:#}").contains("certificate"), "{error}");
}

#[test]
fn a_proxy_whose_server_is_gone_is_asked_again_by_another_connection() {
    let server = contract_server();
    server.mood(Mood::BadGateways(3));
    let repository = HttpRepository::open(&server.url()).unwrap();
    assert!(!repository.version().unwrap().is_empty());
    assert_eq!(server.requests(), 4, "the fourth request reached a server");

    let server = contract_server();
    server.mood(Mood::BadGateways(100));
    let error = HttpRepository::open(&server.url()).unwrap().version().unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("502"), "{error}");
    assert_eq!(server.requests(), 4, "and not more");
}

/// Asks for the rows of one limit, and returns the time that the answer took.
fn timed(airq: &Airq, limit: u64) -> (Result<airq_core::Answer, airq_core::Error>, Duration) {
    let start = Instant::now();
    let answer = airq.answer(&Query::builder().limit(limit).build().unwrap(), Format::Json);
    (answer, start.elapsed())
}

#[test]
fn a_slow_answer_is_waited_for_and_made_once_and_a_stale_one_is_served_within_two_seconds() {
    const HOUR: Duration = Duration::from_secs(3600);
    let (csv, stations) = day(100);
    let server = Upstream::start(engine(&csv, &stations));
    let clock = Clock::default();
    let airq = Airq::builder().source(server.url()).ttl(HOUR).clock(clock.clone()).build().unwrap();
    airq.stations().unwrap();
    server.mood(Mood::SlowRows);
    let before = server.requests();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(timed(&airq, 5).0.unwrap().row_count(), 5));
        }
    });
    // One for the rows, and one for each second of waiting.
    assert!(server.requests() - before <= 4, "{} requests", server.requests() - before);
    clock.advance(2 * HOUR);
    let (stale, took) = timed(&airq, 5);
    assert_eq!(stale.unwrap().status(), CacheStatus::Stale);
    assert!(took < Duration::from_secs(2), "{took:?}");

    server.mood(Mood::Mute);
    let (none, took) = timed(&airq, 6);
    assert!(none.unwrap_err().is_unavailable());
    assert!(took < Duration::from_millis(2200), "{took:?}");
    clock.advance(HOUR);
    let (stale, took) = timed(&airq, 5);
    assert_eq!(stale.unwrap().status(), CacheStatus::Stale);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_check_for_changes_that_arrives_slowly_does_not_delay_a_stale_answer() {
    const HOUR: Duration = Duration::from_secs(3600);
    let (csv, stations) = day(100);
    let server = Upstream::start(engine(&csv, &stations));
    let clock = Clock::default();
    let airq = Airq::builder().source(server.url()).ttl(HOUR).clock(clock.clone()).build().unwrap();
    timed(&airq, 5).0.unwrap();
    server.mood(Mood::Trickles);
    clock.advance(2 * HOUR);
    let (stale, took) = timed(&airq, 5);
    assert_eq!(stale.unwrap().status(), CacheStatus::Stale);
    assert!(took < Duration::from_secs(2), "{took:?}");
}
