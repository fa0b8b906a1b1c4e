//! The threads that turn pieces. Whoever has made the next one to be written writes it, and all that come to be ready meanwhile;
//! nobody waits for its turn.

use crate::reshape::engine::{Engine, Taken};
use crate::reshape::sheet::Sheet;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many jobs for each thread are not done at most.
const JOBS: u64 = 4;
/// What is made of a piece at most. Where a few bytes of input make many of output, one thread turns them, bit by bit.
const LONGEST: usize = 2 << 20;

/// What is to be done, in the order of its places in the answer.
pub(super) enum Job {
    /// A piece of CSV is to be turned, into this room, and written.
    Turn(Vec<u8>, Sheet),
    /// What was made is to be written.
    Write(Sheet),
}

/// A job as it is before it is written.
struct Made {
    /// The piece of CSV, if it was one.
    csv: Vec<u8>,
    made: Sheet,
    /// What was in the piece. `None` if something is at fault, or it does not end between two rows.
    taken: Option<Taken>,
}

impl Job {
    fn make(self, engine: &mut Option<Box<dyn Engine>>) -> Made {
        match self {
            Job::Write(made) => Made { csv: Vec::new(), made, taken: Some(Taken::default()) },
            Job::Turn(csv, room) => {
                let mut made = room.emptied(LONGEST);
                let taken = engine.as_mut().and_then(|engine| {
                    let end = engine.feed(&csv, 0, &mut made).ok()?;
                    engine.taken().filter(|_| end == csv.len())
                });
                Made { csv, made, taken }
            }
        }
    }
}

/// What the threads have in common.
pub(super) struct Crew<W> {
    out: Mutex<W>,
    state: Mutex<State>,
    /// How many jobs are not done at most.
    most: u64,
    /// There is a job, or never will be.
    job: Condvar,
    /// Half of the jobs are done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// How many jobs were begun.
    begun: u64,
    /// What is ready to be written once all before it is, by the number of its job.
    ready: BTreeMap<u64, Made>,
    /// How many jobs are done.
    done: u64,
    /// Whether a thread is writing.
    is_writing: bool,
    /// What threads turn with that have not turned yet.
    engines: Vec<Box<dyn Engine>>,
    /// What was in the pieces that were turned.
    taken: Taken,
    /// Whether a piece did not end as it should: it and those behind it are given back, in order.
    torn: bool,
    given_back: Vec<Vec<u8>>,
    /// Room to be used again.
    inputs: Vec<Vec<u8>>,
    outputs: Vec<Sheet>,
    /// Whether all should stop, done or not.
    over: bool,
    /// What the output failed with.
    failed: Option<io::Error>,
}

impl<W> Crew<W> {
    pub(super) fn new(out: W, workers: usize) -> Self {
        let most = JOBS * workers as u64;
        Crew { out: Mutex::new(out), state: Mutex::default(), most, job: Condvar::new(), done: Condvar::new() }
    }

    /// Stops all threads when it is dropped, also by a panic: nobody waits for what will never come.
    pub(super) fn closing(&self) -> Closing<'_, W> {
        Closing(self)
    }

    /// Gives the threads what they turn with.
    pub(super) fn equip(&self, engines: Vec<Box<dyn Engine>>) {
        self.state().engines = engines;
    }

    /// Whether a piece did not end as it should.
    pub(super) fn is_torn(&self) -> bool {
        self.state().torn
    }

    /// Room for a piece, and for what is made.
    pub(super) fn room(&self) -> (Vec<u8>, Sheet) {
        let mut state = self.state();
        (state.inputs.pop().unwrap_or_default(), state.outputs.pop().unwrap_or_default())
    }

    /// Hands a job over, once there is room for it.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn hand_over(&self, job: Job) -> io::Result<()> {
        let mut state = self.state();
        if state.open() >= self.most {
            drop(state);
            state = self.when_open(self.most / 2)?;
        }
        state.check()?;
        state.jobs.push_back(job);
        drop(state);
        self.job.notify_one();
        Ok(())
    }

    /// Waits until all is written: tells what was in the pieces that were turned, and gives those back that were not.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn call_back(&self) -> io::Result<(Taken, Vec<Vec<u8>>)> {
        let mut state = self.when_open(0)?;
        state.torn = false;
        Ok((std::mem::take(&mut state.taken), std::mem::take(&mut state.given_back)))
    }

    /// The state once no more than so many jobs are not done.
    fn when_open(&self, most: u64) -> io::Result<MutexGuard<'_, State>> {
        let too_many = |state: &mut State| !state.over && state.open() > most;
        let mut state = self.done.wait_while(self.state(), too_many).unwrap_or_else(PoisonError::into_inner);
        state.check()?;
        Ok(state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, state: &mut State) {
        state.over = true;
        self.job.notify_all();
        self.done.notify_all();
    }
}

impl<W: Write> Crew<W> {
    /// What a thread does: jobs, until there are to be no more.
    pub(super) fn work(&self) {
        let _closing = self.closing();
        let mut engine = None;
        while let Some((number, job)) = self.next_job(&mut engine) {
            let made = job.make(&mut engine);
            self.state().ready.insert(number, made);
            self.write_ready();
        }
    }

    /// The next job with its number; for a thread that has none yet, also what it turns with. `None` if there is to be no more.
    fn next_job(&self, engine: &mut Option<Box<dyn Engine>>) -> Option<(u64, Job)> {
        let none_yet = |state: &mut State| !state.over && state.jobs.is_empty();
        let mut state = self.job.wait_while(self.state(), none_yet).unwrap_or_else(PoisonError::into_inner);
        let job = state.jobs.pop_front().filter(|_| !state.over)?;
        if engine.is_none() {
            *engine = state.engines.pop();
        }
        state.begun += 1;
        Some((state.begun - 1, job))
    }

    /// Writes what is ready and next, unless a thread is at it: that one sees what is ready now.
    fn write_ready(&self) {
        let mut state = self.state();
        if state.is_writing {
            return;
        }
        state.is_writing = true;
        while let Some(made) = state.next_ready() {
            if made.taken.is_some() && !state.torn {
                drop(state);
                let written = self.write(&made.made);
                state = self.state();
                if let Err(error) = written {
                    state.failed = Some(error);
                    return self.close(&mut state);
                }
            }
            state.finish(made);
            if state.open() <= self.most / 2 {
                self.done.notify_one();
            }
        }
        state.is_writing = false;
    }

    /// Writes. Only one thread may at a time.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn write(&self, made: &Sheet) -> io::Result<()> {
        self.out().write_all(made.as_slice())
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        self.out().flush()
    }

    fn out(&self) -> MutexGuard<'_, W> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many jobs are not done.
    fn open(&self) -> u64 {
        self.begun - self.done + self.jobs.len() as u64
    }

    fn check(&mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None if self.over => Err(io::Error::other("a thread that turns rows has stopped")),
            None => Ok(()),
        }
    }

    fn next_ready(&mut self) -> Option<Made> {
        let next = self.done;
        self.ready.remove(&next).filter(|_| !self.over)
    }

    /// Notes what was written, or gives it back: if it is torn or one before it was.
    fn finish(&mut self, done: Made) {
        let Made { mut csv, made, taken } = done;
        if let Some(taken) = taken.filter(|_| !self.torn) {
            self.taken.add(taken);
            csv.clear();
            self.inputs.push(csv);
        } else {
            self.torn = true;
            self.given_back.push(csv);
        }
        self.outputs.push(made);
        self.done += 1;
    }
}

/// Stops all threads when it is dropped.
pub(super) struct Closing<'a, W>(&'a Crew<W>);

impl<W> Drop for Closing<'_, W> {
    fn drop(&mut self) {
        self.0.close(&mut self.0.state());
    }
}
