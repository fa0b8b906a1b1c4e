//! Stations, and the table of the stations of a data set.

use super::{CityKey, Parameter, nearest};
use crate::error::cut_bytes;
use std::collections::BTreeMap;
use std::fmt;

/// A station that measures the air. All fields except the id may be unknown.
///
/// ```
/// use airq_core::Station;
/// let station = Station { city: Some("Madrid".into()), ..Station::new("aq_salvia") };
/// assert_eq!(station.id, "aq_salvia");
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Station {
    /// The id in measurements, such as `aq_salvia`.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// The city, in the spelling of the source.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2, such as `ES`.
    pub country: Option<String>,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
    /// The parameters of which the station has values, in the order of columns; `None` if they are unknown, or are all parameters
    /// of the data set.
    pub parameters: Option<Vec<Parameter>>,
}

/// Leaves out unknown parameters, because the version of rows in memory is a hash of this text.
impl fmt::Debug for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Station");
        fields
            .field("id", &self.id)
            .field("name", &self.name)
            .field("city", &self.city)
            .field("country", &self.country);
        fields.field("latitude", &self.latitude).field("longitude", &self.longitude);
        if let Some(parameters) = &self.parameters {
            fields.field("parameters", parameters);
        }
        fields.finish()
    }
}

impl Station {
    /// The greatest number of bytes of an id: longer ids do not fit into an index of a database.
    #[cfg(feature = "formats")]
    pub(crate) const LONGEST_ID: usize = 1000;

    /// Returns a station with an id and no metadata.
    pub fn new(id: impl Into<String>) -> Self {
        Station { id: id.into(), ..Station::default() }
    }

    /// Fills missing metadata from another description of the station.
    pub(crate) fn or(self, other: Station) -> Station {
        Station {
            id: self.id,
            name: self.name.or(other.name),
            city: self.city.or(other.city),
            country: self.country.or(other.country),
            latitude: self.latitude.or(other.latitude),
            longitude: self.longitude.or(other.longitude),
            parameters: self.parameters.or(other.parameters),
        }
    }

    /// Returns latitude and longitude, if both are known.
    pub(crate) fn place(&self) -> Option<[f64; 2]> {
        Some([self.latitude?, self.longitude?])
    }

    /// Sets both coordinates by their texts, or none of them. `unusable` gets each text that is not a coordinate.
    pub(crate) fn locate(&mut self, latitude: &[u8], longitude: &[u8], unusable: &mut dyn FnMut(String)) {
        if let (Some(latitude), Some(longitude)) = (degrees(latitude, 90.0), degrees(longitude, 180.0)) {
            self.latitude = Some(latitude);
            self.longitude = Some(longitude);
            return;
        }
        for (name, text) in [("latitude", latitude), ("longitude", longitude)] {
            if !text.trim_ascii().is_empty() {
                unusable(format!("{name} {:?}", cut_bytes(text.trim_ascii())));
            }
        }
    }
}

/// Parses degrees, with a decimal point or comma; `None` if the text is not a number up to `most`.
fn degrees(text: &[u8], most: f64) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let degrees: f64 = text.replace(',', ".").parse().ok()?;
    if degrees.abs() <= most { Some(degrees) } else { None }
}

/// A city with stations of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct City {
    /// The name, in the spelling of the data set.
    pub name: String,
    /// ISO 3166-1 alpha-2, if known.
    pub country: Option<String>,
    /// The number of stations in the city.
    pub stations: usize,
}

/// The stations of a data set, ordered by the bytes of their ids. Stations are found by id and by city.
///
/// ```
/// use airq_core::{Station, Stations};
/// let malaga = Station { city: Some("Málaga".into()), ..Station::new("aq_puerto") };
/// let stations: Stations = [malaga, Station::new("aq_a")].into_iter().collect();
/// assert_eq!(stations.iter().next().unwrap().id, "aq_a");
/// assert_eq!(stations.cities()[0].name, "Málaga");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stations {
    sorted: Vec<Station>,
    /// The positions in `sorted` by the key of the city.
    cities: BTreeMap<CityKey, Vec<usize>>,
}

impl Stations {
    fn from_sorted(by_id: BTreeMap<String, Station>) -> Self {
        let sorted: Vec<Station> = by_id.into_values().collect();
        let mut cities: BTreeMap<CityKey, Vec<usize>> = BTreeMap::new();
        for (place, station) in sorted.iter().enumerate() {
            if let Some(city) = &station.city {
                cities.entry(CityKey::new(city)).or_default().push(place);
            }
        }
        Stations { sorted, cities }
    }

    /// Adds descriptions. A description replaces known metadata, and missing fields of a description keep the known metadata.
    pub(crate) fn described_by(self, told: impl IntoIterator<Item = Station>) -> Self {
        let mut by_id: BTreeMap<String, Station> =
            self.sorted.into_iter().map(|station| (station.id.clone(), station)).collect();
        for station in told {
            let known = by_id.remove(&station.id).unwrap_or_default();
            by_id.insert(station.id.clone(), station.or(known));
        }
        Stations::from_sorted(by_id)
    }

    /// Returns the stations in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Station> {
        self.sorted.iter()
    }

    /// Returns the number of stations.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Returns whether there are no stations.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Returns the station with this id.
    pub fn get(&self, id: &str) -> Option<&Station> {
        let place = self.sorted.binary_search_by(|station| station.id.as_str().cmp(id)).ok()?;
        self.sorted.get(place)
    }

    /// Returns the stations of a city, ignoring case and accents of the name. The result is empty for an unknown city.
    pub fn in_city(&self, name: &str) -> impl Iterator<Item = &Station> {
        self.cities.get(&CityKey::new(name)).into_iter().flatten().map(|place| &self.sorted[*place])
    }

    /// Returns the cities, ordered by name without case and accents.
    pub fn cities(&self) -> Vec<City> {
        self.cities.values().filter_map(|places| self.city_of(places)).collect()
    }

    fn city_of(&self, places: &[usize]) -> Option<City> {
        let first = self.sorted.get(*places.first()?)?;
        let country = places.iter().find_map(|place| self.sorted[*place].country.clone());
        Some(City { name: first.city.clone()?, country, stations: places.len() })
    }

    /// Returns the name of a city in the spelling of the data set.
    pub(crate) fn city_name(&self, given: &str) -> Option<&str> {
        self.in_city(given).next()?.city.as_deref()
    }

    /// Returns the names of existing cities that are most similar to a name.
    pub(crate) fn nearest_cities(&self, given: &str) -> Vec<String> {
        let names = self.cities.values().filter_map(|places| self.sorted[*places.first()?].city.as_deref());
        nearest(given, names)
    }

    /// Returns the ids of existing stations that are most similar to an id.
    pub(crate) fn nearest_stations(&self, given: &str) -> Vec<String> {
        nearest(given, self.sorted.iter().map(|station| station.id.as_str()))
    }
}

/// Collects stations. Of two stations with the same id, the later one is kept.
impl FromIterator<Station> for Stations {
    fn from_iter<I: IntoIterator<Item = Station>>(stations: I) -> Self {
        Stations::from_sorted(stations.into_iter().map(|station| (station.id.clone(), station)).collect())
    }
}

impl<'a> IntoIterator for &'a Stations {
    type Item = &'a Station;
    type IntoIter = std::slice::Iter<'a, Station>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Stations {
    type Item = Station;
    type IntoIter = std::vec::IntoIter<Station>;

    fn into_iter(self) -> Self::IntoIter {
        self.sorted.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Stations {
        let of = |id: &str, city: &str| Station { city: Some(city.into()), ..Station::new(id) };
        Stations::from_iter([of("aq_z", "Madrid"), of("aq_B", "MADRID"), of("aq_r", "Rivas-Vaciamadrid")])
    }

    #[test]
    fn the_order_is_by_bytes() {
        assert_eq!(table().iter().map(|s| s.id.clone()).collect::<Vec<_>>(), ["aq_B", "aq_r", "aq_z"]);
    }

    #[test]
    fn a_city_is_found_in_any_case_and_never_by_a_part() {
        let table = table();
        assert_eq!(table.in_city("madrid").map(|s| s.id.as_str()).collect::<Vec<_>>(), ["aq_B", "aq_z"]);
        assert_eq!(table.in_city("vaciamadrid").count(), 0);
        assert_eq!(table.cities().len(), 2);
    }
}
