//! `parquet`: the rows as a Parquet file, with a dictionary of stations, times as timestamps in UTC and numbers as doubles.
//!
//! Threads [pack](packed_rows) rows, one thread collects them by [column], and all threads encode the columns of a full row group.

mod column;
mod packed_rows;

use super::output_buffer::OutputBuffer;
use super::{Context, Encode, NoRows, PageInfo, Template, WriteRows};
use crate::csv::chunks::{Chunk, Chunks, map_in_order};
use crate::csv::{Layout, Row};
use crate::error::{Error, ErrorKind, Result};
use crate::text::Output;
use column::Column;
use packed_rows::{PackedRows, pack};
use parquet::basic::{Compression, Repetition};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnPath, Type};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The number of rows of a row group.
const GROUP: usize = 128 * 1024;
/// The number of rows of a page. Small pages stay in the cache while they are encoded.
const PAGE: usize = 8 * 1024;
/// The maximum number of bytes of a column's dictionary in a row group, of texts and times and of numbers.
const DICTIONARY: usize = 128 * 1024;
const DICTIONARY_OF_NUMBERS: usize = 32 * 1024;

/// Collects rows, and writes a row group when the group is full.
#[derive(Default)]
pub(crate) struct ParquetEncoder {
    /// True if the rows are packed for another encoder, which writes the file.
    is_branch: bool,
    file: Option<SerializedFileWriter<Pages>>,
    pages: Pages,
    /// The row that is packed.
    packed: OutputBuffer,
    /// The number of rows that are collected.
    rows: usize,
    /// The station, the time, and each field.
    columns: Vec<Column>,
    /// The maximum number of threads.
    threads: usize,
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
        self.columns = vec![Column::texts(), Column::times()];
        self.columns.extend(layout.fields.iter().map(Column::of));
        let units = layout.parameters().filter_map(|parameter| {
            let unit = context.unit_of(parameter)?;
            Some(KeyValue::new(format!("unit.{}", parameter.code()), unit.symbol().to_owned()))
        });
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_page_size_limit(DICTIONARY)
            .set_data_page_row_count_limit(PAGE)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_key_value_metadata(Some(units.collect()));
        for field in layout.fields.iter().filter(|field| field.kind.is_number()) {
            let column = ColumnPath::from(field.name.as_str());
            // Coarse numbers stay in a dictionary. Numbers with many digits leave it early, which costs less time.
            properties = properties.set_column_dictionary_page_size_limit(column, DICTIONARY_OF_NUMBERS);
        }
        self.file = match schema(&self.columns, layout) {
            Ok(schema) => {
                SerializedFileWriter::new(self.pages.clone(), Arc::new(schema), Arc::new(properties.build())).ok()
            }
            Err(_) => None,
        };
        debug_assert!(self.file.is_some(), "the schema is valid");
        self.pages.pass_on(out);
    }

    fn row(&mut self, out: &mut OutputBuffer, _: &Context, row: &Row<'_>) {
        if self.is_branch {
            return pack(out, row);
        }
        let mut packed = std::mem::take(&mut self.packed);
        packed.clear();
        pack(&mut packed, row);
        self.take(packed.as_slice(), out);
        self.packed = packed;
    }

    /// Returns `None`: rows are collected by column.
    fn template(&self, _: &Layout) -> Option<Template> {
        None
    }

    fn writer<'a>(&'a mut self, _: &'a mut OutputBuffer, _: &'a Template) -> impl WriteRows + 'a {
        NoRows
    }

    fn branch(&self) -> Option<Self> {
        Some(ParquetEncoder { is_branch: true, ..ParquetEncoder::default() })
    }

    fn join(&mut self, rows: &[u8], out: &mut OutputBuffer) -> bool {
        self.take(rows, out);
        true
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
    /// Returns an encoder that encodes columns on up to `threads` threads, the caller's among them.
    pub(crate) fn new(threads: usize) -> Self {
        ParquetEncoder { threads, ..ParquetEncoder::default() }
    }

    /// Collects packed rows.
    fn take(&mut self, rows: &[u8], out: &mut OutputBuffer) {
        let mut rows = PackedRows(rows);
        while !rows.0.is_empty() {
            for column in &mut self.columns {
                column.take(&mut rows);
            }
            self.rows += 1;
            if self.rows == GROUP {
                self.write_group(out);
            }
        }
    }

    fn write_group(&mut self, out: &mut OutputBuffer) {
        if self.rows == 0 {
            return;
        }
        // Writing to memory does not fail.
        let written = self.try_write_group();
        debug_assert!(written.is_ok(), "{written:?}");
        self.rows = 0;
        self.columns.iter_mut().for_each(Column::clear);
        self.pages.pass_on(out);
    }

    /// Encodes the columns on all threads.
    fn try_write_group(&mut self) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let descriptors = file.schema_descr().columns().to_vec();
        let properties = file.properties().clone();
        let mut group = file.next_row_group().map_err(failure)?;
        map_in_order(
            self.threads,
            &ColumnIndices { next: AtomicUsize::new(0), end: self.columns.len() },
            || (),
            |(), chunk| {
                let index = chunk.lines.start;
                (self.columns[index].encode(descriptors[index].clone(), properties.clone()), chunk.bytes)
            },
            |encoded| {
                let (pages, closed) = encoded.map_err(failure)?;
                group.append_column(&pages, closed).map_err(failure)?;
                Ok(ControlFlow::Continue(()))
            },
        )?;
        group.close().map(drop).map_err(failure)
    }
}

/// The columns of a group, as chunks without bytes: the lines of each start at the index of the column.
struct ColumnIndices {
    next: AtomicUsize,
    end: usize,
}

impl Chunks for ColumnIndices {
    fn next(&self, bytes: Vec<u8>) -> Result<Option<Chunk>> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        let chunk = Chunk { number: index as u64, bytes, lines: index..index, ..Chunk::default() };
        Ok((index < self.end).then_some(chunk))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "an argument of map_err")]
fn failure(error: ParquetError) -> Error {
    Error::new(ErrorKind::Internal, error.to_string())
}

/// The schema: the station, the time, and an optional column for each field.
fn schema(columns: &[Column], layout: &Layout) -> std::result::Result<Type, ParquetError> {
    let names = ["station", "time"].into_iter().chain(layout.fields.iter().map(|field| field.name.as_str()));
    let mut fields = Vec::with_capacity(columns.len());
    for (column, name) in columns.iter().zip(names) {
        let repetition = if fields.len() < 2 { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        fields.push(column.schema(name, repetition)?);
    }
    Type::group_type_builder("measurements").with_fields(fields).build()
}
