//! Durability: what an import and a migration rest on, and that less than the URL requires is refused.

use crate::ground::{import, shared};
use airq_core::import::{Database, ImportOptions};
use airq_core::testing::servers::PostgresServer;
use std::time::{Duration, Instant};

const ROW: &str = "time,station,no2\n2016-10-01,aq_a,1\n";

/// Sets what commits wait for, and waits until new sessions have the setting.
fn wait_for_standbys(server: &PostgresServer, names: &str) {
    server.sql("postgres", &format!("alter system set synchronous_standby_names = '{names}'")).unwrap();
    server.sql("postgres", "select pg_reload_conf()").unwrap();
    let began = Instant::now();
    while server.sql("postgres", "show synchronous_standby_names").unwrap() != names {
        assert!(began.elapsed() < Duration::from_secs(20), "the setting is not reloaded");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_import_names_its_standbys_and_refuses_fewer_than_required() {
    let primary = PostgresServer::start().unwrap();
    let url = primary.create_database("airq").unwrap();
    let required = format!("{url}?synchronous_standbys=1");
    let alone = Database::at(&url).unwrap().migrate().unwrap().durability;
    assert_eq!((alone.synchronous_commit.as_str(), alone.synchronous_standbys), ("on", 0));
    for refused in [
        Database::at(&required).unwrap().migrate().unwrap_err(),
        import(&required, ROW, &ImportOptions::default()).unwrap_err(),
    ] {
        let told = format!("{refused:#}");
        assert!(refused.is_unavailable() && told.contains("synchronous_standbys=1 is required"), "{told}");
        assert!(told.contains("in the memory of this server alone (synchronous_commit = on)"), "{told}");
    }
    assert_eq!(primary.sql("airq", "select count(*) from measurements").unwrap(), "0");

    let replica = primary.replica().unwrap();
    wait_for_standbys(&primary, "*");
    let imported = import(&required, ROW, &ImportOptions::default()).unwrap();
    assert_eq!(imported.durability.unwrap().synchronous_standbys, 1);
    // Not replayed yet, perhaps, but received.
    let received = "select pg_last_wal_receive_lsn() >= '{}'::pg_lsn";
    let written = primary.sql("airq", "select pg_current_wal_flush_lsn()").unwrap();
    let began = Instant::now();
    while replica.sql("postgres", &received.replace("{}", &written)).unwrap() != "t" {
        assert!(began.elapsed() < Duration::from_secs(20), "the replica does not receive {written}");
    }
    let local = format!("{required}&options=-c%20synchronous_commit%3Dlocal");
    let refused = import(&local, ROW, &ImportOptions::default()).unwrap_err().to_string();
    assert!(refused.contains("synchronous_commit = local"), "{refused}");
}

#[test]
fn a_dry_run_commits_nothing_and_names_no_durability() {
    let server = shared();
    let url = crate::ground::database(&server, "durable");
    let imported = import(&url, ROW, &ImportOptions::default().dry_run(true)).unwrap();
    assert_eq!(imported.durability, None);
}
