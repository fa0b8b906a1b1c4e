//! Averages in pieces: threads average their own chunks of rows, and the pieces are joined in the order of the chunks.
//!
//! A piece holds the averages of the periods that lie within its chunk, and the first and the last period as they were
//! gathered, for their other rows may be in the chunks next to it.

use super::calendar::{Calendar, Period};
use super::cell::{Average, Gathered};
use crate::model::Timestamp;
use crate::query::Averages;

/// Averages the rows of one station, which come in strictly ascending time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    /// The first period, unless it is also the last.
    first: Option<OpenPeriod>,
    closed: ClosedPeriods,
    last: Option<OpenPeriod>,
}

/// A period whose values are being gathered.
#[derive(Clone, Debug)]
struct OpenPeriod {
    period: Period,
    parameters: Vec<Gathered>,
}

/// The averages of whole periods.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClosedPeriods {
    starts: Vec<i64>,
    /// The averages of each period, one a parameter.
    averages: Vec<Average>,
}

/// The rules by which rows are averaged.
#[derive(Clone, Debug)]
pub(crate) struct Averaging {
    averages: Averages,
    calendar: Calendar,
    parameters: usize,
    /// The last row's time, its period and its slot: rows of several stations often have the same time.
    recent: Option<(i64, Period, i64)>,
}

impl Averaging {
    pub(crate) fn new(averages: &Averages, parameters: usize) -> Self {
        Averaging { averages: averages.clone(), calendar: Calendar::new(averages), parameters, recent: None }
    }

    /// The period and the slot of a time.
    fn locate(&mut self, time: i64) -> (Period, i64) {
        if let Some((recent, period, slot)) = self.recent {
            if recent == time {
                return (period, slot);
            }
            if period.has(time) {
                let slot = self.calendar.slot(time);
                self.recent = Some((time, period, slot));
                return (period, slot);
            }
        }
        let period = self.calendar.period(time);
        let slot = self.calendar.slot(time);
        self.recent = Some((time, period, slot));
        (period, slot)
    }
}

impl Piece {
    /// Adds a row, later than the rows before: a value for each parameter, in millionths.
    pub(crate) fn push(&mut self, averaging: &mut Averaging, time: i64, values: &[Option<i64>]) {
        let (period, slot) = averaging.locate(time);
        if self.last.as_ref().is_none_or(|last| last.period.start != period.start) {
            self.open(averaging, period);
        }
        let statistic = averaging.averages.kind();
        let Some(last) = &mut self.last else { return };
        for (gathered, value) in last.parameters.iter_mut().zip(values) {
            if let Some(value) = value {
                gathered.take(*value, slot, statistic);
            }
        }
    }

    fn open(&mut self, averaging: &Averaging, period: Period) {
        if self.first.is_none() && self.closed.starts.is_empty() {
            self.first = self.last.take();
            self.last = Some(OpenPeriod::new(averaging, period));
            return;
        }
        match &mut self.last {
            // The room of the closed period is used again.
            Some(last) => {
                last.close_into(averaging, &mut self.closed);
                last.period = period;
            }
            None => self.last = Some(OpenPeriod::new(averaging, period)),
        }
    }

    /// Adds the rows of the next piece of the same station.
    pub(crate) fn append(&mut self, averaging: &Averaging, mut next: Piece) {
        let Some(mut last) = self.last.take() else {
            *self = next;
            return;
        };
        let next_first = if next.first.is_some() { &mut next.first } else { &mut next.last };
        if let Some(first) = next_first
            && first.period.start == last.period.start
        {
            last.merge(first);
            *next_first = None;
        }
        if next.first.is_none() && next.last.is_none() {
            self.last = Some(last);
            return;
        }
        // The period ends before the rows of the next piece.
        last.close_into(averaging, &mut self.closed);
        if let Some(mut first) = next.first {
            first.close_into(averaging, &mut self.closed);
        }
        self.closed.starts.append(&mut next.closed.starts);
        self.closed.averages.append(&mut next.closed.averages);
        self.last = next.last;
    }

    /// Ends the station: all its periods are whole.
    pub(crate) fn close(mut self, averaging: &Averaging) -> ClosedPeriods {
        let mut all = ClosedPeriods::default();
        if let Some(mut first) = self.first {
            first.close_into(averaging, &mut all);
        }
        all.starts.append(&mut self.closed.starts);
        all.averages.append(&mut self.closed.averages);
        if let Some(mut last) = self.last {
            last.close_into(averaging, &mut all);
        }
        all
    }
}

impl OpenPeriod {
    fn new(averaging: &Averaging, period: Period) -> Self {
        OpenPeriod { period, parameters: vec![Gathered::default(); averaging.parameters] }
    }

    fn merge(&mut self, next: &mut OpenPeriod) {
        for (gathered, next) in self.parameters.iter_mut().zip(&mut next.parameters) {
            gathered.merge(next);
        }
    }

    fn close_into(&mut self, averaging: &Averaging, closed: &mut ClosedPeriods) {
        closed.starts.push(self.period.start);
        let slots = self.period.slots;
        for gathered in &mut self.parameters {
            closed.averages.push(gathered.close(&averaging.averages, slots));
        }
    }
}

impl ClosedPeriods {
    /// The start and the averages of each period, in the order of time.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, &[Average])> {
        let parameters = self.averages.len() / self.starts.len().max(1);
        self.starts.iter().enumerate().filter_map(move |(period, start)| {
            let averages = &self.averages[period * parameters..(period + 1) * parameters];
            Some((Timestamp::from_microseconds(*start)?, averages))
        })
    }
}
