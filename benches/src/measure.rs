//! Measures by ratio: contenders run one after the other, round by round, so that what else the machine does falls on
//! all. The clock is the thread's own time on a processor: when others have it, it stands.

use rustix::time::{ClockId, clock_gettime};
use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

/// Something to be timed.
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

/// Contenders that are timed in turn.
#[derive(Debug, Default)]
pub struct Race<'a> {
    contenders: Vec<Contender<'a>>,
}

/// The middle of some numbers, and the middle half of them.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The first quartile.
    pub low: f64,
    /// The third quartile.
    pub high: f64,
}

/// What was made. Where that failed, nothing was measured: the program ends, with nothing that could be taken for a figure.
pub fn sure<T, E: fmt::Display>(made: Result<T, E>) -> T {
    made.unwrap_or_else(|error| {
        let _ = writeln!(io::stderr(), "{error}");
        std::process::exit(2)
    })
}

impl<'a> Race<'a> {
    /// One more contender.
    pub fn add(&mut self, name: impl Into<String>, run: impl FnMut() + 'a) {
        self.contenders.push(Contender { name: name.into(), run: Box::new(run), times: Vec::new() });
    }

    /// One more contender, which can fail.
    pub fn try_add<E: fmt::Display>(&mut self, name: impl Into<String>, mut run: impl FnMut() -> Result<(), E> + 'a) {
        let name = name.into();
        let told = name.clone();
        self.add(name, move || sure(run().map_err(|error| format!("{told} failed: {error}"))));
    }

    /// Runs every contender so many times, and once before that for warmth.
    pub fn run(&mut self, rounds: usize) {
        for round in 0..=rounds {
            for contender in &mut self.contenders {
                let began = time_of_thread();
                (contender.run)();
                let spent = time_of_thread().saturating_sub(began);
                if round > 0 {
                    contender.times.push(spent);
                }
            }
        }
    }

    /// The contenders' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.contenders.iter().map(|contender| contender.name.as_str())
    }

    /// How many megabytes a second it did, if each run reads so many bytes.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    pub fn speed(&self, name: &str, bytes: usize) -> Spread {
        Spread::of(self.times(name).iter().map(|time| bytes as f64 / time.as_secs_f64() / 1e6).collect())
    }

    /// How long a run took, in seconds.
    pub fn seconds(&self, name: &str) -> Spread {
        Spread::of(self.times(name).iter().map(Duration::as_secs_f64).collect())
    }

    /// How many times as fast as the other it was, round by round.
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
        let at = |quarter: usize| numbers.get((numbers.len().max(1) - 1) * quarter / 4).copied().unwrap_or(f64::NAN);
        Spread { median: at(2), low: at(1), high: at(3) }
    }
}
