//! What tells a station's id and description: a column, or the format itself.

use super::records::{degrees, text, trimmed};
use crate::model::Station;
use crate::csv::Record;

/// What tells something of a station.
#[derive(Clone, Debug, Default)]
pub(super) enum Told {
    #[default]
    Nowhere,
    ByColumn(usize),
    /// It is this in every row.
    As(String),
}

impl Told {
    pub(super) fn by(column: Option<usize>) -> Self {
        column.map_or(Told::Nowhere, Told::ByColumn)
    }

    pub(super) fn bytes<'a>(&'a self, record: Record<'a>) -> &'a [u8] {
        match self {
            Told::Nowhere => b"",
            Told::ByColumn(place) => trimmed(record, *place),
            Told::As(text) => text.as_bytes(),
        }
    }

    pub(super) fn column(&self) -> Option<usize> {
        match self {
            Told::ByColumn(place) => Some(*place),
            _ => None,
        }
    }

    fn text(&self, record: Record<'_>) -> Option<String> {
        match self {
            Told::Nowhere => None,
            Told::ByColumn(place) => text(record, Some(*place)),
            Told::As(text) => Some(text.clone()),
        }
    }
}

/// What tells the description of a row's station.
#[derive(Clone, Debug, Default)]
pub(super) struct Description {
    pub(super) name: Option<usize>,
    pub(super) city: Told,
    pub(super) country: Told,
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

    /// The columns it is told by.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        [self.name, self.city.column(), self.country.column(), self.latitude, self.longitude].into_iter().flatten()
    }
}
