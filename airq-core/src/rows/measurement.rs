//! A row with its values: borrowed from the reader, or owned.

use super::{OverallIndex, RowSchema, Value};
use crate::csv::{Kind, Row};
use crate::model::{Parameter, Timestamp};
use std::sync::Arc;

/// A row of an answer, borrowed: a station, a time, and the values of parameters.
///
/// [`Airq::for_each_row`](crate::Airq::for_each_row) passes one to its callback for each row. Values are in the canonical
/// unit of their parameter ([`Parameter::unit`]): µg/m³, and mg/m³ for carbon monoxide; with
/// [`QueryBuilder::units`](crate::QueryBuilder::units), in the unit of [`Query::unit_of`](crate::Query::unit_of). Where the query asks for
/// [`Statistic::Count`](crate::aggregate::Statistic::Count) they are numbers of values.
#[derive(Clone, Copy, Debug)]
pub struct MeasurementRef<'a> {
    schema: &'a Arc<RowSchema>,
    station: &'a str,
    time: Timestamp,
    cells: CellSource<'a>,
}

/// The texts of the cells, in the order of the schema.
#[derive(Clone, Copy, Debug)]
enum CellSource<'a> {
    Read(&'a Row<'a>),
    Stored(&'a StoredCells),
}

/// The texts of a row's cells, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredCells {
    texts: String,
    /// The end of each cell in `texts`.
    ends: Box<[usize]>,
}

/// A row of an answer, owned: a station, a time, and the values of parameters, as [`MeasurementRef`] has them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measurement {
    /// The id of the station.
    pub station: String,
    /// The instant of the measurement; of an average, the instant its period begins.
    pub time: Timestamp,
    schema: Arc<RowSchema>,
    cells: StoredCells,
}

impl<'a> MeasurementRef<'a> {
    /// A row of a reader, with the schema of the layout of that reader.
    pub(super) fn new(schema: &'a Arc<RowSchema>, row: &'a Row<'a>) -> MeasurementRef<'a> {
        MeasurementRef { schema, station: checked_text(row.station), time: row.time, cells: CellSource::Read(row) }
    }

    /// The id of the station.
    pub fn station(self) -> &'a str {
        self.station
    }

    /// The instant of the measurement; of an average, the instant its period begins.
    pub fn time(self) -> Timestamp {
        self.time
    }

    /// The columns of this row and of every other row of the answer.
    pub fn schema(self) -> &'a RowSchema {
        self.schema
    }

    /// The value of a parameter. Returns `None` if the value is missing, and for a parameter that the answer does not have.
    pub fn value(self, parameter: Parameter) -> Option<Value<'a>> {
        let position = self.schema.find(Kind::Parameter(parameter))?;
        Value::of_cell(self.cell(position))
    }

    /// The parameters of the answer, each with its value in this row, `None` where that is missing.
    pub fn values(self) -> impl Iterator<Item = (Parameter, Option<Value<'a>>)> {
        let columns = self.schema.values();
        columns.map(move |(position, parameter)| (parameter, Value::of_cell(self.cell(position))))
    }

    /// The capture of an average: the share, 0 to 1, of the expected values of the parameter that the period has. Returns
    /// `None` for measurements, and for a parameter that the answer does not have.
    pub fn capture(self, parameter: Parameter) -> Option<Value<'a>> {
        let position = self.schema.find(Kind::Capture(parameter))?;
        Value::of_cell(self.cell(position))
    }

    /// The time of the value of a parameter. It is the time of the row, unless the row has the [newest values](crate::Query::latest) of a
    /// station and this value is older than the newest.
    pub fn time_of(self, parameter: Parameter) -> Timestamp {
        let time = self.text(&format!("{}_time", parameter.code())).and_then(|text| text.parse().ok());
        time.unwrap_or(self.time)
    }

    /// The overall air quality index. Returns `None` if the query has no index, and if no parameter could be rated.
    pub fn overall_index(self) -> Option<OverallIndex> {
        OverallIndex::of_row(self, self.schema.index_columns()?)
    }

    /// The text in a column that is neither a parameter nor a capture, such as `index_band`. Returns `None` if the cell is
    /// empty, and if there is no such column.
    pub fn text(self, column: &str) -> Option<&'a str> {
        let text = self.cell(self.schema.find_text(column)?);
        if text.is_empty() { None } else { Some(text) }
    }

    /// Copies the row.
    pub fn to_measurement(self) -> Measurement {
        let mut texts = String::new();
        let mut ends = Vec::with_capacity(self.schema.width());
        for position in 0..self.schema.width() {
            texts.push_str(self.cell(position));
            ends.push(texts.len());
        }
        texts.shrink_to_fit();
        let cells = StoredCells { texts, ends: ends.into_boxed_slice() };
        Measurement { station: self.station.to_owned(), time: self.time, schema: self.schema.clone(), cells }
    }

    /// The text of a cell; empty if the value is missing.
    pub(super) fn cell(self, position: usize) -> &'a str {
        match self.cells {
            CellSource::Read(row) => {
                let field = row.layout.fields.get(position);
                checked_text(field.and_then(|field| row.value(field)).unwrap_or_default())
            }
            CellSource::Stored(cells) => cells.get(position),
        }
    }
}

impl Measurement {
    /// The value of a parameter, as [`MeasurementRef::value`].
    pub fn value(&self, parameter: Parameter) -> Option<Value<'_>> {
        self.as_measurement_ref().value(parameter)
    }

    /// The parameters of the answer with their values, as [`MeasurementRef::values`].
    pub fn values(&self) -> impl Iterator<Item = (Parameter, Option<Value<'_>>)> {
        self.as_measurement_ref().values()
    }

    /// The capture of an average, as [`MeasurementRef::capture`].
    pub fn capture(&self, parameter: Parameter) -> Option<Value<'_>> {
        self.as_measurement_ref().capture(parameter)
    }

    /// The time of the value of a parameter, as [`MeasurementRef::time_of`].
    pub fn time_of(&self, parameter: Parameter) -> Timestamp {
        self.as_measurement_ref().time_of(parameter)
    }

    /// The overall air quality index, as [`MeasurementRef::overall_index`].
    pub fn overall_index(&self) -> Option<OverallIndex> {
        self.as_measurement_ref().overall_index()
    }

    /// The text in a column, as [`MeasurementRef::text`].
    pub fn text(&self, column: &str) -> Option<&str> {
        self.as_measurement_ref().text(column)
    }

    /// Borrows the row.
    pub fn as_measurement_ref(&self) -> MeasurementRef<'_> {
        MeasurementRef {
            schema: &self.schema,
            station: &self.station,
            time: self.time,
            cells: CellSource::Stored(&self.cells),
        }
    }
}

impl StoredCells {
    fn get(&self, position: usize) -> &str {
        let start = match position.checked_sub(1) {
            Some(before) => self.ends[before],
            None => 0,
        };
        &self.texts[start..self.ends[position]]
    }
}

/// Bytes that the reader has checked, as text.
fn checked_text(bytes: &[u8]) -> &str {
    let text = std::str::from_utf8(bytes);
    debug_assert!(text.is_ok(), "the reader checks that cells are UTF-8");
    text.unwrap_or_default()
}
