//! `records` and `ndjson`: flat measurements, each naming its station.

use super::{Context, Page, Shape, push_fields, push_head, push_tail, push_time};
use crate::reshape::escape::push_json_string;
use crate::reshape::header::Layout;
use crate::reshape::row::Row;

/// One document with one array of measurements.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Records {
    begun: bool,
}

impl Shape for Records {
    fn begin(&mut self, out: &mut Vec<u8>, context: &Context, layout: &Layout) {
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"measurements\":[");
    }

    fn row(&mut self, out: &mut Vec<u8>, _: &Context, row: &Row<'_>) {
        if self.begun {
            out.push(b',');
        }
        self.begun = true;
        push_record(out, row);
    }

    fn end(&mut self, out: &mut Vec<u8>, _: &Context, page: &Page) {
        push_tail(out, page);
    }
}

/// One measurement a line.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Ndjson;

impl Shape for Ndjson {
    fn begin(&mut self, _: &mut Vec<u8>, _: &Context, _: &Layout) {}

    fn row(&mut self, out: &mut Vec<u8>, _: &Context, row: &Row<'_>) {
        push_record(out, row);
        out.push(b'\n');
    }

    fn end(&mut self, _: &mut Vec<u8>, _: &Context, _: &Page) {}
}

fn push_record(out: &mut Vec<u8>, row: &Row<'_>) {
    out.extend_from_slice(b"{\"station\":");
    push_json_string(out, row.station);
    out.push(b',');
    push_time(out, row);
    push_fields(out, row);
    out.push(b'}');
}
