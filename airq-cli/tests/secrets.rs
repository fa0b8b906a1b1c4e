//! Passwords on the command line, and control characters of data on a terminal.
#![allow(clippy::unwrap_used, reason = "a test panics with what was broken")]

mod common;

use common::{command, file, folder, run};
use std::process::Command;

const WARNING: &str = "other users of this machine can see the password";

#[test]
fn a_password_on_the_command_line_is_warned_of_and_not_shown() {
    let refused = "postgres://airq:s3cret@127.0.0.1:1/airq";
    for args in [
        &["query", "--source", refused][..],
        &["stations", refused],
        &["doctor", "--cache", "redis://:s3cret@127.0.0.1:1"],
        &["query", "--source", "postgres:/airq:s3cret@127.0.0.1:1/airq"],
    ] {
        let ran = run(args);
        assert!(ran.err.contains(WARNING), "{args:?}: {ran:?}");
        assert!(!format!("{}{}", ran.text(), ran.err).contains("s3cret"), "{args:?}: {ran:?}");
    }
    for args in [
        &["cities", "a.csv", "b.csv", refused][..],
        &["query", refused, "--source", refused],
        &["query", "--color", refused],
        &["query", "--bogus=postgres://airq:s3cret@db/airq"],
    ] {
        assert!(!run(args).failed(2).contains("s3cret"), "{args:?}");
    }
    let from_variable = command(&["cities"]).env("AIRQ_SOURCE", refused).output().unwrap();
    let err = String::from_utf8(from_variable.stderr).unwrap();
    assert!(!err.contains(WARNING) && !err.contains("s3cret"), "{err}");
}

#[test]
fn an_argument_cannot_control_the_terminal() {
    let err = run(&["query", "--x\u{9b}31m"]).failed(2);
    assert!(!err.contains('\u{9b}') && err.contains("--x\u{fffd}31m"), "{err:?}");
}

/// The output of a command whose standard output is a terminal.
fn on_terminal(args: &[&str]) -> String {
    let words: Vec<String> = args.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("'{}' {}", env!("CARGO_BIN_EXE_airq-cli"), words.join(" "));
    let ran = Command::new("script").args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn data_cannot_control_a_terminal_in_any_format() {
    let csv = "time,station,note,no2\n2016-10-01,\"a\u{1b}[2J\u{9b}31m\u{7}b\u{7f}\",\"\u{1b}]52;c;x\u{7}\",1\n";
    let path = folder("terminal").join("data.csv");
    std::fs::write(&path, csv).unwrap();
    let path = path.to_str().unwrap();
    for format in ["json", "records", "columns", "ndjson", "csv", "csv-safe", "geojson", "ngsi-ld", "table"] {
        let mut commands = vec![vec!["query", path, "--format", format, "--color", "never"]];
        if format != "table" {
            commands.push(vec!["convert", path, "--format", format]);
        }
        for args in commands {
            let shown = on_terminal(&args);
            let controls: Vec<char> = shown.chars().filter(|letter| letter.is_control()).collect();
            assert!(controls.iter().all(|letter| "\r\n\t".contains(*letter)), "{args:?}: {shown:?}");
            assert!(shown.contains("31m"), "{args:?}: {shown:?}");
        }
    }
    let shown = on_terminal(&["stations", path, "--format", "json"]);
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{9b}'), "{shown:?}");
    let piped = run(&["query", path, "--format", "csv"]).ok();
    assert!(piped.text().contains("a\u{1b}[2J\u{9b}31m\u{7}b\u{7f}"), "a pipe gets the data as they are");
}

#[test]
fn csv_for_spreadsheets_has_no_formulas() {
    let csv = b"time,station,note,no2\n2016-10-01,=1+1,@SUM(A1),-0.5\n";
    let path = file("formulas", csv);
    let path = path.as_str();
    let shown = run(&["query", path, "--format", "csv-safe"]).ok();
    assert_eq!(shown.text(), "station,time,no2\n'=1+1,2016-10-01T00:00:00.000Z,-0.5\n");
    let converted = run(&["convert", path, "--format", "csv-safe"]).ok();
    assert_eq!(converted.text(), "station,time,note,no2\n'=1+1,2016-10-01T00:00:00.000Z,'@SUM(A1),-0.5\n");
    assert!(run(&["query", path, "--format", "csv"]).ok().text().contains("\n=1+1,"));
}

#[test]
fn ten_mebibytes_of_commas_are_refused_without_taking_memory() {
    let path = file("commas", [b"time,station,no2\n".as_slice(), &vec![b','; 10 << 20]].concat());
    let words = format!("ulimit -v 400000; exec '{}' query '{path}' --format csv", env!("CARGO_BIN_EXE_airq-cli"));
    let ran = Command::new("sh").args(["-c", &words]).output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.code() == Some(1) && err.contains("longer than 1 MiB"), "{err}");
    assert!(err.len() < 4000, "{} bytes", err.len());
}
