//! The restore drill: what `ops/backup` saves can be restored, and is then the same; what is damaged is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::{PostgresServer, RedisServer};
use common::{file, folder, many_rows, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PASSWORD: &str = "it's \"secret\"";

fn server() -> PostgresServer {
    PostgresServer::options().password(PASSWORD).start().unwrap()
}

/// A database of this name with the tables and no rows.
fn migrated(server: &PostgresServer) -> String {
    server.create_database("airq").unwrap();
    let url = server.socket_url("airq");
    run(&["migrate", "--source", &url]).ok();
    url
}

/// Runs a script of `ops/backup` on this server's database, keeping backups in the folder: how it ended, and what it said.
fn script(name: &str, arguments: &[&str], postgres: &PostgresServer, backups: &Path) -> (bool, String) {
    let password = backups.join("password");
    fs::write(&password, format!("{PASSWORD}\n")).unwrap();
    let mut command = bare(name, backups);
    command.args(arguments).env("PGPASSWORD_FILE", password);
    command.env("PGHOST", "127.0.0.1").env("PGPORT", postgres.port().to_string()).env("PGUSER", "airq");
    ended(command)
}

fn bare(name: &str, backups: &Path) -> Command {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ops/backup").join(name);
    let mut command = Command::new(path);
    command.env("AIRQ_BACKUPS", backups);
    for name in ["AIRQ_BACKUP_KEEP_DAYS", "AIRQ_BACKUP_KEEP_LEAST", "AIRQ_BACKUP_METRICS", "PGDATABASE", "PGPASSWORD"] {
        command.env_remove(name);
    }
    command
}

fn ended(mut command: Command) -> (bool, String) {
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr) + String::from_utf8_lossy(&done.stdout);
    (done.status.success(), said.into_owned())
}

/// Rows of each table, and a checksum that is not the scripts' own.
fn held(server: &PostgresServer) -> Vec<String> {
    let tables = ["stations", "measurements", "loads", "parameters"];
    let sum = |table| format!("select count(*), md5(string_agg(t::text, E'\\n' order by t::text)) from {table} t");
    tables.iter().map(|table| server.sql("airq", &sum(table)).unwrap()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.filter(|name| name != "latest").collect();
    all.sort();
    all
}

#[test]
fn a_restored_database_holds_and_answers_what_was_backed_up() {
    let backups = folder("backup_drill");
    let source = server();
    let url = migrated(&source);
    let data = file("backup_drill_rows", many_rows(25_000).replace("s0001", "\"señal, \"\"1\"\" \\n\""));
    run(&["import", &data, "--source", &url]).ok();
    let (good, said) = script("postgres-dump", &[], &source, &backups);
    assert!(good, "{said}");
    let before = held(&source);
    // What comes after the backup is not in it.
    source.sql("airq", "delete from measurements where station_id = 's0000'").unwrap();

    let target = server();
    target.create_database("airq").unwrap();
    let (good, said) = script("postgres-restore", &[], &target, &backups);
    assert!(good && said.contains("the same as backed up") && said.contains("25000 rows"), "{said}");
    assert_eq!(held(&target), before);
    let answer = run(&["query", "--station", "s0000", "--source", &target.socket_url("airq")]).ok();
    let file = run(&["query", "--station", "s0000", "--source", &data]).ok();
    assert_eq!(answer.out, file.out, "it answers as the file does");
    run(&["migrate", "--source", &target.socket_url("airq")]).ok();
    let rights = "select has_table_privilege('airq_reader', 'measurements', 'select')";
    assert_eq!(target.sql("airq", rights).unwrap().trim(), "t", "the rights are restored too");

    let (good, said) = script("postgres-restore", &[], &source, &backups);
    assert!(!good && said.contains("--replace"), "measurements are not let go unasked: {said}");
    let (good, said) = script("postgres-restore", &["--replace"], &source, &backups);
    assert!(good, "{said}");
    assert_eq!(held(&source), before);
}

#[test]
fn a_backup_tells_when_it_was_and_how_large_and_a_failed_one_leaves_nothing() {
    let backups = folder("backup_metrics");
    let mut source = server();
    let url = migrated(&source);
    let (good, said) = script("postgres-dump", &[], &source, &backups);
    assert!(good, "a database without rows is one too: {said}");
    let metrics = backups.join("metrics/airq_backup_postgres.prom");
    let told = fs::read_to_string(&metrics).unwrap();
    let value = |name: &str| -> u64 {
        let line = told.lines().find(|line| line.starts_with(&format!("{name}{{kind=\"postgres\"}} "))).unwrap();
        line.split(' ').nth(1).unwrap().parse().unwrap()
    };
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now - value("airq_backup_last_success_timestamp_seconds") < 60, "{told}");
    let dump = fs::metadata(backups.join("postgres/latest/airq.dump")).unwrap().len();
    assert_eq!(value("airq_backup_last_size_bytes"), dump);

    let there = names(&backups.join("postgres"));
    drop(url);
    source.stop().unwrap();
    let (good, said) = script("postgres-dump", &[], &source, &backups);
    assert!(!good && said.contains("postgres-dump: the database cannot be asked"), "{said}");
    assert!(!said.contains(PASSWORD));
    assert_eq!(names(&backups.join("postgres")), there, "nothing half done is left");
    assert_eq!(fs::read_to_string(&metrics).unwrap(), told, "and the last good one is still told of");
}

#[test]
fn a_damaged_backup_is_refused_and_changes_nothing() {
    let backups = folder("backup_damaged");
    let source = server();
    let url = migrated(&source);
    run(&["import", &file("backup_damaged_rows", many_rows(2_000)), "--source", &url]).ok();
    assert!(script("postgres-dump", &[], &source, &backups).0);
    let before = held(&source);
    let dump = backups.join("postgres/latest/airq.dump");
    let mut bytes = fs::read(&dump).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&dump, &bytes).unwrap();
    let (good, said) = script("postgres-restore", &["--replace"], &source, &backups);
    assert!(!good && said.contains("not what was backed up"), "{said}");
    assert_eq!(held(&source), before);
    // Sums that fit, of a list of contents that does not.
    bytes[middle] ^= 1;
    fs::write(&dump, &bytes).unwrap();
    let sums = "cd \"$1\" && sed -i 's/^measurements|2000|/measurements|2001|/' contents && sha256sum airq.dump contents > SHA256SUMS";
    let folder = backups.join("postgres/latest");
    assert!(Command::new("bash").args(["-c", sums, "bash"]).arg(folder).status().unwrap().success());
    let (good, said) = script("postgres-restore", &["--replace"], &source, &backups);
    assert!(!good && said.contains("< measurements|2001|") && said.contains("> measurements|2000|"), "{said}");
    let (good, said) = script("postgres-restore", &["/no/such"], &source, &backups);
    assert!(!good && said.contains("there is no backup in /no/such"), "{said}");
}

#[test]
fn backups_past_their_time_go_but_never_the_newest() {
    let backups = folder("backup_retention");
    let source = server();
    migrated(&source);
    let kept = backups.join("postgres");
    for (name, days) in [("20200101T000000Z", 40), ("20200102T000000Z", 39), ("20200103T000000Z", 2), ("mine", 90)] {
        fs::create_dir_all(kept.join(name)).unwrap();
        let touched = Command::new("touch").args(["-d", &format!("{days} days ago")]).arg(kept.join(name)).status();
        assert!(touched.unwrap().success());
    }
    let (good, said) = script("postgres-dump", &[], &source, &backups);
    assert!(good, "{said}");
    let left = names(&kept);
    assert_eq!(left[..2], ["20200102T000000Z", "20200103T000000Z"], "of the old ones the third newest stays");
    assert_eq!((left.len(), left[3].as_str()), (4, "mine"), "what is not a backup stays: {left:?}");
}

#[test]
fn a_redis_starts_with_what_was_saved_of_another() {
    let backups = folder("backup_redis");
    let password = backups.join("redis_password");
    fs::write(&password, PASSWORD.replace(['"', ' '], "")).unwrap();
    let source = RedisServer::options().password(&PASSWORD.replace(['"', ' '], "")).start().unwrap();
    source.set("airq:answer", b"\0\xff bytes").unwrap();
    let mut save = bare("redis-save", &backups);
    save.env("REDIS_HOST", "127.0.0.1").env("REDIS_PORT", source.port().to_string());
    save.env("REDIS_PASSWORD_FILE", &password);
    let (good, said) = ended(save);
    assert!(good && !said.contains("secret"), "{said}");
    assert!(backups.join("metrics/airq_backup_redis.prom").is_file());
    let saved = backups.join("redis/latest");
    let target = RedisServer::options().setting("dir", saved.to_str().unwrap()).start().unwrap();
    assert_eq!(target.command(&["strlen", "airq:answer"]).unwrap().trim(), "8");
}
