//! The commands, one per file. A new command needs a file here, a variant of [`Command`] and a line in [`run`].

mod cities;
mod completions;
mod compliance;
mod convert;
mod dataset;
mod doctor;
#[cfg(feature = "postgres")]
mod import;
mod input;
mod latest;
mod man;
mod measurements;
#[cfg(feature = "postgres")]
mod migrate;
mod parameters;
mod plot;
mod query;
mod stations;

use crate::args::{Cli, ColorWhen, Command, DocumentFormat, QueryOption};
use crate::failure::{Failure, without_control_characters};
use crate::output;
use crate::report::Report;
use crate::source::Source;
use airq_core::{Document, Error, ErrorKind};
use anstream::ColorChoice;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

/// Runs the command of the command line. `command` is the definition of the whole command line, for manual pages.
///
/// # Errors
/// The error of the command.
pub(crate) fn run(cli: &Cli, command: fn() -> clap::Command) -> Result<(), Failure> {
    let report = cli.input.report.as_deref().map(Report::create).transpose()?.map(Arc::new);
    set_colours(cli.color);
    let source = Source { url: url(cli)?, input: input::options(&cli.input)?, report: report.clone() };
    let done = run_command(cli, &source, command).map_err(|failure| with_source_hint(cli, failure));
    drop(source);
    // Also after an error, because the report has the rows to fix.
    let unfinished = || Error::new(ErrorKind::Internal, "the report is still in use");
    let report = report.map(|report| Arc::into_inner(report).ok_or_else(unfinished)).transpose()?;
    report.map_or(Ok(()), Report::finish)?;
    done
}

fn run_command(cli: &Cli, source: &Source<'_>, command: fn() -> clap::Command) -> Result<(), Failure> {
    match &cli.command {
        Command::Query(args) => query::run(source, args),
        Command::Latest(args) => latest::run(source, args),
        Command::Plot(args) => plot::run(source, args),
        Command::Compliance(args) => compliance::run(source, args),
        Command::Stations(args) => stations::run(source, args),
        Command::Cities(args) => cities::run(source, args),
        Command::Parameters(args) => parameters::run(source, args),
        Command::Dataset(args) => dataset::run(source, args),
        Command::Convert(_) if cli.source.is_some() => {
            let why = "convert takes a file, as in `airq-cli convert FILE`; --source is for the other commands";
            Err(Error::new(ErrorKind::InvalidParameter, why).into())
        }
        Command::Convert(args) => convert::run(source, args, cli.input.on_conflict.is_some()),
        #[cfg(feature = "postgres")]
        Command::Import(args) => import::run(source, args),
        #[cfg(feature = "postgres")]
        Command::Migrate => migrate::run(source),
        #[cfg(not(feature = "postgres"))]
        Command::Import(_) | Command::Migrate => Err(Failure::not_built_in("postgres")),
        Command::Doctor(args) => doctor::run(source, args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, command()),
    }
}

/// Adds a hint if the argument of the command is no file: people also write a city there.
fn with_source_hint(cli: &Cli, failure: Failure) -> Failure {
    match cli.command.source() {
        Some(argument) if !argument.contains(':') && !Path::new(argument).exists() => {
            let name = without_control_characters(argument);
            failure.with_hint(&format!("the argument is the source of the data; --city {name:?} selects a city"))
        }
        _ => failure,
    }
}

/// Returns the source of the command line: the argument of the command or `--source`.
///
/// # Errors
/// If both are given, or the source is empty.
fn url(cli: &Cli) -> Result<Option<&str>, Failure> {
    let refused = |why: String| Err(Error::new(ErrorKind::InvalidParameter, why).into());
    match (cli.command.source(), cli.source.as_deref()) {
        (Some(argument), Some(option)) => {
            refused(format!("two sources are given, {argument:?} and --source {option:?}: leave one of them out"))
        }
        (Some(""), None) | (None, Some("")) => {
            refused("the source is empty: name a file, a directory or a URL, or leave the source out".to_owned())
        }
        (argument, option) => Ok(argument.or(option)),
    }
}

fn set_colours(when: ColorWhen) {
    let choice = match when {
        ColorWhen::Auto => ColorChoice::Auto,
        ColorWhen::Always => ColorChoice::Always,
        ColorWhen::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Returns whether to print a table. Without a format on the command line, a terminal gets a table and a pipe gets JSON.
fn wants_table(format: Option<DocumentFormat>) -> bool {
    format.map_or_else(|| io::stdout().is_terminal(), |format| format == DocumentFormat::Table)
}

fn print(document: &Document) -> Result<(), Failure> {
    let mut out = output::stdout();
    out.write_all(&document.body)?;
    Ok(out.flush()?)
}

/// Returns the parameters of a query as name-value pairs for the parser of airq-core.
fn pairs<'a>(parameters: &[QueryOption<'a>]) -> Vec<(&'static str, &'a str)> {
    let each = |(name, values): &QueryOption<'a>| {
        let name = *name;
        values.iter().map(move |value| (name, value.as_str())).collect::<Vec<_>>()
    };
    parameters.iter().flat_map(each).collect()
}
