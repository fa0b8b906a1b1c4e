//! The builder of an engine.

use super::Airq;
use super::snapshot::Snapshots;
use crate::cache::{self, Cache, CacheAside, MemoryBudget, Outage, Policy};
use crate::clock::Clock;
use crate::doctor;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::observe::{LogObserver, Observer};
use crate::repository::{self, Repository};
use crate::secret::SecretUrl;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const CHECK_EVERY: Duration = Duration::from_secs(1);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A builder of an [`Airq`]. Only the source has no default.
///
/// ```no_run
/// use airq_core::Airq;
/// use std::time::Duration;
/// let airq = Airq::builder()
///     .source("csv:measurements/?city=Madrid")
///     .cache("memory:256MiB")
///     .ttl(Duration::from_secs(600))
///     .build()?;
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct AirqBuilder {
    pub(super) source: Option<SecretUrl>,
    repository: Option<Arc<dyn Repository>>,
    pub(super) cache_url: Option<SecretUrl>,
    cache: Option<Arc<dyn Cache>>,
    pub(super) ttl: Option<Duration>,
    policy: Policy,
    check_every: Duration,
    retry_after: Duration,
    memory_budget: usize,
    clock: Clock,
    unlimited: bool,
    scans: bool,
    postpones: bool,
    #[cfg(feature = "formats")]
    input: crate::input::InputOptions,
    observer: Arc<dyn Observer>,
}

impl Default for AirqBuilder {
    fn default() -> Self {
        AirqBuilder {
            source: None,
            repository: None,
            cache_url: None,
            cache: None,
            ttl: None,
            policy: Policy::default(),
            check_every: CHECK_EVERY,
            retry_after: RETRY_AFTER,
            memory_budget: usize::MAX,
            clock: Clock::default(),
            unlimited: false,
            scans: false,
            postpones: false,
            #[cfg(feature = "formats")]
            input: crate::input::InputOptions::default(),
            observer: Arc::new(LogObserver::default()),
        }
    }
}

impl AirqBuilder {
    /// Sets the source by its URL:
    ///
    /// - a CSV file or a directory of CSV files, as a path or `csv:PATH?city=…&stations=…`
    /// - with the feature `postgres`, a database: `postgres://USER@HOST/DATABASE`
    /// - with the feature `http`, another airq server: `http://HOST[:PORT]` or `https://…`
    pub fn source(mut self, url: impl Into<String>) -> Self {
        self.source = Some(SecretUrl::new(url));
        self
    }

    /// Sets the options for reading the files of a source. Options in the URL of the source take precedence.
    #[cfg(feature = "formats")]
    pub fn input(mut self, options: crate::input::InputOptions) -> Self {
        self.input = options;
        self
    }

    /// Sets the repository: an implementation of your own, or a repository that is already open.
    pub fn repository(mut self, repository: impl Repository + 'static) -> Self {
        self.repository = Some(Arc::new(repository));
        self
    }

    /// Sets the cache by its URL: `memory:64MiB` (the default), `none:` or, with the feature `redis`, a Redis:
    /// `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` with TLS, `redis-cluster://HOST,HOST,…` and
    /// `rediss-cluster://…`.
    ///
    /// The settings of a Redis follow a `?`:
    ///
    /// | setting | meaning | default |
    /// |---|---|---|
    /// | `memory` | the size of the memory in front of the Redis, `0` for none | `64MiB` |
    /// | `connect-timeout` | the time limit for a connection in milliseconds | `250` |
    /// | `timeout` | the time limit for a command in milliseconds | `500` |
    /// | `pool` | the maximum number of connections | `16` |
    /// | `sslrootcert` | with TLS, a file of root certificates, which replace the certificates of the system | |
    ///
    /// While the Redis is down, queries are answered without it.
    pub fn cache(mut self, url: impl Into<String>) -> Self {
        self.cache_url = Some(SecretUrl::new(url));
        self
    }

    /// Sets a cache of your own. After three consecutive failures, the cache is not called for two seconds.
    pub fn cache_with(mut self, cache: impl Cache + 'static) -> Self {
        self.cache = Some(Arc::new(cache));
        self
    }

    /// Sets the time for which an answer is fresh: an hour by default, plus or minus 5 %. An answer without rows is fresh for
    /// at most a minute.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// Sets the time after [`ttl`](AirqBuilder::ttl) for which an answer may still be served if the source fails: a day by
    /// default.
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.policy.stale_for = time;
        self
    }

    /// Sets the interval of checks whether the data of the source have changed: a second by default. Answers show a change
    /// after this time at the latest.
    pub fn check_every(mut self, time: Duration) -> Self {
        self.check_every = time;
        self
    }

    /// Sets the time for which an unreachable source is not called again: a second by default. During this time, queries that
    /// need the source fail at once.
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// Sets the memory that answers may use while they are loaded and while an [`Answer`](crate::Answer) of them exists, in
    /// bytes: unlimited by default. A query whose answer needs more waits for up to a second, and then fails with
    /// [`ErrorKind::Overloaded`]. The memory of the cache is not part of the budget.
    pub fn memory_budget(mut self, bytes: usize) -> Self {
        self.memory_budget = bytes;
        self
    }

    /// Sets the clock of every time limit of the engine, for tests that set the clock forward.
    #[cfg(feature = "testing")]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the observer of events: by default, they are written to the `log` facade.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Removes the default time limit of queries, such as that of PostgreSQL, so that long answers can be
    /// [streamed](Airq::write). A limit in the URL of the source still applies.
    pub fn without_time_limit(mut self) -> Self {
        self.unlimited = true;
        self
    }

    /// Reads the files of a source again for each query instead of keeping their rows in memory, for programs with a single
    /// query. See [`CsvRepository::scan`](crate::repository::CsvRepository::scan).
    pub fn scan_files(mut self) -> Self {
        self.scans = true;
        self
    }

    /// Reads the rows of [scanned](AirqBuilder::scan_files) files when the first query needs them, so that
    /// [`write`](Airq::write) makes averages of all stations in one pass over the files. Errors of rows are then returned by the
    /// query, not by [`build`](AirqBuilder::build).
    pub fn postpone_reading(mut self) -> Self {
        self.postpones = true;
        self
    }

    /// Returns whether a source or a repository is set.
    pub fn has_source(&self) -> bool {
        self.source.is_some() || self.repository.is_some()
    }

    /// Returns the source as a database, for migrations and imports.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the source is not a valid URL of a PostgreSQL database.
    #[cfg(feature = "postgres")]
    pub fn database(self) -> Result<crate::import::Database> {
        match &self.source {
            Some(url) if repository::is_postgres(url) => crate::import::Database::of(url),
            _ => {
                let why = "this needs a database: give a source such as postgres://user@host/database";
                Err(Error::new(ErrorKind::InvalidSetting, why))
            }
        }
    }

    /// Builds the engine.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if there is no source or a URL is invalid; the error of opening the source.
    pub fn build(self) -> Result<Airq> {
        let repository = self.opened_repository()?;
        let cache = self.opened_cache()?;
        let policy = Policy { ttl: self.ttl.unwrap_or(self.policy.ttl), ..self.policy };
        let outage = Arc::new(Outage::new(self.retry_after, self.clock.clone()));
        Ok(Airq {
            repository,
            snapshots: Snapshots::new(self.check_every, outage.clone(), self.clock.clone()),
            cache: CacheAside::new(cache, policy, outage, self.observer.clone(), self.clock.clone()),
            budget: MemoryBudget::new(self.memory_budget),
            observer: self.observer,
            clock: self.clock,
            is_postponed: self.scans && self.postpones,
            has_schema: AtomicBool::new(false),
        })
    }

    /// Checks the source and the cache by using them, and returns the findings.
    ///
    /// `within` is the maximum age of the newest measurement. Without it, an age of more than a day is a warning. The checks
    /// change nothing except for an entry that the cache keeps for some seconds.
    pub fn examine(self, within: Option<Duration>) -> Vec<Finding> {
        let mut source = match self.opened_repository() {
            Ok(repository) => doctor::source(&*repository, within),
            Err(error) => vec![Finding::of_error("source", &error)],
        };
        let mut cache = match self.opened_cache() {
            Ok(cache) => doctor::cache(&*cache),
            Err(error) => vec![Finding::of_error("cache", &error)],
        };
        name(&mut source, self.source.as_ref());
        name(&mut cache, self.cache_url.as_ref().filter(|_| self.cache.is_none()));
        source.into_iter().chain(cache).collect()
    }

    fn opened_repository(&self) -> Result<Arc<dyn Repository>> {
        match (&self.repository, &self.source) {
            (Some(repository), _) => Ok(repository.clone()),
            (None, Some(url)) => repository::open(url, self.csv_options(), self.unlimited),
            (None, None) => {
                let why = "no source: give a CSV file, a directory of them, or a repository";
                Err(Error::new(ErrorKind::InvalidSetting, why))
            }
        }
    }

    fn csv_options(&self) -> repository::CsvOptions {
        let options = repository::CsvOptions::default().scanning(self.scans).postponed(self.postpones);
        #[cfg(feature = "formats")]
        let options = options.input(self.input.clone());
        options
    }

    fn opened_cache(&self) -> Result<Arc<dyn Cache>> {
        match (&self.cache, &self.cache_url) {
            (Some(own), _) => Ok(cache::guarded(own.clone(), &self.observer, &self.clock)),
            (None, Some(url)) => cache::open(url, &self.observer, &self.clock),
            (None, None) => cache::open(&SecretUrl::new(cache::DEFAULT_URL), &self.observer, &self.clock),
        }
    }
}

/// Adds the URL of the source or the cache to the first finding.
fn name(findings: &mut [Finding], url: Option<&SecretUrl>) {
    if let (Some(first), Some(url)) = (findings.first_mut(), url) {
        first.found = format!("{url} – {}", first.found);
    }
}
