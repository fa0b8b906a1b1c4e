//! Snapshots of the data set: its version, stations and parameters, which are checked for changes at intervals.

use crate::cache::{FlightRole, Key, Outage, SingleFlight};
use crate::clock::Clock;
use crate::deadline;
use crate::error::{Error, Result};
use crate::memo::Memo;
use crate::model::{Parameter, Stations};
use crate::observe::{Observation, Observer};
use crate::query::{Query, Resolved};
use crate::repository::{Catalogue, Repository};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// The number of former versions with answers that may be served while the repository fails.
const EARLIER: usize = 3;

/// The maximum time of a check if there is a snapshot: answers of the cache must not wait longer than two seconds.
const CHECK_LIMIT: Duration = Duration::from_millis(1800);

/// The version and the stations of the data set at one time.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) version: String,
    /// The earlier versions that this process has seen, newest first.
    pub(super) earlier: Vec<String>,
    pub(super) stations: Arc<Stations>,
    pub(super) parameters: Vec<Parameter>,
    prepared: Memo<Query, PreparedQuery>,
}

/// A query resolved against a snapshot, with its canonical form.
#[derive(Debug)]
pub(super) struct PreparedQuery {
    pub(super) resolved: Resolved,
    pub(super) canonical: String,
}

impl Snapshot {
    /// Returns a query resolved against this snapshot. Recent queries are kept, because resolving a query takes longer than looking
    /// up its answer in the cache.
    ///
    /// # Errors
    /// As [`Query::resolve`].
    pub(super) fn prepare(&self, query: &Query) -> Result<Arc<PreparedQuery>> {
        if let Some(prepared) = self.prepared.get(query) {
            return Ok(prepared);
        }
        let resolved = query.resolve(&self.stations, &self.parameters)?;
        let prepared = Arc::new(PreparedQuery { canonical: resolved.canonical(), resolved });
        // A place may select all stations of a country.
        if prepared.resolved.selection.stations.as_ref().is_none_or(|ids| ids.len() <= Query::MAX_LIST) {
            self.prepared.insert(query.clone(), prepared.clone());
        }
        Ok(prepared)
    }

    /// Returns the keys of an answer for the former versions.
    pub(super) fn earlier_keys(&self, key: impl Fn(&str) -> Key) -> Vec<Key> {
        self.earlier.iter().map(|version| key(version)).collect()
    }
}

/// Checks the data set for changes at intervals. Keeps the last snapshot while the repository cannot be reached.
#[derive(Debug)]
pub(super) struct Snapshots {
    every: Duration,
    outage: Arc<Outage>,
    clock: Clock,
    latest: RwLock<Option<(Instant, Arc<Snapshot>)>>,
    flights: SingleFlight<(), Arc<Snapshot>>,
    /// True if the last check failed.
    has_failed: AtomicBool,
}

impl Snapshots {
    /// Returns snapshots that are checked after the interval `every`.
    pub(super) fn new(every: Duration, outage: Arc<Outage>, clock: Clock) -> Self {
        Snapshots {
            every,
            outage,
            clock,
            latest: RwLock::new(None),
            flights: SingleFlight::default(),
            has_failed: AtomicBool::new(false),
        }
    }

    /// Returns the current snapshot. When the interval has passed, one thread checks the data set, and the others use the last
    /// snapshot meanwhile.
    ///
    /// # Errors
    /// The error of the repository, if there is no snapshot yet.
    pub(super) fn current(&self, repository: &dyn Repository, observer: &dyn Observer) -> Result<Arc<Snapshot>> {
        loop {
            let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some((_, snapshot)) = latest.as_ref().filter(|(at, _)| self.clock.since(*at) < self.every) {
                return Ok(snapshot.clone());
            }
            let latest = latest.map(|(_, snapshot)| snapshot);
            match (self.flights.join(&()), latest) {
                (FlightRole::Leader(leader), latest) => return leader.finish(self.check(repository, observer, latest)),
                (FlightRole::Follower(_), Some(latest)) => return Ok(latest),
                (FlightRole::Follower(follower), None) => {
                    if let Some(outcome) = follower.wait() {
                        return outcome;
                    }
                }
            }
        }
    }

    /// Checks the data set now, for a caller that knows that `outdated` is outdated. Returns `outdated` if the check fails.
    pub(super) fn refresh(
        &self,
        repository: &dyn Repository,
        observer: &dyn Observer,
        outdated: &Arc<Snapshot>,
    ) -> Arc<Snapshot> {
        self.check(repository, observer, Some(outdated.clone())).unwrap_or_else(|_| outdated.clone())
    }

    fn report(&self, observer: &dyn Observer, failure: Option<&Error>) {
        let had_failed = self.has_failed.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) => observer.observe(&Observation::LookFailed { error }),
            None if had_failed => observer.observe(&Observation::LookRecovered),
            None => {}
        }
    }

    fn check(
        &self,
        repository: &dyn Repository,
        observer: &dyn Observer,
        latest: Option<Arc<Snapshot>>,
    ) -> Result<Arc<Snapshot>> {
        let checked = match self.outage.check() {
            Ok(()) => {
                let outcome = self.outage.watch(|| match &latest {
                    Some(latest) => deadline::within(CHECK_LIMIT, || read(repository, observer, Some(latest))),
                    None => read(repository, observer, None),
                });
                self.report(observer, outcome.as_ref().err());
                outcome
            }
            // The outage was reported when it was found.
            Err(outage) => Err(outage),
        };
        let snapshot = checked.or_else(|error| latest.ok_or(error))?;
        let mut slot = self.latest.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some((self.clock.now(), snapshot.clone()));
        Ok(snapshot)
    }
}

/// Returns the earlier versions of the version that follows `latest`.
fn earlier_versions(latest: &Snapshot) -> Vec<String> {
    let versions = std::iter::once(&latest.version).chain(&latest.earlier);
    versions.take(EARLIER).cloned().collect()
}

/// Reads the version, and the stations if the version has changed.
fn read(repository: &dyn Repository, observer: &dyn Observer, latest: Option<&Arc<Snapshot>>) -> Result<Arc<Snapshot>> {
    let version = repository.version()?;
    if let Some(same) = latest.filter(|latest| latest.version == version) {
        return Ok(same.clone());
    }
    let Catalogue { version, stations, parameters } = repository.catalogue()?;
    // A source of several servers may state a new version before it has new stations.
    if let Some(same) = latest.filter(|latest| latest.version == version) {
        return Ok(same.clone());
    }
    observer.observe(&Observation::DataSetChanged { version: &version });
    let earlier = match latest {
        Some(latest) => earlier_versions(latest),
        None => Vec::new(),
    };
    Ok(Arc::new(Snapshot { version, earlier, stations: Arc::new(stations), parameters, prepared: Memo::default() }))
}
