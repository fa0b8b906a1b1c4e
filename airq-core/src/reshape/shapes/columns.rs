//! `columns`: stations, each with one array a field. Holds one station's arrays until they are whole.

use super::{Context, Page, Shape, push_head, push_key, push_station, push_tail, push_value, station_of};
use crate::reshape::fast::{Emit, Pen, RowAt, Simd, Spelling, Template, no_line_end, time, value};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;
use crate::reshape::sheet::{Output, Sheet};

/// Gathers the rows of one station that come together, field by field.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Columns {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
    begun: bool,
    times: Sheet,
    /// The keys and the values so far, in the order of the answer's fields.
    arrays: Vec<(String, Sheet)>,
}

impl Shape for Columns {
    fn begin(&mut self, out: &mut Sheet, context: &Context, layout: &Layout) {
        self.arrays = layout.fields.iter().map(|field| (field.name.clone(), Sheet::default())).collect();
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"stations\":[");
    }

    fn row(&mut self, out: &mut Sheet, context: &Context, row: &Row<'_>) {
        if self.station != row.station {
            self.close(out, context);
            row.station.clone_into(&mut self.station);
        }
        if !self.times.is_empty() {
            self.times.push(b',');
            self.arrays.iter_mut().for_each(|(_, values)| values.push(b','));
        }
        self.times.push(b'"');
        row.time.write_to(&mut self.times);
        self.times.push(b'"');
        for ((_, values), field) in self.arrays.iter_mut().zip(&row.layout.fields) {
            push_value(values, field, row);
        }
    }

    fn template(&self, layout: &Layout) -> Option<Template> {
        let (open, between) = (b",\"", b"");
        Template::json(layout, &Spelling { open, between, behind_station: None, behind_time: b"", close: b"\"" })
            .map(Template::without_keys)
    }

    fn emit<'a>(&'a mut self, _: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Arrays { columns: self, template, lengths: Vec::new() }
    }

    fn end(&mut self, out: &mut Sheet, context: &Context, page: &Page) {
        self.close(out, context);
        push_tail(out, page);
    }
}

/// Writes a row's cells behind those of the rows before it.
struct Arrays<'a> {
    columns: &'a mut Columns,
    template: &'a Template,
    /// How long each cell came out: counted only once the whole row is known to be right.
    lengths: Vec<usize>,
}

impl Emit for Arrays<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool {
        // The first row of each station goes the careful way, which closes the station before it.
        if !row.goes_on(self.template, &self.columns.station) || self.write(simd, row).is_none() {
            return false;
        }
        let arrays = self.columns.arrays.iter_mut().map(|(_, values)| values);
        for (array, length) in [&mut self.columns.times].into_iter().chain(arrays).zip(&self.lengths) {
            array.count(*length);
        }
        true
    }
}

impl Arrays<'_> {
    /// Writes every cell with a comma before it, and counts none yet.
    #[inline(always)]
    fn write<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> Option<()> {
        let (template, needed) = (self.template, self.template.fixed() + row.length());
        self.lengths.clear();
        let mut pen = Pen::new(self.columns.times.room(needed));
        for column in &template.cells.ignored {
            no_line_end(simd, row.cell(*column), row.window, &mut pen);
        }
        pen.literal(simd, template.open());
        time(simd, row.cell(template.cells.time), row.window, &mut pen);
        pen.literal(simd, template.close());
        self.lengths.push(pen.written()?);
        for (what, (_, values)) in template.cells.values.iter().zip(&mut self.columns.arrays) {
            let cell = what.column.map(|column| row.cell(column)).unwrap_or_default();
            let mut pen = Pen::new(values.room(needed));
            value(simd, template, what, cell, row.window, &mut pen);
            self.lengths.push(pen.written()?);
        }
        Some(())
    }
}

impl Columns {
    /// Writes the open station, if there is one.
    fn close(&mut self, out: &mut Sheet, context: &Context) {
        if self.station.is_empty() {
            return;
        }
        if self.begun {
            out.push(b',');
        }
        self.begun = true;
        push_station(out, &station_of(context, &self.station));
        push_array(out, "time", &mut self.times);
        for (name, values) in &mut self.arrays {
            push_array(out, name, values);
        }
        out.push(b'}');
    }
}

fn push_array(out: &mut Sheet, key: &str, values: &mut Sheet) {
    push_key(out, key);
    out.push(b'[');
    out.extend_from_slice(values.as_slice());
    values.clear();
    out.push(b']');
}
