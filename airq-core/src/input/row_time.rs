//! The time of a row: its columns, its clock and the period that it begins or ends.

use super::clock::{Clock, Series, Spelling, Times, civil_instant, hour_24, later, whole};
use super::records::{RecordError, trimmed};
use super::station_metadata::JoinedColumns;
use crate::csv::Record;
use crate::model::{Period, Timestamp};
use std::collections::HashMap;

/// Reads the time of each row.
#[derive(Debug)]
pub(super) struct RowTime {
    pub(super) source: TimeSource,
    pub(super) times: Times,
    /// The spellings, until a first time fits one of them.
    pub(super) spellings: Vec<Spelling>,
    /// The minutes from the start of a period to its time.
    pub(super) shift: i64,
    pub(super) clocks: Option<ClockColumn>,
    /// The period of rows without a time of day, and the column of the time of day.
    pub(super) without_clock: Option<(usize, Period)>,
    /// The text of a time that several columns have.
    pub(super) joined: Vec<u8>,
}

/// The columns of a row's time.
#[derive(Clone, Debug)]
pub(super) enum TimeSource {
    Column(usize),
    /// Several columns, read as one text with blanks between.
    Columns(usize, JoinedColumns),
    /// Year, month, day and hour.
    Digits([usize; 4]),
}

/// The column that chooses the clock of a row.
#[derive(Debug)]
pub(super) struct ClockColumn {
    pub(super) column: usize,
    pub(super) clocks: HashMap<Vec<u8>, Clock>,
}

impl RowTime {
    /// Times in one column.
    pub(super) fn column(index: usize, times: Times) -> Self {
        RowTime {
            source: TimeSource::Column(index),
            times,
            spellings: Vec::new(),
            shift: 0,
            clocks: None,
            without_clock: None,
            joined: Vec::new(),
        }
    }

    /// The start of a row's period.
    ///
    /// # Errors
    /// If the row has no time.
    pub(super) fn read(&mut self, record: Record<'_>, series: Series) -> Result<Timestamp, RecordError> {
        if let (TimeSource::Column(index), true) = (&self.source, self.is_plain()) {
            let index = *index;
            let text = trimmed(record, index);
            let time = self.times.read(text, index, series)?;
            if self.shift == 0 {
                return Ok(time);
            }
            return later(time, -self.shift).ok_or_else(|| RecordError::value(index, text, "is not a time"));
        }
        if self.clocks.is_some() {
            self.choose_clock(record)?;
        }
        if let Some((clock, _)) = self.without_clock.filter(|(clock, _)| trimmed(record, *clock).is_empty()) {
            return self.day(record, clock, series);
        }
        let time = match &self.source {
            TimeSource::Column(index) => {
                let index = *index;
                self.text(trimmed(record, index), index, series)?
            }
            TimeSource::Columns(index, columns) => {
                let index = *index;
                let mut joined = std::mem::take(&mut self.joined);
                joined.clear();
                columns.write(record, &mut joined);
                let time = self.text(&joined, index, series);
                self.joined = joined;
                time?
            }
            TimeSource::Digits(indices) => self.by_digits(record, *indices, series)?,
        };
        if self.shift == 0 {
            return Ok(time);
        }
        let index = self.error_column();
        later(time, -self.shift).ok_or_else(|| RecordError::value(index, trimmed(record, index), "is not a time"))
    }

    /// The period of a row that states one by the lack of a time of day.
    pub(super) fn period(&self, record: Record<'_>) -> Option<Period> {
        let (clock, period) = self.without_clock?;
        if trimmed(record, clock).is_empty() { Some(period) } else { None }
    }

    /// The column that errors name.
    pub(super) fn error_column(&self) -> usize {
        match &self.source {
            TimeSource::Column(index) | TimeSource::Columns(index, _) => *index,
            TimeSource::Digits(indices) => indices[0],
        }
    }

    /// Returns whether the time is made of the column.
    pub(super) fn is_at(&self, index: usize) -> bool {
        let is_clock = matches!(&self.clocks, Some(clocks) if clocks.column == index);
        is_clock
            || match &self.source {
                TimeSource::Column(column) => *column == index,
                TimeSource::Columns(_, columns) => columns.has(index),
                TimeSource::Digits(indices) => indices.contains(&index),
            }
    }

    /// Returns whether spelling, clock and period are the same for every row.
    fn is_plain(&self) -> bool {
        self.spellings.is_empty() && self.clocks.is_none() && self.without_clock.is_none()
    }

    fn text(&mut self, text: &[u8], index: usize, series: Series) -> Result<Timestamp, RecordError> {
        if !self.spellings.is_empty() {
            let fitting =
                self.spellings.iter().position(|spelling| spelling.fits(text) || hour_24(spelling, text).is_some());
            match fitting {
                Some(index) => {
                    self.times.spelling = self.spellings.swap_remove(index);
                    self.spellings.clear();
                }
                // This row is rejected, and the next row chooses.
                None => self.times.spelling = self.spellings[0].clone(),
            }
        }
        self.times.read(text, index, series)
    }

    /// The start of the day of a row without a time of day.
    fn day(&mut self, record: Record<'_>, clock: usize, series: Series) -> Result<Timestamp, RecordError> {
        let index = self.error_column();
        let text = trimmed(record, index);
        let day = if clock == index { None } else { Spelling::Iso.read(text) };
        let (day, _) = day.ok_or_else(|| RecordError::value(index, text, "is not a day"))?;
        self.times.by_clock(day, series).ok_or_else(|| self.times.skipped(index, text))
    }

    fn by_digits(&mut self, record: Record<'_>, indices: [usize; 4], series: Series) -> Result<Timestamp, RecordError> {
        let year = part(record, indices[0])?;
        let month = part(record, indices[1])?;
        let day = part(record, indices[2])?;
        let hour = part(record, indices[3])?;
        let read = match civil_instant(year, month, day, 0, 0, 0) {
            Some(midnight) if hour <= 24 => later(midnight, hour * 60),
            _ => None,
        };
        let Some(read) = read else {
            let text = hour_text(year, month, day, hour);
            return Err(RecordError::value(indices[0], text.as_bytes(), "is not a time"));
        };
        let time = self.times.by_clock(read, series);
        time.ok_or_else(|| self.times.skipped(indices[0], hour_text(year, month, day, hour).as_bytes()))
    }

    fn choose_clock(&mut self, record: Record<'_>) -> Result<(), RecordError> {
        let Some(clocks) = &self.clocks else { return Ok(()) };
        let text = trimmed(record, clocks.column);
        let clock = clocks.clocks.get(text);
        let clock = clock.ok_or_else(|| RecordError::value(clocks.column, text, "has no time zone in the format"))?;
        self.times.clock = clock.clone();
        Ok(())
    }
}

/// A part of a time that is in a column of its own.
fn part(record: Record<'_>, index: usize) -> Result<i64, RecordError> {
    let text = trimmed(record, index);
    whole(text).ok_or_else(|| RecordError::value(index, text, "is not a part of a time"))
}

fn hour_text(year: i64, month: i64, day: i64, hour: i64) -> String {
    format!("{year}-{month}-{day} {hour}:00")
}
