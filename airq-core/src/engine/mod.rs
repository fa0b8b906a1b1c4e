//! The façade over a repository, the encoders and a cache.

mod answer;
mod builder;
mod compliance;
mod descending;
mod environment;
mod load;
mod nearby;
pub(crate) mod newest;
mod pipeline;
mod rows;
mod snapshot;
mod units;

use crate::account::Account;
use crate::cache::{CacheAside, Key, Lookup, MemoryBudget, NewAnswer};
use crate::clock::Clock;
use crate::documents::{self, Document};
use crate::encode::Summary;
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::model::{Parameter, Stations};
use crate::observe::Observer;
use crate::pool::PoolState;
use crate::query::{Query, Resolved};
use crate::repository::{DataSet, Repository};
pub use answer::Answer;
pub use builder::AirqBuilder;
pub use nearby::Nearby;
use snapshot::{Snapshot, Snapshots};
use std::borrow::Cow;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The engine: answers queries from a source, through a cache.
///
/// Cheap to share between threads by reference or `Arc`. All calls block; do not call them from async code.
///
/// ```
/// use airq_core::repository::CsvRepository;
/// use airq_core::{Airq, Format, Query};
/// # let csv = "TimeInstant,id_entity,so2,no2,co,o3,pm10,pm2_5\n2016-10-01 00:00:00.004,aq_salvia,6.8,48.3,0.6,48.4,20.1,9.1\n";
/// let airq = Airq::builder().repository(CsvRepository::from_bytes("sample.csv", csv.as_bytes())?).build()?;
/// let query = Query::builder().station("aq_salvia").build()?;
/// let answer = airq.answer(&query, Format::Ndjson)?;
/// assert_eq!(
///     answer.body(),
///     br#"{"station":"aq_salvia","time":"2016-10-01T00:00:00.004Z","so2":6.8,"no2":48.3,"co":0.6,"o3":48.4,"pm10":20.1,"pm2_5":9.1}
/// "#
/// );
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Airq {
    repository: Arc<dyn Repository>,
    snapshots: Snapshots,
    cache: CacheAside,
    budget: Arc<MemoryBudget>,
    observer: Arc<dyn Observer>,
    clock: Clock,
    /// True if the stations are known only after a pass over the files.
    is_postponed: bool,
    /// True if the repository has had the schema that this version reads.
    has_schema: AtomicBool,
}

impl Airq {
    /// Opens a source with the default settings: answers are cached in 64 MiB of memory for an hour.
    ///
    /// A source is a CSV file, a directory of CSV files, or any other source of [`AirqBuilder::source`]. The file
    /// `stations.csv` next to the data describes the stations.
    ///
    /// # Errors
    /// If the source cannot be opened or read. [`Error::position`](crate::Error::position) has the file and line.
    ///
    /// ```no_run
    /// let airq = airq_core::Airq::open("fixtures/environment_airq_measurand.csv")?;
    /// # Ok::<(), airq_core::Error>(())
    /// ```
    pub fn open(source: &str) -> Result<Airq> {
        Airq::builder().source(source).build()
    }

    /// Returns a builder for the source, the cache and other settings.
    pub fn builder() -> AirqBuilder {
        AirqBuilder::default()
    }

    /// Returns the answer to a query from the cache, or loads and caches it. Concurrent calls for the same answer share one
    /// load.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) for an unknown city or station. The error of the repository, if there is no
    /// stale answer.
    pub fn answer(&self, query: &Query, format: Format) -> Result<Answer> {
        let start = Instant::now();
        let query = &*self.ending_with_newest(query)?;
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let prepared = snapshot.prepare(query)?;
        let resolved = &prepared.resolved;
        load::check(resolved, format)?;
        let key = |version: &str| Key::new(format, version, &prepared.canonical);
        let lookup = self.cache.answer(
            start,
            &key(&snapshot.version),
            || snapshot.earlier_keys(key),
            || {
                self.load_newest(query, &snapshot, resolved, |snapshot, resolved| {
                    load::load(&*self.repository, snapshot, resolved, format, &*self.observer, &self.budget)
                })
            },
        )?;
        self.new_answer(lookup, format, resolved)
    }

    /// Returns the query with its range. The range of a query for the last hours or days ends with the newest row of the data set.
    pub(crate) fn ending_with_newest<'q>(&self, query: &'q Query) -> Result<Cow<'q, Query>> {
        if !query.needs_newest_time() {
            return Ok(Cow::Borrowed(query));
        }
        let mut newest = None;
        self.answer(&Query::all().latest(), Format::Csv)?.for_each_row(|row| {
            newest = newest.max(Some(row.time()));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Cow::Owned(query.clone().ending_with(newest)))
    }

    /// Returns an answer, which counts in the memory budget until it is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::Overloaded`] if a cache had the answer compressed, and the budget has no memory for it.
    fn new_answer(&self, mut lookup: Lookup, format: Format, resolved: &Resolved) -> Result<Answer> {
        if lookup.held.is_none() {
            lookup.held = self.budget.hold(&lookup.entry)?;
        }
        Ok(Answer::new(lookup, format, resolved, self.budget.clone(), self.observer.clone(), self.clock.clone()))
    }

    /// Loads an answer. If the data set has changed since the snapshot, the answer is loaded a second time with a new snapshot,
    /// because a city may have other stations now. `load` returns the answer and the version of the data.
    fn load_newest(
        &self,
        query: &Query,
        snapshot: &Arc<Snapshot>,
        resolved: &Resolved,
        load: impl Fn(&Snapshot, &Resolved) -> Result<(NewAnswer, String)>,
    ) -> Result<NewAnswer> {
        let (answer, version) = load(snapshot, resolved)?;
        if version == snapshot.version {
            return Ok(answer);
        }
        // Its memory is free for the second load.
        drop(answer);
        let newer = self.snapshots.refresh(&*self.repository, &*self.observer, snapshot);
        let resolved = query.resolve(&newer.stations, &newer.parameters)?;
        let (answer, _) = load(&newer, &resolved)?;
        Ok(answer)
    }

    /// Writes the bytes of an [answer](Airq::answer) to `out`, without the cache, in bounded memory and on several threads.
    /// The writer may be [`std::io::stdout()`], but not the lock of the standard output, which cannot be sent to another thread.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer), and the error of `out`. Part of the answer may have been written before an error.
    pub fn write(&self, query: &Query, format: Format, out: impl Write + Send) -> Result<Summary> {
        let query = &*self.ending_with_newest(query)?;
        // A page of records has the number of stations that follow.
        let counts_stations = format == Format::Records && query.row_limit().is_some();
        let needs_stations = query.needs_stations() || format.describes_stations() || counts_stations;
        let (stations, parameters) = if self.is_postponed && !needs_stations {
            (Arc::default(), self.repository.parameters()?)
        } else {
            let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
            (snapshot.stations.clone(), snapshot.parameters.clone())
        };
        let resolved = query.resolve(&stations, &parameters)?;
        load::check(&resolved, format)?;
        load::stream(&*self.repository, &stations, &resolved, format, out)
    }

    /// Returns the stations of the data set.
    ///
    /// # Errors
    /// If the repository cannot be reached and was not reached before.
    pub fn stations(&self) -> Result<Arc<Stations>> {
        Ok(self.snapshots.current(&*self.repository, &*self.observer)?.stations.clone())
    }

    /// Returns whether the measurements are simulated, as in the built-in sample.
    pub fn is_simulated(&self) -> bool {
        self.repository.is_simulated()
    }

    /// Returns the stations that a query selects by city, station, place and the time of their newest row.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer).
    pub fn stations_of(&self, query: &Query) -> Result<Stations> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let known = &snapshot.stations;
        Ok(match self.selected_stations(query)? {
            Some(ids) => ids.iter().filter_map(|id| known.get(id)).cloned().collect(),
            None => Stations::clone(known),
        })
    }

    /// Returns the parameters of the data set, in the order of columns.
    ///
    /// # Errors
    /// If the repository was never reached.
    pub fn parameters(&self) -> Result<Vec<Parameter>> {
        Ok(self.snapshots.current(&*self.repository, &*self.observer)?.parameters.clone())
    }

    /// Returns the account of the rows that were read from files, if the data come from files.
    pub fn account(&self) -> Option<Account> {
        self.repository.account()
    }

    /// Describes the values outside the plausible ranges of their parameters, an item for each parameter. Such values are kept. This
    /// reads all values of the data set.
    ///
    /// # Errors
    /// If the repository cannot be reached.
    pub fn implausible_values(&self) -> Result<Vec<String>> {
        self.repository.implausible_values()
    }

    /// Returns a description of the data set.
    ///
    /// # Errors
    /// If the repository cannot be reached.
    pub fn data_set(&self) -> Result<DataSet> {
        self.repository.data_set()
    }

    /// Returns the stations that a query selects, as [`stations_of`](Airq::stations_of), as a document in JSON, CSV (the columns of
    /// `stations.csv`) or GeoJSON.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer); [`ErrorKind::InvalidParameter`](crate::ErrorKind::InvalidParameter) for another format.
    pub fn stations_document(&self, query: &Query, format: Format) -> Result<Document> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let ids = self.selected_stations(query)?;
        documents::stations(&snapshot.stations, ids.as_deref(), format, &snapshot.version)
    }

    /// Returns the ids of the stations that a query selects by city, station and place, sorted; `None` for all stations.
    fn named_stations(&self, query: &Query) -> Result<Option<Vec<String>>> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        Ok(query.resolve(&snapshot.stations, &snapshot.parameters)?.selection.stations)
    }

    /// Returns the ids of the stations that a query selects, also by the time of their newest row, sorted; `None` for all stations.
    fn selected_stations(&self, query: &Query) -> Result<Option<Vec<String>>> {
        if query.range() == (None, None) {
            return self.named_stations(query);
        }
        let mut ids = Vec::new();
        self.answer(&query.clone().latest(), Format::Csv)?.for_each_row(|row| {
            ids.push(row.station().to_owned());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Some(ids))
    }

    /// Returns a station as a JSON document.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownStation`](crate::ErrorKind::UnknownStation) with the nearest ids.
    pub fn station_document(&self, id: &str) -> Result<Document> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        if let Some(station) = snapshot.stations.get(id) {
            return Ok(documents::station(station, &snapshot.version));
        }
        let issue = Issue::unknown("station", id, snapshot.stations.nearest_stations(id));
        Err(Error::parameters(ErrorKind::UnknownStation, vec![issue]))
    }

    /// Returns the cities as a JSON document.
    ///
    /// # Errors
    /// As [`stations`](Airq::stations).
    pub fn cities_document(&self) -> Result<Document> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        Ok(documents::cities(&snapshot.stations, &snapshot.version))
    }

    /// Returns the parameters as a JSON document.
    ///
    /// # Errors
    /// As [`parameters`](Airq::parameters).
    pub fn parameters_document(&self) -> Result<Document> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        Ok(documents::parameters(&snapshot.parameters, &snapshot.version))
    }

    /// Returns a description of the data set as a JSON document.
    ///
    /// # Errors
    /// As [`data_set`](Airq::data_set).
    pub fn data_set_document(&self) -> Result<Document> {
        Ok(documents::data_set(&self.data_set()?))
    }

    /// Returns the state of the connection pools of the source and of the cache.
    pub fn pools(&self) -> Vec<PoolState> {
        self.repository.pool().into_iter().chain(self.cache.pool()).collect()
    }

    /// Returns whether the engine can answer queries: see [`check_ready`](Airq::check_ready).
    pub fn is_ready(&self) -> bool {
        self.check_ready().is_ok()
    }

    /// Checks that the engine can answer queries: the repository can be reached now, or was reached before, and it has had the
    /// schema that this version reads.
    ///
    /// # Errors
    /// The reason: the error of the repository, or of [its schema](Repository::check_schema).
    pub fn check_ready(&self) -> Result<()> {
        // Migrations are never undone, so one success is enough.
        if !self.has_schema.load(Ordering::Relaxed) {
            self.repository.check_schema()?;
            self.has_schema.store(true, Ordering::Relaxed);
        }
        self.stations().map(drop)
    }
}
