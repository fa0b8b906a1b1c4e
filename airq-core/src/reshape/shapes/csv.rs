//! `csv`: the rows again, checked, in one spelling: `station,time,…`, commas, LF, quotes only where needed.

use super::flat::Lines;
use super::{Context, Page, Shape};
use crate::reshape::escape::push_csv_field;
use crate::reshape::fast::{Emit, Spelling, Template};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;
use crate::reshape::sheet::{Output, Sheet};

/// Writes rows as CSV.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Csv {
    begun: bool,
}

impl Shape for Csv {
    fn begin(&mut self, out: &mut Sheet, _: &Context, layout: &Layout) {
        out.extend_from_slice(b"station,time");
        for field in &layout.fields {
            out.push(b',');
            push_csv_field(out, field.name.as_bytes());
        }
        out.push(b'\n');
    }

    fn row(&mut self, out: &mut Sheet, _: &Context, row: &Row<'_>) {
        push_csv_field(out, row.station);
        out.push(b',');
        row.push_time(out);
        for field in &row.layout.fields {
            out.push(b',');
            push_csv_field(out, row.value(field).unwrap_or_default());
        }
        out.push(b'\n');
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        let (open, between, behind_station) = (b"", b"", Some(b",".as_slice()));
        Template::csv(layout, &Spelling { open, between, behind_station, behind_time: b"", close: b"\n" })
    }

    fn emit<'a>(&'a mut self, out: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Lines { out, template, begun: &mut self.begun }
    }

    fn branch(&self) -> Option<Self> {
        Some(Csv { begun: true })
    }

    fn end(&mut self, _: &mut Sheet, _: &Context, _: &Page) {}
}
