//! How far a conversion is: a bar on standard error, or nothing.

use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}  {binary_bytes_per_sec}  {eta} left";

/// A bar that counts bytes; clones are the same bar.
#[derive(Clone, Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// One that shows nothing.
    pub(crate) fn hidden() -> Self {
        Progress(ProgressBar::hidden())
    }

    /// One that goes up to so many bytes.
    pub(crate) fn of_bytes(size: u64) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress(ProgressBar::new(size).with_style(style))
    }

    /// So many bytes more are done.
    pub(crate) fn advance(&self, bytes: usize) {
        self.0.inc(bytes as u64);
    }

    /// Takes the bar away while something else writes to the terminal.
    pub(crate) fn aside(&self, write: impl FnOnce()) {
        self.0.suspend(write);
    }

    /// Takes the bar away for good.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
