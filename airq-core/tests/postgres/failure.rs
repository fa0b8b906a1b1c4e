//! The database goes away, is killed, freezes, is slow or full: nobody waits long, and all heals by itself.

use crate::ground::{Files, database, import_contract_data, shared};
use airq_core::cache::CacheStatus;
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::PostgresRepository;
use airq_core::testing::servers::PostgresServer;
use airq_core::testing::{Clock, Simulation, repository_contract};
use airq_core::{Airq, Error, Format, Query, Repository, Result, Selection};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Nobody is to wait longer.
const LONGEST: Duration = Duration::from_millis(2500);
/// All is to be well again by then.
const HEALED: Duration = Duration::from_secs(5);

fn engine(url: &str) -> Airq {
    Airq::builder().source(url).build().unwrap()
}

fn query(number: u64) -> Query {
    // Each number another query, so another key of the cache.
    Query::builder().station("aq_salvia").limit(1 + number % Query::MAX_LIMIT).build().unwrap()
}

/// A server with the simulated day.
fn server_with_data() -> (PostgresServer, String) {
    let server = PostgresServer::start().unwrap();
    let url = database(&server, "airq");
    let files = Files::new();
    let mut csv = Vec::new();
    Simulation::new(1).write_csv(&mut csv).unwrap();
    Database::at(&url).unwrap().import([files.write("a.csv", csv)], &ImportOptions::default(), &mut ()).unwrap();
    (server, url)
}

/// A steady load of requests by some threads, and what came of them.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    asked: AtomicU64,
    longest: Mutex<Duration>,
    errors: Mutex<Vec<Error>>,
    last_failure: Mutex<Option<Instant>>,
}

impl Load {
    /// Runs `during` under the load.
    fn run(&self, request: impl Fn(u64) -> Result<()> + Sync, during: impl FnOnce()) {
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    while !self.stop.load(Ordering::Relaxed) {
                        self.one(&request);
                        thread::sleep(Duration::from_millis(5));
                    }
                });
            }
            during();
            self.stop.store(true, Ordering::Relaxed);
        });
    }

    fn one(&self, request: &(impl Fn(u64) -> Result<()> + Sync)) {
        let began = Instant::now();
        let outcome = request(self.asked.fetch_add(1, Ordering::Relaxed));
        let mut longest = self.longest.lock().unwrap();
        *longest = began.elapsed().max(*longest);
        if let Err(error) = outcome {
            self.errors.lock().unwrap().push(error);
            *self.last_failure.lock().unwrap() = Some(Instant::now());
        }
    }

    /// Whether one failed a moment ago: they come every few milliseconds.
    fn failed_lately(&self) -> bool {
        self.last_failure.lock().unwrap().is_some_and(|at| at.elapsed() < Duration::from_millis(2500))
    }

    fn longest(&self) -> Duration {
        *self.longest.lock().unwrap()
    }
}

/// What is done to a server, and undone.
type Blow = fn(&mut PostgresServer);
/// How long it lasts.
const OUTAGE: Duration = Duration::from_secs(3);

fn with_a_warm_cache_no_request_fails(strike: Blow, mend: Blow) {
    let (mut server, url) = server_with_data();
    let airq = engine(&url);
    let warm = |number| airq.answer(&query(number % 10), Format::Json).map(drop);
    (0..10).for_each(|number| warm(number).unwrap());
    let load = Load::default();
    load.run(warm, || {
        thread::sleep(Duration::from_millis(300));
        strike(&mut server);
        thread::sleep(OUTAGE);
        mend(&mut server);
        thread::sleep(Duration::from_secs(1));
    });
    let errors = load.errors.lock().unwrap();
    assert!(errors.is_empty(), "{} of {:?}: {:?}", errors.len(), load.asked, errors.first());
    assert!(load.longest() < LONGEST, "{:?}", load.longest());
}

fn with_a_cold_cache_each_request_fails_cleanly_and_all_heals(strike: Blow, mend: Blow) {
    let (mut server, url) = server_with_data();
    let airq = engine(&url);
    let cold = |number| airq.answer(&query(number), Format::Json).map(drop);
    cold(Query::MAX_LIMIT - 1).unwrap();
    let load = Load::default();
    let mut back = Instant::now();
    load.run(cold, || {
        thread::sleep(Duration::from_millis(300));
        assert!(load.errors.lock().unwrap().is_empty(), "it was well before");
        strike(&mut server);
        thread::sleep(OUTAGE);
        mend(&mut server);
        back = Instant::now();
        while load.failed_lately() && back.elapsed() < 2 * HEALED {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let errors = load.errors.lock().unwrap();
    assert!(!errors.is_empty() && errors.iter().all(Error::is_unavailable), "{:?}", errors.first());
    assert!(load.longest() < LONGEST, "{:?}", load.longest());
    let healed = load.last_failure.lock().unwrap().unwrap().saturating_duration_since(back);
    assert!(healed < HEALED, "{healed:?}");
}

fn stop(server: &mut PostgresServer) {
    server.stop().unwrap();
}

fn kill(server: &mut PostgresServer) {
    server.kill().unwrap();
}

fn restart(server: &mut PostgresServer) {
    server.restart().unwrap();
}

fn freeze(server: &mut PostgresServer) {
    server.freeze().unwrap();
}

fn thaw(server: &mut PostgresServer) {
    server.thaw().unwrap();
}

#[test]
fn with_a_warm_cache_no_request_fails_or_waits_long_while_the_server_is_stopped() {
    with_a_warm_cache_no_request_fails(stop, restart);
}

#[test]
fn with_a_warm_cache_no_request_fails_or_waits_long_while_the_server_is_killed() {
    with_a_warm_cache_no_request_fails(kill, restart);
}

#[test]
fn with_a_warm_cache_no_request_fails_or_waits_long_while_the_server_is_frozen() {
    with_a_warm_cache_no_request_fails(freeze, thaw);
}

#[test]
fn with_a_cold_cache_each_request_fails_cleanly_and_all_heals_after_a_stop() {
    with_a_cold_cache_each_request_fails_cleanly_and_all_heals(stop, restart);
}

#[test]
fn with_a_cold_cache_each_request_fails_cleanly_and_all_heals_after_a_kill() {
    with_a_cold_cache_each_request_fails_cleanly_and_all_heals(kill, restart);
}

#[test]
fn with_a_cold_cache_each_request_fails_cleanly_and_all_heals_after_a_freeze() {
    with_a_cold_cache_each_request_fails_cleanly_and_all_heals(freeze, thaw);
}

#[test]
fn a_database_that_is_not_there_yet_holds_up_nobody_and_is_found_when_it_comes() {
    let mut server = PostgresServer::start().unwrap();
    let url = database(&server, "late");
    import_contract_data(&url);
    server.stop().unwrap();
    let began = Instant::now();
    let repository = PostgresRepository::open(&url).unwrap();
    assert!(began.elapsed() < Duration::from_millis(500), "opening does not wait: {:?}", began.elapsed());
    let error = repository.version().unwrap_err();
    assert!(error.is_unavailable() && format!("{error:#}").contains("refused"), "{error}");
    assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    server.restart().unwrap();
    let back = Instant::now();
    while repository.version().is_err() {
        assert!(back.elapsed() < HEALED);
    }
    repository_contract(&repository);
}

#[test]
fn a_server_that_takes_connections_and_stays_mute_holds_up_nobody() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://airq@127.0.0.1:{}/airq", mute.local_addr().unwrap().port());
    let repository = PostgresRepository::open(&url).unwrap();
    for _ in 0..3 {
        let began = Instant::now();
        assert!(repository.version().unwrap_err().is_unavailable());
        assert!(began.elapsed() < LONGEST, "{:?}", began.elapsed());
    }
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let ours = threads.filter(|task| {
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "airq-postgres")
    });
    assert!(ours.count() < 200, "threads left behind are bounded");
}

#[test]
fn idle_connections_that_a_restart_has_broken_fail_no_request() {
    let mut server = PostgresServer::start().unwrap();
    let url = database(&server, "restart");
    import_contract_data(&url);
    let repository = PostgresRepository::open(&url).unwrap();
    let all_busy = || {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..20).for_each(|_| drop(repository.version().unwrap())));
            }
        });
    };
    all_busy();
    server.restart().unwrap();
    all_busy();
}

/// Takes what it is given until it is told to hold its breath.
struct Slow<'a> {
    began: &'a AtomicBool,
    hold: &'a AtomicBool,
}

impl Write for Slow<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.began.store(true, Ordering::SeqCst);
        while self.hold.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn when_all_connections_are_busy_the_next_request_fails_in_time() {
    let server = shared();
    let url = database(&server, "busy");
    import_contract_data(&url);
    let repository = PostgresRepository::open(&format!("{url}?pool_size=1")).unwrap();
    let (began, hold) = (AtomicBool::new(false), AtomicBool::new(true));
    thread::scope(|scope| {
        let reading = scope.spawn(|| {
            repository.write_csv(&Selection::default(), &mut Slow { began: &began, hold: &hold }).unwrap();
        });
        while !began.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        let asked = Instant::now();
        let error = repository.version().unwrap_err();
        assert!(error.is_unavailable() && format!("{error:#}").contains("busy"), "{error}");
        assert!(asked.elapsed() < LONGEST, "{:?}", asked.elapsed());
        hold.store(false, Ordering::SeqCst);
        reading.join().unwrap();
    });
    repository.version().unwrap();
}

#[test]
fn a_query_past_its_time_limit_is_a_timeout_and_its_connection_serves_on() {
    let server = shared();
    let url = database(&server, "slow");
    import_contract_data(&url);
    // A table whose every row takes a while.
    let slow = "alter table measurements rename to real_measurements; \
                create view measurements as select * from real_measurements r \
                where (select pg_sleep(0.2 + 0 * extract(epoch from r.time)))::text = ''";
    server.sql("slow", slow).unwrap();
    let repository = PostgresRepository::open(&format!("{url}?statement_timeout=0.3&pool_size=1")).unwrap();
    let began = Instant::now();
    let error = repository.write_csv(&Selection::default(), &mut io::sink()).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let backend =
        || server.sql("slow", "select pid from pg_stat_activity where application_name = 'airq' and datname = 'slow'");
    let before = backend().unwrap();
    repository.version().unwrap();
    assert_eq!(backend().unwrap(), before);
}

#[test]
fn a_slow_answer_of_a_server_that_lives_is_waited_for() {
    let server = shared();
    let url = database(&server, "patient");
    import_contract_data(&url);
    let slow = "alter table stations rename to real_stations; \
                create view stations as select r.* from real_stations r, (select pg_sleep(2.5)) s";
    server.sql("patient", slow).unwrap();
    let repository = PostgresRepository::open(&url).unwrap();
    assert_eq!(repository.stations().unwrap().len(), 3);
}

/// Has enough after a while.
struct Enough(usize);

impl Write for Enough {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_copy_that_nobody_wants_any_more_is_called_off_and_its_connection_discarded() {
    let server = shared();
    let url = database(&server, "abandoned");
    let files = Files::new();
    let mut csv = Vec::new();
    Simulation::new(1).rows(300_000).write_csv(&mut csv).unwrap();
    Database::at(&url).unwrap().import([files.write("a.csv", csv)], &ImportOptions::default(), &mut ()).unwrap();
    let repository = PostgresRepository::open(&format!("{url}?pool_size=1")).unwrap();
    let error = repository.write_csv(&Selection::default(), &mut Enough(200_000)).unwrap_err();
    assert_eq!(error.io_kind(), Some(io::ErrorKind::StorageFull));
    let began = Instant::now();
    repository.version().unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "the next read waits for no rest: {:?}", began.elapsed());
    let at_work =
        "select count(*) from pg_stat_activity where datname = 'abandoned' and state = 'active' and query like 'copy%'";
    while server.sql("abandoned", at_work).unwrap() != "0" {
        assert!(began.elapsed() < Duration::from_secs(5), "the server goes on for nobody");
    }
}

#[test]
fn an_answer_cut_off_in_its_middle_is_an_error_and_never_begun_anew() {
    let (mut server, url) = server_with_data();
    let files = Files::new();
    let mut csv = Vec::new();
    Simulation::new(2).rows(300_000).write_csv(&mut csv).unwrap();
    Database::at(&url).unwrap().import([files.write("a.csv", csv)], &ImportOptions::default(), &mut ()).unwrap();
    let repository = PostgresRepository::open(&url).unwrap();
    let (began, hold) = (AtomicBool::new(false), AtomicBool::new(true));
    thread::scope(|scope| {
        let reading =
            scope.spawn(|| repository.write_csv(&Selection::default(), &mut Slow { began: &began, hold: &hold }));
        while !began.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        server.kill().unwrap();
        hold.store(false, Ordering::SeqCst);
        assert!(reading.join().unwrap().unwrap_err().is_unavailable());
    });
}

/// Starts a proxy in front of a database. While `drips` is set, it passes 50 bytes of the database every 20 ms. Returns its address.
fn dripping_proxy(target: String, drips: &'static AtomicBool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for client in listener.incoming() {
            let client = client.unwrap();
            let server = TcpStream::connect(&target).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut from, &mut to));
            thread::spawn(move || drip(server, client, drips));
        }
    });
    address
}

fn drip(mut server: TcpStream, mut client: TcpStream, drips: &AtomicBool) -> io::Result<()> {
    let mut buffer = [0; 50];
    loop {
        let read = server.read(&mut buffer)?;
        if read == 0 {
            return client.shutdown(Shutdown::Both);
        }
        client.write_all(&buffer[..read])?;
        if drips.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_stale_answer_is_served_within_two_seconds_while_the_rows_drip() {
    static DRIPS: AtomicBool = AtomicBool::new(false);
    let (_server, url) = server_with_data();
    let target = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let proxied = url.replace(&target, &dripping_proxy(target.clone(), &DRIPS));
    let clock = Clock::default();
    let airq = Airq::builder().source(proxied).clock(clock.clone()).build().unwrap();
    let fresh = airq.answer(&Query::all(), Format::Json).unwrap();
    clock.advance(Duration::from_secs(2 * 3600));
    DRIPS.store(true, Ordering::Relaxed);
    let start = Instant::now();
    let stale = airq.answer(&Query::all(), Format::Json).unwrap();
    let took = start.elapsed();
    assert_eq!((stale.status(), stale.body()), (CacheStatus::Stale, fresh.body()));
    assert!(took < Duration::from_millis(2100), "{took:?}");
}
