//! Threads for work that may block for longer than anybody waits: counted, so that those left behind stay few.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Starts threads while there are not too many.
///
/// The client of PostgreSQL has no time limit on what it reads, and a server that is frozen, or a network that lost the
/// connection without a word, answers no statement timeout. So whatever may block runs in a thread of its own. Who waits
/// for it leaves when it takes too long; the thread ends when its connection does.
#[derive(Debug)]
pub(crate) struct Crew {
    most: usize,
    alive: Arc<AtomicUsize>,
}

/// One of the crew at work.
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

    /// Starts a thread; false if there are too many already.
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

    /// What the work gives, if it does within the time limit.
    pub(super) fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Absent> {
        let (tell, told) = mpsc::sync_channel(1);
        // Whoever has left does not hear it.
        if !self.start(move || drop(tell.send(work()))) {
            return Err(Absent::TooMany);
        }
        told.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => Absent::Late,
            RecvTimeoutError::Disconnected => Absent::TooMany,
        })
    }
}

/// Why there is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// It takes too long.
    Late,
    /// Too many threads wait for answers already.
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
