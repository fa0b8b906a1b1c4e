//! Joins pages of CSV below one header.

use crate::error::{Error, ErrorKind, Result};
use crate::text::QuoteTracker;
use std::io::Write;

const LONGEST_HEADER: usize = 4096;

/// Joins pages that come in pieces cut anywhere. Nothing is written before the first row or the end.
pub(super) struct Sink<'a> {
    out: &'a mut dyn Write,
    /// The header of the first page.
    header: Option<Vec<u8>>,
    /// The part of this page's header up to now.
    beginning: Vec<u8>,
    in_header: bool,
    quotes: QuoteTracker,
    last: u8,
    rows: u64,
    written: bool,
}

impl<'a> Sink<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Sink {
            out,
            header: None,
            beginning: Vec::new(),
            in_header: true,
            quotes: QuoteTracker::default(),
            last: b'\n',
            rows: 0,
            written: false,
        }
    }

    /// Returns the number of rows up to now.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Returns whether anything was written.
    pub(super) fn has_written(&self) -> bool {
        self.written
    }

    /// Writes a piece of a page.
    ///
    /// # Errors
    /// If the page is not of the same answer; the error of the output.
    pub(super) fn write(&mut self, mut piece: &[u8]) -> Result<()> {
        if self.in_header {
            piece = self.take_header(piece)?;
        }
        let Some(last) = piece.last() else { return Ok(()) };
        self.last = *last;
        for byte in piece {
            self.rows += u64::from(self.quotes.can_separate(*byte) && *byte == b'\n');
        }
        self.write_header()?;
        Ok(self.out.write_all(piece)?)
    }

    /// Reads the header of the page. Returns the rest of the piece.
    fn take_header<'p>(&mut self, piece: &'p [u8]) -> Result<&'p [u8]> {
        let Some(end) = piece.iter().position(|byte| *byte == b'\n') else {
            self.beginning.extend_from_slice(piece);
            return if self.beginning.len() > LONGEST_HEADER { Err(no_page()) } else { Ok(&[]) };
        };
        self.beginning.extend_from_slice(&piece[..=end]);
        let header = std::mem::take(&mut self.beginning);
        if !header.starts_with(b"station,time") || self.header.as_ref().is_some_and(|first| *first != header) {
            return Err(no_page());
        }
        self.header = Some(header);
        self.in_header = false;
        Ok(&piece[end + 1..])
    }

    fn write_header(&mut self) -> Result<()> {
        if let Some(header) = self.header.as_ref().filter(|_| !self.written) {
            self.written = true;
            self.out.write_all(header)?;
        }
        Ok(())
    }

    /// Ends the page.
    ///
    /// # Errors
    /// If the page ends within a row or within its header.
    pub(super) fn end_page(&mut self) -> Result<()> {
        if self.in_header || self.quotes.is_within_quotes() || self.last != b'\n' {
            return Err(no_page());
        }
        self.in_header = true;
        Ok(())
    }

    /// Writes the header of an answer without pages.
    ///
    /// # Errors
    /// As [`write`](Sink::write).
    pub(super) fn write_header_only(&mut self, header: &[u8]) -> Result<()> {
        self.write(header)?;
        self.end_page()
    }

    /// Ends the answer.
    ///
    /// # Errors
    /// The error of the output.
    pub(super) fn finish(mut self) -> Result<()> {
        self.write_header()
    }
}

fn no_page() -> Error {
    Error::new(ErrorKind::Unavailable, "the source's answer is not the page of CSV it should be: is it an airq server?")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins pages in pieces of this length.
    fn together(pages: &[&str], length: usize) -> Result<(String, u64)> {
        let mut out = Vec::new();
        let mut sink = Sink::new(&mut out);
        for page in pages {
            for piece in page.as_bytes().chunks(length) {
                sink.write(piece)?;
            }
            sink.end_page()?;
        }
        let rows = sink.rows();
        sink.finish()?;
        Ok((String::from_utf8(out).unwrap(), rows))
    }

    #[test]
    fn pages_make_one_answer_wherever_they_are_cut() {
        let pages = ["station,time,no2\na,1,2\n", "station,time,no2\n", "station,time,no2\n\"b\n\"\"\",1,2\nc,1,2\n"];
        for length in 1..30 {
            let (text, rows) = together(&pages, length).unwrap();
            assert_eq!(text, "station,time,no2\na,1,2\n\"b\n\"\"\",1,2\nc,1,2\n");
            assert_eq!(rows, 3, "a line end inside quotes is none");
        }
        assert_eq!(together(&["station,time,no2\n"], 4).unwrap(), ("station,time,no2\n".to_owned(), 0));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for pages in [
            &["<html>\n"][..],
            &[""],
            &["station,time"],
            &["station,time\na,1"],
            &["station,time\n\"a,1\n"],
            &["station,time\na,1\n", "station,time,no2\na,2,3\n"],
        ] {
            assert!(together(pages, 5).unwrap_err().is_unavailable(), "{pages:?}");
        }
        assert!(together(&[&"x".repeat(10_000)], 100).is_err());
    }

    #[test]
    fn nothing_is_written_before_there_is_a_row() {
        let mut out = Vec::new();
        let mut sink = Sink::new(&mut out);
        sink.write(b"station,time\n").unwrap();
        sink.end_page().unwrap();
        assert!(!sink.has_written());
        sink.write(b"station,time\na,1\n").unwrap();
        assert!(sink.has_written());
    }
}
