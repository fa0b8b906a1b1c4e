//! Station ids of several places or instruments.

use super::{Examples, Parameter, Station};
use std::collections::BTreeMap;
use std::fmt;

/// The difference in degrees from which two places are different: at most about 110 m.
const APART: f64 = 0.001;

/// A station id of several places or instruments.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MixedStation {
    /// The id of the station.
    pub station: String,
    /// The kind of the mixture.
    pub mixture: Mixture,
    /// The first place or instrument.
    pub one: String,
    /// The second place or instrument.
    pub other: String,
}

/// The kind of a [`MixedStation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mixture {
    /// Places that are more than 0.001° apart.
    Places,
    /// Instruments or sampling points of this parameter; `None` if rows have values of several parameters.
    Instruments(Option<Parameter>),
}

/// The mixed stations of a source: their number and the first of them. A station counts once for its places, and once for the
/// instruments of each parameter.
pub type MixedStations = Examples<MixedStation>;

impl MixedStations {
    /// Adds the stations that descriptions of several files put in several places.
    pub(crate) fn note_places<'a>(&mut self, descriptions: impl IntoIterator<Item = &'a Station>) {
        let mut places: BTreeMap<&str, [f64; 2]> = BTreeMap::new();
        for station in descriptions {
            let Some(place) = station.place() else { continue };
            match places.get(station.id.as_str()) {
                None => drop(places.insert(&station.id, place)),
                Some(first) => self.note_place(&station.id, *first, place),
            }
        }
    }

    /// Adds the station if its places are different.
    pub(crate) fn note_place(&mut self, station: &str, one: [f64; 2], other: [f64; 2]) {
        if !are_apart(one, other) {
            return;
        }
        let one = place_text(one);
        let other = place_text(other);
        self.note(|| MixedStation { station: station.to_owned(), mixture: Mixture::Places, one, other });
    }
}

fn place_text([latitude, longitude]: [f64; 2]) -> String {
    format!("{latitude},{longitude}")
}

/// Returns whether two places, latitude and longitude, are different.
fn are_apart(one: [f64; 2], other: [f64; 2]) -> bool {
    (one[0] - other[0]).abs() > APART || (one[1] - other[1]).abs() > APART
}

/// Checks that all rows of a station have one place.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlaceCheck {
    /// The texts of latitude and longitude of the last row.
    coordinates: [Vec<u8>; 2],
    has_failed: bool,
}

impl PlaceCheck {
    /// Checks the coordinates of a row. `station` has the first place.
    #[inline]
    pub(crate) fn check(&mut self, station: &Station, coordinates: [&[u8]; 2], mixed: &mut MixedStations) {
        if !self.has_failed && self.coordinates != coordinates {
            self.check_changed(station, coordinates, mixed);
        }
    }

    fn check_changed(&mut self, station: &Station, coordinates: [&[u8]; 2], mixed: &mut MixedStations) {
        self.coordinates = coordinates.map(<[u8]>::to_vec);
        let mut here = Station::default();
        here.locate(coordinates[0], coordinates[1], &mut |_| {});
        if let (Some(first), Some(here)) = (station.place(), here.place()) {
            self.has_failed = are_apart(first, here);
            mixed.note_place(&station.id, first, here);
        }
    }
}

impl fmt::Display for MixedStation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MixedStation { station, mixture, one, other } = self;
        match mixture {
            Mixture::Places => write!(f, "station {station:?} is at {one} and at {other}"),
            Mixture::Instruments(None) => write!(f, "station {station:?} has instruments {one:?} and {other:?}"),
            Mixture::Instruments(Some(parameter)) => {
                write!(f, "station {station:?} has instruments {one:?} and {other:?} of {parameter}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_station_at_two_places_is_named_with_both() {
        let at = |id: &str, latitude, longitude| Station {
            latitude: Some(latitude),
            longitude: Some(longitude),
            ..Station::new(id)
        };
        let mut mixed = MixedStations::default();
        mixed.note_places(&[at("a", 40.4, -3.7), Station::new("a"), at("b", 1.0, 2.0), at("a", 40.4005, -3.7)]);
        assert_eq!(mixed.count, 0);
        mixed.note_places(&[at("a", 40.4, -3.7), at("a", 41.4, -3.7)]);
        assert_eq!(
            (mixed.count, mixed.first[0].to_string().as_str()),
            (1, "station \"a\" is at 40.4,-3.7 and at 41.4,-3.7")
        );
    }
}
