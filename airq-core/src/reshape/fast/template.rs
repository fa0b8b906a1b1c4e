//! A row's fixed text, rendered once: what the fast path writes between the cells.

use super::super::header::{Kind, Layout};
use super::super::sheet::WIDE;
use super::check::USUAL_TIME;
use super::pen::LONGEST;
use super::pieces::Pieces;
use super::scan::{COLUMNS, GROUP, WINDOW};
use super::simd::Lengths;
use std::ops::Range;

/// A short fixed text, written by one wide store.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct Literal {
    pub(super) bytes: [u8; WIDE],
    pub(super) length: u32,
}

impl Literal {
    /// `None` if the text is longer than a wide store.
    pub(in crate::reshape) fn new(text: &[u8]) -> Option<Literal> {
        let mut bytes = [0; WIDE];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Literal { bytes, length: u32::try_from(text.len()).ok()? })
    }
}

/// How rows of a shape look.
#[derive(Clone, Debug)]
pub(in crate::reshape) struct Template {
    pub(in crate::reshape) cells: Cells,
    pub(in crate::reshape) runs: Vec<Run>,
    /// The keys of values that the input lacks.
    pub(in crate::reshape) absent: Vec<Literal>,
    /// Before everything, for the first row of all and for the others.
    pub(super) opens: [Literal; 2],
    /// Between station and time; `None` where rows don't name their station.
    pub(super) behind_station: Option<Literal>,
    /// Behind everything.
    pub(super) close: Literal,
    /// What a missing value is written as.
    pub(super) missing: Literal,
    /// What stands on both sides of text.
    pub(super) text_quote: Literal,
    /// How usual rows are written, if what stands before each cell is short enough.
    pub(super) usual: Option<Pieces>,
}

/// What is in which column.
#[derive(Clone, Debug)]
pub(in crate::reshape) struct Cells {
    pub(super) station: usize,
    pub(super) time: usize,
    /// Columns of numbers that stand together.
    pub(super) numbers: Vec<Range<usize>>,
    /// How long the cells of usual rows are.
    pub(super) lengths: Vec<Lengths>,
    pub(super) texts: Vec<usize>,
    /// Columns that are left out of the answer.
    pub(super) ignored: Vec<usize>,
    /// A byte that sends a row with it in its text to the careful path, besides JSON's special ones.
    pub(super) text_special: u8,
    /// The number of columns.
    pub(super) width: usize,
}

/// Columns of values of one kind that stand together.
#[derive(Clone, Debug)]
pub(in crate::reshape) struct Run {
    pub(in crate::reshape) columns: Range<usize>,
    /// What is written before each.
    pub(in crate::reshape) keys: Vec<Literal>,
    pub(in crate::reshape) is_text: bool,
}

/// How a shape spells its rows.
pub(in crate::reshape) struct Spelling<'a> {
    pub(in crate::reshape) open: &'a [u8],
    /// Before the opening of every row but the first.
    pub(in crate::reshape) between: &'a [u8],
    /// `None` where rows don't name their station.
    pub(in crate::reshape) behind_station: Option<&'a [u8]>,
    pub(in crate::reshape) behind_time: &'a [u8],
    pub(in crate::reshape) close: &'a [u8],
}

/// As much as a time or a `null` can be longer than its cell, and then some.
const GROWTH: usize = 16;

impl Template {
    /// JSON rows: keys before values, text in quotes, missing is `null`.
    ///
    /// `None` if a key, or all of them together, are too long for the fast path.
    pub(in crate::reshape) fn json(layout: &Layout, spelling: &Spelling<'_>) -> Option<Template> {
        let keys = layout.fields.iter().map(|field| field.key.as_slice());
        Template::new(layout, spelling, keys, b"null", b"\"", b'"')
    }

    /// CSV rows: commas before values, missing is nothing.
    pub(in crate::reshape) fn csv(layout: &Layout, spelling: &Spelling<'_>) -> Option<Template> {
        let keys = layout.fields.iter().map(|_| b",".as_slice());
        Template::new(layout, spelling, keys, b"", b"", b',')
    }

    /// The same with a comma where each key was: a row's values one array further each.
    pub(in crate::reshape) fn without_keys(mut self) -> Template {
        let keys = self.runs.iter_mut().flat_map(|run| &mut run.keys).chain(&mut self.absent);
        keys.for_each(|key| *key = Literal { bytes: [b','; WIDE], length: 1 });
        self
    }

    fn new<'a>(
        layout: &Layout,
        spelling: &Spelling<'_>,
        keys: impl Iterator<Item = &'a [u8]> + Clone,
        missing: &[u8],
        text_quote: &[u8],
        text_special: u8,
    ) -> Option<Template> {
        let (mut runs, mut absent): (Vec<Run>, _) = (Vec::new(), Vec::new());
        let mut needed = 6 * WIDE + GROWTH;
        for (place, (field, key)) in layout.fields.iter().zip(keys.clone()).enumerate() {
            let before = if place == 0 { spelling.behind_time } else { b"" };
            let key = Literal::new(&[before, key].concat())?;
            needed += key.length as usize + GROWTH;
            // JSON is quoted in CSV, and quotes are for the careful path.
            if field.kind == Kind::Json {
                return None;
            }
            let is_text = field.kind == Kind::Text;
            let Some(column) = field.column else {
                absent.push(key);
                continue;
            };
            match runs.last_mut().filter(|run| run.columns.end == column && run.is_text == is_text) {
                Some(run) => {
                    run.columns.end += 1;
                    run.keys.push(key);
                }
                None => runs.push(Run { columns: column..column + 1, keys: vec![key], is_text }),
            }
        }
        // Without a value the text behind the time is part of the end.
        let close = if layout.fields.is_empty() {
            [spelling.behind_time, spelling.close].concat()
        } else {
            spelling.close.to_vec()
        };
        let behind_station = match spelling.behind_station {
            Some(text) => Some(Literal::new(text)?),
            None => None,
        };
        // A row is no longer than a window.
        if needed + WINDOW > LONGEST || layout.width() >= COLUMNS {
            return None;
        }
        Some(Template {
            cells: Cells::new(layout, text_special),
            runs,
            absent,
            opens: [Literal::new(spelling.open)?, Literal::new(&[spelling.between, spelling.open].concat())?],
            behind_station,
            close: Literal::new(&close)?,
            missing: Literal::new(missing)?,
            text_quote: Literal::new(text_quote)?,
            usual: Pieces::new(layout, spelling, keys, missing, text_quote),
        })
    }
}

impl Cells {
    fn new(layout: &Layout, text_special: u8) -> Cells {
        let columns =
            |is_wanted: &dyn Fn(usize) -> bool| (0..layout.width()).filter(|column| is_wanted(*column)).collect();
        let names_row = |column| [layout.station, layout.time].contains(&column);
        let is_ignored = |column: usize| layout.kinds[column].is_none() && !names_row(column);
        Cells {
            station: layout.station,
            time: layout.time,
            numbers: Cells::numbers(layout),
            lengths: Cells::lengths(layout, &is_ignored),
            texts: columns(&|column| layout.kinds[column] == Some(Kind::Text)),
            ignored: columns(&is_ignored),
            text_special,
            width: layout.width(),
        }
    }

    fn numbers(layout: &Layout) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (column, kind) in layout.kinds.iter().enumerate() {
            match runs.last_mut() {
                _ if !kind.is_some_and(Kind::is_number) => {}
                Some(run) if run.end == column => run.end += 1,
                _ => runs.push(column..column + 1),
            }
        }
        runs
    }

    /// A usual cell is not empty and has room in a wide load; but one that is left out may be empty.
    fn lengths(layout: &Layout, is_ignored: &dyn Fn(usize) -> bool) -> Vec<Lengths> {
        let mut lengths = vec![Lengths::ANY; layout.width().div_ceil(GROUP)];
        for column in 0..layout.width() {
            let (least, most) = match column {
                _ if column == layout.time => (USUAL_TIME, USUAL_TIME),
                _ => (u16::from(!is_ignored(column)), 32),
            };
            lengths[column / GROUP].bound(column % GROUP, least, most);
        }
        lengths
    }
}
