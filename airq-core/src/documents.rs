//! The small JSON documents beside the measurements: stations, cities, the data set.

use crate::encode::{push_key, push_station, push_text_or_null};
use crate::hash::stable_hex;
use crate::model::{Stations, Timestamp};
use crate::repository::DataSet;
use crate::text::push_json_string;

/// A small JSON document with its entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// The JSON text.
    pub body: Vec<u8>,
    /// The strong entity tag, without quotes.
    pub etag: String,
    /// The version of the data it is from.
    pub version: String,
}

impl Document {
    fn new(body: Vec<u8>, version: &str) -> Self {
        let etag = stable_hex(version.as_bytes().iter().chain(&body));
        Document { body, etag, version: version.to_owned() }
    }
}

/// `{"stations":[{"id":…},…]}`: all stations, or those of these ids (sorted).
pub(crate) fn stations(known: &Stations, ids: Option<&[String]>, version: &str) -> Document {
    let mut body = b"{\"stations\":[".to_vec();
    let wanted = |id: &String| ids.is_none_or(|ids| ids.binary_search(id).is_ok());
    for (place, station) in known.iter().filter(|station| wanted(&station.id)).enumerate() {
        if place > 0 {
            body.push(b',');
        }
        push_station(&mut body, station);
        body.push(b'}');
    }
    body.extend_from_slice(b"]}\n");
    Document::new(body, version)
}

/// `{"cities":[{"name":"Madrid","country":"ES","stations":3},…]}`
pub(crate) fn cities(known: &Stations, version: &str) -> Document {
    let mut body = b"{\"cities\":[".to_vec();
    for (place, city) in known.cities().iter().enumerate() {
        if place > 0 {
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

/// `{"version":"…","loaded_at":…,"stations":12,"measurements":1152,"first":"…","last":"…"}`
pub(crate) fn data_set(data: &DataSet) -> Document {
    let mut body = b"{\"version\":".to_vec();
    push_json_string(&mut body, data.version.as_bytes());
    push_time(&mut body, "loaded_at", data.loaded_at);
    push_number(&mut body, "stations", data.stations);
    push_number(&mut body, "measurements", data.measurements);
    push_time(&mut body, "first", data.first);
    push_time(&mut body, "last", data.last);
    body.extend_from_slice(b"}\n");
    Document::new(body, &data.version)
}

fn push_number(body: &mut Vec<u8>, key: &str, number: u64) {
    push_key(body, key);
    body.extend_from_slice(number.to_string().as_bytes());
}

fn push_time(body: &mut Vec<u8>, key: &str, time: Option<Timestamp>) {
    push_key(body, key);
    push_text_or_null(body, time.map(|time| time.to_string()).as_deref());
}
