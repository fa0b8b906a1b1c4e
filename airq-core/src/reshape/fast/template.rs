//! A row's fixed text, rendered once: what the fast path writes between the cells.

use super::super::header::{Kind, Layout};
use super::super::sheet::WIDE;

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
    /// A byte that sends a row with it in its text to the careful path, besides JSON's special ones.
    pub(super) text_special: u8,
    /// The fixed text of a row and what values can need more than they had in the input, in bytes.
    pub(super) fixed: usize,
}

/// Where the cells of a row are, and what stands before each.
#[derive(Clone, Debug)]
pub(in crate::reshape) struct Cells {
    pub(in crate::reshape) station: usize,
    pub(in crate::reshape) time: usize,
    pub(in crate::reshape) values: Vec<ValueCell>,
    /// Columns that are left out of the answer.
    pub(in crate::reshape) ignored: Vec<usize>,
    /// The number of columns.
    pub(super) width: usize,
}

/// A value's cell.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct ValueCell {
    pub(in crate::reshape) key: Literal,
    /// Its column; `None` if the input lacks it.
    pub(in crate::reshape) column: Option<usize>,
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
    /// `None` if a key is too long for the fast path.
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
        for cell in &mut self.cells.values {
            cell.key = Literal { bytes: [b','; WIDE], length: 1 };
        }
        self
    }

    /// What stands before everything.
    pub(in crate::reshape) fn open(&self) -> &Literal {
        &self.opens[0]
    }

    /// What stands behind everything.
    pub(in crate::reshape) fn close(&self) -> &Literal {
        &self.close
    }

    /// How much room a row needs besides what it had in the input.
    pub(in crate::reshape) fn fixed(&self) -> usize {
        self.fixed
    }

    fn new<'a>(
        layout: &Layout,
        spelling: &Spelling<'_>,
        keys: impl Iterator<Item = &'a [u8]>,
        missing: &[u8],
        text_quote: &[u8],
        text_special: u8,
    ) -> Option<Template> {
        let mut values = Vec::with_capacity(layout.fields.len());
        for (place, (field, key)) in layout.fields.iter().zip(keys).enumerate() {
            let before = if place == 0 { spelling.behind_time } else { b"" };
            let key = Literal::new(&[before, key].concat())?;
            values.push(ValueCell { key, column: field.column, is_text: field.kind == Kind::Text });
        }
        // Without a value the text behind the time is part of the end.
        let close =
            if values.is_empty() { [spelling.behind_time, spelling.close].concat() } else { spelling.close.to_vec() };
        let written =
            |column: &usize| layout.kinds[*column].is_some() || [layout.station, layout.time].contains(column);
        let ignored = (0..layout.width()).filter(|column| !written(column)).collect();
        let cells = Cells { station: layout.station, time: layout.time, values, ignored, width: layout.width() };
        let behind_station = match spelling.behind_station {
            Some(text) => Some(Literal::new(text)?),
            None => None,
        };
        let keys: usize = cells.values.iter().map(|cell| cell.key.length as usize + GROWTH).sum();
        Some(Template {
            cells,
            opens: [Literal::new(spelling.open)?, Literal::new(&[spelling.between, spelling.open].concat())?],
            behind_station,
            close: Literal::new(&close)?,
            missing: Literal::new(missing)?,
            text_quote: Literal::new(text_quote)?,
            text_special,
            fixed: keys + 4 * WIDE + GROWTH,
        })
    }
}
