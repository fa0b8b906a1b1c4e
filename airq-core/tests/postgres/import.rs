//! Imports: every row accounted for, all or nothing, the same again changes nothing.

use crate::ground::{Files, database, import, shared};
use airq_core::csv::RejectedRow;
use airq_core::import::{Database, ImportOptions, ImportPhase, ImportWatch, Imported};
use airq_core::repository::PostgresRepository;
use airq_core::testing::{Dirt, Simulation};
use airq_core::{Repository, Selection};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, io, thread};

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Notes {
    rejects: Vec<RejectedRow>,
    phases: Vec<ImportPhase>,
    last: (u64, u64),
}

impl ImportWatch for Notes {
    fn phase(&mut self, phase: ImportPhase) {
        self.phases.push(phase);
    }

    fn read(&mut self, bytes: u64, rows: u64) {
        self.last = (bytes, rows);
    }

    fn rejected(&mut self, reject: &RejectedRow) {
        self.rejects.push(reject.clone());
    }
}

fn rows(url: &str) -> String {
    let mut csv = Vec::new();
    PostgresRepository::open(url).unwrap().write_csv(&Selection::default(), &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn version(url: &str) -> String {
    PostgresRepository::open(url).unwrap().version().unwrap()
}

fn assert_adds_up(imported: &Imported) {
    assert_eq!(imported.read, imported.accepted + imported.duplicates + imported.rejected, "{imported:?}");
}

#[test]
fn the_same_again_changes_nothing_and_a_corrected_file_updates() {
    let server = shared();
    let url = database(&server, "again");
    let mut csv = Vec::new();
    Simulation::new(1).rows(500).write_csv(&mut csv).unwrap();
    let first = import(&url, &csv, &ImportOptions::default()).unwrap();
    assert_eq!((first.read, first.accepted, first.inserted, first.stations), (500, 500, 500, 12));
    let (before, data) = (version(&url), rows(&url));
    let again = import(&url, &csv, &ImportOptions::default()).unwrap();
    assert_eq!((again.accepted, again.inserted, again.updated, again.stations), (500, 0, 0, 0));
    assert_eq!((version(&url), &again.version), (before.clone(), &before));
    assert_eq!(rows(&url), data);
    assert_eq!(server.sql("again", "select count(*) from loads").unwrap(), "2", "every load is recorded");

    let text = String::from_utf8(csv).unwrap();
    let corrected = text.replacen("aq_alhambra,6.", "aq_alhambra,7.", 1);
    assert_ne!(corrected, text);
    let third = import(&url, corrected, &ImportOptions::default()).unwrap();
    assert_eq!((third.inserted, third.updated), (0, 1));
    assert_ne!(version(&url), before);
    assert_eq!(PostgresRepository::open(&url).unwrap().data_set().unwrap().measurements, 500);
}

#[test]
fn of_values_of_one_station_and_time_the_last_wins_and_the_other_rows_are_counted() {
    let server = shared();
    let url = database(&server, "duplicates");
    let csv = "time,station,no2\n2016-10-02,x,1\n2016-10-01,x,2\n2016-10-02,x,3\n2016-10-02T02:00:00+02:00,x,4\n";
    let imported = import(&url, csv, &ImportOptions::default()).unwrap();
    assert_adds_up(&imported);
    assert_eq!((imported.read, imported.accepted, imported.duplicates), (4, 2, 2));
    assert!(rows(&url).ends_with("x,2016-10-01 00:00:00+00,2\nx,2016-10-02 00:00:00+00,4\n"), "{}", rows(&url));
    let over = import(&url, "time,station,no2\n2016-10-02,x,9\n2016-10-02,x,8\n", &ImportOptions::default()).unwrap();
    assert_eq!((over.accepted, over.duplicates, over.inserted, over.updated), (1, 1, 0, 1));
    assert!(rows(&url).ends_with("x,2016-10-02 00:00:00+00,8\n"));
}

#[test]
fn every_reject_is_told_with_its_place_and_decides_by_their_number() {
    let server = shared();
    let url = database(&server, "rejects");
    let files = Files::new();
    let long = "s".repeat(1001);
    let path = files.write(
        "bad.csv",
        format!(
            "time,station,no2,city\n2016-10-01,x,1,\nsoon,x,1,\n2016-10-02,x,much,\n2016-10-03,,1,\n2016-10-04,x,1e999,\n\
             2016-10-05,x\0y,1,\n2016-10-06,x,1\n2016-10-07,{long},1,\n2016-10-08,x,1e-999,\n2016-10-09,x,2,a\0b\n\
             2016-10-10,x,0,\n"
        ),
    );
    let database = Database::at(&url).unwrap();
    let mut notes = Notes::default();
    let refused = database.import([&path], &ImportOptions::default().max_rejects(7), &mut notes).unwrap_err();
    assert!(refused.is_invalid_data() && format!("{refused:#}").contains("8 of 11 rows"), "{refused}");
    assert_eq!((server.sql("rejects", "select count(*) from loads").unwrap(), version(&url)), ("0".into(), "0".into()));
    let places: Vec<_> =
        notes.rejects.iter().map(|reject| (reject.position.line, reject.position.column.clone())).collect();
    let of = |line: u64, column: &str| (line, Some(column.to_owned()).filter(|column| !column.is_empty()));
    let mut expected = vec![
        of(3, "time"),
        of(4, "no2"),
        of(5, "station"),
        of(6, "no2"),
        of(7, "station"),
        of(8, ""),
        of(9, "station"),
        of(10, "no2"),
    ];
    let mut places = places;
    places.sort();
    expected.sort();
    assert_eq!(places, expected);
    assert!(notes.rejects.iter().all(|reject| reject.position.file.as_deref() == path.to_str()));
    let much = notes.rejects.iter().find(|reject| reject.position.line == 4).unwrap();
    assert_eq!((much.value.as_str(), much.reason.as_str()), ("much", "\"much\" is not a number"));

    let imported = database.import([&path], &ImportOptions::default().max_rejects(9), &mut ()).unwrap();
    assert_adds_up(&imported);
    assert_eq!((imported.read, imported.accepted, imported.rejected), (11, 3, 8));
    assert_eq!(imported.account.unused.get("city \"a\\0b\""), Some(&1), "{:?}", imported.account.unused);
}

#[test]
fn a_row_out_of_order_in_a_later_file_changes_no_count_and_reports_no_reject_twice() {
    let server = shared();
    let url = database(&server, "out_of_order");
    let files = Files::new();
    let first = files.write("a.csv", "time,station,no2\n2016-10-01,x,1\nsoon,x,1\n2016-10-02,x,2\n2016-10-01,y,3\n");
    let second = files.write("b.csv", "time,station,no2\n2016-10-03,x,4\n2016-10-02,x,5\nlate,y,1\n");
    let database = Database::at(&url).unwrap();
    let mut notes = Notes::default();
    let imported = database.import([&first, &second], &ImportOptions::default().max_rejects(2), &mut notes).unwrap();
    assert_adds_up(&imported);
    assert_eq!((imported.read, imported.accepted, imported.duplicates, imported.rejected), (7, 4, 1, 2));
    assert_eq!((imported.measurements, imported.inserted, imported.updated), (4, 4, 0));
    let lines: Vec<u64> = notes.rejects.iter().map(|reject| reject.position.line).collect();
    assert_eq!(lines, [3, 4]);
    assert!(rows(&url).contains("x,2016-10-02 00:00:00+00,5\n"), "{}", rows(&url));
    let size = fs::metadata(&first).unwrap().len() + fs::metadata(&second).unwrap().len();
    assert_eq!(notes.last, (size, 7));
    let hashes = "select count(distinct sha256) from loads";
    database.import([&first, &second], &ImportOptions::default().max_rejects(2), &mut ()).unwrap();
    assert_eq!(server.sql("out_of_order", hashes).unwrap(), "1", "the hash is of one reading");
}

#[test]
fn rows_after_the_last_stored_time_of_their_station_are_inserted_and_rows_at_it_are_updated() {
    let server = shared();
    let url = database(&server, "append");
    let first = "time,station,no2\n2016-10-01,x,1\n2016-10-05,y,1\n";
    import(&url, first, &ImportOptions::default()).unwrap();
    let later = "time,station,no2\n2016-10-02,x,2\n2016-10-06,y,2\n2016-10-01,z,2\nsoon,z,2\n";
    let mut notes = Notes::default();
    let files = Files::new();
    let path = files.write("later.csv", later);
    let options = ImportOptions::default().max_rejects(1);
    let appended = Database::at(&url).unwrap().import([path], &options, &mut notes).unwrap();
    assert_eq!((appended.inserted, appended.updated, appended.measurements, appended.rejected), (3, 0, 3, 1));
    assert_eq!(notes.rejects.len(), 1);
    let corrected = "time,station,no2\n2016-10-03,x,3\n2016-10-06,y,9\n";
    let corrected = import(&url, corrected, &ImportOptions::default()).unwrap();
    assert_eq!((corrected.inserted, corrected.updated), (1, 1));
    assert!(rows(&url).ends_with("y,2016-10-06 00:00:00+00,9\nz,2016-10-01 00:00:00+00,2\n"), "{}", rows(&url));
}

#[test]
fn a_dry_run_counts_all_and_keeps_nothing() {
    let server = shared();
    let url = database(&server, "dry");
    let csv = "time,station,no2,nh3\n2016-10-01,x,1,2\n2016-10-02,x,1,2\n";
    let dry = import(&url, csv, &ImportOptions::default().dry_run(true)).unwrap();
    assert_eq!((dry.accepted, dry.inserted, dry.stations, dry.version.as_str()), (2, 2, 1, "0"));
    let kept =
        "select (select count(*) from measurements) + (select count(*) from stations) + (select count(*) from loads)";
    assert_eq!(server.sql("dry", kept).unwrap(), "0");
}

#[test]
fn a_stations_file_alone_moves_the_version_and_erases_nothing() {
    let server = shared();
    let url = database(&server, "described");
    let files = Files::new();
    let data = files.write("data.csv", "time,station,no2,city\n2016-10-01,x,1,Oviedo\n2016-10-01,y,1,\n");
    let database = Database::at(&url).unwrap();
    database.import([&data], &ImportOptions::default().city("Gijón"), &mut ()).unwrap();
    let before = version(&url);
    let told = |id: &str| PostgresRepository::open(&url).unwrap().stations().unwrap().get(id).unwrap().clone();
    assert_eq!((told("x").city.as_deref(), told("y").city.as_deref()), (Some("Oviedo"), Some("Gijón")));
    files.write("stations.csv", "id,name,city,latitude\nx,Ex,,43.36\nz,,Avilés,\n");
    let changed = database.import([&data], &ImportOptions::default().city("Madrid"), &mut ()).unwrap();
    assert_eq!((changed.inserted, changed.updated, changed.stations), (0, 0, 2));
    assert_ne!(version(&url), before);
    assert_eq!(
        (told("x").city.as_deref(), told("x").name.as_deref(), told("x").latitude),
        (Some("Oviedo"), Some("Ex"), Some(43.36))
    );
    assert_eq!((told("y").city.as_deref(), told("z").city.as_deref()), (Some("Gijón"), Some("Avilés")));
    assert_eq!(server.sql("described", "select city_key from stations order by id").unwrap(), "oviedo\ngijon\naviles");
}

#[test]
fn times_of_clocks_in_a_zone_become_instants() {
    let server = shared();
    let url = database(&server, "zone");
    let csv = "time,station,no2\n2016-10-30 01:30,x,1\n2016-10-30 02:00,x,2\n2016-10-30 02:30,x,3\n2016-10-30 02:00,x,4\n\
               2016-10-30 02:30,x,5\n2016-10-30 03:00,x,6\n2016-10-30T12:00:00Z,x,7\n2017-03-26 02:30,x,8\n";
    let options = ImportOptions::default().time_zone("Europe/Madrid").unwrap().max_rejects(1);
    let files = Files::new();
    let mut notes = Notes::default();
    let path = files.write("clock.csv", csv);
    let imported = Database::at(&url).unwrap().import([path], &options, &mut notes).unwrap();
    assert_eq!((imported.accepted, imported.duplicates, imported.rejected), (7, 0, 1));
    assert!(notes.rejects[0].reason.contains("clocks in Europe/Madrid skip"), "{:?}", notes.rejects);
    let times = server
        .sql("zone", "set timezone = 'UTC'; select to_char(time, 'DD HH24:MI') from measurements order by no2")
        .unwrap();
    assert_eq!(times, "29 23:30\n30 00:00\n30 00:30\n30 01:00\n30 01:30\n30 02:00\n30 12:00");
}

#[test]
fn dirty_files_are_read_as_they_are_in_place() {
    let server = shared();
    for (number, dirt) in Dirt::ALL.into_iter().enumerate() {
        let url = database(&server, &format!("dirt{number}"));
        let mut csv = Vec::new();
        Simulation::new(9).rows(300).dirt(dirt).write_csv(&mut csv).unwrap();
        assert_eq!(import(&url, &csv, &ImportOptions::default()).unwrap().accepted, 300, "{dirt:?}");
        let engine = |builder: airq_core::AirqBuilder| {
            let mut out = Vec::new();
            let airq = builder.cache("none:").build().unwrap();
            airq.write(&airq_core::Query::all(), airq_core::Format::Csv, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let files = airq_core::repository::CsvRepository::from_bytes("x.csv", &csv).unwrap();
        let (database, files) = (airq_core::Airq::builder().source(url), airq_core::Airq::builder().repository(files));
        assert_eq!(engine(database), engine(files), "{dirt:?}");
    }
}

#[test]
fn many_imports_at_once_neither_corrupt_nor_deadlock() {
    let server = shared();
    let url = database(&server, "at_once");
    let mut csv = Vec::new();
    Simulation::new(1).rows(2000).write_csv(&mut csv).unwrap();
    let imported: Vec<Imported> = thread::scope(|scope| {
        let backwards: Vec<u8> = {
            let text = String::from_utf8(csv.clone()).unwrap();
            let (header, rows) = text.split_once('\n').unwrap();
            let rows: Vec<&str> = rows.lines().rev().collect();
            format!("{header}\n{}\n", rows.join("\n")).into_bytes()
        };
        let files: [Vec<u8>; 4] = [csv.clone(), backwards.clone(), csv.clone(), backwards];
        let url = &url;
        let started: Vec<_> = files
            .into_iter()
            .map(|csv| scope.spawn(move || import(url, csv, &ImportOptions::default()).unwrap()))
            .collect();
        started.into_iter().map(|importing| importing.join().unwrap()).collect()
    });
    assert_eq!(imported.iter().map(|imported| imported.inserted).sum::<u64>(), 2000);
    assert!(imported.iter().all(|imported| imported.accepted == 2000 && imported.updated == 0), "{imported:?}");
    assert_eq!(server.sql("at_once", "select count(*), count(distinct id) from loads").unwrap(), "4|4");
}

#[test]
fn a_second_import_says_that_it_waits_and_the_version_moves_only_with_the_commit() {
    let server = shared();
    let url = database(&server, "turns");
    let first = import(&url, "time,station\n2016-10-01,x\n", &ImportOptions::default()).unwrap();
    let lock = "begin; select pg_advisory_xact_lock(7019267325709738340); select pg_sleep(1)";
    let notes = Arc::new(Mutex::new(Notes::default()));
    thread::scope(|scope| {
        scope.spawn(|| server.sql("turns", lock).unwrap());
        thread::sleep(Duration::from_millis(300));
        let seen = notes.clone();
        let importing = scope.spawn({
            let url = &url;
            move || {
                let files = Files::new();
                let path = files.write("late.csv", "time,station\n2016-10-02,x\n");
                let mut notes = Notes::default();
                Database::at(url).unwrap().import([path], &ImportOptions::default(), &mut notes).unwrap();
                *seen.lock().unwrap() = notes;
            }
        });
        thread::sleep(Duration::from_millis(300));
        assert_eq!(version(&url), first.version);
        importing.join().unwrap();
    });
    assert!(notes.lock().unwrap().phases.contains(&ImportPhase::Waiting));
    assert_ne!(version(&url), first.version);
}

#[test]
fn an_import_whose_database_goes_away_leaves_the_old_data_whole() {
    let mut server = airq_core::testing::servers::PostgresServer::start().unwrap();
    let url = database(&server, "killed");
    import(&url, "time,station\n2016-10-01,x\n", &ImportOptions::default()).unwrap();
    let (before, data) = (version(&url), rows(&url));
    let mut csv = Vec::new();
    Simulation::new(1).rows(200_000).write_csv(&mut csv).unwrap();
    let failed = thread::scope(|scope| {
        let importing = scope.spawn(|| import(&url, &csv, &ImportOptions::default()));
        thread::sleep(Duration::from_millis(250));
        server.kill().unwrap();
        importing.join().unwrap()
    });
    assert!(failed.unwrap_err().is_unavailable());
    server.restart().unwrap();
    assert_eq!((version(&url), rows(&url)), (before, data));
    assert_eq!(import(&url, &csv, &ImportOptions::default()).unwrap().inserted, 200_000);
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_is_imported() {
    let server = shared();
    let url = database(&server, "unreadable");
    for (csv, expected) in
        [("", "not even a header"), ("a,b\n1,2\n", "no station column"), ("time,station\n2016-10-01,\"x", "line 2")]
    {
        let error = import(&url, csv, &ImportOptions::default()).unwrap_err();
        assert!(error.is_invalid_data(), "{error}");
        assert!(format!("{error:#}").contains(expected) && format!("{error:#}").contains("data.csv"), "{error}");
    }
    let missing = Database::at(&url).unwrap().import(["no/such.csv"], &ImportOptions::default(), &mut ()).unwrap_err();
    assert_eq!(missing.io_kind(), Some(io::ErrorKind::NotFound));
    let files = Files::new();
    let folder = files.write("x", "");
    let empty = folder.parent().unwrap();
    assert!(
        Database::at(&url).unwrap().import([empty], &ImportOptions::default(), &mut ()).unwrap_err().is_invalid_input()
    );
    fs::write(empty.join("b.csv"), "time,station\n2016-10-01,b\n").unwrap();
    fs::write(empty.join("a.csv"), "time,station\n2016-10-01,a\n").unwrap();
    assert_eq!(Database::at(&url).unwrap().import([empty], &ImportOptions::default(), &mut ()).unwrap().accepted, 2);
}
