//! Every output format has golden files. `AIRQ_BLESS=1` rewrites the files, for review.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with the difference")]

use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::{Airq, Cursor, Format, Query};
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn engine() -> Airq {
    // The version of rows that are not files depends on the rows alone.
    let csv = fs::read(fixtures().join("environment_airq_measurand.csv")).unwrap();
    let stations = fs::read(fixtures().join("stations.csv")).unwrap();
    let options = CsvOptions::default();
    let repository = CsvRepository::from_reader("x.csv", csv.as_slice(), Some(&stations), &options).unwrap();
    Airq::builder().repository(repository).build().unwrap()
}

fn check(name: &str, body: &[u8]) {
    let path = fixtures().join("golden").join(name);
    if std::env::var_os("AIRQ_BLESS").is_some() {
        fs::write(&path, body).unwrap();
    }
    let golden = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(String::from_utf8_lossy(body), String::from_utf8_lossy(&golden), "{name}");
}

#[test]
fn answers_equal_the_golden_files() {
    let airq = engine();
    let query = Query::builder()
        .city("madrid")
        .station("aq_retiro")
        .station("aq_salvia")
        .from("2016-10-01T23:30:00Z")
        .limit(3)
        .build()
        .unwrap();
    for &format in Format::TEXT {
        check(&format!("madrid.{format}"), airq.answer(&query, format).unwrap().body());
    }
    let (latest, _) = Query::from_pairs(Query::LATEST_PARAMETERS, [("pollutant", "nh3,no2")]).unwrap();
    check("latest.json", airq.answer(&latest.latest(), Format::Json).unwrap().body());
    let nothing = Query::builder().from("2030-01-01").build().unwrap();
    for &format in Format::TEXT {
        check(&format!("nothing.{format}"), airq.answer(&nothing, format).unwrap().body());
    }
    check("stations.json", &airq.stations_document(&Query::all(), Format::Json).unwrap().body);
    check("cities.json", &airq.cities_document().unwrap().body);
    check("data_set.json", &airq.data_set_document().unwrap().body);
}

#[test]
fn every_json_format_is_json() {
    let airq = engine();
    for format in
        [Format::Json, Format::Records, Format::Columns, Format::GeoJson, Format::NgsiLd, Format::NgsiLdNormalized]
    {
        let answer = airq.answer(&Query::all(), format).unwrap();
        serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap_or_else(|error| panic!("{format}: {error}"));
    }
    let lines = airq.answer(&Query::all(), Format::Ndjson).unwrap();
    for line in std::str::from_utf8(lines.body()).unwrap().lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

fn first_entity(airq: &Airq, format: Format) -> serde_json::Value {
    let answer = airq.answer(&Query::all(), format).unwrap();
    assert_eq!(answer.content_type(), "application/ld+json");
    serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap()[0].clone()
}

#[test]
fn entities_have_no_unknown_attributes() {
    let csv = "station,time,no2,co,pm2_5,remark\n\"aq ñ:1\",2016-10-01 00:00:00.004,-0.5,,12.50,x\n";
    let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
    let airq = Airq::builder().repository(repository).build().unwrap();
    let context = serde_json::json!([
        "https://raw.githubusercontent.com/smart-data-models/dataModel.Environment/master/context.jsonld",
        "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"
    ]);
    let id = "urn:ngsi-ld:AirQualityObserved:aq%20%C3%B1%3A1:2016-10-01T00:00:00.004Z";
    let kind = "AirQualityObserved";
    let time = "2016-10-01T00:00:00.004Z";
    let key_values = serde_json::json!({"id": id, "type": kind, "dateObserved": time, "name": "aq ñ:1",
        "no2": -0.5, "pm25": 12.5, "@context": context});
    assert_eq!(first_entity(&airq, Format::NgsiLd), key_values);
    let no2 = serde_json::json!({"type": "Property", "value": -0.5, "unitCode": "GQ", "observedAt": time});
    let pm25 = serde_json::json!({"type": "Property", "value": 12.5, "unitCode": "GQ", "observedAt": time});
    let normalized = serde_json::json!({"id": id, "type": kind,
        "dateObserved": {"type": "Property", "value": {"@type": "DateTime", "@value": time}},
        "name": {"type": "Property", "value": "aq ñ:1"}, "no2": no2, "pm25": pm25, "@context": context});
    assert_eq!(first_entity(&airq, Format::NgsiLdNormalized), normalized);
}

#[test]
fn streamed_and_cached_answers_are_equal() {
    let airq = engine();
    let query = Query::builder().city("Barcelona").build().unwrap();
    for &format in Format::TEXT {
        let mut streamed = Vec::new();
        airq.write(&query, format, &mut streamed).unwrap();
        assert_eq!(streamed, airq.answer(&query, format).unwrap().body(), "{format}");
    }
}

#[test]
fn pages_together_equal_the_whole_answer() {
    let airq = engine();
    let mut rows = String::new();
    let mut cursor = None::<Cursor>;
    loop {
        let mut page = Query::builder().city("Madrid").limit(50).build().unwrap();
        if let Some(cursor) = cursor.take() {
            page = page.after(cursor);
        }
        let mut out = Vec::new();
        let summary = airq.write(&page, Format::Ndjson, &mut out).unwrap();
        rows += std::str::from_utf8(&out).unwrap();
        cursor = summary.next;
        if cursor.is_none() {
            break;
        }
    }
    let all = Query::builder().city("Madrid").build().unwrap();
    assert_eq!(rows.as_bytes(), airq.answer(&all, Format::Ndjson).unwrap().body());
    assert_eq!(rows.lines().count(), 3 * 96);
}

#[test]
fn the_simulated_day_equals_the_fixture() {
    let mut csv = Vec::new();
    airq_core::testing::Simulation::new(airq_core::testing::Simulation::SAMPLE).write_csv(&mut csv).unwrap();
    assert_eq!(csv, fs::read(fixtures().join("environment_airq_measurand.csv")).unwrap());
}
