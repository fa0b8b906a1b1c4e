//! Files that are no tables of text, by their first bytes.

use crate::error::{Error, Position};

/// A kind of file that is not CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileKind {
    what: &'static str,
    hint: &'static str,
}

#[cfg(feature = "parquet")]
const PARQUET_HINT: &str = "give it as a file, because its description is at its end";
#[cfg(not(feature = "parquet"))]
const PARQUET_HINT: &str = "convert it to CSV first, for example with DuckDB";

/// The kinds, by how their files begin.
const KINDS: [(&[u8], FileKind); 12] = [
    (b"PAR1", FileKind { what: "a Parquet file", hint: PARQUET_HINT }),
    (b"\xfd7zXZ\0", FileKind { what: "a file packed by xz", hint: "unpack it with unxz first" }),
    (b"BZh", FileKind { what: "a file packed by bzip2", hint: "unpack it with bunzip2 first" }),
    (b"\x28\xb5\x2f\xfd", FileKind { what: "a file packed by zstd", hint: "unpack it with unzstd first" }),
    (b"7z\xbc\xaf\x27\x1c", FileKind { what: "a 7z archive", hint: "unpack it first" }),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind { what: "an Excel workbook (.xls)", hint: "save it as CSV first" }),
    (
        b"PK\x03\x04",
        FileKind { what: "a ZIP archive or an Excel workbook (.xlsx)", hint: "save a workbook as CSV first" },
    ),
    (b"%PDF", FileKind { what: "a PDF document", hint: "it holds no table that can be read" }),
    (b"CDF", FileKind { what: "a NetCDF file", hint: "convert it to CSV first" }),
    (b"\x89HDF", FileKind { what: "an HDF5 or NetCDF file", hint: "convert it to CSV first" }),
    (b"SQLite format 3\0", FileKind { what: "an SQLite database", hint: "export a table as CSV first" }),
    (b"ARROW1", FileKind { what: "an Arrow file", hint: "convert it to CSV first" }),
];
const HTML: FileKind =
    FileKind { what: "a page of HTML", hint: "the address may have given an error page, or need a log-in" };
const XML: FileKind = FileKind { what: "an XML document", hint: "it is not CSV" };
const JSON: FileKind = FileKind { what: "JSON", hint: "convert it to CSV first, for example with jq" };
const UTF_16: FileKind =
    FileKind { what: "UTF-16 without a byte order mark", hint: "convert it first: iconv -f UTF-16LE -t UTF-8" };

impl FileKind {
    /// Returns the kind of a file with this beginning, or `None` if the file may be a table.
    pub(super) fn of(head: &[u8]) -> Option<FileKind> {
        if let Some((_, kind)) = KINDS.iter().find(|(start, _)| head.starts_with(start)) {
            // A header could start with the letters.
            let is_letters = head.len() > 8 && head[..8].iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
            let is_binary = head.iter().take(64).any(|byte| *byte < b'\t');
            let is_table = is_letters && !is_binary && !head.starts_with(b"%PDF");
            return if is_table { None } else { Some(*kind) };
        }
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let lower: Vec<u8> = text.iter().take(64).map(u8::to_ascii_lowercase).collect();
        if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") || lower.starts_with(b"<head") {
            return Some(HTML);
        }
        if lower.starts_with(b"<?xml") || lower.starts_with(b"<!--") {
            return Some(XML);
        }
        if is_json(text) {
            return Some(JSON);
        }
        if is_utf_16(head) { Some(UTF_16) } else { None }
    }

    /// The error about a file of the kind.
    pub(super) fn error(self) -> Error {
        Error::at(Position { line: 1, ..Position::default() }, format!("this is {}: {}", self.what, self.hint))
    }
}

/// Returns whether the text opens an object, or an array of objects or arrays.
fn is_json(text: &[u8]) -> bool {
    match text {
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')),
        [b'[', rest @ ..] => matches!(rest.trim_ascii_start().first(), Some(b'{' | b'[' | b']')),
        _ => false,
    }
}

/// Returns whether every second byte of the first bytes is zero.
fn is_utf_16(head: &[u8]) -> bool {
    let pairs = head.as_chunks::<2>().0;
    let pairs = &pairs[..pairs.len().min(16)];
    let little = pairs.iter().filter(|pair| pair[0] != 0 && pair[1] == 0).count();
    let big = pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    pairs.len() >= 4 && (little == pairs.len() || big == pairs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_tables_are_named() {
        for (head, what) in [
            (&b"PAR1\x15\x04\x15\x10"[..], "Parquet"),
            (b"<!DOCTYPE html>\n<html>", "HTML"),
            (b"\xef\xbb\xbf <HTML>", "HTML"),
            (b"{\"results\":[]}", "JSON"),
            (b"[\n {\"a\":1}]", "JSON"),
            (b"\xfd7zXZ\0\0\x04", "xz"),
            (b"t\0i\0m\0e\0,\0", "UTF-16"),
            (b"<?xml version=\"1.0\"?>", "XML"),
        ] {
            let error = FileKind::of(head).unwrap().error();
            assert!(error.to_string().contains(what), "{error}");
        }
        for head in [&b"time,station,no2\n"[..], b"[a],b\n", b"{x},y\n", b"CDF,time,value\n", b"", b"BZhour,station\n"]
        {
            assert_eq!(FileKind::of(head), None, "{}", String::from_utf8_lossy(head));
        }
    }
}
