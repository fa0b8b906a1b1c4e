//! A sign of life: a line on a terminal that says what a command waits for, from the first second on.
//!
//! The line is on standard error. It is removed before the output begins on the same terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The time without a sign, because most commands end within it.
const QUIET: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);
const TEMPLATE: &str = "{spinner} {msg} ({elapsed})";

static STATE: Mutex<State> = Mutex::new(State::Off);

/// The state of the only line of the program.
enum State {
    Off,
    /// The command has just begun.
    Waiting,
    Shown(ProgressBar),
}

/// The line is shown until this value is dropped, or until [`stop`] is called.
#[derive(Debug)]
pub(crate) struct SignOfLife(());

impl SignOfLife {
    /// Shows the line after a second, if standard error is a terminal.
    pub(crate) fn start(what: String) -> Self {
        if io::stderr().is_terminal() {
            *state() = State::Waiting;
            // Without the thread, the command works as well.
            let _ = thread::Builder::new().name("sign of life".to_owned()).spawn(move || {
                thread::sleep(QUIET);
                show(what);
            });
        }
        SignOfLife(())
    }
}

impl Drop for SignOfLife {
    fn drop(&mut self) {
        stop();
    }
}

fn show(what: String) {
    let mut state = state();
    if !matches!(*state, State::Waiting) {
        return;
    }
    let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_spinner());
    let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let line = line.with_style(style).with_message(what).with_elapsed(QUIET);
    line.enable_steady_tick(TICK);
    *state = State::Shown(line);
}

/// Removes the line for good.
pub(crate) fn stop() {
    if let State::Shown(line) = std::mem::replace(&mut *state(), State::Off) {
        line.finish_and_clear();
    }
}

/// Writes something to the terminal above the line.
pub(crate) fn above(write: impl FnOnce()) {
    match &*state() {
        State::Shown(line) => line.suspend(write),
        _ => write(),
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
