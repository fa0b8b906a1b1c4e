//! Answers with the newest values of each station, and with converted units.
#![allow(clippy::unwrap_used, reason = "a test panics with the error")]

use airq_core::repository::CsvRepository;
use airq_core::{Airq, Format, Parameter, Query, Unit};
use serde_json::{Value, json};

const CSV: &str = "time,station,no2,so2,pm10\n\
                   2019-12-20T00:00:00Z,a,1,2,50\n\
                   2020-01-01T00:00:00Z,a,10,3,\n\
                   2020-01-01T01:00:00Z,a,11,,\n\
                   2020-01-01T02:00:00Z,a,100,,\n\
                   2020-01-01T02:00:00Z,b,7,4,8\n";

fn airq() -> Airq {
    Airq::builder().repository(CsvRepository::from_bytes("a.csv", CSV.as_bytes()).unwrap()).build().unwrap()
}

fn text(query: &Query, format: Format) -> String {
    String::from_utf8(airq().answer(query, format).unwrap().body().to_vec()).unwrap()
}

fn json_of(query: &Query, format: Format) -> Value {
    serde_json::from_str(&text(query, format)).unwrap()
}

fn parsed(known: &[&str], pairs: &[(&str, &str)]) -> airq_core::Result<Query> {
    Query::from_pairs(known, pairs.iter().copied()).map(|(query, _)| query)
}

fn latest(pairs: &[(&str, &str)]) -> Query {
    parsed(Query::LATEST_PARAMETERS, pairs).unwrap().latest()
}

#[test]
fn the_newest_value_of_each_parameter_has_its_time() {
    let nested = json_of(&latest(&[]), Format::Json);
    let row = &nested["stations"][0]["measurements"][0];
    let expected = json!({
        "time": "2020-01-01T02:00:00.000Z", "so2": 3, "no2": 100, "pm10": null,
        "times": { "so2": "2020-01-01T00:00:00.000Z" },
    });
    assert_eq!(*row, expected, "pm10 is older than 7 days");
    assert_eq!(nested["stations"][1]["measurements"][0]["times"], json!({}));
    let geojson = json_of(&Query::all(), Format::GeoJson);
    assert_eq!(geojson["features"][0]["properties"]["times"], row["times"]);
    assert_eq!(json_of(&latest(&[]), Format::Columns)["stations"][0]["times"], json!([row["times"]]));
    let entities = json_of(&latest(&[]), Format::NgsiLd);
    let observed: Vec<_> = entities.as_array().unwrap().iter().map(|entity| &entity["dateObserved"]).collect();
    assert_eq!(observed, ["2020-01-01T00:00:00.000Z", "2020-01-01T02:00:00.000Z", "2020-01-01T02:00:00.000Z"]);
}

#[test]
fn with_a_parameter_the_row_is_of_its_newest_value() {
    let so2 = [("parameter", "so2")];
    let csv = "station,time,so2\na,2020-01-01T00:00:00.000Z,3\nb,2020-01-01T02:00:00.000Z,4\n";
    assert_eq!(text(&latest(&so2), Format::Csv), csv);
    let geojson = json_of(&parsed(Query::PARAMETERS, &so2).unwrap(), Format::GeoJson);
    assert_eq!(geojson["features"][0]["properties"]["so2"], 3);
    assert!(geojson["features"][0]["properties"].get("times").is_none(), "no value is older than its row");
    let with_zone = text(&latest(&[("tz", "Europe/Madrid"), ("station", "a")]), Format::Csv);
    let expected = "station,time,local_time,so2,no2,pm10,so2_time\n\
                    a,2020-01-01T02:00:00.000Z,2020-01-01T03:00:00.000+01:00,3,100,,2020-01-01T00:00:00.000Z\n";
    assert_eq!(with_zone, expected);
}

#[test]
fn an_answer_states_its_units() {
    // 100 × 24.06 ÷ 46.01 = 52.29298, 3 × 24.06 ÷ 64.07 = 1.126580
    let query = latest(&[("units", "ppb"), ("station", "a")]);
    let nested = json_of(&query, Format::Json);
    assert_eq!(nested["units"], json!({ "so2": "ppb", "no2": "ppb", "pm10": "µg/m³" }));
    assert_eq!(nested["query"]["units"], "ppb");
    let row = &nested["stations"][0]["measurements"][0];
    assert_eq!((&row["no2"], &row["so2"]), (&json!(52.293), &json!(1.12658)));
    assert!(text(&query, Format::Csv).starts_with("station,time,so2 [ppb],no2 [ppb],pm10,so2_time\n"));
    let normalized = json_of(&query, Format::NgsiLdNormalized);
    assert_eq!(normalized[1]["no2"]["unitCode"], "61");
    assert_eq!(query.unit_of(Parameter::NO2), Unit::PartPerBillion);
    let rows = airq().rows(&query).unwrap();
    assert_eq!(rows[0].value(Parameter::NO2).unwrap().text, "52.293");
    let means = [("units", "mg/m3"), ("every", "1d"), ("capture", "0"), ("parameter", "pm10"), ("station", "b")];
    let csv = text(&parsed(Query::PARAMETERS, &means).unwrap(), Format::Csv);
    assert!(csv.ends_with("pm10 [mg/m³],pm10_capture\nb,2020-01-01T00:00:00.000Z,0.008,0.041\n"), "{csv}");
}

#[test]
fn units_that_a_parameter_cannot_have_are_refused() {
    let refused = |pairs: &[(&str, &str)]| parsed(Query::PARAMETERS, pairs).unwrap_err().to_string();
    assert_eq!(
        refused(&[("units", "ppb"), ("parameter", "no2,pm10")]),
        "invalid value 'ppb' for units: expected ug/m3 or mg/m3 for pm10, which has no molar mass"
    );
    assert_eq!(
        refused(&[("units", "ppb"), ("parameter", "temperature")]),
        "invalid value 'ppb' for units: expected no units for temperature, which is in °C"
    );
    assert_eq!(
        refused(&[("units", "grains")]),
        "invalid value 'grains' for units: expected one of ppb, ppm, ug/m3, mg/m3"
    );
    assert!(refused(&[("units", "ppb"), ("every", "1d"), ("stat", "count")]).contains("no units with stat=count"));
    let query = parsed(Query::PARAMETERS, &[("units", "ppb")]).unwrap();
    assert!(airq().answer(&query, Format::NgsiLd).unwrap_err().is_invalid_input());
    assert!(airq().answer(&query, Format::Csv).unwrap().rows().unwrap_err().is_invalid_input());
}
