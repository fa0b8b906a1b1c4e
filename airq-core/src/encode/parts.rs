//! The parts that output formats share: the start and the end of a document, stations, fields.

use super::output_buffer::OutputBuffer;
use crate::csv::{Field, Kind, Layout, Row};
use crate::model::{Parameter, Station, Stations, Unit};
use crate::query::units::unit_of;
use crate::text::{Output, push_json_string, swap_csv_syntax};
use std::sync::Arc;

/// The contents of an answer besides its rows.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The filters of the query, as a JSON object.
    pub(crate) query: Vec<u8>,
    /// True if the values have no unit.
    pub(crate) without_units: bool,
    /// The unit of concentrations; `None` for the units of the parameters.
    pub(crate) units: Option<Unit>,
    /// The stations' descriptions.
    pub(crate) stations: Arc<Stations>,
    /// The ids of the selected stations, sorted; `None` for all stations.
    pub(crate) selected: Option<Vec<String>>,
}

impl Context {
    /// Returns the unit of the values of a parameter; `None` if they have no unit.
    pub(crate) fn unit_of(&self, parameter: Parameter) -> Option<Unit> {
        if self.without_units { None } else { Some(unit_of(parameter, self.units)) }
    }

    /// Returns the name of a column in CSV. A unit that is not the parameter's own is part of the name: `no2 [ppb]`.
    pub(crate) fn column_name(&self, field: &Field) -> String {
        match field.kind {
            Kind::Parameter(parameter) if unit_of(parameter, self.units) != parameter.unit() => {
                format!("{} [{}]", parameter.code(), unit_of(parameter, self.units))
            }
            _ => field.column_name(),
        }
    }

    /// Returns the number of selected stations after this one, in the order of answers.
    pub(crate) fn stations_after(&self, id: &str) -> usize {
        match &self.selected {
            Some(ids) => ids.iter().filter(|other| other.as_str() > id).count(),
            None => self.stations.iter().filter(|other| other.id.as_str() > id).count(),
        }
    }
}

/// The end of an answer.
#[derive(Clone, Debug)]
pub(crate) struct PageInfo {
    pub(crate) count: u64,
    /// The cursor of the next page, if there is one.
    pub(crate) next: Option<String>,
    /// The number of selected stations after the last row's.
    pub(crate) stations_left: usize,
}

/// Writes `"query":{…},"units":{…},`, the start of every JSON document of an answer after the brace.
pub(crate) fn push_head(out: &mut OutputBuffer, context: &Context, layout: &Layout) {
    out.extend_from_slice(b"\"query\":");
    out.extend_from_slice(&context.query);
    out.extend_from_slice(b",\"units\":{");
    for (index, parameter) in layout.parameters().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(out, parameter.code().as_bytes());
        out.push(b':');
        push_text_or_null(out, context.unit_of(parameter).map(Unit::symbol));
    }
    out.extend_from_slice(b"},");
}

/// Writes `],"page":{…}}` and a line feed, the end of every JSON document of an answer.
pub(crate) fn push_tail(out: &mut OutputBuffer, page: &PageInfo) {
    out.extend_from_slice(b"],\"page\":{\"count\":");
    out.extend_from_slice(page.count.to_string().as_bytes());
    out.extend_from_slice(b",\"next\":");
    push_text_or_null(out, page.next.as_deref());
    if page.next.is_some() {
        out.extend_from_slice(b",\"stations_left\":");
        out.extend_from_slice(page.stations_left.to_string().as_bytes());
    }
    out.extend_from_slice(b"}}\n");
}

/// The keys that [`push_station`] writes. [`push_names`] writes the first four.
pub(crate) const STATION_KEYS: &[&str] = &["id", "name", "city", "country", "latitude", "longitude"];

/// Writes `"id":…,"name":…,"city":…,"country":…`, the description of a station. Unknown values are `null`.
pub(crate) fn push_names(out: &mut impl Output, station: &Station) {
    out.extend_from_slice(b"\"id\":");
    push_json_string(out, station.id.as_bytes());
    for (key, value) in [("name", &station.name), ("city", &station.city), ("country", &station.country)] {
        push_key(out, key);
        push_text_or_null(out, value.as_deref());
    }
}

/// Writes `{"id":…,…,"longitude":…`, a station without its measurements and without the closing brace.
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

/// Writes `,"key":`.
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

/// Returns the description of a station. It has only the id if the data set does not describe the station.
pub(crate) fn station_of(context: &Context, id: &[u8]) -> Station {
    let id = String::from_utf8_lossy(id);
    context.stations.get(&id).cloned().unwrap_or_else(|| Station::new(id))
}

/// Writes `"time":"…"`.
pub(crate) fn push_time(out: &mut OutputBuffer, row: &Row<'_>) {
    out.extend_from_slice(b"\"time\":\"");
    row.push_time(out);
    out.push(b'"');
}

/// Writes `,"so2":6.8,"no2":null`, every field of the answer after station and time.
pub(crate) fn push_fields(out: &mut OutputBuffer, row: &Row<'_>) {
    for field in &row.layout.fields {
        out.extend_from_slice(&field.key);
        push_value(out, field, row);
    }
}

pub(crate) fn push_value(out: &mut OutputBuffer, field: &Field, row: &Row<'_>) {
    match (row.value(field), field.kind) {
        (None, _) => out.extend_from_slice(b"null"),
        (Some(number), Kind::Parameter(_) | Kind::Capture(_)) => out.extend_from_slice(number),
        (Some(json), Kind::Json) => {
            let start = out.len();
            out.extend_from_slice(json);
            swap_csv_syntax(&mut out.as_mut_slice()[start..]);
        }
        (Some(text), Kind::Text) => push_json_string(out, text),
    }
}
