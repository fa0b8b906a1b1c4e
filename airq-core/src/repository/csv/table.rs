//! A table of a source: CSV with a known header, in a file or in memory.

use super::CsvOptions;
use super::files::{self, DataFile};
use crate::account::Account;
use crate::csv::chunks::{Chunk, Chunks};
use crate::csv::{Batch, Instructions, OnRejected, Reader, RowReader, Wanted};
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "formats")]
use crate::model::SourcePeriod;
use crate::model::{Parameter, Station};
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// The length of a chunk: with its rows it fits into the cache of a core.
pub(super) const CHUNK: usize = 256 * 1024;
/// The number of bytes read beyond a chunk for the end of its last line.
const OVERLAP: usize = 4 * 1024;
/// The length of the part that must contain the header.
const HEAD: usize = 64 * 1024;

/// The bytes of a table.
#[derive(Debug)]
pub(super) enum Bytes {
    Memory(Vec<u8>),
    File(File, u64),
}

/// A table with its header.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) bytes: Bytes,
    /// Makes the readers of its rows.
    pub(super) rows: RowReader,
    /// The offset of the first row.
    pub(super) rows_start: u64,
    /// The number of lines before the first row.
    pub(super) lines_before: u64,
    /// True if the format's account counts the rows.
    pub(super) is_counted: bool,
    /// True if all rejected rows are kept, not only the first.
    pub(super) keeps_all_examples: bool,
    /// The length of a chunk.
    chunk_length: usize,
}

/// The tables of a source, and what their files say about stations and rows.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) all: Vec<Table>,
    /// Stations as the files of measurements describe them.
    pub(super) described: Vec<Station>,
    pub(super) account: Account,
    #[cfg(feature = "formats")]
    period: SourcePeriod,
    /// True if the account counts values, which are merged into rows.
    pub(super) counts_values: bool,
}

impl Bytes {
    pub(super) fn len(&self) -> u64 {
        match self {
            Bytes::Memory(bytes) => bytes.len() as u64,
            Bytes::File(_, length) => *length,
        }
    }

    /// Reads `length` bytes from the offset `start` on into the beginning of `buffer`, which grows to `length` at least.
    pub(super) fn read(&self, start: u64, length: usize, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        let room = &mut buffer[..length];
        match self {
            Bytes::Memory(bytes) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                room.copy_from_slice(&bytes[start..start + length]);
                Ok(())
            }
            Bytes::File(file, _) => read_exact_at(file, room, start),
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, room: &mut [u8], start: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, room, start)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut room: &mut [u8], mut start: u64) -> std::io::Result<()> {
    while !room.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, room, start)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        room = &mut room[read..];
        start += read as u64;
    }
    Ok(())
}

impl Table {
    /// Reads the header.
    ///
    /// # Errors
    /// If the table cannot be read, is empty, or its header is invalid.
    pub(super) fn new(name: String, bytes: Bytes, keeps_sentinels: bool) -> Result<Table> {
        let wanted = Wanted { keeps_sentinels, ..Wanted::default() };
        let mut reader = Reader::new(wanted, OnRejected::Fail, Instructions::Auto);
        let rows_start = read_header(&mut reader, &bytes).map_err(|error| error.in_file(&name))?;
        let lines = reader.take_lines().unwrap_or_default();
        let lines_before = if reader.has_first_row() { 0 } else { lines };
        let Some(rows) = reader.row_reader() else {
            return Err(Error::new(ErrorKind::Internal, "a header ends within a record"));
        };
        let keeps_all_examples = false;
        Ok(Table {
            name,
            bytes,
            rows,
            rows_start,
            lines_before,
            is_counted: false,
            keeps_all_examples,
            chunk_length: CHUNK,
        })
    }

    /// Sets how the rows are read.
    fn with_options(self, options: &CsvOptions) -> Self {
        let keeps_all_examples = options.keeps_all_examples;
        Table { chunk_length: options.chunk_length.max(1), keeps_all_examples, ..self }
    }

    /// Adds the columns of the table that are not read.
    pub(super) fn note_unused(&self, account: &mut Account) {
        for name in self.rows.layout().unused_columns() {
            account.note_unused(name, 0);
        }
    }

    /// An error that names the table.
    pub(super) fn blame(&self, error: Error) -> Error {
        error.in_file(&self.name)
    }

    /// An error of reading the table.
    pub(super) fn cannot_read(&self, error: std::io::Error) -> Error {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Error::new(ErrorKind::Unavailable, format!("{} became shorter while it was read", self.name));
        }
        Error::with_source(ErrorKind::Io, format!("cannot read {}", self.name), error)
    }
}

/// Reads the header; returns the offset of the first row.
fn read_header(reader: &mut Reader, bytes: &Bytes) -> Result<u64> {
    let mut start = 0;
    let mut buffer = Vec::new();
    loop {
        let length = HEAD.min(usize::try_from(bytes.len() - start).unwrap_or(HEAD));
        bytes.read(start, length, &mut buffer).map_err(Error::from)?;
        let chunk = &buffer[..length];
        let mut position = 0;
        let header = match length {
            0 => reader.finish()?,
            _ => reader.next(chunk, &mut position)?,
        };
        if let Some(Batch::Header(layout)) = header {
            layout.check_measured()?;
            // A table without a header starts with a row, at the beginning of its first line.
            return if reader.has_first_row() { Ok(first_line(bytes)?) } else { Ok(start + position as u64) };
        }
        start += position as u64;
    }
}

/// The offset of the first line, after a byte order mark.
fn first_line(bytes: &Bytes) -> Result<u64> {
    let mut mark = Vec::new();
    let length = crate::csv::BYTE_ORDER_MARK.len();
    if bytes.len() < length as u64 {
        return Ok(0);
    }
    bytes.read(0, length, &mut mark)?;
    Ok(if mark == crate::csv::BYTE_ORDER_MARK { length as u64 } else { 0 })
}

/// The chunks of a table, which threads read on their own.
pub(super) struct TableChunks<'a> {
    table: &'a Table,
    next: AtomicU64,
}

impl<'a> TableChunks<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        TableChunks { table, next: AtomicU64::new(0) }
    }

    /// The lines that start in the range of a chunk: reads the range, the byte before it, and the rest of the last line.
    fn read(&self, start: u64, buffer: &mut Vec<u8>) -> Result<(Range<usize>, u64)> {
        let bytes = &self.table.bytes;
        let is_first = start == self.table.rows_start;
        let from = if is_first { start } else { start - 1 };
        let before = usize::from(!is_first);
        let chunk = self.table.chunk_length;
        let mut wanted = before + chunk + OVERLAP;
        loop {
            let length = wanted.min(usize::try_from(bytes.len() - from).unwrap_or(wanted));
            bytes.read(from, length, buffer).map_err(|error| self.table.cannot_read(error))?;
            let text = &buffer[..length];
            let first = if is_first { Some(0) } else { line_after(text, 0).filter(|first| *first <= chunk) };
            let Some(first) = first else { return Ok((0..0, from)) };
            let is_at_end = from + length as u64 == bytes.len();
            let last = line_after(text, (before + chunk - 1).min(length));
            match last {
                Some(end) => return Ok((first..end, from + first as u64)),
                None if is_at_end => return Ok((first..length, from + first as u64)),
                // The last line is longer than the overlap.
                None => wanted *= 2,
            }
        }
    }
}

/// The position after the first line feed from `from` on.
fn line_after(text: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?.iter().position(|byte| *byte == b'\n').map(|end| from + end + 1)
}

impl Chunks for TableChunks<'_> {
    fn next(&self, mut buffer: Vec<u8>) -> Result<Option<Chunk>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let start = self.table.rows_start + number * self.table.chunk_length as u64;
        if start >= self.table.bytes.len() {
            return Ok(None);
        }
        let (lines, start) = self.read(start, &mut buffer)?;
        Ok(Some(Chunk { number, start, bytes: buffer, lines }))
    }
}

impl Tables {
    fn new(options: &CsvOptions) -> Self {
        Tables { account: Account::keeping(options.keeps_all_examples), ..Tables::default() }
    }

    /// Opens the tables of the files. A plain file of airq's own format is read where it is; any other file is converted into
    /// memory.
    ///
    /// # Errors
    /// If a file cannot be read or used.
    pub(super) fn open(files: &[DataFile], options: &CsvOptions) -> Result<Tables> {
        let mut tables = Tables::new(options);
        for file in files {
            let name = file.name();
            if let Some(plain) = plain_table(file, options)? {
                tables.all.push(plain);
                continue;
            }
            file.read(|content| tables.convert(&name, content, options))?;
        }
        Ok(tables)
    }

    /// The parameters of all tables, in the order of columns.
    pub(super) fn columns(&self) -> Vec<Parameter> {
        let mut columns: Vec<Parameter> = Vec::new();
        for layout in self.all.iter().map(|table| table.rows.layout()) {
            for parameter in layout.parameters() {
                if !columns.contains(&parameter) {
                    columns.push(parameter);
                }
            }
        }
        columns.sort_unstable();
        columns
    }

    /// Reads a table into memory, by its format.
    ///
    /// # Errors
    /// If it cannot be read or used.
    pub(super) fn read(name: &str, content: &mut (dyn Read + Send), options: &CsvOptions) -> Result<Tables> {
        let mut tables = Tables::new(options);
        tables.convert(name, content, options)?;
        Ok(tables)
    }
}

/// The file as a table, if it is a plain file that needs no conversion.
#[cfg(feature = "formats")]
fn plain_table(file: &DataFile, options: &CsvOptions) -> Result<Option<Table>> {
    let Some(path) = file.plain() else { return Ok(None) };
    let name = file.name();
    let opened = File::open(path).map_err(|error| files::cannot_read(path, error))?;
    let length = opened.metadata().map_err(|error| files::cannot_read(path, error))?.len();
    let bytes = Bytes::File(opened, length);
    let mut head = Vec::new();
    let head_length = HEAD.min(usize::try_from(length).unwrap_or(HEAD));
    bytes.read(0, head_length, &mut head).map_err(|error| files::cannot_read(path, error))?;
    if !crate::input::is_own(path, &head[..head_length], &options.input).map_err(|error| error.in_file(&name))? {
        return Ok(None);
    }
    Ok(Some(Table::new(name, bytes, options.keeps_sentinels)?.with_options(options)))
}

/// The file as a table.
#[cfg(not(feature = "formats"))]
fn plain_table(file: &DataFile, options: &CsvOptions) -> Result<Option<Table>> {
    let path = file.path();
    let opened = File::open(path).map_err(|error| files::cannot_read(path, error))?;
    let found = opened.metadata().map_err(|error| files::cannot_read(path, error))?;
    if !found.is_file() {
        return Ok(None);
    }
    let length = found.len();
    let table = Table::new(file.name(), Bytes::File(opened, length), options.keeps_sentinels)?;
    Ok(Some(table.with_options(options)))
}

impl Tables {
    #[cfg(feature = "formats")]
    fn convert(&mut self, name: &str, content: &mut (dyn Read + Send), options: &CsvOptions) -> Result<()> {
        let rejects = super::parts::RejectLog::keeping(options.keeps_all_examples);
        let mut reader = crate::input::ConvertingReader::new(options.input.clone(), content).path(name);
        if options.skip_bad_rows {
            reader = reader.on_rejected(rejects.reporter());
        }
        let mut csv = Vec::new();
        reader.read_to_end(&mut csv).map_err(|error| read_error(name, error))?;
        let converted = reader.into_converted();
        self.period.add_file(converted.period, name)?;
        self.counts_values |= converted.merges;
        let rejects = rejects.take().into_iter().map(|row| row.in_file(name)).collect();
        self.account.add(&Account { rejects, ..converted.account.clone() });
        self.described.extend(converted.stations);
        // What is counted of a format is its own records, so its rows are not counted again.
        let is_counted = converted.account.read > 0;
        self.add(name, csv, is_counted, options)
    }

    #[cfg(not(feature = "formats"))]
    fn convert(&mut self, name: &str, content: &mut (dyn Read + Send), options: &CsvOptions) -> Result<()> {
        let mut csv = Vec::new();
        content.read_to_end(&mut csv).map_err(|error| read_error(name, error))?;
        self.add(name, csv, false, options)
    }

    fn add(&mut self, name: &str, csv: Vec<u8>, is_counted: bool, options: &CsvOptions) -> Result<()> {
        let table = Table::new(name.to_owned(), Bytes::Memory(csv), options.keeps_sentinels)?;
        let mut table = table.with_options(options);
        table.is_counted = is_counted;
        self.all.push(table);
        Ok(())
    }
}

/// An error of the format names the file; any other error is one of reading.
fn read_error(name: &str, error: std::io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error.in_file(name),
        Err(error) => Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error),
    }
}
