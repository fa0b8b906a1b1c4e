//! Tables with many values of one parameter in a row: the hours of a day, the days of a month, or the stations of a network.
//!
//! Cells of hours name the hours of the day in their order, whatever number the first has. In autumn, when clocks show an hour
//! twice, a cell is the second of the two; the hour that clocks skip in spring does not exist.

use super::clock::{Clock, Spelling, civil_instant, later, whole};
use super::columns::Columns;
use super::flag::{Checked, FlagRule};
use super::measure::{Measure, ValueRule};
use super::other_columns::OtherColumns;
use super::parameter_lookup::ParameterLookup;
use super::record_filter::RecordFilter;
use super::records::{RecordError, Records, check_width, trimmed};
use super::row_time::RowTime;
use super::rows::Rows;
use super::station_metadata::{JoinedColumns, MetadataSources, TextSource};
use crate::csv::Record;
use crate::model::{Period, Timestamp};
use std::collections::HashMap;

/// The number of days whose hours are remembered: more than ten years, about 2 MB. A file with more days, station by station,
/// would find no day remembered.
const MOST_DAYS: usize = 4000;

/// Reads tables with a row for each day, month or time, and a column for each cell.
#[derive(Debug)]
pub(super) struct CellTable {
    pub(super) columns: Columns,
    pub(super) filter: RecordFilter,
    pub(super) metadata: MetadataSources,
    pub(super) parameter: TextSource,
    pub(super) parameters: ParameterLookup,
    pub(super) unit: TextSource,
    pub(super) measure: Measure,
    pub(super) flags: Option<FlagRule>,
    /// The period of a cell.
    pub(super) period: Option<Period>,
    pub(super) cells: Vec<CellColumn>,
    pub(super) axis: Axis,
    pub(super) others: OtherColumns,
}

/// A cell's columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellColumn {
    pub(super) value: usize,
    pub(super) flag: Option<usize>,
}

/// The dimension along which the cells of a row differ.
#[derive(Debug)]
pub(super) enum Axis {
    /// Each cell is a time of the row's station.
    Times { station: TextSource, days: Days },
    /// Each cell is a station, which its column names, at the row's time.
    Stations(RowTime),
}

/// The starts of the cells of each day or month.
#[derive(Debug)]
pub(super) struct Days {
    /// The texts of the day: year, month and, in cells of hours, the day; or a date by a pattern.
    pub(super) date: JoinedColumns,
    pub(super) column: usize,
    /// The spellings of the date; empty if the date consists of numbers.
    pub(super) spellings: Vec<Spelling>,
    pub(super) clock: Clock,
    /// The minutes of a cell.
    pub(super) length: i64,
    pub(super) known: HashMap<Vec<u8>, Vec<Option<Timestamp>>>,
    pub(super) key: Vec<u8>,
}

impl Days {
    /// The starts of the cells of a record.
    fn starts(&mut self, record: Record<'_>, cells: usize) -> Result<&[Option<Timestamp>], RecordError> {
        self.key.clear();
        self.date.write(record, &mut self.key);
        if !self.known.contains_key(&self.key) {
            let starts = self.find(cells).ok_or_else(|| RecordError::value(self.column, &self.key, "is not a date"))?;
            if self.known.len() >= MOST_DAYS {
                self.known.clear();
            }
            self.known.insert(self.key.clone(), starts);
        }
        Ok(self.known.get(&self.key).map(Vec::as_slice).unwrap_or_default())
    }

    fn find(&self, cells: usize) -> Option<Vec<Option<Timestamp>>> {
        const DAY: i64 = 24 * 60;
        let start = match self.spellings.as_slice() {
            [] => by_numbers(&self.key)?,
            spellings => spellings.iter().find_map(|spelling| spelling.read(&self.key))?.0,
        };
        let mut starts = Vec::with_capacity(cells);
        for cell in 0..i64::try_from(cells).ok()? {
            let read = later(start, cell * self.length).filter(|time| self.length < DAY || is_same_month(*time, start));
            // The second instant of an hour that clocks show twice.
            starts.push(read.and_then(|read| self.clock.instants(read)).map(|[_, second]| second));
        }
        Some(starts)
    }
}

/// Returns whether two times are in one month of UTC.
fn is_same_month(one: Timestamp, other: Timestamp) -> bool {
    one.to_string()[..7] == other.to_string()[..7]
}

/// The date of two or three numbers with blanks between them: year, month and day; the first day without a day.
fn by_numbers(text: &[u8]) -> Option<Timestamp> {
    let mut numbers = text.split(|byte| *byte == b' ').map(whole);
    let (year, month) = (numbers.next()??, numbers.next()??);
    let day = numbers.next().unwrap_or(Some(1))?;
    civil_instant(year, month, day, 0, 0, 0)
}

/// Reads the cells of one row.
struct CellReader<'a> {
    measure: &'a Measure,
    flags: Option<&'a FlagRule>,
    rule: &'a ValueRule,
    record: Record<'a>,
}

impl CellReader<'_> {
    /// Reads a cell, and adds its value. `None` is a time that does not exist.
    fn read(
        &self,
        cell: CellColumn,
        station: u32,
        time: Option<Timestamp>,
        rows: &mut Rows,
    ) -> Result<(), RecordError> {
        let text = trimmed(self.record, cell.value);
        if let (Some(flags), Some(column)) = (self.flags, cell.flag)
            && flags.check(self.record, column, self.measure.is_missing(text))? == Checked::Invalid
        {
            rows.account.ignored.invalid += 1;
            return Ok(());
        }
        let value = self.measure.read(text, cell.value, self.rule)?;
        let Some(value) = rows.present(self.rule.parameter, value) else { return Ok(()) };
        let time = time.ok_or_else(|| RecordError::value(cell.value, text, "is valid, but there is no such time"))?;
        rows.value(station, time, self.rule.parameter, &value)
    }
}

impl CellTable {
    /// Returns whether a role has the column.
    pub(super) fn reads(&self, column: usize) -> bool {
        let is_of_axis = match &self.axis {
            Axis::Times { station, days } => station.columns().contains(&column) || days.date.has(column),
            Axis::Stations(time) => time.is_at(column),
        };
        is_of_axis
            || [&self.parameter, &self.unit].iter().any(|text| text.columns().contains(&column))
            || self.metadata.columns().any(|known| known == column)
            || self.filter.is_at(column)
            || self.cells.iter().any(|cell| cell.value == column || cell.flag == Some(column))
    }
}

impl Records for CellTable {
    fn counted(&self) -> u64 {
        self.cells.len() as u64
    }

    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), RecordError> {
        check_width(record, &self.columns)?;
        if !self.filter.keeps(record) {
            rows.account.ignored.unselected += self.counted();
            return Ok(());
        }
        if let Some(period) = self.period
            && !rows.admits(period)
        {
            rows.account.ignored.other_period += self.counted();
            return Ok(());
        }
        self.others.count(record);
        let name = self.parameter.bytes(record);
        let unit = self.unit.bytes(record);
        let rule = self.parameters.find_in(self.parameter.columns(), &name, &unit)?;
        let reader = CellReader { measure: &self.measure, flags: self.flags.as_ref(), rule, record };
        match &mut self.axis {
            Axis::Times { station, days } => {
                let starts = days.starts(record, self.cells.len())?;
                let station = rows.station(record, station)?;
                rows.describe(station, record, &self.metadata, Some(rule.parameter));
                for (cell, start) in self.cells.iter().zip(starts) {
                    let taken = reader.read(*cell, station, *start, rows);
                    rows.faults.extend(taken.err());
                }
            }
            Axis::Stations(time) => {
                // All stations have the row's time, so the rows of a parameter are one series.
                let time = time.read(record, (0, Some(rule.parameter)))?;
                for cell in &self.cells {
                    let name = self.columns.name(cell.value).as_bytes();
                    let taken = match rows.station_of_id(name, Some(cell.value)) {
                        Ok(station) => {
                            rows.describe(station, record, &self.metadata, Some(rule.parameter));
                            reader.read(*cell, station, Some(time), rows)
                        }
                        Err(error) => Err(error),
                    };
                    rows.faults.extend(taken.err());
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows) {
        self.others.note(&self.columns, rows);
    }
}
