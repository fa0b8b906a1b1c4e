//! Every shape has a golden file. `AIRQ_BLESS=1` writes them anew, for a person to read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

use airq_core::{Airq, CsvOptions, CsvRepository, Cursor, Format, Pollutant, Query, QueryBuilder};
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
fn every_shape_is_as_its_golden_file() {
    let airq = engine();
    let query = Query::builder()
        .city("madrid")
        .station("aq_retiro")
        .station("aq_salvia")
        .from("2016-10-01T23:30:00Z")
        .and_then(|builder| builder.limit(3).build())
        .unwrap();
    for format in Format::ALL {
        check(&format!("madrid.{format}"), airq.answer(&query, format).unwrap().body());
    }
    let latest = Query::builder().pollutant(Pollutant::Nh3).pollutant(Pollutant::No2).build().unwrap().latest();
    check("latest.json", airq.answer(&latest, Format::Json).unwrap().body());
    let nothing = Query::builder().from("2030-01-01").and_then(QueryBuilder::build).unwrap();
    for format in Format::ALL {
        check(&format!("nothing.{format}"), airq.answer(&nothing, format).unwrap().body());
    }
    check("stations.json", &airq.stations_document(&Query::all()).unwrap().body);
    check("cities.json", &airq.cities_document().unwrap().body);
    check("data_set.json", &airq.data_set_document().unwrap().body);
}

#[test]
fn every_json_shape_is_json() {
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

#[test]
fn entities_say_what_is_known_and_no_more() {
    let csv = "station,time,no2,co,pm2_5,remark\n\"aq ñ:1\",2016-10-01 00:00:00.004,-0.5,,12.50,x\n";
    let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
    let airq = Airq::builder().repository(repository).build().unwrap();
    let entity = |format| {
        let answer = airq.answer(&Query::all(), format).unwrap();
        assert_eq!(answer.content_type(), "application/ld+json");
        serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap()[0].clone()
    };
    let context = serde_json::json!([
        "https://raw.githubusercontent.com/smart-data-models/dataModel.Environment/master/context.jsonld",
        "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"
    ]);
    let id = "urn:ngsi-ld:AirQualityObserved:aq%20%C3%B1%3A1:2016-10-01T00:00:00.004Z";
    let (kind, time) = ("AirQualityObserved", "2016-10-01T00:00:00.004Z");
    let plain = serde_json::json!({"id": id, "type": kind, "dateObserved": time, "name": "aq ñ:1",
        "no2": -0.5, "pm25": 12.5, "@context": context});
    assert_eq!(entity(Format::NgsiLd), plain);
    let value =
        |number: f64| serde_json::json!({"type": "Property", "value": number, "unitCode": "GQ", "observedAt": time});
    let normalized = serde_json::json!({"id": id, "type": kind,
        "dateObserved": {"type": "Property", "value": {"@type": "DateTime", "@value": time}},
        "name": {"type": "Property", "value": "aq ñ:1"}, "no2": value(-0.5), "pm25": value(12.5), "@context": context});
    assert_eq!(entity(Format::NgsiLdNormalized), normalized);
}

#[test]
fn streamed_and_cached_answers_are_the_same_bytes() {
    let airq = engine();
    let query = Query::builder().city("Barcelona").build().unwrap();
    for format in Format::ALL {
        let mut streamed = Vec::new();
        airq.write(&query, format, &mut streamed).unwrap();
        assert_eq!(streamed, airq.answer(&query, format).unwrap().body(), "{format}");
    }
}

#[test]
fn pages_make_the_whole() {
    let airq = engine();
    let (mut rows, mut cursor) = (String::new(), None::<Cursor>);
    loop {
        let page = Query::builder().city("Madrid").limit(50).build().unwrap();
        let page = cursor.take().map_or(page.clone(), |cursor| page.after(cursor));
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
fn the_simulated_day_is_what_its_seed_gives() {
    let mut csv = Vec::new();
    airq_core::testing::Simulation::new(airq_core::testing::Simulation::SAMPLE).write_csv(&mut csv).unwrap();
    assert_eq!(csv, fs::read(fixtures().join("environment_airq_measurand.csv")).unwrap());
}
