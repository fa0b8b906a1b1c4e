//! `stations`, `cities`, `dataset`, `completions` and the help.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

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
fn the_short_help_has_a_line_for_each_option_and_the_long_help_has_all() {
    for command in ["query", "latest", "plot", "compliance", "stations", "convert", "import", "doctor"] {
        let short = run(&[command, "-h"]).ok().text().to_owned();
        let long = run(&[command, "--help"]).ok().text().to_owned();
        assert!(!short.contains("--map") && !short.contains("Reading files:"), "{command}: {short}");
        assert!(long.contains("--map <ROLE=COLUMN,…>") && long.contains("Reading files:"), "{command}");
        assert!(short.lines().count() * 2 < long.lines().count(), "{command}");
        assert!(short.lines().count() <= 50, "{command}: one screen or little more: {short}");
    }
    for command in ["migrate", "completions", "man"] {
        let long = run(&[command, "--help"]).ok();
        assert!(!long.text().contains("--map"), "{command} reads no files");
    }
    for command in ["completions", "man"] {
        assert!(!run(&[command, "--help"]).ok().text().contains("--source"), "{command} has no source");
    }
}

#[test]
fn without_a_command_there_are_three_things_to_try_and_they_work() {
    let ran = run(&[]);
    assert_eq!(ran.code, Some(2));
    let commands: Vec<&str> = ran.err.lines().filter(|line| line.starts_with("  airq-cli ")).collect();
    assert_eq!(commands.len(), 3, "{}", ran.err);
    let own = common::file("welcome", "time,station,no2\n2016-10-01,x,1\n");
    for line in commands {
        let words = line.trim().split("  ").next().unwrap().split(' ').skip(1);
        let words: Vec<&str> = words.map(|word| if word == "FILE.csv" { &own } else { word }).collect();
        run(&words).ok();
    }
}

/// Returns what a shell is offered at the end of these words.
fn completed(words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let mut command = common::command(&[&["--"], words].concat());
    command.env("AIRQ_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_IFS", "\n");
    let output = command.env("_CLAP_COMPLETE_COMP_TYPE", "9").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn completions_know_formats_and_the_cities_stations_and_parameters_of_the_source() {
    let own = common::file("completions", "time,station,city,no2,o3\n2016-10-01,x1,New Town,1,2\n");
    for (words, expected) in [
        (&["airq-cli", "compl"][..], &["completions", "compliance"][..]),
        (&["airq-cli", "query", "--city", "ma"], &["Madrid", "Málaga"]),
        (&["airq-cli", "query", "--source", &own, "--city", ""], &["New\\ Town"]),
        (&["airq-cli", "latest", &own, "--station", ""], &["x1"]),
        (&["airq-cli", "plot", &own, "--parameter", "no2,"], &["no2,o3"]),
        (&["airq-cli", "query", "--source", "no/such.csv", "--city", ""], &[]),
        (&["airq-cli", "query", "--format", "geo"], &["geojson"]),
        (&["airq-cli", "query", "--format", "ta"], &["table"]),
        (&["airq-cli", "convert", "--format", "ta"], &[]),
        (&["airq-cli", "query", "--index", "eaqi"], &["eaqi-2024", "eaqi-2020"]),
        (&["airq-cli", "compliance", "--standard", "who"], &["who-2021"]),
        (&["airq-cli", "query", "--every", "week"], &["weekday"]),
    ] {
        let mut expected: Vec<&str> = expected.to_vec();
        let mut found = completed(words);
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{words:?}");
    }
}

#[test]
fn the_script_completes_in_a_real_bash() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_airq-cli"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let script = "source <(airq-cli completions bash); COMP_WORDS=(airq-cli query --city Mad); COMP_CWORD=3; COMP_TYPE=9; \
                  _clap_complete_airq_cli airq-cli Mad --city; echo \"${COMPREPLY[@]}\"";
    let mut bash = std::process::Command::new("bash");
    let output = bash.args(["--norc", "-c", script]).env("PATH", path).env_remove("AIRQ_SOURCE").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Madrid\n", "{output:?}");
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&["completions", shell]).ok();
        assert!(script.text().contains("airq-cli") && script.text().contains("AIRQ_COMPLETE"), "{shell}");
    }
    assert!(run(&["completions", "dos"]).failed(2).contains("bash"));
}
