//! Queries: a [`Query`] is always valid. Resolved against the stations and parameters of a data set, a query becomes a
//! [`Selection`] for the repository.

mod averages;
mod canonical;
mod cursor;
mod draft;
mod page;
mod parse;
mod place;
mod selection;
mod span;
mod statistic;
pub(crate) mod units;

use crate::aqi::AirQualityIndex;
use crate::error::Result;
use crate::model::{Parameter, Station, Timestamp, Unit, Zone};
pub use averages::{Averages, Every, Interval, Profile, Running};
pub use cursor::Cursor;
use draft::Draft;
pub(crate) use page::Page;
use place::{Bbox, Metres, Point};
pub(crate) use selection::Resolved;
pub use selection::{Rows, Selection};
use span::Span;
pub use statistic::{Percentile, Statistic};
use std::hash::{Hash, Hasher};

/// A query for measurements. A value of this type is always valid.
///
/// A query is built by the [builder](Query::builder) or, with the same rules, from the name-value pairs of a URL or a command line
/// ([`from_pairs`](Query::from_pairs)). Without filters, a query selects everything.
///
/// ```
/// use airq_core::Query;
/// let built = Query::builder().city("Madrid").from("2016-10-01").limit(10).build()?;
/// let (parsed, _format) = Query::from_pairs(Query::PARAMETERS, [
///     ("city", "Madrid"), ("from", "2016-10-01T00:00:00Z"), ("limit", "10"),
/// ])?;
/// assert_eq!(built, parsed);
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    cities: Vec<String>,
    stations: Vec<String>,
    bbox: Option<Bbox>,
    near: Option<Point>,
    radius: Option<Metres>,
    parameters: Vec<Parameter>,
    /// True if the parameters were given by the alias `pollutant`. The answer then repeats them under that name.
    by_pollutant: bool,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    /// The length of the range that ends with the newest row of the data set.
    last: Option<Span>,
    limit: Option<u64>,
    default_limit: Option<u64>,
    cursor: Option<Cursor>,
    is_descending: bool,
    latest: bool,
    averaging: Option<Averages>,
    index: Option<AirQualityIndex>,
    zone: Zone,
    /// The unit of concentrations; `None` for the units of the parameters.
    units: Option<Unit>,
}

/// The parts by which queries usually differ are hashed. Equal queries have equal parts.
impl Hash for Query {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.cities, &self.stations, self.from, self.to).hash(state);
    }
}

impl Query {
    /// The names of [`from_pairs`](Query::from_pairs) for measurements.
    pub const PARAMETERS: &'static [&'static str] = &[
        "city",
        "station",
        "bbox",
        "near",
        "radius",
        "parameter",
        "pollutant",
        "from",
        "to",
        "last",
        "every",
        "stat",
        "running",
        "tz",
        "interval",
        "capture",
        "index",
        "units",
        "order",
        "limit",
        "cursor",
        "format",
    ];
    /// The names of [`from_pairs`](Query::from_pairs) for the newest measurements.
    pub const LATEST_PARAMETERS: &'static [&'static str] = &[
        "city",
        "station",
        "bbox",
        "near",
        "radius",
        "parameter",
        "pollutant",
        "max_age",
        "every",
        "stat",
        "running",
        "tz",
        "interval",
        "capture",
        "index",
        "units",
        "format",
    ];
    /// The names of [`from_pairs`](Query::from_pairs) for stations.
    pub const STATION_PARAMETERS: &'static [&'static str] = &["city", "bbox", "near", "radius", "max_age", "format"];
    /// The limit that a server sets for queries without a limit.
    pub const DEFAULT_LIMIT: u64 = 1_000;
    /// The greatest limit.
    pub const MAX_LIMIT: u64 = 100_000;
    /// The greatest number of entries of a list.
    pub const MAX_LIST: usize = 100;

    /// Returns a query that selects everything.
    pub fn all() -> Query {
        Query::default()
    }

    /// Returns a builder without filters.
    pub fn builder() -> QueryBuilder {
        QueryBuilder::default()
    }

    /// Restricts the query to a row of each station with the newest value of each selected parameter. The row has the time of the newest
    /// of these values; values more than 7 days older are left out. [`MeasurementRef::time_of`](crate::MeasurementRef::time_of) returns the
    /// time of each value.
    ///
    /// For averages, the row is the newest period that has a row. That period may be incomplete, which its capture shows.
    pub fn latest(mut self) -> Query {
        self.latest = true;
        self
    }

    /// Sets the limit for a query without a limit. The answer does not repeat a default.
    pub fn or_limit(mut self, rows: u64) -> Query {
        self.default_limit = Some(rows);
        self
    }

    /// Continues the query after the row of the cursor.
    pub fn after(mut self, cursor: Cursor) -> Query {
        self.cursor = Some(cursor);
        self
    }

    /// Returns the query with the range of [`last`](QueryBuilder::last), which ends with the newest row of the data set. Without rows, the
    /// range is not restricted.
    pub(crate) fn ending_with(mut self, newest: Option<Timestamp>) -> Query {
        const MILLISECOND: i64 = 1000;
        if let (Some(last), Some(newest)) = (self.last.take(), newest) {
            // A row that is exactly this much older is not in the range, so hourly rows of 24 hours are 24 rows.
            self.from = Timestamp::from_microseconds(last.before(newest).as_microseconds() + MILLISECOND);
        }
        self
    }

    /// Returns whether the newest row of the data set decides the range.
    pub(crate) fn needs_newest_time(&self) -> bool {
        self.last.is_some()
    }

    /// Returns the query for means of periods in place of measurements, in the same time zone and of any capture.
    #[cfg(feature = "chart")]
    pub(crate) fn averaged(mut self, every: Every) -> Query {
        self.averaging = Some(Averages::new(every).with_zone(self.zone.clone()).with_capture(0));
        self
    }

    /// Leaves out the local times of measurements. Averages keep their zone, which decides their periods.
    #[cfg(feature = "chart")]
    pub(crate) fn without_local_times(mut self) -> Query {
        if self.averaging.is_none() {
            self.zone = Zone::default();
        }
        self
    }

    /// Returns the selected parameters, sorted; empty for all parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Returns the time range: from (included) and to (excluded).
    pub fn range(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.from, self.to)
    }

    /// Returns the rules of averages; `None` for measurements.
    pub fn averages(&self) -> Option<&Averages> {
        self.averaging.as_ref()
    }

    /// Returns the air quality index of each row, if the query has one.
    pub fn index(&self) -> Option<AirQualityIndex> {
        self.index
    }

    /// Returns the time zone of dates and periods.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Returns the unit of the values of a parameter in the answer.
    pub fn unit_of(&self, parameter: Parameter) -> Unit {
        units::unit_of(parameter, self.units)
    }

    /// Returns whether the query selects stations, so that the stations of the data set decide which rows are selected.
    pub fn needs_stations(&self) -> bool {
        let names_stations = !self.cities.is_empty() || !self.stations.is_empty();
        names_stations || self.bbox.is_some() || self.near.is_some() || self.is_descending
    }

    /// Returns the distance of a station from the place of the query in metres, if both have a place.
    pub(crate) fn distance_to(&self, station: &Station) -> Option<f64> {
        place::distance(station, self.bbox, self.near)
    }

    /// Returns a query for the newest measurements before the time range, if the range has a start.
    pub(crate) fn before(&self) -> Option<Query> {
        let from = self.from?;
        Some(Query { from: None, to: Some(from), latest: true, ..self.rows_only() })
    }

    /// Returns a query for the measurements from the end of the time range on, if the range has an end.
    pub(crate) fn behind(&self) -> Option<Query> {
        let to = self.to?;
        Some(Query { from: Some(to), to: None, latest: false, ..self.rows_only() })
    }

    /// Returns a query for the measurements that the averages of this query are computed from, without a limit.
    fn rows_only(&self) -> Query {
        Query {
            averaging: None,
            index: None,
            limit: None,
            default_limit: None,
            cursor: None,
            last: None,
            units: None,
            ..self.clone()
        }
    }

    /// Returns the greatest number of rows, if the query is limited.
    pub fn row_limit(&self) -> Option<u64> {
        self.limit.or(self.default_limit)
    }
}

/// Builds a [`Query`]. Each rule is checked once, in [`build`](QueryBuilder::build) or where a text is parsed.
#[derive(Clone, Debug, Default)]
pub struct QueryBuilder {
    draft: Draft,
    from: Option<TimeBound>,
    to: Option<TimeBound>,
    last: Option<String>,
}

/// The start or the end of a time range, for [`QueryBuilder::from`] and [`QueryBuilder::to`]: an instant, or a text that
/// [`build`](QueryBuilder::build) parses.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TimeBound {
    /// An instant.
    Instant(Timestamp),
    /// A text.
    Text(String),
}

impl From<Timestamp> for TimeBound {
    fn from(time: Timestamp) -> Self {
        TimeBound::Instant(time)
    }
}

impl From<&str> for TimeBound {
    fn from(text: &str) -> Self {
        TimeBound::Text(text.to_owned())
    }
}

impl From<String> for TimeBound {
    fn from(text: String) -> Self {
        TimeBound::Text(text)
    }
}

impl QueryBuilder {
    /// Adds the stations of a city.
    pub fn city(mut self, name: impl Into<String>) -> Self {
        self.draft.query.cities.push(name.into());
        self
    }

    /// Adds a station. With a city, only stations that are named and in a named city are selected.
    pub fn station(mut self, id: impl Into<String>) -> Self {
        self.draft.query.stations.push(id.into());
        self
    }

    /// Selects stations in a box of degrees (WGS 84), including the edges. If `west` is greater than `east`, the box crosses the 180th
    /// meridian. A station without coordinates is in no box.
    pub fn bbox(mut self, west: f64, south: f64, east: f64, north: f64) -> Self {
        self.draft.query.bbox = Some(Bbox { west, south, east, north });
        self
    }

    /// Selects stations within `radius` metres of a point (degrees north and east, WGS 84). Distances are computed on a sphere with
    /// the Earth's mean radius; the error is at most half a percent. A station without coordinates is never selected.
    pub fn near(mut self, latitude: f64, longitude: f64, radius: f64) -> Self {
        (self.draft.query.near, self.draft.query.radius) = (Some(Point { latitude, longitude }), Some(Metres(radius)));
        self
    }

    /// Adds a parameter. Without parameters, the answer has all of them.
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.draft.query.parameters.push(parameter);
        self
    }

    /// Sets the start of the range (included): a [`Timestamp`], or the text of an instant, of a date or time by the clocks of
    /// [`zone`](QueryBuilder::zone), or of a time before now such as `-24h` or `-7d`, which is cut to the minute. The averages are of
    /// periods that start at this time or later.
    pub fn from(mut self, time: impl Into<TimeBound>) -> Self {
        self.from = Some(time.into());
        self
    }

    /// Sets the end of the range (excluded), as [`from`](QueryBuilder::from) sets the start. The averages are of periods that start
    /// before this time, each with all its values.
    pub fn to(mut self, time: impl Into<TimeBound>) -> Self {
        self.to = Some(time.into());
        self
    }

    /// Selects the last hours or days (`24h`, `7d`) of the data set: the range ends with the newest value of the data set, whatever the time
    /// is now. A day has 24 hours. Not with [`from`](QueryBuilder::from) or [`to`](QueryBuilder::to).
    pub fn last(mut self, span: impl Into<String>) -> Self {
        self.last = Some(span.into());
        self
    }

    /// Selects averages in place of measurements.
    pub fn averages(mut self, averaging: Averages) -> Self {
        self.draft.query.averaging = Some(averaging);
        self
    }

    /// Adds the air quality index of each row: of hours, or of days if the averages are of days. The index uses all its parameters,
    /// also parameters that are not in the answer.
    pub fn index(mut self, index: AirQualityIndex) -> Self {
        self.draft.index = Some(index);
        self
    }

    /// Sets the time zone of dates, of times without an offset and of periods. The default is UTC.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.draft.zone = Some(zone);
        self
    }

    /// Sets the unit of concentrations: ppb, ppm, µg/m³ or mg/m³. Mass and parts of a gas are converted at 20 °C and 101.3 kPa, and the
    /// converted values are rounded to six significant digits. Other parameters keep their units: in ppb and ppm all that are not gases.
    /// [`Query::unit_of`] returns the unit of each parameter.
    pub fn units(mut self, unit: Unit) -> Self {
        self.draft.query.units = Some(unit);
        self
    }

    /// Orders the rows of each station from the newest to the oldest. Stations stay in the order of their ids.
    pub fn descending(mut self) -> Self {
        self.draft.query.is_descending = true;
        self
    }

    /// Sets the greatest number of rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.draft.query.limit = Some(rows);
        self
    }

    /// Checks and returns the query.
    ///
    /// # Errors
    /// If a time or a place is invalid, a name is empty, too long or has control characters, a list has over [`Query::MAX_LIST`] entries, the limit
    /// is 0 or over [`Query::MAX_LIMIT`], the time range is empty, or the averages contradict each other. The error lists
    /// all faults.
    pub fn build(self) -> Result<Query> {
        parse::check(self)
    }
}
