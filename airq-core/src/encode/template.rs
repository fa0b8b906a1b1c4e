//! The fixed texts between the cells of a row, rendered once.

use super::row_writer::LONGEST;
use super::uniform_template::UniformTemplate;
use crate::csv::scan::{COLUMNS, WINDOW, WideText};
use crate::csv::{Kind, Layout, WIDE};
use std::ops::Range;

/// The text of the rows of an output format.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) runs: Vec<Run>,
    /// The keys of fields that the input has no column for.
    pub(crate) absent: Vec<WideText>,
    /// The start of the first row of the answer, and the start of the other rows.
    pub(crate) opens: [WideText; 2],
    /// The text between station and time; `None` in formats that do not write the station in each row.
    pub(crate) after_station: Option<WideText>,
    /// The end of a row.
    pub(crate) close: WideText,
    /// The text of a missing value.
    pub(crate) missing: WideText,
    /// The quote on both sides of text.
    pub(crate) text_quote: WideText,
    /// The text of uniform rows, if the text before each cell is short enough.
    pub(crate) uniform: Option<UniformTemplate>,
}

/// Adjacent columns of values of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) columns: Range<usize>,
    /// The text before each value.
    pub(crate) keys: Vec<WideText>,
    pub(crate) is_text: bool,
}

/// The parts of the text of a row.
pub(crate) struct RowText<'a> {
    pub(crate) open: &'a [u8],
    /// The text between two rows.
    pub(crate) between: &'a [u8],
    /// `None` in formats that do not write the station in each row.
    pub(crate) after_station: Option<&'a [u8]>,
    pub(crate) after_time: &'a [u8],
    pub(crate) close: &'a [u8],
}

/// An upper bound of the bytes that an encoded time or `null` is longer than its cell.
const GROWTH: usize = 16;

impl Template {
    /// Returns the template of JSON rows: keys before values, text in quotes, `null` for missing values.
    ///
    /// Returns `None` if a key, or all keys together, are too long for wide stores.
    pub(crate) fn json(layout: &Layout, text: &RowText<'_>) -> Option<Template> {
        let keys = layout.fields.iter().map(|field| field.key.as_slice());
        Template::new(layout, text, keys, b"null", b"\"")
    }

    /// Returns the template of CSV rows: commas before values, and nothing for missing values.
    pub(crate) fn csv(layout: &Layout, text: &RowText<'_>) -> Option<Template> {
        let keys = layout.fields.iter().map(|_| b",".as_slice());
        Template::new(layout, text, keys, b"", b"")
    }

    /// Replaces each key by a comma, for formats that write each field into its own array.
    pub(crate) fn without_keys(mut self) -> Template {
        let keys = self.runs.iter_mut().flat_map(|run| &mut run.keys).chain(&mut self.absent);
        keys.for_each(|key| *key = WideText { bytes: [b','; WIDE], length: 1 });
        self
    }

    fn new<'a>(
        layout: &Layout,
        text: &RowText<'_>,
        keys: impl Iterator<Item = &'a [u8]> + Clone,
        missing: &[u8],
        text_quote: &[u8],
    ) -> Option<Template> {
        let mut runs: Vec<Run> = Vec::new();
        let mut absent = Vec::new();
        let mut needed = 6 * WIDE + GROWTH;
        for (index, (field, key)) in layout.fields.iter().zip(keys.clone()).enumerate() {
            let before = if index == 0 { text.after_time } else { b"" };
            let key = WideText::new(&[before, key].concat())?;
            needed += key.length as usize + GROWTH;
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
        // Without a field, the text after the time is part of the end.
        let close = if layout.fields.is_empty() { [text.after_time, text.close].concat() } else { text.close.to_vec() };
        let after_station = match text.after_station {
            Some(text) => Some(WideText::new(text)?),
            None => None,
        };
        // A row is no longer than a window.
        if needed + WINDOW > LONGEST || layout.width() >= COLUMNS {
            return None;
        }
        Some(Template {
            runs,
            absent,
            opens: [WideText::new(text.open)?, WideText::new(&[text.between, text.open].concat())?],
            after_station,
            close: WideText::new(&close)?,
            missing: WideText::new(missing)?,
            text_quote: WideText::new(text_quote)?,
            uniform: UniformTemplate::new(layout, text, keys, missing, text_quote),
        })
    }
}
