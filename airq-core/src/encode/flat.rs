//! `records`, `ndjson`, `csv` and `csv-safe`: flat rows with the station in each.

use super::output_buffer::OutputBuffer;
use super::uniform_template::write_uniform;
use super::write::write_row;
use super::{Context, Encode, PageInfo, RowText, Template, WriteRows, push_fields, push_head, push_tail, push_time};
use crate::csv::scan::{ProvenRow, ProvenRows, Simd};
use crate::csv::{Layout, Row};
use crate::text::{Output, push_csv_field, push_json_string, push_safe_csv_field};

/// The flat formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlatForm {
    /// One JSON document with one array of measurements.
    Records,
    /// One JSON object per line.
    Ndjson,
    /// CSV with a header `station,time,…`, commas, LF, and quotes only where RFC 4180 requires them.
    Csv,
    /// CSV without formulas.
    CsvSafe,
}

impl FlatForm {
    fn push_field(self, out: &mut OutputBuffer, text: &[u8]) {
        if self == FlatForm::CsvSafe { push_safe_csv_field(out, text) } else { push_csv_field(out, text) }
    }
}

/// Encodes each row independently of the other rows.
#[derive(Debug)]
pub(crate) struct FlatEncoder {
    form: FlatForm,
    /// True after the first row.
    has_rows: bool,
}

impl FlatEncoder {
    pub(crate) fn new(form: FlatForm) -> Self {
        FlatEncoder { form, has_rows: false }
    }
}

impl Encode for FlatEncoder {
    fn begin(&mut self, out: &mut OutputBuffer, context: &Context, layout: &Layout) {
        match self.form {
            FlatForm::Ndjson => {}
            FlatForm::Records => {
                out.push(b'{');
                push_head(out, context, layout);
                out.extend_from_slice(b"\"measurements\":[");
            }
            FlatForm::Csv | FlatForm::CsvSafe => {
                out.extend_from_slice(b"station,time");
                for field in &layout.fields {
                    out.push(b',');
                    self.form.push_field(out, context.column_name(field).as_bytes());
                }
                out.push(b'\n');
            }
        }
    }

    fn row(&mut self, out: &mut OutputBuffer, _: &Context, row: &Row<'_>) {
        if matches!(self.form, FlatForm::Csv | FlatForm::CsvSafe) {
            return push_csv_row(out, self.form, row);
        }
        if self.form == FlatForm::Records && self.has_rows {
            out.push(b',');
        }
        self.has_rows = true;
        out.extend_from_slice(b"{\"station\":");
        push_json_string(out, row.station);
        out.push(b',');
        push_time(out, row);
        push_fields(out, row);
        out.extend_from_slice(if self.form == FlatForm::Ndjson { b"}\n" } else { b"}" });
    }

    fn special(&self) -> u8 {
        if self.form == FlatForm::Csv { b',' } else { b'"' }
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        let json = RowText {
            open: b"{\"station\":\"",
            between: b"",
            after_station: Some(b"\",\"time\":\""),
            after_time: b"\"",
            close: b"}",
        };
        match self.form {
            FlatForm::Records => Template::json(layout, &RowText { between: b",", ..json }),
            FlatForm::Ndjson => Template::json(layout, &RowText { close: b"}\n", ..json }),
            FlatForm::Csv => {
                let text =
                    RowText { open: b"", between: b"", after_station: Some(b","), after_time: b"", close: b"\n" };
                Template::csv(layout, &text)
            }
            // Downloads for people need no fast path.
            FlatForm::CsvSafe => None,
        }
    }

    fn writer<'a>(&'a mut self, out: &'a mut OutputBuffer, template: &'a Template) -> impl WriteRows + 'a {
        FlatWriter { out, template, has_rows: &mut self.has_rows }
    }

    fn branch(&self) -> Option<Self> {
        Some(FlatEncoder { form: self.form, has_rows: true })
    }

    fn end(&mut self, out: &mut OutputBuffer, _: &Context, page: &PageInfo) {
        if self.form == FlatForm::Records {
            push_tail(out, page);
        }
    }
}

fn push_csv_row(out: &mut OutputBuffer, form: FlatForm, row: &Row<'_>) {
    form.push_field(out, row.station);
    out.push(b',');
    row.push_time(out);
    for field in &row.layout.fields {
        out.push(b',');
        form.push_field(out, row.value(field).unwrap_or_default());
    }
    out.push(b'\n');
}

struct FlatWriter<'a> {
    out: &'a mut OutputBuffer,
    template: &'a Template,
    has_rows: &'a mut bool,
}

impl WriteRows for FlatWriter<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &ProvenRow<'_>) -> bool {
        let written = write_row(simd, self.template, row, !*self.has_rows, self.out);
        *self.has_rows |= written;
        written
    }

    #[inline(always)]
    fn uniform<S: Simd>(&mut self, simd: S, rows: &ProvenRows<'_>) -> usize {
        if *self.has_rows { write_uniform(simd, self.template, rows, self.out) } else { 0 }
    }
}
