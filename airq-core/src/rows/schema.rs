//! The columns of rows.

use crate::csv::{Kind, Layout};
use crate::model::Parameter;

/// The columns that every row of an answer has after its station and time, in the order of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSchema {
    columns: Vec<SchemaColumn>,
    index: Option<IndexColumns>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SchemaColumn {
    name: String,
    kind: Kind,
}

/// The positions of the columns that make up an overall index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IndexColumns {
    pub(super) id: usize,
    pub(super) level: usize,
    pub(super) number: usize,
    pub(super) parameter: usize,
}

impl RowSchema {
    pub(super) fn new(layout: &Layout) -> RowSchema {
        let mut columns = Vec::with_capacity(layout.fields.len());
        for field in &layout.fields {
            columns.push(SchemaColumn { name: field.name.clone(), kind: field.kind });
        }
        let mut schema = RowSchema { columns, index: None };
        schema.index = schema.find_index();
        schema
    }

    /// The parameters of every row. A row need not have a value of each.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.columns.iter().filter_map(|column| match column.kind {
            Kind::Parameter(parameter) => Some(parameter),
            _ => None,
        })
    }

    /// Returns whether the rows are averages, which have a [capture](crate::MeasurementRef::capture) of each parameter.
    pub fn has_captures(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.kind, Kind::Capture(_)))
    }

    /// Returns whether the rows are rated by an air quality index.
    pub fn has_index(&self) -> bool {
        self.index.is_some()
    }

    /// The names of the other columns, which contain [text](crate::MeasurementRef::text).
    pub fn text_columns(&self) -> impl Iterator<Item = &str> {
        self.texts().map(|(_, name)| name)
    }

    /// The positions and names of the text columns that are no part of an index.
    pub(super) fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        let columns = self.columns.iter().enumerate().filter(|(_, column)| {
            let is_index = self.has_index() && is_index_column(&column.name);
            column.kind == Kind::Text && !is_index
        });
        columns.map(|(position, column)| (position, column.name.as_str()))
    }

    /// The number of columns.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The position of the first column of this kind.
    pub(super) fn find(&self, kind: Kind) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == kind)
    }

    /// The position of a text column.
    pub(super) fn find_text(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.kind == Kind::Text && column.name == name)
    }

    /// The columns of the overall index, if there are any.
    pub(super) fn index_columns(&self) -> Option<IndexColumns> {
        self.index
    }

    /// The parameters and the positions of their columns.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, Parameter)> {
        self.columns.iter().enumerate().filter_map(|(position, column)| match column.kind {
            Kind::Parameter(parameter) => Some((position, parameter)),
            _ => None,
        })
    }

    fn find_index(&self) -> Option<IndexColumns> {
        Some(IndexColumns {
            id: self.find_text("index")?,
            level: self.find_text("index_level")?,
            number: self.find_text("index_number")?,
            parameter: self.find_text("index_pollutant")?,
        })
    }
}

/// Returns whether a column of rated rows belongs to the index: `index`, `index_level`, `no2_band`, …
fn is_index_column(name: &str) -> bool {
    let of_parameter = name.strip_suffix("_band").or_else(|| name.strip_suffix("_number"));
    name == "index" || name.starts_with("index_") || of_parameter.and_then(Parameter::lookup).is_some()
}
