//! The threads that turn pieces, and the order in which they take turns to write.

use crate::reshape::engine::{Engine, Taken};
use crate::reshape::sheet::Sheet;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many jobs are handed over at most for each thread: one it is at, and one that waits.
const JOBS: usize = 2;
/// What is made of a piece at most. Where a few bytes of input make many of output, one thread turns them, bit by bit.
const LONGEST: usize = 2 << 20;

/// What is to be done, in the order of its places in the answer.
pub(super) enum Job {
    /// A piece of CSV is to be turned and written.
    Turn(Vec<u8>),
    /// What was made is to be written.
    Write(Sheet),
}

/// Turns pieces on a thread.
pub(super) struct Turner {
    engine: Box<dyn Engine>,
    made: Sheet,
}

impl Turner {
    pub(super) fn new(engine: Box<dyn Engine>) -> Self {
        Turner { engine, made: Sheet::full_at(LONGEST) }
    }

    /// Turns a piece, and tells what was in it. `None` if something is at fault, or the piece does not end between two rows.
    fn turn(&mut self, csv: &[u8]) -> Option<Taken> {
        self.made.clear();
        let end = self.engine.feed(csv, 0, &mut self.made).ok()?;
        self.engine.taken().filter(|_| end == csv.len())
    }
}

/// What the threads have in common.
pub(super) struct Crew<W> {
    /// Whose turn it is writes.
    out: Mutex<W>,
    state: Mutex<State>,
    /// There is a job, or never will be.
    job: Condvar,
    /// The turn has passed on.
    turn: Condvar,
    /// A job is done.
    done: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// How many jobs were begun.
    begun: u64,
    /// The number of the job whose turn it is: how many are done.
    turn: u64,
    /// Turners that no thread has taken yet.
    turners: Vec<Turner>,
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
    pub(super) fn new(out: W) -> Self {
        Crew {
            out: Mutex::new(out),
            state: Mutex::default(),
            job: Condvar::new(),
            turn: Condvar::new(),
            done: Condvar::new(),
        }
    }

    /// Stops all threads when it is dropped, also by a panic: nobody waits for what will never come.
    pub(super) fn closing(&self) -> Closing<'_, W> {
        Closing(self)
    }

    /// Gives the threads what they turn with.
    pub(super) fn equip(&self, turners: impl Iterator<Item = Turner>) {
        self.state().turners.extend(turners);
    }

    /// Whether a piece did not end as it should.
    pub(super) fn is_torn(&self) -> bool {
        self.state().torn
    }

    pub(super) fn room_for_input(&self, length: usize) -> Vec<u8> {
        self.state().inputs.pop().unwrap_or_else(|| Vec::with_capacity(length))
    }

    pub(super) fn room_for_output(&self) -> Option<Sheet> {
        self.state().outputs.pop()
    }

    /// Hands a job over, once there is room for it.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn hand_over(&self, job: Job, workers: usize) -> io::Result<()> {
        let mut state = self.when_open(JOBS * workers - 1)?;
        state.jobs.push_back(job);
        drop(state);
        self.job.notify_one();
        Ok(())
    }

    /// Waits until all is written.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn wait(&self) -> io::Result<()> {
        self.when_open(0).map(drop)
    }

    /// Waits until no job is left: tells what was in the pieces that were turned, and gives those back that were not.
    ///
    /// # Errors
    /// What the output failed with.
    pub(super) fn call_back(&self) -> io::Result<(Taken, Vec<Vec<u8>>)> {
        let mut state = self.when_open(0)?;
        Ok((std::mem::take(&mut state.taken), std::mem::take(&mut state.given_back)))
    }

    /// The state once no more than so many jobs are not done.
    fn when_open(&self, most: usize) -> io::Result<MutexGuard<'_, State>> {
        let too_many = |state: &mut State| !state.over && state.open() > most as u64;
        let mut state = self.done.wait_while(self.state(), too_many).unwrap_or_else(PoisonError::into_inner);
        match state.failed.take() {
            Some(error) => Err(error),
            None if state.over => Err(io::Error::other("a thread that turns rows has stopped")),
            None => Ok(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.state().over = true;
        self.job.notify_all();
        self.turn.notify_all();
        self.done.notify_all();
    }
}

impl<W: Write> Crew<W> {
    /// What a thread does: jobs, until there are to be no more.
    pub(super) fn work(&self) {
        let _closing = self.closing();
        let mut turner = None;
        while let Some((number, job)) = self.next_job(&mut turner) {
            match job {
                Job::Turn(csv) => self.turn(number, csv, &mut turner),
                Job::Write(made) => self.write_made(number, made),
            }
        }
    }

    /// Turns a piece, and writes what it made when its turn comes. If it or one before it is torn, it is given back.
    fn turn(&self, number: u64, mut csv: Vec<u8>, turner: &mut Option<Turner>) {
        let turned = turner.as_mut().and_then(|turner| Some((turner.turn(&csv)?, &turner.made)));
        let Some(torn) = self.wait_for_turn(number) else { return };
        match turned.filter(|_| !torn) {
            Some((taken, made)) => {
                let written = self.write(made);
                csv.clear();
                self.pass_on(written, |state| {
                    state.taken.add(taken);
                    state.inputs.push(csv);
                });
            }
            None => self.pass_on(Ok(()), |state| {
                state.torn = true;
                state.given_back.push(csv);
            }),
        }
    }

    fn write_made(&self, number: u64, mut made: Sheet) {
        if self.wait_for_turn(number).is_some() {
            let written = self.write(&made);
            made.clear();
            self.pass_on(written, |state| state.outputs.push(made));
        }
    }

    /// Writes. On a thread of the crew, only in its turn.
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

    /// The next job with its number, and with it, if this thread has none yet, what it turns pieces with. `None` if there is to
    /// be no more.
    fn next_job(&self, turner: &mut Option<Turner>) -> Option<(u64, Job)> {
        let none_yet = |state: &mut State| !state.over && state.jobs.is_empty();
        let mut state = self.job.wait_while(self.state(), none_yet).unwrap_or_else(PoisonError::into_inner);
        let job = state.jobs.pop_front().filter(|_| !state.over)?;
        if turner.is_none() {
            *turner = state.turners.pop();
        }
        state.begun += 1;
        Some((state.begun - 1, job))
    }

    /// Waits until it is this job's turn: tells whether a piece before it was torn. `None` if all should stop.
    fn wait_for_turn(&self, number: u64) -> Option<bool> {
        let not_yet = |state: &mut State| !state.over && state.turn != number;
        let state = self.turn.wait_while(self.state(), not_yet).unwrap_or_else(PoisonError::into_inner);
        (!state.over).then_some(state.torn)
    }

    /// The job whose turn it is is done.
    fn pass_on(&self, written: io::Result<()>, note: impl FnOnce(&mut State)) {
        let mut state = self.state();
        note(&mut state);
        state.turn += 1;
        if let Err(error) = written {
            state.failed = Some(error);
            state.over = true;
            self.job.notify_all();
        }
        drop(state);
        self.turn.notify_all();
        self.done.notify_one();
    }
}

impl State {
    /// How many jobs are not done.
    fn open(&self) -> u64 {
        self.begun - self.turn + self.jobs.len() as u64
    }
}

/// Stops all threads when it is dropped.
pub(super) struct Closing<'a, W>(&'a Crew<W>);

impl<W> Drop for Closing<'_, W> {
    fn drop(&mut self) {
        self.0.close();
    }
}
