//! `csv`: the rows again, checked, in one spelling: `station,time,…`, commas, LF, quotes only where needed.

use super::{Context, Page, Shape};
use crate::reshape::escape::push_csv_field;
use crate::reshape::header::Layout;
use crate::reshape::row::Row;

/// Writes rows as CSV.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Csv;

impl Shape for Csv {
    fn begin(&mut self, out: &mut Vec<u8>, _: &Context, layout: &Layout) {
        out.extend_from_slice(b"station,time");
        for field in &layout.fields {
            out.push(b',');
            push_csv_field(out, field.name.as_bytes());
        }
        out.push(b'\n');
    }

    fn row(&mut self, out: &mut Vec<u8>, _: &Context, row: &Row<'_>) {
        push_csv_field(out, row.station);
        out.push(b',');
        row.time.write_to(out);
        for field in &row.layout.fields {
            out.push(b',');
            push_csv_field(out, row.value(field).unwrap_or_default());
        }
        out.push(b'\n');
    }

    fn end(&mut self, _: &mut Vec<u8>, _: &Context, _: &Page) {}
}
