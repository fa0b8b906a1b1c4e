//! A bounded number of connections, shared by all threads.

use super::connection::{Connected, Target};
use super::settings::Settings;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::{PoolState, Queue};
use ::redis::{Cmd, FromRedisValue, RedisError, RedisResult, ServerErrorKind, Value};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Hands out connections. A connection that failed is never used again.
///
/// What the pool holds are [`Link`]s that connect when they are first used, in the thread that uses them: so it never tries
/// in the background to reach a Redis that is down, and the one who asks is told at once.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    links: r2d2::Pool<Links>,
    queue: Arc<Queue>,
    /// How many links are connected.
    open: Arc<AtomicU32>,
    target: Arc<Target>,
    patience: Duration,
}

impl Pool {
    /// Connects to nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] for settings that cannot be used.
    pub(super) fn open(settings: Settings) -> Result<Self> {
        let patience = settings.connect_timeout;
        let links = r2d2::Pool::builder()
            .max_size(settings.pool)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(Some(Duration::from_secs(300)))
            .build_unchecked(Links);
        let (queue, open) = (Arc::default(), Arc::default());
        Ok(Pool { links, queue, open, target: Arc::new(Target::new(settings)?), patience })
    }

    /// What Redis answers to the command.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if it does not answer in time, [`ErrorKind::Io`] if it refuses.
    pub(super) fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut link = self
            .queue
            .take(&self.links, self.patience)
            .map_err(|error| Error::with_source(ErrorKind::Unavailable, "every connection to Redis is busy", error))?;
        let used_before = link.0.is_some();
        let answer = match self.ask_by(&mut link, command) {
            // Redis was started anew since: a new connection may do.
            Err(error) if used_before && error.is_connection_dropped() => self.ask_by(&mut link, command),
            answer => answer,
        };
        answer.and_then(|value| T::from_redis_value(value).map_err(RedisError::from)).map_err(failure)
    }

    fn ask_by(&self, link: &mut Link, command: &Cmd) -> RedisResult<Value> {
        // Taken out: whatever goes wrong, a panic too, it does not come back.
        let mut open = match link.0.take() {
            Some(open) => open,
            None => Open::new(self.target.connect()?, &self.open),
        };
        let answer = open.connected.ask(command);
        if answer.as_ref().err().is_none_or(is_refusal) {
            link.0 = Some(open);
        }
        answer
    }

    /// How it is doing.
    pub(super) fn state(&self) -> PoolState {
        let mut state = self.queue.state("redis", &self.links);
        state.connections = self.open.load(Ordering::Relaxed);
        state
    }
}

/// A place for a connection.
#[derive(Default)]
struct Link(Option<Open>);

/// A connection, counted as long as it is open.
struct Open {
    connected: Connected,
    all: Arc<AtomicU32>,
}

impl Open {
    fn new(connected: Connected, all: &Arc<AtomicU32>) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Open { connected, all: all.clone() }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Makes links for the pool.
#[derive(Debug)]
struct Links;

impl r2d2::ManageConnection for Links {
    type Connection = Link;
    type Error = Infallible;

    fn connect(&self) -> std::result::Result<Link, Infallible> {
        Ok(Link::default())
    }

    fn is_valid(&self, _: &mut Link) -> std::result::Result<(), Infallible> {
        Ok(())
    }

    fn has_broken(&self, _: &mut Link) -> bool {
        false
    }
}

/// Whether Redis answered, by an error: the connection is as good as before.
fn is_refusal(error: &RedisError) -> bool {
    // The second are errors that the crate has no name for, such as OOM.
    matches!(error.kind(), ::redis::ErrorKind::Server(_) | ::redis::ErrorKind::Extension)
}

fn failure(error: RedisError) -> Error {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, TryAgain};
    let away = matches!(error.kind(), ::redis::ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | TryAgain));
    if away || !is_refusal(&error) {
        return Error::with_source(ErrorKind::Unavailable, "Redis cannot be asked", error);
    }
    Error::with_source(ErrorKind::Io, "Redis refuses", error)
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("connected", &self.0.is_some()).finish()
    }
}
