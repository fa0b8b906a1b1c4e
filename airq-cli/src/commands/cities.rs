//! `cities`: the cities of the data set.

use super::{print, wants_table};
use crate::args::DocumentArgs;
use crate::failure::Failure;
use crate::render::{Column, Table};
use crate::source::Source;
use airq_core::City;

/// # Errors
/// If the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &DocumentArgs) -> Result<(), Failure> {
    source.ask(|airq| {
        if !wants_table(args.format) {
            return print(&airq.cities_document()?);
        }
        table(airq.stations()?.cities()).print()
    })
}

fn table(cities: Vec<City>) -> Table {
    let mut table = Table::new(vec![Column::text("city"), Column::text("country"), Column::number("stations", "")]);
    for city in cities {
        table.push(vec![city.name, city.country.unwrap_or_default(), city.stations.to_string()]);
    }
    table
}
