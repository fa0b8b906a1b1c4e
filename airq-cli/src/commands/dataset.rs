//! `dataset`: what the data set holds.

use super::{print, wants_table};
use crate::args::DocumentArgs;
use crate::failure::{Failure, print_message};
use crate::render::{Column, Table, clock};
use crate::source::Source;
use airq_core::Timestamp;
use airq_core::repository::DataSet;

/// # Errors
/// If the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &DocumentArgs) -> Result<(), Failure> {
    source.ask(|airq| {
        if wants_table(args.format) {
            table(&airq.data_set()?).print()?;
        } else {
            print(&airq.data_set_document()?)?;
        }
        // Reading all values of a database takes too long for this command.
        if airq.account().is_some() {
            for what in airq.implausible_values()? {
                print_message(&what);
            }
        }
        Ok(())
    })
}

fn table(data: &DataSet) -> Table {
    let time =
        |time: Option<Timestamp>| time.map_or_else(|| "unknown".to_owned(), |time| clock(&time.to_string()) + " UTC");
    let mut table = Table::new(vec![Column::text("data set"), Column::text("")]);
    for (name, value) in [
        ("version", data.version.clone()),
        ("loaded at", time(data.loaded_at)),
        ("stations", data.stations.to_string()),
        ("measurements", data.measurements.to_string()),
        ("first", time(data.first)),
        ("last", time(data.last)),
    ] {
        table.push(vec![name.to_owned(), value]);
    }
    table
}
