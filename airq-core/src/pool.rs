//! The state of connection pools, for metrics.

/// The current state of a connection pool.
///
/// ```
/// let mut state = airq_core::PoolState::new("warehouse", 8);
/// state.in_use = 3;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolState {
    /// The service that the connections lead to: `postgres`, `redis`, or a name of your own.
    pub name: &'static str,
    /// The maximum number of connections.
    pub max: u32,
    /// The number of open connections.
    pub connections: u32,
    /// The number of connections in use, including connections that are being opened.
    pub in_use: u32,
    /// The total number of calls that had to wait for a connection.
    pub waits: u64,
    /// The total number of calls that waited and got no connection within the time limit.
    pub timeouts: u64,
}

impl PoolState {
    /// Returns the state of a pool of at most `max` connections without open connections.
    pub fn new(name: &'static str, max: u32) -> Self {
        PoolState { name, max, connections: 0, in_use: 0, waits: 0, timeouts: 0 }
    }
}

#[cfg(any(feature = "postgres", feature = "redis"))]
pub(crate) use queue::Queue;

#[cfg(any(feature = "postgres", feature = "redis"))]
mod queue {
    use super::PoolState;
    use r2d2::{ManageConnection, Pool, PooledConnection};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    /// The counters of calls that wait for a connection.
    #[derive(Debug, Default)]
    pub(crate) struct Queue {
        waits: AtomicU64,
        timeouts: AtomicU64,
    }

    impl Queue {
        /// Takes a connection from the pool, and waits for one up to the time limit.
        ///
        /// # Errors
        /// If no connection is available within the time limit.
        pub(crate) fn take<M: ManageConnection>(
            &self,
            pool: &Pool<M>,
            limit: Duration,
        ) -> Result<PooledConnection<M>, r2d2::Error> {
            if let Some(free) = pool.try_get() {
                return Ok(free);
            }
            self.waits.fetch_add(1, Ordering::Relaxed);
            let taken = pool.get_timeout(limit);
            if taken.is_err() {
                self.timeouts.fetch_add(1, Ordering::Relaxed);
            }
            taken
        }

        /// Returns the state of the pool.
        pub(crate) fn state<M: ManageConnection>(&self, name: &'static str, pool: &Pool<M>) -> PoolState {
            let now = pool.state();
            PoolState {
                connections: now.connections,
                in_use: now.connections.saturating_sub(now.idle_connections),
                waits: self.waits.load(Ordering::Relaxed),
                timeouts: self.timeouts.load(Ordering::Relaxed),
                ..PoolState::new(name, pool.max_size())
            }
        }
    }
}
