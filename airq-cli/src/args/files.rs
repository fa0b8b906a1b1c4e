//! The arguments of the commands that read files and write files or databases.

use super::{InputArgs, SourceOption, complete};
use clap::{ArgAction, Args, ValueHint};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The CSV, also as .gz or in a .zip, or its URL; - or nothing for standard input
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,

    /// The same as FILE, as in the other commands
    #[arg(long, short, value_name = "FILE", hide = true, conflicts_with = "file")]
    pub(crate) source: Option<PathBuf>,

    /// The format, such as csv or ndjson [default: records]
    ///
    /// json, records, columns, ndjson, csv, csv-safe (for spreadsheets), geojson, parquet, ngsi-ld or ngsi-ld-normalized. The ending of --output chooses the
    /// format, too.
    #[arg(long, short, action = ArgAction::Append, help_heading = "Output", add = complete::formats())]
    pub(crate) format: Vec<String>,

    /// Only these parameters, such as no2,o3; may be repeated
    #[arg(long, alias = "pollutant", action = ArgAction::Append, value_name = "LIST", add = complete::all_parameters())]
    pub(crate) parameter: Vec<String>,

    /// Skip invalid rows and report the first ten
    ///
    /// Without this option, the conversion stops at the first invalid row.
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,

    /// Print a summary of each parameter to standard error
    ///
    /// The count, the minimum, the mean, the maximum, the first and the last time.
    #[arg(long)]
    pub(crate) summary: bool,

    /// The number of threads
    ///
    /// The default is the number of processors, at most 4; 1 for a file below 1 MiB.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,

    /// Write to this file, which is replaced only on success
    #[arg(long, short, value_name = "FILE", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

impl ConvertArgs {
    /// Returns the file, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref().or(self.source.as_deref())
    }
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// CSV files (also .gz or .zip), their URLs, directories or patterns; - for standard input
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) files: Vec<PathBuf>,

    /// The city of stations that have none in the files or the database
    #[arg(long, value_name = "NAME")]
    pub(crate) city: Option<String>,

    /// Descriptions of stations: id,name,city,country,latitude,longitude
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
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

    #[command(flatten)]
    pub(crate) source: SourceOption,

    #[command(flatten)]
    pub(crate) input: InputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArgs {
    #[command(flatten)]
    pub(crate) source: SourceOption,
}
