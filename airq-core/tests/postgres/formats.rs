//! Published files in a real database: the same again changes nothing, a later one adds, parts become rows.

use crate::ground::{database, shared};
use airq_core::csv::RejectedRow;
use airq_core::import::{Database, ImportOptions, ImportWatch, Imported};
use airq_core::{Airq, Format, Query};
use std::path::PathBuf;

const FILES: [&str; 14] = [
    "cpcb.csv",
    "eea_nox.csv",
    "eea_pm2_5.csv",
    "madrid_daily.csv",
    "madrid_hourly.csv",
    "madrid_realtime_early.csv",
    "openaq_platform.csv",
    "openaq_s3.csv",
    "openaq_v1.csv",
    "openaq_v2.csv",
    "openaq_v3.csv",
    "prsa.csv",
    "sensor_community.csv",
    "uci.csv",
];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/formats").join(name)
}

struct FailOnRejected;

impl ImportWatch for FailOnRejected {
    fn rejected(&mut self, reject: &RejectedRow) {
        panic!("{reject}");
    }
}

fn import(url: &str, names: &[&str]) -> Imported {
    let paths = names.iter().map(|name| path(name));
    let imported = Database::at(url).unwrap().import(paths, &ImportOptions::default(), &mut FailOnRejected).unwrap();
    let parts = imported.accepted + imported.duplicates + imported.rejected + imported.ignored;
    assert_eq!(imported.read, parts, "everything is accounted for: {imported:?}");
    imported
}

/// Everything, as of this source.
fn written(source: &str) -> String {
    let airq = Airq::builder().source(source).cache("none:").build().unwrap();
    let mut json = Vec::new();
    airq.write(&Query::all(), Format::Json, &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

#[test]
fn each_format_imported_twice_changes_nothing_and_answers_as_in_place() {
    let server = shared();
    for (number, name) in FILES.into_iter().enumerate() {
        let url = database(&server, &format!("published_{number}"));
        let first = import(&url, &[name]);
        assert!(first.inserted > 0 && first.inserted == first.measurements, "{name}: {first:?}");
        let again = import(&url, &[name]);
        assert_eq!((again.inserted, again.updated, again.stations), (0, 0, 0), "{name}");
        assert_eq!(again.version, first.version, "{name}");
        assert_eq!((again.summary, again.account), (first.summary, first.account), "{name}");
        assert_eq!(written(&url), written(&path(name).display().to_string()), "{name}");
    }
}

#[test]
fn a_later_real_time_file_of_madrid_adds_its_hours_and_takes_none_away() {
    let server = shared();
    let url = database(&server, "published_realtime");
    let (early, late) = ("madrid_realtime_early.csv", "madrid_realtime_late.csv");
    let first = import(&url, &[early]);
    assert_eq!((first.read, first.accepted, first.ignored), (72, 26, 46));
    assert_eq!((first.measurements, first.inserted), (18, 18));
    // Of two stations two new hours; of the first an hour whose NO₂ has become valid since.
    let second = import(&url, &[late]);
    assert_eq!((second.accepted, second.measurements), (33, 22));
    assert_eq!((second.inserted, second.updated), (4, 1));
    let whole = written(&url);
    assert_eq!(whole, written(&path(late).display().to_string()));
    // The earlier file once more: what it does not have yet takes nothing away.
    let back = import(&url, &[early]);
    assert_eq!((back.inserted, back.updated), (0, 0));
    assert_eq!(written(&url), whole);
}

#[test]
fn files_of_a_parameter_each_become_rows_of_all_in_one_import_or_in_two() {
    let server = shared();
    let (one, two) = (database(&server, "published_together"), database(&server, "published_apart"));
    let names = ["eea_pm2_5.csv", "eea_nox.csv"];
    let together = import(&one, &names);
    assert_eq!((together.read, together.accepted, together.duplicates, together.measurements), (8, 5, 0, 3));
    import(&two, &names[..1]);
    let second = import(&two, &names[1..]);
    assert_eq!((second.inserted, second.updated), (0, 1));
    assert_eq!(written(&one), written(&two));
    assert!(written(&one).contains(r#""co":0.3,"pm2_5":41.5,"nox":20"#), "{}", written(&one));
    let doubled = import(&one, &[names[0], names[1], names[0]]);
    assert_eq!((doubled.read, doubled.accepted, doubled.duplicates, doubled.ignored), (14, 5, 3, 6));
    assert_eq!((doubled.inserted, doubled.updated), (0, 0));
    let pm2_5 = &doubled.summary[1];
    assert_eq!((pm2_5.count, pm2_5.min, pm2_5.max), (3, -1.25, 41.5), "of what is kept: {:?}", doubled.summary);
}

#[test]
fn stations_are_described_by_the_files_and_by_madrids_own() {
    let server = shared();
    let url = database(&server, "published_described");
    import(&url, &["openaq_v1.csv"]);
    let airq = Airq::builder().source(&*url).cache("none:").build().unwrap();
    let stations = airq.stations().unwrap();
    assert_eq!(stations.get("Harbour").unwrap().latitude, Some(51.48));
    assert_eq!(stations.in_city("cardiff").count(), 1);
    let options = ImportOptions::default().stations(path("madrid_stations.csv"));
    let url = database(&server, "published_madrid");
    Database::at(&url).unwrap().import([path("madrid_hourly.csv")], &options, &mut ()).unwrap();
    let airq = Airq::builder().source(&*url).cache("none:").build().unwrap();
    assert_eq!(airq.stations().unwrap().get("28079008").unwrap().name.as_deref(), Some("Jardín de la Muestra"));
}

#[test]
fn a_bad_value_is_rejected_and_the_rest_of_its_row_is_not() {
    let server = shared();
    let url = database(&server, "published_bad_value");
    let csv = std::fs::read_to_string(path("madrid_daily.csv")).unwrap().replacen("00001;V", "high;V", 1);
    let refused = crate::ground::import(&url, &csv, &ImportOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("1 of 62 values cannot be used and 0 may be"), "{refused}");
    let imported = crate::ground::import(&url, &csv, &ImportOptions::default().max_rejects(1)).unwrap();
    assert_eq!((imported.read, imported.accepted, imported.rejected, imported.ignored), (62, 54, 1, 7));
}
