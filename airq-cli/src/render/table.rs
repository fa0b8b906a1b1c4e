//! Tables of text: columns of the width of their widest cell, numbers aligned to the right, control characters replaced.
//!
//! An answer may have millions of rows, and the table crates lay out all rows at once. This table writes block after block, and
//! columns get wider from block to block, never narrower.

use crate::failure::{Failure, harmless};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";

/// A column: its title, an optional unit below the title, and the alignment of its cells.
#[derive(Debug)]
pub(crate) struct Column {
    title: String,
    unit: String,
    is_right_aligned: bool,
    width: usize,
}

impl Column {
    /// A column of text.
    pub(crate) fn text(title: &str) -> Self {
        Column::new(title, "", false)
    }

    /// A column of numbers in this unit, which may be empty.
    pub(crate) fn number(title: &str, unit: &str) -> Self {
        Column::new(title, unit, true)
    }

    fn new(title: &str, unit: &str, is_right_aligned: bool) -> Self {
        let width = title.width().max(unit.width());
        Column { title: harmless(title), unit: unit.to_owned(), is_right_aligned, width }
    }
}

/// A table that is written block by block.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    has_header: bool,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Table { columns, rows: Vec::new(), has_header: false }
    }

    /// Adds a row to the block, with a cell for each column.
    pub(crate) fn push(&mut self, row: Vec<String>) {
        let row: Vec<String> = row.into_iter().map(|cell| harmless(&cell)).collect();
        for (column, cell) in self.columns.iter_mut().zip(&row) {
            column.width = column.width.max(cell.width());
        }
        self.rows.push(row);
    }

    /// Writes the rows of the block, after the header if this is the first block.
    ///
    /// # Errors
    /// The error of `out`.
    pub(crate) fn write_block(&mut self, out: &mut impl Write) -> io::Result<()> {
        let mut text = String::new();
        if !std::mem::replace(&mut self.has_header, true) {
            self.push_header(&mut text);
        }
        for row in std::mem::take(&mut self.rows) {
            self.push_line(&mut text, row.iter().map(String::as_str));
        }
        out.write_all(text.as_bytes())
    }

    /// Writes a complete table.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub(crate) fn write_to(mut self, mut out: impl Write) -> Result<(), Failure> {
        self.write_block(&mut out)?;
        Ok(out.flush()?)
    }

    fn push_header(&self, text: &mut String) {
        self.push_line(text, self.columns.iter().map(|column| column.title.as_str()));
        if self.columns.iter().any(|column| !column.unit.is_empty()) {
            self.push_line(text, self.columns.iter().map(|column| column.unit.as_str()));
        }
    }

    fn push_line<'a>(&self, text: &mut String, cells: impl Iterator<Item = &'a str>) {
        for (place, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            if place > 0 {
                text.push_str(GAP);
            }
            let padding = std::iter::repeat_n(' ', column.width.saturating_sub(cell.width()));
            if column.is_right_aligned {
                text.extend(padding);
                text.push_str(cell);
            } else {
                text.push_str(cell);
                text.extend(padding);
            }
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &mut Table) -> String {
        let mut out = Vec::new();
        table.write_block(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_align_right_and_text_aligns_left_by_the_width_of_letters() {
        let mut table = Table::new(vec![Column::text("city"), Column::number("no2", "µg/m³")]);
        table.push(vec!["Málaga".into(), "1.5".into()]);
        table.push(vec!["東京".into(), "10.0".into()]);
        assert_eq!(written(&mut table), "city      no2\n        µg/m³\nMálaga    1.5\n東京     10.0\n");
    }

    #[test]
    fn the_header_is_written_once_and_later_blocks_only_widen() {
        let mut table = Table::new(vec![Column::text("a"), Column::text("b")]);
        table.push(vec!["long".into(), "x".into()]);
        assert_eq!(written(&mut table), "a     b\nlong  x\n");
        table.push(vec!["s".into(), "y".into()]);
        assert_eq!(written(&mut table), "s     y\n");
        table.push(vec!["longer".into(), "z".into()]);
        assert_eq!(written(&mut table), "longer  z\n");
    }

    #[test]
    fn a_cell_cannot_contain_control_characters() {
        let mut table = Table::new(vec![Column::text("a")]);
        table.push(vec!["\u{1b}[31mred\n".into()]);
        assert!(!written(&mut table).contains('\u{1b}'));
    }
}
