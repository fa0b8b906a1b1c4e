//! Indices of hours and days, from measurements to answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

use airq_core::aqi::{AirQualityIndex, AveragingPeriod, Input, nowcast};
use airq_core::repository::CsvRepository;
use airq_core::{Airq, Format, GasConditions, Parameter, Query, Unit};
use serde_json::{Value, json};
use std::fmt::Write;

/// Hourly rows of one station from the first hour of 2016-10-01 on: a value for each hour that has one.
fn hours(station: &str, column: &str, values: impl IntoIterator<Item = Option<f64>>) -> String {
    let mut csv = format!("station,time,{column}\n");
    for (hour, value) in values.into_iter().enumerate() {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        writeln!(csv, "{station},2016-10-{:02} {:02}:00,{value}", 1 + hour / 24, hour % 24).unwrap();
    }
    csv
}

fn engine(csv: &str) -> Airq {
    Airq::builder().repository(CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap()).build().unwrap()
}

fn query(pairs: &[(&str, &str)]) -> Query {
    Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap().0
}

fn json_of(airq: &Airq, query: &Query, format: Format) -> Value {
    serde_json::from_slice(airq.answer(query, format).unwrap().body()).unwrap()
}

fn records(airq: &Airq, pairs: &[(&str, &str)]) -> Vec<Value> {
    json_of(airq, &query(pairs), Format::Records)["measurements"].as_array().unwrap().clone()
}

fn sample() -> Airq {
    let csv = include_str!("../../fixtures/environment_airq_measurand.csv");
    engine(csv)
}

#[test]
fn an_hour_has_its_band_and_each_parameters_own() {
    let airq = engine("station,time,no2,o3,so2\na,2016-10-01 05:00,30,61.5,\n");
    let row = &records(&airq, &[("index", "eaqi-2024")])[0];
    assert_eq!(
        (&row["time"], &row["no2"], &row["no2_capture"]),
        (&json!("2016-10-01T05:00:00.000Z"), &json!(30), &json!(1))
    );
    let rated = |band: &str, level: u8, colour: &str, value: Value| {
        json!({"band": band, "level": level, "number": null, "colour": colour, "averaging": "1h", "value": value,
            "unit": "µg/m³", "reason": null})
    };
    let none = json!({"band": null, "level": null, "number": null, "colour": null, "averaging": null, "value": null,
        "unit": null, "reason": "no value"});
    assert_eq!(
        row["index"],
        json!({"id": "eaqi-2024", "band": "Moderate", "level": 3, "number": null, "colour": "#f0e641", "pollutant": "no2",
            "reason": null, "sub_indices": {"pm2_5": none, "pm10": none, "no2": rated("Moderate", 3, "#f0e641", json!(30)),
                "o3": rated("Fair", 2, "#50ccaa", json!(61.5)), "so2": none}})
    );
}

#[test]
fn the_hours_before_the_range_count_and_too_few_are_told() {
    let airq = engine(&hours("a", "pm10", (0..48).map(|hour| (hour != 3).then_some(f64::from(hour)))));
    let of = |from: &str| {
        records(&airq, &[("index", "eaqi-2020"), ("from", from)])[0]["index"]["sub_indices"]["pm10"].clone()
    };
    let late = of("2016-10-02T12:00:00Z");
    assert_eq!((&late["value"], &late["averaging"], &late["band"]), (&json!(24.5), &json!("24h"), &json!("Fair")));
    assert_eq!(of("2016-10-01T17:00:00Z")["reason"], "17 of 24 values are there, 18 are needed");
    assert_eq!(of("2016-10-01T18:00:00Z")["value"], json!(9.333_333), "(0 + 1 + … + 18 − 3) ÷ 18");
    let all = records(&airq, &[("index", "eaqi-2020")]);
    let alone = records(&airq, &[("index", "eaqi-2020"), ("from", "2016-10-02"), ("to", "2016-10-03")]);
    assert_eq!(all[24..], alone, "an hour's index does not depend on where the answer begins");
}

#[test]
fn by_the_hour_the_us_index_is_of_the_nowcast() {
    let values: Vec<f64> = (0..14).map(|hour| 10.0 + f64::from(hour * 5 % 7)).collect();
    let airq = engine(&hours("a", "pm2_5", values.iter().copied().map(Some)));
    let rows = records(&airq, &[("index", "us-2024")]);
    let newest_first: Vec<Option<f64>> = values.iter().rev().copied().map(Some).collect();
    let expected = nowcast(&newest_first).unwrap();
    let last = &rows[13]["index"]["sub_indices"]["pm2_5"];
    assert!((last["value"].as_f64().unwrap() - expected).abs() < 1e-9, "{last} {expected}");
    assert_eq!(
        (&last["averaging"], &rows[0]["index"]["sub_indices"]["pm2_5"]["reason"]),
        (&json!("nowcast"), &json!("1 of 3 values are there, 2 are needed"))
    );
    let rating = "us-2024".parse::<AirQualityIndex>().unwrap().rate(&[Input::new(
        Parameter::PM2_5,
        AveragingPeriod::NowCast,
        expected,
    )]);
    assert_eq!(rows[13]["index"]["number"], json!(rating.worst().unwrap().number));
}

#[test]
fn a_day_is_as_bad_as_its_worst_hour() {
    let no2 = (0..72).map(|hour| match hour {
        30 => Some(101.0),
        48..=53 | 70 => None,
        _ => Some(9.0),
    });
    let airq = engine(&hours("a", "no2", no2));
    let days = records(&airq, &[("index", "eaqi-2024"), ("every", "1d")]);
    let bands: Vec<&Value> = days.iter().map(|day| &day["index"]["band"]).collect();
    assert_eq!(bands, [&json!("Good"), &json!("Very poor"), &Value::Null]);
    assert_eq!((&days[1]["no2"], &days[1]["index"]["sub_indices"]["no2"]["value"]), (&json!(12.833_333), &json!(101)));
    assert_eq!(days[2]["index"]["sub_indices"]["no2"]["reason"], "17 of 24 values are there, 18 are needed");
    assert_eq!(days[2]["index"]["reason"], "no pollutant of the index could be rated");
    let plain = records(&airq, &[("every", "1d")]);
    for (day, plain) in days.iter().zip(&plain) {
        assert_eq!(
            (&day["no2"], &day["no2_capture"]),
            (&plain["no2"], &plain["no2_capture"]),
            "the averages are the same"
        );
    }
}

#[test]
fn a_day_of_a_24_hour_scale_is_its_mean_and_of_an_8_hour_one_its_worst_8_hours() {
    let airq = engine(&hours("a", "pm10", (0..48).map(|hour| Some(if hour < 24 { 200.0 } else { 10.0 }))));
    let days = records(&airq, &[("index", "eaqi-2020"), ("every", "1d"), ("from", "2016-10-02")]);
    assert_eq!(days[0]["index"]["sub_indices"]["pm10"]["value"], json!(10), "the day before is another's");
    let airq = engine(&hours("a", "o3", (0..48).map(|hour| Some(if hour < 24 { 200.0 } else { 40.0 }))));
    let days = records(&airq, &[("index", "us-2024"), ("every", "1d"), ("from", "2016-10-02")]);
    let ozone = &days[0]["index"]["sub_indices"]["o3"];
    assert_eq!(
        (&ozone["value"], &ozone["averaging"]),
        (&json!(180), &json!("8h")),
        "the 8 hours that end at 1 o'clock"
    );
}

#[test]
fn an_hour_without_a_row_is_an_hour_without_a_value() {
    // The highest 8-hour means end in hours that have no value, at the end of the first day and at the start of the second.
    let value = |hour: u32| match hour {
        12..=20 | 40..=46 => Some(f64::from(hour) * 9.0),
        21..=25 | 47..=49 => None,
        _ => Some(20.0),
    };
    let empty = hours("a", "o3", (0..72).map(value));
    let absent = empty.lines().filter(|line| !line.ends_with(',')).collect::<Vec<_>>().join("\n");
    assert!(absent.lines().count() < empty.lines().count());
    for index in ["us-2024", "caqi", "uk-daqi"] {
        let of = |csv: &str| records(&engine(csv), &[("index", index), ("every", "1d")]);
        assert_eq!(of(&absent), of(&empty), "{index}");
    }
    let days = records(&engine(&absent), &[("index", "uk-daqi"), ("every", "1d")]);
    assert_eq!(days[0]["index"]["sub_indices"]["o3"]["reason"], Value::Null);
    assert_eq!(
        days[0]["index"]["sub_indices"]["o3"]["value"],
        json!(157.5),
        "the mean of the hours from 15 to 20 o'clock, which are six of the eight hours up to 22 o'clock"
    );
}

#[test]
fn days_are_those_of_the_zone() {
    let no2 = (0..72).map(|hour| Some(if hour == 22 { 101.0 } else { 9.0 }));
    let airq = engine(&hours("a", "no2", no2));
    let days = records(
        &airq,
        &[
            ("index", "eaqi-2024"),
            ("every", "1d"),
            ("tz", "Europe/Madrid"),
            ("from", "2016-10-02"),
            ("to", "2016-10-03"),
        ],
    );
    assert_eq!(days.len(), 1);
    assert_eq!(
        (&days[0]["time"], &days[0]["index"]["band"]),
        (&json!("2016-10-01T22:00:00.000Z"), &json!("Very poor"))
    );
}

#[test]
fn pages_make_the_whole_for_hours_and_days() {
    let airq = sample();
    for every in ["1h", "1d"] {
        let all = records(&airq, &[("index", "us-2024"), ("every", every)]);
        let (mut paged, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut pairs = vec![("index", "us-2024"), ("every", every), ("limit", "7")];
            pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = json_of(&airq, &query(&pairs), Format::Records);
            paged.extend(page["measurements"].as_array().unwrap().clone());
            match page["page"]["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        assert_eq!(paged, all, "{every}");
        assert_eq!(all.len(), if every == "1h" { 12 * 24 } else { 12 });
    }
}

#[test]
fn the_newest_rating_is_the_last_of_all_also_of_a_station_that_stopped_long_ago() {
    let mut csv = hours("b", "pm10", (0..240).map(|hour| Some(f64::from(hour % 90))));
    csv += "a,2003-05-05 07:00,55\nc,2016-10-09 03:30,120\n";
    let airq = engine(&csv);
    for (index, every) in [("eaqi-2024", "1h"), ("eaqi-2020", "1d"), ("us-2024", "1h")] {
        let all = records(&airq, &[("index", index), ("every", every)]);
        let last_of = |station: &str| all.iter().rfind(|row| row["station"] == station).unwrap().clone();
        let (asked, _) = Query::from_pairs(Query::LATEST_PARAMETERS, [("index", index), ("every", every)]).unwrap();
        let newest = json_of(&airq, &asked.latest(), Format::Records);
        assert_eq!(newest["measurements"], json!([last_of("a"), last_of("b"), last_of("c")]), "{index} {every}");
    }
}

#[test]
fn pages_of_the_newest_on_the_map_show_each_station_once() {
    let airq = sample();
    let (mut shown, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut pairs = vec![("index", "eaqi-2024"), ("limit", "5")];
        pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = json_of(&airq, &query(&pairs), Format::GeoJson);
        shown.extend(page["features"].as_array().unwrap().iter().map(|feature| feature["properties"]["id"].clone()));
        match page["page"]["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    let all: Vec<Value> = airq.stations().unwrap().iter().map(|station| json!(station.id)).collect();
    assert_eq!(shown, all);
}

#[test]
fn an_index_is_of_all_its_parameters_whatever_is_shown() {
    let airq = sample();
    let shown = records(&airq, &[("index", "eaqi-2024"), ("pollutant", "co")]);
    let all = records(&airq, &[("index", "eaqi-2024")]);
    assert_eq!(shown.len(), all.len());
    for (shown, all) in shown.iter().zip(&all) {
        assert_eq!(shown["index"], all["index"]);
        assert_eq!(
            shown.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["station", "time", "co", "co_capture", "index"]
        );
    }
}

#[test]
fn ratings_are_those_that_the_pure_function_gives_for_the_averages() {
    let airq = sample();
    let index = AirQualityIndex::default();
    for row in records(&airq, &[("index", "eaqi-2024")]) {
        let input = |(parameter, period): (Parameter, AveragingPeriod)| {
            Some(Input::new(parameter, period, row[parameter.code()].as_f64()?))
        };
        let inputs: Vec<Input> = index.inputs().filter_map(input).collect();
        let rating = index.rate(&inputs);
        let worst = rating.worst().unwrap();
        assert_eq!(
            (&row["index"]["band"], &row["index"]["pollutant"]),
            (&json!(worst.band.name), &json!(worst.pollutant.code()))
        );
    }
}

#[test]
fn every_format_has_the_index_or_says_that_it_has_no_place_for_it() {
    let airq = sample();
    let asked = query(&[("index", "us-2024"), ("station", "aq_salvia"), ("from", "2016-10-01T20:00:00Z")]);
    let nested = json_of(&airq, &asked, Format::Json);
    let of_last = &nested["stations"][0]["measurements"][3]["index"];
    assert_eq!((nested["query"]["index"].as_str(), of_last["id"].as_str()), (Some("us-2024"), Some("us-2024")));
    assert_eq!(&json_of(&airq, &asked, Format::Columns)["stations"][0]["index"][3], of_last);
    assert_eq!(&json_of(&airq, &asked, Format::GeoJson)["features"][0]["properties"]["index"], of_last);
    let lines = airq.answer(&asked, Format::Ndjson).unwrap().body().to_vec();
    let last: Value = serde_json::from_slice(lines.split(|byte| *byte == b'\n').nth(3).unwrap()).unwrap();
    assert_eq!(&last["index"], of_last);
    let csv = airq.answer(&asked, Format::Csv).unwrap().body().to_vec();
    let mut rows = csv::Reader::from_reader(csv.as_slice());
    let header = rows.headers().unwrap().clone();
    let last = rows.records().last().unwrap().unwrap();
    let cell = |name: &str| last.get(header.iter().position(|known| known == name).unwrap()).unwrap().to_owned();
    assert_eq!(cell("index_band"), of_last["band"]);
    assert_eq!(cell("index_number"), of_last["number"].to_string());
    assert_eq!(cell("index_colour"), of_last["colour"]);
    assert_eq!(cell("pm10_band"), of_last["sub_indices"]["pm10"]["band"]);
    for format in [Format::NgsiLd, Format::NgsiLdNormalized] {
        let error = airq.answer(&asked, format).unwrap_err();
        assert_eq!((error.is_invalid_input(), error.issues()[0].parameter.as_str()), (true, "format"));
        assert!(airq.write(&asked, format, std::io::sink()).is_err());
    }
}

#[test]
fn streamed_and_cached_ratings_are_the_same_bytes() {
    let airq = sample();
    for format in [Format::Json, Format::Records, Format::Columns, Format::Ndjson, Format::Csv, Format::GeoJson] {
        for every in ["1h", "1d"] {
            let asked = query(&[("index", "caqi"), ("every", every), ("city", "x")][..2]);
            let mut streamed = Vec::new();
            airq.write(&asked, format, &mut streamed).unwrap();
            assert_eq!(streamed, airq.answer(&asked, format).unwrap().body(), "{format} {every}");
        }
    }
}

#[test]
fn what_has_no_index_is_refused_by_name() {
    let refused = |pairs: &[(&str, &str)]| {
        let error = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap_err();
        error.issues()[0].parameter.clone()
    };
    assert_eq!(refused(&[("index", "eaqi")]), "index");
    for more in [("every", "8h"), ("every", "1mo"), ("stat", "max"), ("running", "8h")] {
        assert_eq!(refused(&[("index", "eaqi-2024"), more]), "index", "{more:?}");
    }
    let by_hand = Query::builder().index(AirQualityIndex::default()).build().unwrap();
    assert_eq!(by_hand, query(&[("index", "eaqi-2024")]));
}

#[test]
fn where_nothing_matches_there_is_an_answer_without_rows() {
    let airq = sample();
    let nothing = [("index", "eaqi-2024"), ("from", "2030-01-01")];
    assert_eq!(records(&airq, &nothing), Vec::<Value>::new());
    let latest = query(&nothing).latest();
    assert_eq!(json_of(&airq, &latest, Format::Json)["stations"], json!([]));
}

#[test]
fn a_value_that_came_from_parts_of_the_air_is_rated_as_those_parts() {
    let us = "us-2024".parse::<AirQualityIndex>().unwrap();
    for (parameter, averaging, unit, decimals) in [
        (Parameter::NO2, AveragingPeriod::Hour, Unit::PartPerBillion, 0),
        (Parameter::SO2, AveragingPeriod::Hour, Unit::PartPerBillion, 0),
        (Parameter::CO, AveragingPeriod::Hours8, Unit::PartPerMillion, 1),
        (Parameter::O3, AveragingPeriod::Hours8, Unit::PartPerMillion, 3),
    ] {
        let parts = |step: u32| f64::from(step) / 10_f64.powi(decimals);
        let mut csv = format!("station,time,{}\n", parameter.code());
        for step in 1..=200 {
            let mass = unit.convert(parts(step), parameter.unit(), parameter, GasConditions::default()).unwrap();
            (0..8).for_each(|hour| writeln!(csv, "{step:03},2016-10-01 0{hour}:00,{mass}").unwrap());
        }
        let rows = records(&engine(&csv), &[("index", "us-2024"), ("from", "2016-10-01T07:00Z")]);
        for (step, row) in (1..=200).zip(rows) {
            let rating = us.rate(&[Input::new(parameter, averaging, parts(step)).in_unit(unit)]);
            let expected = rating.worst().ok().and_then(|rated| rated.number);
            assert_eq!(row["index"]["number"], json!(expected), "{} {unit} of {parameter}", parts(step));
        }
    }
}
