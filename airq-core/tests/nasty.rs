//! Every unusual file gives the row of a common file, or an error that names the position and the cause.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with the difference")]

use airq_core::encode::EncoderOptions;
use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::{Error, Format, Repository};
use std::io::Write;
use std::path::PathBuf;

/// The row of every file that differs only in its dialect.
const EXPECTED: &str = r#"{"station":"aq_a","time":"2016-10-01T00:00:00.004Z","so2":1.5,"no2":2.5,"co":0.5,"o3":4.5,"pm10":5.5,"pm2_5":6.5}
"#;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/nasty").join(name)
}

fn ndjson(name: &str) -> Result<String, Error> {
    let csv = std::fs::read(path(name)).unwrap();
    let mut encoder = EncoderOptions::new(Format::Ndjson).into_writer(Vec::new());
    encoder.write_all(&csv)?;
    let (json, _) = encoder.finish()?;
    Ok(String::from_utf8(json).unwrap())
}

fn error_of(name: &str) -> Error {
    ndjson(name).expect_err(name)
}

#[test]
fn every_dialect_is_read_alike() {
    for name in [
        "byte_order_mark.csv",
        "crlf.csv",
        "semicolons.csv",
        "tabs.csv",
        "no_header.csv",
        "no_last_line_end.csv",
        "blank_lines.csv",
        "numbers_in_other_spellings.csv",
    ] {
        assert_eq!(ndjson(name).unwrap(), EXPECTED, "{name}");
    }
}

#[test]
fn columns_may_be_in_any_order() {
    let expected = r#"{"station":"aq_a","time":"2016-10-01T00:00:00.004Z","pm2_5":6.5,"o3":4.5,"co":0.5,"pm10":5.5,"no2":2.5,"so2":1.5}
"#;
    assert_eq!(ndjson("columns_in_any_order_and_case.csv").unwrap(), expected);
}

#[test]
fn a_missing_value_is_null() {
    let json = ndjson("empty_values.csv").unwrap();
    assert!(json.contains(r#""so2":null,"no2":2.5,"co":null,"o3":null,"pm10":5.5,"pm2_5":null"#), "{json}");
}

#[test]
fn text_is_escaped_in_json() {
    let row: serde_json::Value = serde_json::from_str(&ndjson("quotes.csv").unwrap()).unwrap();
    assert_eq!(row["station"], "aq \"a\", b");
    assert_eq!(row["remark"], "one, two\nthree \"four\"");
    let row: serde_json::Value = serde_json::from_str(&ndjson("control_characters.csv").unwrap()).unwrap();
    assert_eq!(row["remark"], "tab\tbell\u{7} slash\\ unit\u{1f} del\u{7f}");
}

#[test]
fn a_header_without_rows_gives_an_empty_answer() {
    assert_eq!(ndjson("header_only.csv").unwrap(), "");
}

#[test]
fn errors_name_the_position_and_the_cause() {
    for (name, message) in [
        ("not_a_number.csv", r#"line 3, column "no2": "NaN" is not a number"#),
        ("decimal_comma.csv", r#"line 2, column "no2": "2,5" is not a number"#),
        (
            "not_a_time.csv",
            r#"line 2, column "TimeInstant": "2016-02-30 00:00:00.004" is not a time such as 2016-10-01 00:00:00.004"#,
        ),
        ("row_too_short.csv", "line 3: the row has 3 fields, the header 8"),
        ("row_too_long.csv", "line 3: the row has 9 fields, the header 8"),
        ("no_station.csv", r#"line 2, column "id_entity": the row names no station"#),
        ("not_utf8.csv", "line 2, column \"id_entity\": \"aq_\u{fffd}\" is not UTF-8"),
        ("unclosed_quote.csv", "line 3: a quote is opened in this record and never closed"),
        ("empty.csv", "the input is empty: not even a header"),
        (
            "no_station_column.csv",
            "line 1: no station column (one of station, id_entity, station_id) in the header; seen: time, no2",
        ),
        ("column_twice.csv", r#"line 1: the header names "no2" twice"#),
        (
            "annual_statistics.csv",
            "line 1: no station column (one of station, id_entity, station_id) in the header; \
             seen: Year, State, County, Good Days, Max AQI",
        ),
    ] {
        let error = error_of(name);
        assert_eq!(error.to_string(), message, "{name}");
        assert!(error.is_invalid_data(), "{name}");
    }
}

#[test]
fn a_repository_also_names_the_file() {
    let error = CsvRepository::open([path("not_a_number.csv")], &CsvOptions::default()).expect_err("a bad number");
    let position = error.position().unwrap();
    assert!(position.file.as_deref().unwrap().ends_with("not_a_number.csv"));
    assert_eq!((position.line, position.column.as_deref()), (3, Some("no2")));
}

#[test]
fn skipped_rows_are_counted() {
    let options = CsvOptions::default().skip_bad_rows(true);
    let repository = CsvRepository::open([path("not_a_number.csv"), path("duplicates.csv")], &options).unwrap();
    let account = repository.account().unwrap();
    assert_eq!((account.read, account.accepted(), account.duplicates, account.rejected), (4, 1, 2, 1));
    assert_eq!(account.rejects[0].value, "NaN");
}

#[test]
fn an_encoder_that_has_failed_takes_no_more_input() {
    let mut encoder = EncoderOptions::new(Format::Ndjson).into_writer(Vec::new());
    assert!(encoder.write_all(b"time,station,no2\n2016-10-01,a,x\n").is_err());
    assert!(encoder.write_all(b"2016-10-01,a,1\n").is_err());
    assert!(encoder.finish().is_err());
}
