//! The rows of a selection, pushed from PostgreSQL's `COPY` into a writer.

use super::fault::Fault;
use super::session::{Fate, Session, Wait};
use super::sql::{Ask, OPENING};
use super::tls::Tls;
use crate::error::{Error, ErrorKind};
use crate::model::Pollutant;
use postgres::{CancelToken, Client, IsolationLevel, Transaction};
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

/// How much is handed over at once.
const PIECE: usize = 64 * 1024;
/// How many pieces the connection may be ahead of the writer.
const ROOM: usize = 4;
/// How long a server that has begun to answer may be silent before its pulse is felt.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the connection's thread hands over.
enum Piece {
    Csv(Vec<u8>),
    /// All is there; the version of the data it is from.
    End(String),
}

/// Why a copy ended early.
enum Stop {
    /// Whoever wanted the rows has left.
    Unheard,
    Failed(Fault),
}

type Told = Result<Piece, Fault>;

/// Writes the rows and gives the version of the data they are from.
///
/// # Errors
/// What the database fails with; what `out` returned, and then the connection is of no more use.
pub(super) fn write(
    session: &Session,
    mut wait: Wait,
    ask: &Arc<Ask>,
    tls: &Tls,
    out: &mut dyn Write,
) -> Result<String, Fault> {
    let (ask, tls) = (ask.clone(), tls.clone());
    let told = session.begin(ROOM, move |client, tell| send(client, &ask, tls, tell));
    let mut begun = false;
    loop {
        // Once rows are out, nothing can be made again.
        let piece = session.wait(&told, wait).and_then(|told| told);
        match piece.map_err(|fault| Fault { again: fault.again && !begun, ..fault })? {
            Piece::Csv(csv) => {
                out.write_all(&csv).map_err(|error| Fault { error: error.into(), lost: true, again: false })?;
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
    // Whoever asked may have left with all that it wanted.
    let _ = tell.send(Err(fault));
    fate
}

/// One transaction: version and rows are of one state of the data.
fn copy(client: &mut Client, ask: &Ask, tls: Tls, cancel: &CancelToken, tell: &SyncSender<Told>) -> Result<(), Stop> {
    let mut transaction =
        client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start()?;
    let (version, optional) = open(&mut transaction, ask)?;
    let mut reader = transaction.copy_out(&ask.copy(&optional))?;
    let mut piece = Vec::with_capacity(2 * PIECE);
    loop {
        let csv = reader.fill_buf().map_err(cut_off)?;
        if csv.is_empty() {
            break;
        }
        piece.extend_from_slice(csv);
        let taken = csv.len();
        reader.consume(taken);
        if piece.len() >= PIECE {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(2 * PIECE));
            if tell.send(Ok(Piece::Csv(full))).is_err() {
                // Otherwise the client would take in all the rest before it ends.
                let _not_there_any_more = cancel.cancel_query(tls);
                return Err(Stop::Unheard);
            }
        }
    }
    drop(reader);
    // All is read, and the end of the transaction can change nothing of it: nobody waits for that.
    for last in [Piece::Csv(piece), Piece::End(version)] {
        // Whoever asked may have left with all that it wanted.
        let _ = tell.send(Ok(last));
    }
    Ok(transaction.commit()?)
}

fn open(transaction: &mut Transaction<'_>, ask: &Ask) -> Result<(String, Vec<Pollutant>), Stop> {
    let rows = ask.parameters(|parameters| transaction.query_typed(OPENING, parameters))?;
    if let Some(periods) = ask.periods() {
        periods.open(|sql, parameters| transaction.query_typed(sql, parameters))?;
    }
    let row = rows.first().ok_or_else(|| {
        Stop::Failed(Fault::harmless(Error::new(ErrorKind::Internal, "the database gave no version")))
    })?;
    let names: Vec<String> = row.try_get(1)?;
    Ok((row.try_get(0)?, names.iter().filter_map(|name| Pollutant::parse(name)).collect()))
}

/// The client's own error comes inside an I/O error.
fn cut_off(error: io::Error) -> Stop {
    match error.downcast::<postgres::Error>() {
        Ok(error) => error.into(),
        Err(error) => Stop::Failed(Fault { error: error.into(), lost: true, again: false }),
    }
}

impl From<postgres::Error> for Stop {
    fn from(error: postgres::Error) -> Self {
        Stop::Failed(error.into())
    }
}
