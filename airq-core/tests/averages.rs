//! Averages of files, end to end: from the query to the answer.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test panics with what was broken")]

#[path = "averages/naive.rs"]
mod naive;

use airq_core::{Airq, Averages, CsvRepository, Every, Format, Interval, Query, Statistic};
use jiff::tz::TimeZone;
use naive::Row;
use std::fmt::Write;

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

/// A pseudo-random sequence (Knuth's MMIX generator).
fn next_random(state: &mut u64) -> i64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    i64::try_from(*state >> 33).unwrap()
}

/// Returns rows of two stations every 15 minutes, over the changes of the clocks of 2016 in Europe and America. Every
/// second day of station `b` lacks its first 15 hours, and a tenth of all values is missing.
fn rows_over_changes_of_the_clocks() -> Vec<Row> {
    let mut state = 7;
    let mut rows = Vec::new();
    for station in ["a", "b"] {
        for (first, days) in [("2016-03-10T00:00:00Z", 24), ("2016-10-26T00:00:00Z", 14)] {
            let first: jiff::Timestamp = first.parse().unwrap();
            for quarter in 0..days * 96 {
                let hundredths = next_random(&mut state) % 20_500 - 500;
                let is_missing = next_random(&mut state) % 10 == 0;
                let is_gap = station == "b" && quarter / 96 % 2 == 0 && quarter % 96 < 60;
                if is_gap {
                    continue;
                }
                let time = first + jiff::SignedDuration::from_secs(quarter * 900 + 4);
                #[expect(clippy::cast_precision_loss, reason = "a small number")]
                let value = if is_missing { None } else { Some(hundredths as f64 / 100.0) };
                rows.push(Row { station: station.to_owned(), time, value });
            }
        }
    }
    rows
}

fn csv_of(rows: &[Row]) -> String {
    let mut csv = "station,time,no2\n".to_owned();
    for row in rows {
        let value = row.value.map(|value| value.to_string()).unwrap_or_default();
        writeln!(csv, "{},{},{value}", row.station, row.time).unwrap();
    }
    csv
}

/// Compares the answer with the naive averages, and returns the number of rows with a value and without.
fn compare(airq: &Airq, rows: &[Row], every: &str, statistic: &str, zone: &str) -> (usize, usize) {
    let what = format!("{statistic} every {every} in {zone}");
    let naive = naive::averages(rows, every, statistic, &TimeZone::get(zone).unwrap());
    let pairs = [("every", every), ("stat", statistic), ("tz", zone), ("pollutant", "no2")];
    let csv = answer(airq, &pairs, Format::Csv);
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("station,time,no2,no2_capture"));
    assert_eq!(lines.clone().count(), naive.len(), "{what}");
    let mut with_value = 0;
    for (line, ((station, start), average)) in lines.zip(&naive) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], station, "{what}: {line}");
        assert_eq!(cells[1].parse::<jiff::Timestamp>().unwrap(), *start, "{what}: {line}");
        match average.value {
            // Answers are rounded to millionths.
            Some(value) => assert!((cells[2].parse::<f64>().unwrap() - value).abs() < 6e-7, "{what}: {line} {value}"),
            None => assert_eq!(cells[2], "", "{what}: {line}"),
        }
        let capture = cells[3].parse::<f64>().unwrap() * 1000.0;
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let expected = average.capture as f64;
        assert!((capture - expected).abs() < 1e-6, "{what}: {line} {expected}");
        with_value += usize::from(average.value.is_some());
    }
    (with_value, naive.len() - with_value)
}

#[test]
fn averages_of_files_are_those_of_naive_arithmetic() {
    let rows = rows_over_changes_of_the_clocks();
    let airq = engine(&csv_of(&rows));
    for zone in ["UTC", "Europe/Madrid", "America/New_York"] {
        for every in ["1h", "8h", "1d", "1mo", "1y"] {
            for statistic in ["mean", "min", "max", "count", "median", "p98"] {
                compare(&airq, &rows, every, statistic, zone);
            }
        }
        let (with_value, without) = compare(&airq, &rows, "1d", "mean", zone);
        assert!(
            with_value >= 20 && without >= 5,
            "days with and without enough values in {zone}: {with_value} {without}"
        );
    }
}

#[test]
fn averages_of_whole_months_are_those_of_naive_arithmetic() {
    let mut rows = Vec::new();
    let first: jiff::Timestamp = "2016-02-28T00:00:00Z".parse().unwrap();
    let mut state = 1;
    for hour in 0..24 * 65 {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let value = Some((next_random(&mut state) % 1000) as f64 / 4.0);
        let time = first + jiff::SignedDuration::from_hours(hour);
        rows.push(Row { station: "a".to_owned(), time, value });
    }
    let airq = engine(&csv_of(&rows));
    for statistic in ["mean", "min", "max", "count", "median", "p98"] {
        let (with_value, without) = compare(&airq, &rows, "1mo", statistic, "Europe/Madrid");
        let expected = if statistic == "count" { (4, 0) } else { (2, 2) };
        assert_eq!((with_value, without), expected, "March and April are whole, and February and May are not");
    }
}
