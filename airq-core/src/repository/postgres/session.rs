//! A connection with a thread of its own.

use super::crew::Crew;
use super::dial::{dial, has_pulse};
use super::session_error::SessionError;
use super::settings::{Settings, Target};
use crate::deadline;
use crate::error::{Error, ErrorKind, Result};
use postgres::Client;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

/// The next job of a session.
type Job = Box<dyn FnOnce(&mut Client) -> Fate + Send>;

/// The state of a connection after a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The connection can be used again.
    Kept,
    /// The connection must be closed.
    Ended,
}

/// A connection with a thread that runs one job after another.
pub(super) struct Session {
    jobs: mpsc::Sender<Job>,
    target: Target,
    crew: Arc<Crew>,
    pub(super) born: Instant,
    /// The connection must be closed.
    pub(super) lost: bool,
}

/// The time limits for an answer of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    /// The time without a message after which the server is checked.
    pub(super) patience: Duration,
    /// The time without a message after which the call fails, even if the server responds to the check.
    pub(super) limit: Option<Duration>,
}

impl Session {
    /// Opens a connection.
    ///
    /// # Errors
    /// If no host accepts a connection.
    pub(super) fn open(settings: &Settings, crew: &Arc<Crew>) -> Result<Self> {
        let (mut client, target) = dial(settings, crew)?;
        let (jobs, orders) = mpsc::channel::<Job>();
        let started = crew.start(move || {
            while let Ok(job) = orders.recv() {
                if job(&mut client) != Fate::Kept {
                    break;
                }
            }
        });
        if !started {
            return Err(Error::new(ErrorKind::Unavailable, "too many connections wait for an answer"));
        }
        Ok(Session { jobs, target, crew: crew.clone(), born: Instant::now(), lost: false })
    }

    /// Starts a job. Its messages come through the receiver, with at most `room` messages that wait.
    pub(super) fn begin<M: Send + 'static>(
        &self,
        room: usize,
        job: impl FnOnce(&mut Client, &SyncSender<M>) -> Fate + Send + 'static,
    ) -> Receiver<M> {
        let (tell, told) = mpsc::sync_channel(room);
        // If the thread has ended, the receiver has no sender, and the next receive fails.
        let _ = self.jobs.send(Box::new(move |client| job(client, &tell)));
        told
    }

    /// Returns the next message of a job.
    ///
    /// # Errors
    /// If the connection is lost, the server is frozen, or the wait is too long.
    pub(super) fn wait<M>(&self, told: &Receiver<M>, wait: Wait) -> Result<M, SessionError> {
        let began = Instant::now();
        loop {
            if deadline::has_passed() {
                return Err(SessionError::given_up(ErrorKind::Timeout, "no answer within the time of the request"));
            }
            match told.recv_timeout(deadline::at_most(wait.patience)) {
                Ok(message) => return Ok(message),
                Err(RecvTimeoutError::Disconnected) => {
                    let error = Error::new(ErrorKind::Unavailable, "the connection was lost");
                    return Err(SessionError { error, lost: true, again: true });
                }
                Err(RecvTimeoutError::Timeout) if wait.limit.is_some_and(|limit| began.elapsed() > limit) => {
                    return Err(SessionError::given_up(
                        ErrorKind::Timeout,
                        "no answer within the time limit of a statement",
                    ));
                }
                Err(RecvTimeoutError::Timeout) if deadline::has_passed() => {}
                Err(RecvTimeoutError::Timeout) if !has_pulse(&self.target, &self.crew) => {
                    return Err(SessionError::given_up(ErrorKind::Unavailable, "the database has stopped answering"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Runs a job and returns its result.
    ///
    /// # Errors
    /// The error of the job, or an error as of [`wait`](Session::wait).
    pub(super) fn ask<T: Send + 'static>(
        &self,
        wait: Wait,
        question: impl FnOnce(&mut Client) -> Result<T, SessionError> + Send + 'static,
    ) -> Result<T, SessionError> {
        let told = self.begin(1, move |client, tell| {
            let outcome = question(client);
            let fate = match &outcome {
                Err(fault) if fault.lost => Fate::Ended,
                _ => Fate::Kept,
            };
            // The caller may have given up.
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
