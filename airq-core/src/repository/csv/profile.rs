//! The profiles of stations: the metadata in their rows, and the parameters with values.

use super::row_set::column_map;
use super::table::Table;
use crate::account::Account;
use crate::csv::{Row, StationColumns, StationProfile};
use crate::model::{Parameter, Station};

/// The profiles of a part, by number of the station.
pub(super) type PartProfiles = Vec<(u32, StationProfile)>;

/// The profiles of all stations of a source, by number of the station.
#[derive(Debug, Default)]
pub(super) struct Profiles(Vec<Option<StationProfile>>);

impl Profiles {
    /// Adds the profiles of the next part.
    pub(super) fn add(&mut self, part: PartProfiles) {
        for (number, found) in part {
            let number = number as usize;
            if self.0.len() <= number {
                self.0.resize_with(number + 1, || None);
            }
            match &mut self.0[number] {
                Some(known) => known.add(found),
                slot => *slot = Some(found),
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &StationProfile> {
        self.0.iter().flatten()
    }

    /// Returns the stations. `columns` has the columns of the source.
    pub(super) fn stations(&self, columns: &[Parameter]) -> Vec<Station> {
        let mut stations = Vec::new();
        for profile in self.iter() {
            let parameters: Vec<Parameter> = profile.parameters.iter().map(|position| columns[position]).collect();
            let lacks_some = !parameters.is_empty() && parameters.len() < columns.len();
            let parameters = if lacks_some { Some(parameters) } else { None };
            stations.push(Station { parameters, ..profile.metadata.clone() });
        }
        stations
    }

    /// Adds invalid metadata and ids of several places to the account.
    pub(super) fn note(&self, account: &mut Account) {
        for profile in self.iter() {
            account.note_profile(profile);
        }
    }
}

/// Makes the profiles of one part after another.
pub(super) struct ProfileCollector {
    metadata: StationColumns,
    /// The positions of parameters among the columns of the source, each with its column in the table.
    parameters: Vec<(usize, usize)>,
    /// By number of the station.
    stations: Vec<Option<OpenProfile>>,
    /// By number of the station: whether no further row can add to the profile.
    is_complete: Vec<bool>,
}

impl ProfileCollector {
    pub(super) fn new(table: &Table, columns: &[Parameter]) -> Self {
        let layout = table.rows.layout();
        let columns = column_map(layout, columns).into_iter().enumerate();
        let parameters = columns.filter_map(|(position, column)| Some((position, column?))).collect();
        ProfileCollector {
            metadata: layout.station_columns(),
            parameters,
            stations: Vec::new(),
            is_complete: Vec::new(),
        }
    }

    /// Takes the next row of the part.
    #[inline]
    pub(super) fn row(&mut self, number: u32, row: &Row<'_>) {
        if self.is_complete.get(number as usize) != Some(&true) {
            self.add_row(number as usize, row);
        }
    }

    fn add_row(&mut self, number: usize, row: &Row<'_>) {
        if self.stations.len() <= number {
            self.stations.resize_with(number + 1, || None);
            self.is_complete.resize(number + 1, false);
        }
        let new = || OpenProfile { profile: StationProfile::of_station(row), lacking: self.parameters.clone() };
        let open = self.stations[number].get_or_insert_with(new);
        open.row(row, &self.metadata);
        self.is_complete[number] = open.is_complete(&self.metadata);
    }

    /// Ends the part.
    pub(super) fn end_part(&mut self) -> PartProfiles {
        self.is_complete.fill(false);
        let mut profiles = Vec::new();
        for (number, open) in (0..).zip(&mut self.stations) {
            if let Some(open) = open.take() {
                profiles.push((number, open.profile));
            }
        }
        profiles
    }
}

/// A profile that may lack something.
struct OpenProfile {
    profile: StationProfile,
    /// The parameters that have no values up to now.
    lacking: Vec<(usize, usize)>,
}

impl OpenProfile {
    fn is_complete(&self, metadata: &StationColumns) -> bool {
        self.lacking.is_empty() && self.profile.is_complete(metadata)
    }

    fn row(&mut self, row: &Row<'_>, metadata: &StationColumns) {
        let parameters = &mut self.profile.parameters;
        self.lacking.retain(|(position, column)| {
            let has_value = row.column(*column).is_some();
            if has_value {
                parameters.insert(*position);
            }
            !has_value
        });
        self.profile.add_row(row, metadata);
    }
}
