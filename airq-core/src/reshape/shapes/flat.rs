//! `records` and `ndjson`: flat measurements, each naming its station.

use super::{Context, Page, Shape, push_fields, push_head, push_tail, push_time};
use crate::reshape::escape::push_json_string;
use crate::reshape::fast::{Emit, RowAt, Simd, Spelling, Stretch, Template, write_row, write_usual};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;
use crate::reshape::sheet::{Output, Sheet};

/// One document with one array of measurements.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Records {
    begun: bool,
}

impl Shape for Records {
    fn begin(&mut self, out: &mut Sheet, context: &Context, layout: &Layout) {
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"measurements\":[");
    }

    fn row(&mut self, out: &mut Sheet, _: &Context, row: &Row<'_>) {
        if self.begun {
            out.push(b',');
        }
        self.begun = true;
        push_record(out, row);
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        let (open, between) = (b"{\"station\":\"", b",");
        let spelling = Spelling { open, between, behind_station: BEHIND_STATION, behind_time: b"\"", close: b"}" };
        Template::json(layout, &spelling)
    }

    fn emit<'a>(&'a mut self, out: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Lines { out, template, begun: &mut self.begun }
    }

    fn branch(&self) -> Option<Self> {
        Some(Records { begun: true })
    }

    fn end(&mut self, out: &mut Sheet, _: &Context, page: &Page) {
        push_tail(out, page);
    }
}

/// One measurement a line.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Ndjson {
    begun: bool,
}

impl Shape for Ndjson {
    fn begin(&mut self, _: &mut Sheet, _: &Context, _: &Layout) {}

    fn row(&mut self, out: &mut Sheet, _: &Context, row: &Row<'_>) {
        push_record(out, row);
        out.push(b'\n');
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        let (open, between) = (b"{\"station\":\"", b"");
        let spelling = Spelling { open, between, behind_station: BEHIND_STATION, behind_time: b"\"", close: b"}\n" };
        Template::json(layout, &spelling)
    }

    fn emit<'a>(&'a mut self, out: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Lines { out, template, begun: &mut self.begun }
    }

    fn branch(&self) -> Option<Self> {
        Some(Ndjson { begun: true })
    }

    fn end(&mut self, _: &mut Sheet, _: &Context, _: &Page) {}
}

const BEHIND_STATION: Option<&[u8]> = Some(b"\",\"time\":\"");

/// Writes rows one after the other.
pub(super) struct Lines<'a> {
    pub(super) out: &'a mut Sheet,
    pub(super) template: &'a Template,
    pub(super) begun: &'a mut bool,
}

impl Emit for Lines<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool {
        let written = write_row(simd, self.template, row, !*self.begun, self.out);
        *self.begun |= written;
        written
    }

    #[inline(always)]
    fn usual<S: Simd>(&mut self, simd: S, rows: &Stretch<'_>) -> usize {
        if *self.begun { write_usual(simd, self.template, rows, self.out) } else { 0 }
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        self.out.is_full()
    }
}

fn push_record(out: &mut Sheet, row: &Row<'_>) {
    out.extend_from_slice(b"{\"station\":");
    push_json_string(out, row.station);
    out.push(b',');
    push_time(out, row);
    push_fields(out, row);
    out.push(b'}');
}
