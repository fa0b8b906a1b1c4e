//! Finds the header of a file: the first line, or a line below a title and other text.

use super::charset::Charset;
use super::columns::Columns;
use super::description::{FormatDescription, built_in};
use super::file_context::FileContext;
use super::file_kind::FileKind;
use super::options::InputOptions;
use super::recognise::{Candidate, Recognition, built_in_of, open_described, own_header, recognise};
use crate::csv::{BYTE_ORDER_MARK, LONGEST_RECORD, Splitter, delimiter_of};
use crate::error::{Error, Position, Result};
use std::path::Path;
use std::sync::Arc;

/// The number of lines among which a header is searched, and the number of bytes.
const MOST_LINES: usize = 40;
const MOST_BYTES: usize = 64 * 1024;

/// A file with its header.
pub(super) struct FoundHeader {
    pub(super) recognition: Recognition,
    pub(super) delimiter: u8,
    pub(super) charset: Charset,
    /// The number of decoded bytes before the header, and of lines.
    pub(super) offset: usize,
    pub(super) lines: u64,
}

/// Finds the header in the first bytes of a file. Returns `None` if more bytes are needed.
///
/// # Errors
/// If no line is a header of a known format, or of the format in the options.
pub(super) fn find_header(
    head: &[u8],
    is_last: bool,
    options: &InputOptions,
    path: Option<&Path>,
) -> Result<Option<FoundHeader>> {
    if let Some(kind) = FileKind::of(head) {
        return Err(kind.error());
    }
    let described = options.descriptions()?;
    let encoding = described.iter().find_map(|description| description.table.encoding.clone());
    let search = Search { head, is_last, options, path, described };
    if !search.described.is_empty() {
        return search.find(encoding.as_deref());
    }
    match search.find(None) {
        Err(error) => search.find_in_other_charsets().unwrap_or(Err(error)),
        found => found,
    }
}

struct Search<'a> {
    head: &'a [u8],
    is_last: bool,
    options: &'a InputOptions,
    path: Option<&'a Path>,
    /// The descriptions of the format in the options.
    described: Vec<Arc<FormatDescription>>,
}

/// A line that may be a header: its offset, the number of lines before it.
#[derive(Clone, Copy, Debug)]
struct HeadLine {
    offset: usize,
    number: u64,
}

impl Search<'_> {
    fn find(&self, encoding: Option<&str>) -> Result<Option<FoundHeader>> {
        let mut charset = Charset::named(encoding);
        // A header is not longer, and a suggestion needs no more rows.
        let head = &self.head[..self.head.len().min(LONGEST_RECORD)];
        let text = charset.decode(head, self.is_last && head.len() == self.head.len()).to_vec();
        let may_grow = !self.is_last && text.len() < MOST_BYTES;
        let (start, stated) = self.start(&text);
        let lines = lines(&text, start);
        let mut first_error = None;
        let mut context = FileContext::of(self.path);
        let bytes = head.strip_prefix(BYTE_ORDER_MARK);
        for (position, line) in lines.iter().enumerate() {
            let delimiter = self.delimiter(&text[line.offset..], stated)?;
            let Some(records) = self.records(&text[line.offset..], delimiter, may_grow)? else { return Ok(None) };
            let [first, next] = &records;
            let Some(record) = first else { break };
            let cells = next.as_ref().map(cells).unwrap_or_default();
            let line_length = text[line.offset..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let to_line_end = line_length.map_or(&*text, |length| &text[..line.offset + length]);
            let columns = Columns { line: line.number + 1, ..Columns::read(record.record()) };
            let candidate = Candidate {
                first: record.record(),
                columns,
                next: cells,
                context: context.clone(),
                delimiter,
                text: &text[line.offset..],
                // The reader of airq's own format skips a byte order mark at the start.
                is_raw: head.starts_with(to_line_end)
                    || position == 0 && stated.is_none() && bytes.is_some_and(|bytes| bytes.starts_with(to_line_end)),
            };
            match self.open(&candidate, position == 0) {
                Some(Ok(recognition)) => {
                    let offset = if position == 0 && stated.is_none() { 0 } else { line.offset };
                    let lines = if offset == 0 { 0 } else { line.number };
                    let charset = Charset::named(encoding);
                    return Ok(Some(FoundHeader { recognition, delimiter, charset, offset, lines }));
                }
                Some(Err(error)) => first_error = first_error.or(Some(error)),
                None => {}
            }
            context.lines.push(self::cells(record));
        }
        if may_grow && lines.len() < MOST_LINES {
            return Ok(None);
        }
        if lines.is_empty() && !self.is_last && head.len() >= LONGEST_RECORD {
            return Err(Error::at(Position { line: 1, ..Position::default() }, "the first MiB has only blank lines"));
        }
        match first_error {
            Some(error) => Err(error),
            None => Ok(None),
        }
    }

    /// Opens a line as a header; `None` if the line is not one. The first line that cannot be opened gives the error of the file.
    fn open(&self, candidate: &Candidate<'_>, is_first: bool) -> Option<Result<Recognition>> {
        if !self.described.is_empty() {
            let opened = self.open_described(candidate);
            return if is_first || opened.is_ok() { Some(opened) } else { None };
        }
        if is_first {
            return Some(recognise(candidate, self.options));
        }
        if self.options.format().is_some() {
            return None;
        }
        match built_in_of(candidate) {
            Some(description) => Some(open_described(description, candidate, self.options)),
            None => own_header(candidate, self.options),
        }
    }

    /// Opens a line as a header of the format in the options: by the first layout that the header fits.
    fn open_described(&self, candidate: &Candidate<'_>) -> Result<Recognition> {
        let mut first_error = None;
        for description in &self.described {
            match open_described(description, candidate, self.options) {
                Ok(recognition) => return Ok(recognition),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| candidate.columns.fault("no format")))
    }

    /// The first records of a text and of the line after it. Returns `None` if more bytes are needed.
    fn records(&self, text: &[u8], delimiter: u8, may_grow: bool) -> Result<Option<[Option<Splitter>; 2]>> {
        let mut rest = text;
        let mut records = [None, None];
        for record in &mut records {
            let mut splitter = Splitter::new(delimiter);
            if splitter.advance(&mut rest)? {
                *record = Some(splitter);
                continue;
            }
            if !self.is_last
                && (may_grow || text.len() < LONGEST_RECORD && is_first_incomplete(record.as_ref(), text, rest))
            {
                return Ok(None);
            }
            // A record that is cut off is not complete.
            if self.is_last && splitter.advance_last().unwrap_or(false) {
                *record = Some(splitter);
            }
            break;
        }
        Ok(Some(records))
    }

    /// The start of the text after Excel's line `sep=;`, and the delimiter that the line states.
    fn start(&self, text: &[u8]) -> (usize, Option<u8>) {
        let end = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(text.len());
        let line = text[..end].trim_ascii();
        let line = match line {
            [b'"', quoted @ .., b'"'] => quoted,
            line => line,
        };
        match line {
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] if end < text.len() || self.is_last => {
                (end, Some(*delimiter))
            }
            _ => (0, None),
        }
    }

    fn delimiter(&self, line: &[u8], stated: Option<u8>) -> Result<u8> {
        let by_options = self.options.stated_delimiter()?;
        Ok(by_options.or(stated).unwrap_or_else(|| delimiter_of(line)))
    }

    /// Searches again for the header of a format in another character set.
    fn find_in_other_charsets(&self) -> Option<Result<Option<FoundHeader>>> {
        let mut tried: Vec<&str> = Vec::new();
        for description in built_in() {
            let Some(encoding) = description.table.encoding.as_deref() else { continue };
            if tried.contains(&encoding) {
                continue;
            }
            tried.push(encoding);
            if let Ok(Some(found)) = self.find(Some(encoding)) {
                return Some(Ok(Some(found)));
            }
        }
        None
    }
}

/// Returns whether not even the first record is complete.
fn is_first_incomplete(record: Option<&Splitter>, text: &[u8], rest: &[u8]) -> bool {
    record.is_none() && rest.is_empty() && !text.iter().any(|byte| matches!(byte, b'\r' | b'\n'))
}

fn cells(splitter: &Splitter) -> Vec<String> {
    splitter.record().fields().map(|field| String::from_utf8_lossy(field).into_owned()).collect()
}

/// The first lines of a text that are not empty.
fn lines(text: &[u8], start: usize) -> Vec<HeadLine> {
    let mut lines = Vec::new();
    let mut number = 0;
    let mut offset = start;
    while offset < text.len() && lines.len() < MOST_LINES {
        let length = text[offset..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let end = offset + length.unwrap_or(text.len() - offset);
        if !text[offset..end].trim_ascii().is_empty() {
            lines.push(HeadLine { offset, number });
        }
        let is_crlf = text[end..].starts_with(b"\r\n");
        offset = end + if is_crlf { 2 } else { 1 };
        number += 1;
    }
    lines
}
