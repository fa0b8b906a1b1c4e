//! `parameters`: the parameters of the data set.

use super::{print, wants_table};
use crate::args::DocumentArgs;
use crate::failure::Failure;
use crate::render::{Column, Table};
use crate::source::Source;
use airq_core::Parameter;

/// # Errors
/// If the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &DocumentArgs) -> Result<(), Failure> {
    source.ask(|airq| {
        if !wants_table(args.format) {
            return print(&airq.parameters_document()?);
        }
        table(&airq.parameters()?).print()
    })
}

fn table(parameters: &[Parameter]) -> Table {
    let mut table = Table::new(vec![Column::text("parameter"), Column::text("unit"), Column::text("quantity")]);
    for parameter in parameters {
        let unit = parameter.unit().symbol().to_owned();
        table.push(vec![parameter.code().to_owned(), unit, parameter.quantity().to_owned()]);
    }
    table
}
