//! The options of queries that several commands have: filters, averages, places, time ranges, formats.

use super::complete;
use clap::{ArgAction, Args, ValueHint};
use std::path::PathBuf;

/// A parameter of a query and its values.
pub(crate) type QueryOption<'a> = (&'static str, &'a [String]);

/// The filters that `query`, `latest` and `plot` have in common.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct FilterArgs {
    /// Only this city; may be repeated
    ///
    /// A name matches in any case, and with or without accents.
    #[arg(long, action = ArgAction::Append, value_name = "NAME", add = complete::cities())]
    pub(crate) city: Vec<String>,

    /// Only this station; may be repeated
    #[arg(long, action = ArgAction::Append, value_name = "ID", add = complete::stations())]
    pub(crate) station: Vec<String>,

    #[command(flatten)]
    pub(crate) place: PlaceArgs,

    /// Only these parameters, such as no2,o3
    ///
    /// `airq-cli parameters` lists the parameters of the data. May be repeated.
    #[arg(long, alias = "pollutant", action = ArgAction::Append, value_name = "LIST", add = complete::parameters())]
    pub(crate) parameter: Vec<String>,
}

impl FilterArgs {
    pub(crate) fn query_options(&self) -> Vec<QueryOption<'_>> {
        let own: [QueryOption<'_>; 3] =
            [("city", &self.city), ("station", &self.station), ("parameter", &self.parameter)];
        [&own[..], &self.place.query_options()].concat()
    }
}

/// The filters by the location of stations.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct PlaceArgs {
    /// Only stations in this box, in degrees
    ///
    /// A west greater than the east crosses the 180th meridian.
    #[arg(long, action = ArgAction::Append, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(crate) bbox: Vec<String>,

    /// Only stations near this point, such as 40.42,-3.7
    #[arg(long, action = ArgAction::Append, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) near: Vec<String>,

    /// The distance from --near, such as 5km [default: 10km]
    ///
    /// A number without a unit is in metres.
    #[arg(long, action = ArgAction::Append, value_name = "DISTANCE", allow_hyphen_values = true)]
    pub(crate) radius: Vec<String>,
}

impl PlaceArgs {
    pub(crate) fn query_options(&self) -> [QueryOption<'_>; 3] {
        [("bbox", &self.bbox), ("near", &self.near), ("radius", &self.radius)]
    }
}

/// The time range.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct RangeArgs {
    /// The start of the time range, such as 2016-10-01
    ///
    /// A date or a time, such as 2016-10-01T06:00:00Z, in the zone of --tz unless it has an offset. The start is included.
    #[arg(long, action = ArgAction::Append, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Vec<String>,

    /// The end of the time range, which is excluded
    #[arg(long, action = ArgAction::Append, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Vec<String>,

    /// The last hours or days of the data, such as 24h or 7d
    ///
    /// The range ends with the newest value, without --from and --to.
    #[arg(long, action = ArgAction::Append, value_name = "SPAN")]
    pub(crate) last: Vec<String>,

    /// The maximum number of rows
    #[arg(long, short = 'n', action = ArgAction::Append, value_name = "N", allow_negative_numbers = true)]
    pub(crate) limit: Vec<String>,
}

impl RangeArgs {
    pub(crate) fn query_options(&self) -> [QueryOption<'_>; 4] {
        [("from", &self.from), ("to", &self.to), ("last", &self.last), ("limit", &self.limit)]
    }
}

/// The maximum age, for commands about the newest measurements and the stations.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct AgeArgs {
    /// Only stations with a row in the last hours or days before now, such as 3h
    #[arg(long, action = ArgAction::Append, value_name = "SPAN")]
    pub(crate) max_age: Vec<String>,
}

impl AgeArgs {
    pub(crate) fn query_option(&self) -> QueryOption<'_> {
        ("max_age", &self.max_age)
    }
}

/// The options of averages and air quality indices.
#[derive(Debug, Args)]
#[command(next_help_heading = "Averages")]
pub(crate) struct AveragesArgs {
    /// Averages of these periods, such as 1h, 1d or 1mo
    ///
    /// 1h, 8h, 1d, 1mo or 1y; or a profile, which joins all periods of the time range: hour-of-day, weekday or month-of-year.
    #[arg(long, action = ArgAction::Append, value_name = "PERIOD", add = complete::periods())]
    pub(crate) every: Vec<String>,

    /// The statistic, such as max or p98 [default: mean]
    ///
    /// mean, min, max, median, a percentile such as p98 or p99.8, max8h (with --every 1d, the highest mean of 8 hours), somo35
    /// (ozone, with --every 1mo or 1y) or count.
    #[arg(long, action = ArgAction::Append, add = complete::statistics())]
    pub(crate) stat: Vec<String>,

    /// With --every 1h, the mean over the 8h or 24h up to each hour
    #[arg(long, action = ArgAction::Append, value_name = "HOURS", add = complete::running())]
    pub(crate) running: Vec<String>,

    /// The time zone of periods, such as Europe/Madrid [default: UTC]
    ///
    /// Also the zone of times without an offset, and of a plot's axis.
    #[arg(long, action = ArgAction::Append, value_name = "ZONE")]
    pub(crate) tz: Vec<String>,

    /// The interval of expected values, such as 15m [default: 1h]
    ///
    /// 1m, 5m, 10m, 15m, 30m, 1h or 1d.
    #[arg(long, action = ArgAction::Append, add = complete::intervals())]
    pub(crate) interval: Vec<String>,

    /// The minimum percentage of expected values [default: 75]
    ///
    /// A period with fewer values has no average.
    #[arg(long, action = ArgAction::Append, value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) capture: Vec<String>,

    /// The air quality index, such as eaqi-2024
    ///
    /// Of each hour, or of each day with --every 1d: eaqi-2024, eaqi-2020, us-2024, caqi, uk-daqi, in-naqi, cn-2012, cn-2026 or
    /// ca-aqhi. A plot shows its bands.
    #[arg(long, action = ArgAction::Append, value_name = "INDEX", add = complete::indices())]
    pub(crate) index: Vec<String>,
}

impl AveragesArgs {
    pub(crate) fn query_options(&self) -> Vec<QueryOption<'_>> {
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

/// The form of the output of rows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs {
    /// The format, such as csv or json [default: table on a terminal]
    ///
    /// json, records, columns, ndjson, csv, csv-safe (for spreadsheets), geojson, parquet, ngsi-ld, ngsi-ld-normalized or table; by default table on a terminal,
    /// and json in a pipe.
    #[arg(long, short, action = ArgAction::Append, add = complete::formats_of_rows())]
    pub(crate) format: Vec<String>,

    /// The unit of concentrations: ppb, ppm, ug/m3 or mg/m3
    ///
    /// Gases are converted at 20 °C and 101.3 kPa, and rounded to six significant digits. Other parameters keep their units.
    #[arg(long, action = ArgAction::Append, value_name = "UNIT", add = complete::units())]
    pub(crate) units: Vec<String>,

    /// Write to this file; its ending chooses the format
    ///
    /// .json, .ndjson, .csv, .geojson or .parquet. The file is replaced only on success.
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

impl FormatArgs {
    pub(crate) fn query_options(&self) -> [QueryOption<'_>; 2] {
        [("format", &self.format), ("units", &self.units)]
    }
}
