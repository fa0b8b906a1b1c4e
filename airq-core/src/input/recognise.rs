//! Recognises the format of a file by its header, and opens the file's reader.

use super::bind::bind;
use super::columns::Columns;
use super::description::{Fit, FormatDescription, Short, TextFrom, built_in};
use super::file_context::FileContext;
use super::input_format::InputFormat;
use super::options::InputOptions;
use super::own;
use super::records::Records;
use super::rows::Rows;
use super::suggestion::unknown;
use super::table::Table;
use crate::csv::{First, Layout, Record, Wanted};
use crate::error::Result;
use crate::model::{Parameter, Timestamp, Unit};
use std::sync::Arc;

/// The format of a file.
pub(super) enum Recognition {
    /// airq's own format, which passes unchanged.
    AsItIs,
    Read(Box<OpenedFormat>),
}

/// A format, after the header was read.
pub(super) struct OpenedFormat {
    pub(super) format: InputFormat,
    pub(super) description: Option<Arc<FormatDescription>>,
    pub(super) columns: Columns,
    pub(super) parts: FormatParts,
    /// The number of records before the first row: the header and the row of units.
    pub(super) heading: usize,
}

/// The parts of a format that read a file.
#[derive(Debug)]
pub(super) struct FormatParts {
    pub(super) records: Box<dyn Records>,
    pub(super) rows: Rows,
    /// True if rows of one station and time are merged.
    pub(super) merges: bool,
}

impl FormatParts {
    pub(super) fn new(records: impl Records + 'static, rows: Rows) -> Self {
        FormatParts { records: Box::new(records), rows, merges: false }
    }

    pub(super) fn table(mut table: Table) -> Self {
        let rows = table.rows();
        FormatParts::new(table, rows)
    }

    pub(super) fn merging(mut self) -> Self {
        self.merges = true;
        self
    }
}

/// A record that may be the header, and what surrounds it.
pub(super) struct Candidate<'a> {
    pub(super) first: Record<'a>,
    pub(super) columns: Columns,
    /// The cells of the next record, if there is one.
    pub(super) next: Vec<String>,
    pub(super) context: FileContext,
    pub(super) delimiter: u8,
    /// The text from the record on.
    pub(super) text: &'a [u8],
    /// True if the decoded text up to the end of the line is the bytes of the file, so that the file can pass unchanged.
    pub(super) is_raw: bool,
}

/// Opens a file by the description that the options name.
///
/// # Errors
/// If the candidate is not a header of the format.
pub(super) fn open_described(
    description: &Arc<FormatDescription>,
    candidate: &Candidate<'_>,
    options: &InputOptions,
) -> Result<Recognition> {
    options.check_effect(description)?;
    let names = &description.table.columns;
    if !names.is_empty() {
        if candidate.first.len() != names.len() {
            let why = format!("{} fields in place of {}", candidate.first.len(), names.len());
            return Err(candidate.columns.fault(&why));
        }
        return open(description, Columns::named(names), 0, candidate, options);
    }
    if options.maps_numbers() && candidate.columns.index_of("1").is_none() {
        let numbers: Vec<String> = (1..=candidate.columns.names.len()).map(|number| number.to_string()).collect();
        return open(description, Columns::named(&numbers), 0, candidate, options);
    }
    open(description, candidate.columns.clone(), 1, candidate, options)
}

fn open(
    description: &Arc<FormatDescription>,
    columns: Columns,
    header: usize,
    candidate: &Candidate<'_>,
    options: &InputOptions,
) -> Result<Recognition> {
    let mut context = candidate.context.clone();
    let has_units = match &description.table.units_row {
        Some(_) => true,
        None => header == 1 && is_units_row(&candidate.next),
    };
    if has_units {
        context.units.clone_from(&candidate.next);
    }
    let parts = bind(description, &columns, options, &context)?;
    let heading = header + usize::from(has_units);
    let format = InputFormat::described(&description.name);
    let description = Some(description.clone());
    Ok(Recognition::Read(Box::new(OpenedFormat { format, description, columns, parts, heading })))
}

/// Returns whether a record has units and nothing else.
pub(super) fn is_units_row(cells: &[String]) -> bool {
    let mut filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).peekable();
    filled.peek().is_some() && filled.all(|cell| Unit::lookup(without_brackets(cell)).is_some())
}

/// Returns a unit without the brackets around it.
pub(super) fn without_brackets(text: &str) -> &str {
    text.strip_prefix(['[', '(']).and_then(|text| text.strip_suffix([']', ')'])).unwrap_or(text)
}

/// Returns the built-in description with all columns of the candidate's header.
pub(super) fn built_in_of(candidate: &Candidate<'_>) -> Option<&'static Arc<FormatDescription>> {
    for description in built_in() {
        let has_units = match &description.table.units_row {
            Some(units) => candidate.next.starts_with(units),
            None => true,
        };
        if has_units && description.fit(&candidate.columns) == Fit::Whole {
            return Some(description);
        }
    }
    built_in().find(|description| is_row_of(description, candidate.first))
}

/// Returns whether a record is a row of a description without a header: it has a field for each column, a time, a parameter and
/// a unit.
fn is_row_of(description: &FormatDescription, record: Record<'_>) -> bool {
    let names = &description.table.columns;
    if names.is_empty() || names.len() != record.len() {
        return false;
    }
    let Some(parameter) = text_from(description.parameter.from.as_ref(), names, record) else { return false };
    let Some(unit) = text_from(description.value.unit.as_ref(), names, record) else { return false };
    let is_parameter = Parameter::lookup(&parameter).is_some() || description.parameter.names.contains_key(&parameter);
    is_parameter && Unit::lookup(&unit).is_some() && has_time(description, record)
}

/// Returns whether the columns of the time have a time in one of the description's spellings.
fn has_time(description: &FormatDescription, record: Record<'_>) -> bool {
    let names = &description.table.columns;
    let texts: Vec<String> =
        description.time.column.iter().map(|column| field(&column.column, names, record)).collect();
    let text = texts.join(" ");
    if description.time.format.is_empty() {
        return text.parse::<Timestamp>().is_ok();
    }
    description.time.format.iter().any(|format| format.0.read(text.as_bytes()).is_some())
}

/// The text in the first column of a source.
fn text_from(from: Option<&Short<TextFrom>>, names: &[String], record: Record<'_>) -> Option<String> {
    let column = from?.columns.first()?;
    Some(field(&column.column, names, record))
}

/// The field in the column with one of the names, which are joined by `|`.
fn field(name: &str, names: &[String], record: Record<'_>) -> String {
    let index = names.iter().position(|known| name.split('|').any(|name| name == known));
    index.map(|index| String::from_utf8_lossy(record.field(index)).trim().to_owned()).unwrap_or_default()
}

/// Recognises the format of the first record.
///
/// # Errors
/// If the record is the header of no known format.
pub(super) fn recognise(candidate: &Candidate<'_>, options: &InputOptions) -> Result<Recognition> {
    let first = Layout::read(candidate.first, &Wanted::default());
    // No format has a header that is one of airq's own format, too; a test compares them.
    let is_own = options.format() == Some(InputFormat::AIRQ) || matches!(first, Ok(First::Header(_)));
    let described = if is_own { None } else { built_in_of(candidate) };
    if let Some(description) = described {
        return open_described(description, candidate, options);
    }
    match first {
        Ok(First::Header(layout)) => open_own(&layout, 1, candidate, options),
        Ok(First::Row(layout)) => open_own(&layout, 0, candidate, options),
        // If the options name this format, its reader reports the error.
        Err(_) if options.format().is_some() => Ok(Recognition::AsItIs),
        Err(error) => Err(unknown(candidate, &error)),
    }
}

/// Opens a later record of the file as the header of airq's own format.
pub(super) fn own_header(candidate: &Candidate<'_>, options: &InputOptions) -> Option<Result<Recognition>> {
    match Layout::read(candidate.first, &Wanted::default()) {
        Ok(First::Header(layout)) => Some(open_own(&layout, 1, candidate, options)),
        Ok(First::Row(_)) | Err(_) => None,
    }
}

fn open_own(layout: &Layout, header: usize, candidate: &Candidate<'_>, options: &InputOptions) -> Result<Recognition> {
    let has_units = header == 1 && is_units_row(&candidate.next);
    if candidate.is_raw && !has_units && !options.are_of_own() && layout.columns_to_convert().is_empty() {
        return Ok(Recognition::AsItIs);
    }
    let mut context = candidate.context.clone();
    if has_units {
        context.units.clone_from(&candidate.next);
    }
    let parts = own::open(layout, options, &context)?;
    let columns = candidate.columns.clone();
    let heading = header + usize::from(has_units);
    Ok(Recognition::Read(Box::new(OpenedFormat {
        format: InputFormat::AIRQ,
        description: None,
        columns,
        parts,
        heading,
    })))
}

/// Returns the most similar format, with the difference, for a message.
pub(super) fn resembling(columns: &Columns) -> Option<String> {
    let found = built_in().find_map(|description| match description.fit(columns) {
        Fit::Resembles { lacking, more } => Some((description, lacking, more)),
        Fit::Whole | Fit::Other => None,
    });
    let (description, lacking, more) = found?;
    let mut parts = Vec::new();
    if !lacking.is_empty() {
        parts.push(format!("lacks {}", lacking.join(", ")));
    }
    if !more.is_empty() {
        parts.push(format!("has also {}", more.join(", ")));
    }
    let name = &description.name;
    let difference = crate::error::cut(&parts.join(" and "));
    // The message names formats if the header has their columns.
    let hint = if lacking.is_empty() { format!(": --format-in {name} reads it as such") } else { String::new() };
    Some(format!("it resembles {name} but {difference}, so it is not taken for {name}{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::Splitter;

    #[test]
    fn no_built_in_format_has_a_header_of_airqs_own() {
        for description in built_in() {
            for header in &description.header {
                let names: Vec<&str> = header.iter().flat_map(|name| name.split('|')).collect();
                let line = format!("{}\n", names.join(","));
                let mut splitter = Splitter::new(b',');
                let record = splitter.next(&mut line.as_bytes()).unwrap().unwrap();
                let first = Layout::read(record, &Wanted::default());
                assert!(!matches!(first, Ok(First::Header(_))), "{line}");
            }
        }
    }
}
