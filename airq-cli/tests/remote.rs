//! Files by their URL, from a real nginx: `convert`, `query` and `import`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::{PostgresServer, WebMood, WebServer};
use common::run;

const ROWS: &str = "time;station;no2\n2016-10-01 01:00;a;1,5\n2016-10-01 02:00;a;2,5\n";

#[test]
fn a_file_is_converted_queried_and_imported_by_its_url() {
    let web = WebServer::start().unwrap();
    web.write("today.csv", ROWS.as_bytes()).unwrap();
    let url = web.url("today.csv");
    let converted = run(&["convert", &url, "--decimal-comma", "--format", "csv"]).ok();
    let expected = "station,time,no2\na,2016-10-01T01:00:00.000Z,1.5\na,2016-10-01T02:00:00.000Z,2.5\n";
    assert_eq!(converted.text(), expected);
    let with_settings = format!("csv:{url}?decimal-comma=true&timeout=10s");
    assert_eq!(run(&["convert", &with_settings, "--format", "csv"]).ok().text(), expected);
    let requests = web.requests().unwrap();
    assert_eq!(requests.len(), 2, "each conversion fetches the file once: {requests:?}");
    let queried = run(&["query", &with_settings, "--format", "ndjson"]).ok();
    assert_eq!(queried.text().lines().count(), 2);

    let postgres = PostgresServer::start().unwrap();
    let database = postgres.create_database("airq").unwrap();
    run(&["migrate", "--source", &database]).ok();
    let first = run(&["import", &with_settings, "--source", &database]).ok();
    assert!(first.text().contains("measurements: 2 inserted, 0 updated"), "{first:?}");
    let again = run(&["import", &with_settings, "--source", &database]).ok();
    assert!(again.text().contains("measurements: 0 inserted, 0 updated, 2 as they were"), "{again:?}");
    let loads = postgres.sql("airq", "select source from loads limit 1").unwrap();
    assert_eq!(loads, url, "the record of loads has the URL");
    let several = run(&["import", &with_settings, &url, "--source", &database]).failed(2);
    assert!(several.contains("import of one file"), "{several}");

    web.set_mood(WebMood::Cuts).unwrap();
    let cut = run(&["import", &with_settings, "--source", &database]).failed(1);
    assert!(cut.contains("cannot fetch") && cut.contains("/today.csv"), "{cut}");
    assert!(run(&["convert", &url]).failed(1).contains("cannot fetch"));
    let unknown = run(&["convert", &format!("csv:{url}?colour=red")]).failed(2);
    assert!(unknown.contains("colour") && unknown.contains("refresh"), "{unknown}");
}
