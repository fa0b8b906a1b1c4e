//! Stations, and the table of them that a data set has.

use super::{CityKey, nearest};
use std::collections::BTreeMap;

/// A place where air is measured. Everything but the id may be unknown.
///
/// ```
/// use airq_core::Station;
/// let station = Station { city: Some("Madrid".into()), ..Station::new("aq_salvia") };
/// assert_eq!(station.id, "aq_salvia");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Station {
    /// The id that measurements carry, such as `aq_salvia`.
    pub id: String,
    /// A name for people.
    pub name: Option<String>,
    /// The city as it is written.
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2, such as `ES`.
    pub country: Option<String>,
    /// Degrees north, WGS 84.
    pub latitude: Option<f64>,
    /// Degrees east, WGS 84.
    pub longitude: Option<f64>,
}

impl Station {
    /// So many bytes of an id fit into the key of a database's index.
    #[cfg(feature = "formats")]
    pub(crate) const LONGEST_ID: usize = 1000;

    /// A station of which only the id is known.
    pub fn new(id: impl Into<String>) -> Self {
        Station { id: id.into(), ..Station::default() }
    }

    /// The station, with what it leaves open as another has it.
    fn or(self, other: Station) -> Station {
        Station {
            id: self.id,
            name: self.name.or(other.name),
            city: self.city.or(other.city),
            country: self.country.or(other.country),
            latitude: self.latitude.or(other.latitude),
            longitude: self.longitude.or(other.longitude),
        }
    }
}

/// A city that a data set has stations in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct City {
    /// The name as the data set writes it.
    pub name: String,
    /// ISO 3166-1 alpha-2, if known.
    pub country: Option<String>,
    /// How many stations stand in it.
    pub stations: usize,
}

/// The stations of a data set, ordered by the bytes of their ids; finds them by id and by city.
///
/// ```
/// use airq_core::{Station, Stations};
/// let malaga = Station { city: Some("Málaga".into()), ..Station::new("aq_puerto") };
/// let stations = Stations::new([malaga, Station::new("aq_a")]);
/// assert_eq!(stations.iter().next().unwrap().id, "aq_a");
/// assert_eq!(stations.cities()[0].name, "Málaga");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stations {
    sorted: Vec<Station>,
    /// City key to positions in `sorted`.
    cities: BTreeMap<CityKey, Vec<usize>>,
}

impl Stations {
    /// The table of these stations; of two with one id the later wins.
    pub fn new(stations: impl IntoIterator<Item = Station>) -> Self {
        let by_id: BTreeMap<String, Station> =
            stations.into_iter().map(|station| (station.id.clone(), station)).collect();
        let sorted: Vec<Station> = by_id.into_values().collect();
        let mut cities: BTreeMap<CityKey, Vec<usize>> = BTreeMap::new();
        for (place, station) in sorted.iter().enumerate() {
            if let Some(city) = &station.city {
                cities.entry(CityKey::new(city)).or_default().push(place);
            }
        }
        Stations { sorted, cities }
    }

    /// The table with what is told besides: it stands before what was known, and what it leaves open stays.
    pub(crate) fn described_by(self, told: impl IntoIterator<Item = Station>) -> Self {
        let mut by_id: BTreeMap<String, Station> =
            self.sorted.into_iter().map(|station| (station.id.clone(), station)).collect();
        for station in told {
            let known = by_id.remove(&station.id).unwrap_or_default();
            by_id.insert(station.id.clone(), station.or(known));
        }
        Stations::new(by_id.into_values())
    }

    /// All stations in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Station> {
        self.sorted.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The station of this id.
    pub fn find(&self, id: &str) -> Option<&Station> {
        let place = self.sorted.binary_search_by(|station| station.id.as_str().cmp(id)).ok()?;
        self.sorted.get(place)
    }

    /// The stations of a city, whatever the case and accents it is written with; empty if there is no such city.
    pub fn in_city(&self, name: &str) -> impl Iterator<Item = &Station> {
        self.cities.get(&CityKey::new(name)).into_iter().flatten().map(|place| &self.sorted[*place])
    }

    /// The cities, ordered by name without case and accents.
    pub fn cities(&self) -> Vec<City> {
        self.cities.values().filter_map(|places| self.city_of(places)).collect()
    }

    fn city_of(&self, places: &[usize]) -> Option<City> {
        let first = self.sorted.get(*places.first()?)?;
        let country = places.iter().find_map(|place| self.sorted[*place].country.clone());
        Some(City { name: first.city.clone()?, country, stations: places.len() })
    }

    /// The name of a city as the data set writes it.
    pub(crate) fn city_name(&self, given: &str) -> Option<&str> {
        self.in_city(given).next()?.city.as_deref()
    }

    /// The names of existing cities nearest to this one.
    pub(crate) fn nearest_cities(&self, given: &str) -> Vec<String> {
        let names = self.cities.values().filter_map(|places| self.sorted[*places.first()?].city.as_deref());
        nearest(given, names)
    }

    /// The ids of existing stations nearest to this one.
    pub(crate) fn nearest_stations(&self, given: &str) -> Vec<String> {
        nearest(given, self.sorted.iter().map(|station| station.id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Stations {
        let of = |id: &str, city: &str| Station { city: Some(city.into()), ..Station::new(id) };
        Stations::new([of("aq_z", "Madrid"), of("aq_B", "MADRID"), of("aq_r", "Rivas-Vaciamadrid")])
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
