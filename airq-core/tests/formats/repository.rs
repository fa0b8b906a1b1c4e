//! The embedded repository over published files: parts of measurements merged, stations described.

use crate::{fixture, path};
use airq_core::input::InputOptions;
use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::{Airq, Format, Query, Repository};

fn written(airq: &Airq) -> String {
    let mut csv = Vec::new();
    airq.write(&Query::all(), Format::Csv, &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn opened(names: &[&str]) -> CsvRepository {
    CsvRepository::open(names.iter().map(|name| path(name)), &CsvOptions::default()).unwrap()
}

#[test]
fn files_of_a_parameter_each_become_rows_of_all() {
    let repository = opened(&["eea_pm2_5.csv", "eea_nox.csv"]);
    let account = repository.account().unwrap();
    assert_eq!((account.read, account.accepted(), account.ignored.total(), account.duplicates), (8, 5, 3, 0));
    let csv = written(&Airq::builder().repository(repository).build().unwrap());
    assert_eq!(
        csv,
        "station,time,co,pm2_5,nox\nES9999A,2020-01-01T00:00:00.000Z,0.3,41.5,20\n\
         ES9999A,2020-01-01T01:00:00.000Z,,33,\nES9999A,2020-01-01T04:00:00.000Z,,-1.25,\n"
    );
}

#[test]
fn a_later_real_time_file_adds_and_the_same_again_changes_nothing() {
    let (early, late) = ("madrid_realtime_early.csv", "madrid_realtime_late.csv");
    let csv = |names: &[&str]| written(&Airq::builder().repository(opened(names)).build().unwrap());
    assert!(csv(&[early]).contains("28079004,2025-06-02T01:00:00.000Z,,,53"), "03:00 has no NO2 yet");
    assert!(csv(&[early, late]).contains("28079004,2025-06-02T01:00:00.000Z,23,,53"), "now it has");
    assert_eq!(csv(&[early, late]), csv(&[late]));
    assert_eq!(csv(&[late, early]), csv(&[late]), "what the earlier file does not have yet takes nothing away");
    assert_eq!(csv(&[late, late]), csv(&[late]));
    let both = opened(&[early, late]);
    let account = both.account().unwrap();
    assert_eq!(account.read, account.accepted() + account.duplicates + account.rejected + account.ignored.total());
    assert_eq!((account.read, account.duplicates, account.accepted()), (144, 26, 33));
}

#[test]
fn a_source_is_told_how_to_read_by_its_url() {
    let url = |settings: &str| format!("csv:{}?{settings}", path("generic_long.csv").display());
    let map = "map=time=ReadingDateTime,station=Site,parameter=Species,value=Value,unit=Units";
    let airq = Airq::open(&url(&format!("{map}&time-format=%d/%m/%Y %H:%M&city=London"))).unwrap();
    assert!(written(&airq).contains("AA1,2018-02-01T00:00:00.000Z,12.5,33.1,80"));
    assert_eq!(airq.stations().unwrap().in_city("london").count(), 1);
    let told = Airq::open(&url("format=excel")).unwrap_err().to_string();
    assert!(told.contains("known are auto, airq"), "{told}");
    let told = Airq::open(&url("colour=red")).unwrap_err().to_string();
    assert!(told.contains("time-format=…"), "{told}");
    let options = InputOptions::default().set("format", "madrid").unwrap();
    let airq = Airq::builder().input(options).source(path("madrid_daily.csv").display().to_string()).build().unwrap();
    assert_eq!(written(&airq).lines().count(), 29);
}

#[test]
fn files_of_different_formats_are_one_source() {
    let repository = opened(&["prsa.csv", "eea_nox.csv"]);
    let csv = written(&Airq::builder().repository(repository).build().unwrap());
    assert!(
        csv.contains("\nES9999A,2020-01-01T00:00:00.000Z,,,0.3,") && csv.contains("\nGarden,2013-02-28T16:00"),
        "{csv}"
    );
}

#[test]
fn bad_rows_are_skipped_and_kept_for_the_report() {
    let file = String::from_utf8(fixture("openaq_v1.csv")).unwrap().replacen(",69.50,", ",high,", 1);
    let options = CsvOptions::default().skip_bad_rows(true);
    let repository = CsvRepository::from_reader("v1.csv", file.as_bytes(), None, &options).unwrap();
    let account = repository.account().unwrap();
    assert_eq!(
        (account.read, account.accepted(), account.duplicates, account.rejected, account.ignored.total()),
        (6, 4, 1, 1, 0)
    );
    assert_eq!(account.rejects[0].to_string(), "v1.csv, line 3, column \"value\": \"high\" is not a number");
}

#[test]
fn every_folder_has_its_own_description_of_stations() {
    let root = std::env::temp_dir().join(format!("airq-folders-{}", std::process::id()));
    for (folder, station, city) in [("x", "a", "Madrid"), ("y", "b", "Paris")] {
        let folder = root.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("stations.csv"), format!("id,city\n{station},{city}\n")).unwrap();
        std::fs::write(folder.join("d.csv"), format!("station,time,no2\n{station},2016-10-01,1\n")).unwrap();
    }
    let repository = CsvRepository::open([root.join("*")], &CsvOptions::default()).unwrap();
    let named = CsvOptions::default().stations(root.join("x/stations.csv"));
    let by_one = CsvRepository::open([root.join("*")], &named).unwrap();
    std::fs::remove_dir_all(&root).unwrap();
    let paris = |repository: &CsvRepository| repository.stations().unwrap().in_city("paris").count();
    assert_eq!((paris(&repository), paris(&by_one)), (1, 0));
}
