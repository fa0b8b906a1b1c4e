//! The upstream's JSON documents, read.

use crate::error::{Error, ErrorKind, Result, cut_bytes};
use crate::model::{Station, Stations, Timestamp};
use crate::repository::DataSet;
use serde_json::Value;

/// Reads `{"version":"…","loaded_at":…,"stations":12,"measurements":1152,"first":"…","last":"…"}`.
///
/// # Errors
/// If it is another document.
pub(super) fn data_set(json: &[u8]) -> Result<DataSet> {
    let document = parse(json)?;
    let time = |name: &str| document[name].as_str().and_then(Timestamp::parse);
    let read = || {
        Some(DataSet {
            version: document["version"].as_str()?.to_owned(),
            loaded_at: time("loaded_at"),
            stations: document["stations"].as_u64()?,
            measurements: document["measurements"].as_u64()?,
            first: time("first"),
            last: time("last"),
            outdated: None,
        })
    };
    read().ok_or_else(|| no_document("a data set", json))
}

/// Reads `{"stations":[{"id":…,"name":…,"city":…,"country":…,"latitude":…,"longitude":…},…]}`.
///
/// # Errors
/// If it is another document.
pub(super) fn stations(json: &[u8]) -> Result<Stations> {
    let document = parse(json)?;
    let all = document["stations"].as_array().ok_or_else(|| no_document("stations", json))?;
    let stations = all.iter().map(station).collect::<Option<Vec<_>>>().ok_or_else(|| no_document("stations", json))?;
    Ok(Stations::new(stations))
}

fn station(json: &Value) -> Option<Station> {
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    Some(Station {
        id: text("id")?,
        name: text("name"),
        city: text("city"),
        country: text("country"),
        latitude: json["latitude"].as_f64(),
        longitude: json["longitude"].as_f64(),
    })
}

fn parse(json: &[u8]) -> Result<Value> {
    serde_json::from_slice(json).map_err(|error| {
        Error::with_source(ErrorKind::Unavailable, "the source's answer is not the JSON it should be", error)
    })
}

fn no_document(what: &str, json: &[u8]) -> Error {
    let seen = cut_bytes(json);
    Error::new(ErrorKind::Unavailable, format!("the source's answer does not describe {what}: {seen:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents;

    #[test]
    fn what_a_server_writes_is_read_again_with_every_digit() {
        let salvia = Station {
            name: Some("Salvia \"x\"".into()),
            city: Some("Málaga".into()),
            country: Some("ES".into()),
            latitude: Some(40.530_000_000_000_01),
            longitude: Some(0.1 + 0.2),
            ..Station::new("aq_salvia")
        };
        let known = Stations::new([salvia, Station::new("aq_ñ, \"x\"")]);
        assert_eq!(stations(&documents::stations(&known, None, "v").body).unwrap(), known);
        let data = DataSet {
            version: "load-7".into(),
            stations: 2,
            measurements: 5,
            first: Timestamp::parse("2016-10-01"),
            ..DataSet::default()
        };
        assert_eq!(data_set(&documents::data_set(&data).body).unwrap(), data);
    }

    #[test]
    fn another_document_is_refused() {
        for json in ["", "{}", "[]", "<html>", "{\"stations\":[{}]}", "{\"version\":1}"] {
            assert!(stations(json.as_bytes()).unwrap_err().is_unavailable(), "{json}");
            assert!(data_set(json.as_bytes()).unwrap_err().is_unavailable(), "{json}");
        }
    }
}
