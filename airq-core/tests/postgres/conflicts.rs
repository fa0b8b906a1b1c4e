//! Different values of one station, time and parameter, and the order of files, rows and imports.

use crate::ground::{Files, database, import, shared};
use crate::random_files::{Random, file, shuffled};
use airq_core::import::{Database, ImportOptions, Imported};
use airq_core::repository::PostgresRepository;
use airq_core::{Conflict, OnConflict, Repository, Selection};

fn rows(url: &str) -> String {
    let mut csv = Vec::new();
    PostgresRepository::open(url).unwrap().write_csv(&Selection::default(), &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn by(rule: OnConflict) -> ImportOptions {
    ImportOptions::default().on_conflict(rule)
}

fn shown(conflicts: &[Conflict]) -> Vec<String> {
    conflicts.iter().map(ToString::to_string).collect()
}

const STORED: &str = "station,time,no2,o3\nx,2016-10-01,1,\nx,2016-10-02,1,1\ny,2016-10-01,1,1\n";
/// Against the stored rows: a conflict and a new value; within the file: two conflicts, and values that are alike.
const LATER: &str = "station,time,no2,o3\nx,2016-10-01,2,5\nx,2016-10-02,1,\ny,2016-10-02,7,1\ny,2016-10-02,8,\n\
                     y,2016-10-02,7,2\ny,2016-10-02,7,\n";

#[test]
fn each_rule_decides_which_value_stays_and_conflicts_are_counted_with_examples() {
    let server = shared();
    for (rule, kept) in [
        (
            OnConflict::Last,
            "x,2016-10-01 00:00:00+00,2,5\nx,2016-10-02 00:00:00+00,1,1\ny,2016-10-01 00:00:00+00,1,1\ny,2016-10-02 00:00:00+00,7,2\n",
        ),
        (
            OnConflict::First,
            "x,2016-10-01 00:00:00+00,1,5\nx,2016-10-02 00:00:00+00,1,1\ny,2016-10-01 00:00:00+00,1,1\ny,2016-10-02 00:00:00+00,7,1\n",
        ),
    ] {
        let url = database(&server, &format!("rule_{rule}"));
        let first = import(&url, STORED, &by(rule)).unwrap();
        assert_eq!((first.conflicts.count, first.conflicts.first.len()), (0, 0));
        let later = import(&url, LATER, &by(rule)).unwrap();
        assert_eq!(rows(&url), format!("station,time,no2,o3\n{kept}"), "{rule}");
        assert_eq!((later.inserted, later.updated, later.conflicts.count), (1, 1, 3), "{rule}");
        assert_eq!(later.read, later.accepted + later.duplicates + later.rejected + later.ignored);
        let (kept, left_out) = if rule == OnConflict::First { ([7, 1, 1], [8, 2, 2]) } else { ([7, 2, 2], [8, 1, 1]) };
        let places = [
            "\"y\", 2016-10-02T00:00:00.000Z, no2",
            "\"y\", 2016-10-02T00:00:00.000Z, o3",
            "\"x\", 2016-10-01T00:00:00.000Z, no2",
        ];
        let expected: Vec<String> = (0..3)
            .map(|number| {
                format!("station {}: {} is kept, {} is left out", places[number], kept[number], left_out[number])
            })
            .collect();
        assert_eq!(shown(&later.conflicts.first), expected, "{rule}");
        let again = import(&url, LATER, &by(rule)).unwrap();
        assert_eq!((again.inserted, again.updated, &again.version), (0, 0, &later.version), "{rule}");
    }
}

#[test]
fn conflicts_are_an_error_where_they_must_not_be_and_nothing_is_imported() {
    let server = shared();
    let url = database(&server, "rule_error");
    import(&url, STORED, &by(OnConflict::Error)).unwrap();
    let (before, version) = (rows(&url), PostgresRepository::open(&url).unwrap().version().unwrap());
    for csv in [LATER, "station,time,no2\nx,2016-10-02,3\n", "station,time,no2\nz,2016-10-02,3\nz,2016-10-02,4\n"] {
        for dry in [true, false] {
            let refused = import(&url, csv, &by(OnConflict::Error).dry_run(dry)).unwrap_err();
            assert!(refused.is_invalid_data() && refused.to_string().contains(", no2: the values "), "{refused}");
        }
    }
    assert_eq!(rows(&url), before);
    assert_eq!(PostgresRepository::open(&url).unwrap().version().unwrap(), version);
    let same =
        import(&url, "station,time,no2,o3\nx,2016-10-01,1,9\nx,2016-10-01,,9\n", &by(OnConflict::Error)).unwrap();
    assert_eq!((same.updated, same.conflicts.count, same.duplicates), (1, 0, 1));
}

#[test]
fn an_empty_cell_erases_nothing_and_examples_are_few() {
    let server = shared();
    let url = database(&server, "empty_cell");
    import(&url, "station,time,no2,o3\nx,2016-10-01,1,2\n", &by(OnConflict::Last)).unwrap();
    let over = import(&url, "station,time,no2,o3\nx,2016-10-01,,3\n", &by(OnConflict::Last)).unwrap();
    assert_eq!((over.updated, over.conflicts.count), (1, 1));
    assert_eq!(rows(&url), "station,time,no2,o3\nx,2016-10-01 00:00:00+00,1,3\n");
    let many = |value: u32| (1..=20).map(|day| format!("x,2016-10-{day:02},{value}\n")).collect::<Vec<_>>().concat();
    let csv = format!("station,time,no2\n{}{}", many(5), many(6));
    let imported = import(&url, csv, &by(OnConflict::Last)).unwrap();
    assert_eq!((imported.conflicts.count, imported.conflicts.first.len()), (21, 5));
    assert_eq!(imported.conflicts.first[0].time, "2016-10-01T00:00:00.000Z");
}

fn import_all(url: &str, files: &[String], rule: OnConflict) -> Imported {
    let folder = Files::new();
    let paths: Vec<_> =
        files.iter().enumerate().map(|(number, csv)| folder.write(&format!("{number}.csv"), csv)).collect();
    Database::at(url).unwrap().import(paths, &by(rule), &mut ()).unwrap()
}

#[test]
fn the_order_of_files_rows_and_imports_does_not_change_data_without_conflicts() {
    let server = shared();
    for seed in 0..6 {
        let mut random = Random(seed);
        let mut files: Vec<String> = (0..5).map(|_| file(&mut random, |_, cell| cell)).collect();
        let together = database(&server, &format!("order_{seed}"));
        let imported = import_all(&together, &files, OnConflict::Error);
        assert_eq!(imported.read, imported.accepted + imported.duplicates, "{imported:?}");
        let expected = rows(&together);
        let again = import_all(&together, &files, OnConflict::First);
        assert_eq!((again.inserted, again.updated, again.conflicts.count), (0, 0, 0));
        files = files.iter().map(|csv| shuffled(&mut random, csv)).collect();
        random.shuffle(&mut files);
        for (rule, name) in [(OnConflict::Last, "last"), (OnConflict::First, "first")] {
            let apart = database(&server, &format!("order_{name}_{seed}"));
            let sum: u64 = files.iter().map(|csv| import(&apart, csv, &by(rule)).unwrap().inserted).sum();
            assert_eq!(rows(&apart), expected, "seed {seed}, {rule}");
            assert_eq!(sum, imported.inserted);
        }
    }
}

#[test]
fn one_import_and_one_of_each_file_keep_the_same_values_by_either_rule() {
    let server = shared();
    for seed in 10..16 {
        let mut random = Random(seed);
        let files: Vec<String> = (0..4).map(|_| file(&mut random, |random, _| random.below(3))).collect();
        for (rule, name) in [(OnConflict::Last, "last"), (OnConflict::First, "first")] {
            let (together, apart) =
                (database(&server, &format!("one_{name}_{seed}")), database(&server, &format!("each_{name}_{seed}")));
            import_all(&together, &files, rule);
            for csv in &files {
                import(&apart, csv, &by(rule)).unwrap();
            }
            assert_eq!(rows(&together), rows(&apart), "seed {seed}, {rule}");
        }
    }
}
