//! What is known of the rows of an import once they were read.

use crate::input::tally::Sums;
use crate::model::{self, Pollutant, Timestamp};
use std::collections::HashMap;

/// What is known of the rows that were read.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The number of rows that were copied to the database.
    pub(super) copied: u64,
    /// The number of rows that the parser accepted and the database cannot store.
    pub(super) refused: u64,
    pub(super) stations: HashMap<Vec<u8>, StationSurvey>,
    /// Stations as files of measurements describe them.
    pub(super) described: Vec<model::Station>,
    /// The pollutants in headers that are not among the data set's six, in the order of their first use.
    pub(super) optional: Vec<Pollutant>,
    /// Whether rows are parts of measurements, to be merged value by value.
    pub(super) merges: bool,
    /// The summary of each pollutant.
    pub(super) sums: Sums,
    /// The number of values in the rows.
    pub(super) values: u64,
    /// Whether the rows of a station are out of the order of time. Only then can two rows have one station and time.
    pub(super) is_unordered: bool,
}

/// What is known of a station's rows.
#[derive(Debug)]
pub(super) struct StationSurvey {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    /// From a `city` column.
    pub(super) city: Option<String>,
}

impl Survey {
    /// Adds a row.
    pub(super) fn add_row(&mut self, id: &[u8], time: Timestamp, city: Option<&[u8]>) {
        self.copied += 1;
        let Some(station) = self.stations.get_mut(id) else {
            let station = StationSurvey { first: time, last: time, city: city.and_then(trimmed_text) };
            self.stations.insert(id.to_owned(), station);
            return;
        };
        self.is_unordered |= time <= station.last;
        station.first = station.first.min(time);
        station.last = station.last.max(time);
        if station.city.is_none() {
            station.city = city.and_then(trimmed_text);
        }
    }

    /// Adds the pollutants of a header.
    pub(super) fn add_pollutants(&mut self, pollutants: impl Iterator<Item = Pollutant>) {
        for pollutant in pollutants {
            if !Pollutant::DATA_SET.contains(&pollutant) && !self.optional.contains(&pollutant) {
                self.optional.push(pollutant);
            }
        }
    }
}

fn trimmed_text(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}
