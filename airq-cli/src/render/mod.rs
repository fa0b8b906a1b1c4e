//! What people look at: tables and progress.

mod measurements;
mod progress;
mod table;

pub(crate) use measurements::{Measurements, clock};
pub(crate) use progress::Progress;
pub(crate) use table::{Column, Table};
