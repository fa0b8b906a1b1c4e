//! A thread that asks for the files of URLs again, also while no request needs their rows.

use super::source::Source;
use crate::error::Result;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Starts the thread, if the source has files of URLs. It ends with the source.
///
/// # Errors
/// If the thread cannot be started.
pub(super) fn start(source: &Arc<Source>) -> Result<()> {
    if source.remote.is_empty() {
        return Ok(());
    }
    let (sender, dropped) = mpsc::channel();
    // A source is started once.
    let _first = source.refreshing.set(sender);
    let every = source.options.refresh();
    let source = Arc::downgrade(source);
    std::thread::Builder::new().name("airq-refresh".to_owned()).spawn(move || refresh(&source, &dropped, every))?;
    Ok(())
}

fn refresh(source: &Weak<Source>, dropped: &Receiver<()>, every: Duration) {
    while dropped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        let Some(source) = source.upgrade() else { return };
        if source.remote.refresh() {
            source.load();
        }
    }
}
