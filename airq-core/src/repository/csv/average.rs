//! Averages, on several threads, of rows that are in strictly ascending time for each station.

use super::dictionary::{Dictionary, StationNumbers};
use super::parts::{PartSink, pass_to_this_thread};
use super::row_set::{RowFilter, column_map, ranks};
use super::selected::{SelectedRows, SourcePart, read_selected};
use super::table::Table;
use crate::aggregate::{AverageSink, AverageSinks, Averaging, Piece, millionths};
use crate::csv::Row;
use crate::csv::chunks::{Chunk, Chunks, map_in_order};
use crate::error::Result;
use crate::model::Parameter;
use crate::query::Averages;
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The rows to average, and the rules of the averages.
#[derive(Clone, Debug)]
pub(super) struct AverageRules {
    parameters: Vec<Parameter>,
    averagings: Vec<Averaging>,
    selected: SelectedRows,
}

impl AverageRules {
    /// Returns the rules for averages of these parameters.
    pub(super) fn new(parameters: Vec<Parameter>, averagings: &[Averages], selected: SelectedRows) -> Self {
        let averagings = averagings.iter().map(|averages| Averaging::new(averages, parameters.len())).collect();
        AverageRules { parameters, averagings, selected }
    }
}

/// The averages of a part: for each station, by number, one piece for each averaging.
pub(super) type StationPieces = Vec<(u32, Vec<Piece>)>;

/// The averages of the parts that were read.
#[derive(Debug)]
pub(super) struct StationAverages<'a> {
    rules: &'a AverageRules,
    stations: BTreeMap<u32, Vec<Piece>>,
}

impl<'a> StationAverages<'a> {
    pub(super) fn new(rules: &'a AverageRules) -> Self {
        StationAverages { rules, stations: BTreeMap::new() }
    }

    /// Averages parts.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(super) fn read(
        rules: &'a AverageRules,
        parts: &[SourcePart<'_>],
        dictionary: &Dictionary,
        skip_bad_rows: bool,
        threads: usize,
    ) -> Result<Self> {
        let mut averages = StationAverages::new(rules);
        let is_ascending = AtomicBool::new(true);
        read_selected(
            parts,
            threads,
            skip_bad_rows,
            |part| NumberedRows {
                numbers: StationNumbers::new(dictionary),
                averages: AverageCollector::new(part.table, rules, &is_ascending),
            },
            |pieces| {
                averages.add(pieces);
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok(averages)
    }

    /// Adds the next part.
    pub(super) fn add(&mut self, pieces: StationPieces) {
        let averagings = &self.rules.averagings;
        for (station, pieces) in pieces {
            let joined = self.stations.entry(station).or_insert_with(|| vec![Piece::default(); averagings.len()]);
            for ((joined, piece), rules) in joined.iter_mut().zip(pieces).zip(averagings) {
                joined.append(rules, piece);
            }
        }
    }

    /// Writes the averages by `sinks`. `ids` has the ids of stations by number.
    ///
    /// # Errors
    /// The error of `out`.
    pub(super) fn write(
        self,
        ids: &[String],
        threads: usize,
        sinks: &dyn AverageSinks,
        out: &mut dyn Write,
    ) -> Result<()> {
        let ranks = ranks(ids);
        let mut stations: Vec<(u32, Vec<Piece>)> = self.stations.into_iter().collect();
        stations.sort_by_key(|(number, _)| ranks[*number as usize]);
        let id = |(number, pieces)| StationPart { id: ids[number as usize].as_bytes(), pieces };
        let stations = stations.into_iter().map(id);
        if sinks.are_for_threads() && threads > 1 {
            return write_on_threads(self.rules, stations.collect(), threads, sinks, out);
        }
        let mut sink = sinks.sink(out);
        sink.header(&self.rules.parameters)?;
        for station in stations {
            station.pass(self.rules, &mut *sink)?;
        }
        sink.finish()
    }
}

/// The averages of one station, one piece for each averaging.
#[derive(Default)]
struct StationPart<'a> {
    id: &'a [u8],
    pieces: Vec<Piece>,
}

impl StationPart<'_> {
    fn pass(self, rules: &AverageRules, sink: &mut dyn AverageSink) -> Result<()> {
        for (averaging, (piece, averaging_rules)) in self.pieces.into_iter().zip(&rules.averagings).enumerate() {
            for run in piece.close(averaging_rules) {
                run.for_each(|start, averages| sink.row(averaging, self.id, start, averages))?;
            }
        }
        Ok(())
    }
}

/// Encodes each station on one of several threads, and writes the texts in order.
fn write_on_threads(
    rules: &AverageRules,
    stations: Vec<StationPart<'_>>,
    threads: usize,
    sinks: &dyn AverageSinks,
    out: &mut dyn Write,
) -> Result<()> {
    let mut header = Vec::new();
    sinks.sink(&mut header).header(&rules.parameters)?;
    out.write_all(&header)?;
    let text = |station: StationPart<'_>, text: &mut Vec<u8>| {
        let mut sink = sinks.sink(text);
        sink.header(&rules.parameters)?;
        station.pass(rules, &mut *sink)?;
        sink.finish()
    };
    let threads = threads.min(stations.len());
    let queue = StationQueue { next: AtomicUsize::new(0), stations: stations.into_iter().map(Mutex::new).collect() };
    pass_to_this_thread(
        threads,
        |pass| {
            map_in_order(
                threads,
                &queue,
                || (),
                |(), chunk| {
                    let mut bytes = chunk.bytes;
                    let made = text(queue.take(chunk.number), &mut bytes);
                    (made.map(|()| bytes), Vec::new())
                },
                |text| pass(text?),
            )
        },
        |text: Vec<u8>| {
            out.write_all(&text[header.len()..])?;
            Ok(ControlFlow::Continue(()))
        },
    )
}

/// A queue that gives each station to one thread, as a chunk without bytes.
struct StationQueue<'a> {
    next: AtomicUsize,
    stations: Vec<Mutex<StationPart<'a>>>,
}

impl<'a> StationQueue<'a> {
    fn take(&self, number: u64) -> StationPart<'a> {
        let station = &self.stations[usize::try_from(number).unwrap_or(usize::MAX)];
        std::mem::take(&mut *station.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Chunks for StationQueue<'_> {
    fn next(&self, bytes: Vec<u8>) -> Result<Option<Chunk>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.stations.len() {
            return Ok(None);
        }
        Ok(Some(Chunk { number: number as u64, start: 0, bytes, lines: 0..0 }))
    }
}

/// Averages the rows of one part after another, as long as the rows of each station are in strictly ascending time.
pub(super) struct AverageCollector<'a> {
    columns: Vec<Option<usize>>,
    averagings: Vec<Averaging>,
    selected: &'a SelectedRows,
    values: Vec<Option<i64>>,
    /// By number: the position in `stations` plus one, or 0.
    positions: Vec<u32>,
    stations: StationPieces,
    /// For each averaging, the greatest number of closed periods of a station in the part before.
    room: Vec<usize>,
    /// True while the rows that all threads have read are in order. After that, no rows are taken.
    is_ascending: &'a AtomicBool,
}

impl<'a> AverageCollector<'a> {
    pub(super) fn new(table: &Table, rules: &'a AverageRules, is_ascending: &'a AtomicBool) -> Self {
        AverageCollector {
            columns: column_map(table.rows.layout(), &rules.parameters),
            averagings: rules.averagings.clone(),
            selected: &rules.selected,
            values: vec![None; rules.parameters.len()],
            positions: Vec::new(),
            stations: Vec::new(),
            room: vec![0; rules.averagings.len()],
            is_ascending,
        }
    }

    /// Takes a row of the station with this number.
    #[inline]
    pub(super) fn take(&mut self, number: u32, row: &Row<'_>) {
        if !self.selected.accepts(number, row.time) || !self.is_ascending.load(Ordering::Relaxed) {
            return;
        }
        for (value, column) in self.values.iter_mut().zip(&self.columns) {
            let text = column.and_then(|column| row.column(column));
            *value = text.and_then(millionths::read);
        }
        let position = self.position(number);
        let time = row.time.as_microseconds();
        for (piece, averaging) in self.stations[position].1.iter_mut().zip(&mut self.averagings) {
            piece.push(averaging, time, &self.values);
        }
    }

    /// Ends the part. If its rows are not in order, averaging stops.
    pub(super) fn end_part(&mut self, is_ascending: bool) -> StationPieces {
        self.room.fill(0);
        for (number, pieces) in &self.stations {
            self.positions[*number as usize] = 0;
            for (room, piece) in self.room.iter_mut().zip(pieces) {
                *room = piece.closed().max(*room);
            }
        }
        if !is_ascending {
            self.is_ascending.store(false, Ordering::Relaxed);
        }
        std::mem::take(&mut self.stations)
    }

    /// Returns the position of a station in this part.
    #[inline]
    fn position(&mut self, number: u32) -> usize {
        let index = number as usize;
        if self.positions.len() <= index {
            self.positions.resize(index + 1, 0);
        }
        if self.positions[index] == 0 {
            let rooms = self.averagings.iter().zip(&self.room);
            self.stations.push((number, rooms.map(|(averaging, room)| Piece::with_room(averaging, *room)).collect()));
            self.positions[index] = u32::try_from(self.stations.len()).unwrap_or(u32::MAX);
        }
        self.positions[index] as usize - 1
    }
}

/// Averages rows in a known order.
struct NumberedRows<'a> {
    numbers: StationNumbers<'a>,
    averages: AverageCollector<'a>,
}

impl PartSink for NumberedRows<'_> {
    type Part = StationPieces;

    #[inline]
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let number = self.numbers.number(row.station)?;
        self.averages.take(number, row);
        Ok(())
    }

    fn end_part(&mut self) -> StationPieces {
        self.averages.end_part(true)
    }
}
