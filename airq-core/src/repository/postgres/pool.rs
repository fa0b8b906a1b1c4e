//! The connection pool: connects on demand, discards failed connections, and repeats a read once.

use super::crew::Crew;
use super::session::{Session, Wait};
use super::session_error::SessionError;
use super::settings::Settings;
use crate::deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::{PoolState, Queue};
use r2d2::{ManageConnection, NopErrorHandler, PooledConnection};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time limit for a free connection.
const CHECKOUT: Duration = Duration::from_millis(1900);
/// The time without an answer after which a server is checked, at least the time that the checkout took.
const PATIENCE: Duration = Duration::from_secs(1);
const LEAST_PATIENCE: Duration = Duration::from_millis(100);
/// The time that a statement may take beyond its time limit to report the timeout.
const GRACE: Duration = Duration::from_secs(2);

/// The connections to one database.
#[derive(Debug)]
pub(super) struct Pool {
    connections: r2d2::Pool<Dialer>,
    queue: Queue,
    /// The time at which a lost connection was last found. Older connections are not used any more.
    lost_at: Mutex<Option<Instant>>,
    limit: Option<Duration>,
    trouble: Trouble,
}

impl Pool {
    /// Returns a pool without connections, because the database may be down.
    pub(super) fn new(settings: Settings) -> Self {
        let limit = settings.statement_timeout.map(|timeout| timeout + GRACE);
        let size = settings.pool_size;
        let trouble = Trouble::default();
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(CHECKOUT)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(Dialer::new(settings, trouble.clone()));
        Pool { connections: pool, queue: Queue::default(), lost_at: Mutex::default(), limit, trouble }
    }

    /// Reads over a connection. If the connection is lost before the read had an effect, the read is repeated once over another
    /// connection.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if there is no connection; the error of the read.
    pub(super) fn read<T>(&self, mut read: impl FnMut(&Session, Wait) -> Result<T, SessionError>) -> Result<T> {
        let began = Instant::now();
        let mut again = true;
        loop {
            let mut session = self.checkout(began)?;
            let patience = PATIENCE.saturating_sub(began.elapsed()).max(LEAST_PATIENCE);
            let outcome = read(&session, Wait { patience, limit: self.limit });
            let Err(fault) = outcome else { return outcome.map_err(|fault| fault.error) };
            session.lost = fault.lost;
            if fault.lost && fault.error.is_unavailable() {
                *self.lost_at() = Some(Instant::now());
            }
            if !(fault.again && again) {
                return Err(fault.error);
            }
            again = false;
        }
    }

    /// Returns the state of the pool.
    pub(super) fn state(&self) -> PoolState {
        self.queue.state("postgres", &self.connections)
    }

    fn lost_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.lost_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a connection that is younger than the last loss.
    fn checkout(&self, began: Instant) -> Result<PooledConnection<Dialer>> {
        loop {
            let left = deadline::at_most(CHECKOUT.saturating_sub(began.elapsed()));
            let mut session = self.queue.take(&self.connections, left).map_err(|_| self.none_free())?;
            if self.lost_at().is_none_or(|lost_at| session.born > lost_at) {
                return Ok(session);
            }
            session.lost = true;
        }
    }

    fn none_free(&self) -> Error {
        let (kind, why) = match &*self.trouble.lock().unwrap_or_else(PoisonError::into_inner) {
            // A user that is not let in stays so, also if another attempt begins meanwhile.
            Some(error) if error.is_forbidden() => (ErrorKind::Forbidden, format!("{error:#}")),
            Some(error) => (ErrorKind::Unavailable, format!("{error:#}")),
            None => {
                let busy = format!("all {} connections are busy", self.connections.state().connections);
                (ErrorKind::Unavailable, busy)
            }
        };
        Error::new(kind, format!("no connection to the database within {CHECKOUT:?}: {why}"))
    }
}

/// The reason why no connection can be made at the moment, if there is one.
type Trouble = Arc<Mutex<Option<Error>>>;

/// Makes the connections of the pool. Logs changes only, not each attempt while the database is down.
#[derive(Debug)]
struct Dialer {
    settings: Settings,
    crew: Arc<Crew>,
    trouble: Trouble,
}

impl Dialer {
    fn new(settings: Settings, trouble: Trouble) -> Self {
        // A thread for each connection, as many for attempts to connect, and twice as many for calls that wait for a frozen server.
        let crew = Arc::new(Crew::new(4 * settings.pool_size as usize + 4));
        Dialer { settings, crew, trouble }
    }

    fn note(&self, failed: Option<&Error>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*trouble, failed) {
            (None, Some(error)) => log::warn!("{}: no connection: {error:#}", self.settings),
            (Some(_), None) => log::info!("{}: connected again", self.settings),
            _ => {}
        }
        *trouble = failed.cloned();
    }
}

impl ManageConnection for Dialer {
    type Connection = Session;
    type Error = Error;

    fn connect(&self) -> Result<Session> {
        let opened = Session::open(&self.settings, &self.crew);
        self.note(opened.as_ref().err());
        opened
    }

    /// Does not check the connection, because a check of a frozen server does not end. The next use of the connection finds errors.
    fn is_valid(&self, _session: &mut Session) -> Result<()> {
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.lost
    }
}
