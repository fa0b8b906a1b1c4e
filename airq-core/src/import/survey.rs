//! The survey of the rows of an import.

use crate::account::Account;
use crate::csv::{Row, StationColumns, StationProfile};
use crate::input::tally::Sums;
use crate::model::{Parameter, Period, Station, Timestamp};
use std::collections::HashMap;

/// Facts about the rows of an import.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The number of rows that were copied to the database.
    pub(super) copied: u64,
    /// The number of rows that the parser accepted and the database cannot store.
    pub(super) refused: u64,
    pub(super) stations: HashMap<Vec<u8>, StationSurvey>,
    /// Stations as files of measurements describe them.
    pub(super) described: Vec<Station>,
    /// The period of the values, if the files state it.
    pub(super) period: Option<Period>,
    /// The parameters in headers, also those without a value, in the order of their first use.
    pub(super) parameters: Vec<Parameter>,
    /// True if rows of a file are values, which are counted one by one.
    pub(super) has_values_as_rows: bool,
    /// The summary of each parameter.
    pub(super) sums: Sums,
    /// The number of values in the rows.
    pub(super) values: u64,
    /// True if the rows of a station are out of the order of time. Only then can two rows have one station and time.
    pub(super) is_unordered: bool,
}

/// Facts about the rows of a station.
#[derive(Debug)]
pub(super) struct StationSurvey {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    profile: StationProfile,
}

impl StationSurvey {
    /// Adds a row. The positions of its values are those of their summaries.
    fn add_row(&mut self, row: &Row<'_>, metadata: &StationColumns, values: &[(usize, f64)]) {
        self.first = self.first.min(row.time);
        self.last = self.last.max(row.time);
        for (position, _) in values {
            self.profile.parameters.insert(*position);
        }
        if !self.profile.is_complete(metadata) {
            self.profile.add_row(row, metadata);
        }
    }
}

impl Survey {
    /// Adds a row, whose values have the positions of their summaries.
    pub(super) fn add_row(&mut self, row: &Row<'_>, metadata: &StationColumns, values: &[(usize, f64)]) {
        self.copied += 1;
        if let Some(station) = self.stations.get_mut(row.station) {
            self.is_unordered |= row.time <= station.last;
            station.add_row(row, metadata, values);
            return;
        }
        let profile = StationProfile::of_station(row);
        let mut station = StationSurvey { first: row.time, last: row.time, profile };
        station.add_row(row, metadata, values);
        self.stations.insert(row.station.to_owned(), station);
    }

    /// Adds invalid metadata and ids of several places to the account.
    pub(super) fn add_notes(&self, account: &mut Account) {
        for station in self.stations.values() {
            account.note_profile(&station.profile);
        }
        let measured: Vec<Station> = self.measured().collect();
        account.mixed_stations.note_places(self.described.iter().chain(&measured));
    }

    /// Returns the stations with their metadata and the parameters that have values.
    pub(super) fn measured(&self) -> impl Iterator<Item = Station> + '_ {
        self.stations.values().map(|station| {
            let StationProfile { metadata, parameters, .. } = &station.profile;
            let parameters = parameters.iter().map(|position| self.sums.parameter(position)).collect();
            Station { parameters: Some(parameters), ..metadata.clone() }
        })
    }

    /// Adds the parameters of a header. Returns the parameters that no header before has had.
    pub(super) fn add_parameters(&mut self, parameters: &[Parameter]) -> Vec<Parameter> {
        let new: Vec<Parameter> =
            parameters.iter().filter(|parameter| !self.parameters.contains(*parameter)).copied().collect();
        self.parameters.extend(&new);
        new
    }
}
