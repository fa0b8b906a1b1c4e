//! What is known of the data set between two looks at it: its version and its stations.

use crate::cache::{Outage, Role, SingleFlight};
use crate::clock::Clock;
use crate::error::Result;
use crate::model::Stations;
use crate::observe::{Observation, Observer};
use crate::repository::Repository;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// The data set at the last look.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) version: String,
    pub(super) stations: Arc<Stations>,
}

/// Looks at the data set again once a while; keeps the last snapshot while the repository is away.
#[derive(Debug)]
pub(super) struct Snapshots {
    every: Duration,
    outage: Arc<Outage>,
    clock: Clock,
    latest: RwLock<Option<(Instant, Arc<Snapshot>)>>,
    flights: SingleFlight<(), Arc<Snapshot>>,
}

impl Snapshots {
    /// Creates snapshots that are at most this old while the repository can be reached.
    pub(super) fn new(every: Duration, outage: Arc<Outage>, clock: Clock) -> Self {
        Snapshots { every, outage, clock, latest: RwLock::new(None), flights: SingleFlight::default() }
    }

    /// The snapshot to answer by. One thread looks when it is time; the others go on with what there is.
    ///
    /// # Errors
    /// That of the repository, if it was never reached.
    pub(super) fn current(&self, repository: &dyn Repository, observer: &dyn Observer) -> Result<Arc<Snapshot>> {
        loop {
            let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some((_, snapshot)) = latest.as_ref().filter(|(at, _)| self.clock.since(*at) < self.every) {
                return Ok(snapshot.clone());
            }
            let latest = latest.map(|(_, snapshot)| snapshot);
            match (self.flights.join(&()), latest) {
                (Role::Leader(leader), latest) => return leader.land(self.look(repository, observer, latest)),
                (Role::Follower(_), Some(latest)) => return Ok(latest),
                (Role::Follower(follower), None) => {
                    if let Some(outcome) = follower.wait() {
                        return outcome;
                    }
                }
            }
        }
    }

    /// A snapshot from now, for who has seen that this one is of before; this one, if none can be had.
    pub(super) fn renewed(
        &self,
        repository: &dyn Repository,
        observer: &dyn Observer,
        seen: &Arc<Snapshot>,
    ) -> Arc<Snapshot> {
        self.look(repository, observer, Some(seen.clone())).unwrap_or_else(|_| seen.clone())
    }

    fn look(
        &self,
        repository: &dyn Repository,
        observer: &dyn Observer,
        latest: Option<Arc<Snapshot>>,
    ) -> Result<Arc<Snapshot>> {
        // An outage that is known has been told of.
        let looked = self.outage.check().and_then(|()| {
            let read = self.outage.watch(|| read(repository, observer, latest.as_ref()));
            read.inspect_err(|error| observer.observe(&Observation::LookFailed { error }))
        });
        let snapshot = looked.or_else(|error| latest.ok_or(error))?;
        let mut slot = self.latest.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some((self.clock.now(), snapshot.clone()));
        Ok(snapshot)
    }
}

/// The data set as it is now; the stations are read only when the version has moved.
fn read(repository: &dyn Repository, observer: &dyn Observer, latest: Option<&Arc<Snapshot>>) -> Result<Arc<Snapshot>> {
    let version = repository.version()?;
    if let Some(same) = latest.filter(|latest| latest.version == version) {
        return Ok(same.clone());
    }
    let stations = Arc::new(repository.stations()?);
    observer.observe(&Observation::DataSetChanged { version: &version });
    Ok(Arc::new(Snapshot { version, stations }))
}
