//! `columns`: stations, each with one array per field. The times of a station are written at once; its other arrays are
//! buffered until the station ends.

use super::output_buffer::OutputBuffer;
use super::row_writer::RowWriter;
use super::{
    Context, Encode, PageInfo, RowText, STATION_KEYS, Template, WriteRows, push_head, push_key, push_station,
    push_tail, push_value, station_of,
};
use crate::csv::scan::{ProvenRow, ProvenRows, Simd};
use crate::csv::{Layout, Row};
use crate::text::Output;

/// Collects consecutive rows of a station into one array per field.
#[derive(Debug, Default)]
pub(crate) struct ColumnsEncoder {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
    /// The key and the buffered values of each field, in the order of the answer's fields.
    arrays: Vec<(String, OutputBuffer)>,
}

impl Encode for ColumnsEncoder {
    fn begin(&mut self, out: &mut OutputBuffer, context: &Context, layout: &Layout) {
        self.arrays = layout.fields.iter().map(|field| (field.name.clone(), OutputBuffer::default())).collect();
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"stations\":[");
    }

    fn row(&mut self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>) {
        if self.station == row.station {
            out.push(b',');
            self.arrays.iter_mut().for_each(|(_, values)| values.push(b','));
        } else {
            self.close(out);
            self.open(out, context, row.station);
        }
        out.push(b'"');
        row.push_time(out);
        out.push(b'"');
        for ((_, values), field) in self.arrays.iter_mut().zip(&row.layout.fields) {
            push_value(values, field, row);
        }
    }

    fn taken(&self) -> &'static [&'static str] {
        STATION_KEYS
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        let nothing = RowText { open: b"", between: b"", after_station: None, after_time: b"", close: b"" };
        Template::json(layout, &nothing).map(Template::without_keys)
    }

    fn writer<'a>(&'a mut self, out: &'a mut OutputBuffer, template: &'a Template) -> impl WriteRows + 'a {
        ColumnsWriter { columns: self, out, template }
    }

    fn end(&mut self, out: &mut OutputBuffer, _: &Context, page: &PageInfo) {
        self.close(out);
        push_tail(out, page);
    }
}

/// Appends the cells of proven rows to the arrays.
struct ColumnsWriter<'a> {
    columns: &'a mut ColumnsEncoder,
    out: &'a mut OutputBuffer,
    template: &'a Template,
}

impl WriteRows for ColumnsWriter<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &ProvenRow<'_>) -> bool {
        // The first row of each station is written by the scalar path, which closes the station before it.
        row.is_of(&self.columns.station) && self.write(simd, row).is_some()
    }

    #[inline(always)]
    fn uniform<S: Simd>(&mut self, simd: S, rows: &ProvenRows<'_>) -> usize {
        let rows = rows.of_station(simd, &self.columns.station);
        self.write_uniform(simd, &rows).map_or(0, |()| rows.count)
    }
}

impl ColumnsWriter<'_> {
    /// Writes uniform rows, one column after the other. A column of all rows of a window fits the room of one row.
    #[inline(always)]
    fn write_uniform<S: Simd>(&mut self, simd: S, rows: &ProvenRows<'_>) -> Option<()> {
        let ColumnsWriter { columns, out, template } = self;
        let mut writer = RowWriter::new(out.room()?);
        for index in 0..rows.count {
            write_time(simd, &rows.row(index), &mut writer);
        }
        let written = writer.written();
        out.count(written);
        let mut arrays = columns.arrays.iter_mut();
        for run in &template.runs {
            for ((key, column), (_, values)) in run.keys.iter().zip(run.columns.clone()).zip(&mut arrays) {
                let mut writer = RowWriter::new(values.room()?);
                if run.is_text {
                    for index in 0..rows.count {
                        let row = rows.row(index);
                        row.value(simd, template, run.is_text, key, row.cell(column), &mut writer);
                    }
                } else {
                    rows.write_column(simd, column, &mut writer);
                }
                let written = writer.written();
                values.count(written);
            }
        }
        arrays.for_each(|(_, values)| (0..rows.count).for_each(|_| values.extend_from_slice(b",null")));
        Some(())
    }

    /// Writes a row, each cell after a comma. Returns `None` if there is no room.
    #[inline(always)]
    fn write<S: Simd>(&mut self, simd: S, row: &ProvenRow<'_>) -> Option<()> {
        let ColumnsWriter { columns, out, template } = self;
        let mut writer = RowWriter::new(out.room()?);
        write_time(simd, row, &mut writer);
        let written = writer.written();
        out.count(written);
        let mut arrays = columns.arrays.iter_mut();
        for run in &template.runs {
            for ((key, column), (_, values)) in run.keys.iter().zip(run.columns.clone()).zip(&mut arrays) {
                let mut writer = RowWriter::new(values.room()?);
                row.value(simd, template, run.is_text, key, row.cell(column), &mut writer);
                let written = writer.written();
                values.count(written);
            }
        }
        arrays.for_each(|(_, values)| values.extend_from_slice(b",null"));
        Some(())
    }
}

/// Writes a comma and the time of a row.
#[inline(always)]
fn write_time<S: Simd>(simd: S, row: &ProvenRow<'_>, writer: &mut RowWriter<'_>) {
    writer.put(*b",\"");
    row.time(simd, writer);
    writer.put(*b"\"");
}

impl ColumnsEncoder {
    /// Writes the start of a station, up to its times.
    fn open(&mut self, out: &mut OutputBuffer, context: &Context, id: &[u8]) {
        if !self.station.is_empty() {
            out.push(b',');
        }
        id.clone_into(&mut self.station);
        push_station(out, &station_of(context, id));
        out.extend_from_slice(b",\"time\":[");
    }

    /// Writes the arrays and the end of the open station, if there is one.
    fn close(&mut self, out: &mut OutputBuffer) {
        if self.station.is_empty() {
            return;
        }
        out.push(b']');
        for (name, values) in &mut self.arrays {
            push_array(out, name, values);
        }
        out.push(b'}');
    }
}

fn push_array(out: &mut OutputBuffer, key: &str, values: &mut OutputBuffer) {
    push_key(out, key);
    out.push(b'[');
    out.extend_from_slice(values.as_slice());
    values.clear();
    out.push(b']');
}
