//! The shapes of an answer. Each writes its beginning, its rows and its end; none knows where bytes come from or go.

mod columns;
mod csv;
mod flat;
mod geojson;
mod nested;
mod ngsi_ld;

use super::escape::push_json_string;
use super::fast::{Emit, Template};
use super::header::{Field, Kind, Layout};
use super::row::Row;
use super::sheet::{Output, Sheet};
use crate::model::{Station, Stations};
pub(super) use columns::Columns;
pub(super) use csv::Csv;
pub(super) use flat::{Ndjson, Records};
pub(super) use geojson::GeoJson;
pub(super) use nested::Nested;
pub(super) use ngsi_ld::{NgsiLd, Spelled};
use std::sync::Arc;

/// Writes an answer of one shape.
pub(super) trait Shape: Send {
    /// What stands before the first row.
    fn begin(&mut self, out: &mut Sheet, context: &Context, layout: &Layout);
    /// A row. Rows of one station stand together in the answer if they come together.
    fn row(&mut self, out: &mut Sheet, context: &Context, row: &Row<'_>);
    /// Names that it has beside the fields of a row: no field may be called so.
    fn taken(&self) -> &'static [&'static str] {
        &[]
    }
    /// How the fast path writes rows of this layout; `None` if it cannot.
    fn template(&self, layout: &Layout) -> Option<Template>;
    /// Who writes rows for the fast path, as [`row`](Shape::row) would.
    fn emit<'a>(&'a mut self, out: &'a mut Sheet, context: &'a Context, template: &'a Template) -> impl Emit + 'a;
    /// The same for rows behind the first that others write; `None` if a row depends on more of those before it than that there
    /// are some.
    fn branch(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// What stands behind the last row.
    fn end(&mut self, out: &mut Sheet, context: &Context, page: &Page);
}

/// What an answer says besides its rows.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// The filters of the query, as a JSON object.
    pub(super) query: Vec<u8>,
    /// Whether the values have no unit.
    pub(super) without_units: bool,
    /// The stations' descriptions.
    pub(super) stations: Arc<Stations>,
}

/// How the answer ended.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) count: u64,
    /// Where the next page begins, if there is one.
    pub(super) next: Option<String>,
}

/// `"query":{…},"units":{…},`: how every JSON document of an answer begins, inside its brace.
fn push_head(out: &mut Sheet, context: &Context, layout: &Layout) {
    out.extend_from_slice(b"\"query\":");
    out.extend_from_slice(&context.query);
    out.extend_from_slice(b",\"units\":{");
    for (place, pollutant) in layout.pollutants().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push_json_string(out, pollutant.name().as_bytes());
        out.push(b':');
        push_text_or_null(out, (!context.without_units).then(|| pollutant.unit()));
    }
    out.extend_from_slice(b"},");
}

/// `],"page":{…}}` and a line end: how every JSON document of an answer ends.
fn push_tail(out: &mut Sheet, page: &Page) {
    out.extend_from_slice(b"],\"page\":{\"count\":");
    out.extend_from_slice(page.count.to_string().as_bytes());
    out.extend_from_slice(b",\"next\":");
    push_text_or_null(out, page.next.as_deref());
    out.extend_from_slice(b"}}\n");
}

/// What [`push_station`] names; the first four are what [`push_names`] does.
const STATION_KEYS: &[&str] = &["id", "name", "city", "country", "latitude", "longitude"];

/// `"id":…,"name":…,"city":…,"country":…`: what is known of a station, unknown things as null.
fn push_names(out: &mut impl Output, station: &Station) {
    out.extend_from_slice(b"\"id\":");
    push_json_string(out, station.id.as_bytes());
    for (key, value) in [("name", &station.name), ("city", &station.city), ("country", &station.country)] {
        push_key(out, key);
        push_text_or_null(out, value.as_deref());
    }
}

/// A station without its measurements, and without the closing brace: `{"id":…,…,"longitude":…`.
pub(crate) fn push_station(out: &mut impl Output, station: &Station) {
    out.push(b'{');
    push_names(out, station);
    for (key, degrees) in [("latitude", station.latitude), ("longitude", station.longitude)] {
        push_key(out, key);
        match degrees {
            Some(degrees) => out.extend_from_slice(degrees.to_string().as_bytes()),
            None => out.extend_from_slice(b"null"),
        }
    }
}

/// `,"key":`
pub(crate) fn push_key(out: &mut impl Output, key: &str) {
    out.push(b',');
    push_json_string(out, key.as_bytes());
    out.push(b':');
}

pub(crate) fn push_text_or_null(out: &mut impl Output, text: Option<&str>) {
    match text {
        Some(text) => push_json_string(out, text.as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

/// The description of the row's station; just its id if the data set has none.
fn station_of(context: &Context, id: &[u8]) -> Station {
    let id = String::from_utf8_lossy(id);
    context.stations.find(&id).cloned().unwrap_or_else(|| Station::new(id))
}

/// `"time":"…"`
fn push_time(out: &mut Sheet, row: &Row<'_>) {
    out.extend_from_slice(b"\"time\":\"");
    row.push_time(out);
    out.push(b'"');
}

/// `,"so2":6.8,"no2":null`: every field of the answer behind station and time.
fn push_fields(out: &mut Sheet, row: &Row<'_>) {
    for field in &row.layout.fields {
        out.extend_from_slice(&field.key);
        push_value(out, field, row);
    }
}

fn push_value(out: &mut Sheet, field: &Field, row: &Row<'_>) {
    match (row.value(field), field.kind) {
        (None, _) => out.extend_from_slice(b"null"),
        (Some(ready), Kind::Pollutant(_) | Kind::Capture(_) | Kind::Json) => out.extend_from_slice(ready),
        (Some(text), Kind::Text) => push_json_string(out, text),
    }
}
