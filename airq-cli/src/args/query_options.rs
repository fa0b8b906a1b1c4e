//! The options of queries that several commands have: filters, averages, places, time ranges.

use clap::{ArgAction, Args};

/// A parameter of a query and its values.
pub(crate) type QueryOption<'a> = (&'static str, &'a [String]);

/// The filters that `query`, `latest` and `plot` have in common.
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

    /// Only these parameters, such as no2,o3; may be repeated
    #[arg(long, alias = "pollutant", action = ArgAction::Append, value_name = "LIST")]
    pub(crate) parameter: Vec<String>,
}

impl FilterArgs {
    pub(crate) fn query_options(&self) -> Vec<QueryOption<'_>> {
        let own: [QueryOption<'_>; 3] =
            [("city", &self.city), ("station", &self.station), ("parameter", &self.parameter)];
        [&own[..], &self.place.query_options()].concat()
    }
}

/// The options of averages and air quality indices.
#[derive(Debug, Args)]
#[command(next_help_heading = "Averages")]
pub(crate) struct AveragesArgs {
    /// Averages of these periods instead of measurements: 1h, 8h, 1d, 1mo or 1y; or a profile: hour-of-day, weekday or month-of-year
    #[arg(long, action = ArgAction::Append, value_name = "PERIOD")]
    pub(crate) every: Vec<String>,

    /// The statistic: mean, min, max, median, a percentile such as p98 or p99.8, max8h (with --every 1d, the highest mean of 8
    /// hours), somo35 (ozone, with --every 1mo or 1y) or count [default: mean]
    #[arg(long, action = ArgAction::Append)]
    pub(crate) stat: Vec<String>,

    /// With --every 1h, the mean over the 8h or 24h up to each hour
    #[arg(long, action = ArgAction::Append, value_name = "HOURS")]
    pub(crate) running: Vec<String>,

    /// The time zone of periods, of times without an offset, and of a plot's axis, such as Europe/Madrid [default: UTC]
    #[arg(long, action = ArgAction::Append, value_name = "ZONE")]
    pub(crate) tz: Vec<String>,

    /// The interval at which values are expected: 1m, 5m, 10m, 15m, 30m, 1h or 1d [default: 1h]
    #[arg(long, action = ArgAction::Append)]
    pub(crate) interval: Vec<String>,

    /// The minimum percentage of expected values in a period [default: 75]
    #[arg(long, action = ArgAction::Append, value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) capture: Vec<String>,

    /// The air quality index of each hour, or of each day with --every 1d: eaqi-2024, eaqi-2020, us-2024, caqi, uk-daqi, in-naqi, cn-2012, cn-2026 or ca-aqhi; a plot
    /// shows its bands
    #[arg(long, action = ArgAction::Append, value_name = "INDEX")]
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

/// The filters by the location of stations.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Only stations in this box, in degrees; west greater than east crosses the 180th meridian
    #[arg(long, action = ArgAction::Append, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub(crate) bbox: Vec<String>,

    /// Only stations near this point, in degrees, such as 40.42,-3.7
    #[arg(long, action = ArgAction::Append, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) near: Vec<String>,

    /// The distance from --near, in metres or with a unit, such as 5km [default: 10km]
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
pub(crate) struct RangeArgs {
    /// The start of the time range (included): a date or a time, in the zone of --tz unless it has an offset, such as 2016-10-01 or 2016-10-01T06:00:00Z
    #[arg(long, action = ArgAction::Append, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) from: Vec<String>,

    /// The end of the time range (excluded)
    #[arg(long, action = ArgAction::Append, value_name = "TIME", allow_negative_numbers = true)]
    pub(crate) to: Vec<String>,
}

impl RangeArgs {
    pub(crate) fn query_options(&self) -> [QueryOption<'_>; 2] {
        [("from", &self.from), ("to", &self.to)]
    }
}
