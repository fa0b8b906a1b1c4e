//! Output for people: tables, plots, pictures and progress.

mod account;
mod compliance;
mod look;
mod measurements;
#[cfg(feature = "png")]
mod picture;
mod plot;
mod progress;
mod table;

pub(crate) use account::{account_line, report_implausible, summary};
pub(crate) use compliance::compliance_table;
pub(crate) use look::Look;
pub(crate) use measurements::{MeasurementTable, clock};
#[cfg(feature = "png")]
pub(crate) use picture::png;
pub(crate) use plot::plot;
pub(crate) use progress::Progress;
pub(crate) use table::{Column, Table};
