//! `convert`: files and pipes, bad rows, output files.

mod common;

use common::{file, folder, many_rows, run, run_with};
use std::fs;

const CSV: &str = "TimeInstant;id_entity;no2;note\n\
                   2016-10-01 00:00:00.004;b;48.390;\"a \"\"quoted\"\" note\"\n\
                   2016-10-01 00:15:00.004;b;;málaga\n\
                   2016-10-01 00:00:00.004;a;1e3;\n";

/// A bad row on each line from 3 on, between good ones.
fn dirty(bad: usize) -> String {
    let rows: Vec<_> = (0..bad).map(|row| format!("2016-10-01,x,bad{row}\n")).collect();
    format!("time,station,no2\n2016-10-01,x,1\n{}2016-10-02,x,2\n", rows.concat())
}

#[test]
fn every_format_parses_and_records_is_the_default() {
    let path = file("convert_formats", CSV);
    let shown = |format| run(&["convert", &path, "--format", format]).ok();
    let records = shown("records");
    assert_eq!(run(&["convert", &path]).ok().out, records.out);
    let rows = records.json();
    assert_eq!(rows["measurements"].as_array().unwrap().len(), 3);
    assert_eq!(rows["measurements"][0]["note"], "a \"quoted\" note");
    assert_eq!(rows["measurements"][1]["no2"], serde_json::Value::Null);
    assert!(records.text().contains(":48.39,"), "a number has its canonical text");
    assert_eq!(shown("json").json()["stations"].as_array().unwrap().len(), 2);
    assert_eq!(shown("columns").json()["stations"][0]["time"].as_array().unwrap().len(), 2);
    assert_eq!(shown("geojson").json()["type"], "FeatureCollection");
    assert_eq!(
        shown("ndjson").text().lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count(),
        3
    );
    assert!(shown("csv").text().starts_with("station,time,no2,note\nb,2016-10-01T00:00:00.004Z,48.39,"));
    assert!(run(&["convert", &path, "--format", "table"]).failed(2).contains("format"));
}

#[test]
fn any_number_of_threads_writes_what_one_does() {
    let path = file("convert_threads", many_rows(30_000));
    for format in ["records", "json", "columns", "ndjson", "csv", "geojson"] {
        let one = run(&["convert", &path, "--format", format, "--threads", "1"]).ok();
        for threads in [&["--threads", "2"][..], &["--threads", "5"], &[]] {
            let many = run(&[&["convert", &path, "--format", format], threads].concat()).ok();
            assert!(one.out == many.out, "{format}, {threads:?}");
        }
    }
    let bad = file("convert_threads_bad", many_rows(30_000) + &dirty(1));
    for threads in ["1", "2", "3"] {
        let told = run(&["convert", &bad, "--threads", threads]).failed(1);
        assert!(told.contains(&format!("{bad}, line 30002: the row has 3 fields, the header 8")), "{told}");
    }
    assert!(run(&["convert", &path, "--threads", "0"]).failed(2).contains("threads"));
}

#[test]
fn an_output_that_has_begun_goes_on_where_it_is() {
    use std::io::{Seek, SeekFrom, Write};
    let path = file("convert_goes_on", many_rows(30_000));
    let one = run(&["convert", &path, "--threads", "1"]).ok().out;
    let output = path.replace("data.csv", "out.json");
    for append in [false, true] {
        fs::write(&output, "0123456789").unwrap();
        let mut out = fs::OpenOptions::new().append(append).write(true).open(&output).unwrap();
        out.seek(SeekFrom::Start(5)).unwrap();
        let ran = common::command(&["convert", &path, "--threads", "3"]).stdout(out.try_clone().unwrap()).status();
        assert!(ran.unwrap().success());
        out.write_all(b"behind").unwrap();
        let before: &[u8] = if append { b"0123456789" } else { b"01234" };
        assert!(fs::read(&output).unwrap() == [before, &one, b"behind"].concat(), "append {append}");
    }
}

#[test]
fn only_the_wanted_parameters_come_out() {
    let path = file("convert_pollutants", "time,station,no2,o3,co\n2016-10-01,x,1,2,3\n");
    let ran = run(&["convert", &path, "--pollutant", "co,no2", "--pollutant", "so2", "--format", "csv"]).ok();
    assert_eq!(ran.text(), "station,time,no2,co,so2\nx,2016-10-01T00:00:00.000Z,1,3,\n");
    assert!(run(&["convert", &path, "--pollutant", "gold"]).failed(2).contains("gold"));
}

#[test]
fn a_pipe_gives_what_the_file_gives_however_it_is_cut() {
    let path = file("convert_cut", CSV);
    let long = many_rows(3000);
    let long_path = file("convert_cut_long", &long);
    for format in ["records", "json", "columns", "ndjson", "csv", "geojson"] {
        let whole = run(&["convert", &path, "--format", format]).ok();
        for piece in [1, 7, 50, CSV.len()] {
            let cut = run_with(&["convert", "-", "--format", format], CSV.as_bytes(), piece).ok();
            assert_eq!(cut.text(), whole.text(), "{format} in pieces of {piece}");
        }
        let whole = run(&["convert", &long_path, "--format", format]).ok();
        for piece in [4099, 65_537, 300_000] {
            let cut = run_with(&["convert", "--format", format], long.as_bytes(), piece).ok();
            assert!(cut.out == whole.out, "{format} in pieces of {piece}");
        }
    }
}

#[test]
fn a_bad_row_stops_it_and_is_named_by_file_line_column_and_value() {
    let path = file("convert_bad", dirty(1));
    let told = run(&["convert", &path]).failed(1);
    assert!(told.contains(&format!("airq-cli: {path}, line 3, column \"no2\": \"bad0\" is not a number")), "{told}");
    assert!(told.contains("--missing") && told.contains("--skip-bad-rows"), "{told}");
    let told = run_with(&["convert"], dirty(1).as_bytes(), 10).failed(1);
    assert!(told.contains("standard input, line 3, column \"no2\""), "{told}");
}

#[test]
fn skipped_rows_are_counted_and_the_first_ten_named() {
    let path = file("convert_skip", dirty(25));
    let ran = run(&["convert", &path, "--skip-bad-rows", "--format", "ndjson"]).ok();
    assert_eq!(ran.text().lines().count(), 2);
    let told: Vec<_> = ran.err.lines().collect();
    assert_eq!(told.len(), 11, "{}", ran.err);
    assert!(told[0].contains(&format!("{path}, line 3, column \"no2\": \"bad0\"")), "{}", told[0]);
    assert!(told[9].contains("line 12"), "{}", told[9]);
    assert_eq!(told[10], "airq-cli: left out: 25 of 27 rows that cannot be used; --report FILE has all");
    assert_eq!(run_with(&["convert", "--skip-bad-rows"], b"time,station\n2016-10-01,x\n", 9).ok().err, "");
}

#[test]
fn input_that_is_no_measurements_is_refused() {
    for (input, expected) in [
        (&b""[..], "the input is empty"),
        (b"a,b\n1,2\n", "no station column"),
        (b"time,station,no2\n2016-10-01,x\n", "the row has 2 fields, the header 3"),
        (b"time,station\n2016-10-01,\"x", "line 2"),
        (b"\x00\x01\x02\xff\xfe", "standard input"),
    ] {
        let ran = run_with(&["convert", "--format", "ndjson"], input, 1000);
        let told = ran.failed(1);
        assert!(told.contains(expected), "{input:?}: {told}");
    }
}

#[test]
fn what_cannot_be_read_or_written_is_named() {
    let folder = folder("convert_unreadable");
    let folder = folder.to_str().unwrap();
    let missing = format!("{folder}/none.csv");
    assert!(run(&["convert", &missing]).failed(1).contains(&format!("cannot read {missing}")));
    let told = run(&["convert", folder]).failed(1);
    assert!(told.contains(&format!("cannot read {folder}")) && told.contains("takes one file"), "{told}");
    let input = file("convert_unwritable", CSV);
    assert_eq!(run(&["convert", "--source", &input]).ok().out, run(&["convert", &input]).ok().out);
    assert!(run(&["convert", &input, "--source", &input]).failed(2).contains("--source"));
    assert!(run(&["convert", &input, "--output", folder]).failed(1).contains(&format!("cannot create {folder}")));
    let nowhere = format!("{folder}/no/such/out.json");
    assert!(run(&["convert", &input, "--output", &nowhere]).failed(1).contains(&nowhere));
}

#[test]
fn an_output_file_appears_whole_or_not_at_all() {
    let input = file("convert_output", CSV);
    let folder = input.trim_end_matches("/data.csv").to_owned();
    let output = format!("{folder}/out.json");
    let names = || fs::read_dir(&folder).unwrap().count();

    assert!(run(&["convert", &input, "--output", &output]).ok().out.is_empty());
    let whole = fs::read(&output).unwrap();
    assert_eq!(whole, run(&["convert", &input]).ok().out);
    assert_eq!(names(), 2, "nothing is left beside it");

    let bad = file("convert_output_bad", many_rows(5000) + "2016-10-01,x,bad\n");
    run(&["convert", &bad, "--output", &output]).failed(1);
    assert_eq!(fs::read(&output).unwrap(), whole, "a failure leaves the earlier file as it was");
    let fresh = format!("{folder}/fresh.json");
    run(&["convert", &bad, "--output", &fresh]).failed(1);
    assert!(!fs::exists(&fresh).unwrap());
    assert_eq!(names(), 2, "nor does it leave a part");

    assert!(run(&["convert", &input, "--output", &input]).failed(2).contains("this is the file to be converted"));
    run(&["convert", &input, "--output", &input, "--format", "csv"]).ok();
    assert!(fs::read_to_string(&input).unwrap().starts_with("station,time,no2"), "a file may be turned in its place");
}

#[cfg(unix)]
#[test]
fn an_output_keeps_its_link_its_permissions_and_is_never_a_device_replaced() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let input = file("convert_links", CSV);
    let folder = input.trim_end_matches("/data.csv").to_owned();
    let (real, link) = (format!("{folder}/real.json"), format!("{folder}/link.json"));
    fs::write(&real, "old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&real, &link).unwrap();
    run(&["convert", &input, "--output", &link]).ok();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().starts_with('{'));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    run(&["convert", &input, "--output", "/dev/null"]).ok();
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn rows_of_one_station_and_time_become_one_if_a_rule_is_given() {
    let path = file("convert_conflict", "time,station,no2\n2016-10-02,x,5\n2016-10-01,x,1\n2016-10-01,x,2\n");
    let csv = |more: &[&str]| run(&[&["convert", &path, "--format", "csv"], more].concat()).ok();
    let plain = csv(&[]);
    assert_eq!(plain.text().lines().count(), 4, "rows are converted one by one");
    assert!(plain.err.contains("1 value in conflict"), "{plain:?}");
    let last = csv(&["--on-conflict", "last"]);
    assert_eq!(last.text(), "station,time,no2\nx,2016-10-01T00:00:00.000Z,2\nx,2016-10-02T00:00:00.000Z,5\n");
    assert!(last.err.contains("1 value in conflict (first: station \"x\""), "{last:?}");
    assert!(csv(&["--on-conflict", "first"]).text().contains("x,2016-10-01T00:00:00.000Z,1\n"));
    run(&["convert", &path, "--on-conflict", "error"]).failed(1);
    let summary = csv(&["--summary"]);
    assert!(summary.err.contains("1 value in conflict"), "{summary:?}");
}
