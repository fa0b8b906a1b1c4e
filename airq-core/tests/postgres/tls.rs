//! Encryption as `sslmode` has it, passwords that never show, and several hosts.

use crate::ground::{database, import_contract_data};
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::PostgresRepository;
use airq_core::testing::repository_contract;
use airq_core::testing::servers::{PostgresServer, free_port};
use airq_core::{Airq, Repository};
use std::time::{Duration, Instant};

const PASSWORD: &str = "s3cret-p4ss";

fn version(url: &str) -> airq_core::Result<String> {
    PostgresRepository::open(url).unwrap().version()
}

#[test]
fn each_sslmode_encrypts_and_trusts_as_it_says() {
    let server = PostgresServer::options().tls().password(PASSWORD).start().unwrap();
    let other = PostgresServer::options().tls().start().unwrap();
    let url = database(&server, "tls");
    import_contract_data(&url);
    let root = server.authority().unwrap().display();
    let foreign = other.authority().unwrap().display();
    // Which connections are encrypted the server knows.
    let encrypted = |url: &str| {
        let repository = PostgresRepository::open(&format!("{url}&pool_size=1")).unwrap();
        repository.version().unwrap();
        let sql =
            "select bool_and(s.ssl) from pg_stat_ssl s join pg_stat_activity a using (pid) where a.datname = 'tls'";
        server.sql("postgres", sql).unwrap() == "t"
    };
    assert!(encrypted(&format!("{url}?sslmode=require")));
    repository_contract(&PostgresRepository::open(&format!("{url}?sslmode=verify-full&sslrootcert={root}")).unwrap());
    for good in [
        format!("sslmode=verify-ca&sslrootcert={root}"),
        format!("sslmode=require&sslrootcert={root}"),
        "sslmode=prefer".to_owned(),
        "sslmode=disable".to_owned(),
    ] {
        version(&format!("{url}?{good}")).unwrap_or_else(|error| panic!("{good}: {error}"));
    }
    for bad in [
        format!("sslmode=verify-full&sslrootcert={foreign}"),
        format!("sslmode=verify-ca&sslrootcert={foreign}"),
        format!("sslmode=require&sslrootcert={foreign}"),
        "sslmode=verify-full&sslrootcert=system".to_owned(),
    ] {
        let error = version(&format!("{url}?{bad}")).unwrap_err();
        assert!(error.is_unavailable() && format!("{error:#}").contains("certificate"), "{bad}: {error}");
    }
}

#[test]
fn a_certificate_for_another_host_is_refused_by_verify_full_alone() {
    let server = PostgresServer::options().tls().setting("listen_addresses", "127.0.0.1,127.0.0.2").start().unwrap();
    let url = database(&server, "names").replace("127.0.0.1", "127.0.0.2");
    let root = server.authority().unwrap().display();
    version(&format!("{url}?sslmode=verify-ca&sslrootcert={root}")).unwrap();
    let error = version(&format!("{url}?sslmode=verify-full&sslrootcert={root}")).unwrap_err();
    assert!(format!("{error:#}").contains("not valid for"), "{error}");
}

#[test]
fn without_tls_on_the_server_require_refuses_and_prefer_goes_on() {
    let server = PostgresServer::start().unwrap();
    let url = database(&server, "plain");
    version(&format!("{url}?sslmode=prefer")).unwrap();
    let error = version(&format!("{url}?sslmode=require")).unwrap_err();
    assert!(error.is_unavailable() && format!("{error:#}").contains("TLS"), "{error}");
}

#[test]
fn a_password_is_asked_for_and_never_shown() {
    let server = PostgresServer::options().password(PASSWORD).start().unwrap();
    let url = database(&server, "secret");
    version(&url).unwrap();
    let wrong = url.replace(PASSWORD, "wr0ng-p4ss");
    let repository = PostgresRepository::open(&wrong).unwrap();
    let error = repository.version().unwrap_err();
    assert!(error.is_forbidden() && format!("{error:#}").contains("password authentication failed"), "{error}");
    let airq = Airq::builder().source(&*wrong).build().unwrap();
    let refused = Database::at(&wrong).unwrap().migrate().unwrap_err();
    let bad = PostgresRepository::open(&format!("{wrong}?colour=red")).unwrap_err();
    let shown = format!("{repository:?} {error} {error:?} {airq:?} {refused} {refused:?} {bad} {bad:?}");
    assert!(!shown.contains("wr0ng-p4ss"), "{shown}");
    assert!(!server.log().contains(PASSWORD) && !server.log().contains("wr0ng-p4ss"));
}

#[test]
fn of_several_hosts_the_dead_and_the_mute_are_passed_over() {
    let server = PostgresServer::start().unwrap();
    let url = database(&server, "hosts");
    import_contract_data(&url);
    let dead = free_port().unwrap();
    let listening = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mute = listening.local_addr().unwrap().port();
    let alive = format!("127.0.0.1:{}", server.port());
    for first in [dead, mute] {
        for more in ["", "?target_session_attrs=any&load_balance_hosts=random"] {
            let url = url.replace(&alive, &format!("127.0.0.1:{first},{alive}")) + more;
            let began = Instant::now();
            let repository = PostgresRepository::open(&url).unwrap();
            repository.version().unwrap();
            assert!(began.elapsed() < Duration::from_millis(2500), "{url}: {:?}", began.elapsed());
        }
    }
}

#[test]
fn reads_reach_a_replica_and_imports_the_primary() {
    let primary = PostgresServer::start().unwrap();
    let url = database(&primary, "both");
    import_contract_data(&url);
    let mut replica = primary.replica().unwrap();
    let on_replica = replica.url("both");
    let (first, second) = (format!("127.0.0.1:{}", replica.port()), format!("127.0.0.1:{}", primary.port()));
    let both = url.replace(&second, &format!("{first},{second}"));
    let began = Instant::now();
    while version(&on_replica).ok() != version(&url).ok() {
        assert!(began.elapsed() < Duration::from_secs(20), "the replica catches up");
    }
    repository_contract(&PostgresRepository::open(&on_replica).unwrap());
    let repository = PostgresRepository::open(&both).unwrap();
    repository_contract(&repository);
    let imported = crate::ground::import(&both, "time,station\n2016-10-09,new\n", &ImportOptions::default()).unwrap();
    assert_eq!(imported.inserted, 1);
    replica.kill().unwrap();
    assert_eq!(repository.version().unwrap(), imported.version, "the primary takes over");
}
