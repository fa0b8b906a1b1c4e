//! Tables of text: columns of the width of their widest cell, numbers aligned to the right, control characters replaced.
//!
//! An answer may have millions of rows, and the table crates lay out all rows at once. This table writes block after block, and
//! columns get wider from block to block, never narrower.

use super::look::{HEADING, Look};
use crate::failure::{Failure, print_message, without_control_characters};
use crate::output;
use anstyle::Style;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const GAP: &str = "  ";
/// The least width of a column of text, where the terminal is too narrow for all columns that must be there.
const NARROWEST: usize = 8;
/// The width of a column of text that is still legible: other columns are left out before.
const LEGIBLE: usize = 12;
/// The same for ids, which people copy.
const LEGIBLE_ID: usize = 20;

/// A column: its title, an optional unit below the title, and the alignment of its cells.
#[derive(Debug)]
pub(crate) struct Column {
    title: String,
    unit: String,
    is_right_aligned: bool,
    /// The width to which the column may be cut; `None` for a column that is never cut.
    legible: Option<usize>,
    /// The order in which columns are left out to fit a terminal, the lowest first; `None` for a column that is always there.
    dispensable: Option<usize>,
    /// True if the column is there without content, too.
    is_kept: bool,
    width: usize,
}

/// A cell: its text, and the style that the text has if the table has colours.
#[derive(Debug)]
pub(crate) struct TableCell {
    text: String,
    style: Style,
}

impl TableCell {
    /// A cell with a style.
    pub(crate) fn styled(text: String, style: Style) -> Self {
        TableCell { text, style }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() || self.text == "-"
    }
}

impl From<String> for TableCell {
    fn from(text: String) -> Self {
        TableCell { text, style: Style::new() }
    }
}

impl Column {
    fn least_legible_width(&self) -> usize {
        match self.legible {
            Some(legible) => self.width.min(legible),
            None => self.width,
        }
    }

    /// A column of text, which may be cut to fit a terminal.
    pub(crate) fn text(title: &str) -> Self {
        Column { legible: Some(LEGIBLE), ..Column::new(title, "", false) }
    }

    /// A column of ids, which are cut last.
    pub(crate) fn id(title: &str) -> Self {
        Column { legible: Some(LEGIBLE_ID), ..Column::text(title) }
    }

    /// Lets the column be left out to fit a terminal. The column with the lowest rank is left out first.
    pub(crate) fn dispensable(self, rank: usize) -> Self {
        Column { dispensable: Some(rank), ..self }
    }

    /// A column of text that is there without content, too.
    pub(crate) fn kept_text(title: &str) -> Self {
        Column { is_kept: true, ..Column::text(title) }
    }

    /// A column of times, which are never cut.
    pub(crate) fn time(title: &str) -> Self {
        Column::new(title, "", false)
    }

    /// A column of numbers in this unit, which may be empty.
    pub(crate) fn number(title: &str, unit: &str) -> Self {
        Column::new(title, unit, true)
    }

    fn new(title: &str, unit: &str, is_right_aligned: bool) -> Self {
        let width = title.width().max(unit.width());
        let title = without_control_characters(title);
        let unit = unit.to_owned();
        Column { title, unit, is_right_aligned, legible: None, dispensable: None, is_kept: false, width }
    }
}

/// A table that is written block by block.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<TableCell>>,
    has_header: bool,
    look: Look,
    /// The titles of the columns that are left out to fit the terminal.
    too_wide: Vec<String>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        Table { columns, rows: Vec::new(), has_header: false, look: Look::default(), too_wide: Vec::new() }
    }

    /// Sets the look.
    pub(crate) fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Adds a row to the block, with a cell for each column.
    pub(crate) fn push<C: Into<TableCell>>(&mut self, row: Vec<C>) {
        let mut cells = Vec::with_capacity(row.len());
        for (column, cell) in self.columns.iter_mut().zip(row) {
            let TableCell { text, style } = cell.into();
            let text = without_control_characters(&text);
            column.width = column.width.max(text.width());
            cells.push(TableCell { text, style });
        }
        self.rows.push(cells);
    }

    /// Removes the columns without content, if the block is the whole table. Returns their titles.
    pub(crate) fn drop_empty_columns(&mut self) -> Vec<String> {
        if self.has_header || self.rows.is_empty() {
            return Vec::new();
        }
        let mut is_kept = Vec::with_capacity(self.columns.len());
        for (number, column) in self.columns.iter().enumerate() {
            is_kept.push(number == 0 || column.is_kept || self.has_content(number));
        }
        let mut dropped = Vec::new();
        let mut number = 0;
        while number < self.columns.len() {
            if is_kept.remove(0) {
                number += 1;
            } else {
                dropped.push(self.remove_column(number));
            }
        }
        dropped
    }

    /// Removes a column. Returns its title.
    fn remove_column(&mut self, number: usize) -> String {
        for row in &mut self.rows {
            row.remove(number);
        }
        self.columns.remove(number).title
    }

    fn has_content(&self, number: usize) -> bool {
        self.rows.iter().any(|row| matches!(row.get(number), Some(cell) if !cell.is_empty()))
    }

    /// Returns a message about the columns that are left out to fit the terminal, if there are any.
    pub(crate) fn too_wide(&self) -> Option<String> {
        if self.too_wide.is_empty() {
            return None;
        }
        let titles = self.too_wide.join(", ");
        Some(format!("left out to fit the terminal: {titles}; --format json has them"))
    }

    /// Leaves out dispensable columns until the others fit the terminal at a legible width.
    fn drop_columns_to_fit(&mut self) {
        let Some(most) = self.look.width.filter(|_| !self.rows.is_empty()) else { return };
        while self.total(Column::least_legible_width) > most {
            let ranked = self.columns.iter().enumerate();
            let ranked = ranked.filter_map(|(number, column)| Some((column.dispensable?, number)));
            let Some((_, number)) = ranked.min() else { return };
            let title = self.remove_column(number);
            self.too_wide.push(title);
        }
    }

    /// Narrows the widest columns of text until the table fits the terminal.
    fn fit(&mut self) {
        self.narrow(|column| column.legible);
        self.narrow(|column| column.legible.map(|_| NARROWEST));
    }

    /// Narrows the widest columns until the table fits the terminal, each to the width that `least` returns.
    fn narrow(&mut self, least: fn(&Column) -> Option<usize>) {
        let Some(most) = self.look.width else { return };
        while self.total(|column| column.width) > most {
            let wide = self.columns.iter_mut().filter(|column| least(column).is_some_and(|least| column.width > least));
            match wide.max_by_key(|column| column.width) {
                Some(widest) => widest.width -= 1,
                None => return,
            }
        }
    }

    /// Returns the width of the table with columns of these widths.
    fn total(&self, width: fn(&Column) -> usize) -> usize {
        let gaps = GAP.len() * self.columns.len().saturating_sub(1);
        gaps + self.columns.iter().map(width).sum::<usize>()
    }

    /// Writes the rows of the block, after the header if this is the first block.
    ///
    /// # Errors
    /// The error of `out`.
    pub(crate) fn write_block(&mut self, out: &mut impl Write) -> io::Result<()> {
        let mut text = String::new();
        if !self.has_header {
            self.drop_columns_to_fit();
        }
        self.fit();
        if !std::mem::replace(&mut self.has_header, true) {
            self.push_header(&mut text);
        }
        for row in std::mem::take(&mut self.rows) {
            self.push_line(&mut text, row.iter().map(|cell| (cell.text.as_str(), cell.style)));
        }
        out.write_all(text.as_bytes())
    }

    /// Writes a complete table to standard output.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub(crate) fn print(mut self) -> Result<(), Failure> {
        self.look = Look::of_stdout();
        self.drop_empty_columns();
        let mut out = output::stdout();
        self.write_block(&mut out)?;
        out.flush()?;
        if let Some(too_wide) = self.too_wide() {
            print_message(&too_wide);
        }
        Ok(())
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
        self.push_line(text, self.columns.iter().map(|column| (column.title.as_str(), HEADING)));
        if self.columns.iter().any(|column| !column.unit.is_empty()) {
            self.push_line(text, self.columns.iter().map(|column| (column.unit.as_str(), Style::new())));
        }
    }

    fn push_line<'a>(&self, text: &mut String, cells: impl Iterator<Item = (&'a str, Style)>) {
        // The blanks before the next cell, so that no line ends in blanks.
        let mut blanks = 0;
        for (index, (column, (cell, style))) in self.columns.iter().zip(cells).enumerate() {
            blanks += if index > 0 { GAP.len() } else { 0 };
            let cell = cut(cell, column.width);
            let padding = column.width.saturating_sub(cell.width());
            blanks += if column.is_right_aligned { padding } else { 0 };
            if !cell.is_empty() {
                text.extend(std::iter::repeat_n(' ', blanks));
                blanks = 0;
                self.push_cell(text, &cell, style);
            }
            blanks += if column.is_right_aligned { 0 } else { padding };
        }
        text.push('\n');
    }

    fn push_cell(&self, text: &mut String, cell: &str, style: Style) {
        if self.look.has_colours {
            // Writing to a string cannot fail.
            let _ = write!(text, "{style}{cell}{style:#}");
        } else {
            text.push_str(cell);
        }
    }
}

/// Cuts a text to this width. The end of a text that was cut is an ellipsis.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut cut = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += character.width().unwrap_or_default();
        if taken > width {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    Cow::Owned(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(table: &mut Table) -> String {
        let mut out = Vec::new();
        table.write_block(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn columns_of_text_are_cut_to_fit_and_others_are_not() {
        let columns =
            vec![Column::text("station"), Column::time("time"), Column::text("name"), Column::number("no2", "")];
        let mut table = Table::new(columns).look(Look { width: Some(48), has_colours: false });
        table.push(row(&["aq_retiro", "2016-10-01 00:00:00", "Estación del Retiro", "12.5"]));
        assert_eq!(
            written(&mut table),
            "station    time                 name         no2\naq_retiro  2016-10-01 00:00:00  Estación …  12.5\n"
        );
    }

    #[test]
    fn dispensable_columns_are_left_out_before_others_become_illegible() {
        let columns = || {
            let name = Column::text("name").dispensable(1);
            vec![Column::id("station"), name, Column::text("city").dispensable(2), Column::number("no2", "")]
        };
        let cells = row(&["aq_castellana", "Paseo de la Castellana", "Rivas-Vaciamadrid", "12.5"]);
        for (width, header, left_out) in [
            (80, "station        name                    city                no2", None),
            (50, "station        name            city            no2", None),
            (40, "station        city                no2", Some("name")),
            (30, "station         no2", Some("name, city")),
        ] {
            let mut table = Table::new(columns()).look(Look { width: Some(width), has_colours: false });
            table.push(cells.clone());
            let text = written(&mut table);
            assert_eq!(text.lines().next(), Some(header), "{width}");
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
            let expected =
                left_out.map(|titles| format!("left out to fit the terminal: {titles}; --format json has them"));
            assert_eq!(table.too_wide(), expected);
        }
    }

    #[test]
    fn columns_without_content_are_dropped_from_a_whole_table() {
        let columns =
            || vec![Column::text("station"), Column::text("city"), Column::number("no2", "µg/m³"), Column::text("x")];
        let mut table = Table::new(columns());
        table.push(row(&["a", "", "-", "1"]));
        table.push(row(&["b", "", "-", ""]));
        assert_eq!(table.drop_empty_columns(), ["city", "no2"]);
        assert_eq!(written(&mut table), "station  x\na        1\nb\n");
        let mut long = Table::new(columns());
        long.push(row(&["a", "", "-", "1"]));
        written(&mut long);
        assert!(long.drop_empty_columns().is_empty(), "the header is written");
    }

    #[test]
    fn colours_are_around_cells_and_change_no_width() {
        let look = Look { width: None, has_colours: true };
        let mut table = Table::new(vec![Column::text("band"), Column::number("no2", "")]).look(look);
        table.push(vec![TableCell::styled("Good".to_owned(), Style::new().underline()), "1".to_owned().into()]);
        let text = written(&mut table);
        assert_eq!(text, "\u{1b}[1mband\u{1b}[0m  \u{1b}[1mno2\u{1b}[0m\n\u{1b}[4mGood\u{1b}[0m    1\n");
    }

    #[test]
    fn numbers_align_right_and_text_aligns_left_by_the_width_of_letters() {
        let mut table = Table::new(vec![Column::text("city"), Column::number("no2", "µg/m³")]);
        table.push(row(&["Málaga", "1.5"]));
        table.push(row(&["東京", "10.0"]));
        assert_eq!(written(&mut table), "city      no2\n        µg/m³\nMálaga    1.5\n東京     10.0\n");
    }

    #[test]
    fn the_header_is_written_once_and_later_blocks_only_widen() {
        let mut table = Table::new(vec![Column::text("a"), Column::text("b")]);
        table.push(row(&["long", "x"]));
        assert_eq!(written(&mut table), "a     b\nlong  x\n");
        table.push(row(&["s", "y"]));
        assert_eq!(written(&mut table), "s     y\n");
        table.push(row(&["longer", "z"]));
        assert_eq!(written(&mut table), "longer  z\n");
    }

    #[test]
    fn a_cell_cannot_contain_control_characters() {
        let mut table = Table::new(vec![Column::text("a")]);
        table.push(row(&["\u{1b}[31mred\n"]));
        assert!(!written(&mut table).contains('\u{1b}'));
    }
}
