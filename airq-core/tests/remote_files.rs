//! Files by their URL, from a real nginx that changes, truncates, stalls, fails and redirects.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test panics with what was broken")]

use airq_core::input::{InputFile, InputOptions};
use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::testing::servers::{WebMood, WebServer};
use airq_core::{Airq, Error, Format, Query, Repository, Selection};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

const ONE_ROW: &str = "time,station,no2\n2016-10-01,a,1\n";
const TWO_ROWS: &str = "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,22\n";
const FOUR_ROWS: &str = "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,2\n2016-10-03,a,3\n2016-10-04,a,4\n";

fn options(settings: &[(&str, &str)]) -> InputOptions {
    let given = [("refresh", "1s"), ("timeout", "2s")].into_iter().chain(settings.iter().copied());
    given.fold(InputOptions::default(), |options, (name, value)| options.set(name, value).unwrap())
}

fn store(url: &str) -> Result<CsvRepository, Error> {
    CsvRepository::open([url], &CsvOptions::default().input(options(&[])))
}

fn rows(repository: &CsvRepository) -> usize {
    let mut csv = Vec::new();
    repository.write_csv(&Selection::default(), &mut csv).unwrap();
    csv.split(|byte| *byte == b'\n').count() - 2
}

fn outdated(repository: &CsvRepository) -> Option<String> {
    repository.data_set().unwrap().outdated
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} within 30 s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_file_that_changes_is_loaded_and_one_that_does_not_is_not_sent_again() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", ONE_ROW.as_bytes()).unwrap();
    let repository = store(&server.url("today.csv")).unwrap();
    let first = repository.version().unwrap();
    assert_eq!(rows(&repository), 1);
    wait_for("the file is asked for again", || server.requests().unwrap().len() >= 3);
    let requests = server.requests().unwrap();
    assert!(requests[0].starts_with("200 /today.csv etag=- since=-"), "{requests:?}");
    assert!(requests[1].starts_with("304 /today.csv etag=\\x22") && requests[1].ends_with("GMT"), "{requests:?}");

    server.write("today.csv", TWO_ROWS.as_bytes()).unwrap();
    wait_for("the changed file is loaded", || rows(&repository) == 2);
    let second = repository.version().unwrap();
    assert_ne!(second, first);
    // Servers with the same file share their answers.
    assert_eq!(store(&server.url("today.csv")).unwrap().version().unwrap(), second);
}

#[test]
fn the_rows_from_before_are_served_while_a_server_fails() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", TWO_ROWS.as_bytes()).unwrap();
    let repository = store(&server.url("today.csv")).unwrap();
    assert_eq!(outdated(&repository), None);
    for (mood, why) in [
        (WebMood::Fails, "answered 500"),
        (WebMood::Cuts, "cannot fetch"),
        (WebMood::Stalls, "too slow"),
        (WebMood::Loops, "more than 5 redirects"),
        (WebMood::RedirectsToFile, "file:///etc/passwd"),
        (WebMood::Unframed, "does not say where the file ends"),
    ] {
        server.set_mood(mood).unwrap();
        wait_for(&format!("{mood:?} is reported"), || outdated(&repository).is_some_and(|told| told.contains(why)));
        assert_eq!(rows(&repository), 2, "{mood:?}");
        assert!(repository.examine().iter().any(|finding| finding.found.contains(why)), "{mood:?}");
    }
    server.set_mood(WebMood::Fine).unwrap();
    wait_for("the recovery is noticed", || outdated(&repository).is_none());
    assert_eq!(rows(&repository), 2);
}

#[test]
fn a_file_that_became_invalid_leaves_the_rows_from_before() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", TWO_ROWS.as_bytes()).unwrap();
    let repository = store(&server.url("today.csv")).unwrap();
    server.write("today.csv", b"<!DOCTYPE html><html><body>maintenance</body></html>").unwrap();
    wait_for("the page is reported", || outdated(&repository).is_some_and(|told| told.contains("HTML")));
    assert_eq!(rows(&repository), 2);
    server.write("today.csv", FOUR_ROWS.as_bytes()).unwrap();
    wait_for("the corrected file is loaded", || rows(&repository) == 4);
    assert_eq!(outdated(&repository), None);
}

#[test]
fn a_first_request_that_fails_is_an_error_with_its_reason() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", TWO_ROWS.repeat(20).as_bytes()).unwrap();
    for (mood, why) in [
        (WebMood::Fails, "the server answered 500"),
        (WebMood::Cuts, "cannot fetch"),
        (WebMood::Stalls, "too slow"),
        (WebMood::Drips, "too slow"),
        (WebMood::Loops, "more than 5 redirects"),
        (WebMood::RedirectsToFile, "file:///etc/passwd"),
        (WebMood::Unframed, "does not say where the file ends"),
    ] {
        server.set_mood(mood).unwrap();
        let start = Instant::now();
        let error = store(&server.url("today.csv")).unwrap_err();
        assert!(error.is_unavailable() && format!("{error:#}").contains(why), "{mood:?}: {error}");
        assert!(format!("{error:#}").contains("/today.csv"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(8), "{mood:?} took {:?}", start.elapsed());
    }
    server.set_mood(WebMood::Fine).unwrap();
    let missing = store(&server.url("yesterday.csv")).unwrap_err();
    assert!(missing.to_string().contains("answered 404"), "{missing}");
    assert!(store("http://127.0.0.1:9/today.csv").unwrap_err().is_unavailable());
}

#[test]
fn a_file_has_a_limit_of_its_size() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", FOUR_ROWS.repeat(30).as_bytes()).unwrap();
    let input = options(&[("max-size", "1KiB")]);
    let error = InputFile::list(Path::new(&server.url("today.csv")), &input).unwrap_err();
    assert!(format!("{error:#}").contains("longer than 1024 bytes: set max-size"), "{error}");
    assert_eq!(InputFile::list(Path::new(&server.url("today.csv")), &options(&[])).unwrap().len(), 1);
}

#[test]
fn redirects_are_followed_and_tls_is_verified() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", TWO_ROWS.as_bytes()).unwrap();
    assert_eq!(rows(&store(&server.url("moved/today.csv")).unwrap()), 2);
    let url = server.tls_url("today.csv");
    let untrusted = store(&url).unwrap_err();
    assert!(untrusted.is_unavailable() && format!("{untrusted:#}").contains("certificate"), "{untrusted}");
    let input = options(&[("sslrootcert", server.authority().to_str().unwrap())]);
    let trusted = CsvRepository::open([&url], &CsvOptions::default().input(input)).unwrap();
    assert_eq!(rows(&trusted), 2);
}

#[test]
fn packed_files_and_files_of_other_formats_are_read() {
    let server = WebServer::start().unwrap();
    let cells = (1..=24).map(|hour| format!(";H{hour:02};V{hour:02}")).collect::<Vec<_>>().concat();
    let values = ";17;V".repeat(24);
    let madrid = format!(
        "PROVINCIA;MUNICIPIO;ESTACION;MAGNITUD;PUNTO_MUESTREO;ANO;MES;DIA{cells}\n28;79;4;8;28079004_8_8;2016;10;1{values}\n"
    );
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(madrid.as_bytes()).unwrap();
    server.write("madrid.csv.gz", &gz.finish().unwrap()).unwrap();
    let repository = store(&server.url("madrid.csv.gz")).unwrap();
    assert_eq!(rows(&repository), 24);
    assert!(repository.data_set().unwrap().formats[0].contains("madrid"));

    // The name of the file is that of the URL, and the query is not part of it.
    server.write("no-header.csv", b"time,station,no2\n2016-10-01,a,bad\n").unwrap();
    let error = store(&(server.url("no-header.csv") + "?key=s3cret")).unwrap_err();
    assert!(format!("{error:#}").contains("/no-header.csv, line 2"), "{error}");
    assert!(!format!("{error:#}").contains("s3cret"), "{error}");
}

#[test]
fn a_url_is_a_source_with_settings_and_stations_by_url() {
    let server = WebServer::start().unwrap();
    server.write("today.csv", TWO_ROWS.as_bytes()).unwrap();
    server.write("stations.csv", b"id,city\na,Madrid\n").unwrap();
    let url = format!("csv:{}?stations={}&refresh=1h", server.url("today.csv"), server.url("stations.csv"));
    let airq = Airq::open(&url).unwrap();
    let query = Query::builder().city("Madrid").build().unwrap();
    assert_eq!(airq.answer(&query, Format::Ndjson).unwrap().row_count(), 2);

    // A query of the URL's own is sent; settings follow it.
    let url = format!("csv:{}?year=2016#city=Madrid", server.url("today.csv"));
    assert_eq!(Airq::open(&url).unwrap().answer(&query, Format::Ndjson).unwrap().row_count(), 2);
    assert!(server.requests().unwrap().last().unwrap().starts_with("200 /today.csv?year=2016 "));

    let unknown = Airq::open(&format!("csv:{}?year=2016", server.url("today.csv"))).unwrap_err();
    assert!(unknown.is_invalid_input() && unknown.to_string().contains("after #"), "{unknown}");
    let bad = Airq::open(&format!("csv:{}?refresh=10", server.url("today.csv"))).unwrap_err();
    assert!(bad.to_string().contains("such as 90s, 10m or 1h"), "{bad}");
}
