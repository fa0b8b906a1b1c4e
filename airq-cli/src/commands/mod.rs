//! The commands, one a file. A new one is a file here, a variant of [`Command`] and a line in [`run`].

mod cities;
mod completions;
mod convert;
mod dataset;
mod doctor;
mod import;
mod input;
mod latest;
mod measurements;
mod migrate;
mod plot;
mod query;
mod stations;

use crate::args::{Cli, Command, DocumentFormat, Parameter};
use crate::failure::Failure;
use crate::output;
use crate::source::Source;
use airq_core::{Document, Error, ErrorKind};
use std::io::{self, IsTerminal, Write};

/// Carries out what the command line says.
///
/// # Errors
/// What the command failed with.
pub(crate) fn run(cli: &Cli) -> Result<(), Failure> {
    let source = Source { url: cli.source.as_deref(), input: input::options(&cli.input)? };
    match &cli.command {
        Command::Query(args) => query::run(&source, args),
        Command::Latest(args) => latest::run(&source, args),
        Command::Plot(args) => plot::run(&source, args),
        Command::Stations(args) => stations::run(&source, args),
        Command::Cities(args) => cities::run(&source, args),
        Command::Dataset(args) => dataset::run(&source, args),
        Command::Convert(_) if cli.source.is_some() => {
            let why = "convert takes a file, as in `airq-cli convert FILE`; --source is what the other commands ask";
            Err(Error::new(ErrorKind::InvalidParameter, why).into())
        }
        Command::Convert(args) => convert::run(source.input, args),
        Command::Import(args) => import::run(&source, args),
        Command::Migrate => migrate::run(&source),
        Command::Doctor(args) => doctor::run(&source, args),
        Command::Completions(args) => completions::run(args),
    }
}

/// A person reads a table, a pipe gets JSON, unless the command line says otherwise.
fn wants_table(format: Option<DocumentFormat>) -> bool {
    format.map_or_else(|| io::stdout().is_terminal(), |format| format == DocumentFormat::Table)
}

fn print(document: &Document) -> Result<(), Failure> {
    let mut out = output::stdout();
    out.write_all(&document.body)?;
    Ok(out.flush()?)
}

/// A query's parameters as the name-value pairs that its parser reads.
fn pairs<'a>(parameters: &[Parameter<'a>]) -> Vec<(&'static str, &'a str)> {
    let each = |(name, values): &Parameter<'a>| {
        let name = *name;
        values.iter().map(move |value| (name, value.as_str())).collect::<Vec<_>>()
    };
    parameters.iter().flat_map(each).collect()
}
