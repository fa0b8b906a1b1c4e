//! `OpenAQ`'s exports: versions 1 and 2 by platform, version 3 of its explorer, and the archive in S3. A row is one value,
//! with the end of its hour.

use super::account::Counted;
use super::clock::Times;
use super::columns::Columns;
use super::measure::Measure;
use super::options::InputOptions;
use super::readings::Readings;
use super::recognise::FormatParts;
use super::rows::Rows;
use super::station_metadata::{Description, TextSource};
use crate::csv::Record;
use crate::error::Result;
use crate::model::Timestamp;

const TIME: [&str; 4] = ["utc", "date.utc", "datetimeUtc", "datetime"];
const ID: [&str; 3] = ["locationId", "location_id", "location"];
const UNIT: [&str; 2] = ["unit", "units"];
/// The columns of version 1, for a file that lacks the header.
const VERSION_1: [&str; 11] = [
    "location",
    "city",
    "country",
    "utc",
    "local",
    "parameter",
    "value",
    "unit",
    "latitude",
    "longitude",
    "attribution",
];

pub(super) fn matches(columns: &Columns) -> bool {
    let one = |names: &[&str]| columns.one_of(names).is_some();
    columns.has(&["parameter", "value"]) && one(&UNIT) && one(&TIME) && one(&ID)
}

/// The columns of a file without a header, as in archives of version 1.
pub(super) fn headerless(first: Record<'_>) -> Option<Columns> {
    let is_time = |place: usize| Timestamp::parse_bytes(first.field(place)).is_some();
    let names = VERSION_1.get(..first.len()).filter(|names| names.len() >= 10)?;
    (is_time(3) && is_time(4)).then(|| Columns::named(names))
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let need = |names: &[&str]| columns.one_of(names).map_or_else(|| columns.need(names[0]), Ok);
    let id = need(&ID)?;
    let readings = Readings {
        station: TextSource::Column(id),
        description: Description {
            name: columns.one_of(&["location_name", "location"]),
            city: TextSource::optional_column(columns.place("city")),
            country: TextSource::optional_column(columns.one_of(&["country", "country_iso"])),
            latitude: columns.one_of(&["latitude", "lat"]),
            longitude: columns.one_of(&["longitude", "lon"]),
        },
        time: need(&TIME)?,
        times: Times::default(),
        period: 60,
        parameter: columns.need("parameter")?,
        value: columns.need("value")?,
        unit: Some(need(&UNIT)?),
        validity: None,
        measure: Measure::new(&[], options),
        remembered: Vec::new(),
        columns: columns.clone(),
    };
    Ok(FormatParts::new(readings, Rows::merged(Counted::Rows)))
}
