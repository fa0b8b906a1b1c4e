//! Events of the engine for logs and metrics.

mod failure_log;

use crate::error::{Error, ErrorKind};
use crate::format::Format;
use failure_log::{FailureLog, Report};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An event of the engine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Observation<'a> {
    /// An answer was looked up in a cache.
    #[non_exhaustive]
    Lookup {
        /// The name of the cache.
        tier: &'static str,
        /// The result of the lookup.
        outcome: Outcome,
    },
    /// An operation of a cache failed. The query is answered without the cache.
    #[non_exhaustive]
    CacheFailed {
        /// The name of the cache.
        tier: &'static str,
        /// The operation: `lookup`, `store` or `lease`.
        operation: &'static str,
        /// The error of the cache.
        error: &'a Error,
        /// True for the first failure since the operation last worked.
        first: bool,
    },
    /// An operation of a cache works again after failures.
    #[non_exhaustive]
    CacheRecovered {
        /// The name of the cache.
        tier: &'static str,
        /// The operation: `lookup`, `store` or `lease`.
        operation: &'static str,
    },
    /// The circuit breaker of a cache was opened or closed. Also reported, as closed, for each cache with a breaker when an
    /// engine is built.
    #[non_exhaustive]
    BreakerTurned {
        /// The name of the cache.
        tier: &'static str,
        /// True if the breaker is open, so that the cache is not called.
        open: bool,
    },
    /// An entry of a cache could not be decoded. It counts as a miss and is replaced.
    #[non_exhaustive]
    EntryUnreadable {
        /// The name of the cache.
        tier: &'static str,
        /// The error of the entry.
        error: &'a Error,
    },
    /// An answer was loaded from the repository.
    #[non_exhaustive]
    Loaded {
        /// The format of the answer.
        format: Format,
        /// The number of rows.
        rows: u64,
        /// The size before compression.
        bytes: usize,
        /// The times of the load, without compression.
        timing: Timing,
    },
    /// An answer was compressed, when its compressed form was first requested.
    #[non_exhaustive]
    Compressed {
        /// The size before compression.
        bytes: usize,
        /// The time that the compression took.
        took: Duration,
    },
    /// An answer could not be loaded from the repository.
    #[non_exhaustive]
    LoadFailed {
        /// The error of the repository.
        error: &'a Error,
        /// True if a stale answer was served instead.
        stale_served: bool,
    },
    /// The check whether the data set has changed failed. Queries are answered with the last known version.
    #[non_exhaustive]
    LookFailed {
        /// The error of the repository.
        error: &'a Error,
    },
    /// A check whether the data set has changed was successful, after checks that failed.
    LookRecovered,
    /// The version of the data set has changed.
    #[non_exhaustive]
    DataSetChanged {
        /// The new version.
        version: &'a str,
    },
}

/// The result of a lookup in a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The cache has a fresh entry.
    Hit,
    /// The cache has an entry past its time to live, which may be served if the repository fails.
    Stale,
    /// The cache has no entry.
    Miss,
}

/// The time of each step of a load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// The time in the repository, without the encoding of its rows.
    pub repository: Duration,
    /// The time for the conversion of CSV to the format of the answer.
    pub reshape: Duration,
    /// The time for the compression of the answer, if it was compressed.
    pub compress: Duration,
}

/// A receiver of events. It is called on the thread of the event, so it must return fast and must not panic.
pub trait Observer: Debug + Send + Sync {
    /// Handles an event.
    fn observe(&self, observation: &Observation<'_>);
}

/// The default observer of an [`Airq`](crate::Airq), which writes to the `log` facade.
///
/// Failed loads, failed checks and unreadable entries are a line when they begin, and a count each minute while they continue. A cache
/// is a line when an operation begins to fail. Loads, checks and operations of a cache are a line when they work again.
#[derive(Debug, Default)]
pub struct LogObserver {
    /// Failed loads by the kind of their errors.
    loads: Mutex<Vec<(ErrorKind, Arc<FailureLog>)>>,
    looks: FailureLog,
    unreadable: FailureLog,
}

impl LogObserver {
    fn loads_of(&self, kind: ErrorKind) -> Arc<FailureLog> {
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, log)) = loads.iter().find(|(known, _)| *known == kind) {
            return log.clone();
        }
        let log = Arc::new(FailureLog::default());
        loads.push((kind, log.clone()));
        log
    }

    fn load_failed(&self, error: &Error) {
        if error.is_invalid_input() || error.is_not_found() {
            log::debug!("load refused: {error:#}");
            return;
        }
        match self.loads_of(error.kind()).failed(Instant::now()) {
            Some(Report::First) => log::error!("answers cannot be loaded, they are stale or missing: {error:#}"),
            Some(Report::Count(number)) => {
                log::error!("{number} more answers could not be loaded since the last line: {error:#}");
            }
            None => log::debug!("load failed: {error:#}"),
        }
    }

    fn load_worked(&self) {
        let loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        for number in loads.iter().filter_map(|(_, log)| log.worked(Instant::now())) {
            log::info!("answers are loaded again, after {number} failed loads");
        }
    }

    fn look_failed(&self, error: &Error) {
        match self.looks.failed(Instant::now()) {
            Some(Report::First) => log::warn!("cannot check whether the data set has changed: {error:#}"),
            Some(Report::Count(number)) => {
                log::warn!(
                    "{number} more checks whether the data set has changed failed since the last line: {error:#}"
                );
            }
            None => log::debug!("cannot check whether the data set has changed: {error:#}"),
        }
    }

    fn unreadable(&self, tier: &str, error: &Error) {
        match self.unreadable.failed(Instant::now()) {
            Some(Report::First) => log::warn!("cache {tier}: {error:#}"),
            Some(Report::Count(number)) => log::warn!("cache {tier}: {number} more entries, the last: {error:#}"),
            None => log::debug!("cache {tier}: {error:#}"),
        }
    }
}

impl Observer for LogObserver {
    fn observe(&self, observation: &Observation<'_>) {
        match observation {
            Observation::Lookup { tier, outcome } => log::trace!("cache {tier}: {outcome:?}"),
            Observation::CacheFailed { tier, operation, error, first: true } => {
                log::warn!("cache {tier}: {operation} fails, answers come without it: {error:#}");
            }
            Observation::CacheFailed { tier, operation, error, .. } => {
                log::debug!("cache {tier}: {operation} failed again: {error:#}");
            }
            Observation::CacheRecovered { tier, operation } => log::info!("cache {tier}: {operation} works again"),
            Observation::BreakerTurned { tier, open: true } => log::debug!("cache {tier}: circuit breaker open"),
            Observation::BreakerTurned { tier, .. } => log::debug!("cache {tier}: circuit breaker closed"),
            Observation::EntryUnreadable { tier, error } => self.unreadable(tier, error),
            Observation::Loaded { format, rows, bytes, timing } => {
                log::debug!("loaded {rows} rows as {format}, {bytes} bytes: {timing:?}");
                self.load_worked();
            }
            Observation::Compressed { bytes, took } => log::debug!("compressed {bytes} bytes in {took:?}"),
            Observation::LoadFailed { error, .. } => self.load_failed(error),
            Observation::LookFailed { error } => self.look_failed(error),
            Observation::LookRecovered => {
                if let Some(number) = self.looks.worked(Instant::now()) {
                    log::info!("the data set can be checked for changes again, after {number} failed checks");
                }
            }
            Observation::DataSetChanged { version } => log::info!("data set is now {version}"),
        }
    }
}
