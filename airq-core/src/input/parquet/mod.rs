//! Parquet files as CSV text, which the descriptions of formats read like any table.
//!
//! Columns are read in batches of rows, so that memory is that of three batches and of the pages that the file compresses as a whole. A
//! thread decodes ahead of the reader, because both take about the same time.

mod cell_text;

use super::unpack::may_unpack_to;
use crate::error::{Error, ErrorKind, Result};
use crate::text::push_csv_field;
use cell_text::{CellKind, push_display, push_finite, push_julian};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{AsBytes, ByteArray, DataType, FixedLenByteArray};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use std::io::{self, Read};
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::{mem, thread};

/// The number of rows of a batch. Their cells and their text stay in the cache.
const BATCH: usize = 1024;
/// The maximum length of a column's cells in a batch.
const MAX_CELLS: usize = 64 << 20;

/// The text of a Parquet file: a header, and a line for each row.
pub(super) struct ParquetText<R: ChunkReader> {
    file: SerializedFileReader<R>,
    kinds: Vec<CellKind>,
    /// The next group of rows.
    group: usize,
    columns: Vec<TextColumn>,
    /// The number of rows of the open group that are not read.
    left: usize,
    /// The header or the batch that was read last.
    text: Vec<u8>,
}

/// The batches that another thread decodes.
struct TextBatches {
    batches: Receiver<io::Result<Vec<u8>>>,
    text: Vec<u8>,
    position: usize,
}

/// A column of the open group, and the cells of the batch.
struct TextColumn {
    reader: ColumnReader,
    kind: CellKind,
    is_optional: bool,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: ChunkReader + 'static> ParquetText<R> {
    /// Opens a file.
    ///
    /// # Errors
    /// If the file is damaged, or has a column of a type that has no text, such as a list.
    pub(super) fn open(file: R, name: &str) -> Result<Self> {
        let packed = file.len();
        let file = guarded(|| SerializedFileReader::new(file)).map_err(|error| fault(name, &error.to_string()))?;
        let sizes =
            file.metadata().row_groups().iter().map(|group| u64::try_from(group.total_byte_size()).unwrap_or(u64::MAX));
        let size = sizes.fold(0_u64, u64::saturating_add);
        may_unpack_to(size, packed).map_err(|error| fault(name, &error.to_string()))?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let mut kinds = Vec::with_capacity(schema.num_columns());
        let mut text = Vec::new();
        for (number, column) in schema.columns().iter().enumerate() {
            kinds.push(CellKind::of(column).map_err(|why| fault(name, &format!("column {:?}: {why}", column.name())))?);
            if number > 0 {
                text.push(b',');
            }
            push_csv_field(&mut text, column.name().as_bytes());
        }
        text.push(b'\n');
        Ok(ParquetText { file, kinds, group: 0, columns: Vec::new(), left: 0, text })
    }

    /// Passes the text to `take`.
    ///
    /// # Errors
    /// The error of `take`, or if the system has no more threads. Reading fails if the file is damaged.
    pub(super) fn read<T>(self, take: impl FnOnce(&mut (dyn Read + Send)) -> Result<T>) -> Result<T>
    where
        R: Send,
    {
        thread::scope(|scope| {
            let (sender, batches) = mpsc::sync_channel(1);
            thread::Builder::new().spawn_scoped(scope, move || self.send(&sender))?;
            take(&mut TextBatches { batches, text: Vec::new(), position: 0 })
        })
    }

    /// Sends the header and the batches, as long as they are received.
    fn send(mut self, batches: &SyncSender<io::Result<Vec<u8>>>) {
        loop {
            let room = Vec::with_capacity(self.text.capacity());
            if batches.send(Ok(mem::replace(&mut self.text, room))).is_err() {
                return;
            }
            match guarded(|| self.next_batch()) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    // The error has no receiver if the reading has ended.
                    let _ = batches.send(Err(io::Error::other(error)));
                    return;
                }
            }
        }
    }

    /// Writes the next batch of rows; returns whether there was one.
    fn next_batch(&mut self) -> std::result::Result<bool, ParquetError> {
        while self.left == 0 {
            if self.group == self.file.num_row_groups() {
                return Ok(false);
            }
            let group = self.file.get_row_group(self.group)?;
            self.group += 1;
            self.left = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
            self.columns.clear();
            for (number, kind) in self.kinds.iter().enumerate() {
                let is_optional = group.metadata().column(number).column_descr().max_def_level() > 0;
                self.columns.push(TextColumn::new(group.get_column_reader(number)?, *kind, is_optional));
            }
        }
        let rows = self.left.min(BATCH);
        for column in &mut self.columns {
            column.read(rows)?;
        }
        self.left -= rows;
        self.text.clear();
        for row in 0..rows {
            for (number, column) in self.columns.iter().enumerate() {
                if number > 0 {
                    self.text.push(b',');
                }
                self.text.extend_from_slice(&column.cells[column.range(row)]);
            }
            self.text.push(b'\n');
        }
        Ok(true)
    }
}

impl Read for TextBatches {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.text.len() {
            let Ok(text) = self.batches.recv() else { return Ok(0) };
            self.text = text?;
            self.position = 0;
        }
        let length = buffer.len().min(self.text.len() - self.position);
        buffer[..length].copy_from_slice(&self.text[self.position..][..length]);
        self.position += length;
        Ok(length)
    }
}

/// Turns a panic into an error: the library asserts properties that a damaged file may not have.
fn guarded<T>(read: impl FnOnce() -> std::result::Result<T, ParquetError>) -> std::result::Result<T, ParquetError> {
    match panic::catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read,
        Err(_) => Err(ParquetError::General("it is damaged".to_owned())),
    }
}

impl TextColumn {
    fn new(reader: ColumnReader, kind: CellKind, is_optional: bool) -> Self {
        TextColumn { reader, kind, is_optional, cells: Vec::new(), ends: Vec::new() }
    }

    /// The cell of a row of the batch.
    fn range(&self, row: usize) -> Range<usize> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        start..self.ends[row]
    }

    /// Reads the cells of the next rows.
    fn read(&mut self, rows: usize) -> std::result::Result<(), ParquetError> {
        let TextColumn { reader, kind, is_optional, cells, ends } = self;
        let (kind, is_optional) = (*kind, *is_optional);
        cells.clear();
        ends.clear();
        let mut batch = CellBatch { rows, is_optional, cells, ends };
        match reader {
            ColumnReader::BoolColumnReader(reader) => batch.read(reader, |out, value| {
                out.extend_from_slice(if *value { b"true" } else { b"false" });
            }),
            ColumnReader::Int32ColumnReader(reader) if kind == CellKind::Unsigned => {
                batch.read(reader, |out, value| push_display(out, &value.cast_unsigned()))
            }
            ColumnReader::Int64ColumnReader(reader) if kind == CellKind::Unsigned => {
                batch.read(reader, |out, value| push_display(out, &value.cast_unsigned()))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                batch.read(reader, |out, value| kind.push_whole(out, i64::from(*value)))
            }
            ColumnReader::Int64ColumnReader(reader) => batch.read(reader, |out, value| kind.push_whole(out, *value)),
            ColumnReader::Int96ColumnReader(reader) => batch.read(reader, push_julian),
            // A conversion to double would add digits.
            ColumnReader::FloatColumnReader(reader) => {
                batch.read(reader, |out, value| push_finite(out, value.is_finite(), value))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                batch.read(reader, |out, value| push_finite(out, value.is_finite(), value))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                batch.read(reader, |out, value: &ByteArray| kind.push_bytes(out, value.data()))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                batch.read(reader, |out, value: &FixedLenByteArray| kind.push_bytes(out, value.data()))
            }
        }
    }
}

/// The cells of a batch of rows of one column.
struct CellBatch<'a> {
    rows: usize,
    is_optional: bool,
    cells: &'a mut Vec<u8>,
    ends: &'a mut Vec<usize>,
}

impl CellBatch<'_> {
    fn read<T: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<T>,
        push: impl Fn(&mut Vec<u8>, &T::T),
    ) -> std::result::Result<(), ParquetError> {
        let mut values = Vec::with_capacity(self.rows);
        let mut levels = Vec::with_capacity(self.rows);
        while self.ends.len() < self.rows {
            values.clear();
            levels.clear();
            let most = self.rows - self.ends.len();
            let (records, _, _) = reader.read_records(most, Some(&mut levels), None, &mut values)?;
            if records == 0 {
                return Err(ParquetError::EOF("a column ends before its group of rows".to_owned()));
            }
            let mut values = values.iter();
            // The value before, and its cell: few columns have another value in every row.
            let mut last: (&[u8], Range<usize>) = (&[], 0..0);
            for record in 0..records {
                let is_null = self.is_optional && levels.get(record) == Some(&0);
                if !is_null && let Some(value) = values.next() {
                    let start = self.cells.len();
                    if last.0 == value.as_bytes() {
                        self.cells.extend_from_within(last.1);
                    } else {
                        push(self.cells, value);
                    }
                    last = (value.as_bytes(), start..self.cells.len());
                }
                self.ends.push(self.cells.len());
                if self.cells.len() > MAX_CELLS {
                    return Err(ParquetError::General(format!("a column has more than 64 MiB in {BATCH} rows")));
                }
            }
        }
        Ok(())
    }
}

fn fault(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{name} cannot be read as a Parquet file: {why}"))
}
