//! The documents about the data set: stations, cities, and the data set itself.

use crate::encode::{push_key, push_names, push_point, push_station, push_text_or_null};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::hash::stable_hex;
use crate::model::{Parameter, Station, Stations, Timestamp};
use crate::repository::DataSet;
use crate::text::{push_csv_field, push_json_string};

/// A document with its entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// The text.
    pub body: Vec<u8>,
    /// The format: JSON, or for stations also CSV or GeoJSON.
    pub format: Format,
    /// The strong entity tag, without quotes.
    pub etag: String,
    /// The version of the data.
    pub version: String,
}

impl Document {
    fn new(body: Vec<u8>, version: &str) -> Self {
        let etag = stable_hex(version.as_bytes().iter().chain(&body));
        Document { body, format: Format::Json, etag, version: version.to_owned() }
    }
}

/// Returns these stations in a format: JSON, CSV (the columns of `stations.csv`) or GeoJSON.
///
/// # Errors
/// [`ErrorKind::InvalidParameter`] for another format.
pub(crate) fn stations(known: &Stations, ids: Option<&[String]>, format: Format, version: &str) -> Result<Document> {
    let wanted = known.iter().filter(|station| is_selected(station, ids));
    let mut body = Vec::new();
    match format {
        Format::Json => {
            body.extend_from_slice(b"{\"stations\":[");
            for (index, station) in wanted.enumerate() {
                body.extend_from_slice(if index > 0 { b"," } else { b"" });
                push_described(&mut body, station);
            }
            body.extend_from_slice(b"]}\n");
        }
        Format::Csv => {
            body.extend_from_slice(b"id,name,city,country,latitude,longitude\n");
            wanted.for_each(|station| push_csv_station(&mut body, station));
        }
        Format::GeoJson => {
            body.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
            for (index, station) in wanted.enumerate() {
                body.extend_from_slice(if index > 0 { b"," } else { b"" });
                push_station_feature(&mut body, station);
            }
            body.extend_from_slice(b"]}\n");
        }
        _ => {
            let issue = Issue::new("format", format.name(), "json, csv or geojson");
            return Err(Error::parameters(ErrorKind::InvalidParameter, vec![issue]));
        }
    }
    Ok(Document { format, ..Document::new(body, version) })
}

/// Returns `{"id":…,…}`, one station.
pub(crate) fn station(station: &Station, version: &str) -> Document {
    let mut body = Vec::new();
    push_described(&mut body, station);
    body.push(b'\n');
    Document::new(body, version)
}

/// Writes a station with its parameters.
fn is_selected(station: &Station, ids: Option<&[String]>) -> bool {
    match ids {
        Some(ids) => ids.binary_search(&station.id).is_ok(),
        None => true,
    }
}

fn push_described(body: &mut Vec<u8>, station: &Station) {
    push_station(body, station);
    if let Some(parameters) = &station.parameters {
        push_key(body, "parameters");
        push_codes(body, parameters);
    }
    body.push(b'}');
}

fn push_csv_station(body: &mut Vec<u8>, station: &Station) {
    push_csv_field(body, station.id.as_bytes());
    for text in [&station.name, &station.city, &station.country] {
        body.push(b',');
        push_csv_field(body, text.as_deref().unwrap_or_default().as_bytes());
    }
    for degrees in [station.latitude, station.longitude] {
        body.push(b',');
        if let Some(degrees) = degrees {
            body.extend_from_slice(degrees.to_string().as_bytes());
        }
    }
    body.push(b'\n');
}

fn push_station_feature(body: &mut Vec<u8>, station: &Station) {
    body.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
    push_point(body, station);
    body.extend_from_slice(b",\"properties\":{");
    push_names(body, station);
    if let Some(parameters) = &station.parameters {
        push_key(body, "parameters");
        push_codes(body, parameters);
    }
    body.extend_from_slice(b"}}");
}

/// Returns `{"cities":[{"name":"Madrid","country":"ES","stations":3},…]}`.
pub(crate) fn cities(known: &Stations, version: &str) -> Document {
    let mut body = b"{\"cities\":[".to_vec();
    for (index, city) in known.cities().iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(b"{\"name\":");
        push_json_string(&mut body, city.name.as_bytes());
        push_key(&mut body, "country");
        push_text_or_null(&mut body, city.country.as_deref());
        push_number(&mut body, "stations", city.stations as u64);
        body.push(b'}');
    }
    body.extend_from_slice(b"]}\n");
    Document::new(body, version)
}

/// Returns `{"parameters":[{"code":"no2","symbol":"NO₂","quantity":"nitrogen dioxide","unit":"µg/m³"},…]}`.
pub(crate) fn parameters(known: &[Parameter], version: &str) -> Document {
    let mut body = b"{\"parameters\":[".to_vec();
    for (position, parameter) in known.iter().enumerate() {
        body.extend_from_slice(if position > 0 { b",{\"code\":" } else { b"{\"code\":" });
        push_json_string(&mut body, parameter.code().as_bytes());
        push_key(&mut body, "symbol");
        push_text_or_null(&mut body, Some(parameter.symbol()));
        push_key(&mut body, "quantity");
        push_text_or_null(&mut body, Some(parameter.quantity()).filter(|quantity| !quantity.is_empty()));
        push_key(&mut body, "unit");
        push_text_or_null(&mut body, Some(parameter.unit().symbol()));
        body.push(b'}');
    }
    body.extend_from_slice(b"]}\n");
    Document::new(body, version)
}

/// Returns `{"version":"…","loaded_at":…,"stations":12,"measurements":1152,"first":"…","last":"…"}`.
pub(crate) fn data_set(data: &DataSet) -> Document {
    let mut body = b"{\"version\":".to_vec();
    push_json_string(&mut body, data.version.as_bytes());
    push_time(&mut body, "loaded_at", data.loaded_at);
    push_number(&mut body, "stations", data.stations);
    push_number(&mut body, "measurements", data.measurements);
    push_time(&mut body, "first", data.first);
    push_time(&mut body, "last", data.last);
    if let Some(left_out) = &data.left_out {
        push_key(&mut body, "left_out");
        push_json_string(&mut body, left_out.as_bytes());
    }
    if !data.formats.is_empty() {
        push_key(&mut body, "formats");
        for (position, format) in data.formats.iter().enumerate() {
            body.push(if position == 0 { b'[' } else { b',' });
            push_json_string(&mut body, format.as_bytes());
        }
        body.push(b']');
    }
    if data.simulated {
        push_key(&mut body, "simulated");
        body.extend_from_slice(b"true");
    }
    body.extend_from_slice(b"}\n");
    Document::new(body, &data.version)
}

fn push_codes(body: &mut Vec<u8>, parameters: &[Parameter]) {
    for (position, parameter) in parameters.iter().enumerate() {
        body.push(if position == 0 { b'[' } else { b',' });
        push_json_string(body, parameter.code().as_bytes());
    }
    body.push(b']');
}

fn push_number(body: &mut Vec<u8>, key: &str, number: u64) {
    push_key(body, key);
    body.extend_from_slice(number.to_string().as_bytes());
}

fn push_time(body: &mut Vec<u8>, key: &str, time: Option<Timestamp>) {
    push_key(body, key);
    push_text_or_null(body, time.map(|time| time.to_string()).as_deref());
}
