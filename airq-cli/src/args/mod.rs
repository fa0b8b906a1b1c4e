//! The definition of the command line.
//!
//! The values of queries are plain texts here. The parser of airq-core checks them, so the error messages are the same as those
//! of the server.

mod input;
mod notes;
mod query_options;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
pub(crate) use input::InputArgs;
pub(crate) use query_options::{AveragesArgs, FilterArgs, PlaceArgs, QueryOption, RangeArgs};
use std::path::PathBuf;

/// Air quality on the command line: query measurements, convert CSV to JSON.
#[derive(Debug, Parser)]
#[command(name = "airq-cli", version, after_help = notes::EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    // The help is a constant, because rustdoc would take its URLs for links. There is no `env` attribute, because airq-core reads
    // the variable, and also AIRQ_SOURCE_FILE and the file of the password.
    #[arg(long, short, global = true, value_name = "URL", help_heading = "Everywhere", help = notes::SOURCE)]
    pub(crate) source: Option<String>,

    // The help is a constant, because rustdoc would demand backticks around the name of the variable.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Everywhere", help = notes::COLOR)]
    pub(crate) color: ColorWhen,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The condition for colours in the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// The source as an argument of a command.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// The source in place of --source: a file, a directory or a URL
    #[arg(value_name = "SOURCE")]
    pub(crate) argument: Option<String>,
}

/// The commands. Each has a file in `commands`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measurements by city, station, parameter and time
    #[command(after_help = notes::QUERY_NOTES)]
    Query(QueryArgs),
    /// The newest measurement of each station
    Latest(LatestArgs),
    /// A chart of measurements: on the terminal, or in an SVG or PNG file
    #[command(after_help = notes::PLOT_NOTES)]
    Plot(PlotArgs),
    /// Whether the air of a year complies with a standard: limit values, targets, guidelines
    #[command(after_help = notes::COMPLIANCE_NOTES)]
    Compliance(ComplianceArgs),
    /// The stations of the data set
    Stations(StationsArgs),
    /// The cities of the data set
    Cities(DocumentArgs),
    /// The parameters of the data set, with their units
    Parameters(DocumentArgs),
    /// What the data set holds: its version, counts, first and last time
    Dataset(DocumentArgs),
    /// Convert CSV to JSON, from a file or a pipe
    #[command(after_help = notes::CONVERT_NOTES)]
    Convert(ConvertArgs),
    /// Load files into a PostgreSQL database
    #[command(after_help = notes::IMPORT_NOTES)]
    Import(ImportArgs),
    /// Create or update the tables of a PostgreSQL database
    #[command(after_help = notes::MIGRATE_NOTES)]
    Migrate,
    /// Check source, schema, roles, cache, clocks and data
    #[command(after_help = notes::DOCTOR_NOTES)]
    Doctor(DoctorArgs),
    /// Write a completion script for your shell
    Completions(CompletionsArgs),
    /// Write the manual pages to a directory
    Man(ManArgs),
}

impl Command {
    /// The source as an argument of the command, if the command has one.
    pub(crate) fn source(&self) -> Option<&str> {
        let source = match self {
            Command::Query(args) => &args.source,
            Command::Latest(args) => &args.source,
            Command::Plot(args) => &args.source,
            Command::Compliance(args) => &args.source,
            Command::Stations(args) => &args.document.source,
            Command::Cities(args) | Command::Parameters(args) | Command::Dataset(args) => &args.source,
            Command::Doctor(args) => &args.source,
            Command::Convert(_) | Command::Import(_) | Command::Migrate | Command::Completions(_) | Command::Man(_) => {
                return None;
            }
        };
        source.argument.as_deref()
    }
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) range: RangeArgs,

    /// The maximum number of rows
    #[arg(long, short = 'n', action = ArgAction::Append, value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Vec<String>,

    /// Continue after an earlier answer with a limit (its page.next)
    #[arg(long, action = ArgAction::Append)]
    pub(crate) cursor: Vec<String>,

    /// json, records, columns, ndjson, csv, geojson, parquet, ngsi-ld, ngsi-ld-normalized or table; by default table on a terminal and json in a pipe
    #[arg(long, short, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,

    /// Write to this file, which is replaced only on success; its ending chooses the format: .json, .ndjson, .csv, .geojson or .parquet
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LatestArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    /// json, records, columns, ndjson, csv, geojson, parquet, ngsi-ld, ngsi-ld-normalized or table; by default table on a terminal and json in a pipe
    #[arg(long, short, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,

    /// Write to this file, which is replaced only on success; its ending chooses the format: .json, .ndjson, .csv, .geojson or .parquet
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlotArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) range: RangeArgs,

    /// The maximum number of rows
    #[arg(long, short = 'n', action = ArgAction::Append, value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Vec<String>,

    /// The kind of chart: lines, or a calendar of days (with --output) [default: lines]
    #[arg(long, action = ArgAction::Append, value_name = "VIEW")]
    pub(crate) view: Vec<String>,

    /// With --view calendar, the level above which days have another colour and are counted, in the parameter's unit
    #[arg(long, action = ArgAction::Append, value_name = "NUMBER")]
    pub(crate) level: Vec<String>,

    /// The width of the picture in pixels [default: 900]
    #[arg(long, action = ArgAction::Append, value_name = "PIXELS", allow_negative_numbers = true)]
    pub(crate) width: Vec<String>,

    /// The height of the picture in pixels [default and minimum: the height that its panels need]
    #[arg(long, action = ArgAction::Append, value_name = "PIXELS", allow_negative_numbers = true)]
    pub(crate) height: Vec<String>,

    /// Write a picture to this .svg or .png file, which is replaced only on success
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ComplianceArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    /// The year, such as 2016
    #[arg(long, action = ArgAction::Append, value_name = "YEAR", allow_negative_numbers = true)]
    pub(crate) year: Vec<String>,

    /// The standard: eu-2008, eu-2024, who-2021, us-naaqs, uk, caaqs-2025 or caaqs-2020 [default: eu-2008]
    #[arg(long, action = ArgAction::Append, value_name = "STANDARD")]
    pub(crate) standard: Vec<String>,

    /// The time zone by which days and years begin, such as Etc/GMT-1 (UTC+1) or Europe/Madrid [default: that of the standard]
    #[arg(long, action = ArgAction::Append, value_name = "ZONE")]
    pub(crate) tz: Vec<String>,

    /// The interval at which values are expected: 1m, 5m, 10m, 15m, 30m or 1h; 1d for daily samples, such as metals [default: 1h]
    #[arg(long, action = ArgAction::Append)]
    pub(crate) interval: Vec<String>,

    /// json, csv or table; by default table on a terminal and json in a pipe
    #[arg(long, short, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,
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

#[derive(Debug, Args)]
pub(crate) struct StationsArgs {
    /// Only the stations of this city; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "NAME")]
    pub(crate) city: Vec<String>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    #[command(flatten)]
    pub(crate) document: DocumentArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DocumentArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    /// The format [default: table on a terminal, json in a pipe]
    #[arg(long, short, value_enum)]
    pub(crate) format: Option<DocumentFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// The JSON document of the server
    Json,
    /// For people
    Table,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The CSV, also as .gz or in a .zip, or its URL; - or nothing for standard input
    pub(crate) file: Option<PathBuf>,

    /// json, records, columns, ndjson, csv, geojson, parquet, ngsi-ld or ngsi-ld-normalized; records by default
    #[arg(long, short, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,

    /// Only these parameters, such as no2,o3; may be repeated
    #[arg(long, alias = "pollutant", action = ArgAction::Append, value_name = "LIST")]
    pub(crate) parameter: Vec<String>,

    /// Skip invalid rows and report the first ten, instead of stopping at the first
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,

    /// Print a summary of each parameter to standard error: count, minimum, mean, maximum, first and last time
    #[arg(long)]
    pub(crate) summary: bool,

    /// The number of threads [default: the number of processors, at most 4; 1 for a file below 1 MiB]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,

    /// Write to this file, which is replaced only on success
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// CSV files (also .gz or .zip), their URLs, directories of them, or patterns such as 'data/*.csv'; - for standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The city of stations that have no city in the files or in the database
    #[arg(long, value_name = "NAME")]
    pub(crate) city: Option<String>,

    /// Descriptions of stations: id,name,city,country,latitude,longitude
    #[arg(long, value_name = "FILE")]
    pub(crate) stations: Option<PathBuf>,

    /// The same as --format-in
    #[arg(long, value_name = "FORMAT", hide = true)]
    pub(crate) format: Option<String>,

    /// Import the other rows if at most N rows are invalid
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) max_rejects: u64,

    /// Read the files and report the result, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,

    // There is no `env` attribute, because airq-core reads the variable, as for the source.
    #[arg(long, value_name = "URL", help = notes::CACHE)]
    pub(crate) cache: Option<String>,

    /// Fail if the newest measurement is older than this number of hours; without it, more than a day is a warning
    #[arg(long, value_name = "HOURS", value_parser = hours, allow_negative_numbers = true)]
    pub(crate) max_age: Option<f64>,
}

fn hours(text: &str) -> Result<f64, String> {
    const LONGEST: f64 = 1e6;
    let hours = text.parse().ok().filter(|hours| (0.0..=LONGEST).contains(hours));
    hours.ok_or_else(|| "a number of hours, such as 6 or 0.5".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The directory, which is created if it is missing
    pub(crate) directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
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
