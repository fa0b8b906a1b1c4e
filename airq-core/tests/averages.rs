//! Averages of files, end to end: from the query to the answer.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test panics with what was broken")]

#[path = "averages/naive.rs"]
mod naive;

use airq_core::aggregate::{Averages, Every, Interval, Statistic};
use airq_core::repository::CsvRepository;
use airq_core::{Airq, Format, Query};
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
    let start = from.parse::<airq_core::Timestamp>().unwrap().as_microseconds();
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
         {\"time\":\"2016-10-29T22:00:00.000Z\",\"local_time\":\"2016-10-30T00:00:00.000+02:00\",\
         \"local_end\":\"2016-10-31T00:00:00.000+01:00\",\"period\":\"2016-10-30\",\"no2\":12,\"no2_capture\":1}]}],\"page\":{\"count\":1,\"next\":null}}\n"
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
    assert!(
        first.contains("\"page\":{\"count\":2,\"next\":\"2016-10-02T00:00:00.000Z,a\",\"stations_left\":0}"),
        "{first}"
    );
    let cursor = ("cursor", "2016-10-02T00:00:00.000Z,a");
    let second = answer(&airq, &[("every", "1d"), ("capture", "0"), cursor, ("pollutant", "no2")], Format::Ndjson);
    assert_eq!(second, "{\"station\":\"a\",\"time\":\"2016-10-03T00:00:00.000Z\",\"no2\":53.5,\"no2_capture\":0.5}\n");
}

#[test]
fn the_newest_period_is_given_whole_or_not() {
    let airq = engine(&hours("2016-10-01", 30));
    let query = Query::builder().averages(Averages::new(Every::Day).with_capture(25)).build().unwrap().latest();
    let newest = airq.answer(&query, Format::Csv).unwrap();
    assert!(newest.body().ends_with(b"\na,2016-10-02T00:00:00.000Z,26.5,0.25\n"));
}

#[test]
fn a_direction_has_no_averages() {
    let csv = "time,station,no2,wind_direction\n2016-10-01,a,1,350\n2016-10-01 01:00,a,3,10\n";
    let daily = [("every", "1d"), ("capture", "0")];
    let rows = answer(&engine(csv), &daily, Format::Csv);
    assert_eq!(rows, "station,time,no2,no2_capture\na,2016-10-01T00:00:00.000Z,2,0.083\n");
    let (query, _) = Query::from_pairs(Query::PARAMETERS, [("every", "1d"), ("parameter", "wind_direction")]).unwrap();
    for csv in [csv, "time,station,no2\n2016-10-01,a,1\n"] {
        let error = engine(csv).answer(&query, Format::Csv).unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("no arithmetic mean"), "{error}");
    }
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
        (&[("every", "1d"), ("stat", "p100")], "stat"),
        (&[("every", "1d"), ("stat", "p99.85")], "stat"),
        (&[("every", "1mo"), ("stat", "max8h")], "stat"),
        (&[("every", "weekday"), ("stat", "max8h")], "stat"),
        (&[("every", "1y"), ("stat", "somo35")], "stat"),
        (&[("every", "1d"), ("stat", "somo35"), ("parameter", "o3")], "stat"),
        (&[("every", "1d"), ("stat", "max8h"), ("interval", "1d")], "stat"),
        (&[("every", "1d"), ("stat", "max8h"), ("index", "us-2024")], "index"),
        (&[("every", "weekday"), ("index", "us-2024")], "index"),
        (&[("every", "1d"), ("index", "ca-aqhi")], "index"),
        (&[("every", "hour-of-day"), ("running", "8h")], "running"),
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
    let built =
        Query::builder().averages(Averages::new(Every::Hour).with_interval(Interval::DAY).with_capture(101)).build();
    assert_eq!(built.unwrap_err().issues().len(), 2);
}

#[test]
fn a_builder_and_parameters_make_the_same_query() {
    let zone = "Europe/Madrid".parse::<airq_core::Zone>().unwrap();
    let averaging = Averages::new(Every::Month)
        .with_statistic("p98".parse::<Statistic>().unwrap())
        .with_interval(Interval::DAY)
        .with_capture(90);
    let built = Query::builder().averages(averaging).zone(zone).from("2016-10-01").build().unwrap();
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
        assert_eq!(query.range().0, instant.parse::<airq_core::Timestamp>().ok(), "{text} {zone}");
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
    let time_zone = TimeZone::get(zone).unwrap();
    let naive = match statistic {
        "max8h" => naive::maxima_of_eight_hours(rows, &time_zone),
        _ => naive::averages(rows, every, statistic, &time_zone),
    };
    let pairs = [("every", every), ("stat", statistic), ("tz", zone), ("pollutant", "no2")];
    let csv = answer(airq, &pairs, Format::Csv);
    let mut lines = csv.lines();
    let header = lines.next().unwrap();
    assert!(header.starts_with("station,time,") && header.ends_with(",no2,no2_capture"), "{header}");
    assert_eq!(lines.clone().count(), naive.len(), "{what}");
    let mut with_value = 0;
    for (line, ((station, start), average)) in lines.zip(&naive) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], station, "{what}: {line}");
        assert_eq!(cells[1].parse::<jiff::Timestamp>().unwrap(), *start, "{what}: {line}");
        assert_is(&cells[cells.len() - 2..], average, &format!("{what}: {line}"));
        with_value += usize::from(average.value.is_some());
    }
    (with_value, naive.len() - with_value)
}

/// Checks a value and its capture. Answers are rounded to millionths, and means of means twice.
fn assert_is(cells: &[&str], average: &naive::Average, what: &str) {
    match average.value {
        Some(value) => assert!((cells[0].parse::<f64>().unwrap() - value).abs() < 1.1e-6, "{what} {value}"),
        None => assert_eq!(cells[0], "", "{what}"),
    }
    let capture = cells[1].parse::<f64>().unwrap() * 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let expected = average.capture as f64;
    assert!((capture - expected).abs() < 1e-6, "{what} {expected}");
}

#[test]
fn the_maximum_daily_mean_of_8_hours_includes_means_that_end_in_hours_without_a_row() {
    let rows = rows_over_changes_of_the_clocks();
    let airq = engine(&csv_of(&rows));
    for zone in ["UTC", "Europe/Madrid", "America/New_York"] {
        let (with_value, without) = compare(&airq, &rows, "1d", "max8h", zone);
        assert!(with_value >= 20 && without >= 5, "{zone}: {with_value} {without}");
    }
    // The rows of 20 hours make 15 means, and the three hours after them two more and one: 18 of 24.
    let airq = engine(&hours("2016-10-01", 20));
    let day = answer(&airq, &[("every", "1d"), ("stat", "max8h")], Format::Csv);
    assert_eq!(day, "station,time,no2,no2_capture\na,2016-10-01T00:00:00.000Z,,0.708\n");
    let airq = engine(&hours("2016-10-01", 21));
    let day = answer(&airq, &[("every", "1d"), ("stat", "max8h")], Format::Csv);
    assert_eq!(day, "station,time,no2,no2_capture\na,2016-10-01T00:00:00.000Z,17.5,0.75\n");
}

#[test]
fn somo35_is_the_excess_of_daily_maxima_over_70() {
    // The maximum 8-hour means of the days are 60, 70, 75.5 and 130.
    let mut csv = "station,time,o3\n".to_owned();
    for (day, value) in (1..).zip(["60", "70", "75.5", "130"]) {
        for hour in 0..24 {
            // The last hours of a day lower the means of the first hours of the next day.
            let value = if hour < 16 { value } else { "0" };
            writeln!(csv, "a,2016-10-{day:02}T{hour:02}:00:00Z,{value}").unwrap();
        }
    }
    let month = [("every", "1mo"), ("stat", "somo35"), ("parameter", "o3"), ("capture", "0")];
    assert_eq!(
        answer(&engine(&csv), &month, Format::Csv),
        "station,time,o3,o3_capture\na,2016-10-01T00:00:00.000Z,65.5,0.129\n"
    );
    assert!(answer(&engine(&csv), &month, Format::Records).contains("\"units\":{\"o3\":null}"));
    let year = answer(&engine(&csv), &[("every", "1y"), ("stat", "somo35"), ("parameter", "o3")], Format::Csv);
    assert!(year.ends_with("a,2016-01-01T00:00:00.000Z,,0.01\n"), "{year}: 4 of 366 days");
}

#[test]
fn profiles_are_those_of_naive_arithmetic() {
    let rows = rows_over_changes_of_the_clocks();
    let airq = engine(&csv_of(&rows));
    for zone in ["UTC", "Europe/Madrid", "America/New_York"] {
        let time_zone = TimeZone::get(zone).unwrap();
        for (profile, every, name) in
            [("hour-of-day", "1h", "%H:00"), ("weekday", "1d", "%A"), ("month-of-year", "1mo", "%B")]
        {
            for statistic in ["mean", "max", "p98", "count"] {
                let naive = naive::profile(&rows, (every, name), statistic, &time_zone);
                let pairs = [("every", profile), ("stat", statistic), ("tz", zone)];
                let csv = answer(&airq, &pairs, Format::Csv);
                let column = profile.replace('-', "_");
                assert_eq!(csv.lines().next(), Some(&*format!("station,time,{column},no2,no2_capture")));
                assert_eq!(csv.lines().skip(1).count(), naive.len(), "{profile} in {zone}");
                for line in csv.lines().skip(1) {
                    let cells: Vec<&str> = line.split(',').collect();
                    let average = &naive[&(cells[0].to_owned(), cells[2].to_owned())];
                    assert_is(&cells[3..], average, &format!("{statistic} by {profile} in {zone}: {line}"));
                }
            }
        }
    }
}

#[test]
fn a_profile_names_its_rows_and_orders_them_from_monday() {
    let airq = engine(&hours("2016-09-30", 72));
    let of = |pairs: &[(&str, &str)], format| answer(&airq, pairs, format);
    assert_eq!(
        of(&[("every", "weekday")], Format::Csv),
        "station,time,weekday,no2,no2_capture\na,1970-01-09T00:00:00.000Z,Friday,11.5,1\n\
         a,1970-01-10T00:00:00.000Z,Saturday,35.5,1\na,1970-01-11T00:00:00.000Z,Sunday,59.5,1\n"
    );
    let hours = of(&[("every", "hour-of-day"), ("from", "2016-10-01"), ("limit", "2")], Format::Records);
    assert!(hours.contains("\"hour_of_day\":\"01:00\",\"no2\":37,\"no2_capture\":1}"), "{hours}");
    assert!(hours.contains("\"every\":\"hour-of-day\"") && hours.contains("\"next\":\"1970-01-01T01:00"), "{hours}");
    let month = of(&[("every", "month-of-year"), ("capture", "0"), ("stat", "count")], Format::Ndjson);
    assert!(
        month.starts_with(
            "{\"station\":\"a\",\"time\":\"1970-09-01T00:00:00.000Z\",\"month_of_year\":\"September\",\"no2\":24,"
        ),
        "{month}"
    );
    let (query, _) = Query::from_pairs(Query::PARAMETERS, [("every", "weekday")]).unwrap();
    assert!(airq.answer(&query, Format::GeoJson).unwrap_err().is_invalid_input());
    assert!(airq.answer(&query.latest(), Format::Csv).unwrap_err().is_invalid_input());
}

#[test]
fn averages_of_files_are_those_of_naive_arithmetic() {
    let rows = rows_over_changes_of_the_clocks();
    let airq = engine(&csv_of(&rows));
    for zone in ["UTC", "Europe/Madrid", "America/New_York"] {
        for every in ["1h", "8h", "1d", "1mo", "1y"] {
            for statistic in ["mean", "min", "max", "count", "median", "p98", "p90.4"] {
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
