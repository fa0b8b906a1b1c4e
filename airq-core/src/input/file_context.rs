//! The surroundings of a table: the file's name, the lines above the header, the row of units, and the files next to it.

use super::charset::Charset;
use super::columns::Columns;
use super::description::built_in;
use super::input_file::{TABLES, cannot_read};
use super::recognise::without_brackets;
use super::records::trimmed;
use crate::csv::{Record, Splitter, delimiter_of};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::Unit;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The longest table of stations that is read.
const LONGEST_TABLE: u64 = 64 << 20;

/// The surroundings of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct FileContext {
    /// The path of the file; `None` for a stream.
    pub(super) path: Option<PathBuf>,
    /// The cells of the lines above the header.
    pub(super) lines: Vec<Vec<String>>,
    /// The cells of the row of units.
    pub(super) units: Vec<String>,
}

impl FileContext {
    /// The surroundings of a file with this name in messages.
    pub(super) fn of(path: Option<&Path>) -> Self {
        let path = path.filter(|path| *path != Path::new(super::input_file::STDIN_NAME));
        FileContext { path: path.map(Path::to_owned), ..FileContext::default() }
    }

    /// The file's name without its endings.
    pub(super) fn stem(&self) -> Option<String> {
        let name = self.path.as_ref()?.file_name()?.to_string_lossy().into_owned();
        let lower = name.to_ascii_lowercase();
        let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
        let stem = TABLES.iter().find_map(|ending| unpacked.strip_suffix(ending)).unwrap_or(unpacked);
        Some(name[..stem.len()].to_owned())
    }

    /// The text at `{}` in the file's name.
    ///
    /// # Errors
    /// If the file has no name, or one of another pattern.
    pub(super) fn of_name(&self, pattern: &str, format: &str) -> Result<String> {
        let name = match self.stem() {
            Some(stem) => match captured(pattern, &stem) {
                Some(found) => return Ok(found.to_owned()),
                None => format!("the file's name is {:?}", cut(&stem)),
            },
            None => "the stream has no name".to_owned(),
        };
        let why = format!("{format}: the station is in the file's name, {pattern:?}; {name}: add --map station==NAME");
        Err(Error::new(ErrorKind::InvalidSetting, why))
    }

    /// The first cell that is filled after a label above the header.
    pub(super) fn above(&self, label: &str) -> Option<String> {
        for line in &self.lines {
            let [first, cells @ ..] = line.as_slice() else { continue };
            if first.trim().eq_ignore_ascii_case(label) {
                return cells.iter().map(|cell| cell.trim()).find(|cell| !cell.is_empty()).map(str::to_owned);
            }
        }
        None
    }

    /// The unit of a column in the row of units.
    pub(super) fn unit(&self, index: usize) -> Option<Unit> {
        let text = without_brackets(self.units.get(index)?.trim());
        if text.is_empty() { None } else { Some(Unit::stated(text)) }
    }

    /// Returns the texts of a column by the texts of the key column, from a table next to the file.
    ///
    /// # Errors
    /// If there is no such table, or it lacks a column.
    pub(super) fn table(&self, pattern: &str, key: &str, column: &str) -> Result<HashMap<Vec<u8>, Vec<u8>>> {
        let Some(path) = self.beside(pattern) else {
            return Err(unusable_table(pattern, "was not found: it names the parameter and the station of each row"));
        };
        let name = path.display().to_string();
        if std::fs::metadata(&path).map_err(|error| cannot_read(&name, error))?.len() > LONGEST_TABLE {
            return Err(unusable_table(pattern, "is longer than 64 MiB"));
        }
        let bytes = std::fs::read(&path).map_err(|error| cannot_read(&name, error))?;
        let text = Charset::new().decode(&bytes, true).to_vec();
        let mut rest = text.as_slice();
        let mut splitter = Splitter::new(delimiter_of(rest));
        let Some(header) = splitter.next(&mut rest)?.map(Columns::read) else {
            return Err(unusable_table(pattern, "is empty"));
        };
        let key = header.need(key)?;
        let column = header.need(column)?;
        let mut texts = HashMap::new();
        while let Some(record) = splitter.next(&mut rest)? {
            add_text(&mut texts, record, key, column);
        }
        if let Some(record) = splitter.finish()? {
            add_text(&mut texts, record, key, column);
        }
        Ok(texts)
    }

    /// Returns whether there is a table next to the file with a name of the pattern.
    pub(super) fn has_table(&self, pattern: &str) -> bool {
        self.beside(pattern).is_some()
    }

    /// The first file next to this file, in the order of names, with a name of the pattern.
    fn beside(&self, pattern: &str) -> Option<PathBuf> {
        let folder = self.path.as_ref()?.parent()?;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut named = Vec::new();
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            if captured(pattern, &entry.file_name().to_string_lossy()).is_some() {
                named.push(entry.path());
            }
        }
        named.into_iter().min()
    }
}

/// Adds the text of a record, unless an earlier record has the same key.
fn add_text(texts: &mut HashMap<Vec<u8>, Vec<u8>>, record: Record<'_>, key: usize, column: usize) {
    texts.entry(trimmed(record, key).to_owned()).or_insert_with(|| trimmed(record, column).to_owned());
}

fn unusable_table(pattern: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("the table {pattern:?} next to the file {why}"))
}

/// Returns whether a file is a table of stations or sensors that a built-in description joins, by its name.
pub(crate) fn is_joined_table(name: &str) -> bool {
    for description in built_in() {
        if let Some(join) = &description.station.join
            && captured(&join.file, name).is_some()
        {
            return true;
        }
    }
    false
}

/// The text at `{}` of a pattern; `*` matches any text. The whole text for a pattern without `{}`. `None` if the text has another
/// form.
fn captured<'a>(pattern: &str, text: &'a str) -> Option<&'a str> {
    let Some((before, after)) = pattern.split_once("{}") else {
        return if matches(pattern, text) { Some(text) } else { None };
    };
    let boundaries: Vec<usize> = text.char_indices().map(|(position, _)| position).chain([text.len()]).collect();
    for (index, start) in boundaries.iter().enumerate() {
        if !matches(before, &text[..*start]) {
            continue;
        }
        for end in &boundaries[index + 1..] {
            if matches(after, &text[*end..]) {
                return Some(&text[*start..*end]);
            }
        }
    }
    None
}

/// Returns whether a text matches a pattern: `*` matches any text, and `?` any letter.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let mut positions = vec![true];
    positions.resize(text.len() + 1, false);
    // `positions[end]` is whether the read part of the pattern matches the text up to `end`.
    for letter in pattern {
        let mut next = vec![false; text.len() + 1];
        for end in 0..=text.len() {
            next[end] = match letter {
                '*' => positions[end] || (end > 0 && next[end - 1]),
                _ => end > 0 && positions[end - 1] && (letter == '?' || letter == text[end - 1]),
            };
        }
        positions = next;
    }
    positions[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_files_name_is_found() {
        for (pattern, name, found) in [
            ("{}", "dresden-nord", Some("dresden-nord")),
            ("*_sensor_{}", "2018-12-19_sds011_sensor_5331", Some("5331")),
            ("{}--*", "purple--149970", Some("purple")),
            ("x{}", "y", None),
            ("{}", "", None),
        ] {
            assert_eq!(captured(pattern, name), found, "{pattern} {name}");
        }
        for (path, stem) in [("a/PM25 Station.CSV.gz", "PM25 Station"), ("a/İ.csv", "İ"), ("a/b.c", "b.c")] {
            assert_eq!(FileContext::of(Some(Path::new(path))).stem().as_deref(), Some(stem));
        }
        #[cfg(feature = "parquet")]
        assert_eq!(FileContext::of(Some(Path::new("dresden.parquet"))).stem().as_deref(), Some("dresden"));
    }

    #[test]
    fn a_label_above_the_header_has_its_first_cell() {
        let lines = vec![vec!["Site Name".to_owned(), String::new(), "Mains Loan".to_owned(), String::new()]];
        let context = FileContext { lines, ..FileContext::default() };
        assert_eq!(context.above("site name").as_deref(), Some("Mains Loan"));
        assert_eq!(context.above("Latitude"), None);
    }
}
