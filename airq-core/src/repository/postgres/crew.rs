//! Threads for calls that may block longer than their callers wait. Their number is limited.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Starts threads up to a maximum number.
///
/// The client of PostgreSQL has no time limit on what it reads, and a server that is frozen, or a network that lost the
/// connection without a word, answers no statement timeout. So calls that may block run in threads of their own. The caller
/// stops waiting after a time limit; the thread ends when its connection ends.
#[derive(Debug)]
pub(crate) struct Crew {
    most: usize,
    alive: Arc<AtomicUsize>,
}

/// A running thread of the crew.
struct Hand(Arc<AtomicUsize>);

impl Drop for Hand {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Crew {
    pub(crate) fn new(most: usize) -> Self {
        Crew { most, alive: Arc::default() }
    }

    /// Starts a thread. Returns `false` if there are too many threads.
    pub(super) fn start(&self, work: impl FnOnce() + Send + 'static) -> bool {
        let before = self.alive.fetch_add(1, Ordering::Relaxed);
        let hand = Hand(self.alive.clone());
        if before >= self.most {
            return false;
        }
        let started = thread::Builder::new().name("airq-postgres".to_owned()).spawn(move || {
            let _counted = hand;
            work();
        });
        started.is_ok()
    }

    /// Returns the result of the work, if there is one within the time limit.
    pub(super) fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Absent> {
        let (tell, told) = mpsc::sync_channel(1);
        // The caller may have stopped waiting.
        if !self.start(move || drop(tell.send(work()))) {
            return Err(Absent::TooMany);
        }
        told.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => Absent::Late,
            RecvTimeoutError::Disconnected => Absent::TooMany,
        })
    }
}

/// The reason why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// The time limit has passed.
    Late,
    /// Too many threads wait for answers.
    TooMany,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_past_the_limit_and_those_left_behind_stay_few() {
        let crew = Crew::new(2);
        let (key, held) = mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let stuck = || {
            let held = held.clone();
            crew.within(Duration::from_millis(20), move || held.lock().map(|held| held.recv().is_ok()).is_ok())
        };
        assert_eq!((stuck(), stuck(), stuck()), (Err(Absent::Late), Err(Absent::Late), Err(Absent::TooMany)));
        drop(key);
        while crew.alive.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        assert_eq!(crew.within(Duration::from_secs(5), || 7), Ok(7));
    }
}
