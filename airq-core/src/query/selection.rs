//! A query resolved against the stations of a data set: what a repository is asked for.

use super::{Averages, Cursor, Query, place};
use crate::aqi::AirQualityIndex;
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::model::{Pollutant, Station, Stations, Timestamp};
use std::collections::BTreeSet;

/// So many unknown names of a query are told which are nearest: looking is slow among many.
const HELPED: usize = 3;

/// What a [`Repository`](crate::Repository) is asked for: plain values, cities already turned into stations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// Only these stations, sorted by bytes and unique; `None` for all.
    pub stations: Option<Vec<String>>,
    /// The pollutants of the answer; empty for all that there are. A repository may write more columns.
    pub pollutants: Vec<Pollutant>,
    /// Rows at this instant or later.
    pub from: Option<Timestamp>,
    /// Rows before this instant.
    pub to: Option<Timestamp>,
    /// Rows behind this one in the order of an answer.
    pub after: Option<Cursor>,
    /// At most so many rows.
    pub limit: Option<u64>,
    /// All matching rows or the newest of each station.
    pub rows: Rows,
}

impl Selection {
    /// The pollutants of these columns that the answer has.
    pub(crate) fn wanted_of(&self, columns: &[Pollutant]) -> Vec<Pollutant> {
        let is_wanted = |column: &&Pollutant| self.pollutants.is_empty() || self.pollutants.contains(column);
        columns.iter().filter(is_wanted).copied().collect()
    }

    /// Whether a row of a selected station is in its range and behind its cursor.
    pub(crate) fn holds(&self, station: &[u8], time: Timestamp) -> bool {
        let is_behind = |cursor: &Cursor| (station, time) > (cursor.station.as_bytes(), cursor.time);
        self.from.is_none_or(|from| time >= from)
            && self.to.is_none_or(|to| time < to)
            && self.after.as_ref().is_none_or(is_behind)
    }
}

/// Which of a station's matching rows are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rows {
    /// Every row.
    #[default]
    All,
    /// The newest row of each station.
    Latest,
}

/// A query that has met its data set: canonical, echoed with the names as the data set writes them.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) selection: Selection,
    /// How its measurements are averaged, if they are.
    pub(crate) averaging: Option<Averages>,
    /// The index of each row, if one is asked for: of hours or days, which are averaged.
    pub(crate) index: Option<AirQualityIndex>,
    /// What the answer's `query` says: the filters that were given, as canonical name-value pairs.
    pub(crate) filters: Vec<(&'static str, Vec<String>)>,
    /// The limit of the answer, also when it was not given.
    pub(crate) limit: Option<u64>,
}

impl Query {
    /// Turns city names and places into stations.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCity`] or [`ErrorKind::UnknownStation`] with the nearest names.
    pub(crate) fn resolve(&self, known: &Stations) -> Result<Resolved> {
        let cities = self.canonical_cities(known)?;
        self.check_stations(known)?;
        let selection = Selection {
            stations: self.narrowed(known, self.selected(known, &cities)),
            pollutants: self.pollutants.clone(),
            from: self.from,
            to: self.to,
            after: self.cursor.clone(),
            limit: None,
            rows: if self.latest { Rows::Latest } else { Rows::All },
        };
        let averaging = self.averaging.clone();
        Ok(Resolved { selection, averaging, index: self.index, filters: self.filters(cities), limit: self.row_limit() })
    }

    fn canonical_cities(&self, known: &Stations) -> Result<Vec<String>> {
        let mut unknown = Vec::new();
        let mut names = BTreeSet::new();
        for given in &self.cities {
            match known.city_name(given) {
                Some(name) => drop(names.insert(name.to_owned())),
                None if unknown.len() < HELPED => {
                    unknown.push(Issue::unknown("city", given, known.nearest_cities(given)));
                }
                None => unknown.push(Issue::unknown("city", given, Vec::new())),
            }
        }
        refuse(ErrorKind::UnknownCity, unknown)?;
        Ok(names.into_iter().collect())
    }

    fn check_stations(&self, known: &Stations) -> Result<()> {
        let unknown = self.stations.iter().filter(|id| known.find(id).is_none());
        let nearest = |place, id: &str| if place < HELPED { known.nearest_stations(id) } else { Vec::new() };
        let issues = unknown.enumerate().map(|(place, id)| Issue::unknown("station", id, nearest(place, id))).collect();
        refuse(ErrorKind::UnknownStation, issues)
    }

    /// The stations named, those of the cities named, or those that are both where both are named.
    fn selected(&self, known: &Stations, cities: &[String]) -> Option<Vec<String>> {
        if cities.is_empty() {
            return (!self.stations.is_empty()).then(|| self.stations.clone());
        }
        let of_cities = cities.iter().flat_map(|city| known.in_city(city)).map(|station| station.id.clone());
        let named = |id: &String| self.stations.is_empty() || self.stations.contains(id);
        let ids: BTreeSet<String> = of_cities.filter(named).collect();
        Some(ids.into_iter().collect())
    }

    /// Of these stations, or of all, those that stand where it was asked for.
    fn narrowed(&self, known: &Stations, selected: Option<Vec<String>>) -> Option<Vec<String>> {
        if self.bbox.is_none() && self.near.is_none() {
            return selected;
        }
        let near = self.near.map(|point| (point, self.radius.unwrap_or(place::USUAL_RADIUS)));
        let stands = |station: &&Station| place::stands(station, self.bbox, near);
        let is_selected =
            |station: &&Station| selected.as_ref().is_none_or(|ids| ids.binary_search(&station.id).is_ok());
        Some(known.iter().filter(is_selected).filter(stands).map(|station| station.id.clone()).collect())
    }
}

fn refuse(kind: ErrorKind, issues: Vec<Issue>) -> Result<()> {
    if issues.is_empty() {
        return Ok(());
    }
    Err(Error::parameters(kind, issues))
}
