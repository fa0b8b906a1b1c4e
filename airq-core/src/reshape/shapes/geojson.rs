//! `geojson`: a `FeatureCollection` (RFC 7946) of stations with their newest values.

use super::{Context, Page, Shape, push_fields, push_head, push_names, push_tail, push_time, station_of};
use crate::model::{Station, Timestamp};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;

/// Keeps the newest row of a station's rows that come together.
#[derive(Debug, Default)]
pub(in crate::reshape) struct GeoJson {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
    newest: Option<Timestamp>,
    /// The newest row's properties: `"time":…,"so2":…`.
    properties: Vec<u8>,
    features: u64,
}

impl Shape for GeoJson {
    fn begin(&mut self, out: &mut Vec<u8>, context: &Context, layout: &Layout) {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",");
        push_head(out, context, layout);
        out.extend_from_slice(b"\"features\":[");
    }

    fn row(&mut self, out: &mut Vec<u8>, context: &Context, row: &Row<'_>) {
        if self.station != row.station {
            self.close(out, context);
            row.station.clone_into(&mut self.station);
            self.newest = None;
        }
        if self.newest.is_none_or(|newest| newest <= row.time) {
            self.newest = Some(row.time);
            self.properties.clear();
            push_time(&mut self.properties, row);
            push_fields(&mut self.properties, row);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>, context: &Context, page: &Page) {
        self.close(out, context);
        push_tail(out, &Page { count: self.features, ..page.clone() });
    }
}

impl GeoJson {
    /// Writes the open station, if there is one.
    fn close(&mut self, out: &mut Vec<u8>, context: &Context) {
        if self.station.is_empty() {
            return;
        }
        if self.features > 0 {
            out.push(b',');
        }
        self.features += 1;
        let station = station_of(context, &self.station);
        out.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
        push_point(out, &station);
        out.extend_from_slice(b",\"properties\":{");
        push_names(out, &station);
        out.push(b',');
        out.extend_from_slice(&self.properties);
        out.extend_from_slice(b"}}");
    }
}

/// A point, longitude first; null where the place is unknown.
fn push_point(out: &mut Vec<u8>, station: &Station) {
    let (Some(latitude), Some(longitude)) = (station.latitude, station.longitude) else {
        return out.extend_from_slice(b"null");
    };
    let point = format!("{{\"type\":\"Point\",\"coordinates\":[{longitude},{latitude}]}}");
    out.extend_from_slice(point.as_bytes());
}
