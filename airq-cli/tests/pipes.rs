//! Readers that leave early, disks that are full, terminals, and memory.

#![allow(clippy::expect_used, reason = "a helper of tests fails as a test does")]

mod common;

use common::{command, file, many_rows, on_a_terminal, run};
use std::io::Read;
use std::process::Stdio;

/// Reads a little of the output and goes away; gives the exit code and what was said.
fn left_early(args: &[&str]) -> (Option<i32>, String) {
    let mut child = command(args).spawn().expect("the binary starts");
    let mut first = [0; 10];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("output begins");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let path = file("left_early", many_rows(20_000));
    for format in ["json", "records", "columns", "ndjson", "csv", "table"] {
        let ended = left_early(&["query", "--source", &path, "--format", format]);
        assert_eq!(ended, (Some(0), String::new()), "{format}");
    }
    for threads in ["1", "2", "4"] {
        assert_eq!(
            left_early(&["convert", &path, "--threads", threads]),
            (Some(0), String::new()),
            "{threads} threads"
        );
    }
}

/// Runs it with an output that nobody reads from the start.
fn unread(args: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command(args).stdout(writer).output().expect("it ends");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_output_nobody_reads_is_no_failure_of_any_command() {
    let path = file("unread", "time,station,city,no2\n2016-10-01,x,Oviedo,1\n");
    for args in [
        &["--help"][..],
        &["help", "query"],
        &["--version"],
        &["completions", "bash"],
        &["cities", "--source", &path],
        &["stations", "--format", "table", "--source", &path],
        &["dataset", "--source", &path],
        &["latest", "--source", &path],
        &["query", "--format", "table", "--source", &path],
        &["convert", &path],
    ] {
        assert_eq!(unread(args), (Some(0), String::new()), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_that_says_so() {
    let path = file("full_disk", "time,station,no2\n2016-10-01,x,1\n");
    let long = file("full_disk_long", many_rows(20_000));
    for args in [
        &["query", "--source", &path][..],
        &["query", "--format", "table", "--source", &path],
        &["cities", "--source", &path],
        &["completions", "bash"],
        &["--help"],
        &["convert", &path],
        &["convert", &path, "--output", "/dev/full"],
        &["convert", &long, "--threads", "1"],
        &["convert", &long, "--threads", "3"],
        &["convert", &long, "--threads", "3", "--format", "json"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let output = command(args).stdout(full).output().expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {told}");
        assert!(told.contains("cannot write ") && told.contains("No space left"), "{args:?}: {told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_conversion_takes_little_memory() {
    use std::io::Write;
    let csv = many_rows(500_000);
    for format in ["records", "json", "ndjson", "csv", "geojson"] {
        let mut child = command(&["convert", "--format", format]).stdin(Stdio::piped()).spawn().expect("it starts");
        let (mut stdin, mut stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let reader = std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        stdin.write_all(csv.as_bytes()).expect("it reads everything");
        let peak = common::peak_memory(child.id());
        drop(stdin);
        assert!(child.wait().expect("it ends").success());
        let written = reader.join().expect("the reader ends").expect("it reads");
        assert!(written > 1000, "{format}");
        assert!(peak * 1024 < csv.len() as u64 / 2, "{format}: {peak} KiB for {} KiB", csv.len() / 1024);
    }
}

/// The most memory held when nine tenths of the output were read, in KiB.
#[cfg(target_os = "linux")]
fn peak_near_the_end(args: &[&str]) -> u64 {
    let whole = run(args).ok().out.len();
    let mut child = command(args).spawn().expect("it starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    std::io::copy(&mut (&mut stdout).take(whole as u64 / 10 * 9), &mut std::io::sink()).expect("it writes");
    let peak = common::peak_memory(child.id());
    std::io::copy(&mut stdout, &mut std::io::sink()).expect("it writes the rest");
    assert!(child.wait().expect("it ends").success());
    peak
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_table_is_streamed() {
    let path = file("long_table", many_rows(200_000));
    let peak = |format| peak_near_the_end(&["query", "--source", &path, "--format", format]);
    let (csv, table) = (peak("csv"), peak("table"));
    assert!(table < csv + 4 * 1024, "{table} KiB for a table, {csv} KiB for CSV");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_a_table_by_default() {
    let path = file("terminal", "time,station,no2\n2016-10-01,x,1.25\n");
    let program = env!("CARGO_BIN_EXE_airq-cli");
    for (command, expected) in [
        ("latest --pollutant no2", "station  time (UTC)             no2\n"),
        ("query --pollutant no2", "x        2016-10-01 00:00:00    1.2\n"),
        ("stations", "station\nx\n"),
        ("dataset", "measurements  1\n"),
    ] {
        let Some(shown) = on_a_terminal(&format!("NO_COLOR=1 '{program}' {command} --source '{path}'")) else { return };
        assert!(shown.contains(expected), "{command}: {shown}");
    }
    let Some(coloured) = on_a_terminal(&format!("TERM=xterm '{program}' latest '{path}'")) else { return };
    assert!(coloured.contains("\u{1b}[1mstation\u{1b}[0m"), "{coloured:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_takes_longer_than_a_second_gives_a_sign_of_life() {
    let path = file("sign", "time,station,no2\n2016-10-01,x,1.25\n");
    let program = env!("CARGO_BIN_EXE_airq-cli");
    let slow = format!("(sleep 3; cat '{path}') |");
    let Some(shown) = on_a_terminal(&format!("{slow} NO_COLOR=1 '{program}' query --source -")) else { return };
    assert!(shown.contains("reading - ("), "{shown:?}");
    let (waiting, table) = shown.rsplit_once("reading - (").expect("the sign");
    assert!(table.contains("station  time (UTC)") && !waiting.contains("station"), "{shown:?}");
    let shown = on_a_terminal(&format!("{slow} '{program}' convert > /dev/null")).unwrap_or_default();
    assert!(shown.contains("converting standard input ("), "{shown:?}");
    let quick = on_a_terminal(&format!("NO_COLOR=1 '{program}' query '{path}'")).unwrap_or_default();
    assert!(!quick.contains("reading"), "a second has not passed: {quick:?}");
    let piped =
        on_a_terminal(&format!("{slow} '{program}' query --source - 2>&1 >/dev/null | cat")).unwrap_or_default();
    assert!(!piped.contains("reading"), "standard error is no terminal: {piped:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_progress_only_while_the_answer_goes_elsewhere() {
    let path = file("progress", many_rows(50_000));
    let program = env!("CARGO_BIN_EXE_airq-cli");
    let Some(shown) = on_a_terminal(&format!("'{program}' convert '{path}' > /dev/null")) else { return };
    assert!(shown.contains("MiB/s") && shown.contains("left"), "{shown:?}");
    let out = path.replace("data.csv", "out.json");
    let shown = on_a_terminal(&format!("'{program}' convert '{path}' --output '{out}'")).unwrap_or_default();
    assert!(shown.contains("MiB/s"), "{shown:?}");
    let shown = on_a_terminal(&format!("'{program}' convert '{path}'")).unwrap_or_default();
    assert!(shown.contains("\"station\":\"s0004\"") && !shown.contains("MiB/s"));
}
