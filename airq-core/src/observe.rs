//! What happens inside, told to whoever listens: logs and metrics are sinks of one [`Observation`].

use crate::error::Error;
use crate::format::Format;
use std::fmt::Debug;
use std::time::Duration;

/// Something that happened on the way of the data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Observation<'a> {
    /// A cache was asked.
    #[non_exhaustive]
    Lookup {
        /// The cache's name.
        tier: &'static str,
        /// What it had.
        outcome: Outcome,
    },
    /// A cache could not be asked or written; the answer comes without it.
    #[non_exhaustive]
    CacheFailed {
        /// The cache's name.
        tier: &'static str,
        /// `lookup`, `store` or `lease`.
        operation: &'static str,
        /// Why.
        error: &'a Error,
        /// Whether it worked before: the ones that follow are no news.
        first: bool,
    },
    /// A cache that had failed works again.
    #[non_exhaustive]
    CacheRecovered {
        /// The cache's name.
        tier: &'static str,
        /// What works again: `lookup`, `store` or `lease`.
        operation: &'static str,
    },
    /// A cache that failed time and again is left alone for a moment, or has answered again. Also told, as not open, of
    /// each cache that may fail when an engine begins.
    #[non_exhaustive]
    BreakerTurned {
        /// The cache's name.
        tier: &'static str,
        /// Whether the cache is left alone.
        open: bool,
    },
    /// What a cache has under a key is no entry of ours; it counts as none and is replaced.
    #[non_exhaustive]
    EntryUnreadable {
        /// The cache's name.
        tier: &'static str,
        /// What is wrong with it.
        error: &'a Error,
    },
    /// An answer was made from the repository.
    #[non_exhaustive]
    Loaded {
        /// Its format.
        format: Format,
        /// Its rows.
        rows: u64,
        /// Its size before compression.
        bytes: usize,
        /// Where the time went. It is not compressed yet.
        timing: Timing,
    },
    /// An answer was compressed: the first time that somebody wanted it so.
    #[non_exhaustive]
    Compressed {
        /// Its size before that.
        bytes: usize,
        /// The time it took.
        took: Duration,
    },
    /// The repository could not answer.
    #[non_exhaustive]
    LoadFailed {
        /// Why.
        error: &'a Error,
        /// Whether a stale answer was served in its place.
        stale_served: bool,
    },
    /// The repository could not say whether its data set has changed: answers go on being of the one that is known.
    #[non_exhaustive]
    LookFailed {
        /// Why.
        error: &'a Error,
    },
    /// The data set's version was asked and has changed.
    #[non_exhaustive]
    DataSetChanged {
        /// The new version.
        version: &'a str,
    },
}

/// What a cache had under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// A fresh entry.
    Hit,
    /// An entry past its time to live, kept for when the repository fails.
    Stale,
    /// Nothing.
    Miss,
}

/// Where the time of a load went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// In the repository, without what its rows cost further on.
    pub repository: Duration,
    /// Turning CSV into the answer's format.
    pub reshape: Duration,
    /// Compressing the answer, if that was done.
    pub compress: Duration,
}

/// Listens to what happens. Called on the thread it happens on: be quick and do not panic.
pub trait Observer: Debug + Send + Sync {
    /// Takes note of it.
    fn observe(&self, observation: &Observation<'_>);
}

/// The observer an [`Airq`](crate::Airq) has unless told otherwise: writes to the `log` facade.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct LogObserver;

impl Observer for LogObserver {
    fn observe(&self, observation: &Observation<'_>) {
        match observation {
            Observation::Lookup { tier, outcome } => log::trace!("cache {tier}: {outcome:?}"),
            Observation::CacheFailed { tier, operation, error, first: true } => {
                log::warn!("cache {tier}: {operation} fails, answers come without it: {error}");
            }
            Observation::CacheFailed { tier, operation, error, .. } => {
                log::debug!("cache {tier}: {operation} failed again: {error}");
            }
            Observation::CacheRecovered { tier, operation } => log::info!("cache {tier}: {operation} works again"),
            Observation::BreakerTurned { tier, open } => log::debug!("cache {tier}: left alone: {open}"),
            Observation::EntryUnreadable { tier, error } => log::warn!("cache {tier}: {error}"),
            Observation::Loaded { format, rows, bytes, timing } => {
                log::debug!("loaded {rows} rows as {format}, {bytes} bytes: {timing:?}");
            }
            Observation::Compressed { bytes, took } => log::debug!("compressed {bytes} bytes in {took:?}"),
            Observation::LoadFailed { error, stale_served: true } => {
                log::warn!("load failed, a stale answer was served: {error}");
            }
            Observation::LoadFailed { error, .. } => log::error!("load failed: {error}"),
            Observation::LookFailed { error } => log::warn!("cannot see whether the data set has changed: {error}"),
            Observation::DataSetChanged { version } => log::info!("data set is now {version}"),
        }
    }
}
