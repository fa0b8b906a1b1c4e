//! Output for people: tables, plots, pictures and progress.

mod account;
mod measurements;
mod picture;
mod plot;
mod progress;
mod table;

pub(crate) use account::{account_line, counted, summary, write_ignored};
pub(crate) use measurements::{MeasurementTable, clock};
pub(crate) use picture::png;
pub(crate) use plot::plot;
pub(crate) use progress::Progress;
pub(crate) use table::{Column, Table};
