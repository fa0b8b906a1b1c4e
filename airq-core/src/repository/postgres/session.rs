//! A connection and the thread that it lives in.

use super::crew::Crew;
use super::dial::{dial, has_pulse};
use super::fault::Fault;
use super::settings::{Settings, Target};
use crate::error::{Error, ErrorKind, Result};
use postgres::Client;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

/// What a session does next.
type Job = Box<dyn FnOnce(&mut Client) -> Fate + Send>;

/// What is to become of a connection after a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is as good as before.
    Kept,
    /// It is of no more use.
    Ended,
}

/// A connection, in a thread of its own that does what it is told.
pub(super) struct Session {
    jobs: mpsc::Sender<Job>,
    target: Target,
    crew: Arc<Crew>,
    pub(super) born: Instant,
    /// It is of no more use.
    pub(super) lost: bool,
}

/// How long to wait for a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    /// After so long without a word the server's pulse is felt.
    pub(super) patience: Duration,
    /// Without a word for so long, it is given up even if the server lives.
    pub(super) limit: Option<Duration>,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// If no host gives a connection.
    pub(super) fn open(settings: &Settings, crew: &Arc<Crew>) -> Result<Self> {
        let (mut client, target) = dial(settings, crew)?;
        let (jobs, orders) = mpsc::channel::<Job>();
        let started = crew.start(move || while orders.recv().is_ok_and(|job| job(&mut client) == Fate::Kept) {});
        if !started {
            return Err(Error::new(ErrorKind::Unavailable, "too many connections wait for an answer"));
        }
        Ok(Session { jobs, target, crew: crew.clone(), born: Instant::now(), lost: false })
    }

    /// Begins a job. What it tells comes by the receiver, at most `room` messages ahead of who hears them.
    pub(super) fn begin<M: Send + 'static>(
        &self,
        room: usize,
        job: impl FnOnce(&mut Client, &SyncSender<M>) -> Fate + Send + 'static,
    ) -> Receiver<M> {
        let (tell, told) = mpsc::sync_channel(room);
        // If the thread has ended, so has the receiver's other side.
        let _ = self.jobs.send(Box::new(move |client| job(client, &tell)));
        told
    }

    /// The next message of a job.
    ///
    /// # Errors
    /// If the connection is lost, the server frozen, or the wait too long.
    pub(super) fn wait<M>(&self, told: &Receiver<M>, wait: Wait) -> Result<M, Fault> {
        let began = Instant::now();
        loop {
            match told.recv_timeout(wait.patience) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Disconnected) => {
                    let error = Error::new(ErrorKind::Unavailable, "the connection was lost");
                    return Err(Fault { error, lost: true, again: true });
                }
                Err(RecvTimeoutError::Timeout) if wait.limit.is_some_and(|limit| began.elapsed() > limit) => {
                    return Err(Fault::given_up(ErrorKind::Timeout, "no answer within the time limit of a statement"));
                }
                Err(RecvTimeoutError::Timeout) if !has_pulse(&self.target, &self.crew) => {
                    return Err(Fault::given_up(ErrorKind::Unavailable, "the database has stopped answering"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Has something done, and waits for what comes of it.
    ///
    /// # Errors
    /// What it fails with, and as [`wait`](Session::wait).
    pub(super) fn ask<T: Send + 'static>(
        &self,
        wait: Wait,
        question: impl FnOnce(&mut Client) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let told = self.begin(1, move |client, tell| {
            let outcome = question(client);
            let fate = if outcome.as_ref().is_err_and(|fault| fault.lost) { Fate::Ended } else { Fate::Kept };
            // Whoever asked may have left.
            let _ = tell.send(outcome);
            fate
        });
        self.wait(&told, wait)?
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("born", &self.born).field("lost", &self.lost).finish_non_exhaustive()
    }
}
