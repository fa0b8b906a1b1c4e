//! The progress of a conversion or an import: a bar on standard error, or nothing.

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt;
use std::time::{Duration, Instant};

const TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}  {binary_bytes_per_sec}  {eta} left";
const IMPORT_TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}  {msg}  {eta} left to read";
const WRITE_TEMPLATE: &str = "{spinner} taking the rows into the data set ({elapsed}), {left}";
const WAIT_TEMPLATE: &str = "{spinner} {msg} ({elapsed})";

/// A bar that counts bytes; clones are the same bar.
#[derive(Clone, Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar that is not shown.
    pub(crate) fn hidden() -> Self {
        Progress(ProgressBar::hidden())
    }

    /// Returns whether the bar is not shown.
    pub(crate) fn is_hidden(&self) -> bool {
        self.0.is_hidden()
    }

    /// A bar of `size` bytes.
    pub(crate) fn of_bytes(size: u64) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress(ProgressBar::new(size).with_style(style))
    }

    /// A bar of an import of `size` bytes.
    pub(crate) fn of_import(size: u64) -> Self {
        let style = ProgressStyle::with_template(IMPORT_TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Progress(ProgressBar::new(size).with_style(style))
    }

    /// Sets the number of bytes and rows that are read.
    pub(crate) fn reached(&self, bytes: u64, rows: u64) {
        self.0.set_position(bytes);
        let millis = u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        self.0.set_message(format!("{rows} rows  {} rows/s", rows.saturating_mul(1000) / millis));
    }

    /// Shows a step of unknown length.
    pub(crate) fn waits(&self, for_what: &'static str) {
        if let Ok(style) = ProgressStyle::with_template(WAIT_TEMPLATE) {
            self.0.set_style(style);
        }
        self.0.set_message(for_what);
        self.0.enable_steady_tick(Duration::from_millis(120));
    }

    /// Shows the step after the files of an import were read. The estimate is that writing takes as long as reading.
    pub(crate) fn writes(&self) {
        let reading = self.0.elapsed();
        let started = Instant::now();
        if let Ok(style) = ProgressStyle::with_template(WRITE_TEMPLATE) {
            self.0.set_style(style.with_key("left", move |_: &ProgressState, text: &mut dyn fmt::Write| {
                // Writing to the line cannot fail.
                let _ = match reading.saturating_sub(started.elapsed()).as_secs() {
                    0 => write!(text, "done soon"),
                    seconds => write!(text, "about {seconds}s left"),
                };
            }));
        }
        self.0.enable_steady_tick(Duration::from_millis(120));
    }

    /// Advances by a number of bytes.
    pub(crate) fn advance(&self, bytes: usize) {
        self.0.inc(bytes as u64);
    }

    /// Hides the bar while `write` writes to the terminal.
    pub(crate) fn while_hidden(&self, write: impl FnOnce()) {
        self.0.suspend(write);
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
