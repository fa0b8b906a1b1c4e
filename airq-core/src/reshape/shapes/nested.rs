//! `json`: stations, each with its measurements.

use super::{Context, Page, Shape, push_fields, push_head, push_station, push_tail, push_time, station_of};
use crate::reshape::fast::{Emit, RowAt, Simd, Spelling, Stretch, Template, write_row, write_usual};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;
use crate::reshape::sheet::{Output, Sheet};

/// Groups the rows of one station that come together.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Nested {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
}

impl Shape for Nested {
    fn begin(&mut self, out: &mut Sheet, context: &Context, layout: &Layout) {
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"stations\":[");
    }

    fn row(&mut self, out: &mut Sheet, context: &Context, row: &Row<'_>) {
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
        let (open, between) = (b"{\"time\":\"", b",");
        Template::json(layout, &Spelling { open, between, behind_station: None, behind_time: b"\"", close: b"}" })
    }

    fn emit<'a>(&'a mut self, out: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Groups { nested: self, out, template }
    }

    fn end(&mut self, out: &mut Sheet, _: &Context, page: &Page) {
        if !self.station.is_empty() {
            out.extend_from_slice(b"]}");
        }
        push_tail(out, page);
    }
}

/// Writes rows within their stations.
struct Groups<'a> {
    nested: &'a mut Nested,
    out: &'a mut Sheet,
    template: &'a Template,
}

impl Emit for Groups<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool {
        // The first row of each station goes the careful way, which opens it.
        row.goes_on(self.template, &self.nested.station) && write_row(simd, self.template, row, false, self.out)
    }

    #[inline(always)]
    fn usual<S: Simd>(&mut self, simd: S, rows: &Stretch<'_>) -> usize {
        let rows = rows.going_on(simd, self.template, &self.nested.station);
        write_usual(simd, self.template, &rows, self.out)
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        self.out.is_full()
    }
}

impl Nested {
    fn open(&mut self, out: &mut Sheet, context: &Context, id: &[u8]) {
        if !self.station.is_empty() {
            out.extend_from_slice(b"]},");
        }
        id.clone_into(&mut self.station);
        push_station(out, &station_of(context, id));
        out.extend_from_slice(b",\"measurements\":[");
    }
}
