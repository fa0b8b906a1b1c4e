//! The options for the source of measurements.

use super::{InputArgs, notes};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The source as an argument or an option, and the options for reading its files.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The source in place of --source: a file, a directory or a URL
    #[arg(value_name = "SOURCE", help_heading = None::<&str>, value_hint = ValueHint::AnyPath)]
    pub(crate) argument: Option<String>,

    #[command(flatten)]
    pub(crate) option: SourceOption,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

/// The source as an option.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct SourceOption {
    // The help texts are constants, because rustdoc would take the URLs for links. There is no `env` attribute, because airq-core
    // reads the variable, and also AIRQ_SOURCE_FILE and the file of the password.
    #[arg(long, short, value_name = "URL", help = notes::SOURCE, long_help = notes::LONG_SOURCE, value_hint = ValueHint::AnyPath)]
    pub(crate) source: Option<String>,

    #[arg(long, hide_short_help = true, value_name = "FILE", help = notes::CONFIG)]
    pub(crate) config: Option<PathBuf>,
}
