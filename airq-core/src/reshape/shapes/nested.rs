//! `json`: stations, each with its measurements.

use super::{Context, Page, Shape, push_fields, push_head, push_station, push_tail, push_time, station_of};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;

/// Groups the rows of one station that come together.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Nested {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
}

impl Shape for Nested {
    fn begin(&mut self, out: &mut Vec<u8>, context: &Context, layout: &Layout) {
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"stations\":[");
    }

    fn row(&mut self, out: &mut Vec<u8>, context: &Context, row: &Row<'_>) {
        if self.station == row.station {
            out.push(b',');
        } else {
            self.open(out, context, row.station);
        }
        out.push(b'{');
        push_time(out, row);
        push_fields(out, row);
        out.push(b'}');
    }

    fn end(&mut self, out: &mut Vec<u8>, _: &Context, page: &Page) {
        if !self.station.is_empty() {
            out.extend_from_slice(b"]}");
        }
        push_tail(out, page);
    }
}

impl Nested {
    fn open(&mut self, out: &mut Vec<u8>, context: &Context, id: &[u8]) {
        if !self.station.is_empty() {
            out.extend_from_slice(b"]},");
        }
        id.clone_into(&mut self.station);
        push_station(out, &station_of(context, id));
        out.extend_from_slice(b",\"measurements\":[");
    }
}
