//! The checks that the scanner needs for each column.

use super::check::UNIFORM_TIME;
use super::index::{COLUMNS, GROUP};
use super::simd::Lengths;
use super::window::WIDE;
use crate::csv::header::{Kind, Layout};
use crate::csv::number::{LONGEST_DECIMAL, SHORT_DECIMAL};
use std::ops::Range;

/// The columns of a layout, grouped by the checks that they need.
#[derive(Clone, Debug)]
pub(crate) struct ScanPlan {
    pub(crate) shape: RowShape,
    /// Ranges of adjacent columns of numbers.
    pub(crate) numbers: Vec<Range<usize>>,
    /// The lengths that the cells of uniform rows have, for most numbers.
    pub(crate) lengths: Vec<Lengths>,
    /// The lengths that the cells of uniform rows have, if all numbers are [short](crate::csv::number::is_short).
    pub(crate) longest: Vec<Lengths>,
    pub(crate) texts: Vec<usize>,
    /// Columns that no consumer reads.
    pub(crate) ignored: Vec<usize>,
    /// A byte that plain text must not contain, in addition to the bytes that JSON escapes.
    pub(crate) special: u8,
}

/// The parts of a plan that every row needs. They are copied into views of rows, because a load from a plan is repeated after
/// each store of a writer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowShape {
    /// The number of columns.
    pub(crate) width: usize,
    /// The column of the station.
    pub(crate) station: usize,
    /// The column of the time.
    pub(crate) time: usize,
}

impl ScanPlan {
    /// Returns `None` if the layout has too many columns for the scanner, or a column of JSON, which is not plain text.
    pub(crate) fn new(layout: &Layout, special: u8) -> Option<ScanPlan> {
        if layout.width() >= COLUMNS || layout.kinds.contains(&Some(Kind::Json)) {
            return None;
        }
        let mut plan = ScanPlan {
            shape: RowShape { width: layout.width(), station: layout.station, time: layout.time },
            numbers: Vec::new(),
            lengths: vec![Lengths::ANY; layout.width().div_ceil(GROUP)],
            longest: vec![Lengths::ANY; layout.width().div_ceil(GROUP)],
            texts: Vec::new(),
            ignored: Vec::new(),
            special,
        };
        for (column, kind) in layout.kinds.iter().enumerate() {
            plan.add(column, *kind);
        }
        Some(plan)
    }

    fn add(&mut self, column: usize, kind: Option<Kind>) {
        let longest = u16::try_from(WIDE).unwrap_or(u16::MAX);
        let short_decimal = u16::try_from(SHORT_DECIMAL).unwrap_or(u16::MAX);
        let mut lengths = 1..=longest;
        match kind {
            _ if column == self.shape.time => lengths = UNIFORM_TIME..=UNIFORM_TIME,
            _ if column == self.shape.station => {}
            Some(kind) if kind.is_number() => {
                lengths = 1..=short_decimal;
                match self.numbers.last_mut() {
                    Some(run) if run.end == column => run.end += 1,
                    _ => self.numbers.push(column..column + 1),
                }
            }
            Some(_) => self.texts.push(column),
            None => {
                self.ignored.push(column);
                lengths = 0..=longest;
            }
        }
        let is_number = matches!(kind, Some(kind) if kind.is_number());
        let most = if is_number { u16::try_from(LONGEST_DECIMAL).unwrap_or(u16::MAX) } else { *lengths.end() };
        self.lengths[column / GROUP].bound(column % GROUP, *lengths.start(), *lengths.end());
        self.longest[column / GROUP].bound(column % GROUP, *lengths.start(), most);
    }
}
