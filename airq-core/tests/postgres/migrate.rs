//! Migrations: once each, whoever starts them, and never halfway.

use crate::ground::shared;
use airq_core::{Database, ImportOptions, PostgresRepository, Repository};
use std::thread;

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
    assert!(error.to_string().contains("0001_tables") && error.to_string().contains("already exists"), "{error}");
    assert_eq!(server.sql("halfway", "select count(*) from pg_tables where schemaname = 'public'").unwrap(), "1");
}

#[test]
fn a_database_of_a_newer_airq_is_left_alone() {
    let server = shared();
    let url = crate::ground::database(&server, "newer");
    server.sql("newer", "insert into airq_migrations (version, name) values (98, 'x'), (99, 'y')").unwrap();
    let error = Database::at(&url).unwrap().migrate().unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("newer airq"), "{error}");
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
    assert!(refused.to_string().contains("permission denied"), "{refused}");
    let loader = url.replace("airq@", "loads@");
    let csv = "time,station,no2,nh3\n2016-10-03,aq_b,1,2\n";
    assert_eq!(crate::ground::import(&loader, csv, &ImportOptions::default()).unwrap().inserted, 1);
    assert_eq!(
        crate::ground::import(&loader, csv.replace(",1,", ",3,"), &ImportOptions::default()).unwrap().updated,
        1
    );
    for user in ["reads", "loads"] {
        let refused = server.sql("roles", &format!("set role {user}; drop table measurements")).unwrap_err();
        assert!(refused.to_string().contains("must be owner"), "{refused}");
        let refused = server.sql("roles", &format!("set role {user}; delete from measurements")).unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{refused}");
    }
}

#[test]
fn a_database_without_tables_says_how_they_are_made() {
    let server = shared();
    let url = server.create_database("bare").unwrap();
    let error = PostgresRepository::open(&url).unwrap().version().unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("airq-cli migrate"), "{error}");
}
