//! A bounded number of connections, shared by all threads.

use super::connection::{RedisConnection, RedisTarget};
use super::settings::RedisSettings;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::{PoolState, Queue};
use ::redis::{Cmd, FromRedisValue, RedisError, RedisResult, ServerErrorKind, Value};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A pool of connections. A connection that failed is not used again.
///
/// The pool holds [`Link`]s, which connect on the caller's thread when they are first used. So there are no attempts to connect
/// in the background, and the caller gets the error of the connection.
#[derive(Clone, Debug)]
pub(super) struct RedisPool {
    links: r2d2::Pool<Links>,
    queue: Arc<Queue>,
    /// The number of connected links.
    open: Arc<AtomicU32>,
    target: Arc<RedisTarget>,
    patience: Duration,
}

impl RedisPool {
    /// Returns a pool without connections.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if a setting is invalid.
    pub(super) fn open(settings: RedisSettings) -> Result<Self> {
        let patience = settings.connect_timeout;
        let links = r2d2::Pool::builder()
            .max_size(settings.pool)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(Some(Duration::from_secs(300)))
            .build_unchecked(Links);
        let target = Arc::new(RedisTarget::new(settings)?);
        Ok(RedisPool { links, queue: Arc::default(), open: Arc::default(), target, patience })
    }

    /// Sends a command and returns the reply.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if Redis does not reply in time, [`ErrorKind::Io`] if it replies with an error.
    pub(super) fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut link = self
            .queue
            .take(&self.links, self.patience)
            .map_err(|error| Error::with_source(ErrorKind::Unavailable, "every connection to Redis is busy", error))?;
        let used_before = link.0.is_some();
        let reply = match self.query_link(&mut link, command) {
            // Redis may have been restarted since the last use, so a new connection may work.
            Err(error) if used_before && error.is_connection_dropped() => self.query_link(&mut link, command),
            reply => reply,
        };
        let value = reply.map_err(to_error)?;
        T::from_redis_value(value).map_err(|error| to_error(RedisError::from(error)))
    }

    fn query_link(&self, link: &mut Link, command: &Cmd) -> RedisResult<Value> {
        // The connection is taken out of the link, so that it is not reused after an error or a panic.
        let mut open = match link.0.take() {
            Some(open) => open,
            None => OpenConnection::new(self.target.connect()?, &self.open),
        };
        let reply = open.connected.query(command);
        let is_usable = match &reply {
            Ok(_) => true,
            Err(error) => is_error_reply(error),
        };
        if is_usable {
            link.0 = Some(open);
        }
        reply
    }

    /// Returns the state of the pool.
    pub(super) fn state(&self) -> PoolState {
        let mut state = self.queue.state("redis", &self.links);
        state.connections = self.open.load(Ordering::Relaxed);
        state
    }
}

/// A slot of the pool, with or without a connection.
#[derive(Default)]
struct Link(Option<OpenConnection>);

/// An open connection, which is counted until it is dropped.
struct OpenConnection {
    connected: RedisConnection,
    all: Arc<AtomicU32>,
}

impl OpenConnection {
    fn new(connected: RedisConnection, all: &Arc<AtomicU32>) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        OpenConnection { connected, all: all.clone() }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Creates the links of the pool.
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

/// Returns whether the error is a reply of Redis. The connection can then still be used.
fn is_error_reply(error: &RedisError) -> bool {
    // `Extension` is the kind of replies that the crate has no name for, such as OOM.
    matches!(error.kind(), ::redis::ErrorKind::Server(_) | ::redis::ErrorKind::Extension)
}

fn to_error(error: RedisError) -> Error {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, TryAgain};
    let is_down = matches!(error.kind(), ::redis::ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | TryAgain));
    if is_down || !is_error_reply(&error) {
        return Error::with_source(ErrorKind::Unavailable, "Redis cannot be asked", error);
    }
    Error::with_source(ErrorKind::Io, "Redis refuses", error)
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("connected", &self.0.is_some()).finish()
    }
}
