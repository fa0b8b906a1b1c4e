//! How an engine is put together.

use super::Airq;
use super::snapshot::Snapshots;
use crate::cache::{self, Cache, CacheAside, Outage, Policy};
use crate::clock::Clock;
use crate::doctor;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::observe::{LogObserver, Observer};
use crate::repository::{self, Repository};
use crate::secret::SecretUrl;
use std::sync::Arc;
use std::time::Duration;

const CHECK_EVERY: Duration = Duration::from_secs(1);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Puts an [`Airq`] together: at least a source, the rest by default.
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
    clock: Clock,
    unlimited: bool,
    scans: bool,
    #[cfg(feature = "formats")]
    input: crate::InputOptions,
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
            clock: Clock::default(),
            unlimited: false,
            scans: false,
            #[cfg(feature = "formats")]
            input: crate::InputOptions::default(),
            observer: Arc::new(LogObserver),
        }
    }
}

impl AirqBuilder {
    /// The source by its URL: a CSV file or a directory of them, as a path or `csv:PATH?city=…&stations=…`; with the
    /// feature `postgres`, a database as `postgres://USER@HOST/DATABASE`; with the feature `http`, another airq server as
    /// `http://HOST[:PORT]` or `https://…`.
    pub fn source(mut self, url: impl Into<String>) -> Self {
        self.source = Some(SecretUrl::new(url));
        self
    }

    /// How the files of a source are read, unless its URL says otherwise.
    #[cfg(feature = "formats")]
    pub fn input(mut self, options: crate::InputOptions) -> Self {
        self.input = options;
        self
    }

    /// A repository of your own, or one you opened yourself.
    pub fn repository(mut self, repository: impl Repository + 'static) -> Self {
        self.repository = Some(Arc::new(repository));
        self
    }

    /// The cache by its URL: `memory:64MiB` (the default), `none:` or, with the feature `redis`, a Redis:
    /// `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://…` with TLS, `redis-cluster://HOST,HOST,…` and
    /// `rediss-cluster://…`.
    ///
    /// A Redis takes settings behind a `?`: `memory` (how much memory stands in front of it: `64MiB`; `0` for none),
    /// `connect-timeout` and `timeout` (milliseconds: `250` and `500`), `pool` (connections at most: `16`), and with TLS
    /// `sslrootcert` (a file of certificates to trust in place of the system's). It need not be up: answers come without
    /// it while it is not.
    pub fn cache(mut self, url: impl Into<String>) -> Self {
        self.cache_url = Some(SecretUrl::new(url));
        self
    }

    /// A cache of your own. Once it fails three times in a row, it is left alone for a moment.
    pub fn cache_with(mut self, cache: impl Cache + 'static) -> Self {
        self.cache = Some(Arc::new(cache));
        self
    }

    /// How long an answer is fresh: an hour by default, give or take 5 %. An empty answer is at most a minute.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// How long past that an answer may be served when the source fails: a day by default.
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.policy.stale_for = time;
        self
    }

    /// Sets how often the source is asked whether its data have changed: at most once a second by default. Answers show
    /// a change after this time at the latest.
    pub fn check_every(mut self, time: Duration) -> Self {
        self.check_every = time;
        self
    }

    /// Sets how long a source that was unreachable is not asked again: a second by default. Queries that need the source
    /// fail at once during this time.
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// Sets the clock of every time limit of the engine, for tests that set the clock forward.
    #[cfg(feature = "testing")]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Who is told what happens: the `log` facade by default.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// No time limit on queries where a source has one by default, as PostgreSQL has: for answers that are
    /// [streamed](Airq::write), however long they are. A limit that the source's URL sets stays.
    pub fn without_time_limit(mut self) -> Self {
        self.unlimited = true;
        self
    }

    /// Reads the files of a source again for each query, in place of keeping their rows in memory: for a program that asks one
    /// question. See [`CsvRepository::scan`](crate::CsvRepository::scan).
    pub fn scan_files(mut self) -> Self {
        self.scans = true;
        self
    }

    /// Whether it has been told where measurements come from.
    pub fn has_source(&self) -> bool {
        self.source.is_some() || self.repository.is_some()
    }

    /// The source as a database to migrate and to import into, in place of an engine that reads it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the source is not the URL of a PostgreSQL database, or cannot be used.
    #[cfg(feature = "postgres")]
    pub fn database(self) -> Result<crate::Database> {
        match &self.source {
            Some(url) if repository::is_postgres(url) => crate::Database::of(url),
            _ => {
                let why = "this needs a database: give a source such as postgres://user@host/database";
                Err(Error::new(ErrorKind::InvalidSetting, why))
            }
        }
    }

    /// The engine.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if there is no source or a URL cannot be used; what opening the source failed with.
    pub fn build(self) -> Result<Airq> {
        let (repository, cache) = (self.opened_repository()?, self.opened_cache()?);
        let policy = Policy { ttl: self.ttl.unwrap_or(self.policy.ttl), ..self.policy };
        let outage = Arc::new(Outage::new(self.retry_after, self.clock.clone()));
        Ok(Airq {
            repository,
            snapshots: Snapshots::new(self.check_every, outage.clone(), self.clock.clone()),
            aside: CacheAside::new(cache, policy, outage, self.observer.clone(), self.clock.clone()),
            observer: self.observer,
            clock: self.clock,
        })
    }

    /// What is right and what is wrong with the source and the cache, found out by asking them; `within` is how old the
    /// newest measurement may be, a warning tells of more than a day if it is not said. Nothing is changed, but that the
    /// cache keeps an entry of its own for some seconds.
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
        let options = repository::CsvOptions::default().scanning(self.scans);
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

/// The first finding says which source or cache it is about.
fn name(findings: &mut [Finding], url: Option<&SecretUrl>) {
    if let (Some(first), Some(url)) = (findings.first_mut(), url) {
        first.found = format!("{url} – {}", first.found);
    }
}
