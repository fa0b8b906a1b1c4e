//! The output formats.

use crate::error::ParseError;
use std::fmt;
use std::str::FromStr;

/// The format of an answer.
///
/// ```
/// use airq_core::Format;
/// assert_eq!("geojson".parse::<Format>().ok(), Some(Format::GeoJson));
/// assert_eq!(Format::Ndjson.content_type(), "application/x-ndjson");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Stations, each with an array of measurements. This is the default.
    #[default]
    Json,
    /// One array of measurements, each with its station.
    Records,
    /// Stations, each with one array per field, as chart libraries expect.
    Columns,
    /// One measurement per line, with its station.
    Ndjson,
    /// The rows as CSV with a header.
    Csv,
    /// [`Csv`](Format::Csv) for spreadsheets: text that a spreadsheet would run as a formula starts with an apostrophe.
    CsvSafe,
    /// A `FeatureCollection` (RFC 7946) of stations with their newest values.
    GeoJson,
    /// One `AirQualityObserved` (Smart Data Models) per measurement, as NGSI-LD entities with plain values. Unknown values and
    /// columns that are not parameters are left out.
    NgsiLd,
    /// The entities of [`NgsiLd`](Format::NgsiLd) in normalized form: each property has the code of its unit (GQ: µg/m³, GP:
    /// mg/m³) and its time.
    NgsiLdNormalized,
    /// The rows as a Parquet file: `station` as a string, `time` as a timestamp in UTC, numbers as doubles. The metadata of the
    /// file has the unit of each parameter (`unit.no2`).
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Format {
    /// All formats, the default first. `parquet` is there if the feature `parquet` is on.
    pub const ALL: &'static [Format] = &[
        Format::Json,
        Format::Records,
        Format::Columns,
        Format::Ndjson,
        Format::Csv,
        Format::CsvSafe,
        Format::GeoJson,
        Format::NgsiLd,
        Format::NgsiLdNormalized,
        #[cfg(feature = "parquet")]
        Format::Parquet,
    ];
    /// The formats of text.
    pub const TEXT: &'static [Format] = Format::ALL.split_at(9).0;

    /// The name in parameters and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Records => "records",
            Format::Columns => "columns",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::CsvSafe => "csv-safe",
            Format::GeoJson => "geojson",
            Format::NgsiLd => "ngsi-ld",
            Format::NgsiLdNormalized => "ngsi-ld-normalized",
            #[cfg(feature = "parquet")]
            Format::Parquet => "parquet",
        }
    }

    /// Returns whether an answer describes its stations, and does not only name them.
    pub const fn describes_stations(self) -> bool {
        !matches!(self, Format::Records | Format::Ndjson) && !self.is_tabular()
    }

    /// Returns whether an answer is a table with a column for each value.
    pub(crate) const fn is_tabular(self) -> bool {
        #[cfg(feature = "parquet")]
        if matches!(self, Format::Parquet) {
            return true;
        }
        matches!(self, Format::Csv | Format::CsvSafe)
    }

    /// The media type of an answer in this format.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            // Each structure has a media type of its own, so that clients have one type for each.
            Format::Records => "application/vnd.airq.records+json",
            Format::Columns => "application/vnd.airq.columns+json",
            Format::Ndjson => "application/x-ndjson",
            Format::Csv | Format::CsvSafe => "text/csv; charset=utf-8; header=present",
            Format::GeoJson => "application/geo+json",
            Format::NgsiLd | Format::NgsiLdNormalized => "application/ld+json",
            #[cfg(feature = "parquet")]
            Format::Parquet => "application/vnd.apache.parquet",
        }
    }
}

/// Parses a [`name`](Format::name).
impl FromStr for Format {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if cfg!(not(feature = "parquet")) && name == "parquet" {
            let expected = "another format, because this program is built without the feature parquet";
            return Err(ParseError::new(name, expected));
        }
        let known = Format::ALL.iter().copied().find(|format| format.name() == name);
        known.ok_or_else(|| ParseError::not_one_of(name, Format::ALL.iter().map(|format| format.name())))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
