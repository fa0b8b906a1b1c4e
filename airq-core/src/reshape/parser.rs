//! From chunks of CSV to checked rows: finds the delimiter, reads the header, checks each record.

use super::fast::{FastPath, Path, Progress};
use super::header::{First, Layout, Wanted};
use super::reject::OnReject;
use super::row::Row;
use super::split::{LONGEST_RECORD, Record, Splitter};
use crate::error::{Error, ErrorKind, Result};
use std::io::{self, Write};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Takes what the parser finds.
pub(crate) trait RowSink {
    /// The header was read. Called once, before any row.
    fn header(&mut self, layout: &Layout) -> Result<()>;
    /// The next row.
    fn row(&mut self, row: &Row<'_>) -> Result<()>;
    /// Takes rows of the input, from `start` on, by the fast path, as far as it is sure of them.
    fn fast(&mut self, _input: &[u8], _start: usize, _path: &mut FastPath) -> Progress {
        Progress::default()
    }
    /// Whether it has enough for now.
    fn is_full(&self) -> bool {
        false
    }
}

impl<S: RowSink> RowSink for &mut S {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        (**self).header(layout)
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        (**self).row(row)
    }

    fn fast(&mut self, input: &[u8], start: usize, path: &mut FastPath) -> Progress {
        (**self).fast(input, start, path)
    }

    fn is_full(&self) -> bool {
        (**self).is_full()
    }
}

/// Turns pushed chunks into rows.
#[derive(Debug)]
pub(crate) struct Parser {
    /// The input up to its first line end, while the delimiter is not known.
    head: Vec<u8>,
    splitter: Option<Splitter>,
    path: Path,
    fast: Option<FastPath>,
    layout: Option<Layout>,
    wanted: Wanted,
    on_reject: OnReject,
    rejected: u64,
}

impl Parser {
    /// A parser of rows of which the answer wants this.
    pub(crate) fn new(wanted: impl Into<Wanted>, on_reject: OnReject, path: Path) -> Self {
        Parser {
            head: Vec::new(),
            splitter: None,
            path,
            fast: None,
            layout: None,
            wanted: wanted.into(),
            on_reject,
            rejected: 0,
        }
    }

    /// How many rows were rejected so far.
    pub(crate) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Whether it stops at a row that cannot be used.
    pub(super) fn stops_at_rejects(&self) -> bool {
        matches!(self.on_reject, OnReject::Fail)
    }

    /// A parser of the same layout for records that go on from here; `None` before the header and within a record. It stops at
    /// rows that cannot be used, and counts lines from here.
    pub(super) fn branch(&self) -> Option<Parser> {
        let splitter = self.splitter.as_ref().filter(|splitter| !splitter.in_record())?;
        let (layout, delimiter) = (self.layout.clone()?, splitter.delimiter());
        let mut branch = Parser::new(self.wanted.clone(), OnReject::Fail, self.path);
        branch.begin_split(delimiter);
        branch.layout = Some(layout);
        Some(branch)
    }

    /// How many lines a branch took since this was last asked; `None` within a record.
    pub(super) fn take_lines(&mut self) -> Option<u64> {
        self.splitter.as_mut().filter(|splitter| !splitter.in_record()).map(Splitter::take_lines)
    }

    /// Notes lines that branches took.
    pub(super) fn pass_over(&mut self, lines: u64) {
        self.splitter.iter_mut().for_each(|splitter| splitter.pass_over(lines));
    }

    /// Takes the next chunk.
    ///
    /// # Errors
    /// If the header cannot be used, a record is no record, a row is refused, or the sink refuses.
    pub(crate) fn feed(&mut self, chunk: &[u8], sink: &mut impl RowSink) -> Result<()> {
        let mut at = 0;
        while at < chunk.len() {
            at = self.feed_some(chunk, at, sink)?;
        }
        Ok(())
    }

    /// Takes something of a chunk from this place on, and pauses when the sink is full: tells up to where it took it.
    ///
    /// # Errors
    /// As [`feed`](Parser::feed).
    pub(crate) fn feed_some(&mut self, chunk: &[u8], start: usize, sink: &mut impl RowSink) -> Result<usize> {
        if self.splitter.is_some() {
            return self.split(chunk, start, sink);
        }
        let rest = &chunk[start..];
        let line = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).map_or(rest.len(), |end| end + 1);
        self.head.extend_from_slice(&rest[..line]);
        if has_line(&self.head) || self.head.len() > LONGEST_RECORD {
            self.begin(sink)?;
        }
        Ok(start + line)
    }

    /// Takes the end of the input.
    ///
    /// # Errors
    /// As [`feed`](Parser::feed), and if the input was empty or ended inside quotes.
    pub(crate) fn finish(&mut self, sink: &mut impl RowSink) -> Result<()> {
        if self.splitter.is_none() {
            self.begin(sink)?;
        }
        let Parser { splitter: Some(splitter), path, layout, wanted, on_reject, rejected, .. } = self else {
            return Ok(());
        };
        if let Some(record) = splitter.finish()? {
            take(record, layout, (wanted, *path), on_reject, rejected, sink)?;
        }
        if layout.is_none() {
            return Err(Error::new(ErrorKind::InvalidData, "the input is empty: not even a header"));
        }
        Ok(())
    }

    /// The first line is there: its delimiter is the input's.
    fn begin(&mut self, sink: &mut impl RowSink) -> Result<()> {
        let head = std::mem::take(&mut self.head);
        let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head);
        self.begin_split(delimiter_of(text));
        let mut at = 0;
        while at < text.len() {
            at = self.split(text, at, sink)?;
        }
        self.fast.iter_mut().for_each(FastPath::forget_input);
        Ok(())
    }

    fn begin_split(&mut self, delimiter: u8) {
        self.splitter = Some(Splitter::new(delimiter));
        self.fast = (self.path != Path::Careful).then(|| FastPath::new(self.path, delimiter));
    }

    fn split(&mut self, chunk: &[u8], start: usize, sink: &mut impl RowSink) -> Result<usize> {
        let Parser { splitter: Some(splitter), path, fast, layout, wanted, on_reject, rejected, .. } = self else {
            return Ok(chunk.len());
        };
        let mut rest = &chunk[start..];
        if start == 0 {
            fast.iter_mut().for_each(FastPath::forget_input);
        }
        loop {
            if let Some(fast) = fast.as_mut().filter(|_| layout.is_some() && !splitter.in_record()) {
                let done = sink.fast(chunk, chunk.len() - rest.len(), fast);
                splitter.pass_over(done.rows);
                rest = &rest[done.bytes..];
            }
            // A pause only between two rows: where none is begun, the fast path can go on.
            if sink.is_full() {
                return Ok(chunk.len() - rest.len());
            }
            let Some(record) = splitter.next(&mut rest)? else { return Ok(chunk.len()) };
            take(record, layout, (wanted, *path), on_reject, rejected, sink)?;
        }
    }
}

/// A parser with the sink it feeds, as a writer.
#[derive(Debug)]
pub(crate) struct Feed<S> {
    parser: Parser,
    pub(crate) sink: S,
}

impl<S: RowSink> Feed<S> {
    /// Reads rows the careful way into `sink`.
    pub(crate) fn new(on_reject: OnReject, sink: S) -> Self {
        Feed { parser: Parser::new(Wanted::default(), on_reject, Path::Careful), sink }
    }

    /// How many rows were rejected so far.
    pub(crate) fn rejected(&self) -> u64 {
        self.parser.rejected()
    }

    /// The end of the input.
    ///
    /// # Errors
    /// As [`Parser::finish`].
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.parser.finish(&mut self.sink)
    }
}

impl<S: RowSink> Write for Feed<S> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.parser.feed(csv, &mut self.sink)?;
        Ok(csv.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One record: the header, or a row.
fn take(
    record: Record<'_>,
    layout: &mut Option<Layout>,
    (wanted, path): (&Wanted, Path),
    on_reject: &mut OnReject,
    rejected: &mut u64,
    sink: &mut impl RowSink,
) -> Result<()> {
    let layout = match layout {
        Some(layout) => layout,
        None => match Layout::read(record, wanted)? {
            First::Header(new) => return sink.header(layout.insert(new)),
            First::Row(new) => {
                sink.header(&new)?;
                layout.insert(new)
            }
        },
    };
    match Row::check(layout, record, path) {
        Ok(row) => sink.row(&row),
        Err(fault) => {
            *rejected += 1;
            on_reject.take(fault.describe(layout, record))
        }
    }
}

/// Whether there is a line with something in it.
fn has_line(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    head.iter().position(|byte| !is_end(byte)).is_some_and(|start| head[start..].iter().any(is_end))
}

/// The delimiter that stands most often outside quotes in the first line; a comma if none does.
pub(crate) fn delimiter_of(text: &[u8]) -> u8 {
    let start = text.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut quoted = false;
    for byte in &text[start..] {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(place) = DELIMITERS.iter().position(|delimiter| delimiter == byte) {
                    counts[place] += 1;
                }
            }
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let place = counts.iter().position(|count| *count == most).unwrap_or(0);
    DELIMITERS[place]
}
