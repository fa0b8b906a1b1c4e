//! `compliance`: formats, filters, exit codes.

mod common;

use common::run;

#[test]
fn a_pipe_gets_json_and_a_table_has_a_row_for_each_station_and_objective() {
    let args = ["compliance", "--city", "madrid", "--year", "2016", "--parameter", "no2"];
    let answer = run(&args).ok().json();
    assert_eq!((&answer["standard"]["id"], &answer["standard"]["clock"]), (&"eu-2008".into(), &"Etc/GMT-1".into()));
    assert_eq!(answer["stations"].as_array().unwrap().len(), 3);
    let table = run(&[&args[..], &["--format", "table"]].concat()).ok();
    let lines: Vec<&str> = table.text().lines().collect();
    assert_eq!(lines.len(), 1 + 3 * 3, "three objectives of NO2 at three stations");
    assert!(lines[1].starts_with("aq_castellana  no2-1h"), "{}", lines[1]);
    assert!(lines[1].ends_with("not enough data  24 of 8784 values are there, 90 % are needed"), "{}", lines[1]);
    let csv = run(&[&args[..], &["--format", "csv"]].concat()).ok();
    assert_eq!(csv.text().lines().count(), lines.len());
}

#[test]
fn a_year_without_measurements_is_an_empty_answer_and_mistakes_are_refused() {
    let empty = run(&["compliance", "--year", "1999", "--format", "json"]).ok().json();
    assert!(empty["stations"].as_array().unwrap().is_empty());
    assert!(run(&["compliance"]).failed(2).contains("year"));
    assert!(run(&["compliance", "--year", "2016", "--standard", "eu"]).failed(2).contains("eu-2024"));
    assert!(run(&["compliance", "--year", "2016", "--format", "ndjson"]).failed(2).contains("json or csv"));
    assert!(run(&["compliance", "--year", "2016", "--city", "Madird"]).failed(3).contains("nearest: Madrid"));
}
