//! The sources of a station's id and metadata: columns, or texts that are the same in every row.

use super::records::{degrees, text, trimmed};
use crate::csv::Record;
use crate::model::Station;

/// The source of a text.
#[derive(Clone, Debug, Default)]
pub(super) enum TextSource {
    #[default]
    None,
    Column(usize),
    /// The same text in every row.
    Constant(String),
}

impl TextSource {
    pub(super) fn optional_column(column: Option<usize>) -> Self {
        column.map_or(TextSource::None, TextSource::Column)
    }

    pub(super) fn bytes<'a>(&'a self, record: Record<'a>) -> &'a [u8] {
        match self {
            TextSource::None => b"",
            TextSource::Column(place) => trimmed(record, *place),
            TextSource::Constant(text) => text.as_bytes(),
        }
    }

    pub(super) fn column(&self) -> Option<usize> {
        match self {
            TextSource::Column(place) => Some(*place),
            _ => None,
        }
    }

    fn text(&self, record: Record<'_>) -> Option<String> {
        match self {
            TextSource::None => None,
            TextSource::Column(place) => text(record, Some(*place)),
            TextSource::Constant(text) => Some(text.clone()),
        }
    }
}

/// The sources of the metadata of a row's station.
#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    pub(super) name: Option<usize>,
    pub(super) city: TextSource,
    pub(super) country: TextSource,
    pub(super) latitude: Option<usize>,
    pub(super) longitude: Option<usize>,
}

impl Description {
    pub(super) fn of(&self, record: Record<'_>, station: Station) -> Station {
        Station {
            name: text(record, self.name),
            city: self.city.text(record),
            country: self.country.text(record).filter(|code| code.len() == 2),
            latitude: degrees(record, self.latitude, 90.0),
            longitude: degrees(record, self.longitude, 180.0),
            ..station
        }
    }

    /// The columns of the metadata.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        [self.name, self.city.column(), self.country.column(), self.latitude, self.longitude].into_iter().flatten()
    }
}
