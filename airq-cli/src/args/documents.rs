//! The arguments of the commands about the data set, and of those about the program.

use super::{AgeArgs, PlaceArgs, SourceArgs, complete, notes};
use clap::{ArgAction, Args, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct StationsArgs {
    /// Only the stations of this city; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "NAME", help_heading = "Selection", add = complete::cities())]
    pub(crate) city: Vec<String>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) age: AgeArgs,

    #[command(flatten)]
    pub(crate) document: DocumentArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DocumentArgs {
    /// The format [default: table on a terminal, json in a pipe]
    #[arg(long, short, value_enum, help_heading = "Output")]
    pub(crate) format: Option<DocumentFormat>,

    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// The JSON document of the server
    Json,
    /// For people
    Table,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    // There is no `env` attribute, because airq-core reads the variable, as for the source.
    #[arg(long, value_name = "URL", help = notes::CACHE)]
    pub(crate) cache: Option<String>,

    /// Fail if the newest measurement is older than this number of hours
    ///
    /// Without this option, more than a day is a warning.
    #[arg(long, value_name = "HOURS", value_parser = hours, allow_negative_numbers = true)]
    pub(crate) max_age: Option<f64>,

    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

fn hours(text: &str) -> Result<f64, String> {
    const LONGEST: f64 = 1e6;
    let hours = text.parse().ok().filter(|hours| (0.0..=LONGEST).contains(hours));
    hours.ok_or_else(|| "a number of hours, such as 6 or 0.5".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The directory, which is created if it is missing
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}
