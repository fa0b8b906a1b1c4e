//! How far a conversion or an import is: a bar on standard error, or nothing.

use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

const TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}  {binary_bytes_per_sec}  {eta} left";
const IMPORT_TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}  {msg}  {eta} left";
const WAIT_TEMPLATE: &str = "{spinner} {msg} ({elapsed})";

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

    /// One of an import of so many bytes.
    pub(crate) fn of_import(size: u64) -> Self {
        let style = ProgressStyle::with_template(IMPORT_TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress(ProgressBar::new(size).with_style(style))
    }

    /// So many bytes and rows are read.
    pub(crate) fn reached(&self, bytes: u64, rows: u64) {
        self.0.set_position(bytes);
        let millis = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        self.0.set_message(format!("{rows} rows  {} rows/s", rows.saturating_mul(1000) / millis));
    }

    /// Something of which nobody knows how long it takes.
    pub(crate) fn waits(&self, for_what: &'static str) {
        if let Ok(style) = ProgressStyle::with_template(WAIT_TEMPLATE) {
            self.0.set_style(style);
        }
        self.0.set_message(for_what);
        self.0.enable_steady_tick(Duration::from_millis(120));
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
