//! `columns`: stations, each with one array a field. Holds one station's arrays until they are whole.

use super::{Context, Page, Shape, push_head, push_key, push_station, push_tail, push_value, station_of};
use crate::reshape::header::Layout;
use crate::reshape::row::Row;

/// Gathers the rows of one station that come together, field by field.
#[derive(Debug, Default)]
pub(in crate::reshape) struct Columns {
    /// The id of the open station; empty before the first.
    station: Vec<u8>,
    begun: bool,
    times: Vec<u8>,
    /// The keys and the values so far, in the order of the answer's fields.
    arrays: Vec<(String, Vec<u8>)>,
}

impl Shape for Columns {
    fn begin(&mut self, out: &mut Vec<u8>, context: &Context, layout: &Layout) {
        self.arrays = layout.fields.iter().map(|field| (field.name.clone(), Vec::new())).collect();
        out.push(b'{');
        push_head(out, context, layout);
        out.extend_from_slice(b"\"stations\":[");
    }

    fn row(&mut self, out: &mut Vec<u8>, context: &Context, row: &Row<'_>) {
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

    fn end(&mut self, out: &mut Vec<u8>, context: &Context, page: &Page) {
        self.close(out, context);
        push_tail(out, page);
    }
}

impl Columns {
    /// Writes the open station, if there is one.
    fn close(&mut self, out: &mut Vec<u8>, context: &Context) {
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

fn push_array(out: &mut Vec<u8>, key: &str, values: &mut Vec<u8>) {
    push_key(out, key);
    out.push(b'[');
    out.append(values);
    out.push(b']');
}
