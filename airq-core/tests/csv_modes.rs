//! A scan and a store answer every query with the bytes that sorting and filtering by hand give, whatever the order of the rows,
//! their quotes and the places where threads cut the file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_push_string,
    reason = "a test panics with the error; inputs are easier to read as they are formatted"
)]

use airq_core::aggregate::{Averages, Every, Statistic};
use airq_core::repository::{CsvOptions, CsvRepository, DataSet};
use airq_core::testing::{
    averages_contract, repository_contract, repository_contract_csv, repository_contract_stations,
};
use airq_core::{Cursor, Parameter, Query, Repository, Result, Rows, Selection, Stations, Timestamp};
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
    let start = "2016-10-01".parse::<Timestamp>().unwrap().as_microseconds();
    Timestamp::from_microseconds(start + minutes * 60_000_000).unwrap()
}

fn value(value: Option<u32>) -> String {
    value.map(|value| format!("{}.{:02}", value / 100, value % 100)).unwrap_or_default()
}

/// A value as a repository writes it: without zeros at the end of its decimals.
fn canonical(number: Option<u32>) -> String {
    let text = value(number);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// The rows by hand: sorted, merged value by value, filtered.
#[derive(Debug)]
struct ByHand(BTreeMap<(String, Timestamp), (Option<u32>, Option<u32>)>);

impl ByHand {
    fn new(rows: &[FileRow]) -> Self {
        let mut merged: BTreeMap<(String, Timestamp), (Option<u32>, Option<u32>)> = BTreeMap::new();
        for (station, minutes, no2, o3) in rows {
            let values = merged.entry((station.clone(), time(*minutes))).or_default();
            values.0 = no2.or(values.0);
            values.1 = o3.or(values.1);
        }
        ByHand(merged)
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
            let wants = |parameter| selection.parameters.is_empty() || selection.parameters.contains(&parameter);
            let mut newest: BTreeMap<&String, [Option<Timestamp>; 2]> = BTreeMap::new();
            for ((station, time), (no2, o3)) in &rows {
                let [of_no2, of_o3] = newest.entry(station).or_default();
                *of_no2 = no2.filter(|_| wants(Parameter::NO2)).map(|_| *time).or(*of_no2);
                *of_o3 = o3.filter(|_| wants(Parameter::O3)).map(|_| *time).or(*of_o3);
            }
            rows.retain(|((station, time), _)| {
                let is_near = |newest: Timestamp| newest.as_microseconds() - time.as_microseconds() <= Rows::REACH;
                newest[station].contains(&Some(*time)) && newest[station].iter().max().unwrap().is_some_and(is_near)
            });
            let stations: Vec<String> = newest.keys().map(|station| (*station).clone()).collect();
            let with_rows = stations.iter().filter(|id| rows.iter().any(|((station, _), _)| station == *id));
            let most = selection.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
            let first: Vec<String> = with_rows.take(most).cloned().collect();
            rows.retain(|((station, _), _)| first.contains(station));
        }
        let limit = selection.limit.filter(|_| selection.rows == Rows::All);
        rows.truncate(limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()));
        out.write_all(b"station,time,no2,o3\n")?;
        for ((station, time), (no2, o3)) in rows {
            writeln!(out, "{},{time},{},{}", quoted(station), canonical(*no2), canonical(*o3))?;
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
    // Some rows are further apart than a newest value may be old.
    let minutes = prop_oneof![0..4_000_i64, 0..40_000_i64];
    let row = (station(), minutes, value.clone(), value);
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
    let parameters = prop::sample::select(vec![vec![], vec![Parameter::NO2], vec![Parameter::O3]]);
    let rows = (any::<bool>(), parameters);
    (stations, times, after, limit, rows).prop_map(|(stations, (from, to), after, limit, (latest, parameters))| {
        let mut selection = Selection::default();
        selection.stations = stations.map(|stations| stations.into_iter().collect());
        selection.from = from.map(time);
        selection.to = to.map(time);
        selection.after = after.map(|(station, minutes)| Cursor::new(station, time(minutes)));
        selection.limit = limit;
        selection.parameters = parameters;
        selection.rows = if latest { Rows::Latest } else { Rows::All };
        selection
    })
}

fn averages() -> impl Strategy<Value = Averages> {
    let statistics = ["mean", "min", "max", "median", "p98", "count"].map(|name| name.parse::<Statistic>().unwrap());
    let every = prop::sample::select(vec![Every::Hour, Every::EightHours, Every::Day, Every::Month]);
    let zone = prop::sample::select(vec!["UTC", "Europe/Madrid", "Asia/Kolkata"]);
    let capture = prop::sample::select(vec![0_u8, 10, 75]);
    (every, prop::sample::select(statistics.to_vec()), zone, capture).prop_map(|(every, statistic, zone, capture)| {
        let averages = Averages::new(every).with_statistic(statistic).with_capture(capture);
        let query = Query::builder().averages(averages).zone(zone.parse().unwrap()).build().unwrap();
        query.averages().unwrap().clone()
    })
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
        for selection in &selections {
            // The first query of each repository reads the files.
            let in_one_pass = CsvRepository::scan([&folder.0], &options.clone().postponed(true)).unwrap();
            let mut all_stations = selection.clone();
            all_stations.stations = None;
            all_stations.after = None;
            let averaged_rows = averaged(&in_one_pass, &all_stations, &averages);
            prop_assert_eq!(averaged_rows, averaged(&expected, &all_stations, &averages), "{:?} {:?}", all_stations, averages);
            prop_assert_eq!(written(&in_one_pass, selection), written(&expected, selection), "{:?}", selection);
        }
    }

    #[test]
    fn the_order_of_files_and_rows_does_not_change_the_rows(
        rows in rows(),
        parts in prop::collection::vec((any::<u32>(), 0..3_usize), 240),
        latest in any::<bool>(),
    ) {
        let folder = Folder::new("order");
        let measurements = ByHand::new(&rows);
        let mut selection = Selection::default();
        selection.rows = if latest { Rows::Latest } else { Rows::All };
        let expected = written(&measurements, &selection);
        // A row for each value, in any order and any of three files.
        let mut cells: Vec<(u32, usize, FileRow)> = Vec::new();
        for (((station, time), (no2, o3)), order) in measurements.0.iter().zip(parts.chunks(2)) {
            let minutes = (time.as_microseconds() - self::time(0).as_microseconds()) / 60_000_000;
            cells.push((order[0].0, order[0].1, (station.clone(), minutes, *no2, None)));
            cells.push((order[1].0, order[1].1, (station.clone(), minutes, None, *o3)));
        }
        cells.sort_by_key(|cell| cell.0);
        for file in 0..3 {
            let of_file: Vec<FileRow> = cells.iter().filter(|cell| cell.1 == file).map(|cell| cell.2.clone()).collect();
            folder.write(&format!("{file}.csv"), &csv_of(&of_file, "\n", true));
        }
        for repository in [
            CsvRepository::open([&folder.0], &CsvOptions::default()),
            CsvRepository::scan([&folder.0], &CsvOptions::default()),
        ] {
            let repository = repository.unwrap();
            prop_assert_eq!(written(&repository, &selection), &*expected);
            prop_assert_eq!(repository.account().unwrap().conflicts.count, 0);
        }
    }
}

#[test]
fn conflicts_are_counted_and_decided_by_the_rule() {
    let folder = Folder::new("conflicts");
    folder.write("1.csv", "time,station,no2,o3\n2016-10-01,a,1,\n2016-10-02,a,7,8\n");
    folder.write("2.csv", "time,station,no2,o3\n2016-10-01,a,2,3\n2016-10-02,a,7.0,8\n");
    let input = |rule| airq_core::input::InputOptions::default().set("on-conflict", rule).unwrap();
    for (rule, no2, left_out) in [("last", "2", "1"), ("first", "1", "2")] {
        let options = CsvOptions::default().input(input(rule));
        for repository in [CsvRepository::open([&folder.0], &options), CsvRepository::scan([&folder.0], &options)] {
            let repository = repository.unwrap();
            let rows = written(&repository, &Selection::default());
            assert!(rows.contains(&format!("a,2016-10-01T00:00:00.000Z,{no2},3\n")), "{rule}: {rows}");
            let conflicts = repository.account().unwrap().conflicts;
            assert_eq!((conflicts.count, conflicts.first[0].left_out.as_str()), (1, left_out), "{rule}");
        }
    }
    let options = CsvOptions::default().input(input("error"));
    let error = CsvRepository::open([&folder.0], &options).unwrap_err();
    assert!(
        error.is_invalid_data() && error.to_string().contains("no2: the values 1 and 2 are in conflict"),
        "{error}"
    );
    let scan = CsvRepository::scan([&folder.0], &options).unwrap();
    assert!(scan.write_csv(&Selection::default(), &mut Vec::new()).unwrap_err().is_invalid_data());
}

#[test]
fn sentinels_are_missing_and_counted_wherever_the_scanner_meets_them() {
    let folder = Folder::new("sentinels");
    let mut csv = "time,station,no2,o3\n".to_owned();
    for minutes in 0..500 {
        let no2 = if minutes % 100 == 7 { "-999.0" } else { "12.5" };
        csv += &format!("{},a,{no2},-9.5\n", time(minutes));
    }
    let path = folder.write("data.csv", &csv);
    let keep = airq_core::input::InputOptions::default().set("keep-sentinels", "true").unwrap();
    for chunk in [64, 1000, 1 << 20] {
        let options = CsvOptions::default().chunk_length(chunk);
        let keeping = options.clone().input(keep.clone());
        for (repository, kept) in [
            (CsvRepository::open([&path], &options), 0),
            (CsvRepository::scan([&path], &options), 0),
            (CsvRepository::open([&path], &keeping), 5),
            (CsvRepository::scan([&path], &keeping), 5),
        ] {
            let repository = repository.unwrap();
            let rows = written(&repository, &Selection::default());
            assert_eq!(rows.matches("-999").count(), kept, "chunks of {chunk}");
            assert_eq!(repository.account().unwrap().sentinels.count(), 5 - kept as u64, "chunks of {chunk}");
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
        let postponed = CsvRepository::scan([&path], &options.clone().postponed(true)).unwrap();
        for _ in 0..2 {
            let averages = Averages::new(Every::Day);
            let error = postponed.write_averages(&Selection::default(), &averages, &mut Vec::new()).unwrap_err();
            assert_eq!(error.position().unwrap().line, 402, "chunks of {chunk}: {error}");
            assert_eq!(postponed.stations().unwrap_err().to_string(), error.to_string(), "the error stays");
        }
        let skipping = CsvRepository::open([&path], &options.skip_bad_rows(true)).unwrap().account().unwrap();
        assert_eq!((skipping.read, skipping.accepted(), skipping.rejected), (202, 200, 2), "chunks of {chunk}");
        let lines: Vec<u64> = skipping.rejects.iter().map(|row| row.position.line).collect();
        assert_eq!(lines, [402, 403], "chunks of {chunk}");
    }
}

#[test]
fn averages_in_one_pass_are_whole_where_a_chunk_starts_within_quotes() {
    let folder = Folder::new("one-pass-quotes");
    let mut csv = "time,station,no2\n".to_owned();
    for minute in 0..200 {
        csv += &format!("{},a,{minute}\n", time(minute));
        if minute % 50 == 10 {
            // The lines within the quotes look like rows that are out of order.
            csv += &format!("{},\"in\n{},a,1\n{},a,1\nquotes\",2\n", time(minute), time(900), time(800));
        }
    }
    let path = folder.write("data.csv", &csv);
    let averages = Averages::new(Every::Hour).with_capture(0);
    let selection = Selection::default();
    for chunk in 20..200 {
        let options = CsvOptions::default().chunk_length(chunk);
        let in_two_passes = CsvRepository::scan([&path], &options).unwrap();
        let in_one_pass = CsvRepository::scan([&path], &options.postponed(true)).unwrap();
        let expected = averaged(&in_two_passes, &selection, &averages);
        assert_eq!(averaged(&in_one_pass, &selection, &averages), expected, "chunks of {chunk}");
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
fn parameters_of_several_files_are_columns_of_one_table() {
    let folder = Folder::new("columns");
    folder.write("1.csv", "time,station,nh3\n2016-10-01,a,1\n");
    folder.write("2.csv", "station;time;no2\nb;2016-10-02;2\n");
    for repository in [
        CsvRepository::open([&folder.0], &CsvOptions::default()),
        CsvRepository::scan([&folder.0], &CsvOptions::default()),
    ] {
        let mut selection = Selection::default();
        selection.parameters = vec![Parameter::NO2, Parameter::NH3];
        let expected = "station,time,no2,nh3\na,2016-10-01T00:00:00.000Z,,1\nb,2016-10-02T00:00:00.000Z,2,\n";
        assert_eq!(written(&repository.unwrap(), &selection), expected);
    }
}

#[test]
fn outer_blanks_of_station_ids_are_trimmed_wherever_the_scanner_meets_them() {
    let folder = Folder::new("blanks");
    let mut csv = "time,station,no2,o3\n".to_owned();
    for minutes in 0..500 {
        let station = ["station_a", " station_a", "station_a ", "\tstation_a"]
            [usize::try_from(if minutes % 50 == 7 { 1 + minutes % 3 } else { 0 }).unwrap()];
        csv += &format!("{},{station},12.5,1\n", time(minutes));
    }
    let path = folder.write("data.csv", &csv);
    for repository in
        [CsvRepository::open([&path], &CsvOptions::default()), CsvRepository::scan([&path], &CsvOptions::default())]
    {
        let rows = written(&repository.unwrap(), &Selection::default());
        assert_eq!(rows.matches("\nstation_a,").count(), 500);
    }
}

#[test]
fn columns_of_rows_describe_stations_and_two_places_of_one_id_are_reported() {
    let folder = Folder::new("described");
    let path = folder.write(
        "data.csv",
        "time,station,no2,name,city,lat,lon\n2016-10-01,a,1,,,40.4,-3.7\n2016-10-02,a,2,Alpha,Madrid,,\n\
         2016-10-03,a,3,Other,,41.9,-3.7\n2016-10-01,b,1,Beta,,north,2\n2016-10-02,b,1,,,1,2\n",
    );
    for repository in
        [CsvRepository::open([&path], &CsvOptions::default()), CsvRepository::scan([&path], &CsvOptions::default())]
    {
        let repository = repository.unwrap();
        let stations = repository.stations().unwrap();
        let a = stations.get("a").unwrap();
        assert_eq!((a.name.as_deref(), a.city.as_deref()), (Some("Alpha"), Some("Madrid")));
        assert_eq!((a.latitude, a.longitude), (Some(40.4), Some(-3.7)));
        assert_eq!(stations.get("b").unwrap().latitude, Some(1.0), "a later row has coordinates");
        let account = repository.account().unwrap();
        assert_eq!(account.mixed_stations.count, 1);
        assert_eq!(account.mixed_stations.first[0].to_string(), "station \"a\" is at 40.4,-3.7 and at 41.9,-3.7");
        assert_eq!(account.unused.get("latitude \"north\""), Some(&1));
    }
}

#[test]
fn conflicts_are_the_values_that_differ_from_the_kept_value() {
    let folder = Folder::new("conflict-count");
    let path = folder.write("data.csv", "time,station,no2\n2016-10-01,a,7\n2016-10-01,a,8\n2016-10-01,a,7.0\n");
    for repository in
        [CsvRepository::open([&path], &CsvOptions::default()), CsvRepository::scan([&path], &CsvOptions::default())]
    {
        let repository = repository.unwrap();
        written(&repository, &Selection::default());
        let conflicts = repository.account().unwrap().conflicts;
        assert_eq!((conflicts.count, conflicts.first[0].left_out.as_str()), (1, "8"));
    }
}
