//! The threads that answer requests.
//!
//! All threads wait at one `epoll` instance, which gives each event to one of them. A connection has no thread of its own. The
//! number of threads grows while requests take long, for example while they wait for a database.

use super::Shared;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The time after which an unused thread ends, unless it is one of the [minimum](Workers::min).
const UNUSED: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };
/// The time after which a thread that answers a request does not count as available.
const LONG: Duration = Duration::from_millis(50);
/// The stack size of a thread.
const STACK: usize = 512 * 1024;

/// The threads of a server.
#[derive(Debug)]
pub(super) struct Workers {
    min: usize,
    start: Instant,
    /// The times in milliseconds when the threads began with their events; zero for threads without an event.
    busy_since: Vec<AtomicU64>,
    unused_numbers: Mutex<Vec<usize>>,
}

impl Workers {
    /// Returns workers with at most `max` threads, before the first thread starts.
    pub(super) fn new(max: usize) -> Workers {
        Workers {
            min: max.min(2 * cores()),
            start: Instant::now(),
            busy_since: (0..max).map(|_| AtomicU64::new(0)).collect(),
            unused_numbers: Mutex::new((0..max).rev().collect()),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX).max(1)
    }

    /// Returns the number of threads that have had the same request for a long time.
    fn long_busy(&self) -> usize {
        let before = self.now().saturating_sub(u64::try_from(LONG.as_millis()).unwrap_or(u64::MAX));
        let since = self.busy_since.iter().map(|since| since.load(Ordering::Relaxed));
        since.filter(|since| (1..before).contains(since)).count()
    }

    fn running(&self) -> usize {
        self.busy_since.len() - self.unused_numbers().len()
    }

    fn unused_numbers(&self) -> MutexGuard<'_, Vec<usize>> {
        self.unused_numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_number(&self) -> Option<usize> {
        self.unused_numbers().pop()
    }

    fn return_number(&self, number: usize) {
        self.unused_numbers().push(number);
    }

    /// Returns the number of the thread if there are more threads than the minimum.
    fn return_excess(&self, number: usize) -> bool {
        let mut unused = self.unused_numbers();
        let is_excess = self.busy_since.len() - unused.len() > self.min;
        if is_excess {
            unused.push(number);
        }
        is_excess
    }
}

/// Returns the number of cores, or 2 if the system does not report the number.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(2, NonZero::get)
}

/// Starts threads, so that enough are available: the minimum, and two for each thread that is busy for long.
///
/// # Errors
/// If a thread cannot be started.
pub(super) fn start_missing(shared: &Arc<Shared>) -> std::io::Result<()> {
    let workers = &shared.workers;
    let needed = workers.min + 2 * workers.long_busy();
    for _ in workers.running()..needed {
        let Some(number) = workers.take_number() else { break };
        let of_thread = shared.clone();
        let thread = thread::Builder::new().name(shared.name.to_owned()).stack_size(STACK);
        if let Err(error) = thread.spawn(move || run(&of_thread, number)) {
            workers.return_number(number);
            return Err(error);
        }
    }
    Ok(())
}

fn run(shared: &Shared, number: usize) {
    let mut buffer = vec![0; super::request_head::MAX_LENGTH];
    let mut events: Vec<epoll::Event> = Vec::with_capacity(1);
    let busy_since = &shared.workers.busy_since[number];
    loop {
        events.clear();
        // An interrupted wait has no event.
        let _ = epoll::wait(&shared.epoll, spare_capacity(&mut events), Some(&UNUSED));
        if let Some(event) = events.first() {
            busy_since.store(shared.workers.now(), Ordering::Relaxed);
            shared.proceed(event.data.u64(), number, &mut buffer);
            busy_since.store(0, Ordering::Relaxed);
        } else if shared.is_stopping() || shared.workers.return_excess(number) {
            return;
        }
    }
}
