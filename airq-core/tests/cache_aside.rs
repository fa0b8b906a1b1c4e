//! The cache-aside policy as callers see it: one load for many, stale answers when the repository fails, errors never kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod counted;

use airq_core::cache::{CacheStatus, MemoryCache};
use airq_core::observe::{Observation, Observer};
use airq_core::repository::{CsvOptions, CsvRepository, DataSet};
use airq_core::testing::{
    Clock, Simulation, cache_contract, repository_contract, repository_contract_csv, repository_contract_stations,
};
use airq_core::{Airq, Error, ErrorKind, Format, Parameter, Query, Repository, Result, Selection, Stations};
use counted::Counted;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// A real repository that can be made to fail, to panic or to be slow, and counts its loads.
#[derive(Clone, Debug)]
struct Moody {
    inner: Arc<CsvRepository>,
    mood: Arc<Mood>,
}

#[derive(Debug, Default)]
struct Mood {
    loads: AtomicU32,
    down: AtomicBool,
    panics: AtomicU32,
    slow: AtomicBool,
}

impl Moody {
    fn new() -> Self {
        let mut csv = Vec::new();
        Simulation::new(1).write_csv(&mut csv).unwrap();
        let mut stations = Vec::new();
        Simulation::write_stations(&mut stations).unwrap();
        let inner = CsvRepository::from_reader("day.csv", csv.as_slice(), Some(&stations), &CsvOptions::default());
        Moody { inner: Arc::new(inner.unwrap()), mood: Arc::default() }
    }

    fn loads(&self) -> u32 {
        self.mood.loads.load(Ordering::SeqCst)
    }

    fn down(&self, down: bool) {
        self.mood.down.store(down, Ordering::SeqCst);
    }

    fn check(&self) -> Result<()> {
        if self.mood.down.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unavailable, "the database is down"));
        }
        Ok(())
    }
}

impl Repository for Moody {
    fn version(&self) -> Result<String> {
        self.check()?;
        self.inner.version()
    }

    fn stations(&self) -> Result<Stations> {
        self.check()?;
        self.inner.stations()
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        self.inner.parameters()
    }

    fn data_set(&self) -> Result<DataSet> {
        self.check()?;
        self.inner.data_set()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.mood.loads.fetch_add(1, Ordering::SeqCst);
        if self.mood.slow.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(200));
        }
        let panics = self.mood.panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(panics.is_err(), "the repository panics, as it was told to");
        self.check()?;
        self.inner.write_csv(selection, out)
    }
}

fn madrid() -> Query {
    Query::builder().city("Madrid").build().unwrap()
}

/// Asks with many threads at once.
fn ask_at_once(airq: &Airq, threads: usize) -> Vec<std::thread::Result<Result<airq_core::Answer>>> {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            airq.answer(&madrid(), Format::Json)
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    })
}

/// A repository into which data are imported between a look at its stations and the writing of the rows.
#[derive(Debug)]
struct Importing {
    before: CsvRepository,
    after: CsvRepository,
    imported: AtomicBool,
}

impl Importing {
    fn now(&self) -> &CsvRepository {
        if self.imported.load(Ordering::SeqCst) { &self.after } else { &self.before }
    }
}

impl Repository for Importing {
    fn version(&self) -> Result<String> {
        self.now().version()
    }

    fn stations(&self) -> Result<Stations> {
        self.now().stations()
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        self.now().parameters()
    }

    fn data_set(&self) -> Result<DataSet> {
        self.now().data_set()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.imported.store(true, Ordering::SeqCst);
        self.now().write_csv(selection, out)
    }
}

#[test]
fn an_import_while_an_answer_is_made_leaves_no_station_out_of_it() {
    let header = "time,station,city,no2\n";
    let (old, new) = ("2016-10-01,old,Madrid,1\n", "2016-10-01,new,Madrid,2\n");
    let of = |csv: String| CsvRepository::from_bytes("day.csv", csv.as_bytes()).unwrap();
    let (before, after) = (of([header, old].concat()), of([header, old, new].concat()));
    let version = after.version().unwrap();
    let airq = Airq::builder().repository(Importing { before, after, imported: AtomicBool::new(false) });
    let airq = airq.build().unwrap();
    for status in [CacheStatus::Miss, CacheStatus::Hit] {
        let answer = airq.answer(&madrid(), Format::Json).unwrap();
        assert_eq!((answer.row_count(), answer.version(), answer.status()), (2, &*version, status));
    }
}

#[test]
fn a_blank_city_is_none_and_a_later_name_counts() {
    let csv = "time,station,city,no2\n2016-10-01,a, ,1\n2016-10-02,a,Madrid,2\n2016-10-01,b,,3\n";
    let stations = CsvRepository::from_bytes("day.csv", csv.as_bytes()).unwrap().stations().unwrap();
    let cities: Vec<_> = stations.iter().map(|station| station.city.as_deref()).collect();
    assert_eq!(cities, [Some("Madrid"), None]);
}

#[test]
fn no_time_is_too_long_to_keep_an_answer() {
    for _ in 0..20 {
        let airq = Airq::builder().repository(Moody::new()).ttl(Duration::MAX).build().unwrap();
        assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Miss);
        assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Hit);
    }
}

#[test]
fn the_built_in_implementations_keep_to_their_contracts() {
    cache_contract(&MemoryCache::new(64 << 20));
    let stations = Some(repository_contract_stations().as_bytes());
    let csv = repository_contract_csv().as_bytes();
    repository_contract(&CsvRepository::from_reader("c.csv", csv, stations, &CsvOptions::default()).unwrap());
}

#[test]
fn concurrent_misses_load_once() {
    let repository = Moody::new();
    repository.mood.slow.store(true, Ordering::SeqCst);
    let airq = Airq::builder().repository(repository.clone()).build().unwrap();
    let answers = ask_at_once(&airq, 64);
    assert_eq!(repository.loads(), 1);
    let first = answers[0].as_ref().unwrap().as_ref().unwrap().body().to_vec();
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().as_ref().unwrap().body() == first));
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Hit);
}

#[test]
fn a_failing_leader_frees_the_others_with_its_error() {
    let repository = Moody::new();
    let airq = Airq::builder().repository(repository.clone()).build().unwrap();
    airq.stations().unwrap();
    repository.mood.slow.store(true, Ordering::SeqCst);
    repository.down(true);
    let began = Instant::now();
    for answer in ask_at_once(&airq, 32) {
        assert!(answer.unwrap().unwrap_err().is_unavailable());
    }
    assert!(began.elapsed() < Duration::from_secs(2), "nobody waits in a row");
}

#[test]
fn a_panicking_leader_frees_the_others_to_lead() {
    let repository = Moody::new();
    repository.mood.slow.store(true, Ordering::SeqCst);
    repository.mood.panics.store(1, Ordering::SeqCst);
    let airq = Airq::builder().repository(repository.clone()).build().unwrap();
    let answers = ask_at_once(&airq, 16);
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1, "only the leader panicked");
    assert!(answers.into_iter().filter_map(std::thread::Result::ok).all(|answer| answer.is_ok()));
    assert_eq!(repository.loads(), 2);
}

#[test]
fn errors_are_never_kept() {
    let (repository, clock) = (Moody::new(), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).clock(clock.clone()).build().unwrap();
    airq.stations().unwrap();
    repository.down(true);
    assert!(airq.answer(&madrid(), Format::Json).unwrap_err().is_unavailable());
    repository.down(false);
    clock.advance(SECOND);
    assert!(airq.answer(&madrid(), Format::Json).is_ok());
}

#[test]
fn a_stale_answer_is_served_while_the_repository_fails_and_no_longer() {
    let (repository, clock) = (Moody::new(), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).ttl(HOUR).clock(clock.clone()).build().unwrap();
    let fresh = airq.answer(&madrid(), Format::Json).unwrap();
    clock.advance(2 * HOUR);
    repository.down(true);
    let stale = airq.answer(&madrid(), Format::Json).unwrap();
    assert_eq!((stale.status(), stale.body()), (CacheStatus::Stale, fresh.body()));
    assert_eq!(stale.remaining(), Duration::ZERO);
    assert!(stale.age() >= 2 * HOUR && stale.overdue() > HOUR / 2, "{:?} {:?}", stale.age(), stale.overdue());
    repository.down(false);
    clock.advance(SECOND);
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Miss);
}

/// Keeps what looks at the data set failed with.
#[derive(Clone, Debug, Default)]
struct Looks(Arc<Mutex<Vec<String>>>);

impl Observer for Looks {
    fn observe(&self, observation: &Observation<'_>) {
        if let Observation::LookFailed { error, .. } = observation {
            self.0.lock().unwrap().push(error.to_string());
        }
    }
}

#[test]
fn a_look_at_the_data_set_that_fails_is_told_while_answers_go_on() {
    let (repository, looks, clock) = (Moody::new(), Looks::default(), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).observer(looks.clone()).clock(clock.clone());
    let airq = airq.build().unwrap();
    airq.answer(&madrid(), Format::Json).unwrap();
    assert!(looks.0.lock().unwrap().is_empty());
    repository.down(true);
    // The data set is checked once a second.
    clock.advance(SECOND);
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Hit);
    let told = looks.0.lock().unwrap();
    assert!(told.iter().any(|error| error.contains("the database is down")), "{told:?}");
}

#[test]
fn past_its_stale_time_an_answer_is_gone() {
    let (repository, clock) = (Moody::new(), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).ttl(HOUR).stale_for(HOUR).clock(clock.clone());
    let airq = airq.build().unwrap();
    airq.answer(&madrid(), Format::Json).unwrap();
    repository.down(true);
    clock.advance(HOUR + HOUR / 2);
    assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Stale);
    clock.advance(HOUR);
    assert!(airq.answer(&madrid(), Format::Json).unwrap_err().is_unavailable());
}

#[test]
fn a_new_data_set_shows_when_the_source_is_checked_again() {
    let (repository, clock) = (Counted::new(Duration::ZERO), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).check_every(HOUR).clock(clock.clone()).build().unwrap();
    let version = || airq.answer(&madrid(), Format::Json).unwrap().version().to_owned();
    let old = version();
    repository.move_on();
    clock.advance(HOUR / 2);
    assert_eq!(version(), old, "the source is not checked yet");
    clock.advance(HOUR / 2);
    assert_ne!(version(), old);
}

#[test]
fn after_an_import_an_answer_of_the_version_before_is_served_if_the_source_fails() {
    let (repository, clock) = (Counted::new(Duration::ZERO), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).clock(clock.clone()).build().unwrap();
    let old = airq.answer(&madrid(), Format::Json).unwrap();
    repository.move_on();
    repository.fail();
    clock.advance(SECOND);
    let stale = airq.answer(&madrid(), Format::Json).unwrap();
    assert_eq!((stale.status(), stale.version(), stale.body()), (CacheStatus::Stale, old.version(), old.body()));
    assert_eq!(stale.remaining(), Duration::ZERO, "other caches must not keep it");
    assert!(airq.answer(&Query::all(), Format::Json).unwrap_err().is_unavailable(), "never answered before");
}

#[test]
fn an_unreachable_source_is_asked_again_after_the_pause_that_is_set() {
    let (repository, clock) = (Moody::new(), Clock::default());
    let airq = Airq::builder().repository(repository.clone()).retry_after(HOUR).clock(clock.clone()).build().unwrap();
    repository.down(true);
    assert!(airq.answer(&madrid(), Format::Json).unwrap_err().is_unavailable());
    repository.down(false);
    clock.advance(HOUR / 2);
    assert!(airq.answer(&madrid(), Format::Json).unwrap_err().is_unavailable(), "the source is not asked yet");
    clock.advance(HOUR / 2);
    assert!(airq.answer(&madrid(), Format::Json).is_ok());
}

#[test]
fn an_outage_is_asked_about_once_a_moment_not_by_every_request() {
    let repository = Moody::new();
    let airq = Airq::builder().repository(repository.clone()).build().unwrap();
    airq.stations().unwrap();
    repository.down(true);
    for _ in 0..100 {
        assert!(airq.answer(&madrid(), Format::Json).is_err());
    }
    assert_eq!(repository.loads(), 1);
}

#[test]
fn an_empty_answer_is_kept_for_a_minute_at_most() {
    let airq = Airq::builder().repository(Moody::new()).build().unwrap();
    let nothing = Query::builder().from("2030-01-01").build().unwrap();
    let empty = airq.answer(&nothing, Format::Json).unwrap();
    assert!(empty.remaining() <= Duration::from_secs(60));
    let full = airq.answer(&madrid(), Format::Json).unwrap().remaining().as_secs_f64();
    assert!((3400.0..=3800.0).contains(&full), "an hour, give or take 5 %: {full}");
}

#[test]
fn without_a_cache_every_request_loads() {
    let repository = Moody::new();
    let airq = Airq::builder().repository(repository.clone()).cache("none:").build().unwrap();
    for _ in 0..3 {
        assert_eq!(airq.answer(&madrid(), Format::Json).unwrap().status(), CacheStatus::Miss);
    }
    assert_eq!(repository.loads(), 3);
}

#[test]
fn each_kind_of_mistake_has_a_message_to_act_on() {
    let message = |result: Result<airq_core::Answer>| result.unwrap_err().to_string();
    let airq = Airq::builder().repository(Moody::new()).build().unwrap();
    let city = Query::builder().city("Madird").build().unwrap();
    assert_eq!(message(airq.answer(&city, Format::Json)), "no city named \"Madird\"; nearest: Madrid");
    let station = Query::builder().station("aq_retro").build().unwrap();
    assert_eq!(
        message(airq.answer(&station, Format::Json)),
        "no station named \"aq_retro\"; nearest: aq_retiro, aq_rivas"
    );
    let setting = |result: Result<Airq>| result.unwrap_err();
    assert!(setting(Airq::builder().build()).to_string().starts_with("no source: give"));
    assert!(setting(Airq::open("mysql://x/y")).is_invalid_input());
    let missing = setting(Airq::open("no/such/file.csv"));
    assert!(missing.to_string().starts_with("cannot read no/such/file.csv"), "{missing}");
    assert_eq!(missing.io_kind(), Some(std::io::ErrorKind::NotFound));
    let cache = setting(Airq::builder().repository(Moody::new()).cache("memory:lots").build());
    assert!(cache.to_string().contains("a size such as 64MiB"), "{cache}");
}

#[test]
fn the_compressed_answer_is_the_answer() {
    use std::io::Read;
    let airq = Airq::builder().repository(Moody::new()).build().unwrap();
    let answer = airq.answer(&madrid(), Format::Json).unwrap();
    let mut body = Vec::new();
    flate2::read::GzDecoder::new(answer.gzip().unwrap()).read_to_end(&mut body).unwrap();
    assert_eq!(body, answer.body());
}

#[test]
fn nobody_waits_for_a_compressed_answer_that_nobody_asked_for() {
    let airq = Airq::builder().repository(Moody::new()).build().unwrap();
    let answer = airq.answer(&madrid(), Format::Json).unwrap();
    assert_eq!(answer.timing().unwrap().compress, Duration::ZERO);
    let made = answer.gzip().unwrap();
    assert!(answer.timing().unwrap().compress > Duration::ZERO);
    let again = airq.answer(&madrid(), Format::Json).unwrap();
    assert!(std::ptr::eq(made, again.gzip().unwrap()), "made once for all");
}
