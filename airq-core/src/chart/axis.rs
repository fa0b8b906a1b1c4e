//! The time axis and the value axis of a panel, as implementations of the traits of plotters.

use super::ticks::{self, TickStep};
use super::time_labels::TimeLabels;
use crate::model::Timestamp;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// The shortest time axis, in microseconds: a shorter one would have no marks.
const SHORTEST: i64 = 10_000_000;

/// The time axis, in microseconds since 1970, with marks at times that are round in a zone.
#[derive(Clone, Debug)]
pub(super) struct TimeAxis {
    range: Range<i64>,
    step: TickStep,
    marks: Vec<i64>,
    labels: TimeLabels,
}

impl TimeAxis {
    /// An axis between these instants, with at most about `most` marks.
    pub(super) fn new(span: (Timestamp, Timestamp), labels: &TimeLabels, most: usize) -> Self {
        let range = range(span);
        let step = TickStep::fitting(range.end - range.start, most);
        let ends = Timestamp::from_microseconds(range.start).zip(Timestamp::from_microseconds(range.end));
        let marks = ends.map(|(from, to)| labels.marks(from, to, step)).unwrap_or_default();
        TimeAxis { range, step, marks, labels: labels.clone() }
    }
}

/// Returns the range of an axis that includes these instants, in microseconds since 1970: at least the shortest range.
pub(super) fn range((from, to): (Timestamp, Timestamp)) -> Range<i64> {
    let (from, to) = (from.as_microseconds(), to.as_microseconds());
    if to - from >= SHORTEST {
        return from..to;
    }
    let half_hour = i64::from(1800) * 1_000_000;
    from.saturating_sub(half_hour)..to.saturating_add(half_hour)
}

impl Ranged for TimeAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = i64;

    #[expect(clippy::cast_precision_loss, reason = "a pixel is coarser")]
    fn map(&self, value: &i64, limit: (i32, i32)) -> i32 {
        let part = (value - self.range.start) as f64 / (self.range.end - self.range.start) as f64;
        pixel(part, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<i64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.marks.clone() }
    }

    fn range(&self) -> Range<i64> {
        self.range.clone()
    }
}

impl ValueFormatter<i64> for TimeAxis {
    fn format_ext(&self, instant: &i64) -> String {
        self.labels.mark(*instant, self.step)
    }
}

/// The value axis, from zero or below up to a round value.
#[derive(Clone, Debug)]
pub(super) struct ValueAxis {
    marks: Vec<f64>,
}

impl ValueAxis {
    /// An axis that includes these values, with at most about `most` marks.
    pub(super) fn new(low: f64, high: f64, most: f64) -> Self {
        ValueAxis { marks: ticks::of_values(low, high, most) }
    }

    fn step(&self) -> f64 {
        match self.marks.as_slice() {
            [first, second, ..] => second - first,
            _ => 1.0,
        }
    }
}

impl Ranged for ValueAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        // Halves, because the length of the range may exceed the range of `f64`.
        let Range { start, end } = self.range();
        pixel((value / 2.0 - start / 2.0) / (end / 2.0 - start / 2.0), limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.marks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.marks.first().copied().unwrap_or(0.0)..self.marks.last().copied().unwrap_or(1.0)
    }
}

impl ValueFormatter<f64> for ValueAxis {
    fn format_ext(&self, value: &f64) -> String {
        ticks::value_label(*value, self.step())
    }
}

/// The pixel at a fraction of the way between two pixels.
#[expect(clippy::cast_possible_truncation, reason = "saturates, far outside of any chart")]
fn pixel(part: f64, (from, to): (i32, i32)) -> i32 {
    (f64::from(from) + part * f64::from(to - from)).round() as i32
}
