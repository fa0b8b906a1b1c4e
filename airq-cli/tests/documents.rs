//! `stations`, `cities`, `dataset`, `completions` and the help.

mod common;

use common::run;

#[test]
fn documents_are_json_in_a_pipe() {
    let stations = run(&["stations"]).ok().json();
    assert_eq!(stations["stations"].as_array().unwrap().len(), 12);
    let of_cities = run(&["stations", "--city", "madrid", "--city", "Málaga"]).ok().json();
    assert_eq!(of_cities["stations"].as_array().unwrap().len(), 4);
    let cities = run(&["cities"]).ok().json();
    assert_eq!(cities["cities"][3]["name"], "Madrid");
    assert_eq!(cities["cities"][3]["stations"], 3);
    let data_set = run(&["dataset"]).ok().json();
    assert_eq!(data_set["measurements"], 1152);
    assert_eq!(data_set["first"], "2016-10-01T00:00:00.004Z");
}

#[test]
fn documents_are_tables_where_asked_for() {
    let stations = run(&["stations", "--city", "Madrid", "--city", "madrid", "--format", "table"]).ok();
    let expected = "\
station        name        city    country  latitude  longitude
                                                  °N         °E
aq_castellana  Castellana  Madrid  ES         40.439     -3.690
aq_retiro      Retiro      Madrid  ES         40.414     -3.682
aq_salvia      Salvia      Madrid  ES         40.530     -3.640
";
    assert_eq!(stations.text(), expected);
    let cities = run(&["cities", "--format", "table"]).ok();
    assert!(cities.text().contains("Rivas-Vaciamadrid  ES              1\n"), "{}", cities.text());
    let data_set = run(&["dataset", "--format", "table"]).ok();
    assert!(data_set.text().contains("measurements  1152\n"), "{}", data_set.text());
    assert!(data_set.text().contains("2016-10-01 23:45:00 UTC"), "{}", data_set.text());
}

#[test]
fn the_help_tells_exit_codes_and_shows_examples() {
    let help = run(&["--help"]).ok();
    for expected in
        ["Exit codes:", "  3  a city or a station is unknown", "Examples:", "AIRQ_SOURCE", "query", "convert"]
    {
        assert!(help.text().contains(expected), "{expected}");
    }
    let query = run(&["query", "--help"]).ok();
    assert!(query.text().contains("rounded to one decimal"));
    let convert = run(&["help", "convert"]).ok();
    assert!(convert.text().contains("group consecutive rows of a station"));
    assert_eq!(run(&["--version"]).ok().text(), concat!("airq-cli ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_help_does_not_show_the_secret_in_a_source() {
    let output =
        common::command(&["query", "--help"]).env("AIRQ_SOURCE", "postgres://me:secret@host/db").output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("secret"));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).ok();
        assert!(script.text().contains("convert") && script.text().contains("skip-bad-rows"), "{shell}");
    }
    assert!(run(&["completions", "dos"]).failed(2).contains("bash"));
}
