//! `query` and `latest`: formats, parameters, exit codes.

mod common;

use common::{command, file, folder, run};
use serde_json::Value;

const MADRID_NOON: &[&str] =
    &["query", "--city", "Madrid", "--from", "2016-10-01T12:00:00Z", "--to", "2016-10-01T12:30:00Z"];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

#[test]
fn a_pipe_gets_json_by_default() {
    let answer = run(MADRID_NOON).ok().json();
    let ids: Vec<_> = answer["stations"].as_array().unwrap().iter().map(|station| &station["id"]).collect();
    assert_eq!(ids, ["aq_castellana", "aq_retiro", "aq_salvia"]);
    assert_eq!(answer["page"]["count"], 6);
    assert_eq!(answer["query"]["city"][0], "Madrid");
}

#[test]
fn every_format_of_one_query_tells_the_same_rows() {
    let shown = |format| run(&with(MADRID_NOON, &["--pollutant", "no2,o3", "--format", format])).ok();
    let records = shown("records").json();
    let flat = records["measurements"].as_array().unwrap();
    assert_eq!(flat.len(), 6);
    let lines: Vec<Value> = shown("ndjson").text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&lines, flat);
    let nested = shown("json").json();
    let columns = shown("columns").json();
    for place in 0..3 {
        let rows = nested["stations"][place]["measurements"].as_array().unwrap();
        let column: Vec<_> = rows.iter().map(|row| row["no2"].clone()).collect();
        assert_eq!(columns["stations"][place]["no2"], Value::Array(column));
    }
    let table_of_text = shown("csv");
    let mut csv = csv::Reader::from_reader(table_of_text.text().as_bytes());
    assert_eq!(csv.headers().unwrap(), vec!["station", "time", "no2", "o3"]);
    assert_eq!(csv.records().map(Result::unwrap).count(), 6);
    let map = shown("geojson").json();
    assert_eq!(map["features"].as_array().unwrap().len(), 3);
    assert_eq!(map["features"][0]["properties"]["no2"], flat[1]["no2"], "the newest value");
    assert_eq!(shown("table").text().lines().count(), 8);
}

#[test]
fn latest_is_one_row_a_station() {
    let answer = run(&["latest", "--format", "records", "--pollutant", "co"]).ok().json();
    let rows = answer["measurements"].as_array().unwrap();
    assert_eq!(rows.len(), 12);
    assert!(rows.iter().all(|row| row["time"].as_str().unwrap().starts_with("2016-10-01T23:45")));
    assert_eq!(run(&["latest", "--city", "malaga"]).ok().json()["page"]["count"], 1);
    assert!(run(&["latest", "--limit", "1"]).failed(2).contains("--limit"));
}

#[test]
fn pages_join_without_a_gap() {
    let whole = run(&["query", "--city", "Madrid", "--format", "ndjson"]).ok();
    let (mut joined, mut cursor) = (String::new(), None::<String>);
    loop {
        let mut args = vec!["query", "--city", "Madrid", "--format", "ndjson", "--limit", "100"];
        args.extend(cursor.as_deref().map(|cursor| ["--cursor", cursor]).into_iter().flatten());
        let page = run(&args).ok();
        joined.push_str(page.text());
        let next = page.err.split_once("--cursor '").map(|(_, rest)| rest.trim_end().trim_end_matches('\'').to_owned());
        if next.is_none() {
            break;
        }
        cursor = next;
    }
    assert_eq!(joined, whole.text());
    assert_eq!(joined.lines().count(), 3 * 96);
}

#[test]
fn without_a_limit_everything_is_streamed() {
    assert_eq!(run(&["query", "--format", "ndjson"]).ok().text().lines().count(), 1152);
}

#[test]
fn an_unknown_city_or_station_is_code_3_and_names_the_nearest() {
    let told = run(&["query", "--city", "Madird"]).failed(3);
    assert!(told.contains("no city named \"Madird\"; nearest: Madrid"), "{told}");
    let told = run(&["latest", "--station", "aq_salvya"]).failed(3);
    assert!(told.contains("aq_salvia"), "{told}");
    let told = run(&["stations", "--city", "Barcelone"]).failed(3);
    assert!(told.contains("Barcelona"), "{told}");
}

#[test]
fn what_cannot_be_asked_is_code_2_and_told_at_once() {
    for (args, expected) in [
        (&["query", "--limit", "0"][..], "invalid value '0' for limit: expected a whole number from 1 to 100000"),
        (&["query", "--limit", "-1"], "invalid value '-1' for limit"),
        (&["query", "--limit", "1", "--limit", "2"], "expected one value, but the parameter is repeated"),
        (&["query", "--format", "xml"], "expected one of json"),
        (&["query", "--format", "table", "--format", "json"], "expected one value, but the parameter is repeated"),
        (&["query", "--parameter", "no2,gold"], "no parameter named \"gold\""),
        (&["query", "--parameter", "no2,x y"], "invalid value 'x y' for parameter"),
        (&["query", "--from", "yesterday"], "RFC 3339"),
        (&["query", "--from", "-5"], "RFC 3339"),
        (&["query", "--from", "2016-10-02", "--to", "2016-10-01"], "later than from"),
        (&["query", "--city", ""], "city"),
        (&["query", "--cursor", "x"], "page.next"),
        (&["query", "--nothing"], "--nothing"),
        (&["query", "source", "extra"], "extra"),
        (&["stations", "--format", "csv"], "json, table"),
        (&["frobnicate"], "frobnicate"),
    ] {
        let ran = run(args);
        assert!(ran.out.is_empty(), "{args:?}");
        let told = ran.failed(2);
        assert!(told.contains(expected), "{args:?}: {told}");
    }
    let told = run(&["query", "--limit", "0", "--from", "x"]).failed(2);
    assert!(told.contains("limit: ") && told.contains("from: "), "all faults at once: {told}");
    assert_eq!(run(&[]).code, Some(2));
}

#[test]
fn a_source_is_a_file_a_directory_or_a_setting() {
    let csv = "time,station,no2\n2016-10-01,x,1.5\n";
    let path = file("a_source", csv);
    let folder = path.trim_end_matches("/data.csv");
    let with_city = format!("csv:{path}?city=Oviedo");
    for source in [path.as_str(), folder, &with_city] {
        let ran = run(&["query", "--source", source, "--format", "csv", "--pollutant", "no2"]).ok();
        assert_eq!(ran.text(), "station,time,no2\nx,2016-10-01T00:00:00.000Z,1.5\n");
        assert_eq!(ran.err, "", "nothing to tell when a source is set");
    }
    let by_setting = command(&["cities"]).env("AIRQ_SOURCE", &with_city).output().unwrap();
    assert!(String::from_utf8_lossy(&by_setting.stdout).contains("Oviedo"));
}

#[test]
fn without_a_source_the_sample_answers_and_says_so() {
    for command in [command(&["cities"]), {
        let mut empty = command(&["cities"]);
        empty.env("AIRQ_SOURCE", "");
        empty
    }] {
        let output = { command }.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success());
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("sample") && told.contains("--source") && told.contains("AIRQ_SOURCE"), "{told}");
    }
}

#[test]
fn a_source_that_cannot_be_used_is_named() {
    let empty = folder("empty_source");
    let bad = file("bad_source", "time,station,no2\n2016-10-01,x,much\n");
    for (source, code, expected) in [
        ("nowhere.csv", 1, "nowhere.csv"),
        (empty.to_str().unwrap(), 2, "no CSV file"),
        (bad.as_str(), 1, "data.csv, line 2, column \"no2\": \"much\" is not a number"),
        ("gopher://x", 2, "gopher"),
        ("csv:x.csv?colour=red", 2, "colour"),
    ] {
        let told = run(&["query", "--source", source]).failed(code);
        assert!(told.contains(expected), "{source}: {told}");
    }
    let skipping = format!("csv:{bad}?skip-bad-rows=true");
    let ran = run(&["query", "--source", &skipping, "--format", "ndjson"]).ok();
    assert!(ran.out.is_empty() && ran.err.contains("left out: 1 of 1 row that cannot be used (first: "), "{}", ran.err);
    let stations = file("bad_stations", "time,station,no2\n2016-10-01,x,1\n");
    std::fs::write(stations.replace("data.csv", "stations.csv"), "id,latitude\nx,400\n").unwrap();
    assert!(!run(&["query", "--source", &stations]).failed(1).contains("skip-bad-rows"), "which does not help");
}

#[test]
fn averages_in_one_pass_report_a_bad_row_as_those_in_two_passes() {
    let bad = file("bad_averages", "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,x\n");
    let one_pass = run(&["query", "--source", &bad, "--every", "1d", "--format", "ndjson"]).failed(1);
    let two_passes = run(&["query", "--source", &bad, "--every", "1d", "--format", "json"]).failed(1);
    assert!(one_pass.contains("skip-bad-rows=true"), "{one_pass}");
    assert_eq!(one_pass, two_passes);
    let skipping = format!("csv:{bad}?skip-bad-rows=true");
    let ran = run(&["query", "--source", &skipping, "--every", "1d", "--format", "csv", "--capture", "0"]).ok();
    assert_eq!(ran.text().lines().count(), 2, "{}", ran.text());
    assert!(ran.err.contains("left out: 1 of 2 rows that cannot be used (first: "), "{}", ran.err);
}

#[test]
fn a_hint_is_one_that_helps() {
    let no_city = file("no_city", "time,station,no2\n2016-10-01,x,1\n");
    let told = run(&["query", "--source", &no_city, "--city", "Madrid"]).failed(3);
    assert!(told.contains("csv:PATH?city=NAME"), "{told}");
    for args in [&["query", "--temperature", "30"][..], &["query", "--format", "csv", "--format", "json"]] {
        let told = run(args).failed(2);
        assert!(!told.contains("hint"), "{told}");
    }
    let comma = file("hint_comma", "time,station,no2\n2016-10-01,x,\"1,5\"\n");
    let told = run(&["query", &comma]).failed(1);
    assert!(told.contains("--decimal-comma") && !told.contains("--missing"), "{told}");
    assert!(run(&["query", &comma, "--decimal-comma", "-f", "csv"]).ok().text().contains(",1.5"));
    let text = file("hint_text", "time,station,no2\n2016-10-01,x,n/a\n");
    let told = run(&["query", &text]).failed(1);
    assert!(told.contains("--missing 'n/a'") && !told.contains("--decimal-comma"), "{told}");
    let skipping = told.split("--source '").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    for args in [&["query", &text, "--missing", "n/a"][..], &["query", "--source", skipping]] {
        run(args).ok();
    }
    let told = run(&["query", "no-such-file.csv"]).failed(1);
    assert!(!told.contains("selects a city"), "{told}");
    let refused = run(&["query", "--source", "postgres://airq@127.0.0.1:1/airq"]).failed(1);
    assert_eq!(refused.matches("refused").count(), 1, "a refused connection is reported once: {refused}");
    let refused = run(&["query", "--source", "http://127.0.0.1:1"]).failed(1);
    assert_eq!(refused.matches("refused").count(), 1, "a refused connection is reported once: {refused}");
    let told = run(&["query", "--format", "ngsi-ld", "--limit", "1"]).ok().err;
    assert!(told.contains("there are more"), "{told}");
    let told = run(&["plot", "--pollutant", "nox"]).ok().err;
    assert!(told.contains("has a value"), "{told}");
}

#[test]
fn stations_are_found_by_place() {
    let near = run(&["query", "--near", "40.42,-3.7", "--radius", "20km", "--limit", "1", "--format", "json"]);
    assert_eq!(near.ok().json()["stations"][0]["city"], "Madrid");
    let boxed = run(&["stations", "--bbox", "-3.9,40.3,-3.55,40.6", "--format", "table"]).ok();
    assert_eq!(boxed.text().lines().filter(|line| line.contains("Madrid")).count(), 3);
    let refused = run(&["latest", "--bbox", "1,2,3", "--near", "x", "--radius", "-1"]).failed(2);
    for parameter in ["bbox", "near", "radius"] {
        assert!(refused.contains(parameter), "{refused}");
    }
}

#[test]
fn days_of_madrid_have_an_index() {
    let asked = ["query", "--city", "Madrid", "--every", "1d", "--index", "eaqi-2024"];
    let days = run(&with(&asked, &["--format", "records"])).ok().json();
    let rows = days["measurements"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row["index"]["band"].is_string() && row["index"]["pollutant"].is_string()));
    let table = run(&with(&asked, &["--format", "table"])).ok();
    let band = rows[0]["index"]["band"].as_str().unwrap();
    assert!(table.text().lines().any(|line| line.contains(&format!("{band} ("))), "{}", table.text());
    assert!(!table.text().contains("index_"));
    assert!(run(&with(&asked, &["--format", "ngsi-ld"])).failed(2).contains("format"));
}

#[test]
fn a_source_is_an_argument_too_and_only_one_is_taken() {
    let path = file("argument", "time,station,no2\n2016-10-01,x,1\n");
    let by_option = run(&["query", "--source", &path]).ok();
    for command in ["query", "latest", "stations", "dataset"] {
        assert_eq!(run(&[command, &path]).ok().out, run(&[command, "-s", &path]).ok().out, "{command}");
    }
    assert!(run(&["query", &path, "-f", "json", "-n", "5"]).ok().out.len() > by_option.out.len());
    assert!(run(&["query", &path, "--source", &path]).failed(2).contains("two sources are given"));
    assert!(run(&["query", "Madrid"]).failed(1).contains("--city \"Madrid\" selects a city"));
    assert!(run(&["query", "--source", ""]).failed(2).contains("the source is empty"));
}

#[test]
fn a_file_takes_the_format_of_its_ending_and_is_replaced_only_on_success() {
    let path = file("for_output", "time,station,no2\n2016-10-01,x,1\n");
    for (ending, start) in
        [("csv", "station,time,no2\n"), ("ndjson", "{\"station\""), ("geojson", "{\"type\""), ("json", "{\"query\"")]
    {
        let target = folder("output").join(format!("answer.{ending}"));
        let target = target.to_str().unwrap().to_owned();
        let ran = run(&["query", &path, "-o", &target]).ok();
        assert!(ran.out.is_empty());
        assert!(std::fs::read_to_string(&target).unwrap().starts_with(start), "{ending}");
    }
    let target = file("kept", "before");
    run(&["query", &path, "--city", "Nowhere", "-o", &target]).failed(3);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "before");
    assert!(run(&["query", &path, "--format", "table", "-o", &target]).failed(2).contains("for a terminal"));
}

#[test]
fn colours_are_on_demand_and_columns_without_values_are_named() {
    let path = file("colours", "time,station,no2,o3\n2016-10-01,x,1,\n");
    let plain = run(&["query", &path, "--format", "table"]).ok();
    assert!(!plain.text().contains('\u{1b}') && !plain.text().contains("o3"), "{}", plain.text());
    assert!(plain.err.contains("without values, left out: o3"), "{}", plain.err);
    let coloured = run(&["query", &path, "--format", "table", "--index", "eaqi-2024", "--color", "always"]).ok();
    assert!(coloured.text().contains("\u{1b}[1mstation\u{1b}[0m"), "{:?}", coloured.text());
    assert!(coloured.text().contains("\u{1b}[30m\u{1b}[48;2;80;240;230mGood"), "{:?}", coloured.text());
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let folder = std::env::temp_dir().join(format!("airq-man-{}", std::process::id()));
    run(&["man", folder.to_str().unwrap()]).ok();
    for page in ["airq-cli.1", "airq-cli-query.1", "airq-cli-compliance.1"] {
        let text = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(text.contains(".TH") && text.contains("source"), "{page}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn averages_are_asked_for_by_flags() {
    let day = ["query", "--station", "aq_salvia", "--pollutant", "no2", "--every", "1d", "--tz", "Europe/Madrid"];
    let csv =
        run(&with(&day, &["--stat", "count", "--from", "2016-10-01", "--to", "2016-10-02", "--format", "csv"])).ok();
    let expected = "station,time,local_time,local_end,period,no2,no2_capture\n\
                    aq_salvia,2016-09-30T22:00:00.000Z,2016-10-01T00:00:00.000+02:00,2016-10-02T00:00:00.000+02:00,\
                    2016-10-01,88,0.916\n";
    assert_eq!(csv.text(), expected);
    let last = run(&["query", "--station", "aq_salvia", "--last", "1h", "--format", "csv"]).ok();
    assert_eq!(last.text().lines().count(), 5, "the last four quarters of the data: {}", last.text());
    assert!(run(&["query", "--last", "1h", "--from", "2016-10-01"]).failed(2).contains("last"));
    let none = run(&["query", "--station", "aq_salvia", "--from", "-1h", "--format", "csv"]).ok();
    assert!(none.err.contains("no measurement matches"), "an hour before now: {none:?}");
    let table = run(&with(&day, &["--format", "table"])).ok();
    assert!(table.text().trim_end().ends_with("(8%)"), "of the next day there are two hours: {}", table.text());
    let newest = ["latest", "--station", "aq_salvia", "--pollutant", "no2", "--every", "1h", "--running", "24h"];
    assert!(run(&with(&newest, &["--format", "csv"])).ok().text().trim_end().ends_with(",1"));
}

#[test]
fn a_report_has_everything_that_is_left_out() {
    let path = file(
        "query_report",
        "time,station,no2,note\n2016-10-01,x,1,a\n2016-10-01,x,2,b\n2016-10-01,x,3,\n2016-10-02,x,-999,\n2016-10-03,x,bad,\n",
    );
    let report = path.replace("data.csv", "report.ndjson");
    let source = format!("csv:{path}?skip-bad-rows=true");
    let kinds = |arguments: &[&str]| {
        run(&[arguments, &["--report", &report]].concat()).ok();
        let written = std::fs::read_to_string(&report).unwrap();
        let lines = written.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.map(|line| line["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ["rejected_row", "conflict", "conflict", "sentinel", "unused_column"];
    assert_eq!(kinds(&["query", "--source", &source]), all);
    let mut converted = kinds(&["convert", &path, "--skip-bad-rows"]);
    converted.retain(|kind| kind != "unused_column");
    assert_eq!(converted, all[..4], "a convert to JSON has the text column");
    assert_eq!(kinds(&["convert", &path, "--skip-bad-rows", "--on-conflict", "first"]), all);
}

#[test]
fn order_age_and_units_are_those_of_the_server() {
    let path = file("order_age_units", "time,station,no2,so2\n2016-10-01 00:00,x,1,2\n2016-10-01 01:00,x,100,\n");
    let csv = |args: &[&str]| run(&[args, &["--source", &path, "--format", "csv"]].concat()).ok().text().to_owned();
    let descending = csv(&["query", "--order", "desc", "--parameter", "no2"]);
    assert_eq!(descending, "station,time,no2\nx,2016-10-01T01:00:00.000Z,100\nx,2016-10-01T00:00:00.000Z,1\n");
    let so2 = csv(&["latest", "--pollutant", "so2"]);
    assert_eq!(so2, "station,time,so2\nx,2016-10-01T00:00:00.000Z,2\n", "the newest row has no so2");
    assert_eq!(csv(&["latest", "--max-age", "3h"]), "station,time,so2,no2\n");
    let stations = run(&["stations", "--max-age", "3h", "--source", &path, "--format", "json"]).ok();
    assert_eq!(stations.json()["stations"], serde_json::json!([]));
    let ppb = csv(&["latest", "--units", "ppb", "--parameter", "no2"]);
    assert_eq!(ppb, "station,time,no2 [ppb]\nx,2016-10-01T01:00:00.000Z,52.293\n");
    let table = run(&["latest", "--units", "ppb", "--source", &path, "--format", "table"]).ok();
    let expected = "\
station  time (UTC)               so2     no2  so2_time
                                  ppb     ppb
x        2016-10-01 01:00:00  0.751054  52.293  2016-10-01 00:00:00
";
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(table.text()), words(expected));
    assert!(run(&["query", "--order", "down", "--source", &path]).failed(2).contains("expected asc or desc"));
}
