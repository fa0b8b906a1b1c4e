//! airq's own format where it is told how it is written: by which clocks, with which decimal mark, what is missing. Without
//! that it passes as it is.

use super::clock::{Spelling, Times};
use super::columns::Columns;
use super::measure::Measure;
use super::options::InputOptions;
use super::recognise::Opened;
use super::table::{Table, ValueColumn, When};
use super::told::{Description, Told};
use crate::csv::{Kind, Layout};

pub(super) fn open(layout: &Layout, options: &InputOptions) -> Opened {
    let columns = Columns { names: layout.names.clone(), line: 1 };
    let values = layout.fields.iter().filter_map(|field| match field.kind {
        Kind::Pollutant(pollutant) => Some(ValueColumn::new(field.column?, pollutant)),
        Kind::Capture(_) | Kind::Json | Kind::Text => None,
    });
    let table = Table {
        station: Told::ByColumn(layout.station),
        description: Description { city: Told::by(columns.place("city")), ..Description::default() },
        when: When::Column(layout.time),
        times: Times::new(options.time_format.clone().map_or(Spelling::Iso, Spelling::Pattern), options.clock()),
        values: values.collect(),
        measure: Measure::new(&[], options),
        others: Vec::new(),
        columns,
    };
    Opened::table(table)
}
