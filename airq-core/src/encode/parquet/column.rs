//! The columns of a row group: values that are collected row by row, and then encoded at once.

use super::packed_rows::PackedRows;
use crate::csv::Field;
use bytes::Bytes;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, Type};
use std::sync::Arc;

/// The values of a column. `levels` has for each row 1 if it has a value, otherwise 0.
pub(super) enum Column {
    Times(Vec<i64>),
    Numbers {
        values: Vec<f64>,
        levels: Vec<i16>,
    },
    Texts {
        /// The texts one after the other.
        bytes: Vec<u8>,
        /// The end of each text in `bytes`.
        ends: Vec<usize>,
        levels: Vec<i16>,
    },
}

impl Column {
    pub(super) fn of(field: &Field) -> Column {
        if field.kind.is_number() { Column::numbers() } else { Column::texts() }
    }

    pub(super) fn times() -> Column {
        Column::Times(Vec::new())
    }

    pub(super) fn texts() -> Column {
        Column::Texts { bytes: Vec::new(), ends: Vec::new(), levels: Vec::new() }
    }

    fn numbers() -> Column {
        Column::Numbers { values: Vec::new(), levels: Vec::new() }
    }

    /// Takes the value of the next row.
    pub(super) fn take(&mut self, rows: &mut PackedRows<'_>) {
        match self {
            Column::Times(times) => times.extend(rows.time()),
            Column::Numbers { values, levels } => {
                let number = rows.number();
                levels.push(i16::from(number.is_some()));
                values.extend(number);
            }
            Column::Texts { bytes, ends, levels } => {
                let text = rows.text();
                levels.push(i16::from(text.is_some()));
                if let Some(text) = text {
                    bytes.extend_from_slice(text);
                    ends.push(bytes.len());
                }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Column::Times(times) => times.clear(),
            Column::Numbers { values, levels } => {
                values.clear();
                levels.clear();
            }
            Column::Texts { bytes, ends, levels } => {
                bytes.clear();
                ends.clear();
                levels.clear();
            }
        }
    }

    /// Returns the pages of the column and their description.
    pub(super) fn encode(
        &self,
        descriptor: ColumnDescPtr,
        properties: WriterPropertiesPtr,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let mut pages = TrackedWrite::new(Vec::new());
        let mut writer = get_column_writer(descriptor, properties, Box::new(SerializedPageWriter::new(&mut pages)));
        match (self, &mut writer) {
            (Column::Times(times), ColumnWriter::Int64ColumnWriter(writer)) => writer.write_batch(times, None, None)?,
            (Column::Numbers { values, levels }, ColumnWriter::DoubleColumnWriter(writer)) => {
                writer.write_batch(values, Some(levels), None)?
            }
            (Column::Texts { bytes, ends, levels }, ColumnWriter::ByteArrayColumnWriter(writer)) => {
                writer.write_batch(&shared_texts(bytes, ends), Some(levels), None)?
            }
            _ => return Err(ParquetError::General("the schema has another type".to_owned())),
        };
        let closed = writer.close()?;
        Ok((Bytes::from(pages.into_inner()?), closed))
    }

    /// Returns the column of the schema.
    pub(super) fn schema(&self, name: &str, repetition: Repetition) -> Result<Arc<Type>, ParquetError> {
        let (physical, logical) = match self {
            Column::Times(_) => (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Column::Numbers { .. } => (PhysicalType::DOUBLE, None),
            Column::Texts { .. } => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let builder = Type::primitive_type_builder(name, physical).with_logical_type(logical);
        builder.with_repetition(repetition).build().map(Arc::new)
    }
}

/// Returns the texts as views of one copy of their bytes.
fn shared_texts(bytes: &[u8], ends: &[usize]) -> Vec<ByteArray> {
    let bytes = Bytes::copy_from_slice(bytes);
    let mut texts = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends {
        texts.push(ByteArray::from(bytes.slice(start..*end)));
        start = *end;
    }
    texts
}
