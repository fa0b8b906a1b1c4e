//! `ngsi-ld`: one `AirQualityObserved` a row, as NGSI-LD entities for FIWARE and other context brokers.
//!
//! The model is that of Smart Data Models (dataModel.Environment); the array can be sent as it is to
//! `/ngsi-ld/v1/entityOperations/upsert`. What is not known is left out: an entity has no nulls.

use super::output_buffer::OutputBuffer;
use super::{Context, Encode, Page, Template, WriteRows, push_key, push_text_or_null, station_of};
use crate::csv::scan::{ProvenRow, Simd};
use crate::csv::{Kind, Layout, Row};
use crate::model::{Pollutant, Station};
use crate::percent::percent_encoded;
use crate::text::{Output, push_json_string};

/// The terms of the model, then those of NGSI-LD itself.
const CONTEXT: &[u8] = b",\"@context\":[\"https://raw.githubusercontent.com/smart-data-models/dataModel.Environment/master/context.jsonld\",\
\"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld\"]}";

/// How an entity's attributes are form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `"no2":48.3`
    KeyValues,
    /// `"no2":{"type":"Property","value":48.3,"unitCode":"GQ","observedAt":"…"}`
    Normalized,
}

/// Writes entities. What all entities of a station have in common is rendered once.
#[derive(Debug)]
pub(crate) struct NgsiLd {
    form: Form,
    begun: bool,
    /// The id of the station at hand; empty before the first.
    station: Vec<u8>,
    /// `{"id":"urn:ngsi-ld:AirQualityObserved:aq_salvia:`
    urn: Vec<u8>,
    /// `,"name":…,"address":…,"location":…`
    about: Vec<u8>,
}

/// Leaves all rows to the scalar path.
struct NoRows;

impl WriteRows for NoRows {
    #[inline(always)]
    fn row<S: Simd>(&mut self, _: S, _: &ProvenRow<'_>) -> bool {
        false
    }
}

impl NgsiLd {
    pub(crate) fn new(form: Form) -> Self {
        NgsiLd { form, begun: false, station: Vec::new(), urn: Vec::new(), about: Vec::new() }
    }
}

impl Encode for NgsiLd {
    fn begin(&mut self, out: &mut OutputBuffer, _: &Context, _: &Layout) {
        out.push(b'[');
    }

    fn row(&mut self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>) {
        if self.station != row.station {
            self.describe(&station_of(context, row.station));
            row.station.clone_into(&mut self.station);
        }
        if self.begun {
            out.push(b',');
        }
        self.begun = true;
        out.extend_from_slice(&self.urn);
        row.push_time(out);
        out.extend_from_slice(b"\",\"type\":\"AirQualityObserved\"");
        self.push_time(out, row);
        out.extend_from_slice(&self.about);
        self.push_values(out, context, row);
        out.extend_from_slice(CONTEXT);
    }

    /// Brokers are slower than the scalar path.
    fn template(&self, _: &Layout) -> Option<Template> {
        None
    }

    fn writer<'a>(&'a mut self, _: &'a mut OutputBuffer, _: &'a Template) -> impl WriteRows + 'a {
        NoRows
    }

    fn end(&mut self, out: &mut OutputBuffer, _: &Context, _: &Page) {
        out.extend_from_slice(b"]\n");
    }
}

impl NgsiLd {
    fn describe(&mut self, station: &Station) {
        self.urn = format!("{{\"id\":\"urn:ngsi-ld:AirQualityObserved:{}:", percent_encoded(&station.id)).into_bytes();
        let mut about = Vec::new();
        let mut name = Vec::new();
        push_json_string(&mut name, station.name.as_ref().unwrap_or(&station.id).as_bytes());
        self.push_attribute(&mut about, "name", "Property", &name);
        if station.city.is_some() || station.country.is_some() {
            self.push_attribute(&mut about, "address", "Property", &address(station));
        }
        if let (Some(latitude), Some(longitude)) = (station.latitude, station.longitude) {
            let point = format!("{{\"type\":\"Point\",\"coordinates\":[{longitude},{latitude}]}}");
            self.push_attribute(&mut about, "location", "GeoProperty", point.as_bytes());
        }
        self.about = about;
    }

    fn push_attribute(&self, out: &mut impl Output, key: &str, kind: &str, value: &[u8]) {
        push_key(out, key);
        if self.form == Form::KeyValues {
            return out.extend_from_slice(value);
        }
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",\"value\":");
        out.extend_from_slice(value);
        out.push(b'}');
    }

    fn push_time(&self, out: &mut OutputBuffer, row: &Row<'_>) {
        let (before, behind): (&[u8], &[u8]) = match self.form {
            Form::KeyValues => (b",\"dateObserved\":\"", b"\""),
            Form::Normalized => {
                (b",\"dateObserved\":{\"type\":\"Property\",\"value\":{\"@type\":\"DateTime\",\"@value\":\"", b"\"}}")
            }
        };
        out.extend_from_slice(before);
        row.push_time(out);
        out.extend_from_slice(behind);
    }

    /// The pollutants that have a value. Other columns have no place in the model.
    fn push_values(&self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>) {
        for field in &row.layout.fields {
            let (Kind::Pollutant(pollutant), Some(number)) = (field.kind, row.value(field)) else { continue };
            push_key(out, attribute(pollutant));
            if self.form == Form::KeyValues {
                out.extend_from_slice(number);
                continue;
            }
            out.extend_from_slice(b"{\"type\":\"Property\",\"value\":");
            out.extend_from_slice(number);
            if !context.without_units {
                out.extend_from_slice(b",\"unitCode\":\"");
                out.extend_from_slice(unit_code(pollutant));
                out.push(b'"');
            }
            out.extend_from_slice(b",\"observedAt\":\"");
            row.push_time(out);
            out.extend_from_slice(b"\"}");
        }
    }
}

fn address(station: &Station) -> Vec<u8> {
    let mut out = b"{\"type\":\"PostalAddress\"".to_vec();
    for (key, value) in [("addressLocality", &station.city), ("addressCountry", &station.country)] {
        if value.is_some() {
            push_key(&mut out, key);
            push_text_or_null(&mut out, value.as_deref());
        }
    }
    out.push(b'}');
    out
}

/// The model's name of a pollutant.
fn attribute(pollutant: Pollutant) -> &'static str {
    match pollutant {
        Pollutant::Pm2_5 => "pm25",
        other => other.name(),
    }
}

/// The code of the unit by UN/CEFACT recommendation 20.
fn unit_code(pollutant: Pollutant) -> &'static [u8] {
    match pollutant {
        Pollutant::Co => b"GP",
        _ => b"GQ",
    }
}
