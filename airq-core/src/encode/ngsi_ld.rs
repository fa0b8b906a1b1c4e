//! `ngsi-ld`: an array of NGSI-LD entities for FIWARE and other context brokers, one `AirQualityObserved` per row.
//!
//! The data model is `AirQualityObserved` of Smart Data Models (dataModel.Environment). The array can be posted unchanged to
//! `/ngsi-ld/v1/entityOperations/upsert`. Unknown values are omitted, because NGSI-LD entities have no nulls.

use super::output_buffer::OutputBuffer;
use super::{Context, Encode, NoRows, PageInfo, Template, WriteRows, push_key, push_text_or_null, station_of};
use crate::csv::{Kind, Layout, Row};
use crate::model::{Station, Unit};
use crate::percent::percent_encoded;
use crate::text::{Output, push_json_string};

/// The JSON-LD contexts: first the terms of the data model, then the terms of NGSI-LD.
const CONTEXT: &[u8] = b",\"@context\":[\"https://raw.githubusercontent.com/smart-data-models/dataModel.Environment/master/context.jsonld\",\
\"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld\"]}";

/// The representation of an entity's attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeForm {
    /// `"no2":48.3`
    KeyValues,
    /// `"no2":{"type":"Property","value":48.3,"unitCode":"GQ","observedAt":"…"}`
    Normalized,
}

/// Writes entities. The text that all entities of a station share is rendered once.
#[derive(Debug)]
pub(crate) struct NgsiLdEncoder {
    form: AttributeForm,
    begun: bool,
    /// The id of the current station; empty before the first.
    station: Vec<u8>,
    /// The start of an entity: `{"id":"urn:ngsi-ld:AirQualityObserved:aq_salvia:`.
    urn: Vec<u8>,
    /// The description of the station: `,"name":…,"address":…,"location":…`.
    about: Vec<u8>,
}

impl NgsiLdEncoder {
    pub(crate) fn new(form: AttributeForm) -> Self {
        NgsiLdEncoder { form, begun: false, station: Vec::new(), urn: Vec::new(), about: Vec::new() }
    }
}

impl Encode for NgsiLdEncoder {
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

    /// Returns `None`: brokers are slower than the scalar encoding, so a fast path would gain nothing.
    fn template(&self, _: &Layout) -> Option<Template> {
        None
    }

    fn writer<'a>(&'a mut self, _: &'a mut OutputBuffer, _: &'a Template) -> impl WriteRows + 'a {
        NoRows
    }

    fn end(&mut self, out: &mut OutputBuffer, _: &Context, _: &PageInfo) {
        out.extend_from_slice(b"]\n");
    }
}

impl NgsiLdEncoder {
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
        if self.form == AttributeForm::KeyValues {
            return out.extend_from_slice(value);
        }
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",\"value\":");
        out.extend_from_slice(value);
        out.push(b'}');
    }

    fn push_time(&self, out: &mut OutputBuffer, row: &Row<'_>) {
        let (before, after): (&[u8], &[u8]) = match self.form {
            AttributeForm::KeyValues => (b",\"dateObserved\":\"", b"\""),
            AttributeForm::Normalized => {
                (b",\"dateObserved\":{\"type\":\"Property\",\"value\":{\"@type\":\"DateTime\",\"@value\":\"", b"\"}}")
            }
        };
        out.extend_from_slice(before);
        row.push_time(out);
        out.extend_from_slice(after);
    }

    /// Writes the parameters that have a value. The data model has no attributes for other columns.
    fn push_values(&self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>) {
        for field in &row.layout.fields {
            let (Kind::Parameter(parameter), Some(number)) = (field.kind, row.value(field)) else { continue };
            push_key(out, parameter.smart_data_model());
            if self.form == AttributeForm::KeyValues {
                out.extend_from_slice(number);
                continue;
            }
            out.extend_from_slice(b"{\"type\":\"Property\",\"value\":");
            out.extend_from_slice(number);
            if let Some(code) = context.unit_of(parameter).and_then(Unit::rec20) {
                out.extend_from_slice(b",\"unitCode\":\"");
                out.extend_from_slice(code.as_bytes());
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
