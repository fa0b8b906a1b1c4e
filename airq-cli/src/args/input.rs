//! The options for reading files.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// The options for reading the files of a source, of `convert` and of `import`. airq-core checks the values.
///
/// They are in the long help only, because most files need none of them.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Reading files")]
pub(crate) struct InputArgs {
    /// The input format: auto, a format of docs/importers.md such as madrid, or the path of a description such as my-city.toml [default: recognised by the header]
    #[arg(long, hide_short_help = true, value_name = "FORMAT")]
    pub(crate) format_in: Option<String>,

    /// The columns of a generic table: time=Date,station=Site,no2="NO2 (µg/m3)"
    #[arg(long, hide_short_help = true, value_name = "ROLE=COLUMN,…")]
    pub(crate) map: Option<String>,

    /// The format of times in a generic table, as for strftime, such as "%d/%m/%Y %H:%M"
    #[arg(long, hide_short_help = true, value_name = "PATTERN")]
    pub(crate) time_format: Option<String>,

    /// The delimiter: one character, tab, or blanks for any number of blanks [default: detected in the header]
    #[arg(long, hide_short_help = true, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<String>,

    /// Numbers have a decimal comma
    #[arg(long, hide_short_help = true)]
    pub(crate) decimal_comma: bool,

    /// The texts of missing values in addition to an empty field, such as NA,-999
    #[arg(long, hide_short_help = true, value_name = "LIST", allow_hyphen_values = true)]
    pub(crate) missing: Option<String>,

    /// The time zone of times without an offset, such as Europe/Madrid [default: UTC]
    #[arg(long, hide_short_help = true, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,

    /// The temperature for conversions of ppb and ppm to mass: 20 or 25 °C [default: 20, as in European law]
    #[arg(long, hide_short_help = true, value_name = "CELSIUS")]
    pub(crate) temperature: Option<String>,

    /// The rule for different values of one station, time and parameter: last, first or error [default: last]
    #[arg(long, hide_short_help = true, value_name = "RULE")]
    pub(crate) on_conflict: Option<String>,

    /// Read the values of this period, where a file has several: 1h, 1d [default: the first]
    #[arg(long, hide_short_help = true, value_name = "PERIOD")]
    pub(crate) period: Option<String>,

    /// The columns that make the id of a station, such as location+sensor [default: the column of the format]
    #[arg(long, hide_short_help = true, value_name = "COLUMN+…")]
    pub(crate) station_columns: Option<String>,

    /// Write everything that is left out to this file, a JSON object on each line: invalid rows, conflicts, sentinels, unused columns
    #[arg(long, hide_short_help = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,

    /// Take numbers such as -999, which mark missing values, as values
    #[arg(long, hide_short_help = true)]
    pub(crate) keep_sentinels: bool,
}
