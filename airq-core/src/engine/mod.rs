//! The façade: a repository, an encoder and a cache.

mod answer;
mod builder;
mod environment;
mod load;
mod pipeline;
mod rows;
mod snapshot;

use crate::cache::{CacheAside, Key, Made};
use crate::clock::Clock;
use crate::documents::{self, Document};
use crate::encode::Summary;
use crate::error::Result;
use crate::format::Format;
use crate::model::Stations;
use crate::observe::Observer;
use crate::pool::PoolState;
use crate::query::{Query, Resolved};
use crate::repository::{DataSet, Repository};
pub use answer::Answer;
pub use builder::AirqBuilder;
use snapshot::{Snapshot, Snapshots};
use std::io::Write;
use std::sync::Arc;

/// The engine: answers queries from a source, through a cache.
///
/// Cheap to share between threads by reference or `Arc`. All calls block; do not call them from async code.
///
/// ```
/// use airq_core::{Airq, CsvRepository, Format, Query};
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
    aside: CacheAside,
    observer: Arc<dyn Observer>,
    clock: Clock,
}

impl Airq {
    /// Opens a source with everything else by default: answers kept in 64 MiB of memory for an hour.
    ///
    /// A source is a CSV file or a directory of them, or whatever else [`AirqBuilder::source`] takes. Stations are described by
    /// `stations.csv` beside the data.
    ///
    /// # Errors
    /// If the source cannot be opened or read; [`Error::position`](crate::Error::position) says where.
    ///
    /// ```no_run
    /// let airq = airq_core::Airq::open("fixtures/environment_airq_measurand.csv")?;
    /// # Ok::<(), airq_core::Error>(())
    /// ```
    pub fn open(source: &str) -> Result<Airq> {
        Airq::builder().source(source).build()
    }

    /// A builder to choose the source, the cache and the rest.
    pub fn builder() -> AirqBuilder {
        AirqBuilder::default()
    }

    /// The answer to a query: from the cache, or made and kept. Many threads that miss the same answer make it once.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) for an unknown city or station; whatever the repository failed
    /// with, if there is not even a stale answer to serve.
    pub fn answer(&self, query: &Query, format: Format) -> Result<Answer> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let resolved = query.resolve(&snapshot.stations)?;
        load::check(&resolved, format)?;
        let key = Key::new(format, &snapshot.version, &resolved.canonical());
        let lookup = self.aside.answer(&key, || self.load(query, &snapshot, &resolved, format))?;
        Ok(Answer::new(lookup, format, &resolved, self.observer.clone(), self.clock.clone()))
    }

    /// Makes the answer. If the data set has changed since the snapshot, a city may have other stations now: once more then.
    fn load(&self, query: &Query, snapshot: &Arc<Snapshot>, resolved: &Resolved, format: Format) -> Result<Made> {
        let (repository, observer) = (&*self.repository, &*self.observer);
        let (made, version) = load::load(repository, snapshot, resolved, format, observer)?;
        if version == snapshot.version {
            return Ok(made);
        }
        let newer = self.snapshots.renewed(repository, observer, snapshot);
        let resolved = query.resolve(&newer.stations)?;
        load::load(repository, &newer, &resolved, format, observer).map(|(made, _)| made)
    }

    /// Streams the same bytes into `out`, past the cache, in bounded memory however long the answer is.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer), and what `out` fails with. What was written before stays written.
    pub fn write(&self, query: &Query, format: Format, out: impl Write) -> Result<Summary> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let resolved = query.resolve(&snapshot.stations)?;
        load::check(&resolved, format)?;
        load::stream(&*self.repository, &snapshot.stations, &resolved, format, out)
    }

    /// The stations of the data set.
    ///
    /// # Errors
    /// If the repository was never reached.
    pub fn stations(&self) -> Result<Arc<Stations>> {
        Ok(self.snapshots.current(&*self.repository, &*self.observer)?.stations.clone())
    }

    /// The stations that a query's cities, stations and places select.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer).
    pub fn stations_of(&self, query: &Query) -> Result<Stations> {
        let known = self.stations()?;
        Ok(match query.resolve(&known)?.selection.stations {
            Some(ids) => Stations::new(ids.iter().filter_map(|id| known.find(id)).cloned()),
            None => Stations::clone(&known),
        })
    }

    /// What the data set holds.
    ///
    /// # Errors
    /// If the repository cannot be reached.
    pub fn data_set(&self) -> Result<DataSet> {
        self.repository.data_set()
    }

    /// The stations, all or those a query's cities, stations and places select, as a JSON document.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer).
    pub fn stations_document(&self, query: &Query) -> Result<Document> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let selection = query.resolve(&snapshot.stations)?.selection;
        Ok(documents::stations(&snapshot.stations, selection.stations.as_deref(), &snapshot.version))
    }

    /// The cities, as a JSON document.
    ///
    /// # Errors
    /// As [`stations`](Airq::stations).
    pub fn cities_document(&self) -> Result<Document> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        Ok(documents::cities(&snapshot.stations, &snapshot.version))
    }

    /// What the data set holds, as a JSON document.
    ///
    /// # Errors
    /// As [`data_set`](Airq::data_set).
    pub fn data_set_document(&self) -> Result<Document> {
        Ok(documents::data_set(&self.data_set()?))
    }

    /// How the pools of connections are doing: of the source and of the cache, as far as they have one.
    pub fn pools(&self) -> Vec<PoolState> {
        self.repository.pool().into_iter().chain(self.aside.pool()).collect()
    }

    /// Whether it can answer at all: the repository was reached at least once.
    pub fn is_ready(&self) -> bool {
        self.stations().is_ok()
    }
}
