//! Averages of rows that come in strictly ascending time by station, on several threads.

use super::dictionary::{Dictionary, StationNumbers};
use super::parts::PartSink;
use super::row_set::{RowFilter, column_map, ranks};
use super::selected::{SelectedRows, SourcePart, read_selected};
use crate::aggregate::{AverageSink, Averaging, Piece, millionths};
use crate::csv::Row;
use crate::error::Result;
use crate::model::Pollutant;
use crate::query::Averages;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The rows to average.
pub(super) struct Averaged<'a> {
    pub(super) parts: &'a [SourcePart<'a>],
    pub(super) selected: &'a SelectedRows,
    /// The ids of stations, by number.
    pub(super) ids: &'a [String],
    pub(super) dictionary: &'a Dictionary,
    pub(super) skip_bad_rows: bool,
    pub(super) threads: usize,
}

impl Averaged<'_> {
    /// Passes the averages of these pollutants to the sink.
    ///
    /// # Errors
    /// If the rows cannot be read; the error of the sink.
    pub(super) fn pass(
        &self,
        pollutants: &[Pollutant],
        averagings: &[Averages],
        sink: &mut dyn AverageSink,
    ) -> Result<()> {
        let rules: Vec<Averaging> =
            averagings.iter().map(|averages| Averaging::new(averages, pollutants.len())).collect();
        let mut stations: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
        read_selected(
            self.parts,
            self.threads,
            self.skip_bad_rows,
            |part| AverageCollector {
                numbers: StationNumbers::new(self.dictionary),
                selected: self.selected,
                columns: column_map(part.table.rows.layout(), pollutants),
                rules: rules.clone(),
                values: Vec::new(),
                positions: Vec::new(),
                stations: Vec::new(),
            },
            |part| {
                for (station, pieces) in part {
                    let joined = stations.entry(station).or_insert_with(|| vec![Piece::default(); rules.len()]);
                    for ((joined, piece), rules) in joined.iter_mut().zip(pieces).zip(&rules) {
                        joined.append(rules, piece);
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
        sink.header(pollutants)?;
        let ranks = ranks(self.ids);
        let mut stations: Vec<(u32, Vec<Piece>)> = stations.into_iter().collect();
        stations.sort_by_key(|(number, _)| ranks[*number as usize]);
        for (number, pieces) in stations {
            let id = self.ids[number as usize].as_bytes();
            for (averaging, (piece, rules)) in pieces.into_iter().zip(&rules).enumerate() {
                for (start, averages) in piece.close(rules).iter() {
                    sink.row(averaging, id, start, averages)?;
                }
            }
        }
        sink.finish()
    }
}

/// Averages the rows of one part after another.
struct AverageCollector<'a> {
    numbers: StationNumbers<'a>,
    selected: &'a SelectedRows,
    columns: Vec<Option<usize>>,
    rules: Vec<Averaging>,
    values: Vec<Option<i64>>,
    /// By number: the position in `stations` plus one, or 0.
    positions: Vec<u32>,
    stations: Vec<(u32, Vec<Piece>)>,
}

impl PartSink for AverageCollector<'_> {
    type Part = Vec<(u32, Vec<Piece>)>;

    #[inline]
    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let number = self.numbers.number(row.station)?;
        if !self.selected.accepts(number, row.time) {
            return Ok(());
        }
        self.values.clear();
        for column in &self.columns {
            let text = column.and_then(|column| row.column(column));
            self.values.push(text.and_then(millionths::read));
        }
        let position = self.position(number);
        let time = row.time.as_microseconds();
        for (piece, rules) in self.stations[position].1.iter_mut().zip(&mut self.rules) {
            piece.push(rules, time, &self.values);
        }
        Ok(())
    }

    fn end_part(&mut self) -> Self::Part {
        for (number, _) in &self.stations {
            self.positions[*number as usize] = 0;
        }
        std::mem::take(&mut self.stations)
    }
}

impl AverageCollector<'_> {
    /// The position of a station of this part.
    #[inline]
    fn position(&mut self, number: u32) -> usize {
        let index = number as usize;
        if self.positions.len() <= index {
            self.positions.resize(index + 1, 0);
        }
        if self.positions[index] == 0 {
            self.stations.push((number, vec![Piece::default(); self.rules.len()]));
            self.positions[index] = u32::try_from(self.stations.len()).unwrap_or(u32::MAX);
        }
        self.positions[index] as usize - 1
    }
}
