//! What the tests of Redis have in common: a repository that counts its loads, and an observer that remembers.
#![allow(dead_code, reason = "each test takes what it needs")]

use airq_core::observe::{Observation, Observer, Outcome};
use airq_core::repository::{CsvOptions, CsvRepository, DataSet};
use airq_core::testing::Simulation;
use airq_core::{Airq, AirqBuilder, Error, ErrorKind, Parameter, Repository, Result, Selection, Stations};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A day's data whose loads take a while and are counted, and whose version can be moved.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    inner: Arc<CsvRepository>,
    loads: Arc<AtomicU32>,
    edition: Arc<AtomicU64>,
    fails: Arc<AtomicBool>,
    load_takes: Duration,
}

impl Counted {
    pub(crate) fn new(load_takes: Duration) -> Self {
        let (mut csv, mut stations) = (Vec::new(), Vec::new());
        Simulation::new(1).write_csv(&mut csv).unwrap();
        Simulation::write_stations(&mut stations).unwrap();
        let inner = CsvRepository::from_reader("day.csv", csv.as_slice(), Some(&stations), &CsvOptions::default());
        Counted {
            inner: Arc::new(inner.unwrap()),
            loads: Arc::default(),
            edition: Arc::default(),
            fails: Arc::default(),
            load_takes,
        }
    }

    pub(crate) fn loads(&self) -> u32 {
        self.loads.load(Ordering::SeqCst)
    }

    /// A new data set, as far as anybody can tell.
    pub(crate) fn move_on(&self) {
        self.edition.fetch_add(1, Ordering::SeqCst);
    }

    /// Makes loads fail from now on, while checks for changes work.
    pub(crate) fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }

    fn named(&self, version: &str) -> String {
        format!("{version}-{}", self.edition.load(Ordering::SeqCst))
    }
}

impl Repository for Counted {
    fn version(&self) -> Result<String> {
        Ok(self.named(&self.inner.version()?))
    }

    fn stations(&self) -> Result<Stations> {
        self.inner.stations()
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        self.inner.parameters()
    }

    fn data_set(&self) -> Result<DataSet> {
        self.inner.data_set()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        thread::sleep(self.load_takes);
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorKind::Unavailable, "the source is down"));
        }
        Ok(self.named(&self.inner.write_csv(selection, out)?))
    }
}

/// Everything that was observed, in a line each; lookups as `TIER OUTCOME`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<String>>>);

impl Memory {
    pub(crate) fn count(&self, what: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|line| line.starts_with(what)).count()
    }
}

impl Observer for Memory {
    fn observe(&self, observation: &Observation<'_>) {
        let line = match observation {
            Observation::Lookup { tier, outcome: Outcome::Hit, .. } => format!("{tier} hit"),
            Observation::Lookup { tier, outcome, .. } => format!("{tier} {outcome:?}"),
            Observation::CacheFailed { operation, first: true, error, .. } => {
                format!("first failed {operation} {error}")
            }
            Observation::CacheFailed { operation, error, .. } => format!("failed {operation} {error}"),
            Observation::CacheRecovered { operation, .. } => format!("recovered {operation}"),
            Observation::EntryUnreadable { error, .. } => format!("unreadable {error}"),
            _ => return,
        };
        self.0.lock().unwrap().push(line);
    }
}

/// An engine over it, told of this cache.
pub(crate) fn engine(repository: &Counted, cache: &str, memory: &Memory) -> Airq {
    builder(repository, cache, memory).build().unwrap()
}

pub(crate) fn builder(repository: &Counted, cache: &str, memory: &Memory) -> AirqBuilder {
    Airq::builder().repository(repository.clone()).cache(cache).observer(memory.clone())
}
