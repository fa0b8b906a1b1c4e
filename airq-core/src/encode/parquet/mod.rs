//! `parquet`: the rows as a Parquet file, with a dictionary of stations, times as timestamps in UTC and numbers as doubles.

use super::output_buffer::OutputBuffer;
use super::{Context, Encode, NoRows, PageInfo, Template, WriteRows};
use crate::csv::{Field, Layout, Row};
use crate::text::{Output, parsed};
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The number of rows of a row group.
const GROUP: usize = 128 * 1024;
/// The maximum number of bytes of a column's dictionary in a row group.
const DICTIONARY: usize = 128 * 1024;

/// Collects rows by column, and writes a row group whenever enough rows are there.
#[derive(Default)]
pub(crate) struct ParquetEncoder {
    file: Option<SerializedFileWriter<Pages>>,
    pages: Pages,
    /// The id of the last station, which consecutive rows share.
    station: ByteArray,
    stations: Vec<ByteArray>,
    times: Vec<i64>,
    columns: Vec<Column>,
}

/// The values of a field, and for each row whether it has a value.
enum Column {
    Numbers(Vec<f64>, Vec<i16>),
    Texts(Vec<ByteArray>, Vec<i16>),
}

/// The bytes that are written and not yet passed on.
#[derive(Clone, Default)]
struct Pages(Arc<Mutex<Vec<u8>>>);

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pages {
    fn pass_on(&self, out: &mut OutputBuffer) {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.extend_from_slice(&bytes);
        bytes.clear();
    }
}

impl Encode for ParquetEncoder {
    fn begin(&mut self, out: &mut OutputBuffer, context: &Context, layout: &Layout) {
        self.columns = layout.fields.iter().map(Column::of).collect();
        let units = layout.parameters().filter_map(|parameter| {
            let unit = context.unit_of(parameter)?;
            Some(KeyValue::new(format!("unit.{}", parameter.code()), unit.symbol().to_owned()))
        });
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            // Coarse numbers stay in a dictionary. Numbers with many digits leave it early, which costs less time.
            .set_dictionary_page_size_limit(DICTIONARY)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(units.collect()));
        self.file = match schema(layout) {
            Ok(schema) => {
                SerializedFileWriter::new(self.pages.clone(), Arc::new(schema), Arc::new(properties.build())).ok()
            }
            Err(_) => None,
        };
        debug_assert!(self.file.is_some(), "the schema is valid");
        self.pages.pass_on(out);
    }

    fn row(&mut self, out: &mut OutputBuffer, _: &Context, row: &Row<'_>) {
        if self.stations.is_empty() || self.station.data() != row.station {
            self.station = ByteArray::from(Bytes::copy_from_slice(row.station));
        }
        self.stations.push(self.station.clone());
        self.times.push(row.time.as_microseconds());
        for (column, field) in self.columns.iter_mut().zip(&row.layout.fields) {
            column.push(row.value(field));
        }
        if self.stations.len() == GROUP {
            self.write_group(out);
        }
    }

    /// Returns `None`: rows are collected by column.
    fn template(&self, _: &Layout) -> Option<Template> {
        None
    }

    fn writer<'a>(&'a mut self, _: &'a mut OutputBuffer, _: &'a Template) -> impl WriteRows + 'a {
        NoRows
    }

    fn end(&mut self, out: &mut OutputBuffer, _: &Context, _: &PageInfo) {
        self.write_group(out);
        // Writing to memory does not fail.
        if let Some(file) = self.file.take() {
            let _ = file.close();
        }
        self.pages.pass_on(out);
    }
}

impl ParquetEncoder {
    fn write_group(&mut self, out: &mut OutputBuffer) {
        if self.stations.is_empty() {
            return;
        }
        // Writing to memory does not fail.
        let written = self.try_write_group();
        debug_assert!(written.is_ok(), "{written:?}");
        self.stations.clear();
        self.times.clear();
        self.columns.iter_mut().for_each(Column::clear);
        self.pages.pass_on(out);
    }

    fn try_write_group(&mut self) -> Result<(), ParquetError> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut group = file.next_row_group()?;
        write_column(&mut group, |column| column.typed::<ByteArrayType>().write_batch(&self.stations, None, None))?;
        write_column(&mut group, |column| column.typed::<Int64Type>().write_batch(&self.times, None, None))?;
        for values in &self.columns {
            write_column(&mut group, |column| match values {
                Column::Numbers(numbers, levels) => {
                    column.typed::<DoubleType>().write_batch(numbers, Some(levels), None)
                }
                Column::Texts(texts, levels) => column.typed::<ByteArrayType>().write_batch(texts, Some(levels), None),
            })?;
        }
        group.close().map(drop)
    }
}

fn write_column(
    group: &mut SerializedRowGroupWriter<'_, Pages>,
    write: impl FnOnce(&mut parquet::file::writer::SerializedColumnWriter<'_>) -> Result<usize, ParquetError>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    write(&mut column)?;
    column.close()
}

impl Column {
    fn of(field: &Field) -> Column {
        if field.kind.is_number() {
            Column::Numbers(Vec::new(), Vec::new())
        } else {
            Column::Texts(Vec::new(), Vec::new())
        }
    }

    fn push(&mut self, value: Option<&[u8]>) {
        match self {
            Column::Numbers(numbers, levels) => {
                let number: Option<f64> = value.and_then(parsed);
                levels.push(i16::from(number.is_some()));
                numbers.extend(number);
            }
            Column::Texts(texts, levels) => {
                levels.push(i16::from(value.is_some()));
                texts.extend(value.map(|text| ByteArray::from(Bytes::copy_from_slice(text))));
            }
        }
    }

    fn clear(&mut self) {
        match self {
            Column::Numbers(numbers, levels) => {
                numbers.clear();
                levels.clear();
            }
            Column::Texts(texts, levels) => {
                texts.clear();
                levels.clear();
            }
        }
    }
}

/// The schema: the station, the time, and an optional column for each field.
fn schema(layout: &Layout) -> Result<Type, ParquetError> {
    let time = LogicalType::timestamp(true, TimeUnit::MICROS);
    let mut fields = vec![
        column("station", PhysicalType::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED)?,
        column("time", PhysicalType::INT64, Some(time), Repetition::REQUIRED)?,
    ];
    for field in &layout.fields {
        let (physical, logical) = if field.kind.is_number() {
            (PhysicalType::DOUBLE, None)
        } else {
            (PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
        };
        fields.push(column(&field.name, physical, logical, Repetition::OPTIONAL)?);
    }
    Type::group_type_builder("measurements").with_fields(fields).build()
}

fn column(
    name: &str,
    physical: PhysicalType,
    logical: Option<LogicalType>,
    repetition: Repetition,
) -> Result<Arc<Type>, ParquetError> {
    let builder = Type::primitive_type_builder(name, physical).with_logical_type(logical);
    builder.with_repetition(repetition).build().map(Arc::new)
}
