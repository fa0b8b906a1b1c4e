//! What is asked: a [`Query`] is parsed and valid by existing; resolved against a data set's stations it becomes a
//! [`Selection`] for the repository.

mod averages;
mod canonical;
mod cursor;
mod draft;
mod parse;
mod place;
mod selection;

use crate::aqi::AirQualityIndex;
use crate::error::Result;
use crate::model::{Pollutant, Timestamp, Zone};
pub use averages::{Averages, Every, Interval, Running, Statistic};
pub use cursor::Cursor;
use draft::Draft;
use place::{Bbox, Metres, Point};
pub(crate) use selection::Resolved;
pub use selection::{Rows, Selection};

/// A question about measurements. One that exists is valid.
///
/// Made by the [builder](Query::builder) or, by the same rules, from the name-value pairs of a URL or a command line
/// ([`from_pairs`](Query::from_pairs)). No filter means everything.
///
/// ```
/// use airq_core::Query;
/// let built = Query::builder().city("Madrid").from("2016-10-01")?.limit(10).build()?;
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
    pollutants: Vec<Pollutant>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: Option<u64>,
    default_limit: Option<u64>,
    cursor: Option<Cursor>,
    latest: bool,
    averaging: Option<Averages>,
    index: Option<AirQualityIndex>,
    zone: Zone,
}

impl Query {
    /// The names [`from_pairs`](Query::from_pairs) knows for measurements.
    pub const PARAMETERS: &'static [&'static str] = &[
        "city",
        "station",
        "bbox",
        "near",
        "radius",
        "pollutant",
        "from",
        "to",
        "every",
        "stat",
        "running",
        "tz",
        "interval",
        "capture",
        "index",
        "limit",
        "cursor",
        "format",
    ];
    /// The names it knows for the newest measurements.
    pub const LATEST_PARAMETERS: &'static [&'static str] = &[
        "city",
        "station",
        "bbox",
        "near",
        "radius",
        "pollutant",
        "every",
        "stat",
        "running",
        "tz",
        "interval",
        "capture",
        "index",
        "format",
    ];
    /// The names it knows for stations.
    pub const STATION_PARAMETERS: &'static [&'static str] = &["city", "bbox", "near", "radius"];
    /// The limit a server puts on a query that names none.
    pub const DEFAULT_LIMIT: u64 = 1_000;
    /// The largest limit a query may name.
    pub const MAX_LIMIT: u64 = 100_000;
    /// How many entries a list parameter may have.
    pub const MAX_LIST: usize = 100;

    /// A query of everything.
    pub fn all() -> Query {
        Query::default()
    }

    /// A builder without a filter.
    pub fn builder() -> QueryBuilder {
        QueryBuilder::default()
    }

    /// The same query for the newest measurement of each station only; of averages, for the newest period that has a row,
    /// whole or not: its capture says.
    pub fn latest(mut self) -> Query {
        self.latest = true;
        self
    }

    /// The same query, stopping after so many rows if it names no limit itself. The answer does not echo a default.
    pub fn or_limit(mut self, rows: u64) -> Query {
        self.default_limit = Some(rows);
        self
    }

    /// The same query, going on after the row that the cursor names.
    pub fn after(mut self, cursor: Cursor) -> Query {
        self.cursor = Some(cursor);
        self
    }

    /// The pollutants it names, sorted; none means all that there are.
    pub fn pollutants(&self) -> &[Pollutant] {
        &self.pollutants
    }

    /// The time it asks for: from (included) and to (excluded), where it names them.
    pub fn range(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.from, self.to)
    }

    /// How measurements are averaged, if they are.
    pub fn averages(&self) -> Option<&Averages> {
        self.averaging.as_ref()
    }

    /// The air quality index of each row, if one is asked for.
    pub fn index(&self) -> Option<AirQualityIndex> {
        self.index
    }

    /// The zone that its dates and periods are of.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// How many rows at most, if bounded.
    pub fn row_limit(&self) -> Option<u64> {
        self.limit.or(self.default_limit)
    }
}

/// Builds a [`Query`]; each rule is checked once, in [`build`](QueryBuilder::build) or where a text is parsed.
#[derive(Clone, Debug, Default)]
pub struct QueryBuilder(Draft);

impl QueryBuilder {
    /// Also the stations of this city.
    pub fn city(mut self, name: impl Into<String>) -> Self {
        self.0.query.cities.push(name.into());
        self
    }

    /// Also this station. With a city, only the stations that are both named and in a named city.
    pub fn station(mut self, id: impl Into<String>) -> Self {
        self.0.query.stations.push(id.into());
        self
    }

    /// Only stations in this box of degrees (WGS 84), its edges included. Where `west` is greater than `east` it crosses
    /// the 180th meridian. A station whose place is unknown is in no box.
    pub fn bbox(mut self, west: f64, south: f64, east: f64, north: f64) -> Self {
        self.0.query.bbox = Some(Bbox { west, south, east, north });
        self
    }

    /// Only stations within `radius` metres of this point (degrees north and east, WGS 84), measured over a sphere of the
    /// Earth's mean radius: right to half a percent. A station whose place is unknown is near nothing.
    pub fn near(mut self, latitude: f64, longitude: f64, radius: f64) -> Self {
        (self.0.query.near, self.0.query.radius) = (Some(Point { latitude, longitude }), Some(Metres(radius)));
        self
    }

    /// Only the named pollutants.
    pub fn pollutant(mut self, pollutant: Pollutant) -> Self {
        self.0.query.pollutants.push(pollutant);
        self
    }

    /// From this instant on (included), or from this date or time by the clocks of [`zone`](QueryBuilder::zone). Of averages,
    /// the periods that start then or later.
    ///
    /// # Errors
    /// If the text is neither an RFC 3339 instant nor a date or time.
    pub fn from(mut self, time: &str) -> Result<Self> {
        self.0.from = Some(parse::time("from", time)?);
        Ok(self)
    }

    /// Up to this instant (excluded), or to this date or time by the clocks of [`zone`](QueryBuilder::zone). Of averages, the
    /// periods that start before it, whole.
    ///
    /// # Errors
    /// If the text is neither an RFC 3339 instant nor a date or time.
    pub fn to(mut self, time: &str) -> Result<Self> {
        self.0.to = Some(parse::time("to", time)?);
        Ok(self)
    }

    /// Averages instead of the measurements themselves.
    pub fn averages(mut self, averaging: Averages) -> Self {
        self.0.query.averaging = Some(averaging);
        self
    }

    /// Each row's air quality index, too: of hours, unless the averages are of days. It is of all pollutants of the index,
    /// also of those that the answer does not show.
    pub fn index(mut self, index: AirQualityIndex) -> Self {
        self.0.index = Some(index);
        self
    }

    /// Dates are days of this zone, times without an offset are by its clocks, as periods are. UTC, or the averaging's,
    /// unless set.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.0.zone = Some(zone);
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.0.query.limit = Some(rows);
        self
    }

    /// The query, checked.
    ///
    /// # Errors
    /// If a place is none, a name is empty, too long or has control characters, a list has over [`Query::MAX_LIST`] entries, the limit
    /// is 0 or over [`Query::MAX_LIMIT`], the time range is empty, or the averaging contradicts itself. All faults are
    /// named at once.
    pub fn build(self) -> Result<Query> {
        parse::check(self.0)
    }
}
