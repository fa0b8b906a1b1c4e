//! Formats in which a row is a whole measurement of a station, with a column for each pollutant. Rows are not held.

use super::clock::{Times, civil_instant, whole};
use super::columns::Columns;
use super::measure::Measure;
use super::records::{Fault, Records, check_width, trimmed};
use super::rows::{Rows, Values};
use super::station_metadata::{Description, TextSource};
use crate::csv::Record;
use crate::model::{Pollutant, Timestamp, Unit};

/// The records of such a file.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: Columns,
    pub(super) station: TextSource,
    pub(super) description: Description,
    pub(super) when: When,
    pub(super) times: Times,
    pub(super) values: Vec<ValueColumn>,
    pub(super) measure: Measure,
    /// Columns of parameters that airq does not know, with the number of their values.
    pub(super) others: Vec<(usize, u64)>,
    /// The text of a time that two columns have.
    pub(super) date_and_clock: Vec<u8>,
}

/// A pollutant's column.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueColumn {
    pub(super) place: usize,
    pub(super) pollutant: Pollutant,
    pub(super) unit: Unit,
}

/// The columns of a row's time.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    Column(usize),
    /// A date and a time of day, read as one text with a blank between.
    DateAndClock(usize, usize),
    /// Year, month, day and hour.
    Digits([usize; 4]),
}

impl ValueColumn {
    /// The pollutant's column, in its canonical unit.
    pub(super) fn new(place: usize, pollutant: Pollutant) -> Self {
        ValueColumn { place, pollutant, unit: pollutant.canonical_unit() }
    }
}

impl Table {
    /// Empty rows, with the table's pollutants in their usual order.
    pub(super) fn rows(&self) -> Rows {
        let has = |pollutant: &Pollutant| self.values.iter().any(|value| value.pollutant == *pollutant);
        Rows::whole(Pollutant::ALL.into_iter().filter(has).collect())
    }

    /// Counts the values of the other columns, which are unknown parameters, except the columns of these names.
    pub(super) fn with_others(mut self, but: &[&str]) -> Self {
        let values: Vec<usize> = self.values.iter().map(|value| value.place).collect();
        let described: Vec<usize> = self.description.columns().chain(self.station.column()).collect();
        let is_other = |place: usize| {
            let name = self.columns.name(place);
            let is_known = values.contains(&place) || described.contains(&place) || self.when.is_at(place);
            !is_known && !name.is_empty() && !but.iter().any(|but| but.eq_ignore_ascii_case(name))
        };
        self.others = (0..self.columns.names.len()).filter(|place| is_other(*place)).map(|place| (place, 0)).collect();
        self
    }

    fn time(&mut self, record: Record<'_>, station: u32) -> Result<Timestamp, Fault> {
        match self.when {
            When::Column(place) => self.times.read(trimmed(record, place), place, (station, None)),
            When::DateAndClock(date, clock) => {
                self.date_and_clock.clear();
                self.date_and_clock.extend_from_slice(trimmed(record, date));
                self.date_and_clock.push(b' ');
                self.date_and_clock.extend_from_slice(trimmed(record, clock));
                self.times.read(&self.date_and_clock, date, (station, None))
            }
            When::Digits(places) => self.by_digits(record, places, station),
        }
    }

    fn by_digits(&mut self, record: Record<'_>, places: [usize; 4], station: u32) -> Result<Timestamp, Fault> {
        let number = |place: usize| {
            let text = trimmed(record, place);
            whole(text).ok_or_else(|| Fault::value(place, text, "is not a part of a time"))
        };
        let (year, month, day, hour) = (number(places[0])?, number(places[1])?, number(places[2])?, number(places[3])?);
        let text = || format!("{year}-{month}-{day} {hour}:00").into_bytes();
        let read = civil_instant(year, month, day, hour, 0, 0)
            .ok_or_else(|| Fault::value(places[0], &text(), "is not a time"))?;
        self.times.by_clock(read, (station, None)).ok_or_else(|| self.times.skipped(places[0], &text()))
    }

    fn values<'a>(&self, record: Record<'a>) -> Result<Option<Values<'a>>, Fault> {
        let mut values: Values<'a> = Default::default();
        let mut any = false;
        for column in &self.values {
            let text = trimmed(record, column.place);
            if let Some(value) = self.measure.read(text, column.place, column.pollutant, column.unit)? {
                values[column.pollutant as usize] = value;
                any = true;
            }
        }
        Ok(any.then_some(values))
    }
}

impl Records for Table {
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), Fault> {
        if record.fields().all(|field| field.trim_ascii().is_empty()) {
            rows.account.ignored.missing += 1;
            return Ok(());
        }
        check_width(record, self.columns.names.len())?;
        let values = self.values(record)?;
        let id = self.station.bytes(record);
        let station = rows.station(id, self.station.column(), |station| self.description.of(record, station))?;
        let time = self.time(record, station)?;
        match values {
            Some(values) => rows.row(station, time, &values),
            None => rows.account.ignored.missing += 1,
        }
        for (place, count) in &mut self.others {
            *count += u64::from(!trimmed(record, *place).is_empty());
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows) {
        for (place, count) in self.others.iter().filter(|(_, count)| *count > 0) {
            rows.account.note_unknown(self.columns.name(*place), *count);
        }
    }
}

impl When {
    fn is_at(self, place: usize) -> bool {
        match self {
            When::Column(column) => column == place,
            When::DateAndClock(date, clock) => [date, clock].contains(&place),
            When::Digits(places) => places.contains(&place),
        }
    }
}
