//! The rows of a selection, passed from PostgreSQL's `COPY` to a writer.

use super::non_finite;
use super::session::{Fate, Session, Wait};
use super::session_error::SessionError;
use super::sql::{Ask, OPENING, parameters};
use super::tls::Tls;
use crate::error::{Error, ErrorKind};
use crate::model::Parameter;
use postgres::{CancelToken, Client, IsolationLevel, Transaction};
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// The number of bytes that are passed at once.
const PIECE: usize = 64 * 1024;
/// The number of buffers that may wait for the writer.
const ROOM: usize = 4;
/// The time without rows after which a server that has started to answer is checked.
const PATIENCE: Duration = Duration::from_secs(1);

/// A message of the connection's thread.
enum Piece {
    Csv(Vec<u8>),
    /// The end of the rows, with the version of the data.
    End(String),
}

/// The reason why a copy ended early.
enum Stop {
    /// The receiver of the rows is gone.
    Unheard,
    Failed(SessionError),
}

type Told = Result<Piece, SessionError>;

/// Writes the rows and returns the version of the data they are from.
///
/// # Errors
/// The error of the database, or the error of `out`, after which the connection must be closed.
pub(super) fn write(
    session: &Session,
    mut wait: Wait,
    ask: &Arc<Ask>,
    tls: &Tls,
    out: &mut dyn Write,
) -> Result<String, SessionError> {
    let (ask, tls) = (ask.clone(), tls.clone());
    let told = session.begin(ROOM, move |client, tell| send(client, &ask, tls, tell));
    let mut begun = false;
    loop {
        // Once rows are written, the read cannot be repeated.
        let piece = session.wait(&told, wait).flatten();
        match piece.map_err(|fault| SessionError { again: fault.again && !begun, ..fault })? {
            Piece::Csv(csv) => {
                out.write_all(&csv).map_err(|error| SessionError { error: error.into(), lost: true, again: false })?;
                begun = true;
                wait.patience = PATIENCE;
            }
            Piece::End(version) => return Ok(version),
        }
    }
}

fn send(client: &mut Client, ask: &Ask, tls: Tls, tell: &SyncSender<Told>) -> Fate {
    let cancel = client.cancel_token();
    let fault = match copy(client, ask, tls, &cancel, tell) {
        Ok(()) => return Fate::Kept,
        Err(Stop::Failed(fault)) => fault,
        Err(Stop::Unheard) => return Fate::Ended,
    };
    let fate = if fault.lost { Fate::Ended } else { Fate::Kept };
    // The caller may have all rows that it needs.
    let _ = tell.send(Err(fault));
    fate
}

/// Copies the rows in one transaction, so that version and rows show one state of the data.
fn copy(client: &mut Client, ask: &Ask, tls: Tls, cancel: &CancelToken, tell: &SyncSender<Told>) -> Result<(), Stop> {
    let mut transaction =
        client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start()?;
    let (version, parameters) = open(&mut transaction, ask)?;
    let (command, header) = ask.copy(&parameters);
    let mut reader = transaction.copy_out(&command)?;
    let mut piece = Vec::with_capacity(2 * PIECE);
    piece.extend_from_slice(&header);
    loop {
        let csv = reader.fill_buf().map_err(cut_off)?;
        if csv.is_empty() {
            break;
        }
        piece.extend_from_slice(csv);
        let taken = csv.len();
        reader.consume(taken);
        if piece.len() >= PIECE {
            let mut full = std::mem::replace(&mut piece, Vec::with_capacity(2 * PIECE));
            non_finite::remove(&mut full);
            if tell.send(Ok(Piece::Csv(full))).is_err() {
                // Otherwise the client would read all remaining rows before the copy ends.
                let _not_there_any_more = cancel.cancel_query(tls);
                return Err(Stop::Unheard);
            }
        }
    }
    drop(reader);
    non_finite::remove(&mut piece);
    // All rows are read, and the end of the transaction cannot change them, so the caller does not wait for it.
    for last in [Piece::Csv(piece), Piece::End(version)] {
        // The caller may have all rows that it needs.
        let _ = tell.send(Ok(last));
    }
    Ok(transaction.commit()?)
}

fn open(transaction: &mut Transaction<'_>, ask: &Ask) -> Result<(String, Vec<Parameter>), Stop> {
    let rows = ask.bind(|parameters| transaction.query_typed(OPENING, parameters))?;
    if let Some(periods) = ask.periods() {
        periods.open(|sql, parameters| transaction.query_typed(sql, parameters))?;
    }
    let row = rows.first().ok_or_else(|| {
        Stop::Failed(SessionError::harmless(Error::new(ErrorKind::Internal, "the database gave no version")))
    })?;
    let (codes, units): (Vec<String>, Vec<String>) = (row.try_get(1)?, row.try_get(2)?);
    Ok((row.try_get(0)?, parameters(&codes, &units)))
}

/// Returns the error of the client, which an I/O error wraps.
fn cut_off(error: io::Error) -> Stop {
    match error.downcast::<postgres::Error>() {
        Ok(error) => error.into(),
        Err(error) => Stop::Failed(SessionError { error: error.into(), lost: true, again: false }),
    }
}

impl From<postgres::Error> for Stop {
    fn from(error: postgres::Error) -> Self {
        Stop::Failed(error.into())
    }
}
