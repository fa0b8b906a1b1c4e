//! `cities`: the cities of the data set.

use super::{print, wants_table};
use crate::args::DocumentArgs;
use crate::failure::{Failure, print_message};
use crate::render::{Column, Table};
use crate::source::Source;
use airq_core::City;

/// # Errors
/// If the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &DocumentArgs) -> Result<(), Failure> {
    source.ask(|airq| {
        let cities = airq.stations()?.cities();
        if cities.is_empty() {
            print_message("no station has a city; --source 'csv:PATH?city=NAME' or a stations.csv states it");
        }
        if wants_table(args.format) { table(cities).print() } else { print(&airq.cities_document()?) }
    })
}

fn table(cities: Vec<City>) -> Table {
    let mut table = Table::new(vec![Column::text("city"), Column::text("country"), Column::number("stations", "")]);
    for city in cities {
        table.push(vec![city.name, city.country.unwrap_or_default(), city.stations.to_string()]);
    }
    table
}
