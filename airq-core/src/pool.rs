//! How pools of connections are doing, for metrics and for people.

/// A pool of connections at this moment.
///
/// ```
/// let mut state = airq_core::PoolState::new("warehouse", 8);
/// state.in_use = 3;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolState {
    /// What the connections are to: `postgres`, `redis`, or what an implementation of your own says.
    pub name: &'static str,
    /// Connections at most.
    pub max: u32,
    /// Connections that are open.
    pub connections: u32,
    /// Places that are taken, those of connections that are just being made included.
    pub in_use: u32,
    /// Calls so far that found no connection free and waited for one, given back or new.
    pub waits: u64,
    /// Calls so far that waited in vain.
    pub timeouts: u64,
}

impl PoolState {
    /// A pool of at most so many connections, of which none is open yet.
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

    /// Those who wait for a pool's connection, counted.
    #[derive(Debug, Default)]
    pub(crate) struct Queue {
        waits: AtomicU64,
        timeouts: AtomicU64,
    }

    impl Queue {
        /// A connection, at once or within the time limit.
        ///
        /// # Errors
        /// If there is none by then.
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

        /// How the pool is doing.
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
