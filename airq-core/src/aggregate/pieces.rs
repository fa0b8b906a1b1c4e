//! Averages on several threads. Each thread averages chunks of rows into pieces, and the pieces are joined in the order of the chunks.
//!
//! A piece has the averages of the periods within its chunk. Its first and its last period stay open, because the chunks before and
//! after may have rows of the same periods.

use super::calendar::{Calendar, Period};
use super::cell::{Average, Gathered};
use crate::error::Result;
use crate::model::Timestamp;
use crate::query::Averages;

/// The averages of rows of one station in strictly ascending time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    /// The first period, unless it is also the last.
    first: Option<OpenPeriod>,
    /// The periods between the first and the last, in one run for each joined piece, so that joining copies no averages.
    closed: Vec<ClosedPeriods>,
    last: Option<OpenPeriod>,
}

/// A period that can get more values.
#[derive(Clone, Debug)]
struct OpenPeriod {
    period: Period,
    parameters: Vec<Gathered>,
}

/// The averages of complete periods. They take half the memory of [`Average`]s.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClosedPeriods {
    /// The start of each period and the number of values expected in it.
    periods: Vec<(i64, u32)>,
    /// The value of each average, one for each parameter and period, or [`NO_VALUE`].
    values: Vec<i64>,
    /// The number of expected values that each average has.
    captured: Vec<u32>,
}

/// The value of a period without an average. No average is that small.
const NO_VALUE: i64 = i64::MIN;

/// The rules of an average, with the calendar of its periods.
#[derive(Clone, Debug)]
pub(crate) struct Averaging {
    averages: Averages,
    calendar: Calendar,
    parameters: usize,
    /// The time of the last row, its period and its slot. Rows of several stations often have the same time.
    recent: Option<(i64, Period, i64)>,
}

impl Averaging {
    pub(crate) fn new(averages: &Averages, parameters: usize) -> Self {
        Averaging { averages: averages.clone(), calendar: Calendar::new(averages), parameters, recent: None }
    }

    /// Returns the period and the slot of a time.
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
    /// Returns an empty piece with room for `periods` closed periods, and for the two periods that the next piece closes.
    pub(crate) fn with_room(averaging: &Averaging, periods: usize) -> Self {
        let periods = periods + 2;
        let averages = periods * averaging.parameters;
        let closed = ClosedPeriods {
            periods: Vec::with_capacity(periods),
            values: Vec::with_capacity(averages),
            captured: Vec::with_capacity(averages),
        };
        Piece { closed: vec![closed], ..Piece::default() }
    }

    /// Returns the number of closed periods.
    pub(crate) fn closed(&self) -> usize {
        self.closed.iter().map(|run| run.periods.len()).sum()
    }

    /// Adds a row with a value for each parameter, in millionths. The row must be later than the rows before.
    pub(crate) fn push(&mut self, averaging: &mut Averaging, time: i64, values: &[Option<i64>]) {
        let (period, slot) = averaging.locate(time);
        if self.last.as_ref().is_none_or(|last| last.period.start != period.start) {
            self.open(averaging, period);
        }
        let statistic = averaging.averages.statistic();
        let Some(last) = &mut self.last else { return };
        for (gathered, value) in last.parameters.iter_mut().zip(values) {
            if let Some(value) = value {
                gathered.take(*value, slot, statistic);
            }
        }
    }

    fn open(&mut self, averaging: &Averaging, period: Period) {
        if self.first.is_none() && self.closed() == 0 {
            self.first = self.last.take();
            self.last = Some(OpenPeriod::new(averaging, period));
            return;
        }
        match &mut self.last {
            // The memory of the closed period is reused.
            Some(last) => {
                last.close_into(averaging, last_run(&mut self.closed));
                last.period = period;
            }
            None => self.last = Some(OpenPeriod::new(averaging, period)),
        }
    }

    /// Appends the next piece of the same station.
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
        // The next piece has no rows of the period.
        let run = last_run(&mut self.closed);
        last.close_into(averaging, run);
        if let Some(mut first) = next.first {
            first.close_into(averaging, run);
        }
        self.closed.append(&mut next.closed);
        self.last = next.last;
    }

    /// Closes the remaining periods. Returns all periods in runs, in the order of time.
    pub(crate) fn close(self, averaging: &Averaging) -> impl Iterator<Item = ClosedPeriods> {
        let close = |open: Option<OpenPeriod>| {
            open.map(|mut open| {
                let mut closed = ClosedPeriods::default();
                open.close_into(averaging, &mut closed);
                closed
            })
        };
        close(self.first).into_iter().chain(self.closed).chain(close(self.last))
    }
}

/// Returns the run for the next closed period.
fn last_run(closed: &mut Vec<ClosedPeriods>) -> &mut ClosedPeriods {
    if closed.is_empty() {
        closed.push(ClosedPeriods::default());
    }
    let last = closed.len() - 1;
    &mut closed[last]
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
        let slots = self.period.slots;
        closed.periods.push((self.period.start, slots));
        for gathered in &mut self.parameters {
            let average = gathered.close(&averaging.averages, slots);
            closed.values.push(average.value.unwrap_or(NO_VALUE));
            closed.captured.push(average.captured);
        }
    }
}

impl ClosedPeriods {
    /// Calls `take` with the start and the averages of each period, in the order of time.
    ///
    /// # Errors
    /// The first error of `take`.
    pub(crate) fn for_each(&self, mut take: impl FnMut(Timestamp, &[Average]) -> Result<()>) -> Result<()> {
        let parameters = self.values.len() / self.periods.len().max(1);
        let mut averages = self.values.iter().zip(&self.captured);
        let mut period = Vec::with_capacity(parameters);
        for (start, slots) in &self.periods {
            period.clear();
            for (value, captured) in averages.by_ref().take(parameters) {
                let value = Some(*value).filter(|value| *value != NO_VALUE);
                period.push(Average { value, captured: *captured, slots: *slots });
            }
            if let Some(start) = Timestamp::from_microseconds(*start) {
                take(start, &period)?;
            }
        }
        Ok(())
    }
}
