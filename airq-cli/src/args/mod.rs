//! The command line, parsed only. What a query's values may be is decided by the one parser of the core, so that its
//! messages are those of the server: here they are text that may repeat.

mod notes;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Air quality on the command line: query measurements, turn CSV into JSON.
#[derive(Debug, Parser)]
#[command(name = "airq-cli", version, after_help = notes::EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    // The help is text, not Markdown: its URLs are no links. Not clap's own reading of the environment: the core's, which also knows AIRQ_SOURCE_FILE and the password's file.
    #[arg(long, global = true, value_name = "URL", help_heading = "Everywhere", help = notes::SOURCE)]
    pub(crate) source: Option<String>,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How files are read: of a source, of `convert` and of `import`. What the values may be is decided by the core.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading files")]
pub(crate) struct InputArgs {
    /// auto, airq, madrid, openaq, eea, sensor-community, cpcb, prsa, uci or generic; recognised by the header without it
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) format_in: Option<String>,

    /// What the columns of a generic table are: time=Date,station=Site,no2="NO2 (µg/m3)"
    #[arg(long, global = true, value_name = "ROLE=COLUMN,…")]
    pub(crate) map: Option<String>,

    /// How a generic table writes times, in strftime's letters, such as "%d/%m/%Y %H:%M"
    #[arg(long, global = true, value_name = "PATTERN")]
    pub(crate) time_format: Option<String>,

    /// What parts the fields: one character, or tab; found in the header without it
    #[arg(long, global = true, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<String>,

    /// Numbers have a decimal comma
    #[arg(long, global = true)]
    pub(crate) decimal_comma: bool,

    /// What stands for a missing value, besides nothing, such as NA,-999
    #[arg(long, global = true, value_name = "LIST", allow_hyphen_values = true)]
    pub(crate) missing: Option<String>,

    /// Times without an offset are those of clocks in this zone, such as Europe/Madrid [default: UTC]
    #[arg(long, global = true, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,

    /// The temperature at which ppb and ppm become mass: 20 or 25 °C [default: 20, as in European law]
    #[arg(long, global = true, value_name = "CELSIUS")]
    pub(crate) temperature: Option<String>,
}

/// One variant a file in `commands`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measurements by city, station, pollutant and time
    #[command(after_help = notes::QUERY_NOTES)]
    Query(QueryArgs),
    /// The newest measurement of each station
    Latest(LatestArgs),
    /// The measurements drawn: on the terminal, or as SVG or PNG into a file
    #[command(after_help = notes::PLOT_NOTES)]
    Plot(PlotArgs),
    /// The stations there are
    Stations(StationsArgs),
    /// The cities there are
    Cities(DocumentArgs),
    /// What the data set holds: its version, counts, first and last time
    Dataset(DocumentArgs),
    /// Turn CSV into JSON, from a file or a pipe
    #[command(after_help = notes::CONVERT_NOTES)]
    Convert(ConvertArgs),
    /// Load files into a PostgreSQL database
    #[command(after_help = notes::IMPORT_NOTES)]
    Import(ImportArgs),
    /// Bring a PostgreSQL database's tables up to this version of airq
    #[command(after_help = notes::MIGRATE_NOTES)]
    Migrate,
    /// Whether source, schema, roles, cache, clocks and data are as they should be, a line each
    #[command(after_help = notes::DOCTOR_NOTES)]
    Doctor(DoctorArgs),
    /// Completions for your shell, to be sourced by it
    Completions(CompletionsArgs),
}

/// A parameter of a query, with what was given for it.
pub(crate) type Parameter<'a> = (&'static str, &'a [String]);

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) range: RangeArgs,

    /// At most so many rows
    #[arg(long, action = ArgAction::Append, value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Vec<String>,

    /// Go on where an earlier answer with a limit ended (its page.next)
    #[arg(long, action = ArgAction::Append)]
    pub(crate) cursor: Vec<String>,

    /// json, records, columns, ndjson, csv, geojson, ngsi-ld, ngsi-ld-normalized or table; by default table on a terminal and json in a pipe
    #[arg(long, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LatestArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    /// json, records, columns, ndjson, csv, geojson, ngsi-ld, ngsi-ld-normalized or table; by default table on a terminal and json in a pipe
    #[arg(long, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,
}

/// Which measurements: what `query`, `latest` and `plot` have in common.
#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Only this city, in any case and with or without accents; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "NAME")]
    pub(crate) city: Vec<String>,

    /// Only this station; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "ID")]
    pub(crate) station: Vec<String>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    /// Only these pollutants, such as no2,o3; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "LIST")]
    pub(crate) pollutant: Vec<String>,
}

impl FilterArgs {
    pub(crate) fn parameters(&self) -> Vec<Parameter<'_>> {
        let own: [Parameter<'_>; 3] =
            [("city", &self.city), ("station", &self.station), ("pollutant", &self.pollutant)];
        [&own[..], &self.place.parameters()].concat()
    }
}

/// How to average, and how to rate.
#[derive(Debug, Args)]
#[command(next_help_heading = "Averages")]
pub(crate) struct AveragesArgs {
    /// Averages of these periods instead of measurements: 1h, 8h, 1d, 1mo or 1y
    #[arg(long, action = ArgAction::Append, value_name = "PERIOD")]
    pub(crate) every: Vec<String>,

    /// mean, min, max, median, p98 or count; mean without it
    #[arg(long, action = ArgAction::Append)]
    pub(crate) stat: Vec<String>,

    /// With --every 1h, the mean over the 8h or 24h up to each hour
    #[arg(long, action = ArgAction::Append, value_name = "HOURS")]
    pub(crate) running: Vec<String>,

    /// The time zone, such as Europe/Madrid, of periods, of dates and times without an offset, and of a plot's axis; UTC without it
    #[arg(long, action = ArgAction::Append, value_name = "ZONE")]
    pub(crate) tz: Vec<String>,

    /// How often a value is expected: 1m, 5m, 10m, 15m, 30m, 1h or 1d; 1h without it
    #[arg(long, action = ArgAction::Append)]
    pub(crate) interval: Vec<String>,

    /// The percentage of the expected values that a period must have for a value; 75 without it
    #[arg(long, action = ArgAction::Append, value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) capture: Vec<String>,

    /// An air quality index of each hour, or with --every 1d of each day: eaqi-2024, eaqi-2020, us-2024 or caqi; of
    /// a plot, a strip of its bands in the picture
    #[arg(long, action = ArgAction::Append, value_name = "INDEX")]
    pub(crate) index: Vec<String>,
}

impl AveragesArgs {
    pub(crate) fn parameters(&self) -> Vec<Parameter<'_>> {
        vec![
            ("every", &self.every),
            ("stat", &self.stat),
            ("running", &self.running),
            ("tz", &self.tz),
            ("interval", &self.interval),
            ("capture", &self.capture),
            ("index", &self.index),
        ]
    }
}

/// Where stations stand.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Only stations in this box, in degrees; west greater than east crosses the 180th meridian
    #[arg(long, action = ArgAction::Append, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(crate) bbox: Vec<String>,

    /// Only stations near this point, in degrees, such as 40.42,-3.7
    #[arg(long, action = ArgAction::Append, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) near: Vec<String>,

    /// How far from --near, in metres or such as 5km; 10km without it
    #[arg(long, action = ArgAction::Append, value_name = "DISTANCE", allow_hyphen_values = true)]
    pub(crate) radius: Vec<String>,
}

impl PlaceArgs {
    pub(crate) fn parameters(&self) -> [Parameter<'_>; 3] {
        [("bbox", &self.bbox), ("near", &self.near), ("radius", &self.radius)]
    }
}

/// The time that is asked for.
#[derive(Debug, Args)]
pub(crate) struct RangeArgs {
    /// From this instant on (included), or this date or time by the clocks of --tz, such as 2016-10-01T06:00:00Z or 2016-10-01
    #[arg(long, action = ArgAction::Append, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) from: Vec<String>,

    /// Up to this instant, date or time (excluded)
    #[arg(long, action = ArgAction::Append, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) to: Vec<String>,
}

impl RangeArgs {
    pub(crate) fn parameters(&self) -> [Parameter<'_>; 2] {
        [("from", &self.from), ("to", &self.to)]
    }
}

#[derive(Debug, Args)]
pub(crate) struct PlotArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,

    #[command(flatten)]
    pub(crate) range: RangeArgs,

    /// At most so many rows
    #[arg(long, action = ArgAction::Append, value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Vec<String>,

    /// The width of the picture, in pixels; 900 without it
    #[arg(long, action = ArgAction::Append, value_name = "PIXELS", allow_negative_numbers = true)]
    pub(crate) width: Vec<String>,

    /// The height of the picture, in pixels; without it, or where that is too low, as high as its panels need
    #[arg(long, action = ArgAction::Append, value_name = "PIXELS", allow_negative_numbers = true)]
    pub(crate) height: Vec<String>,

    /// Write a picture to this file, by its ending .svg or .png; it appears, whole, only when all went well
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) averaging: AveragesArgs,
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
    /// By default a table on a terminal and json in a pipe
    #[arg(long, value_enum)]
    pub(crate) format: Option<DocumentFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// The document that the server answers with
    Json,
    /// For people
    Table,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The CSV, also as .gz or in a .zip; - or nothing for standard input
    pub(crate) file: Option<PathBuf>,

    /// json, records, columns, ndjson, csv, geojson, ngsi-ld or ngsi-ld-normalized; records by default
    #[arg(long, action = ArgAction::Append)]
    pub(crate) format: Vec<String>,

    /// Only these pollutants, such as no2,o3; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "LIST")]
    pub(crate) pollutant: Vec<String>,

    /// Leave out rows that cannot be used, naming the first ten, instead of stopping at the first
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,

    /// Tell on standard error what there is of each pollutant: count, least, mean, most, first and last time
    #[arg(long)]
    pub(crate) summary: bool,

    /// Convert on so many threads; without it as many as there are processors, at most 4, and 1 for a file below 1 MiB
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,

    /// Write to this file, which appears, whole, only when all went well
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// CSV files, also as .gz or in a .zip, directories of them, patterns such as 'data/*.csv'; - for standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// The city of stations of which neither the files nor the database tell it
    #[arg(long, value_name = "NAME")]
    pub(crate) city: Option<String>,

    /// Descriptions of stations: id,name,city,country,latitude,longitude
    #[arg(long, value_name = "FILE")]
    pub(crate) stations: Option<PathBuf>,

    /// The same as --format-in
    #[arg(long, value_name = "FORMAT", hide = true)]
    pub(crate) format: Option<String>,

    /// Write the rows that cannot be used to this CSV file; without it the first ten are named
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,

    /// Import all the same if at most so many rows cannot be used
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) max_rejects: u64,

    /// Do everything but keep nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    // Not clap's own reading of the environment: the core's, as for the source.
    #[arg(long, value_name = "URL", help = notes::CACHE)]
    pub(crate) cache: Option<String>,

    /// Fail if the newest measurement is older than so many hours; without it, older than a day is a warning
    #[arg(long, value_name = "HOURS", value_parser = hours, allow_negative_numbers = true)]
    pub(crate) max_age: Option<f64>,
}

fn hours(text: &str) -> Result<f64, String> {
    const LONGEST: f64 = 1e6;
    let hours = text.parse().ok().filter(|hours| (0.0..=LONGEST).contains(hours));
    hours.ok_or_else(|| "a number of hours, such as 6 or 0.5".to_owned())
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
