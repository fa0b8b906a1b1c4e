//! Typed rows have the values of the JSON answers, with every digit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]
#![allow(clippy::format_push_string, reason = "lines are easier to read as they are formatted")]

use airq_core::aggregate::{Averages, Every, Statistic};
use airq_core::aqi::AirQualityIndex;
use airq_core::repository::{CsvRepository, DataSet};
use airq_core::testing::{Dirt, Simulation};
use airq_core::{
    Airq, Error, ErrorKind, Format, MeasurementRef, Measurements, Parameter, Query, Repository, Result, Selection,
    Stations,
};
use proptest::prelude::*;
use std::io::Write;
use std::ops::ControlFlow;

fn sample() -> Airq {
    Airq::builder().repository(CsvRepository::sample().unwrap()).build().unwrap()
}

fn airq_of(csv: &[u8]) -> Airq {
    Airq::builder().repository(CsvRepository::from_bytes("a.csv", csv).unwrap()).build().unwrap()
}

/// A row as the format `ndjson` has it, with the texts of the values.
fn ndjson_line(row: MeasurementRef<'_>) -> String {
    let station = serde_json::to_string(row.station()).unwrap();
    let mut line = format!("{{\"station\":{station},\"time\":\"{}\"", row.time());
    let is_time_of_value = |name: &&str| *name != "local_time" && name.ends_with("_time");
    for name in row.schema().text_columns().filter(|name| !is_time_of_value(name)) {
        line += &format!(",\"{name}\":{}", serde_json::to_string(&row.text(name)).unwrap());
    }
    for (parameter, value) in row.values() {
        let text = value.map_or("null", |value| value.text);
        line += &format!(",\"{parameter}\":{text}");
        assert_eq!(row.value(parameter), value);
        if let Some(value) = value {
            assert_eq!(value.number.to_bits(), value.text.parse::<f64>().unwrap().to_bits());
        }
        if let Some(capture) = row.capture(parameter) {
            line += &format!(",\"{parameter}_capture\":{}", capture.text);
        }
    }
    if row.schema().text_columns().any(|name| is_time_of_value(&name)) {
        let older = row.values().filter(|(parameter, value)| value.is_some() && row.time_of(*parameter) != row.time());
        let times: Vec<String> =
            older.map(|(parameter, _)| format!("\"{parameter}\":\"{}\"", row.time_of(parameter))).collect();
        line += &format!(",\"times\":{{{}}}", times.join(","));
    }
    line + "}\n"
}

/// Compares the typed rows of a query, streamed, collected and cached, with its answer in JSON.
fn assert_same_as_json(airq: &Airq, query: &Query) {
    let mut json = Vec::new();
    let written = airq.write(query, Format::Ndjson, &mut json).unwrap();
    let expected = String::from_utf8(json).unwrap();

    let mut streamed = String::new();
    let summary = airq
        .for_each_row(query, |row| {
            streamed += &ndjson_line(row);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(streamed, expected, "{query:?}");
    assert_eq!((summary.rows, &summary.next), (written.rows, &written.next), "{query:?}");

    let collected = airq.rows(query).unwrap();
    let lines: String = collected.iter().map(|row| ndjson_line(row.as_measurement_ref())).collect();
    assert_eq!(lines, expected, "{query:?}");
    assert_eq!(collected.next_cursor(), written.next.as_ref(), "{query:?}");
    assert_eq!(airq.answer(query, Format::Csv).unwrap().rows().unwrap(), collected, "{query:?}");
}

/// The choices of a random query.
#[derive(Clone, Debug)]
struct Choices {
    stations: Vec<prop::sample::Index>,
    parameters: Vec<Parameter>,
    hours: (u32, u32),
    averages: Option<(Every, Statistic)>,
    limit: Option<u64>,
    is_latest: bool,
}

fn choices() -> impl Strategy<Value = Choices> {
    let every = prop::sample::select(Every::ALL);
    let statistics = ["mean", "min", "max", "median", "p99.8", "count"].map(|name| name.parse::<Statistic>().unwrap());
    let statistic = prop::sample::select(statistics.to_vec());
    (
        prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        prop::sample::subsequence(Parameter::known().take(10).collect::<Vec<_>>(), 0..4),
        (0..24_u32, 1..24_u32),
        prop::option::of((every, statistic)),
        prop::option::of(1..20_u64),
        any::<bool>(),
    )
        .prop_map(|(stations, parameters, hours, averages, limit, is_latest)| Choices {
            stations,
            parameters,
            hours,
            averages,
            limit,
            is_latest,
        })
}

fn query_of(airq: &Airq, choices: &Choices) -> Query {
    let known = airq.stations().unwrap();
    let ids: Vec<&str> = known.iter().map(|station| station.id.as_str()).collect();
    let (hour, length) = choices.hours;
    let from = format!("2016-10-01T{hour:02}:00:00Z");
    let to = format!("2016-10-{:02}T{:02}:00:00Z", 1 + (hour + length) / 24, (hour + length) % 24);
    let mut builder = Query::builder().from(from).to(to);
    for station in &choices.stations {
        builder = builder.station(*station.get(&ids));
    }
    for parameter in &choices.parameters {
        builder = builder.parameter(*parameter);
    }
    if let Some((every, statistic)) = choices.averages {
        let averages = Averages::new(every).with_statistic(statistic).with_capture(10);
        builder = builder.averages(averages).zone("Europe/Madrid".parse().unwrap());
    }
    if let Some(rows) = choices.limit {
        builder = builder.limit(rows);
    }
    let query = builder.build().unwrap();
    if choices.is_latest { query.latest() } else { query }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn random_queries_of_the_sample_have_the_values_of_the_json(choices in choices()) {
        let airq = sample();
        assert_same_as_json(&airq, &query_of(&airq, &choices));
    }
}

#[test]
fn data_with_every_dirt_have_the_values_of_the_json() {
    for dirt in Dirt::ALL {
        let mut csv = Vec::new();
        Simulation::new(11).rows(2_000).dirt(dirt).write_csv(&mut csv).unwrap();
        let airq = airq_of(&csv);
        assert_same_as_json(&airq, &Query::all());
        assert_same_as_json(&airq, &Query::all().latest());
        assert_same_as_json(&airq, &Query::builder().averages(Averages::new(Every::Hour)).limit(7).build().unwrap());
    }
}

#[test]
fn a_text_is_kept_and_a_missing_value_is_none() {
    let airq = airq_of(b"station,time,no2,co\na,2016-10-01,48.30,1e999\na,2016-10-02,,-0.0\n");
    let rows = airq.rows(&Query::all()).unwrap();
    let no2 = rows[0].value(Parameter::NO2).unwrap();
    assert_eq!((no2.number, no2.text), (48.3, "48.3"));
    let co = rows[0].value(Parameter::CO).unwrap();
    assert_eq!((co.number, co.text), (f64::INFINITY, "1e999"));
    assert_eq!(rows[1].value(Parameter::NO2), None);
    assert_eq!(rows[1].value(Parameter::CO).unwrap().text, "-0");
    assert_eq!(rows[0].value(Parameter::NH3), None, "not in the data");
    assert_eq!(rows[0].capture(Parameter::NO2), None, "a measurement has no capture");
    assert_eq!(rows[0].overall_index(), None);
}

#[test]
fn an_average_without_enough_values_has_a_capture_and_no_value() {
    let airq = airq_of(b"station,time,no2\na,2016-10-01T00:00:00Z,10\na,2016-10-01T01:00:00Z,20\n");
    let query = Query::builder().averages(Averages::new(Every::Day)).build().unwrap();
    let rows = airq.rows(&query).unwrap();
    assert!(rows.schema().has_captures());
    assert_eq!(rows[0].value(Parameter::NO2), None);
    assert_eq!(rows[0].capture(Parameter::NO2).unwrap().text, "0.083");
}

#[test]
fn an_index_is_that_of_the_json() {
    let airq = sample();
    for &index in AirQualityIndex::ALL {
        let query = Query::builder().city("Madrid").index(index).build().unwrap();
        let answer = airq.answer(&query, Format::Records).unwrap();
        let json: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        let rows = airq.rows(&query).unwrap();
        assert!(rows.schema().has_index() && rows.schema().text_columns().next().is_none());
        assert_eq!(rows.len(), json["measurements"].as_array().unwrap().len());
        for (row, json) in rows.iter().zip(json["measurements"].as_array().unwrap()) {
            let rating = row.overall_index();
            let rated = &json["index"];
            assert_eq!(rating.map(|rating| rating.band.name), rated["band"].as_str());
            assert_eq!(rating.map(|rating| rating.level as u64), rated["level"].as_u64());
            assert_eq!(rating.and_then(|rating| rating.number).map(u64::from), rated["number"].as_u64());
            assert_eq!(rating.map(|rating| rating.parameter.code()), rated["pollutant"].as_str());
            assert_eq!(row.text("index"), Some(index.id()));
        }
    }
}

#[test]
fn pages_end_at_the_limit_and_continue_at_the_cursor() {
    let airq = sample();
    let query = Query::builder().city("Madrid").limit(50).build().unwrap();
    let mut rows = Vec::new();
    let mut page = airq.rows(&query).unwrap();
    while let Some(cursor) = page.next_cursor().cloned() {
        assert_eq!(page.len(), 50);
        rows.extend(page);
        page = airq.rows(&query.clone().after(cursor)).unwrap();
    }
    rows.extend(page);
    assert_eq!(rows, airq.rows(&Query::builder().city("Madrid").build().unwrap()).unwrap().into_vec());
}

#[test]
fn a_callback_that_breaks_is_not_called_again_and_its_cursor_continues_after_it() {
    let airq = sample();
    let all = airq.rows(&Query::all()).unwrap();
    let mut visited = Vec::new();
    let summary = airq
        .for_each_row(&Query::all(), |row| {
            visited.push(row.to_measurement());
            Ok(if visited.len() == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .unwrap();
    assert_eq!((summary.rows, visited.len()), (100, 100));
    visited.extend(airq.rows(&Query::all().after(summary.next.unwrap())).unwrap());
    assert_eq!(visited, all.into_vec());
}

#[test]
fn an_error_of_the_callback_is_returned_as_it_is() {
    let mut calls = 0;
    let failed = sample().for_each_row(&Query::all(), |_| {
        calls += 1;
        Err(Error::new(ErrorKind::Timeout, "mine"))
    });
    let error = failed.unwrap_err();
    assert_eq!((error.is_timeout(), error.to_string().as_str(), calls), (true, "mine", 1));
}

/// A repository that replaces every error of its writer, and writes on after one.
#[derive(Debug)]
struct Deaf;

impl Repository for Deaf {
    fn version(&self) -> Result<String> {
        Ok("1".to_owned())
    }

    fn stations(&self) -> Result<Stations> {
        Ok(Stations::default())
    }

    fn data_set(&self) -> Result<DataSet> {
        Ok(DataSet::default())
    }

    fn write_csv(&self, _: &Selection, out: &mut dyn Write) -> Result<String> {
        let first = out.write_all(b"station,time,no2\na,2016-10-01,1\n");
        let second = out.write_all(b"a,2016-10-02,2\n");
        match first.and(second) {
            Ok(()) => Ok("1".to_owned()),
            Err(_) => Err(Error::new(ErrorKind::Unavailable, "theirs")),
        }
    }
}

#[test]
fn the_end_of_a_visit_does_not_depend_on_the_manners_of_the_repository() {
    let airq = Airq::builder().repository(Deaf).build().unwrap();
    let mut calls = 0;
    let stopped = airq.for_each_row(&Query::all(), |_| {
        calls += 1;
        Ok(ControlFlow::Break(()))
    });
    assert_eq!((stopped.unwrap().rows, calls), (1, 1));
    let failed = airq.for_each_row(&Query::all(), |_| Err(Error::new(ErrorKind::Timeout, "mine")));
    assert!(failed.unwrap_err().is_timeout());
    assert_eq!(airq.rows(&Query::all()).unwrap().len(), 2);
}

#[test]
fn names_that_do_not_exist_and_other_formats_are_errors() {
    let airq = sample();
    let unknown = Query::builder().city("Atlantis").build().unwrap();
    assert!(airq.rows(&unknown).unwrap_err().is_not_found());
    let answer = airq.answer(&Query::all(), Format::Json).unwrap();
    assert_eq!(answer.rows().unwrap_err().issues()[0].parameter, "format");
}

#[test]
fn text_columns_pass_and_invalid_csv_has_a_position() {
    let rows =
        Measurements::from_csv(b"station,time,no2,remark\na,2016-10-01,1,\"x, y\"\n\"b\",2016-10-01,,\n").unwrap();
    assert_eq!(rows.schema().text_columns().collect::<Vec<_>>(), ["remark"]);
    assert_eq!((rows[0].text("remark"), rows[1].text("remark"), rows[1].text("other")), (Some("x, y"), None, None));
    let error = Measurements::from_csv(b"station,time,no2\na,2016-10-01,x\n").unwrap_err();
    assert_eq!(error.position().unwrap().line, 2);
    assert!(Measurements::from_csv(b"").unwrap_err().is_invalid_data());
    assert!(Measurements::from_csv(b"station,time,no2\n").unwrap().is_empty());
}

/// Makes every number an `f64`: a row serializes `1` as `1.0`.
#[cfg(feature = "serde")]
fn with_floats(json: &serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Array(items) => items.iter().map(with_floats).collect(),
        serde_json::Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), with_floats(value))).collect(),
        serde_json::Value::Number(number) => number.as_f64().into(),
        other => other.clone(),
    }
}

#[cfg(feature = "serde")]
#[test]
fn rows_serialize_as_the_measurements_of_the_format_records() {
    let airq = sample();
    for query in [
        Query::builder().city("Madrid").build().unwrap(),
        Query::builder().station("aq_salvia").averages(Averages::new(Every::Hour)).build().unwrap(),
    ] {
        let answer = airq.answer(&query, Format::Records).unwrap();
        let json: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(serde_json::to_value(airq.rows(&query).unwrap()).unwrap(), with_floats(&json["measurements"]));
    }
    let rated = Query::builder().station("aq_salvia").index(AirQualityIndex::default()).limit(1).build().unwrap();
    let answer = airq.answer(&rated, Format::Records).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    let json = serde_json::to_value(&airq.rows(&rated).unwrap()[0]).unwrap();
    for key in ["id", "band", "level", "number", "colour", "pollutant"] {
        assert_eq!(json["index"][key], expected["measurements"][0]["index"][key], "{key}");
    }
}
