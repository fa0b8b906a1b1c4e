//! airq's own format with options (a time zone, a decimal comma, texts of missing values) or with columns in other units, such as
//! `NO2 (ppb)`. Any other file passes unchanged.

use super::clock::{Spelling, Times};
use super::columns::Columns;
use super::file_context::FileContext;
use super::measure::Measure;
use super::options::InputOptions;
use super::other_columns::OtherColumns;
use super::recognise::FormatParts;
use super::record_filter::RecordFilter;
use super::row_time::RowTime;
use super::station_metadata::{MetadataSources, TextSource};
use super::table::{Table, ValueColumn};
use crate::csv::{Kind, Layout, StationColumns};
use crate::error::Result;

pub(super) fn open(layout: &Layout, options: &InputOptions, context: &FileContext) -> Result<FormatParts> {
    let columns = Columns { names: layout.names.clone(), line: 1 };
    let mut values = Vec::new();
    for field in &layout.fields {
        if let (Kind::Parameter(parameter), Some(index)) = (field.kind, field.column) {
            let unit = context.unit(index).unwrap_or(parameter.unit());
            values.push(ValueColumn::new(index, parameter, unit));
        }
    }
    for (index, found) in layout.columns_to_convert() {
        let unit = found.unit.unwrap_or(found.parameter.unit());
        values.push(ValueColumn::new(index, found.parameter, unit));
    }
    let station = match &options.station_columns {
        Some(names) => columns.joined(names)?,
        None => TextSource::Column(layout.station),
    };
    let spelling = options.time_format.clone().unwrap_or(Spelling::Iso);
    let table = Table {
        filter: RecordFilter::default(),
        station,
        metadata: MetadataSources::of_columns(StationColumns::of(&layout.names)),
        time: RowTime::column(layout.time, Times::new(spelling, options.clock())),
        period: None,
        values,
        measure: Measure::new(&[], options),
        flags: None,
        others: OtherColumns::default(),
        row: Vec::new(),
        columns,
    };
    Ok(FormatParts::table(table))
}
