//! The formats an answer can have.

use std::fmt;

/// The shape of an answer.
///
/// ```
/// use airq_core::Format;
/// assert_eq!(Format::parse("geojson"), Some(Format::GeoJson));
/// assert_eq!(Format::Ndjson.content_type(), "application/x-ndjson");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Stations, each with its measurements: the default.
    #[default]
    Json,
    /// One flat array of measurements, each naming its station.
    Records,
    /// Stations, each with one array a field: what charts want.
    Columns,
    /// One flat measurement a line.
    Ndjson,
    /// The rows as CSV with a header.
    Csv,
    /// A `FeatureCollection` of stations with their newest values (RFC 7946).
    GeoJson,
    /// One `AirQualityObserved` (Smart Data Models) a measurement, as NGSI-LD entities with plain values. Unknown things
    /// are left out, and so are columns that are no pollutants.
    NgsiLd,
    /// The same entities normalized: properties with the codes of their units (GQ: µg/m³, GP: mg/m³) and their times.
    NgsiLdNormalized,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 8] = [
        Format::Json,
        Format::Records,
        Format::Columns,
        Format::Ndjson,
        Format::Csv,
        Format::GeoJson,
        Format::NgsiLd,
        Format::NgsiLdNormalized,
    ];

    /// The name used in parameters and flags.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Records => "records",
            Format::Columns => "columns",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
            Format::GeoJson => "geojson",
            Format::NgsiLd => "ngsi-ld",
            Format::NgsiLdNormalized => "ngsi-ld-normalized",
        }
    }

    /// The media type of an answer in this format.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Json | Format::Records | Format::Columns => "application/json",
            Format::Ndjson => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::GeoJson => "application/geo+json",
            Format::NgsiLd | Format::NgsiLdNormalized => "application/ld+json",
        }
    }

    /// The format of this name, exactly as written in [`name`](Format::name).
    pub fn parse(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
