//! The pool: connections made late, discarded when they fail, and a read made again once.

use super::crew::Crew;
use super::fault::Fault;
use super::session::{Session, Wait};
use super::settings::Settings;
use crate::error::{Error, ErrorKind, Result};
use crate::pool::{PoolState, Queue};
use r2d2::{ManageConnection, NopErrorHandler, PooledConnection};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long to wait for a free connection.
const CHECKOUT: Duration = Duration::from_millis(1900);
/// How long a silent server is trusted, and at least however long the checkout took.
const PATIENCE: Duration = Duration::from_secs(1);
const LEAST_PATIENCE: Duration = Duration::from_millis(100);
/// How much longer than its time limit a statement may take to say so.
const GRACE: Duration = Duration::from_secs(2);

/// Connections to one database.
#[derive(Debug)]
pub(super) struct Pool {
    connections: r2d2::Pool<Dialer>,
    queue: Queue,
    /// When a connection was last found lost: those made before it are not trusted any more.
    lost_at: Mutex<Option<Instant>>,
    limit: Option<Duration>,
    trouble: Trouble,
}

impl Pool {
    /// A pool that has no connection yet: the database may be down.
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

    /// Reads by a connection; once more by another if the first was lost before anything came of it.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if there is no connection; what the read failed with.
    pub(super) fn read<T>(&self, mut read: impl FnMut(&Session, Wait) -> Result<T, Fault>) -> Result<T> {
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

    /// How it is doing.
    pub(super) fn state(&self) -> PoolState {
        self.queue.state("postgres", &self.connections)
    }

    fn lost_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.lost_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that is younger than the last loss.
    fn checkout(&self, began: Instant) -> Result<PooledConnection<Dialer>> {
        loop {
            let left = CHECKOUT.saturating_sub(began.elapsed());
            let mut session = self.queue.take(&self.connections, left).map_err(|_| self.none_free())?;
            if self.lost_at().is_none_or(|lost_at| session.born > lost_at) {
                return Ok(session);
            }
            session.lost = true;
        }
    }

    fn none_free(&self) -> Error {
        let why = match &*self.trouble.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(why) => why.clone(),
            None => format!("all {} connections are busy", self.connections.state().connections),
        };
        Error::new(ErrorKind::Unavailable, format!("no connection to the database within {CHECKOUT:?}: {why}"))
    }
}

/// Why no connection can be made at the moment, if none can.
type Trouble = Arc<Mutex<Option<String>>>;

/// Makes the pool's connections. Tells the log of a change only: not of every try while the database is down.
#[derive(Debug)]
struct Dialer {
    settings: Settings,
    crew: Arc<Crew>,
    trouble: Trouble,
}

impl Dialer {
    fn new(settings: Settings, trouble: Trouble) -> Self {
        // Each connection has a thread. As many again may dial, and twice as many be left behind with a frozen server.
        let crew = Arc::new(Crew::new(4 * settings.pool_size as usize + 4));
        Dialer { settings, crew, trouble }
    }

    fn note(&self, failed: Option<&Error>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*trouble, failed) {
            (None, Some(error)) => log::warn!("{}: no connection: {error}", self.settings),
            (Some(_), None) => log::info!("{}: connected again", self.settings),
            _ => {}
        }
        *trouble = failed.map(ToString::to_string);
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

    /// Not asked: a look at a frozen server would take for ever, and who uses a connection learns how it is.
    fn is_valid(&self, _session: &mut Session) -> Result<()> {
        Ok(())
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.lost
    }
}
