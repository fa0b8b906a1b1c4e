//! The sources of a station's id and metadata: columns, or texts that are the same in every row.

use super::records::trimmed;
use crate::account::Account;
use crate::csv::{Record, StationColumns};
use crate::model::Station;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The source of a text.
#[derive(Clone, Debug, Default)]
pub(super) enum TextSource {
    #[default]
    None,
    Column(usize),
    /// The texts of several columns, joined.
    Columns(JoinedColumns),
    /// The text of a column after the first occurrence of a text.
    After(usize, Vec<u8>),
    /// The same text in every row.
    Constant(String),
    /// The replacement of another text.
    Mapped(Box<TextSource>, Arc<HashMap<Vec<u8>, Vec<u8>>>),
}

/// Columns with their texts joined.
#[derive(Clone, Debug)]
pub(super) struct JoinedColumns {
    columns: Vec<JoinedColumn>,
    indices: Vec<usize>,
}

/// A column of a joined text.
#[derive(Clone, Debug)]
pub(super) struct JoinedColumn {
    pub(super) index: usize,
    /// The number of digits that the text is filled to with zeros.
    pub(super) width: usize,
    /// The text between the column before and this column.
    pub(super) before: Vec<u8>,
}

impl JoinedColumns {
    pub(super) fn new(columns: Vec<JoinedColumn>) -> Self {
        let indices = columns.iter().map(|column| column.index).collect();
        JoinedColumns { columns, indices }
    }

    /// Columns with the same text between any two.
    pub(super) fn separated(indices: &[usize], separator: &str) -> Self {
        let before = separator.as_bytes();
        JoinedColumns::new(
            indices.iter().map(|index| JoinedColumn { index: *index, width: 0, before: before.to_owned() }).collect(),
        )
    }

    /// Returns whether the column is one of the columns.
    pub(super) fn has(&self, index: usize) -> bool {
        self.indices.contains(&index)
    }

    /// Appends the joined text of a record. Empty texts are left out, with their separators.
    pub(super) fn write(&self, record: Record<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        for column in &self.columns {
            let text = trimmed(record, column.index);
            if text.is_empty() {
                continue;
            }
            if out.len() > start {
                out.extend_from_slice(&column.before);
            }
            if column.width > text.len() {
                out.extend(std::iter::repeat_n(b'0', column.width - text.len()));
            }
            out.extend_from_slice(text);
        }
    }
}

impl TextSource {
    pub(super) fn optional_column(column: Option<usize>) -> Self {
        match column {
            Some(column) => TextSource::Column(column),
            None => TextSource::None,
        }
    }

    /// The text of a record, without surrounding blanks.
    #[inline]
    pub(super) fn bytes<'a>(&'a self, record: Record<'a>) -> Cow<'a, [u8]> {
        match self {
            // Most texts come from one column.
            TextSource::Column(index) => Cow::Borrowed(trimmed(record, *index)),
            _ => self.made_bytes(record),
        }
    }

    #[inline(never)]
    fn made_bytes<'a>(&'a self, record: Record<'a>) -> Cow<'a, [u8]> {
        match self {
            TextSource::None => Cow::Borrowed(b""),
            TextSource::Column(index) => Cow::Borrowed(trimmed(record, *index)),
            TextSource::Columns(joined) => {
                let mut text = Vec::new();
                joined.write(record, &mut text);
                Cow::Owned(text)
            }
            TextSource::After(index, before) => {
                let text = trimmed(record, *index);
                let start = text.windows(before.len().max(1)).position(|window| window == before.as_slice());
                match start {
                    Some(start) => Cow::Borrowed(&text[start + before.len()..]),
                    None => Cow::Borrowed(text),
                }
            }
            TextSource::Constant(text) => Cow::Borrowed(text.as_bytes()),
            TextSource::Mapped(source, texts) => {
                let text = texts.get(&*source.bytes(record));
                Cow::Borrowed(text.map(Vec::as_slice).unwrap_or_default())
            }
        }
    }

    pub(super) fn columns(&self) -> &[usize] {
        match self {
            TextSource::Column(index) | TextSource::After(index, _) => std::slice::from_ref(index),
            TextSource::Columns(joined) => &joined.indices,
            TextSource::Mapped(source, _) => source.columns(),
            TextSource::None | TextSource::Constant(_) => &[],
        }
    }

    fn text(&self, record: Record<'_>) -> Option<String> {
        if matches!(self, TextSource::None) {
            return None;
        }
        let text = self.bytes(record);
        if text.is_empty() { None } else { Some(String::from_utf8_lossy(&text).into_owned()) }
    }
}

/// The sources of the metadata of a row's station.
#[derive(Clone, Debug, Default)]
pub(super) struct MetadataSources {
    pub(super) name: TextSource,
    pub(super) city: TextSource,
    pub(super) country: TextSource,
    pub(super) latitude: TextSource,
    pub(super) longitude: TextSource,
    /// The column of the instrument or the sampling point of the value.
    pub(super) instrument: Option<usize>,
    /// The only column that the metadata are made of: rows with the same text there have the same metadata.
    pub(super) only_column: Option<usize>,
}

impl MetadataSources {
    /// Takes the metadata from these columns.
    pub(super) fn of_columns(columns: StationColumns) -> Self {
        MetadataSources {
            name: TextSource::optional_column(columns.name),
            city: TextSource::optional_column(columns.city),
            country: TextSource::optional_column(columns.country),
            latitude: TextSource::optional_column(columns.latitude),
            longitude: TextSource::optional_column(columns.longitude),
            instrument: None,
            only_column: None,
        }
    }

    /// Finds the only column that the metadata are made of.
    pub(super) fn with_only_column(mut self) -> Self {
        let first = self.columns().next();
        self.only_column = first.filter(|first| self.columns().all(|column| column == *first));
        self
    }

    /// Returns the texts of latitude and longitude, if each is in a column of its own and so may differ from row to row.
    #[inline]
    pub(super) fn coordinates<'a>(&self, record: Record<'a>) -> Option<[&'a [u8]; 2]> {
        match (&self.latitude, &self.longitude) {
            (TextSource::Column(latitude), TextSource::Column(longitude)) => {
                Some([trimmed(record, *latitude), trimmed(record, *longitude)])
            }
            _ => None,
        }
    }

    /// Adds the metadata that the record has and the station lacks.
    pub(super) fn fill(&self, record: Record<'_>, station: &mut Station, account: &mut Account) {
        if station.name.is_none() {
            station.name = self.name.text(record);
        }
        if station.city.is_none() {
            station.city = self.city.text(record);
        }
        if station.country.is_none() {
            station.country = self.country.text(record).filter(|code| code.len() == 2);
        }
        let has_place = !matches!((&self.latitude, &self.longitude), (TextSource::None, _) | (_, TextSource::None));
        if station.latitude.is_none() && has_place {
            let latitude = self.latitude.bytes(record);
            let longitude = self.longitude.bytes(record);
            station.locate(&latitude, &longitude, &mut |what| account.note_unused(&what, 1));
        }
    }

    /// The columns of the metadata.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        let sources = [&self.name, &self.city, &self.country, &self.latitude, &self.longitude];
        sources.into_iter().flat_map(TextSource::columns).copied().chain(self.instrument)
    }
}
