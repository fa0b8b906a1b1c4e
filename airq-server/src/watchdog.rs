//! Ends the process if its accept loop hangs, so that the service manager restarts it.

use crate::transport::Heartbeat;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);
/// The number of consecutive checks without an iteration of the accept loop after which the process ends. A server that is only
/// full still iterates.
const PATIENCE: u32 = 3;

/// Starts a thread that watches an accept loop until `stop` is set.
pub(crate) fn start(heartbeat: Heartbeat, stop: Arc<AtomicBool>) {
    let thread = std::thread::Builder::new().name("watchdog".to_owned());
    if let Err(error) = thread.spawn(move || watch(&heartbeat, &stop)) {
        log::warn!("no watchdog: {error:#}");
    }
}

fn watch(heartbeat: &Heartbeat, stop: &AtomicBool) {
    let mut last = heartbeat.iterations();
    let mut checks = 0;
    while checks < PATIENCE {
        std::thread::sleep(EVERY);
        if stop.load(Ordering::Acquire) {
            return;
        }
        let now = heartbeat.iterations();
        checks = if now == last { checks + 1 } else { 0 };
        last = now;
    }
    log::error!("the accept loop hangs (no iteration in {PATIENCE} checks): exiting, to be restarted");
    std::process::exit(1);
}
