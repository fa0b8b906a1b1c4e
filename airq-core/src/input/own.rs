//! airq's own format with options: a time zone, a decimal comma, texts of missing values. Without options, a file passes
//! unchanged.

use super::clock::{Spelling, Times};
use super::columns::Columns;
use super::measure::Measure;
use super::options::InputOptions;
use super::recognise::FormatParts;
use super::station_metadata::{Description, TextSource};
use super::table::{Table, ValueColumn, When};
use crate::csv::{Kind, Layout};

pub(super) fn open(layout: &Layout, options: &InputOptions) -> FormatParts {
    let columns = Columns { names: layout.names.clone(), line: 1 };
    let values = layout.fields.iter().filter_map(|field| match field.kind {
        Kind::Pollutant(pollutant) => Some(ValueColumn::new(field.column?, pollutant)),
        Kind::Capture(_) | Kind::Json | Kind::Text => None,
    });
    let table = Table {
        station: TextSource::Column(layout.station),
        description: Description { city: TextSource::optional_column(columns.place("city")), ..Description::default() },
        when: When::Column(layout.time),
        times: Times::new(options.time_format.as_deref().map_or(Spelling::Iso, Spelling::pattern), options.clock()),
        values: values.collect(),
        measure: Measure::new(&[], options),
        others: Vec::new(),
        date_and_clock: Vec::new(),
        columns,
    };
    FormatParts::table(table)
}
