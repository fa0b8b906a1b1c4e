//! Averages of files, end to end: from the query to the answer.
#![allow(clippy::unwrap_used, reason = "a test panics")]

use airq_core::testing::{Dirt, Simulation, averages_contract};
use airq_core::{Airq, Averages, CsvRepository, Every, Format, Interval, Query, Statistic};

fn engine(csv: &str) -> Airq {
    Airq::builder().repository(CsvRepository::from_bytes("a.csv", csv.as_bytes()).unwrap()).build().unwrap()
}

fn answer(airq: &Airq, pairs: &[(&str, &str)], format: Format) -> String {
    let (query, _) = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap();
    String::from_utf8(airq.answer(&query, format).unwrap().body().to_vec()).unwrap()
}

/// Hours of one station, `no2` being the hour's number.
fn hours(from: &str, count: u32) -> String {
    let start = airq_core::Timestamp::parse(from).unwrap().as_microseconds();
    (0..count).fold("time,station,no2\n".to_owned(), |csv, hour| {
        let time = airq_core::Timestamp::from_microseconds(start + i64::from(hour) * 3_600_000_000).unwrap();
        csv + &format!("{time},a,{hour}\n")
    })
}

#[test]
fn a_day_of_25_hours_is_one_row_that_says_what_was_asked() {
    let airq = engine(&hours("2016-10-29T22:00Z", 25));
    let pairs =
        [("every", "1d"), ("tz", "europe/madrid"), ("from", "2016-10-30"), ("to", "2016-10-31"), ("pollutant", "no2")];
    assert_eq!(
        answer(&airq, &pairs, Format::Json),
        "{\"query\":{\"pollutant\":[\"no2\"],\"from\":\"2016-10-29T22:00:00.000Z\",\"to\":\"2016-10-30T23:00:00.000Z\",\
         \"every\":\"1d\",\"stat\":\"mean\",\"tz\":\"Europe/Madrid\"},\"units\":{\"no2\":\"µg/m³\"},\"stations\":[{\"id\":\"a\",\
         \"name\":null,\"city\":null,\"country\":null,\"latitude\":null,\"longitude\":null,\"measurements\":[\
         {\"time\":\"2016-10-29T22:00:00.000Z\",\"no2\":12,\"no2_capture\":1}]}],\"page\":{\"count\":1,\"next\":null}}\n"
    );
}

#[test]
fn a_count_has_no_unit() {
    let airq = engine(&hours("2016-10-01", 3));
    let pairs = [("every", "1d"), ("stat", "count"), ("pollutant", "no2"), ("capture", "50")];
    let records = answer(&airq, &pairs, Format::Records);
    assert!(records.contains("\"units\":{\"no2\":null}"), "{records}");
    assert!(records.contains("\"no2\":3,\"no2_capture\":0.125}"), "{records}");
    assert!(records.contains("\"capture\":50}"), "{records}");
}

#[test]
fn every_shape_has_a_value_beside_its_capture() {
    let airq = engine(&hours("2016-10-01", 20));
    let of = |format| answer(&airq, &[("every", "1d"), ("pollutant", "no2")], format);
    assert_eq!(of(Format::Csv), "station,time,no2,no2_capture\na,2016-10-01T00:00:00.000Z,9.5,0.833\n");
    assert!(of(Format::Columns).contains("\"no2\":[9.5],\"no2_capture\":[0.833]"));
    assert!(of(Format::GeoJson).contains("\"no2\":9.5,\"no2_capture\":0.833"));
    assert_eq!(
        of(Format::Ndjson),
        "{\"station\":\"a\",\"time\":\"2016-10-01T00:00:00.000Z\",\"no2\":9.5,\"no2_capture\":0.833}\n"
    );
}

#[test]
fn pages_of_averages_follow_each_other() {
    let airq = engine(&hours("2016-10-01", 60));
    let first =
        answer(&airq, &[("every", "1d"), ("capture", "0"), ("limit", "2"), ("pollutant", "no2")], Format::Records);
    assert!(first.contains("\"page\":{\"count\":2,\"next\":\"2016-10-02T00:00:00.000Z,a\"}"), "{first}");
    let cursor = ("cursor", "2016-10-02T00:00:00.000Z,a");
    let second = answer(&airq, &[("every", "1d"), ("capture", "0"), cursor, ("pollutant", "no2")], Format::Ndjson);
    assert_eq!(second, "{\"station\":\"a\",\"time\":\"2016-10-03T00:00:00.000Z\",\"no2\":53.5,\"no2_capture\":0.5}\n");
}

#[test]
fn the_newest_period_is_given_whole_or_not() {
    let airq = engine(&hours("2016-10-01", 30));
    let query = Query::builder().averages(Averages::every(Every::Day).capture(25)).build().unwrap().latest();
    let newest = airq.answer(&query, Format::Csv).unwrap();
    assert!(newest.body().ends_with(b"\na,2016-10-02T00:00:00.000Z,,0,26.5,0.25,,0,,0,,0,,0\n"));
}

#[test]
fn queries_that_average_alike_share_an_answer() {
    let airq = engine(&hours("2016-10-01", 30));
    let etag = |pairs: &[(&str, &str)]| {
        let (query, _) = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap();
        airq.answer(&query, Format::Json).unwrap().etag().to_owned()
    };
    let short = etag(&[("every", "1d")]);
    assert_eq!(short, etag(&[("stat", "mean"), ("every", "1d"), ("tz", "UTC"), ("interval", "1h"), ("capture", "75")]));
    for other in [("stat", "max"), ("tz", "Europe/Madrid"), ("interval", "15m"), ("capture", "74")] {
        assert_ne!(short, etag(&[("every", "1d"), other]), "{other:?}");
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    for (pairs, parameter) in [
        (&[("stat", "max")][..], "stat"),
        (&[("every", "2h")], "every"),
        (&[("every", "1d"), ("stat", "average")], "stat"),
        (&[("every", "1d"), ("capture", "101")], "capture"),
        (&[("every", "1d"), ("tz", "Madrid")], "tz"),
        (&[("every", "1d"), ("running", "8h")], "running"),
        (&[("every", "1h"), ("running", "9h")], "running"),
        (&[("every", "1h"), ("interval", "1d")], "interval"),
        (&[("every", "1d"), ("interval", "1d"), ("index", "us-2024")], "index"),
        (&[("every", "1h"), ("every", "1h")], "every"),
    ] {
        let error = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap_err();
        assert_eq!(error.issues().iter().map(|issue| &*issue.parameter).collect::<Vec<_>>(), [parameter], "{error}");
    }
    let built = Query::builder().averages(Averages::every(Every::Hour).interval(Interval::DAY).capture(101)).build();
    assert_eq!(built.unwrap_err().issues().len(), 2);
}

#[test]
fn a_builder_and_parameters_make_the_same_query() {
    let zone = airq_core::Zone::parse("Europe/Madrid").unwrap();
    let averaging = Averages::every(Every::Month).statistic(Statistic::P98).interval(Interval::DAY).capture(90);
    let built = Query::builder().averages(averaging).zone(zone).from("2016-10-01").unwrap().build().unwrap();
    let pairs = [
        ("from", "2016-10-01"),
        ("every", "1mo"),
        ("stat", "p98"),
        ("interval", "1d"),
        ("capture", "90"),
        ("tz", "Europe/Madrid"),
    ];
    assert_eq!(Query::from_pairs(Query::PARAMETERS, pairs).unwrap().0, built);
}

#[test]
fn dates_and_times_without_an_offset_are_by_the_clocks_of_the_zone() {
    for (text, zone, instant) in [
        ("2016-10-01", "Europe/Madrid", "2016-09-30T22:00Z"),
        ("2016-10-01T06:00", "Europe/Madrid", "2016-10-01T04:00Z"),
        ("2016-10-01T06:00Z", "Europe/Madrid", "2016-10-01T06:00Z"),
        ("2016-10-01 06:00+01", "Europe/Madrid", "2016-10-01T05:00Z"),
        ("2016-10-01T06:00", "UTC", "2016-10-01T06:00Z"),
        // Shown twice, and not at all.
        ("2016-10-30T02:30", "Europe/Madrid", "2016-10-30T00:30Z"),
        ("2016-03-27T02:30", "Europe/Madrid", "2016-03-27T01:30Z"),
    ] {
        let (query, _) = Query::from_pairs(Query::PARAMETERS, [("from", text), ("tz", zone)]).unwrap();
        assert_eq!(query.range().0, airq_core::Timestamp::parse(instant), "{text} {zone}");
    }
}

#[test]
fn files_are_averaged_by_the_core() {
    let mut csv = Vec::new();
    Simulation::new(7).dirt(Dirt::Empty).write_csv(&mut csv).unwrap();
    averages_contract(&CsvRepository::from_bytes("a.csv", &csv).unwrap());
}
