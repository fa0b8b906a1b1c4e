//! The first pass over a source: checks every row and records the parts with the rows of each station and time.

use super::average::{AverageCollector, StationPieces};
use super::dictionary::{Dictionary, StationNumbers};
use super::parts::{Part, PartSink};
use super::profile::{PartProfiles, ProfileCollector, Profiles};
use super::table::Table;
use crate::bit_set::BitSet;
use crate::csv::Row;
use crate::error::Result;
use crate::model::Parameter;

/// Facts about the rows of a source, which are not kept.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) parts: Vec<PartSummary>,
    /// By the number of the station.
    pub(super) stations: Vec<StationSummary>,
    pub(super) profiles: Profiles,
    pub(super) rows: u64,
    /// True if all rows come in the order of answers: by station, then strictly ascending time.
    pub(super) is_in_order: bool,
    /// True if no two rows have the same station and time, and the rows of each station come in the order of time.
    pub(super) is_ascending: bool,
    /// The last row up to now.
    last: Option<(Vec<u8>, i64)>,
}

/// The position of a part, and the stations and times of its rows.
#[derive(Debug)]
pub(super) struct PartSummary {
    /// The position of the table in the source.
    pub(super) table: usize,
    pub(super) start: u64,
    pub(super) end: u64,
    /// The earliest and the latest time.
    pub(super) first: i64,
    pub(super) last: i64,
    /// The numbers of the stations that have rows in the part.
    pub(super) stations: BitSet,
}

/// The rows of a station.
#[derive(Clone, Debug, Default)]
pub(super) struct StationSummary {
    pub(super) rows: u64,
    /// The earliest and the latest time.
    pub(super) first: i64,
    pub(super) last: i64,
    /// The time of the last row in the order of the source.
    end: i64,
}

impl Survey {
    pub(super) fn new() -> Self {
        Survey { is_in_order: true, is_ascending: true, ..Survey::default() }
    }

    /// The oldest and the newest time.
    pub(super) fn span(&self) -> (Option<i64>, Option<i64>) {
        let first = self.parts.iter().map(|part| part.first).min();
        let last = self.parts.iter().map(|part| part.last).max();
        (first, last)
    }

    /// Adds the next part of a table.
    pub(super) fn add(&mut self, table: usize, part: Part<PartFacts>) {
        let facts = part.result;
        if facts.stations.is_empty() {
            return;
        }
        let mut summary = PartSummary {
            table,
            start: part.start,
            end: part.end,
            first: i64::MAX,
            last: i64::MIN,
            stations: BitSet::default(),
        };
        self.profiles.add(facts.profiles);
        for (number, station) in facts.stations {
            summary.first = summary.first.min(station.first);
            summary.last = summary.last.max(station.last);
            summary.stations.insert(number as usize);
            self.rows += station.rows;
            self.add_station(number as usize, station);
        }
        self.parts.push(summary);
        self.is_in_order &= facts.is_in_order && self.last.as_ref().is_none_or(|last| *last < facts.first_row);
        self.last = Some(facts.last_row);
    }

    fn add_station(&mut self, number: usize, next: StationFacts) {
        self.is_ascending &= next.is_ascending;
        if self.stations.len() <= number {
            self.stations.resize(number + 1, StationSummary::default());
        }
        let station = &mut self.stations[number];
        if station.rows == 0 {
            *station = StationSummary { rows: next.rows, first: next.first, last: next.last, end: next.end };
            return;
        }
        self.is_ascending &= station.end < next.begin;
        station.rows += next.rows;
        station.first = station.first.min(next.first);
        station.last = station.last.max(next.last);
        station.end = next.end;
    }
}

/// Facts about the rows of a part.
#[derive(Debug)]
pub(super) struct PartFacts {
    /// Each station of the part.
    stations: Vec<(u32, StationFacts)>,
    is_in_order: bool,
    first_row: (Vec<u8>, i64),
    last_row: (Vec<u8>, i64),
    /// The averages, if the survey makes them.
    pub(super) pieces: StationPieces,
    profiles: PartProfiles,
}

/// The rows of a station in a part.
#[derive(Clone, Copy, Debug)]
struct StationFacts {
    rows: u64,
    /// The earliest and the latest time.
    first: i64,
    last: i64,
    /// The times of the first and the last row in the order of the source.
    begin: i64,
    end: i64,
    is_ascending: bool,
}

/// Surveys the rows of one part after another.
pub(super) struct Surveyor<'a> {
    numbers: StationNumbers<'a>,
    profiles: ProfileCollector,
    /// By number: the position in `stations` plus one, or 0.
    positions: Vec<u32>,
    stations: Vec<(u32, StationFacts)>,
    is_in_order: bool,
    first_row: Option<(Vec<u8>, i64)>,
    last_station: Vec<u8>,
    last_time: i64,
    last_number: Option<u32>,
    /// Averages the rows, as long as the times of each station are strictly ascending.
    averages: Option<AverageCollector<'a>>,
}

impl<'a> Surveyor<'a> {
    pub(super) fn new(
        table: &Table,
        dictionary: &'a Dictionary,
        columns: &[Parameter],
        averages: Option<AverageCollector<'a>>,
    ) -> Self {
        Surveyor {
            averages,
            numbers: StationNumbers::new(dictionary),
            profiles: ProfileCollector::new(table, columns),
            positions: Vec::new(),
            stations: Vec::new(),
            is_in_order: true,
            first_row: None,
            last_station: Vec::new(),
            last_time: 0,
            last_number: None,
        }
    }

    /// The facts of a station.
    fn station(&mut self, number: u32, time: i64) -> &mut StationFacts {
        let index = number as usize;
        if self.positions.len() <= index {
            self.positions.resize(index + 1, 0);
        }
        if self.positions[index] == 0 {
            let facts =
                StationFacts { rows: 0, first: time, last: time, begin: time, end: i64::MIN, is_ascending: true };
            self.stations.push((number, facts));
            self.positions[index] = u32::try_from(self.stations.len()).unwrap_or(u32::MAX);
        }
        let position = self.positions[index] as usize - 1;
        &mut self.stations[position].1
    }

    fn note_order(&mut self, number: u32, row: &Row<'_>, time: i64) {
        if self.last_number == Some(number) {
            self.is_in_order &= self.last_time < time;
        } else {
            if self.last_number.is_some() {
                self.is_in_order &= self.last_station.as_slice() < row.station;
            } else {
                self.first_row = Some((row.station.to_vec(), time));
            }
            self.last_number = Some(number);
            self.last_station.clear();
            self.last_station.extend_from_slice(row.station);
        }
        self.last_time = time;
    }
}

impl PartSink for Surveyor<'_> {
    type Part = PartFacts;

    #[inline]
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let number = self.numbers.number(row.station)?;
        let time = row.time.as_microseconds();
        self.note_order(number, row, time);
        self.profiles.row(number, row);
        let station = self.station(number, time);
        station.rows += 1;
        station.is_ascending &= station.end < time;
        station.first = station.first.min(time);
        station.last = station.last.max(time);
        station.end = time;
        if let Some(averages) = &mut self.averages {
            averages.take(number, row);
        }
        Ok(())
    }

    fn end_part(&mut self) -> PartFacts {
        let mut is_ascending = true;
        for (number, station) in &self.stations {
            self.positions[*number as usize] = 0;
            is_ascending &= station.is_ascending;
        }
        let pieces = self.averages.as_mut().map(|averages| averages.end_part(is_ascending)).unwrap_or_default();
        let facts = PartFacts {
            pieces,
            profiles: self.profiles.end_part(),
            stations: std::mem::take(&mut self.stations),
            is_in_order: self.is_in_order,
            first_row: self.first_row.take().unwrap_or_default(),
            last_row: (self.last_station.clone(), self.last_time),
        };
        self.is_in_order = true;
        self.last_number = None;
        facts
    }
}
