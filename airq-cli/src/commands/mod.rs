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

use crate::args::{Cli, ColorWhen, Command, DocumentFormat, InputArgs, QueryOption};
use crate::failure::{Failure, print_message, without_control_characters};
use crate::output;
use crate::report::Report;
use crate::sign_of_life::SignOfLife;
use crate::source::Source;
use airq_core::internal::{has_password, without_passwords};
use airq_core::{Configuration, Document, Error, ErrorKind};
use anstream::ColorChoice;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;

/// Runs the command of the command line. `definition` is the definition of the whole command line, for manual pages.
///
/// # Errors
/// The error of the command.
pub(crate) fn run(cli: &Cli, definition: fn() -> clap::Command) -> Result<(), Failure> {
    set_colours(cli.color);
    let Some(command) = &cli.command else { return Err(Failure::NoCommand) };
    let without_input = InputArgs::default();
    let input = command.input().unwrap_or(&without_input);
    let report = input.report.as_deref().map(Report::create).transpose()?.map(Arc::new);
    let configuration = configuration(command)?;
    let url = url(command)?;
    warn_of_password(url, "AIRQ_SOURCE_PASSWORD_FILE");
    let source = Source { url, configuration, input: input::options(input)?, report: report.clone() };
    let sign = command.source_option().map(|_| SignOfLife::start(waiting_for(command, &source)));
    let done = run_command(command, &source, definition).map_err(|failure| with_hints(command, failure));
    drop(sign);
    drop(source);
    // Also after an error, because the report has the rows to fix.
    if let Some(report) = report {
        let Some(report) = Arc::into_inner(report) else {
            return Err(Error::new(ErrorKind::Internal, "the report is still in use").into());
        };
        report.finish()?;
    }
    done
}

/// Returns what the sign of life says.
fn waiting_for(command: &Command, source: &Source<'_>) -> String {
    let url = source.url.or_else(|| source.configuration.get("source")).map(Configuration::shown);
    let name = match url {
        Some(url) => without_control_characters(&url),
        None => "the source".to_owned(),
    };
    match command {
        Command::Import(_) | Command::Migrate(_) => format!("connecting to {name}"),
        Command::Doctor(_) => format!("checking {name}"),
        _ => format!("reading {name}"),
    }
}

fn run_command(command: &Command, source: &Source<'_>, definition: fn() -> clap::Command) -> Result<(), Failure> {
    match command {
        Command::Query(args) => query::run(source, args),
        Command::Latest(args) => latest::run(source, args),
        Command::Plot(args) => plot::run(source, args),
        Command::Compliance(args) => compliance::run(source, args),
        Command::Stations(args) => stations::run(source, args),
        Command::Cities(args) => cities::run(source, args),
        Command::Parameters(args) => parameters::run(source, args),
        Command::Dataset(args) => dataset::run(source, args),
        Command::Convert(args) => convert::run(source, args),
        #[cfg(feature = "postgres")]
        Command::Import(args) => import::run(source, args),
        #[cfg(feature = "postgres")]
        Command::Migrate(_) => migrate::run(source),
        #[cfg(not(feature = "postgres"))]
        Command::Import(_) | Command::Migrate(_) => Err(Failure::not_built_in("postgres")),
        Command::Doctor(args) => doctor::run(source, args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, definition()),
    }
}

/// Adds what the command line says to a failure: the name of the command, and a hint if the argument is a name and not a path, because
/// people also write a city there.
fn with_hints(command: &Command, failure: Failure) -> Failure {
    let failure = match command {
        Command::Query(_) => failure.with_command("query"),
        Command::Latest(_) => failure.with_command("latest"),
        Command::Plot(_) => failure.with_command("plot"),
        _ => failure,
    };
    match command.source_argument() {
        Some(argument) if !argument.contains([':', '.', '/']) && !Path::new(argument).exists() => {
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
fn url(command: &Command) -> Result<Option<&str>, Failure> {
    let option = command.source_option().and_then(|option| option.source.as_deref());
    match (command.source_argument(), option) {
        (Some(argument), Some(option)) => {
            let why = format!("two sources are given, {argument:?} and --source {option:?}: leave one of them out");
            let why = without_passwords(&why, [argument.to_owned(), option.to_owned()]);
            Err(Error::new(ErrorKind::InvalidParameter, why).into())
        }
        (Some(""), None) | (None, Some("")) => {
            let why = "the source is empty: name a file, a directory or a URL, or leave the source out";
            Err(Error::new(ErrorKind::InvalidParameter, why).into())
        }
        (argument, option) => Ok(argument.or(option)),
    }
}

/// Warns of a password on the command line.
fn warn_of_password(url: Option<&str>, variable: &str) {
    if let Some(url) = url
        && has_password(url)
    {
        print_message(&format!(
            "warning: other users of this machine can see the password on the command line (by `ps`): write it into a file and \
             set {variable} to the path"
        ));
    }
}

/// Reads the settings of a command that has a source, and warns of variables that look like misspelled settings.
///
/// # Errors
/// If the configuration file is invalid.
fn configuration(command: &Command) -> Result<Configuration, Failure> {
    let Some(option) = command.source_option() else { return Ok(Configuration::default()) };
    let configuration = Configuration::from_environment().with_file(option.config.as_deref())?;
    for warning in configuration.suspicious_variables() {
        print_message(&without_control_characters(&warning));
    }
    Ok(configuration)
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
    match format {
        Some(format) => format == DocumentFormat::Table,
        None => io::stdout().is_terminal(),
    }
}

fn print(document: &Document) -> Result<(), Failure> {
    output::write_to(None, |out| Ok(out.write_all(&document.body)?))
}

/// Returns the parameters of a query as name-value pairs for the parser of airq-core.
fn pairs<'a>(parameters: &[QueryOption<'a>]) -> Vec<(&'static str, &'a str)> {
    let mut pairs = Vec::new();
    for (name, values) in parameters {
        pairs.extend(values.iter().map(|value| (*name, value.as_str())));
    }
    pairs
}
