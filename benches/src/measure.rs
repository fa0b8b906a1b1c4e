//! Measures ratios: contenders run in turn, round by round, so that other load of the machine affects all of them. The clock is
//! the CPU time of the thread, which does not advance while other threads run.

use rustix::time::{ClockId, clock_gettime};
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

/// A function to be timed.
pub struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
    times: Vec<Duration>,
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Contenders that run in turn.
#[derive(Debug, Default)]
pub struct Race<'a> {
    contenders: Vec<Contender<'a>>,
}

/// The median and the quartiles of some numbers.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The first quartile.
    pub low: f64,
    /// The third quartile.
    pub high: f64,
}

/// Returns the value of a result. After an error the program exits, because there is nothing to measure.
pub fn sure<T, E: fmt::Display>(made: Result<T, E>) -> T {
    made.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "{error}");
        std::process::exit(2)
    })
}

impl<'a> Race<'a> {
    /// Adds a contender.
    pub fn add(&mut self, name: impl Into<String>, run: impl FnMut() + 'a) {
        self.contenders.push(Contender { name: name.into(), run: Box::new(run), times: Vec::new() });
    }

    /// Adds a contender that can fail.
    pub fn try_add<E: fmt::Display>(&mut self, name: impl Into<String>, mut run: impl FnMut() -> Result<(), E> + 'a) {
        let name = name.into();
        let label = name.clone();
        self.add(name, move || sure(run().map_err(|error| format!("{label} failed: {error}"))));
    }

    /// Runs every contender this many times, after one run to warm up.
    pub fn run(&mut self, rounds: usize) {
        for round in 0..=rounds {
            for contender in &mut self.contenders {
                let start = time_of_thread();
                (contender.run)();
                let spent = time_of_thread().saturating_sub(start);
                if round > 0 {
                    contender.times.push(spent);
                }
            }
        }
    }

    /// Returns the names of the contenders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.contenders.iter().map(|contender| contender.name.as_str())
    }

    /// Returns the megabytes per second, if each run reads this many bytes.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn speed(&self, name: &str, bytes: usize) -> Spread {
        Spread::of(self.times(name).iter().map(|time| bytes as f64 / time.as_secs_f64() / 1e6).collect())
    }

    /// Returns the seconds of a run.
    pub fn seconds(&self, name: &str) -> Spread {
        Spread::of(self.times(name).iter().map(Duration::as_secs_f64).collect())
    }

    /// Returns the ratio of the speeds of two contenders, computed round by round.
    pub fn ratio(&self, name: &str, other: &str) -> Spread {
        let rounds = self.times(name).iter().zip(self.times(other));
        Spread::of(rounds.map(|(time, other)| other.as_secs_f64() / time.as_secs_f64()).collect())
    }

    fn times(&self, name: &str) -> &[Duration] {
        let found = self.contenders.iter().find(|contender| contender.name == name);
        found.map(|contender| contender.times.as_slice()).unwrap_or_default()
    }
}

fn time_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Spread {
        numbers.sort_by(f64::total_cmp);
        Spread { median: quartile(&numbers, 2), low: quartile(&numbers, 1), high: quartile(&numbers, 3) }
    }
}

fn quartile(sorted: &[f64], number: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * number / 4).copied().unwrap_or(f64::NAN)
}
