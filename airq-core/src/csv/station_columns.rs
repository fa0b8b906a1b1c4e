//! The columns that describe the station of a row, and the profile of a station that rows make.

use super::row::Row;
use crate::bit_set::BitSet;
use crate::error::cut_bytes;
use crate::model::{MixedStations, PlaceCheck, Station};
use std::collections::BTreeMap;

/// The positions of the columns that describe the station of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StationColumns {
    pub(crate) name: Option<usize>,
    pub(crate) city: Option<usize>,
    pub(crate) country: Option<usize>,
    pub(crate) latitude: Option<usize>,
    pub(crate) longitude: Option<usize>,
}

impl StationColumns {
    /// Returns the columns with these names, ignoring case.
    pub(crate) fn of(names: &[String]) -> Self {
        StationColumns {
            name: column_of(names, &["name", "station_name"]),
            city: column_of(names, &["city"]),
            country: column_of(names, &["country"]),
            latitude: column_of(names, &["latitude", "lat"]),
            longitude: column_of(names, &["longitude", "lon", "lng", "long"]),
        }
    }

    /// Returns the positions of the columns.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        [self.name, self.city, self.country, self.latitude, self.longitude].into_iter().flatten()
    }

    /// Returns the texts of latitude and longitude, if there are both columns.
    #[inline]
    fn coordinates<'a>(&self, row: &Row<'a>) -> Option<[&'a [u8]; 2]> {
        let columns = [self.latitude?, self.longitude?];
        Some(columns.map(|column| row.column(column).unwrap_or_default()))
    }

    /// Adds the metadata that the row has and the station lacks. `unusable` gets each value that cannot be used: a coordinate that is not
    /// one, a text with a NUL character, which a database cannot store.
    ///
    /// Returns whether the station has all metadata that the columns can have.
    fn describe(&self, row: &Row<'_>, station: &mut Station, unusable: &mut dyn FnMut(String)) -> bool {
        if station.name.is_none() {
            station.name = text("name", row, self.name, unusable);
        }
        if station.city.is_none() {
            station.city = text("city", row, self.city, unusable);
        }
        if station.country.is_none() {
            station.country = text("country", row, self.country, unusable).filter(|code| code.len() == 2);
        }
        if let (None, Some([latitude, longitude])) = (station.latitude, self.coordinates(row)) {
            station.locate(latitude, longitude, unusable);
        }
        (self.name.is_none() || station.name.is_some())
            && (self.city.is_none() || station.city.is_some())
            && (self.country.is_none() || station.country.is_some())
            && (self.latitude.is_none() || self.longitude.is_none() || station.latitude.is_some())
    }
}

/// Returns the position of the first of the known names that a column has, ignoring case.
fn column_of(names: &[String], known: &[&str]) -> Option<usize> {
    known.iter().find_map(|known| names.iter().position(|name| name.trim().eq_ignore_ascii_case(known)))
}

/// The profile of a station: the metadata in its rows, and the parameters with values.
#[derive(Clone, Debug, Default)]
pub(crate) struct StationProfile {
    pub(crate) metadata: Station,
    /// The parameters with values, by positions that the owner of the profile assigns.
    pub(crate) parameters: BitSet,
    /// Metadata that cannot be used, with their number.
    pub(crate) unusable: BTreeMap<String, u64>,
    /// The places of the station, if there are several.
    pub(crate) mixed: MixedStations,
    has_all_metadata: bool,
    place: PlaceCheck,
}

impl StationProfile {
    /// Returns the empty profile of the station of a row.
    pub(crate) fn of_station(row: &Row<'_>) -> Self {
        let metadata = Station::new(String::from_utf8_lossy(row.station));
        StationProfile { metadata, ..StationProfile::default() }
    }

    /// Returns whether no further row can add metadata.
    #[inline]
    pub(crate) fn is_complete(&self, columns: &StationColumns) -> bool {
        self.has_all_metadata && columns.latitude.is_none()
    }

    /// Adds the metadata of a row.
    #[inline]
    pub(crate) fn add_row(&mut self, row: &Row<'_>, columns: &StationColumns) {
        if !self.has_all_metadata {
            self.has_all_metadata = columns.describe(row, &mut self.metadata, &mut |what| {
                *self.unusable.entry(what).or_default() += 1;
            });
        }
        if let Some(coordinates) = columns.coordinates(row) {
            self.place.check(&self.metadata, coordinates, &mut self.mixed);
        }
    }

    /// Adds the profile of later rows of the station.
    pub(crate) fn add(&mut self, later: StationProfile) {
        if self.mixed.count == 0 {
            self.mixed = later.mixed;
            self.mixed.note_places([&self.metadata, &later.metadata]);
        }
        self.metadata = std::mem::take(&mut self.metadata).or(later.metadata);
        self.parameters.insert_all(&later.parameters);
        for (what, count) in later.unusable {
            *self.unusable.entry(what).or_default() += count;
        }
    }
}

/// Returns the trimmed text of a column; `None` if the cell is blank or cannot be used.
fn text(name: &str, row: &Row<'_>, column: Option<usize>, unusable: &mut dyn FnMut(String)) -> Option<String> {
    let cell = row.column(column?)?;
    if cell.contains(&0) {
        unusable(format!("{name} {:?}", cut_bytes(cell)));
        return None;
    }
    let text = String::from_utf8_lossy(cell);
    let text = text.trim();
    if text.is_empty() { None } else { Some(text.to_owned()) }
}
