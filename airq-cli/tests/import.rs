//! `import` and `migrate`, and queries of what was imported, on a real server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::PostgresServer;
use airq_core::testing::{HOSTILE_NAMES, Simulation};
use common::{command, file, folder, many_rows, on_a_terminal, run};
use std::fs;
use std::thread;
use std::time::Duration;

fn migrated() -> (PostgresServer, String) {
    let server = PostgresServer::start().unwrap();
    let url = server.create_database("airq").unwrap();
    run(&["migrate", "--source", &url]).ok();
    (server, url)
}

#[test]
fn files_are_imported_and_answer_as_they_do_in_place() {
    let (_server, url) = migrated();
    let folder = folder("import_folder");
    let mut csv = Vec::new();
    Simulation::new(5).write_csv(&mut csv).unwrap();
    let mut stations = Vec::new();
    Simulation::write_stations(&mut stations).unwrap();
    fs::write(folder.join("day.csv"), csv).unwrap();
    fs::write(folder.join("stations.csv"), stations).unwrap();
    let folder = folder.to_str().unwrap();
    let first = run(&["import", folder, "--source", &url]).ok();
    assert!(first.text().starts_with(
        "read 1152 rows: 1152 accepted, 0 duplicates, 0 rejected, 0 ignored\n\
         measurements: 1152 inserted, 0 updated, 0 as they were\nstations: 12 inserted or updated\nthe data set is 1-"
    ));
    let again = run(&["import", folder, "--source", &url]).ok();
    assert!(again.text().contains("measurements: 0 inserted, 0 updated, 1152 as they were"), "{again:?}");
    assert!(again.text().contains("\ncommitted in the memory of this server alone"), "{again:?}");
    let version = |text: &str| text.lines().find(|line| line.starts_with("the data set is")).map(str::to_owned);
    assert_eq!(version(again.text()), version(first.text()), "the version stays");
    assert!(first.text().contains("\nso2        µg/m³   1152  "), "{first:?}");
    for args in [
        &["query", "--city", "madrid"][..],
        &["query", "--format", "csv"],
        &["query", "--limit", "10", "--format", "ndjson"],
        &["latest", "--format", "geojson"],
        &["stations"],
        &["cities"],
    ] {
        let of = |source: &str| run(&[args, &["--source", source]].concat()).ok().out;
        assert_eq!(of(&url), of(folder), "{args:?}");
    }
    assert_eq!(run(&["dataset", "--source", &url]).ok().json()["measurements"], 1152);
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_the_time_left_to_the_end_of_an_import() {
    let (_server, url) = migrated();
    // The second half is a correction of the first, so the rows are staged.
    let corrected = many_rows(100_000).replace("0.0001234,", "0.5,");
    let path =
        file("import_progress", format!("{}{}", many_rows(100_000), &corrected[corrected.find('\n').unwrap() + 1..]));
    let line = format!("'{}' import '{path}' --source '{url}'", env!("CARGO_BIN_EXE_airq-cli"));
    let Some(shown) = on_a_terminal(&line) else { return };
    assert!(shown.contains(" left to read"), "{shown:?}");
    let (_, writing) = shown.split_once("taking the rows into the data set (").expect("the second step");
    assert!(writing.contains("left") || writing.contains("done soon"), "{writing:?}");
    assert!(shown.contains("measurements: 100000 inserted"), "{shown:?}");
}

#[test]
fn migrating_again_says_so() {
    let server = PostgresServer::start().unwrap();
    let url = server.create_database("airq").unwrap();
    let first = run(&["migrate", "--source", &url]).ok();
    assert!(first.text().starts_with("applied 0001_tables\n"), "{first:?}");
    // The server of the tests does not write to the disk.
    assert_eq!(
        run(&["migrate", "--source", &url]).ok().text(),
        "the database is at migration 5 already\n\
         committed in the memory of this server alone (synchronous_commit = on)\n"
    );
}

#[test]
fn rejects_are_named_or_written_and_decide_whether_anything_is_imported() {
    let (_server, url) = migrated();
    let bad = (0..12).map(|number| format!("2016-10-02,x,bad{number}\n")).collect::<Vec<_>>().concat();
    let path = file("import_rejects", format!("time,station,no2\n2016-10-01,x,1\n{bad}"));
    let import = |more: &[&str]| run(&[&["import", &path, "--source", &url], more].concat());
    let told = import(&[]).failed(1);
    assert!(told.contains(&format!("rejected: {path}, line 3, column \"no2\": \"bad0\" is not a number")), "{told}");
    assert!(told.contains("line 12") && !told.contains("line 13"), "{told}");
    assert!(told.contains("the first 10 of 12 rejects") && told.contains("12 of 13 rows cannot be used"), "{told}");
    assert!(run(&["dataset", "--source", &url]).ok().json()["version"] == "0");

    let report = path.replace("data.csv", "report.ndjson");
    import(&["--report", &report]).failed(1);
    let written = fs::read_to_string(&report).unwrap();
    let first: serde_json::Value = serde_json::from_str(written.lines().next().unwrap()).unwrap();
    assert_eq!((first["file"].as_str(), first["line"].as_u64()), (Some(path.as_str()), Some(3)));
    assert_eq!((first["column"].as_str(), first["reason"].as_str()), (Some("no2"), Some("\"bad0\" is not a number")));
    assert_eq!(written.lines().count(), 12);

    let dry = import(&["--max-rejects", "12", "--dry-run"]).ok();
    assert!(
        dry.text().contains("1 accepted, 0 duplicates, 12 rejected") && dry.text().contains("a dry run"),
        "{dry:?}"
    );
    let kept = import(&["--max-rejects", "12"]).ok();
    assert!(kept.text().contains("the data set is 1-"), "{kept:?}");
}

#[test]
fn a_city_a_zone_and_stations_are_told() {
    let (_server, url) = migrated();
    let path = file("import_told", "time,station,no2\n2016-07-01 02:00,x,1\n");
    let stations = path.replace("data.csv", "described.csv");
    fs::write(&stations, "id,name\nx,Ex\n").unwrap();
    let zone = ["--city", "Oviedo", "--time-zone", "Europe/Madrid", "--stations", &stations];
    run(&[&["import", &path, "--source", &url], &zone[..]].concat()).ok();
    let answer = run(&["query", "--city", "oviedo", "--source", &url]).ok().json();
    assert_eq!(answer["stations"][0]["name"], "Ex");
    assert_eq!(answer["stations"][0]["measurements"][0]["time"], "2016-07-01T00:00:00.000Z");
    let told = run(&["import", &path, "--source", &url, "--time-zone", "Europe/Atlantis"]).failed(2);
    assert!(told.contains("Europe/Atlantis"), "{told}");
}

#[test]
fn a_killed_import_leaves_the_old_data_whole() {
    let (server, url) = migrated();
    let old = file("import_old", "time,station,no2\n2016-10-01,x,1\n");
    run(&["import", &old, "--source", &url]).ok();
    let before = run(&["query", "--source", &url]).ok().out;
    let path = file("import_killed", many_rows(150_000));
    let mut importing = command(&["import", &path, "--source", &url]).spawn().unwrap();
    let at_work = "select count(*) from pg_stat_activity where datname = 'airq' and query like 'copy measurements%'";
    while server.sql("postgres", at_work).unwrap() == "0" {
        assert!(importing.try_wait().unwrap().is_none(), "it is killed before it ends");
    }
    importing.kill().unwrap();
    importing.wait().unwrap();
    assert_eq!(run(&["query", "--source", &url]).ok().out, before);
    let whole = run(&["import", &path, "--source", &url]).ok();
    assert!(whole.text().contains("150000 inserted"), "{whole:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn memory_stays_flat_however_long_the_file() {
    let (_server, url) = migrated();
    let path = file("import_memory", many_rows(400_000));
    let mut importing = command(&["import", &path, "--source", &url]).spawn().unwrap();
    let mut peak = 0;
    while importing.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", importing.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or("VmHWM: 0 kB");
        peak = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0).max(peak);
        thread::sleep(Duration::from_millis(10));
    }
    assert!(importing.wait().unwrap().success());
    assert!((1..64 << 10).contains(&peak), "{peak} KiB");
}

#[test]
fn what_is_no_database_is_refused_and_a_password_never_shown() {
    let path = file("import_refused", "time,station\n2016-10-01,x\n");
    for args in [&["import", &path][..], &["migrate"], &["import", &path, "--source", &path]] {
        assert!(run(args).failed(2).contains("postgres://"), "{args:?}");
    }
    assert!(run(&["import"]).failed(2).contains("FILES"));
    let server = PostgresServer::options().password("right-one").start().unwrap();
    let url = server.url("postgres").replace("right-one", "wr0ng-one");
    for args in [&["migrate"][..], &["import", &path], &["query"]] {
        for level in ["warn", "trace"] {
            let output = command(&[args, &["--source", &url]].concat()).env("RUST_LOG", level).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(told.contains("password authentication failed") && !told.contains("wr0ng-one"), "{args:?}: {told}");
        }
    }
    let secret = path.replace("data.csv", "password");
    fs::write(&secret, "right-one\n").unwrap();
    let by_file = command(&["migrate", "--source", &server.url("postgres").replace(":right-one", "")])
        .env("AIRQ_SOURCE_PASSWORD_FILE", &secret)
        .output()
        .unwrap();
    assert!(by_file.status.success(), "{by_file:?}");
}

#[test]
fn hostile_text_on_the_command_line_is_only_text() {
    let (server, url) = migrated();
    let quoted = |id: &&str| format!("2016-10-01,\"{}\"\n", id.replace('"', "\"\""));
    let rows = HOSTILE_NAMES.iter().map(quoted).collect::<Vec<_>>().concat();
    let path = file("import_hostile", format!("time,station\n{rows}"));
    for (place, text) in HOSTILE_NAMES.iter().enumerate() {
        run(&["import", &path, "--source", &url, "--city", text]).ok();
        let found = run(&["query", "--source", &url, "--station", text, "--format", "csv"]).ok();
        assert_eq!(found.text().lines().count(), 2, "{text}: {found:?}");
        assert_eq!(run(&["query", "--source", &url, "--station", &format!("{text}'")]).code, Some(3), "{place}");
    }
    let told = run(&["query", "--source", &url, "--city", HOSTILE_NAMES[0], "--format", "csv"]).ok();
    assert_eq!(told.text().lines().count(), HOSTILE_NAMES.len() + 1, "the first city told is kept");
    assert_eq!(server.sql("airq", "select count(*) from stations").unwrap(), HOSTILE_NAMES.len().to_string());
}

#[test]
fn any_parameter_is_imported_and_conflicts_are_counted_and_named() {
    let (_server, url) = migrated();
    let path = file("import_open", "station,time,temperature,fluff [furlong],order []\nx,2016-10-01,20.5,3,1\n");
    let first = run(&["import", &path, "--source", &url]).ok();
    let line = first.text().lines().find(|line| line.starts_with("fluff ")).unwrap();
    assert_eq!(line.split_whitespace().take(6).collect::<Vec<_>>(), ["fluff", "furlong", "1", "3.0", "3.0", "3.0"]);
    assert!(!first.err.contains("in conflict"), "{first:?}");
    let csv = run(&["query", "--source", &url, "--format", "csv"]).ok();
    let expected = "station,time,temperature,fluff [furlong],order []\nx,2016-10-01T00:00:00.000Z,20.5,3,1\n";
    assert_eq!(csv.text(), expected);
    let again = run(&["import", &path, "--source", &url, "--on-conflict", "error"]).ok();
    assert!(again.text().contains("0 inserted, 0 updated, 1 as they were"), "{again:?}");

    let other = file("import_open_other", "station,time,fluff [furlong]\nx,2016-10-01,4\n");
    let import = |rule: &str| run(&["import", &other, "--source", &url, "--on-conflict", rule]);
    let told = import("error").failed(1);
    assert!(told.contains("fluff: the values 3 and 4 are in conflict"), "{told}");
    let kept = "left out: 1 value in conflict (first: station \"x\", 2016-10-01T00:00:00.000Z, fluff: 3 is kept, 4 is left out); --report FILE has all\n";
    assert!(import("first").ok().err.contains(kept));
    assert!(import("last").ok().err.contains("fluff: 4 is kept, 3 is left out)"));
    assert!(import("newest").failed(2).contains("last, first, error"));

    let ell = file("import_open_ell", "station,time,fluff [ell]\ny,2016-10-01,4\n");
    let told = run(&["import", &ell, "--source", &url]).failed(1);
    assert!(told.contains("\"furlong\" in the database") && told.contains("\"ell\""), "{told}");
}
