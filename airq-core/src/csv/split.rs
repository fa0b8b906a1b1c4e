//! Splits CSV into records with `csv-core` (RFC 4180, lenient), chunk by chunk, with line numbers and a maximum length.

use super::scan::{Dispatch, WIDE};
use super::split_line::split_line;
use crate::error::{Error, Position, Result};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use std::sync::{Mutex, PoisonError};

/// The maximum length of a record, with its separators and quotes. A longer record is not a row of measurements: a quote is not
/// closed, or the input is not CSV.
pub(crate) const LONGEST_RECORD: usize = 1 << 20;

/// Splits chunks of bytes into records. A record may span chunks.
#[derive(Debug)]
pub(crate) struct Splitter {
    reader: Reader,
    delimiter: u8,
    fields: Vec<u8>,
    /// The number of bytes of `fields` that belong to the current record.
    filled: usize,
    /// The end of each field in `fields`.
    ends: Vec<usize>,
    /// The number of fields of the current record that have ended.
    ended: usize,
    /// The number of bytes of the input that were read of the current record.
    length: usize,
    /// The line of the next byte.
    line: u64,
    /// The line on which the current record starts.
    record_line: u64,
    in_record: bool,
    after_cr: bool,
    /// The instruction set that splits lines without quotes.
    dispatch: Dispatch,
    /// True after `csv-core` has read a record. The first record is left to `csv-core`, which skips a byte order mark.
    has_read: bool,
    /// The number of bytes between two fields in `fields`.
    gap: usize,
}

/// The unquoted fields of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    pub(crate) line: u64,
    /// The fields, and unused bytes after the last field.
    bytes: &'a [u8],
    ends: &'a [usize],
    /// The number of bytes between two fields.
    gap: usize,
}

impl<'a> Record<'a> {
    /// A record of adjacent fields.
    pub(crate) fn of_fields(line: u64, bytes: &'a [u8], ends: &'a [usize]) -> Self {
        Record { line, bytes, ends, gap: 0 }
    }

    /// The number of fields.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the field at `index`, or an empty slice if there is no such field.
    pub(crate) fn field(&self, index: usize) -> &'a [u8] {
        self.bounds(index).and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or_default()
    }

    /// Returns the 32 bytes from the start of a field on, and the length of the field. Returns `None` if the field is longer
    /// or starts less than 32 bytes before the end of the buffer.
    pub(crate) fn wide_field(&self, index: usize) -> Option<(&'a [u8; WIDE], u32)> {
        let (start, end) = self.bounds(index)?;
        let bytes = self.bytes.get(start..)?.first_chunk()?;
        Some((bytes, u32::try_from(end - start).ok().filter(|length| *length as usize <= WIDE)?))
    }

    fn bounds(&self, index: usize) -> Option<(usize, usize)> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? + self.gap };
        Some((start, *self.ends.get(index)?))
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let record = *self;
        (0..self.len()).map(move |index| record.field(index))
    }
}

fn line_feeds(bytes: &[u8]) -> u64 {
    // A chunk is so short that its count fits a byte, which compilers turn into fast vector code.
    bytes.chunks(192).map(|chunk| u64::from(line_feeds_in_chunk(chunk))).sum()
}

fn line_feeds_in_chunk(chunk: &[u8]) -> u8 {
    chunk.iter().fold(0, |count, byte| count + u8::from(*byte == b'\n'))
}

/// Idle readers with their delimiters. They are reused, because building a reader takes as long as converting a day of rows.
/// (A clone of a reader does not parse like the original.)
static READERS: Mutex<Vec<(u8, Reader)>> = Mutex::new(Vec::new());
/// The maximum number of idle readers.
const MOST_READERS: usize = 32;

fn reader(delimiter: u8) -> Reader {
    let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
    let index = readers.iter().position(|(other, _)| *other == delimiter);
    let found = index.map(|index| readers.swap_remove(index).1);
    drop(readers);
    found.unwrap_or_else(|| ReaderBuilder::new().delimiter(delimiter).build())
}

impl Drop for Splitter {
    fn drop(&mut self) {
        let mut reader = std::mem::take(&mut self.reader);
        reader.reset();
        let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < MOST_READERS {
            readers.push((self.delimiter, reader));
        }
    }
}

impl Splitter {
    pub(crate) fn new(delimiter: u8) -> Self {
        Splitter {
            reader: reader(delimiter),
            delimiter,
            fields: vec![0; 1024],
            filled: 0,
            ends: vec![0; 32],
            ended: 0,
            length: 0,
            line: 1,
            record_line: 1,
            in_record: false,
            after_cr: false,
            dispatch: Dispatch::Scalar,
            has_read: false,
            gap: 0,
        }
    }

    /// Returns a splitter that splits lines without quotes with vector instructions. The records are the same.
    pub(crate) fn with_dispatch(delimiter: u8, dispatch: Dispatch) -> Self {
        let mut splitter = Splitter::new(delimiter);
        splitter.dispatch = dispatch;
        splitter
    }

    /// Reads the next record and removes its bytes from the front of `input`. Returns `None` once `input` is empty.
    ///
    /// # Errors
    /// If the record grows past [`LONGEST_RECORD`].
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Record<'_>>> {
        Ok(if self.advance(input)? { Some(self.record()) } else { None })
    }

    /// Reads the next [`record`](Splitter::record) and removes its bytes from the front of `input`. Returns `false` if
    /// `input` ends before the record does.
    ///
    /// # Errors
    /// If the record grows past [`LONGEST_RECORD`].
    pub(crate) fn advance(&mut self, input: &mut &[u8]) -> Result<bool> {
        if !self.in_record {
            self.skip_line_ends(input);
        }
        if !self.in_record && self.has_read && self.split_line(input) {
            return Ok(true);
        }
        while !input.is_empty() {
            self.begin_record();
            if self.step(input)? {
                self.skip_crlf_line_feed(input);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the last record if the input ends without a line end.
    ///
    /// # Errors
    /// If a quote was never closed.
    pub(crate) fn finish(&mut self) -> Result<Option<Record<'_>>> {
        Ok(if self.advance_last()? { Some(self.record()) } else { None })
    }

    /// Ends the input. Returns whether the input ends with a [`record`](Splitter::record) without a line end.
    ///
    /// # Errors
    /// If a quote was never closed.
    pub(crate) fn advance_last(&mut self) -> Result<bool> {
        if !self.in_record {
            return Ok(false);
        }
        // A line end closes every record except within quotes.
        let mut end: &[u8] = b"\n";
        while !end.is_empty() {
            if self.step(&mut end)? {
                return Ok(true);
            }
        }
        Err(self.error("a quote is opened in this record and never closed"))
    }

    /// Takes a whole line without quotes as the next record; returns `false` if `csv-core` must read the record.
    fn split_line(&mut self, input: &mut &[u8]) -> bool {
        let Some(line) = split_line(self.dispatch, input, self.delimiter, &mut self.ends) else { return false };
        let room = line.length + WIDE;
        if self.fields.len() < room {
            self.fields.resize(room, 0);
        }
        self.fields[..line.length].copy_from_slice(&input[..line.length]);
        *input = &input[line.taken..];
        self.ended = line.fields;
        self.gap = 1;
        self.record_line = self.line;
        self.line += 1;
        self.after_cr = false;
        true
    }

    fn begin_record(&mut self) {
        if !self.in_record {
            self.in_record = true;
            self.has_read = true;
            self.gap = 0;
            self.record_line = self.line;
            self.filled = 0;
            self.ended = 0;
            self.length = 0;
        }
    }

    /// Calls `csv-core` once and removes the bytes that it read from `input`. Returns whether the record has ended.
    fn step(&mut self, input: &mut &[u8]) -> Result<bool> {
        let (result, taken, filled, ended) =
            self.reader.read_record(input, &mut self.fields[self.filled..], &mut self.ends[self.ended..]);
        let (consumed, rest) = input.split_at(taken);
        *input = rest;
        self.filled += filled;
        self.ended += ended;
        self.length += taken;
        if self.length > LONGEST_RECORD {
            let why = "this record is longer than 1 MiB: is a quote never closed, or is this no CSV?";
            return Err(self.error(why));
        }
        let done = matches!(result, ReadRecordResult::Record);
        self.count_lines(consumed, done);
        match result {
            // The output is never longer than the input.
            ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            _ => {}
        }
        self.in_record = !done;
        Ok(done)
    }

    /// Counts the lines of the bytes that were read. The line end of a record counts once, also a CR alone or a CRLF.
    fn count_lines(&mut self, consumed: &[u8], done: bool) {
        let Some((last, within)) = consumed.split_last() else { return };
        let within = if done { within } else { consumed };
        self.line += line_feeds(within) + u64::from(done);
        self.after_cr = done && *last == b'\r';
    }

    /// Skips the line feed of a CRLF after its carriage return has ended a record.
    fn skip_crlf_line_feed(&mut self, input: &mut &[u8]) {
        if let Some(rest) = input.strip_prefix(b"\n").filter(|_| self.after_cr) {
            *input = rest;
            self.after_cr = false;
        }
    }

    /// Adds lines that were read without this splitter.
    pub(crate) fn skip_lines(&mut self, lines: u64) {
        self.line += lines;
        self.after_cr &= lines == 0;
    }

    /// The line of the next byte.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Returns the number of lines read, and restarts the count.
    pub(crate) fn take_lines(&mut self) -> u64 {
        std::mem::replace(&mut self.line, 1) - 1
    }

    /// Returns whether the last byte that was read is within a record.
    pub(crate) fn in_record(&self) -> bool {
        self.in_record
    }

    /// Skips empty lines and the line feed of a CRLF.
    fn skip_line_ends(&mut self, input: &mut &[u8]) {
        while let Some((byte @ (b'\r' | b'\n'), rest)) = input.split_first() {
            let is_crlf = *byte == b'\n' && self.after_cr;
            self.line += u64::from(!is_crlf);
            self.after_cr = *byte == b'\r';
            *input = rest;
        }
    }

    /// The record that was read last.
    pub(crate) fn record(&self) -> Record<'_> {
        Record { line: self.record_line, bytes: &self.fields, ends: &self.ends[..self.ended], gap: self.gap }
    }

    fn error(&self, why: &str) -> Error {
        Error::at(Position { line: self.record_line, ..Position::default() }, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::Instructions;
    use proptest::prelude::*;

    fn split(chunks: &[&[u8]]) -> Vec<(u64, Vec<String>)> {
        let mut splitter = Splitter::new(b',');
        let mut records = Vec::new();
        let text = |record: Record<'_>| {
            (record.line, record.fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect())
        };
        for chunk in chunks {
            let mut input = *chunk;
            while let Some(record) = splitter.next(&mut input).unwrap() {
                records.push(text(record));
            }
        }
        records.extend(splitter.finish().unwrap().map(text));
        records
    }

    #[test]
    fn records_do_not_depend_on_the_boundaries_of_chunks() {
        let input: &[u8] = b"a,b\r\n\"c \"\"x\"\"\r\ny\",d\n\n\ne,\r\rf,g";
        let whole = split(&[input]);
        let lines: Vec<u64> = whole.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 6, 8]);
        assert_eq!(whole[1].1, ["c \"x\"\r\ny", "d"]);
        assert_eq!(whole[2].1, ["e", ""]);
        for first in 0..input.len() {
            for second in first..input.len() {
                let chunks = [&input[..first], &input[first..second], &input[second..]];
                assert_eq!(split(&chunks), whole, "cut at {first} and {second}");
            }
        }
    }

    /// A record's line and fields.
    type LineAndFields = (u64, Vec<Vec<u8>>);

    /// The records of the chunks of an input, and the error at its end.
    fn records(mut splitter: Splitter, chunks: &[&[u8]]) -> (Vec<LineAndFields>, bool) {
        let mut records = Vec::new();
        let owned = |record: Record<'_>| (record.line, record.fields().map(<[u8]>::to_vec).collect());
        for chunk in chunks {
            let mut input = *chunk;
            while let Some(record) = splitter.next(&mut input).unwrap() {
                records.push(owned(record));
            }
        }
        let last = splitter.finish().map(|record| record.map(owned));
        let is_error = last.is_err();
        records.extend(last.ok().flatten());
        (records, is_error)
    }

    proptest! {
        #[test]
        fn every_instruction_set_splits_as_csv_core_does(
            input in proptest::collection::vec(
                prop_oneof![
                    8 => Just(b"0123456789".to_vec()),
                    8 => Just(b"a".to_vec()),
                    8 => Just(b",".to_vec()),
                    4 => Just(b"\n".to_vec()),
                    2 => Just(b"\r\n".to_vec()),
                    1 => Just(b"\r".to_vec()),
                    1 => Just(b"\"".to_vec()),
                    1 => Just(b"\xef\xbb\xbf".to_vec()),
                ],
                0..60,
            ),
            cuts in proptest::collection::vec(0_usize..400, 2),
        ) {
            let input = input.concat();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.min(&input.len())).collect();
            cuts.sort_unstable();
            let chunks = [&input[..cuts[0]], &input[cuts[0]..cuts[1]], &input[cuts[1]..]];
            let expected = records(Splitter::new(b','), &chunks);
            for instructions in [Instructions::Auto, Instructions::Avx2, Instructions::Portable] {
                let splitter = Splitter::with_dispatch(b',', instructions.dispatch());
                prop_assert_eq!(&records(splitter, &chunks), &expected);
            }
        }
    }

    #[test]
    fn an_unclosed_quote_is_an_error_at_its_record() {
        let mut splitter = Splitter::new(b',');
        let mut input: &[u8] = b"a\n\"b\nc";
        while splitter.next(&mut input).unwrap().is_some() {}
        let error = splitter.finish().unwrap_err();
        assert_eq!(error.position().unwrap().line, 2);
    }

    #[test]
    fn a_record_without_end_is_refused_before_it_fills_the_memory() {
        for byte in [b'x', b',', b'"'] {
            for length in [4096, 10 << 20] {
                let chunk = vec![byte; length];
                let mut splitter = Splitter::new(b',');
                let refused = (0..1000).any(|_| splitter.next(&mut chunk.as_slice()).is_err());
                assert!(refused, "{byte} in chunks of {length}");
                let room = splitter.fields.len() + splitter.ends.len() * size_of::<usize>();
                assert!(room <= 20 * LONGEST_RECORD, "{room} bytes for {byte} in chunks of {length}");
            }
        }
    }

    #[test]
    fn the_limit_of_a_record_does_not_depend_on_chunks() {
        let longest = [vec![b','; LONGEST_RECORD - 1], b"\n".to_vec()].concat();
        let longer = [b",".as_slice(), &longest].concat();
        for piece in [1000, longer.len()] {
            let is_read = |record: &[u8]| {
                let mut splitter = Splitter::new(b',');
                record.chunks(piece).all(|mut chunk| splitter.next(&mut chunk).is_ok())
            };
            assert!(is_read(&longest) && !is_read(&longer), "in chunks of {piece}");
        }
    }

    #[test]
    fn many_fields_are_no_trouble() {
        let line = vec!["1"; 1000].join(",");
        assert_eq!(split(&[line.as_bytes()])[0].1.len(), 1000);
    }
}
