//! Published files on the command line: recognised, mapped, from a pipe, with an account and a summary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::{file, folder, run, run_with};
use std::fs;

fn fixture(name: &str) -> String {
    format!("{}/../fixtures/formats/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_published_file_is_converted_with_an_account_of_everything() {
    let madrid = fixture("madrid_realtime_early.csv");
    let ran = run(&["convert", &madrid, "--format", "csv"]).ok();
    assert!(ran.text().starts_with("station,time,no2,o3,nox\n28079004,2025-06-01T22:00:00.000Z,20,,50\n"), "{ran:?}");
    assert_eq!(
        ran.err,
        "madrid: read 72 values: 26 accepted, 0 duplicates, 0 rejected, 46 ignored (46 marked as invalid)\n\
         airq-cli: read as madrid (Madrid's council: hourly and real time; its stations' file next to them is used): a time begins its \
         period, clock Europe/Madrid, period 1h\n\
         airq-cli: left out: 46 values that the file marks as invalid; --report FILE has all\n"
    );
    let piped = run_with(&["convert", "--format", "csv", "-"], &fs::read(&madrid).unwrap(), 7).ok();
    assert_eq!(piped.out, ran.out);
    let named = run(&["convert", &madrid, "--format", "csv", "--format-in", "madrid"]).ok();
    assert_eq!(named.out, ran.out);
}

#[test]
fn a_summary_tells_what_there_is_of_each_parameter() {
    let ran = run(&["convert", &fixture("cpcb.csv"), "--summary", "--format", "csv"]).ok();
    assert!(ran.err.lines().any(|line| line.starts_with("toluene  ")), "{}", ran.err);
    let co = ran.err.lines().find(|line| line.starts_with("co ")).unwrap();
    assert!(co.ends_with("  2014-12-31 18:30  2014-12-31 18:30"), "{co}");
    assert_eq!(co.split_whitespace().take(6).collect::<Vec<_>>(), ["co", "mg/m³", "2", "0.50", "1.00", "1.50"]);
    let own = file("formats_summary", "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,4\n");
    let ran = run(&["convert", &own, "--summary", "--format", "csv"]).ok();
    assert!(
        ran.err.lines().any(|line| line.starts_with("no2 ") && line.contains("  2  1.0   2.5  4.0  ")),
        "{}",
        ran.err
    );
}

#[test]
fn a_source_may_be_a_published_file_or_a_folder_of_them() {
    let folder = folder("formats_source");
    for name in ["madrid_realtime_early.csv", "madrid_realtime_late.csv", "madrid_stations.csv"] {
        fs::copy(fixture(name), folder.join(name)).unwrap();
    }
    let folder = folder.to_str().unwrap();
    let answer = run(&["query", "--source", folder, "--city", "madrid", "--station", "28079035"]).ok().json();
    assert_eq!(answer["stations"][0]["name"], "Plaza Inventada");
    assert_eq!(answer["page"]["count"], 11);
    let pattern = format!("{folder}/*early.csv");
    let dataset = run(&["dataset", "--source", &pattern]).ok().json();
    assert_eq!(dataset["measurements"], 18);
    let stdin = fs::read(fixture("madrid_daily.csv")).unwrap();
    let piped = run_with(&["query", "--source", "-", "--format", "csv"], &stdin, 1000).ok();
    assert_eq!(piped.text().lines().count(), 29);
}

#[test]
fn a_description_of_ones_own_is_given_by_its_path_also_in_a_url() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let description = folder.join("own-format.toml");
    let table = folder.join("own-format.csv");
    let text = "[time]\ncolumn = \"t\"\nzone = \"UTC+1\"\n[station]\nid = { text = \"Roof\" }\n[parameter.names]\nx = \"no2\"\n";
    std::fs::write(&description, text).unwrap();
    std::fs::write(&table, "t,x\n2024-01-01 01:00,5\n").unwrap();
    let (description, table) = (description.display().to_string(), table.display().to_string());
    let expected = "station,time,no2\nRoof,2024-01-01T00:00:00.000Z,5\n";
    let converted = run(&["convert", &table, "--format-in", &description, "--format", "csv"]).ok();
    assert_eq!(converted.text(), expected);
    assert!(converted.err.contains("read as own-format: a time begins its period, clock UTC+1"), "{}", converted.err);
    let source = format!("csv:{table}?format={description}");
    assert_eq!(run(&["query", "--source", &source, "--format", "csv"]).ok().text(), expected);
    let data_set = run(&["dataset", "--source", &source]).ok();
    assert!(data_set.text().contains("\"formats\":[\"own-format: a time begins"), "{data_set:?}");
    std::fs::write(&description, "[time]\ncolum = \"t\"\n").unwrap();
    let refused = run(&["convert", &table, "--format-in", &description]).failed(2);
    assert!(refused.contains("own-format.toml: line 2: unknown field `colum`"), "{refused}");
}

#[test]
fn any_table_is_read_by_a_map() {
    let map = "time=ReadingDateTime,station=Site,parameter=Species,value=Value,unit=Units,city==London";
    let told = ["--map", map, "--time-format", "%d/%m/%Y %H:%M", "--format", "csv"];
    let table = fixture("generic_long.csv");
    let ran = run(&[&["convert", &table], &told[..]].concat()).ok();
    assert_eq!(ran.text(), "station,time,no2,o3,humidity\nAA1,2018-02-01T00:00:00.000Z,12.5,33.1,80\n");
    let asked = run(&[&["query", "--source", &table, "--city", "london"], &told[..]].concat()).ok();
    assert_eq!(asked.text().lines().count(), 2);
    let unknown = run(&["convert", &table]).failed(1);
    assert!(
        unknown.contains("this command reads it: airq-cli convert ")
            && unknown.contains("parameter=Species,value=Value,unit=Units"),
        "{unknown}"
    );
    assert!(run(&["convert", &table, "--format-in", "excel"]).failed(2).contains("known are auto, airq"));
    assert!(run(&["query", "--source", &table, "--temperature", "0"]).failed(2).contains("20, 25"));
}

#[test]
fn bad_rows_of_a_published_file_are_named_and_left_out_if_wanted() {
    let csv = fs::read_to_string(fixture("openaq_v1.csv")).unwrap().replacen(",69.50,", ",high,", 1);
    let bad = file("formats_bad", csv);
    let told = run(&["convert", &bad]).failed(1);
    assert!(told.contains("line 3, column \"value\": \"high\" is not a number"), "{told}");
    let ran = run(&["convert", &bad, "--skip-bad-rows", "--format", "csv"]).ok();
    assert!(
        ran.err.contains(&format!("left out: {bad}, line 3"))
            && ran.err.contains("left out: 1 of 6 rows that cannot be used"),
        "{ran:?}"
    );
    assert!(ran.err.contains("read 6 rows: 4 accepted, 1 duplicate, 1 rejected, 0 ignored"), "{ran:?}");
    let told = run(&["query", "--source", &bad]).failed(1);
    assert!(told.contains("skip-bad-rows=true"), "{told}");
}

#[test]
fn an_index_table_is_refused_as_what_it_is() {
    let told = run(&["convert", &fixture("annual_statistics.csv")]).failed(1);
    assert!(told.contains("this is annual statistics of an air quality index: no measurements"), "{told}");
}
