//! Locks of tables that readers use, without a queue of readers that wait for the lock.

use crate::error::{Error, ErrorKind, Result};
use postgres::error::SqlState;
use std::error::Error as _;
use std::thread;
use std::time::{Duration, Instant};

/// The first time limit of a lock. While a statement waits for the lock, readers wait for the statement.
const SHORTEST: Duration = Duration::from_millis(100);
/// The last time limits: longer than PostgreSQL's `deadlock_timeout` of a second, after which an autovacuum gives its lock up.
const LONGEST: Duration = Duration::from_millis(1600);
/// The time after which there is no other attempt.
const PATIENCE: Duration = Duration::from_secs(60);

/// Calls `attempt` with a time limit for its locks until the locks are granted. Between two attempts, readers have twice the
/// time that they waited.
///
/// # Errors
/// The first other error of an attempt; [`ErrorKind::Unavailable`] if the table is in use for a minute.
pub(super) fn until_locked<T>(mut attempt: impl FnMut(Duration) -> Result<T>) -> Result<T> {
    let began = Instant::now();
    let mut timeout = SHORTEST;
    loop {
        let error = match attempt(timeout) {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        if !is_lock_timeout(&error) {
            return Err(error);
        }
        if began.elapsed() > PATIENCE {
            let why = "long queries or other programs use the tables: try again later";
            return Err(Error::with_source(ErrorKind::Unavailable, why, error));
        }
        thread::sleep(2 * timeout);
        timeout = (2 * timeout).min(LONGEST);
    }
}

fn is_lock_timeout(error: &Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<postgres::Error>() {
            return error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE);
        }
        source = cause.source();
    }
    false
}

/// The statement that sets the time limit of locks until the transaction ends.
pub(super) fn timeout_sql(timeout: Duration) -> String {
    format!("set local lock_timeout = {}", timeout.as_millis())
}
