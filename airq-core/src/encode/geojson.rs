//! `geojson`: a `FeatureCollection` (RFC 7946) of the stations with their newest values.

use super::output_buffer::OutputBuffer;
use super::write::write_row;
use super::{
    Context, Encode, PageInfo, RowText, STATION_KEYS, Template, WriteRows, push_fields, push_head, push_names,
    push_tail, push_time, station_of,
};
use crate::csv::scan::{ProvenRow, ProvenRows, Simd};
use crate::csv::{Layout, Row};
use crate::model::Station;
use crate::text::Output;

/// Keeps the newest of the consecutive rows of a station.
#[derive(Debug, Default)]
pub(crate) struct GeoJsonEncoder {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
    /// The time of the newest row.
    newest: Option<TimeKey>,
    /// The properties of the newest row: `"time":…,"so2":…`.
    properties: OutputBuffer,
    /// The properties of a row that may be newer.
    next: OutputBuffer,
    /// The number of stations written.
    features: u64,
}

impl Encode for GeoJsonEncoder {
    fn begin(&mut self, out: &mut OutputBuffer, context: &Context, layout: &Layout) {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",");
        push_head(out, context, layout);
        out.extend_from_slice(b"\"features\":[");
    }

    fn row(&mut self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>) {
        if self.station != row.station {
            self.close(out, context);
            row.station.clone_into(&mut self.station);
            self.newest = None;
        }
        self.next.clear();
        push_time(&mut self.next, row);
        push_fields(&mut self.next, row);
        self.keep_newer();
    }

    fn taken(&self) -> &'static [&'static str] {
        &STATION_KEYS[..4]
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        Template::json(
            layout,
            &RowText { open: TIME_KEY, between: b"", after_station: None, after_time: b"\"", close: b"" },
        )
    }

    fn writer<'a>(&'a mut self, _: &'a mut OutputBuffer, template: &'a Template) -> impl WriteRows + 'a {
        GeoJsonWriter { geojson: self, template }
    }

    fn end(&mut self, out: &mut OutputBuffer, context: &Context, page: &PageInfo) {
        self.close(out, context);
        push_tail(out, &PageInfo { count: self.features, ..page.clone() });
    }
}

/// The start of the properties, before the text of the time.
const TIME_KEY: &[u8] = b"\"time\":\"";
/// The text of a time to the microsecond, without the `Z`. These texts have the order of the times.
type TimeKey = [u8; 26];

/// Replaces the kept row of the open station by newer proven rows.
struct GeoJsonWriter<'a> {
    geojson: &'a mut GeoJsonEncoder,
    template: &'a Template,
}

impl WriteRows for GeoJsonWriter<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &ProvenRow<'_>) -> bool {
        // The first row of each station is written by the scalar path, which closes the station before it.
        self.geojson.next.clear();
        let written =
            row.is_of(&self.geojson.station) && write_row(simd, self.template, row, false, &mut self.geojson.next);
        if written {
            self.geojson.keep_newer();
        }
        written
    }

    /// Encodes only the newest of the uniform rows.
    #[inline(always)]
    fn uniform<S: Simd>(&mut self, simd: S, rows: &ProvenRows<'_>) -> usize {
        let rows = rows.of_station(simd, &self.geojson.station);
        let newest = (0..rows.count).max_by_key(|row| rows.time_key(*row));
        match newest {
            Some(index) if self.row(simd, &rows.row(index)) => rows.count,
            _ => 0,
        }
    }
}

impl GeoJsonEncoder {
    /// Keeps the row in `next` if its time is not older than the time of the kept row.
    #[inline]
    fn keep_newer(&mut self) {
        let mut key = *b"0000-00-00T00:00:00.000000";
        let time = self.next.as_slice().get(TIME_KEY.len()..).unwrap_or_default();
        let end = time.iter().take(key.len()).position(|byte| *byte == b'Z').unwrap_or(key.len());
        key[..end].copy_from_slice(&time[..end]);
        if self.newest.is_none_or(|newest| newest <= key) {
            self.newest = Some(key);
            std::mem::swap(&mut self.properties, &mut self.next);
        }
    }

    /// Writes the open station, if there is one.
    fn close(&mut self, out: &mut OutputBuffer, context: &Context) {
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
        out.extend_from_slice(self.properties.as_slice());
        out.extend_from_slice(b"}}");
    }
}

/// Writes a point, longitude first, or `null` if the station has no coordinates.
pub(crate) fn push_point(out: &mut impl Output, station: &Station) {
    let (Some(latitude), Some(longitude)) = (station.latitude, station.longitude) else {
        return out.extend_from_slice(b"null");
    };
    let point = format!("{{\"type\":\"Point\",\"coordinates\":[{longitude},{latitude}]}}");
    out.extend_from_slice(point.as_bytes());
}
