//! The first pass over a source: checks every row and notes where the rows of each station and time are.

use super::dictionary::{Dictionary, StationNumbers};
use super::parts::{Part, PartSink};
use super::table::Table;
use crate::csv::{Layout, Row};
use crate::error::Result;
use std::collections::BTreeMap;

/// What is known of a source's rows without keeping them.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) parts: Vec<PartSummary>,
    /// By the number of the station.
    pub(super) stations: Vec<StationSummary>,
    pub(super) rows: u64,
    /// Whether all rows come in the order of answers: by station, then strictly ascending time.
    pub(super) is_in_order: bool,
    /// The last row so far.
    last: Option<(Vec<u8>, i64)>,
}

/// Where a part is, and what its rows have.
#[derive(Debug)]
pub(super) struct PartSummary {
    /// The position of the table in the source.
    pub(super) table: usize,
    pub(super) start: u64,
    pub(super) end: u64,
    /// The earliest and the latest time.
    pub(super) first: i64,
    pub(super) last: i64,
    /// A bit for each station that the part has, by number.
    stations: Vec<u64>,
}

/// The rows of a station.
#[derive(Clone, Debug, Default)]
pub(super) struct StationSummary {
    pub(super) rows: u64,
    /// The earliest and the latest time.
    pub(super) first: i64,
    pub(super) last: i64,
    /// The time of the row that came last.
    end: i64,
    /// Whether the rows come in strictly ascending time, so that none of them is a duplicate.
    pub(super) is_ascending: bool,
    /// The first city that a column names.
    pub(super) city: Option<String>,
}

impl Survey {
    pub(super) fn new() -> Self {
        Survey { is_in_order: true, ..Survey::default() }
    }

    /// Whether no two rows have the same station and time, and the rows of each station come in the order of time.
    pub(super) fn is_ascending(&self) -> bool {
        self.stations.iter().all(|station| station.is_ascending || station.rows == 0)
    }

    /// The cities that columns name, by number of the station.
    pub(super) fn cities(&self) -> BTreeMap<usize, String> {
        let city = |(number, station): (usize, &StationSummary)| Some((number, station.city.clone()?));
        self.stations.iter().enumerate().filter_map(city).collect()
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
            stations: Vec::new(),
        };
        for (number, station) in facts.stations {
            summary.first = summary.first.min(station.first);
            summary.last = summary.last.max(station.last);
            summary.note(number);
            self.rows += station.rows;
            self.add_station(number as usize, station);
        }
        self.parts.push(summary);
        self.is_in_order &= facts.is_in_order && self.last.as_ref().is_none_or(|last| *last < facts.first_row);
        self.last = Some(facts.last_row);
    }

    fn add_station(&mut self, number: usize, next: StationFacts) {
        if self.stations.len() <= number {
            self.stations.resize(number + 1, StationSummary::default());
        }
        let station = &mut self.stations[number];
        if station.rows == 0 {
            let city = station.city.take();
            *station = StationSummary {
                rows: next.rows,
                first: next.first,
                last: next.last,
                end: next.end,
                is_ascending: next.is_ascending,
                city: city.or(next.city),
            };
            return;
        }
        station.is_ascending &= next.is_ascending && station.end < next.begin;
        station.rows += next.rows;
        station.first = station.first.min(next.first);
        station.last = station.last.max(next.last);
        station.end = next.end;
        station.city = station.city.take().or(next.city);
    }
}

impl PartSummary {
    fn note(&mut self, station: u32) {
        let word = station as usize / 64;
        if self.stations.len() <= word {
            self.stations.resize(word + 1, 0);
        }
        self.stations[word] |= 1 << (station % 64);
    }

    /// The numbers of the stations that have rows in the part.
    pub(super) fn stations(&self) -> impl Iterator<Item = usize> {
        let is_set = |(word, bits): (usize, u64)| {
            (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        };
        self.stations.iter().copied().enumerate().flat_map(is_set)
    }
}

/// What a part says of its rows.
#[derive(Debug)]
pub(super) struct PartFacts {
    /// Each station of the part.
    stations: Vec<(u32, StationFacts)>,
    is_in_order: bool,
    first_row: (Vec<u8>, i64),
    last_row: (Vec<u8>, i64),
}

/// The rows of a station in a part.
#[derive(Clone, Debug)]
struct StationFacts {
    rows: u64,
    /// The earliest and the latest time.
    first: i64,
    last: i64,
    /// The times of the rows that came first and last.
    begin: i64,
    end: i64,
    is_ascending: bool,
    city: Option<String>,
}

/// Surveys the rows of one part after another.
pub(super) struct Surveyor<'a> {
    numbers: StationNumbers<'a>,
    city: Option<usize>,
    /// By number: the position in `stations` plus one, or 0.
    positions: Vec<u32>,
    stations: Vec<(u32, StationFacts)>,
    is_in_order: bool,
    first_row: Option<(Vec<u8>, i64)>,
    last_station: Vec<u8>,
    last_time: i64,
    last_number: Option<u32>,
}

impl<'a> Surveyor<'a> {
    pub(super) fn new(table: &Table, dictionary: &'a Dictionary) -> Self {
        Surveyor {
            numbers: StationNumbers::new(dictionary),
            city: city_column(table.rows.layout()),
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
            let facts = StationFacts {
                rows: 0,
                first: time,
                last: time,
                begin: time,
                end: i64::MIN,
                is_ascending: true,
                city: None,
            };
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

/// The column that names cities.
pub(super) fn city_column(layout: &Layout) -> Option<usize> {
    layout.fields.iter().find(|field| field.name.eq_ignore_ascii_case("city")).and_then(|field| field.column)
}

/// The text of a cell that names a city.
pub(super) fn city_of(row: &Row<'_>, column: usize) -> Option<String> {
    let city = String::from_utf8_lossy(row.column(column)?);
    let city = city.trim();
    (!city.is_empty()).then(|| city.to_owned())
}

impl PartSink for Surveyor<'_> {
    type Part = PartFacts;

    #[inline]
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let number = self.numbers.number(row.station)?;
        let time = row.time.as_microseconds();
        self.note_order(number, row, time);
        let city = self.city;
        let station = self.station(number, time);
        station.rows += 1;
        station.is_ascending &= station.end < time;
        station.first = station.first.min(time);
        station.last = station.last.max(time);
        station.end = time;
        if let Some(column) = city
            && station.city.is_none()
        {
            station.city = city_of(row, column);
        }
        Ok(())
    }

    fn end_part(&mut self) -> PartFacts {
        for (number, _) in &self.stations {
            self.positions[*number as usize] = 0;
        }
        let facts = PartFacts {
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
