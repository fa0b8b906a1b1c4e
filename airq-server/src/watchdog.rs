//! Ends the process when it has stopped accepting connections, so that whoever runs it starts it anew.

use crate::transport::Pulse;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);
/// How many looks in a row must find no round more. A server that is merely full goes round all the same.
const PATIENCE: u32 = 3;

/// Watches an accept loop from a thread of its own, until `stop` is raised.
pub(crate) fn start(pulse: Pulse, stop: Arc<AtomicBool>) {
    let watch = move || {
        let (mut seen, mut still) = (pulse.rounds(), 0);
        while still < PATIENCE {
            std::thread::sleep(EVERY);
            if stop.load(Ordering::Acquire) {
                return;
            }
            let now = pulse.rounds();
            still = if now == seen { still + 1 } else { 0 };
            seen = now;
        }
        log::error!("no connection was accepted or waited for in {PATIENCE} looks: ending, to be started anew");
        std::process::exit(1);
    };
    if let Err(error) = std::thread::Builder::new().name("watchdog".to_owned()).spawn(watch) {
        log::warn!("no watchdog: {error}");
    }
}
