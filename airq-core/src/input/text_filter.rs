//! Spellings of tables that CSV does not allow and people write: blanks between a delimiter and a quote, as in `"time", "station"`,
//! and runs of blanks as delimiters.

/// Changes the text of a file before it is split, chunk by chunk.
#[derive(Clone, Debug)]
pub(super) enum TextFilter {
    QuoteBlanks(QuoteBlanks),
    BlankRuns(BlankRuns),
}

impl TextFilter {
    /// Returns the filter that a file needs; `None` for most files.
    pub(super) fn of(head: &[u8], delimiter: Option<u8>) -> Option<Self> {
        match delimiter {
            Some(b' ') => Some(TextFilter::BlankRuns(BlankRuns::default())),
            _ => QuoteBlanks::of(head).map(TextFilter::QuoteBlanks),
        }
    }

    /// Returns the next chunk in the form that is split.
    pub(super) fn filter(&mut self, chunk: &[u8]) -> &[u8] {
        match self {
            TextFilter::QuoteBlanks(filter) => filter.filter(chunk),
            TextFilter::BlankRuns(filter) => filter.filter(chunk),
        }
    }
}

/// Makes one blank of each run of blanks and tabs, and none at the start and the end of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct BlankRuns {
    is_within_line: bool,
    has_blank: bool,
    out: Vec<u8>,
}

impl BlankRuns {
    fn filter(&mut self, chunk: &[u8]) -> &[u8] {
        self.out.clear();
        for byte in chunk {
            match byte {
                b' ' | b'\t' => self.has_blank = self.is_within_line,
                b'\r' | b'\n' => {
                    self.has_blank = false;
                    self.is_within_line = false;
                    self.out.push(*byte);
                }
                _ => {
                    if self.has_blank {
                        self.out.push(b' ');
                    }
                    self.has_blank = false;
                    self.is_within_line = true;
                    self.out.push(*byte);
                }
            }
        }
        &self.out
    }
}

/// Removes blanks between a delimiter and a quote, chunk by chunk.
#[derive(Clone, Debug)]
pub(super) struct QuoteBlanks {
    delimiter: u8,
    is_quoted: bool,
    /// True if the last byte outside quotes was a delimiter, or blanks after one.
    is_after_delimiter: bool,
    /// The blanks after a delimiter.
    held: Vec<u8>,
    out: Vec<u8>,
}

impl QuoteBlanks {
    /// Returns a filter if the first line of the text has blanks before a quote; `None` if it has none.
    fn of(text: &[u8]) -> Option<Self> {
        let line = text.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty())?;
        [b',', b';', b'\t', b'|'].into_iter().find(|delimiter| has_blanks(line, *delimiter)).map(|delimiter| {
            QuoteBlanks { delimiter, is_quoted: false, is_after_delimiter: false, held: Vec::new(), out: Vec::new() }
        })
    }

    /// The next chunk without these blanks.
    fn filter(&mut self, chunk: &[u8]) -> &[u8] {
        self.out.clear();
        for byte in chunk {
            if self.is_after_delimiter && !self.is_quoted && *byte == b' ' {
                self.held.push(*byte);
                continue;
            }
            if *byte != b'"' {
                self.out.append(&mut self.held);
            }
            self.held.clear();
            self.is_quoted ^= *byte == b'"';
            self.is_after_delimiter = *byte == self.delimiter;
            self.out.push(*byte);
        }
        &self.out
    }
}

/// Returns whether a line has a delimiter outside quotes, blanks, and a quote.
fn has_blanks(line: &[u8], delimiter: u8) -> bool {
    let mut is_quoted = false;
    for (position, byte) in line.iter().enumerate() {
        is_quoted ^= *byte == b'"';
        let rest = &line[position + 1..];
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        if *byte == delimiter && !is_quoted && blanks > 0 && rest.get(blanks) == Some(&b'"') {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_blanks_become_one() {
        let file = b"  1 24  \t0.5 \r\n\n2  3\n";
        for cut in 0..file.len() {
            let mut filter = TextFilter::of(file, Some(b' ')).unwrap();
            let mut out = filter.filter(&file[..cut]).to_vec();
            out.extend_from_slice(filter.filter(&file[cut..]));
            assert_eq!(String::from_utf8(out).unwrap(), "1 24 0.5\r\n\n2 3\n", "{cut}");
        }
    }

    #[test]
    fn blanks_before_quotes_are_removed_wherever_the_file_is_cut() {
        let file = b"\"time\", \"station\",  \"no2\", x\n\"a, \"\"b\"\"\", \"c\", 1, 2\n";
        let expected = b"\"time\",\"station\",\"no2\", x\n\"a, \"\"b\"\"\",\"c\", 1, 2\n";
        for cut in 0..file.len() {
            let mut filter = QuoteBlanks::of(file).unwrap();
            let mut out = filter.filter(&file[..cut]).to_vec();
            out.extend_from_slice(filter.filter(&file[cut..]));
            assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8(expected.to_vec()).unwrap(), "{cut}");
        }
        for file in [&b"a,b\n1, \"2\"\n"[..], b"\"a, \",b\n", b"a, b\n", b""] {
            assert!(QuoteBlanks::of(file).is_none());
        }
    }
}
