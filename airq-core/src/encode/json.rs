//! `json`: stations, each with an array of measurements.

use super::output_buffer::OutputBuffer;
use super::uniform_template::write_uniform;
use super::write::write_row;
use super::{
    Context, Encode, PageInfo, RowText, Template, WriteRows, push_fields, push_head, push_station, push_tail,
    push_time, station_of,
};
use crate::csv::scan::{ProvenRow, ProvenRows, Simd};
use crate::csv::{Layout, Row};
use crate::text::Output;

/// Writes consecutive rows of a station as one object.
#[derive(Debug, Default)]
pub(crate) struct JsonEncoder {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
}

impl Encode for JsonEncoder {
    fn begin(&mut self, out: &mut OutputBuffer, context: &Context, layout: &Layout) {
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"stations\":[");
    }

    fn row(&mut self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>) {
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

    fn template(&self, layout: &Layout) -> Option<Template> {
        let text =
            RowText { open: b"{\"time\":\"", between: b",", after_station: None, after_time: b"\"", close: b"}" };
        Template::json(layout, &text)
    }

    fn writer<'a>(&'a mut self, out: &'a mut OutputBuffer, template: &'a Template) -> impl WriteRows + 'a {
        JsonWriter { json: self, out, template }
    }

    fn end(&mut self, out: &mut OutputBuffer, _: &Context, page: &PageInfo) {
        if !self.station.is_empty() {
            out.extend_from_slice(b"]}");
        }
        push_tail(out, page);
    }
}

/// Writes proven rows of the open station.
struct JsonWriter<'a> {
    json: &'a mut JsonEncoder,
    out: &'a mut OutputBuffer,
    template: &'a Template,
}

impl WriteRows for JsonWriter<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &ProvenRow<'_>) -> bool {
        // The first row of each station goes through `Encode::row`, which opens the station.
        row.is_of(&self.json.station) && write_row(simd, self.template, row, false, self.out)
    }

    #[inline(always)]
    fn uniform<S: Simd>(&mut self, simd: S, rows: &ProvenRows<'_>) -> usize {
        let rows = rows.of_station(simd, &self.json.station);
        write_uniform(simd, self.template, &rows, self.out)
    }
}

impl JsonEncoder {
    fn open(&mut self, out: &mut OutputBuffer, context: &Context, id: &[u8]) {
        if !self.station.is_empty() {
            out.extend_from_slice(b"]},");
        }
        id.clone_into(&mut self.station);
        push_station(out, &station_of(context, id));
        out.extend_from_slice(b",\"measurements\":[");
    }
}
