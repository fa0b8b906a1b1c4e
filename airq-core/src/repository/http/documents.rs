//! Parses the JSON documents of the upstream server.

use crate::error::{Error, ErrorKind, Result, cut_bytes};
use crate::model::{Parameter, Station, Stations, Timestamp, Unit};
use crate::repository::DataSet;
use serde_json::Value;

/// Parses `{"version":"…","loaded_at":…,"stations":12,"measurements":1152,"first":"…","last":"…"}`.
///
/// # Errors
/// If the text is another document.
pub(super) fn data_set(json: &[u8]) -> Result<DataSet> {
    described_data_set(&parse(json)?).ok_or_else(|| no_document("a data set", json))
}

fn described_data_set(document: &Value) -> Option<DataSet> {
    Some(DataSet {
        version: document["version"].as_str()?.to_owned(),
        loaded_at: time(&document["loaded_at"]),
        stations: document["stations"].as_u64()?,
        measurements: document["measurements"].as_u64()?,
        first: time(&document["first"]),
        last: time(&document["last"]),
        outdated: None,
        left_out: text(&document["left_out"]),
        formats: texts(&document["formats"]),
        simulated: document["simulated"] == true,
    })
}

fn time(json: &Value) -> Option<Timestamp> {
    json.as_str()?.parse().ok()
}

fn text(json: &Value) -> Option<String> {
    json.as_str().map(str::to_owned)
}

/// The texts of an array; none if there is no array.
fn texts(json: &Value) -> Vec<String> {
    json.as_array().into_iter().flatten().filter_map(text).collect()
}

/// Parses `{"stations":[{"id":…,"name":…,"city":…,"country":…,"latitude":…,"longitude":…},…]}`. A station may have
/// `"parameters":[…]`, which are looked up among the parameters of the data set.
///
/// # Errors
/// If the text is another document.
pub(super) fn stations(json: &[u8], known: &[Parameter]) -> Result<Stations> {
    let document = parse(json)?;
    let all = document["stations"].as_array().ok_or_else(|| no_document("stations", json))?;
    let stations = all.iter().map(|json| station(json, known)).collect::<Option<Vec<_>>>();
    Ok(Stations::from_iter(stations.ok_or_else(|| no_document("stations", json))?))
}

/// Parses `{"parameters":[{"code":…,"quantity":…,"unit":…},…]}`.
///
/// # Errors
/// If the text is another document.
pub(super) fn parameters(json: &[u8]) -> Result<Vec<Parameter>> {
    let document = parse(json)?;
    let all = document["parameters"].as_array().ok_or_else(|| no_document("parameters", json))?;
    let parameters = all.iter().map(parameter).collect::<Option<Vec<_>>>();
    parameters.ok_or_else(|| no_document("parameters", json))
}

fn parameter(json: &Value) -> Option<Parameter> {
    Parameter::open(json["code"].as_str()?, Unit::stated(json["unit"].as_str()?))
}

fn station(json: &Value, known: &[Parameter]) -> Option<Station> {
    Some(Station {
        id: text(&json["id"])?,
        name: text(&json["name"]),
        city: text(&json["city"]),
        country: text(&json["country"]),
        latitude: json["latitude"].as_f64(),
        longitude: json["longitude"].as_f64(),
        parameters: json["parameters"].as_array().map(|codes| with_codes(known, codes)),
    })
}

/// Returns the parameters with these codes.
fn with_codes(known: &[Parameter], codes: &[Value]) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for parameter in known {
        if codes.iter().any(|code| code == parameter.code()) {
            parameters.push(*parameter);
        }
    }
    parameters
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
    use crate::format::Format;

    #[test]
    fn what_a_server_writes_is_read_again_with_every_digit() {
        let salvia = Station {
            name: Some("Salvia \"x\"".into()),
            city: Some("Málaga".into()),
            country: Some("ES".into()),
            latitude: Some(40.530_000_000_000_01),
            longitude: Some(0.1 + 0.2),
            parameters: Some(vec![Parameter::NO2, Parameter::O3]),
            ..Station::new("aq_salvia")
        };
        let known = Stations::from_iter([salvia, Station::new("aq_ñ, \"x\"")]);
        assert_eq!(
            stations(
                &documents::stations(&known, None, Format::Json, "v").unwrap().body,
                &[Parameter::NO2, Parameter::O3]
            )
            .unwrap(),
            known
        );
        let data = DataSet {
            version: "load-7".into(),
            stations: 2,
            measurements: 5,
            first: "2016-10-01".parse().ok(),
            ..DataSet::default()
        };
        assert_eq!(data_set(&documents::data_set(&data).body).unwrap(), data);
    }

    #[test]
    fn another_document_is_refused() {
        for json in ["", "{}", "[]", "<html>", "{\"stations\":[{}]}", "{\"version\":1}"] {
            assert!(stations(json.as_bytes(), &[]).unwrap_err().is_unavailable(), "{json}");
            assert!(data_set(json.as_bytes()).unwrap_err().is_unavailable(), "{json}");
        }
    }
}
