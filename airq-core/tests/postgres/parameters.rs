//! Open parameters: any parameter of a file gets a column, whoever imports, and comes back with its unit.

use crate::ground::{Files, database, import, shared};
use airq_core::aggregate::{Averages, Every};
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::{CsvRepository, PostgresRepository};
use airq_core::{Airq, Format, Parameter, Query, Repository, Selection};
use std::thread;
use std::time::{Duration, Instant};

const OPEN: &str = "station,time,no2,temperature,wind_direction,fluff [furlong],order [],user [people]\n\
                    x,2016-10-01T00:00:00Z,1,20.5,350,3,4,5\n\
                    x,2016-10-01T01:00:00Z,,,,,,\n\
                    y,2016-10-01T00:00:00Z,,-1,10,,7,8\n";

fn csv_of(repository: &dyn Repository) -> String {
    let mut csv = Vec::new();
    repository.write_csv(&Selection::default(), &mut csv).unwrap();
    String::from_utf8(csv).unwrap()
}

fn assert_as_files(url: &str, csv: &str, parameters: &str) {
    let named = |codes| Query::from_pairs(Query::PARAMETERS, [("parameter", codes)]).unwrap().0;
    let files = CsvRepository::from_bytes("open.csv", csv.as_bytes()).unwrap();
    let engine = |builder: airq_core::AirqBuilder| builder.cache("none:").build().unwrap();
    let (files, database) = (engine(Airq::builder().repository(files)), engine(Airq::builder().source(url)));
    let daily = Query::from_pairs(Query::PARAMETERS, [("every", "1d"), ("capture", "0")]).unwrap().0;
    for query in [Query::all(), daily, named(parameters), Query::all().latest()] {
        for &format in Format::TEXT {
            let body = |airq: &Airq| String::from_utf8(airq.answer(&query, format).unwrap().body().to_vec()).unwrap();
            assert_eq!(body(&database), body(&files), "{format} of {query:?}");
        }
    }
}

#[test]
fn any_parameter_of_a_file_gets_a_column_and_comes_back_with_its_unit() {
    let server = shared();
    let url = database(&server, "open");
    let first = import(&url, OPEN, &ImportOptions::default()).unwrap();
    assert_eq!((first.inserted, first.conflicts.count), (3, 0));
    let repository = PostgresRepository::open(&url).unwrap();
    let parameters = repository.parameters().unwrap();
    let told: Vec<_> = parameters.iter().map(|one| (one.code(), one.unit().symbol())).collect();
    let known = [("no2", "µg/m³"), ("temperature", "°C"), ("wind_direction", "°")];
    let expected = [&known[..], &[("fluff", "furlong"), ("order", ""), ("user", "people")]].concat();
    assert_eq!(told, expected);
    assert!(
        csv_of(&repository)
            .starts_with("station,time,no2,temperature,wind_direction,fluff [furlong],order [],user [people]\n")
    );
    assert_as_files(&url, OPEN, "fluff,order");
    let again = import(&url, OPEN, &ImportOptions::default()).unwrap();
    assert_eq!((again.inserted, again.updated, again.conflicts.count, again.version), (0, 0, 0, first.version));
}

#[test]
fn files_with_different_columns_are_one_import() {
    let server = shared();
    let url = database(&server, "columns");
    let files = Files::new();
    let paths = [
        files.write("a.csv", "station,time,no2\nx,2016-10-01,1\nx,2016-10-02,2\n"),
        files.write("b.csv", "fluff [furlong],station,time\n3,x,2016-10-01\n4,z,2016-10-01\n"),
        files.write("c.csv", "station,time,benzene,no2\nx,2016-10-01,5,\n"),
    ];
    let imported = Database::at(&url).unwrap().import(&paths, &ImportOptions::default(), &mut ()).unwrap();
    assert_eq!((imported.read, imported.accepted, imported.duplicates, imported.conflicts.count), (5, 5, 0, 0));
    assert_eq!((imported.measurements, imported.inserted), (3, 3));
    let expected = "station,time,no2,c6h6,fluff [furlong]\nx,2016-10-01 00:00:00+00,1,5,3\n\
                    x,2016-10-02 00:00:00+00,2,,\nz,2016-10-01 00:00:00+00,,,4\n";
    assert_eq!(csv_of(&PostgresRepository::open(&url).unwrap()), expected);
    let counts: Vec<_> = imported.summary.iter().map(|one| (one.parameter.code(), one.count)).collect();
    assert_eq!(counts, [("no2", 2), ("c6h6", 1), ("fluff", 2)]);
    let again = Database::at(&url).unwrap().import(&paths, &ImportOptions::default(), &mut ()).unwrap();
    assert_eq!((again.inserted, again.updated, again.conflicts.count, again.version), (0, 0, 0, imported.version));
}

#[test]
fn a_column_without_a_value_is_a_parameter_of_the_data_set() {
    let server = shared();
    let url = database(&server, "empty_column");
    let csv = "station,time,no2,fluff [furlong]\nx,2016-10-01,1,\n";
    import(&url, csv, &ImportOptions::default()).unwrap();
    let parameters = PostgresRepository::open(&url).unwrap().parameters().unwrap();
    assert_eq!(parameters.iter().map(|one| one.code()).collect::<Vec<_>>(), ["no2", "fluff"]);
}

#[test]
fn two_units_of_one_parameter_are_an_error_and_nothing_is_written() {
    let server = shared();
    let url = database(&server, "units");
    let furlongs = "station,time,fluff [furlong]\nx,2016-10-01,1\n";
    let ells = "station,time,fluff [ell],glint [lux]\nx,2016-10-02,1,2\n";
    let files = Files::new();
    let paths = [files.write("a.csv", furlongs), files.write("b.csv", ells)];
    let refused = Database::at(&url).unwrap().import(&paths, &ImportOptions::default(), &mut ()).unwrap_err();
    assert!(refused.is_invalid_data(), "{refused}");
    let told = format!("{refused:#}");
    assert!(told.contains("furlong") && told.contains("ell") && told.contains("b.csv"), "{told}");
    let held =
        "select (select count(*) from parameters) + (select count(*) from loads) + (select count(*) from measurements)";
    assert_eq!(server.sql("units", held).unwrap(), "0");
    import(&url, furlongs, &ImportOptions::default()).unwrap();
    let refused = import(&url, ells, &ImportOptions::default()).unwrap_err();
    assert!(refused.is_invalid_data(), "{refused}");
    let told = format!("{refused:#}");
    assert!(told.contains("\"furlong\" in the database") && told.contains("\"ell\""), "{told}");
    assert_eq!(server.sql("units", held).unwrap(), "3");
    let by_hand = server.sql("units", "select airq_add_parameter('fluff', 'ell')").unwrap_err().to_string();
    assert!(by_hand.contains("\"furlong\"") && by_hand.contains("\"ell\""), "{by_hand}");
}

#[test]
fn a_dry_run_adds_no_column_and_counts_as_the_import_does() {
    let server = shared();
    let url = database(&server, "dry_open");
    import(&url, "station,time,no2\nx,2016-10-01T00:00:00Z,2\n", &ImportOptions::default()).unwrap();
    let columns = "select count(*) from information_schema.columns where table_name = 'measurements'";
    let before = server.sql("dry_open", columns).unwrap();
    let dry = import(&url, OPEN, &ImportOptions::default().dry_run(true)).unwrap();
    assert_eq!(server.sql("dry_open", columns).unwrap(), before);
    assert_eq!(server.sql("dry_open", "select string_agg(code, ',') from parameters").unwrap(), "no2");
    let done = import(&url, OPEN, &ImportOptions::default()).unwrap();
    let counts = |one: &airq_core::import::Imported| (one.inserted, one.updated, one.measurements, one.conflicts.count);
    assert_eq!(counts(&dry), (2, 1, 3, 1));
    assert_eq!(counts(&dry), counts(&done));
    assert_eq!(dry.conflicts, done.conflicts);
}

#[test]
fn a_loader_that_owns_nothing_adds_parameters_and_nothing_else() {
    let server = shared();
    let url = database(&server, "loader");
    server
        .sql("loader", "create role fills login in role airq_loader; create role looks login in role airq_reader")
        .unwrap();
    let imported = import(&url.replace("airq@", "fills@"), OPEN, &ImportOptions::default()).unwrap();
    assert_eq!(imported.inserted, 3);
    let reader = PostgresRepository::open(&url.replace("airq@", "looks@")).unwrap();
    assert_eq!(reader.parameters().unwrap().len(), 6);
    for (user, sql, why) in [
        ("looks", "select airq_add_column('dust')", "permission denied"),
        ("looks", "select airq_add_parameter('dust', 'mg')", "permission denied"),
        ("fills", "alter table measurements add column dust float8", "must be owner"),
        ("fills", "insert into parameters values ('dust', 'mg')", "permission denied"),
        ("fills", "select airq_add_column('dust\" text, \"x')", "not the code of a parameter"),
        ("fills", "select airq_add_column('Dust')", "not the code of a parameter"),
        ("fills", "select airq_add_column('no2_capture')", "not the code of a parameter"),
        ("fills", "select airq_add_column(null)", "not the code of a parameter"),
    ] {
        let refused = server.sql("loader", &format!("set role {user}; {sql}")).unwrap_err().to_string();
        assert!(refused.contains(why), "{user}: {sql}: {refused}");
    }
    // An object of the loader's own cannot take the place of the function's.
    let trap = "set role fills; create temp table measurements (x int); select airq_add_column('mist')";
    server.sql("loader", trap).unwrap();
    let added =
        "select count(*) from pg_attribute where attrelid = 'public.measurements'::regclass and attname = 'mist'";
    assert_eq!(server.sql("loader", added).unwrap(), "1");
}

#[test]
fn a_new_column_waits_for_a_long_reader_and_other_readers_do_not_wait_long() {
    let server = shared();
    let url = database(&server, "long_reader");
    import(&url, "station,time,no2\nx,2016-10-01T00:00:00Z,2\n", &ImportOptions::default()).unwrap();
    let repository = PostgresRepository::open(&url).unwrap();
    let mut longest = Duration::ZERO;
    thread::scope(|scope| {
        scope.spawn(|| {
            server.sql("long_reader", "begin; select count(*) from measurements; select pg_sleep(3)").unwrap()
        });
        thread::sleep(Duration::from_millis(300));
        let importing = scope.spawn(|| import(&url, OPEN, &ImportOptions::default()).unwrap());
        while !importing.is_finished() {
            let began = Instant::now();
            csv_of(&repository);
            longest = longest.max(began.elapsed());
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(importing.join().unwrap().inserted, 2);
    });
    assert!(longest < Duration::from_millis(2200), "{longest:?}");
}

#[test]
fn a_failed_import_adds_no_parameter_to_answers() {
    let server = shared();
    let url = database(&server, "failed_open");
    import(&url, "station,time,no2\nx,2016-10-01T00:00:00Z,2\n", &ImportOptions::default()).unwrap();
    let before = csv_of(&PostgresRepository::open(&url).unwrap());
    let rule = ImportOptions::default().on_conflict(airq_core::OnConflict::Error);
    import(&url, OPEN, &rule).unwrap_err();
    assert_eq!(csv_of(&PostgresRepository::open(&url).unwrap()), before);
}

#[test]
fn values_that_are_not_finite_are_missing_and_doctor_names_them() {
    let server = shared();
    let url = database(&server, "non_finite");
    import(&url, "station,time,no2,o3\nNaN,2016-10-01,1,2\nx,2016-10-01,3,4\n", &ImportOptions::default()).unwrap();
    let repository = PostgresRepository::open(&url).unwrap();
    let findings = |repository: &PostgresRepository| {
        repository.examine().into_iter().filter(|finding| finding.subject == "values").collect::<Vec<_>>()
    };
    assert!(findings(&repository).is_empty());
    let spoil = "update measurements set no2 = 'NaN' where station_id = 'x'; \
                 update measurements set o3 = '-Infinity' where station_id = 'x'; \
                 update measurements set o3 = 'Infinity' where station_id = 'NaN'";
    server.sql("non_finite", spoil).unwrap();
    let expected = "station,time,no2,o3\nNaN,2016-10-01 00:00:00+00,1,\nx,2016-10-01 00:00:00+00,,\n";
    assert_eq!(csv_of(&repository), expected);
    let mut csv = Vec::new();
    repository.write_averages(&Selection::default(), &Averages::new(Every::Day).with_capture(0), &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.contains("NaN,2016-10-01 00:00:00+00,1,0.041,,0\n"), "{csv}");
    let found = findings(&repository);
    let told = format!("{found:?}");
    assert!(
        told.contains("NaN or infinite, and missing in answers: 3 values")
            && told.contains("o3 of station")
            && told.contains("2016-10-01"),
        "{told}"
    );
    let airq = Airq::builder().source(&*url).cache("none:").build().unwrap();
    for &format in Format::TEXT {
        airq.answer(&Query::all(), format).unwrap();
    }
}

#[test]
fn sixty_parameters_are_one_data_set() {
    let server = shared();
    let url = database(&server, "sixty");
    let parameters: Vec<Parameter> = Parameter::known().take(60).collect();
    let names: Vec<&str> = parameters.iter().map(|one| one.code()).collect();
    let mut csv = format!("station,time,{}\n", names.join(","));
    for (station, row) in [("a", 0), ("a", 1), ("b", 0), ("a", 0)] {
        let values: Vec<String> = (0..60).map(|number| (row * 100 + number).to_string()).collect();
        csv = csv + station + ",2016-10-01T0" + &row.to_string() + ":00:00Z," + &values.join(",") + "\n";
    }
    let imported = import(&url, &csv, &ImportOptions::default()).unwrap();
    assert_eq!((imported.measurements, imported.duplicates, imported.conflicts.count), (3, 1, 0));
    assert_eq!(imported.summary.len(), 60);
    assert_as_files(&url, &csv, "c6h6,no2");
    let open = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
    assert_eq!(PostgresRepository::open(&url).unwrap().parameters().unwrap(), open.parameters().unwrap());
}

#[test]
fn values_outside_the_plausible_range_are_kept_and_named_by_doctor() {
    let server = shared();
    let url = database(&server, "implausible");
    import(&url, "station,time,no2,o3\na,2016-10-01,90000,20\na,2016-10-02,5,30\n", &ImportOptions::default()).unwrap();
    let repository = PostgresRepository::open(&url).unwrap();
    let found = repository.examine().into_iter().filter(|finding| finding.subject == "values");
    let found: Vec<String> = found.map(|finding| finding.found).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("no2: values from 5 to 90000 µg/m³, and "), "{found:?}");
    assert!(csv_of(&repository).contains("90000"));
}

#[test]
fn a_database_has_values_of_one_period() {
    let server = shared();
    let url = database(&server, "one_period");
    let daily = |hour: &str| {
        format!(
            "Countrycode,AirQualityStationEoICode,AirPollutant,AveragingTime,Concentration,UnitOfMeasurement,DatetimeBegin,Validity\n\
             ES,S1,NO2,{hour},10,ug/m3,2020-01-01 00:00:00 +01:00,1\n"
        )
    };
    import(&url, daily("hour"), &ImportOptions::default()).unwrap();
    let refused = import(&url, daily("day"), &ImportOptions::default()).unwrap_err();
    assert!(refused.is_invalid_data() && format!("{refused:#}").contains("period=1h"), "{refused}");
    import(&url, "station,time,no2\nx,2016-10-01,5\n", &ImportOptions::default()).unwrap();
    import(&url, daily("hour").replace("10,ug", "11,ug"), &ImportOptions::default()).unwrap();
}
