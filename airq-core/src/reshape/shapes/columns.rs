//! `columns`: stations, each with one array a field. Its times are written as they come; its other arrays are held until
//! they are whole.

use super::{Context, Page, STATION_KEYS, Shape, push_head, push_key, push_station, push_tail, push_value, station_of};
use crate::reshape::fast::{Emit, Pen, RowAt, Simd, Spelling, Stretch, Template};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;
use crate::reshape::sheet::{Output, Sheet};

/// Gathers the rows of one station that come together, field by field.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Columns {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
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
        let nothing = Spelling { open: b"", between: b"", behind_station: None, behind_time: b"", close: b"" };
        Template::json(layout, &nothing).map(Template::without_keys)
    }

    fn emit<'a>(&'a mut self, out: &'a mut Sheet, _: &'a Context, template: &'a Template) -> impl Emit + 'a {
        Arrays { columns: self, out, template }
    }

    fn end(&mut self, out: &mut Sheet, _: &Context, page: &Page) {
        self.close(out);
        push_tail(out, page);
    }
}

/// Writes a row's cells behind those of the rows before it.
struct Arrays<'a> {
    columns: &'a mut Columns,
    out: &'a mut Sheet,
    template: &'a Template,
}

impl Emit for Arrays<'_> {
    #[inline(always)]
    fn row<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> bool {
        // The first row of each station goes the careful way, which closes the station before it.
        row.goes_on(self.template, &self.columns.station) && self.write(simd, row).is_some()
    }

    #[inline(always)]
    fn usual<S: Simd>(&mut self, simd: S, rows: &Stretch<'_>) -> usize {
        let rows = rows.going_on(simd, self.template, &self.columns.station);
        self.write_usual(simd, &rows).map_or(0, |()| rows.count)
    }

    #[inline(always)]
    fn is_full(&self) -> bool {
        self.out.is_full()
    }
}

impl Arrays<'_> {
    /// Writes rows whose cells are all short, one column after the other. As many as a window has fit into the room of one
    /// row.
    #[inline(always)]
    fn write_usual<S: Simd>(&mut self, simd: S, rows: &Stretch<'_>) -> Option<()> {
        let Arrays { columns, out, template } = self;
        let mut pen = Pen::new(out.room()?);
        for place in 0..rows.count {
            write_time(simd, template, &rows.row(place), &mut pen);
        }
        let written = pen.written();
        out.count(written);
        let mut arrays = columns.arrays.iter_mut();
        for run in &template.runs {
            for ((key, column), (_, values)) in run.keys.iter().zip(run.columns.clone()).zip(&mut arrays) {
                let mut pen = Pen::new(values.room()?);
                if run.is_text {
                    for place in 0..rows.count {
                        let row = rows.row(place);
                        row.value(simd, template, run.is_text, key, row.cell(column), &mut pen);
                    }
                } else {
                    rows.write_column(simd, column, &mut pen);
                }
                let written = pen.written();
                values.count(written);
            }
        }
        arrays.for_each(|(_, values)| (0..rows.count).for_each(|_| values.extend_from_slice(b",null")));
        Some(())
    }

    /// Writes every cell with a comma before it. `None` if there is no room.
    #[inline(always)]
    fn write<S: Simd>(&mut self, simd: S, row: &RowAt<'_>) -> Option<()> {
        let Arrays { columns, out, template } = self;
        let mut pen = Pen::new(out.room()?);
        write_time(simd, template, row, &mut pen);
        let written = pen.written();
        out.count(written);
        let mut arrays = columns.arrays.iter_mut();
        for run in &template.runs {
            for ((key, column), (_, values)) in run.keys.iter().zip(run.columns.clone()).zip(&mut arrays) {
                let mut pen = Pen::new(values.room()?);
                row.value(simd, template, run.is_text, key, row.cell(column), &mut pen);
                let written = pen.written();
                values.count(written);
            }
        }
        arrays.for_each(|(_, values)| values.extend_from_slice(b",null"));
        Some(())
    }
}

/// Writes a row's time with a comma before it.
#[inline(always)]
fn write_time<S: Simd>(simd: S, template: &Template, row: &RowAt<'_>, pen: &mut Pen<'_>) {
    pen.put(*b",\"");
    row.time(simd, template, pen);
    pen.put(*b"\"");
}

impl Columns {
    /// Writes the beginning of a station, up to its times.
    fn open(&mut self, out: &mut Sheet, context: &Context, id: &[u8]) {
        if !self.station.is_empty() {
            out.push(b',');
        }
        id.clone_into(&mut self.station);
        push_station(out, &station_of(context, id));
        out.extend_from_slice(b",\"time\":[");
    }

    /// Writes the rest of the open station, if there is one.
    fn close(&mut self, out: &mut Sheet) {
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

fn push_array(out: &mut Sheet, key: &str, values: &mut Sheet) {
    push_key(out, key);
    out.push(b'[');
    out.extend_from_slice(values.as_slice());
    values.clear();
    out.push(b']');
}
