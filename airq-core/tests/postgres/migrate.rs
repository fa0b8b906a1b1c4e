//! Migrations: once each, whoever starts them, and never halfway.

use crate::ground::shared;
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::PostgresRepository;
use airq_core::{Repository, Selection};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn of_five_that_migrate_at_once_one_does_it() {
    let server = shared();
    let url = server.create_database("five").unwrap();
    let applied: usize = thread::scope(|scope| {
        let started: Vec<_> = (0..5).map(|_| scope.spawn(|| Database::at(&url).unwrap().migrate().unwrap())).collect();
        started.into_iter().map(|migrating| migrating.join().unwrap().applied.len()).sum()
    });
    let again = Database::at(&url).unwrap().migrate().unwrap();
    assert_eq!(applied, again.version as usize);
    assert!(again.applied.is_empty());
    let journal = server.sql("five", "select count(*), count(distinct version) from airq_migrations").unwrap();
    assert_eq!(journal, format!("{0}|{0}", again.version));
}

#[test]
fn a_migration_that_fails_leaves_nothing() {
    let server = shared();
    let url = server.create_database("halfway").unwrap();
    server.sql("halfway", "create table loads (x int)").unwrap();
    let error = Database::at(&url).unwrap().migrate().unwrap_err();
    assert!(format!("{error:#}").contains("0001_tables") && format!("{error:#}").contains("already exists"), "{error}");
    assert_eq!(server.sql("halfway", "select count(*) from pg_tables where schemaname = 'public'").unwrap(), "1");
}

#[test]
fn a_database_of_a_newer_airq_is_left_alone() {
    let server = shared();
    let url = crate::ground::database(&server, "newer");
    server.sql("newer", "insert into airq_migrations (version, name) values (98, 'x'), (99, 'y')").unwrap();
    let error = Database::at(&url).unwrap().migrate().unwrap_err();
    assert!(error.is_invalid_input() && format!("{error:#}").contains("newer airq"), "{error}");
}

#[test]
fn readers_may_read_and_loaders_may_import_and_neither_more() {
    let server = shared();
    let url = crate::ground::database(&server, "roles");
    crate::ground::import_contract_data(&url);
    server
        .sql("roles", "create role reads login in role airq_reader; create role loads login in role airq_loader")
        .unwrap();
    let reader = url.replace("airq@", "reads@");
    airq_core::testing::repository_contract(&PostgresRepository::open(&reader).unwrap());
    let refused =
        crate::ground::import(&reader, "time,station\n2016-10-01,x\n", &ImportOptions::default()).unwrap_err();
    assert!(format!("{refused:#}").contains("permission denied"), "{refused}");
    let loader = url.replace("airq@", "loads@");
    let csv = "time,station,no2,nh3\n2016-10-03,aq_b,1,2\n";
    assert_eq!(crate::ground::import(&loader, csv, &ImportOptions::default()).unwrap().inserted, 1);
    assert_eq!(
        crate::ground::import(&loader, csv.replace(",1,", ",3,"), &ImportOptions::default()).unwrap().updated,
        1
    );
    for user in ["reads", "loads"] {
        let refused = server.sql("roles", &format!("set role {user}; drop table measurements")).unwrap_err();
        assert!(format!("{refused:#}").contains("must be owner"), "{refused}");
        let refused = server.sql("roles", &format!("set role {user}; delete from measurements")).unwrap_err();
        assert!(format!("{refused:#}").contains("permission denied"), "{refused}");
    }
}

#[test]
fn a_database_without_tables_says_how_they_are_made() {
    let server = shared();
    let url = server.create_database("bare").unwrap();
    let error = PostgresRepository::open(&url).unwrap().version().unwrap_err();
    assert!(error.is_unavailable() && format!("{error:#}").contains("airq-cli migrate"), "{error}");
}

#[test]
fn a_schema_without_the_newest_migration_is_not_ready_and_names_the_command() {
    let server = shared();
    let url = server.create_database("behind").unwrap();
    let airq = airq_core::Airq::builder().source(&url).build().unwrap();
    let why = |expected: &str| {
        let error = airq.check_ready().unwrap_err();
        assert!(error.is_unavailable() && format!("{error:#}").contains(expected), "{error}");
        assert!(format!("{error:#}").contains("airq-cli migrate"), "{error}");
    };
    why("none of airq's tables");
    let newest = Database::at(&url).unwrap().migrate().unwrap().version;
    server.sql("behind", &format!("delete from airq_migrations where version = {newest}")).unwrap();
    why(&format!("at migration {} of {newest}", newest - 1));
    server.sql("behind", &format!("insert into airq_migrations (version, name) values ({newest}, 'x')")).unwrap();
    airq.check_ready().unwrap();
    server.sql("behind", "insert into airq_migrations (version, name) values (99, 'newer')").unwrap();
    airq_core::Airq::builder().source(&url).build().unwrap().check_ready().unwrap();
}

/// The tables before the fourth migration, with rows as the airq of then imported them.
fn ten_columns(server: &airq_core::testing::servers::PostgresServer, name: &str) -> String {
    let url = server.create_database(name).unwrap();
    let journal = "create table airq_migrations (version integer primary key, name text not null, \
                   applied_at timestamptz not null default clock_timestamp());";
    let before = [
        include_str!("../../migrations/0001_tables.sql"),
        include_str!("../../migrations/0002_roles.sql"),
        include_str!("../../migrations/0003_journal.sql"),
    ];
    server.sql(name, &format!("{journal} {}", before.join("\n"))).unwrap();
    let rows = "insert into airq_migrations (version, name) values (1, '0001_tables'), (2, '0002_roles'), (3, '0003_journal'); \
                insert into stations (id) select 's' || n from generate_series(1, 10) n; \
                insert into measurements (station_id, time, no2, nh3) \
                select 's' || 1 + n % 10, '2016-10-01T00:00:00Z'::timestamptz + n * interval '1 minute', n, n / 2.0 \
                from generate_series(1, 100000) n; \
                insert into optional_pollutants (name) values ('nh3'); \
                insert into loads (source, sha256, started_at, finished_at, accepted, duplicates, rejected, inserted, changed) \
                values ('x', '', now(), now(), 100000, 0, 0, 100000, 100000)";
    server.sql(name, rows).unwrap();
    url
}

#[test]
fn ten_columns_become_open_without_a_rewrite_while_a_reader_and_an_import_run() {
    let server = shared();
    let url = ten_columns(&server, "ten_columns");
    let node = || server.sql("ten_columns", "select pg_relation_filenode('measurements')").unwrap();
    let before = node();
    let import = "begin; select pg_advisory_xact_lock(7019267325709738340); \
                  lock table measurements, stations in share row exclusive mode; \
                  insert into measurements (station_id, time, c6h6) values ('s1', '2020-01-01T00:00:00Z', 5); \
                  insert into optional_pollutants (name) values ('c6h6'); select pg_sleep(2); commit";
    let reader = "begin; select count(*) from optional_pollutants, measurements; select pg_sleep(3); commit";
    let longest = thread::scope(|scope| {
        scope.spawn(|| server.sql("ten_columns", import).unwrap());
        scope.spawn(|| server.sql("ten_columns", reader).unwrap());
        thread::sleep(Duration::from_millis(300));
        let migrating = scope.spawn(|| Database::at(&url).unwrap().migrate().unwrap());
        let mut longest = Duration::ZERO;
        while !migrating.is_finished() {
            let began = Instant::now();
            server.sql("ten_columns", "select count(*) from measurements where station_id = 's1'").unwrap();
            longest = longest.max(began.elapsed());
        }
        assert_eq!(migrating.join().unwrap().applied, ["0004_parameters", "0005_stations_and_periods"]);
        longest
    });
    assert!(longest < Duration::from_millis(2200), "{longest:?}");
    assert_eq!(node(), before, "no row was rewritten");
    let repository = PostgresRepository::open(&url).unwrap();
    let parameters = repository.parameters().unwrap();
    let codes: Vec<_> = parameters.iter().map(|one| one.code()).collect();
    assert_eq!(codes, ["so2", "no2", "co", "o3", "pm10", "pm2_5", "nh3", "c6h6"]);
    let told =
        server.sql("ten_columns", "select code || ' ' || unit from parameters where code in ('co', 'nh3') order by 1");
    assert_eq!(told.unwrap(), "co mg/m³\nnh3 µg/m³");
    let mut csv = Vec::new();
    repository.write_csv(&Selection::default(), &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!(csv.lines().count(), 100_002);
    assert!(csv.contains("\ns1,2020-01-01 00:00:00+00,,,,,,,,5\n"));
    let open = "station,time,fluff [furlong]\ns1,2020-01-01T00:00:00Z,3\n";
    assert_eq!(crate::ground::import(&url, open, &ImportOptions::default()).unwrap().updated, 1);
    assert_eq!(node(), before, "a new column rewrites no row");
}

#[test]
fn the_parameters_of_stored_stations_are_found_by_the_migration() {
    let server = shared();
    let url = ten_columns(&server, "stored_stations");
    server.sql("stored_stations", "update measurements set nh3 = null where station_id = 's3'").unwrap();
    Database::at(&url).unwrap().migrate().unwrap();
    let stations = PostgresRepository::open(&url).unwrap().stations().unwrap();
    let codes = |id: &str| {
        let parameters = stations.get(id).unwrap().parameters.clone().unwrap();
        parameters.iter().map(|parameter| parameter.code()).collect::<Vec<_>>().join(",")
    };
    assert_eq!((codes("s2").as_str(), codes("s3").as_str()), ("no2,nh3", "no2"));
}
