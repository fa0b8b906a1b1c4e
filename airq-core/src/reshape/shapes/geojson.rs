//! `geojson`: a `FeatureCollection` (RFC 7946) of stations with their newest values.

use super::{Context, Page, STATION_KEYS, Shape, push_fields, push_head, push_names, push_tail, push_time, station_of};
use crate::model::Station;
use crate::reshape::fast::{Emit, RowAt, Simd, Spelling, Stretch, Template, write_row};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;
use crate::reshape::sheet::{Output, Sheet};

/// Keeps the newest row of a station's rows that come together.
#[derive(Debug, Default)]
pub(in crate::reshape) struct GeoJson {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
    newest: Option<TimeKey>,
    /// The newest row's properties: `"time":…,"so2":…`.
    properties: Sheet,
    /// Those of a row that may be newer.
    next: Sheet,
    features: u64,
}

impl Shape for GeoJson {
    fn begin(&mut self, out: &mut Sheet, context: &Context, layout: &Layout) {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",");
        push_head(out, context, layout);
        out.extend_from_slice(b"\"features\":[");
    }

    fn row(&mut self, out: &mut Sheet, context: &Context, row: &Row<'_>) {
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
            &Spelling { open: TIME_KEY, between: b"", behind_station: None, behind_time: b"\"", close: b"" },
        )
    }

    fn emit<'a>(&'a mut self, _: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Newest { geojson: self, template }
    }

    fn end(&mut self, out: &mut Sheet, context: &Context, page: &Page) {
        self.close(out, context);
        push_tail(out, &Page { count: self.features, ..page.clone() });
    }
}

/// What properties begin with, before the time's text.
const TIME_KEY: &[u8] = b"\"time\":\"";
/// A time's text to the microsecond, without its `Z`: texts that compare as the times do.
type TimeKey = [u8; 26];

/// Writes each row of a station over an older one.
struct Newest<'a> {
    geojson: &'a mut GeoJson,
    template: &'a Template,
}

impl Emit for Newest<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool {
        // The first row of each station goes the careful way, which closes the station before it.
        self.geojson.next.clear();
        let written = row.goes_on(self.template, &self.geojson.station)
            && write_row(simd, self.template, row, false, &mut self.geojson.next);
        if written {
            self.geojson.keep_newer();
        }
        written
    }

    /// Of rows in their usual spelling only the newest is written.
    #[inline(always)]
    fn usual<S: Simd>(&mut self, simd: S, rows: &Stretch<'_>) -> usize {
        let rows = rows.going_on(simd, self.template, &self.geojson.station);
        let newest = (0..rows.count).max_by_key(|place| rows.usual_time(self.template, *place));
        match newest {
            Some(place) if self.row(simd, &rows.row(place)) => rows.count,
            _ => 0,
        }
    }

    /// What is kept is one row.
    #[inline(always)]
    fn is_full(&self) -> bool {
        false
    }
}

impl GeoJson {
    /// Takes the next row's properties for the newest if they are; of equal times the later row's.
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
    fn close(&mut self, out: &mut Sheet, context: &Context) {
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

/// A point, longitude first; null where the place is unknown.
fn push_point(out: &mut Sheet, station: &Station) {
    let (Some(latitude), Some(longitude)) = (station.latitude, station.longitude) else {
        return out.extend_from_slice(b"null");
    };
    let point = format!("{{\"type\":\"Point\",\"coordinates\":[{longitude},{latitude}]}}");
    out.extend_from_slice(point.as_bytes());
}
