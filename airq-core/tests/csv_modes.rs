//! A scan and a store answer every query with the bytes that sorting and filtering by hand give, whatever the order of the rows,
//! their quotes and the places where threads cut the file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_push_string,
    reason = "a test panics with the error; inputs are easier to read as they are formatted"
)]

use airq_core::testing::{
    averages_contract, repository_contract, repository_contract_csv, repository_contract_stations,
};
use airq_core::{
    Averages, CsvOptions, CsvRepository, Cursor, DataSet, Every, Pollutant, Repository, Result, Rows, Selection,
    Stations, Statistic, Timestamp, Zone,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A folder that is removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("airq-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A row of a file: station, minutes since 2016-10-01, and two values.
type FileRow = (String, i64, Option<u32>, Option<u32>);

fn time(minutes: i64) -> Timestamp {
    let start = Timestamp::parse("2016-10-01").unwrap().as_microseconds();
    Timestamp::from_microseconds(start + minutes * 60_000_000).unwrap()
}

fn value(value: Option<u32>) -> String {
    value.map(|value| format!("{}.{:02}", value / 100, value % 100)).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The rows by hand: sorted, the later of two rows with one station and time, filtered.
#[derive(Debug)]
struct ByHand(BTreeMap<(String, Timestamp), (Option<u32>, Option<u32>)>);

impl ByHand {
    fn new(rows: &[FileRow]) -> Self {
        ByHand(
            rows.iter().map(|(station, minutes, no2, o3)| ((station.clone(), time(*minutes)), (*no2, *o3))).collect(),
        )
    }
}

impl Repository for ByHand {
    fn version(&self) -> Result<String> {
        Ok("by hand".to_owned())
    }

    fn stations(&self) -> Result<Stations> {
        Ok(Stations::default())
    }

    fn data_set(&self) -> Result<DataSet> {
        Ok(DataSet::default())
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        let mut rows: Vec<_> = self.0.iter().collect();
        rows.retain(|((station, time), _)| {
            selection.stations.as_ref().is_none_or(|stations| stations.contains(station))
                && selection.from.is_none_or(|from| *time >= from)
                && selection.to.is_none_or(|to| *time < to)
                && selection.after.as_ref().is_none_or(|after| (station, time) > (&after.station, &after.time))
        });
        if selection.rows == Rows::Latest {
            let newest: BTreeMap<&String, Timestamp> =
                rows.iter().map(|((station, time), _)| (station, *time)).collect();
            rows.retain(|((station, time), _)| newest[station] == *time);
        }
        rows.truncate(selection.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()));
        out.write_all(b"station,time,so2,no2,co,o3,pm10,pm2_5\n")?;
        for ((station, time), (no2, o3)) in rows {
            writeln!(out, "{},{time},,{},,{},,", quoted(station), value(*no2), value(*o3))?;
        }
        self.version()
    }
}

fn csv_of(rows: &[FileRow], line_end: &str, ends: bool) -> String {
    let mut csv = format!("time,station,no2,o3{line_end}");
    for (station, minutes, no2, o3) in rows {
        csv += &format!("{},{},{},{}{line_end}", time(*minutes), quoted(station), value(*no2), value(*o3));
    }
    if !ends {
        csv.truncate(csv.trim_end().len());
    }
    csv
}

fn written(repository: &dyn Repository, selection: &Selection) -> String {
    let mut csv = Vec::new();
    repository.write_csv(selection, &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn averaged(repository: &dyn Repository, selection: &Selection, averages: &Averages) -> String {
    let mut csv = Vec::new();
    repository.write_averages(selection, averages, &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn station() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "málaga", "station_c"]).prop_map(str::to_owned),
        1 => Just("with, comma".to_owned()),
        1 => Just("in two\nlines".to_owned()),
        1 => Just("\"quoted\"".to_owned()),
    ]
}

fn rows() -> impl Strategy<Value = Vec<FileRow>> {
    let value = prop_oneof![4 => (0..100_000_u32).prop_map(Some), 1 => Just(None)];
    let row = (station(), 0..4_000_i64, value.clone(), value);
    let order = 0..4_u8;
    (prop::collection::vec(row, 0..120), order).prop_map(|(mut rows, order)| {
        match order {
            0 => rows.sort_by_key(|row| row.1),
            1 => rows.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1))),
            2 => {
                rows.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
                rows.dedup_by(|one, other| (&one.0, one.1) == (&other.0, other.1));
                rows.sort_by_key(|row| row.1);
            }
            _ => {}
        }
        rows
    })
}

fn selection() -> impl Strategy<Value = Selection> {
    let stations = prop_oneof![2 => Just(None), 1 => prop::collection::btree_set(station(), 1..3).prop_map(Some)];
    let times = (prop::option::of(0..4_000_i64), prop::option::of(0..5_000_i64));
    let after = prop::option::weighted(0.2, (station(), 0..4_000_i64));
    let limit = prop::option::weighted(0.3, 1..50_u64);
    (stations, times, after, limit, any::<bool>()).prop_map(|(stations, (from, to), after, limit, latest)| {
        let mut selection = Selection::default();
        selection.stations = stations.map(|stations| stations.into_iter().collect());
        selection.from = from.map(time);
        selection.to = to.map(time);
        selection.after = after.map(|(station, minutes)| Cursor::new(station, time(minutes)));
        selection.limit = limit;
        selection.rows = if latest { Rows::Latest } else { Rows::All };
        selection
    })
}

fn averages() -> impl Strategy<Value = Averages> {
    let every = prop::sample::select(vec![Every::Hour, Every::EightHours, Every::Day, Every::Month]);
    let zone = prop::sample::select(vec!["UTC", "Europe/Madrid", "Asia/Kolkata"]);
    let capture = prop::sample::select(vec![0_u8, 10, 75]);
    (every, prop::sample::select(Statistic::ALL.to_vec()), zone, capture).prop_map(
        |(every, statistic, zone, capture)| {
            Averages::every(every).statistic(statistic).zone(Zone::parse(zone).unwrap()).capture(capture)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_scan_and_a_store_answer_as_sorting_by_hand_does(
        rows in rows(),
        selections in prop::collection::vec(selection(), 1..4),
        averages in averages(),
        chunk in prop_oneof![1..200_usize, 200..5_000_usize],
        crlf in any::<bool>(),
        ends in any::<bool>(),
        split in 0..120_usize,
    ) {
        let folder = Folder::new("csv-modes");
        let line_end = if crlf { "\r\n" } else { "\n" };
        let split = split.min(rows.len());
        folder.write("1.csv", &csv_of(&rows[..split], line_end, ends));
        folder.write("2.csv", &csv_of(&rows[split..], line_end, ends));
        let options = CsvOptions::default().chunk_length(chunk);
        let expected = ByHand::new(&rows);
        for repository in [CsvRepository::open([&folder.0], &options), CsvRepository::scan([&folder.0], &options)] {
            let repository = repository.unwrap();
            prop_assert_eq!(repository.data_set().unwrap().measurements, expected.0.len() as u64);
            for selection in &selections {
                prop_assert_eq!(written(&repository, selection), written(&expected, selection), "{:?}", selection);
                let averaged_rows = averaged(&repository, selection, &averages);
                prop_assert_eq!(averaged_rows, averaged(&expected, selection, &averages), "{:?} {:?}", selection, averages);
            }
        }
    }
}

#[test]
fn a_scan_keeps_the_contract_of_a_repository() {
    let folder = Folder::new("scan-contract");
    folder.write("data.csv", repository_contract_csv());
    folder.write("stations.csv", repository_contract_stations());
    let repository = CsvRepository::scan([&folder.0], &CsvOptions::default().chunk_length(100)).unwrap();
    repository_contract(&repository);
    averages_contract(&repository);
}

#[test]
fn the_first_invalid_row_is_named_wherever_the_file_is_cut() {
    let folder = Folder::new("invalid-row");
    let mut csv = "time,station,no2\n".to_owned();
    for minute in 0..200 {
        csv += &format!("{},\"in two\nlines\",{minute}\n", time(minute));
    }
    csv += "2016-11-01,a,bad\n2016-11-01,a,worse\n";
    let path = folder.write("data.csv", &csv);
    for chunk in [10, 64, 1000, 1 << 20] {
        let options = CsvOptions::default().chunk_length(chunk);
        for error in [CsvRepository::open([&path], &options), CsvRepository::scan([&path], &options)] {
            let error = error.unwrap_err();
            assert_eq!(error.position().unwrap().line, 402, "chunks of {chunk}: {error}");
        }
        let skipping = CsvRepository::open([&path], &options.skip_bad_rows(true)).unwrap().loaded();
        assert_eq!((skipping.read, skipping.accepted, skipping.rejected), (202, 200, 2), "chunks of {chunk}");
        let lines: Vec<u64> = skipping.rejects.iter().map(|row| row.position.line).collect();
        assert_eq!(lines, [402, 403], "chunks of {chunk}");
    }
}

fn wait_for(what: &str, mut is_done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn rows_of(repository: &CsvRepository) -> u64 {
    repository.version().unwrap();
    repository.data_set().unwrap().measurements
}

/// Writes a file whose modification time is old enough that the file counts as complete.
fn write_complete(path: &Path, content: &str, age: u64) {
    fs::write(path, content).unwrap();
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).unwrap();
}

#[test]
fn a_store_loads_files_that_have_changed_and_keeps_its_rows_if_they_are_invalid() {
    let folder = Folder::new("watch");
    let path = folder.0.join("data.csv");
    write_complete(&path, "time,station,no2\n2016-10-01,a,1\n", 60);
    let options = CsvOptions::default().check_every(Duration::from_millis(1));
    let repository = CsvRepository::open([&folder.0], &options).unwrap();
    let first = repository.version().unwrap();
    assert_eq!(rows_of(&repository), 1);

    write_complete(&path, "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,2\n", 50);
    wait_for("a changed file is loaded", || rows_of(&repository) == 2);
    assert_ne!(repository.version().unwrap(), first);

    write_complete(&folder.0.join("more.csv"), "time,station,no2\n2016-10-03,b,1\n", 40);
    wait_for("a new file is loaded", || rows_of(&repository) == 3);

    write_complete(&path, "time,station,no2\n2016-10-01,a,bad\n", 30);
    let is_reported = || {
        repository.version().unwrap();
        repository
            .examine()
            .iter()
            .any(|finding| finding.found.contains("cannot be loaded") && finding.found.contains("bad"))
    };
    wait_for("an invalid file is reported", is_reported);
    assert_eq!(rows_of(&repository), 3, "the rows from before are served");
    assert!(repository.data_set().unwrap().outdated.unwrap().contains("bad"));

    write_complete(&path, "time,station,no2\n2016-10-01,a,5\n", 20);
    wait_for("a corrected file is loaded", || rows_of(&repository) == 2);
    assert!(!repository.examine().iter().any(|finding| finding.found.contains("cannot be loaded")));
    assert_eq!(repository.data_set().unwrap().outdated, None);
}

#[test]
fn a_file_that_is_being_written_is_not_loaded() {
    let folder = Folder::new("growing");
    let path = folder.write("data.csv", "time,station,no2\n2016-10-01,a,1\n");
    let options = CsvOptions::default().check_every(Duration::from_millis(1));
    let repository = CsvRepository::open([&path], &options).unwrap();
    // The last modification is within a second at every check.
    for _ in 0..20 {
        fs::write(&path, "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,2\n2016-10-0").unwrap();
        assert_eq!(rows_of(&repository), 1);
    }
    assert!(repository.examine().iter().all(|finding| !finding.found.contains("cannot be loaded")));
}

#[test]
fn a_scan_of_a_file_that_became_shorter_fails_as_unavailable() {
    let folder = Folder::new("shorter");
    let path = folder.write("data.csv", "time,station,no2\n2016-10-01,a,1\n2016-10-02,a,2\n");
    let repository = CsvRepository::scan([&path], &CsvOptions::default()).unwrap();
    fs::write(&path, "time,station,no2\n").unwrap();
    let error = repository.write_csv(&Selection::default(), &mut Vec::new()).unwrap_err();
    assert!(error.is_unavailable(), "{error}");
    assert!(error.to_string().contains("data.csv"), "{error}");
}

#[test]
fn pollutants_of_several_files_are_columns_of_one_table() {
    let folder = Folder::new("columns");
    folder.write("1.csv", "time,station,nh3\n2016-10-01,a,1\n");
    folder.write("2.csv", "station;time;no2\nb;2016-10-02;2\n");
    for repository in [
        CsvRepository::open([&folder.0], &CsvOptions::default()),
        CsvRepository::scan([&folder.0], &CsvOptions::default()),
    ] {
        let mut selection = Selection::default();
        selection.pollutants = vec![Pollutant::No2, Pollutant::Nh3];
        let expected = "station,time,so2,no2,co,o3,pm10,pm2_5,nh3\na,2016-10-01T00:00:00.000Z,,,,,,,1\nb,2016-10-02T00:00:00.000Z,,2,,,,,\n";
        assert_eq!(written(&repository.unwrap(), &selection), expected);
    }
}
