//! Three doors, one answer: the library call, the command line and the HTTP body of one query are the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::compliance::ComplianceQuery;
use airq_core::{Airq, Format, Query};
use common::{Server, fixture};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Ten queries that differ in what they ask and how it is spelled, as pairs.
const QUERIES: [&[(&str, &str)]; 10] = [
    &[("city", "Madrid")],
    &[("city", "madrid"), ("parameter", "no2,o3"), ("format", "records")],
    &[("near", "36.7,-4.4"), ("radius", "30km"), ("format", "ngsi-ld")],
    &[("station", "aq_salvia"), ("from", "2016-10-01T06:00:00Z"), ("to", "2016-10-01T07:00:00Z"), ("format", "ndjson")],
    &[("station", "aq_retiro"), ("station", "aq_gracia"), ("limit", "7"), ("format", "csv")],
    &[("bbox", "-10,30,5,40.5"), ("limit", "100000"), ("format", "geojson")],
    &[("city", "valencia"), ("from", "2016-10-01T08:00:00+02:00"), ("limit", "3")],
    &[("limit", "5"), ("cursor", "2016-10-01T12:00:00.000Z,aq_pilar"), ("format", "records")],
    &[("parameter", "nh3"), ("parameter", "PM2.5"), ("limit", "10"), ("format", "columns")],
    &[("from", "2030-01-01"), ("format", "json")],
];

fn library(airq: &Airq, pairs: &[(&str, &str)]) -> Vec<u8> {
    let (query, format) = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap();
    airq.answer(&query, format.unwrap_or(Format::Json)).unwrap().body().to_vec()
}

fn command_line(source: &Path, pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut command = Command::new(airq_cli());
    command.arg("query").arg("--source").arg(source);
    for (name, value) in pairs {
        command.args([&format!("--{name}"), *value]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{pairs:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn http(server: &Server, pairs: &[(&str, &str)]) -> Vec<u8> {
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let reply = server.get(&format!("/v1/air_quality?{query}"));
    assert_eq!(reply.status, 200, "{pairs:?}");
    reply.body
}

/// The command line's program, which a test of the whole workspace has built beside the server's.
fn airq_cli() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_airq-server")).with_file_name("airq-cli");
    if !program.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "airq-cli"]).status().unwrap();
        assert!(built.success());
    }
    program
}

#[test]
fn library_command_line_and_server_give_the_same_bytes() {
    let source = fixture("environment_airq_measurand.csv");
    let airq = Airq::open(source.to_str().unwrap()).unwrap();
    let server = Server::start(&["--source", source.to_str().unwrap()]);
    for pairs in QUERIES {
        let expected = library(&airq, pairs);
        assert_eq!(String::from_utf8(command_line(&source, pairs)), String::from_utf8(expected.clone()), "{pairs:?}");
        assert_eq!(String::from_utf8(http(&server, pairs)), String::from_utf8(expected), "{pairs:?}");
    }
}

#[test]
fn the_built_in_sample_is_the_published_day() {
    let server = Server::start(&[]);
    let airq = Airq::open(fixture("environment_airq_measurand.csv").to_str().unwrap()).unwrap();
    for pairs in QUERIES {
        assert_eq!(http(&server, pairs), library(&airq, pairs), "{pairs:?}");
    }
}

#[test]
fn documents_are_the_same_too() {
    let server = Server::start(&[]);
    for (command, target) in [("cities", "/v1/cities"), ("stations", "/v1/stations"), ("dataset", "/v1/dataset")] {
        let output = Command::new(airq_cli()).args([command, "--format", "json"]).env_remove("AIRQ_SOURCE").output();
        assert_eq!(output.unwrap().stdout, server.get(target).body, "{command}");
    }
}

#[test]
fn a_chart_is_the_same_picture_too() {
    let server = Server::start(&[]);
    let path = std::env::temp_dir().join(format!("airq-doors-{}.svg", std::process::id()));
    let flags = ["plot", "--city", "Madrid", "--tz", "Europe/Madrid", "--width", "500", "--output"];
    let output = Command::new(airq_cli()).args(flags).arg(&path).env_remove("AIRQ_SOURCE").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let reply = server.get("/v1/chart.svg?city=Madrid&tz=Europe/Madrid&width=500");
    assert_eq!(reply.header("Content-Type"), Some("image/svg+xml"));
    assert_eq!(std::fs::read_to_string(&path).unwrap().into_bytes(), reply.body);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn compliance_is_the_same_too() {
    let server = Server::start(&[]);
    let airq = Airq::open(fixture("environment_airq_measurand.csv").to_str().unwrap()).unwrap();
    for (format, known) in [("json", Format::Json), ("csv", Format::Csv)] {
        let pairs = [("city", "Madrid"), ("year", "2016"), ("standard", "eu-2024"), ("format", format)];
        let (query, _) = ComplianceQuery::from_pairs(pairs).unwrap();
        let expected = String::from_utf8(airq.compliance_answer(&query, known).unwrap().body().to_vec()).unwrap();
        let mut command = Command::new(airq_cli());
        command.arg("compliance").env_remove("AIRQ_SOURCE");
        for (name, value) in pairs {
            command.args([&format!("--{name}"), value]);
        }
        assert_eq!(String::from_utf8(command.output().unwrap().stdout).unwrap(), expected);
        let target = format!("/v1/compliance?city=Madrid&year=2016&standard=eu-2024&format={format}");
        assert_eq!(String::from_utf8(server.get(&target).body).unwrap(), expected);
    }
}
