//! The definition of the command line.
//!
//! The values of queries are plain texts here. The parser of airq-core checks them, so the error messages are the same as those
//! of the server. The first line of an option's text is its short help (`-h`), the rest is in the long help only (`--help`).

mod complete;
mod documents;
mod files;
mod input;
mod notes;
mod query_options;
mod source;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
pub(crate) use complete::COMPLETION_VARIABLE;
pub(crate) use documents::{CompletionsArgs, DoctorArgs, DocumentArgs, DocumentFormat, ManArgs, StationsArgs};
pub(crate) use files::{ConvertArgs, ImportArgs, MigrateArgs};
pub(crate) use input::InputArgs;
pub(crate) use notes::WELCOME;
pub(crate) use query_options::{AgeArgs, AveragesArgs, FilterArgs, FormatArgs, PlaceArgs, QueryOption, RangeArgs};
pub(crate) use source::{SourceArgs, SourceOption};
use std::path::PathBuf;

/// Air quality on the command line: query measurements, convert CSV to JSON
#[derive(Debug, Parser)]
#[command(name = "airq-cli", version, after_help = notes::MORE, after_long_help = notes::EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    // The help is a constant, because rustdoc would demand backticks around the name of the variable.
    #[arg(long, global = true, value_enum, default_value_t, hide_default_value = true, hide_possible_values = true, value_name = "WHEN",
        help_heading = "Output", help = notes::COLOR)]
    pub(crate) color: ColorWhen,

    /// The command; without one, the program shows what to try.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The condition for colours in the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// The commands. Each has a file in `commands`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measurements by city, station, parameter and time, or averages of them
    #[command(after_help = notes::QUERY, after_long_help = notes::QUERY_NOTES)]
    Query(Box<QueryArgs>),
    /// The newest values of each station
    #[command(after_long_help = notes::LATEST_NOTES)]
    Latest(Box<LatestArgs>),
    /// A chart of measurements: on the terminal, or in an SVG or PNG file
    #[command(after_help = notes::PLOT, after_long_help = notes::PLOT_NOTES)]
    Plot(Box<PlotArgs>),
    /// Whether the air of a year complies with a standard: limit values, targets, guidelines
    #[command(after_help = notes::COMPLIANCE, after_long_help = notes::COMPLIANCE_NOTES)]
    Compliance(Box<ComplianceArgs>),
    /// The stations of the data set
    Stations(Box<StationsArgs>),
    /// The cities of the data set
    Cities(Box<DocumentArgs>),
    /// The parameters of the data set, with their units
    Parameters(Box<DocumentArgs>),
    /// What the data set holds: its version, counts, first and last time
    Dataset(Box<DocumentArgs>),
    /// Convert CSV to JSON, from a file or a pipe
    #[command(after_help = notes::CONVERT, after_long_help = notes::CONVERT_NOTES)]
    Convert(Box<ConvertArgs>),
    /// Load files into a PostgreSQL database
    #[command(after_help = notes::IMPORT, after_long_help = notes::IMPORT_NOTES)]
    Import(Box<ImportArgs>),
    /// Create or update the tables of a PostgreSQL database
    #[command(after_long_help = notes::MIGRATE_NOTES)]
    Migrate(Box<MigrateArgs>),
    /// Check source, schema, roles, cache, clocks and data
    #[command(after_long_help = notes::DOCTOR_NOTES)]
    Doctor(Box<DoctorArgs>),
    /// Write a completion script for your shell
    #[command(after_help = notes::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Write the manual pages to a directory
    Man(ManArgs),
}

impl Command {
    /// Returns the source as an argument of the command, if there is one.
    pub(crate) fn source_argument(&self) -> Option<&str> {
        self.source_args()?.argument.as_deref()
    }

    /// Returns the source as an option, if the command has the option.
    pub(crate) fn source_option(&self) -> Option<&SourceOption> {
        match self {
            Command::Import(args) => Some(&args.source),
            Command::Migrate(args) => Some(&args.source),
            _ => Some(&self.source_args()?.option),
        }
    }

    /// Returns the options for reading files, if the command has them.
    pub(crate) fn input(&self) -> Option<&InputArgs> {
        match self {
            Command::Convert(args) => Some(&args.input),
            Command::Import(args) => Some(&args.input),
            _ => Some(&self.source_args()?.input),
        }
    }

    fn source_args(&self) -> Option<&SourceArgs> {
        match self {
            Command::Query(args) => Some(&args.source),
            Command::Latest(args) => Some(&args.source),
            Command::Plot(args) => Some(&args.source),
            Command::Compliance(args) => Some(&args.source),
            Command::Stations(args) => Some(&args.document.source),
            Command::Cities(args) | Command::Parameters(args) | Command::Dataset(args) => Some(&args.source),
            Command::Doctor(args) => Some(&args.source),
            Command::Convert(_)
            | Command::Import(_)
            | Command::Migrate(_)
            | Command::Completions(_)
            | Command::Man(_) => None,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) range: RangeArgs,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,

    #[command(flatten)]
    pub(crate) format: FormatArgs,

    /// The order of the rows of each station: asc or desc [default: asc]
    ///
    /// desc is from the newest row to the oldest. Stations stay in the order of their ids.
    #[arg(long, action = ArgAction::Append, help_heading = "Selection", add = complete::orders())]
    pub(crate) order: Vec<String>,

    /// Continue after an earlier answer with a limit (its page.next)
    #[arg(long, action = ArgAction::Append, help_heading = "Output")]
    pub(crate) cursor: Vec<String>,

    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LatestArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) age: AgeArgs,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,

    #[command(flatten)]
    pub(crate) format: FormatArgs,

    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlotArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) range: RangeArgs,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,

    #[command(flatten)]
    pub(crate) picture: PictureArgs,

    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// The options of a picture.
#[derive(Debug, Args)]
#[command(next_help_heading = "Picture")]
pub(crate) struct PictureArgs {
    /// Write a picture to this .svg or .png file
    ///
    /// The file is replaced only on success.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// The kind of chart: lines or calendar [default: lines]
    ///
    /// A calendar of days needs --output.
    #[arg(long, action = ArgAction::Append, value_name = "VIEW", add = complete::views())]
    pub(crate) view: Vec<String>,

    /// With --view calendar, the level above which days are counted
    ///
    /// In the parameter's unit. The days above the level have another colour.
    #[arg(long, action = ArgAction::Append, value_name = "NUMBER")]
    pub(crate) level: Vec<String>,

    /// The width of the picture in pixels [default: 900]
    #[arg(long, action = ArgAction::Append, value_name = "PIXELS", allow_negative_numbers = true)]
    pub(crate) width: Vec<String>,

    /// The height of the picture in pixels
    ///
    /// The default and the minimum is the height that its panels need.
    #[arg(long, action = ArgAction::Append, value_name = "PIXELS", allow_negative_numbers = true)]
    pub(crate) height: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ComplianceArgs {
    /// The year, such as 2016
    #[arg(long, action = ArgAction::Append, value_name = "YEAR", allow_negative_numbers = true)]
    pub(crate) year: Vec<String>,

    /// The standard [default: eu-2008]
    ///
    /// eu-2008, eu-2024, who-2021, us-naaqs, uk, caaqs-2025 or caaqs-2020.
    #[arg(long, action = ArgAction::Append, value_name = "STANDARD", add = complete::standards())]
    pub(crate) standard: Vec<String>,

    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    /// The time zone by which days and years begin
    ///
    /// Such as Etc/GMT-1 (UTC+1) or Europe/Madrid. The default is the zone of the standard.
    #[arg(long, action = ArgAction::Append, value_name = "ZONE", help_heading = "Selection")]
    pub(crate) tz: Vec<String>,

    /// The interval of expected values, such as 15m [default: 1h]
    ///
    /// 1m, 5m, 10m, 15m, 30m or 1h; 1d for daily samples, such as metals.
    #[arg(long, action = ArgAction::Append, help_heading = "Selection", add = complete::intervals())]
    pub(crate) interval: Vec<String>,

    /// json, csv or table [default: table on a terminal, json in a pipe]
    #[arg(long, short, action = ArgAction::Append, help_heading = "Output", add = complete::formats_of_reports())]
    pub(crate) format: Vec<String>,

    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

impl ComplianceArgs {
    pub(crate) fn query_options(&self) -> Vec<QueryOption<'_>> {
        let own: [QueryOption<'_>; 5] = [
            ("year", &self.year),
            ("standard", &self.standard),
            ("tz", &self.tz),
            ("interval", &self.interval),
            ("format", &self.format),
        ];
        [&self.filters.query_options()[..], &own].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
