//! The threads that turn pieces. Who finds what is next to be written writes it, and all that come to be ready meanwhile; the
//! others go on turning, the thread that cuts the pieces, too, while there are enough of them.

use crate::reshape::engine::{Engine, Taken};
use crate::reshape::sheet::Sheet;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What is made of a piece at most. Where a few bytes of input make many of output, one thread turns them, bit by bit.
const LONGEST: usize = 1 << 20;

/// How many jobs are not done at most: some for each thread to be at, and some ready to be written meanwhile.
fn most_open(workers: usize) -> u64 {
    2 * workers as u64 + 4
}

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
    answer: Sheet,
    /// What was in the piece. `None` if something is at fault, or it does not end between two rows.
    taken: Option<Taken>,
}

impl Job {
    fn make(self, engine: &mut Option<Box<dyn Engine>>) -> Made {
        match self {
            Job::Write(answer) => Made { csv: Vec::new(), answer, taken: Some(Taken::default()) },
            Job::Turn(csv, room) => {
                let mut answer = room.emptied(LONGEST);
                let taken = engine.as_mut().and_then(|engine| {
                    let end = engine.feed(&csv, 0, &mut answer).ok()?;
                    engine.taken().filter(|_| end == csv.len())
                });
                Made { csv, answer, taken }
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
    /// There is something to do for a thread, or never will be.
    work: Condvar,
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
        let most = most_open(workers);
        Crew { out: Mutex::new(out), state: Mutex::default(), most, work: Condvar::new(), done: Condvar::new() }
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

    /// Hands a job over. While there are enough of them, does them itself, all but the writing.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn hand_over(&self, job: Job, engine: &mut Option<Box<dyn Engine>>) -> io::Result<()> {
        let mut state = self.state();
        while !state.over && state.open() >= self.most {
            state = self.help(state, engine, self.most / 2);
        }
        state.check()?;
        state.jobs.push_back(job);
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Waits until all is written: tells what was in the pieces that were turned, and gives those back that were not.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn call_back(&self, engine: &mut Option<Box<dyn Engine>>) -> io::Result<(Taken, Vec<Vec<u8>>)> {
        let mut state = self.state();
        while !state.over && state.open() > 0 {
            state = self.help(state, engine, 0);
        }
        state.check()?;
        state.torn = false;
        Ok((std::mem::take(&mut state.taken), std::mem::take(&mut state.given_back)))
    }

    /// Does a job. If all are begun, waits until no more than so many are not done.
    fn help<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        engine: &mut Option<Box<dyn Engine>>,
        most: u64,
    ) -> MutexGuard<'a, State> {
        let Some((number, job)) = state.next_job() else {
            let too_many = |state: &mut State| !state.over && state.open() > most;
            return self.done.wait_while(state, too_many).unwrap_or_else(PoisonError::into_inner);
        };
        drop(state);
        let made = job.make(engine);
        state = self.state();
        state.ready.insert(number, made);
        self.work.notify_one();
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self, state: &mut State) {
        state.over = true;
        self.work.notify_all();
        self.done.notify_all();
    }
}

impl<W: Write> Crew<W> {
    /// What a thread does: it writes what is next, or does a job, until there are to be no more.
    pub(super) fn work(&self) {
        let _closing = self.closing();
        let mut engine = None;
        let idle = |state: &mut State| !state.over && !state.can_write() && state.jobs.is_empty();
        loop {
            let mut state = self.work.wait_while(self.state(), idle).unwrap_or_else(PoisonError::into_inner);
            if state.over {
                return;
            }
            if state.can_write() {
                self.write_ready(state);
            } else if let Some((number, job)) = state.next_job() {
                if engine.is_none() {
                    engine = state.engines.pop();
                }
                drop(state);
                let made = job.make(&mut engine);
                self.state().ready.insert(number, made);
            }
        }
    }

    /// Writes what is next, as long as it is ready.
    fn write_ready<'a>(&'a self, mut state: MutexGuard<'a, State>) {
        state.is_writing = true;
        while let Some(made) = state.next_ready() {
            if made.taken.is_some() && !state.torn {
                drop(state);
                let written = self.write(&made.answer);
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

    /// The first job that is not begun, with its number.
    fn next_job(&mut self) -> Option<(u64, Job)> {
        let job = self.jobs.pop_front()?;
        self.begun += 1;
        Some((self.begun - 1, job))
    }

    /// Whether something is to be written, and nobody is at it.
    fn can_write(&self) -> bool {
        !self.is_writing && self.ready.contains_key(&self.done)
    }

    fn next_ready(&mut self) -> Option<Made> {
        let next = self.done;
        self.ready.remove(&next).filter(|_| !self.over)
    }

    /// Notes what was written, or gives it back: if it is torn or one before it was.
    fn finish(&mut self, made: Made) {
        let Made { mut csv, answer, taken } = made;
        if let Some(taken) = taken.filter(|_| !self.torn) {
            self.taken.add(taken);
            csv.clear();
            self.inputs.push(csv);
        } else {
            self.torn = true;
            self.given_back.push(csv);
        }
        self.outputs.push(answer);
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
