//! The thread that sends rows to the database while the files are read.
//!
//! Each file has its own columns, and a `COPY` has the same columns from its start to its end: the reader of the files starts another
//! `COPY` where the columns change.

use crate::error::{Error, ErrorKind, Result};
use crate::repository::postgres::described;
use postgres::Transaction;
use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// The number of messages that the reader may be ahead of the database.
const ROOM: usize = 4;

enum Message {
    /// Runs statements, unless the text is empty, and starts a `COPY`.
    Start {
        statements: String,
        copy: String,
    },
    Rows(Vec<u8>),
    /// Ends the `COPY`. Without this message PostgreSQL drops the rows.
    End,
}

/// The side of the reader.
pub(super) struct CopyStream(SyncSender<Message>);

impl CopyStream {
    /// Runs statements, unless the text is empty, and starts a `COPY`.
    ///
    /// # Errors
    /// If the database has failed.
    pub(super) fn start(&self, statements: String, copy: String) -> Result<()> {
        self.send(Message::Start { statements, copy })
    }

    /// Sends rows.
    ///
    /// # Errors
    /// If the database has failed.
    pub(super) fn rows(&self, rows: Vec<u8>) -> Result<()> {
        self.send(Message::Rows(rows))
    }

    /// Ends the `COPY`.
    ///
    /// # Errors
    /// If the database has failed.
    pub(super) fn end(&self) -> Result<()> {
        self.send(Message::End)
    }

    fn send(&self, message: Message) -> Result<()> {
        self.0.send(message).map_err(|_| Error::new(ErrorKind::Internal, "the copy to the database has ended"))
    }
}

/// Calls `read` with a stream to the database.
///
/// # Errors
/// The error of the database, or that of `read`.
pub(super) fn run<T>(transaction: &mut Transaction<'_>, read: impl FnOnce(CopyStream) -> Result<T>) -> Result<T> {
    let (sender, receiver) = sync_channel(ROOM);
    thread::scope(|scope| {
        let sending = scope.spawn(move || send(transaction, &receiver));
        let read = read(CopyStream(sender));
        let sent = sending.join().unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the copy has panicked")));
        // If the database fails, the reader fails too, and does not know why.
        sent.and(read)
    })
}

fn send(transaction: &mut Transaction<'_>, messages: &Receiver<Message>) -> Result<()> {
    while let Ok(message) = messages.recv() {
        let Message::Start { statements, copy } = message else {
            return Err(Error::new(ErrorKind::Internal, "rows outside of a COPY"));
        };
        if !statements.is_empty() {
            transaction.batch_execute(&statements).map_err(described)?;
        }
        if !send_rows(transaction, &copy, messages)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends the rows of one `COPY`. Returns whether the `COPY` was ended.
fn send_rows(transaction: &mut Transaction<'_>, copy: &str, messages: &Receiver<Message>) -> Result<bool> {
    let mut writer = transaction.copy_in(copy).map_err(described)?;
    while let Ok(message) = messages.recv() {
        let Message::Rows(rows) = message else {
            writer.finish().map_err(described)?;
            return Ok(true);
        };
        writer.write_all(&rows).map_err(|error| match error.downcast::<postgres::Error>() {
            Ok(error) => described(error),
            Err(error) => error.into(),
        })?;
    }
    Ok(false)
}
