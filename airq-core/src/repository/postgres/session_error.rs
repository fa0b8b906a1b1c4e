//! Errors of PostgreSQL and of connections to it, as errors of this crate.

use crate::error::{Error, ErrorKind};
use postgres::error::SqlState;
use std::error::Error as _;
use std::fmt;

/// An error, and the state of its connection.
#[derive(Debug)]
pub(crate) struct SessionError {
    pub(crate) error: Error,
    /// True if the connection must be closed.
    pub(crate) lost: bool,
    /// True if the call can be repeated over another connection, if it had no effect yet.
    pub(crate) again: bool,
}

impl SessionError {
    /// Returns a fault after which the connection can be used again.
    pub(crate) fn harmless(error: Error) -> Self {
        SessionError { error, lost: false, again: false }
    }

    /// Returns a fault of a connection that must be closed.
    pub(crate) fn given_up(kind: ErrorKind, why: impl Into<String>) -> Self {
        SessionError { error: Error::new(kind, why), lost: true, again: false }
    }
}

impl From<postgres::Error> for SessionError {
    fn from(error: postgres::Error) -> Self {
        let state = error.code();
        let cut_off = error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        let lost = cut_off || state.is_some_and(|state| state.code().starts_with("57P"));
        SessionError { error: described(error), lost, again: lost }
    }
}

/// Returns the error with its kind and the message of PostgreSQL.
pub(crate) fn described(error: postgres::Error) -> Error {
    let kind = error.code().map_or(ErrorKind::Unavailable, kind_of);
    let what = match error.code() {
        Some(&(SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN)) => {
            "the database has not airq's tables, or old ones: `airq-cli migrate` makes them"
        }
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            "the user of this connection lacks a right: `grant airq_reader to USER` lets it read, airq_loader lets it import"
        }
        Some(state) if is_refusal(state) => "the database does not let this user in",
        Some(&SqlState::QUERY_CANCELED) => "the query took longer than it may",
        _ => "PostgreSQL",
    };
    Error::with_source(kind, what, Spoken(error))
}

/// Returns whether the database refuses the user, or the user lacks a privilege.
fn is_refusal(state: &SqlState) -> bool {
    state.code() == SqlState::INSUFFICIENT_PRIVILEGE.code() || state.code().starts_with("28")
}

/// Returns the kind of an error. An error is unavailable if it may go away: the database is down, full, starting or not migrated.
fn kind_of(state: &SqlState) -> ErrorKind {
    const UNAVAILABLE: [&str; 7] = ["08", "3D", "40", "53", "57", "42P01", "42703"];
    match state.code() {
        _ if is_refusal(state) => ErrorKind::Forbidden,
        "57014" => ErrorKind::Timeout,
        code if UNAVAILABLE.iter().any(|class| code.starts_with(class)) => ErrorKind::Unavailable,
        _ => ErrorKind::Internal,
    }
}

/// An error of the client with its details. The client's `Display` is only "db error".
#[derive(Debug)]
struct Spoken(postgres::Error);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(said) = self.0.as_db_error() {
            write!(f, "{} (SQLSTATE {})", said.message(), said.code().code())?;
            if let Some(hint) = said.hint() {
                write!(f, "; {hint}")?;
            }
            return Ok(());
        }
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Spoken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
