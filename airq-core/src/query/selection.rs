//! The selection: a query resolved against the stations and parameters of a data set.

use super::{Averages, Cursor, Query, place};
use crate::aqi::AirQualityIndex;
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::model::{HOUR, Parameter, Stations, Timestamp, Unit, Zone, nearest};
use std::collections::BTreeSet;

/// The number of unknown names for which the nearest names are looked up, because the search is slow among many names.
const HELPED: usize = 3;

/// The rows that a [`Repository`](crate::Repository) is asked for. Cities are already resolved to stations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// The ids of stations, sorted by bytes and unique; `None` for all stations.
    pub stations: Option<Vec<String>>,
    /// The parameters of the answer; empty for all parameters. A repository may write more columns.
    pub parameters: Vec<Parameter>,
    /// The earliest time, included.
    pub from: Option<Timestamp>,
    /// The latest time, excluded.
    pub to: Option<Timestamp>,
    /// The row after which the answer starts.
    pub after: Option<Cursor>,
    /// The greatest number of rows.
    pub limit: Option<u64>,
    /// All matching rows, or the rows with the newest values.
    pub rows: Rows,
}

impl Selection {
    /// Returns the parameters of these columns of which the answer has averages.
    pub(crate) fn averaged_of(&self, columns: &[Parameter]) -> Vec<Parameter> {
        let wanted = self.wanted_of(columns);
        wanted.into_iter().filter(|parameter| parameter.has_mean()).collect()
    }

    /// Returns the parameters of these columns that are selected.
    fn wanted_of(&self, columns: &[Parameter]) -> Vec<Parameter> {
        columns.iter().filter(|column| self.wants(**column)).copied().collect()
    }

    /// Returns the positions of the columns of selected parameters.
    pub(crate) fn wanted_positions(&self, columns: &[Parameter]) -> Vec<usize> {
        (0..columns.len()).filter(|position| self.wants(columns[*position])).collect()
    }

    fn wants(&self, parameter: Parameter) -> bool {
        self.parameters.is_empty() || self.parameters.contains(&parameter)
    }

    /// Returns whether a row of a selected station is in the range and after the cursor.
    pub(crate) fn holds(&self, station: &[u8], time: Timestamp) -> bool {
        let is_after_cursor = match &self.after {
            Some(cursor) => (station, time) > (cursor.station.as_bytes(), cursor.time),
            None => true,
        };
        let (first, end) = self.range();
        is_after_cursor && (first..end).contains(&time.as_microseconds())
    }

    /// Returns the time of the first row and the time after the last row, in microseconds since 1970.
    pub(crate) fn range(&self) -> (i64, i64) {
        let first = self.from.map_or(i64::MIN, Timestamp::as_microseconds);
        let end = self.to.map_or(i64::MAX, Timestamp::as_microseconds);
        (first, end)
    }

    /// Returns the greatest number of rows.
    pub(crate) fn most_rows(&self) -> usize {
        match self.limit {
            Some(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
            None => usize::MAX,
        }
    }
}

/// The rows of a station that are selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rows {
    /// Every row.
    #[default]
    All,
    /// The rows of each station with the newest value of a selected parameter.
    Latest,
}

impl Rows {
    /// The maximum age of a newest value, relative to the newest value of its station: 7 days, in microseconds.
    pub const REACH: i64 = 7 * 24 * HOUR;
}

/// A query resolved against a data set: in canonical form, with the names as the data set writes them.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) selection: Selection,
    /// The rules of averages; `None` for measurements.
    pub(crate) averaging: Option<Averages>,
    /// The index of each row, if the query has one. The rows are then averages of hours or days.
    pub(crate) index: Option<AirQualityIndex>,
    /// True if the rows of each station are in descending time. The selection then names the stations.
    pub(crate) is_descending: bool,
    /// The time zone of local times.
    pub(crate) zone: Zone,
    /// The unit of concentrations.
    pub(crate) units: Option<Unit>,
    /// The filters of the query as canonical name-value pairs: the `query` of the answer.
    pub(crate) filters: Vec<(&'static str, Vec<String>)>,
    /// The limit of the answer, given or by default.
    pub(crate) limit: Option<u64>,
}

impl Query {
    /// Resolves cities and places to stations, and parameters to parameters of the data set.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownCity`] or [`ErrorKind::UnknownStation`] with the nearest names; [`ErrorKind::InvalidParameter`] for a
    /// parameter that neither the vocabulary nor the data set has.
    pub(crate) fn resolve(&self, known: &Stations, parameters: &[Parameter]) -> Result<Resolved> {
        let cities = self.canonical_cities(known)?;
        self.check_stations(known)?;
        let mut stations = self.narrowed(known, self.selected(known, &cities));
        if self.is_descending && stations.is_none() {
            stations = Some(known.iter().map(|station| station.id.clone()).collect());
        }
        let parameters = match &stations {
            Some(ids) if self.parameters.is_empty() => measured_parameters(ids, known, parameters),
            _ => self.known_parameters(parameters)?,
        };
        let selection = Selection {
            stations,
            parameters,
            from: self.from,
            to: self.to,
            after: self.cursor.clone(),
            limit: None,
            rows: if self.latest { Rows::Latest } else { Rows::All },
        };
        Ok(Resolved {
            selection,
            averaging: self.averaging.clone(),
            index: self.index,
            is_descending: self.is_descending,
            zone: self.zone.clone(),
            units: self.units,
            filters: self.filters(cities),
            limit: self.row_limit(),
        })
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
        let unknown = self.stations.iter().filter(|id| known.get(id).is_none());
        let mut issues = Vec::new();
        for id in unknown {
            let nearest = if issues.len() < HELPED { known.nearest_stations(id) } else { Vec::new() };
            issues.push(Issue::unknown("station", id, nearest));
        }
        refuse(ErrorKind::UnknownStation, issues)
    }

    /// Returns the named parameters, with the units of the data set.
    fn known_parameters(&self, known: &[Parameter]) -> Result<Vec<Parameter>> {
        let mut parameters = Vec::new();
        let mut issues = Vec::new();
        for given in &self.parameters {
            if self.averaging.is_some() && !given.has_mean() {
                let why = "a parameter with averages: a direction or a sound level has no arithmetic mean";
                issues.push(Issue::new("parameter", given.code(), why));
                continue;
            }
            match known.iter().find(|known| *known == given) {
                Some(known) => parameters.push(*known),
                None if given.is_known() => parameters.push(*given),
                None => {
                    let all = known.iter().copied().chain(Parameter::known()).map(Parameter::code);
                    issues.push(Issue::unknown("parameter", given.code(), nearest(given.code(), all)));
                }
            }
        }
        refuse(ErrorKind::InvalidParameter, issues)?;
        Ok(parameters)
    }

    /// Returns the named stations, the stations of the named cities, or the stations that are both.
    fn selected(&self, known: &Stations, cities: &[String]) -> Option<Vec<String>> {
        if cities.is_empty() {
            return if self.stations.is_empty() { None } else { Some(self.stations.clone()) };
        }
        let mut ids = BTreeSet::new();
        for station in cities.iter().flat_map(|city| known.in_city(city)) {
            if self.stations.is_empty() || self.stations.contains(&station.id) {
                ids.insert(station.id.clone());
            }
        }
        Some(ids.into_iter().collect())
    }

    /// Returns the stations among these, or among all, that are in the box and near the point of the query.
    fn narrowed(&self, known: &Stations, selected: Option<Vec<String>>) -> Option<Vec<String>> {
        if self.bbox.is_none() && self.near.is_none() {
            return selected;
        }
        let near = self.near.map(|point| (point, self.radius.unwrap_or(place::USUAL_RADIUS)));
        let mut ids = Vec::new();
        for station in known {
            let is_selected = match &selected {
                Some(selected) => selected.binary_search(&station.id).is_ok(),
                None => true,
            };
            if is_selected && place::stands(station, self.bbox, near) {
                ids.push(station.id.clone());
            }
        }
        Some(ids)
    }
}

/// Returns the parameters that the stations measure, in the order of columns. Returns an empty list for all parameters of the data
/// set.
fn measured_parameters(ids: &[String], known: &Stations, parameters: &[Parameter]) -> Vec<Parameter> {
    let mut measured: BTreeSet<Parameter> = BTreeSet::new();
    for id in ids {
        match known.get(id).and_then(|station| station.parameters.as_ref()) {
            Some(of_station) => measured.extend(of_station),
            None => return Vec::new(),
        }
    }
    let measured: Vec<Parameter> =
        parameters.iter().filter(|parameter| measured.contains(parameter)).copied().collect();
    if measured.len() == parameters.len() { Vec::new() } else { measured }
}

fn refuse(kind: ErrorKind, issues: Vec<Issue>) -> Result<()> {
    if issues.is_empty() {
        return Ok(());
    }
    Err(Error::parameters(kind, issues))
}
