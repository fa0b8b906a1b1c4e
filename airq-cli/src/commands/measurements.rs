//! Measurements on standard output, for the commands `query` and `latest`.

use crate::failure::{Failure, print_message, without_control_characters};
use crate::output;
use crate::render::{Look, MeasurementTable, clock};
use crate::source::Source;
use airq_core::{Airq, Cursor, Error, ErrorKind, Format, Query};
use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::Path;

/// The greatest number of rows on a terminal without a limit.
const TERMINAL_ROWS: u64 = 1000;

/// The form of the output.
#[derive(Clone, Copy, Debug)]
pub(super) enum OutputForm {
    As(Format),
    Table,
}

/// Parses the parameters.
///
/// # Errors
/// The error of the parser of the core.
pub(super) fn parse(
    known: &[&str],
    mut pairs: Vec<(&str, &str)>,
    file: Option<&Path>,
) -> Result<(Query, OutputForm), Failure> {
    let table = take_table(&mut pairs);
    let (query, format) = Query::from_pairs(known, pairs)?;
    let format = match (format, file) {
        (None, Some(file)) if !table => Some(format_of(file)?),
        _ => format,
    };
    Ok((query, form(format, table)))
}

/// Returns the format of a file by its ending.
///
/// # Errors
/// If the ending is that of a format that this program is built without.
fn format_of(file: &Path) -> Result<Format, Failure> {
    let ending = file.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("csv") => Ok(Format::Csv),
        Some("ndjson" | "jsonl") => Ok(Format::Ndjson),
        Some("geojson") => Ok(Format::GeoJson),
        Some("parquet") => Format::parse("parquet").ok_or_else(|| Failure::not_built_in("parquet")),
        _ => Ok(Format::default()),
    }
}

/// Removes the format `table`, which exists in this program only, from the parameters for the parser of the core. Returns whether it
/// was the only format.
pub(super) fn take_table(pairs: &mut Vec<(&str, &str)>) -> bool {
    let formats = pairs.iter().filter(|(name, _)| *name == "format").count();
    let table = formats == 1 && pairs.contains(&("format", "table"));
    if table {
        pairs.retain(|(name, _)| *name != "format");
    }
    table
}

/// Returns the form of the output: a table on a terminal and the default format in a pipe, unless a format is given.
pub(super) fn form(format: Option<Format>, table: bool) -> OutputForm {
    match format {
        Some(format) => OutputForm::As(format),
        None if table || io::stdout().is_terminal() => OutputForm::Table,
        None => OutputForm::As(Format::default()),
    }
}

/// Writes the answer to a file, or to standard output.
///
/// # Errors
/// If a name is unknown, the source fails or the output cannot be written.
pub(super) fn show(source: &Source<'_>, query: &Query, shown: OutputForm, file: Option<&Path>) -> Result<(), Failure> {
    match shown {
        OutputForm::As(format) => stream(source, query, format, file),
        OutputForm::Table if file.is_some() => {
            let why = "--format table is for a terminal: a file takes json, ndjson, csv or another format";
            Err(Error::new(ErrorKind::InvalidParameter, why).into())
        }
        OutputForm::Table => print_table(source, query),
    }
}

/// Streams the answer in a format.
fn stream(source: &Source<'_>, query: &Query, format: Format, file: Option<&Path>) -> Result<(), Failure> {
    output::check_is_text(format, file)?;
    let needs_stations = query.needs_stations() || format.describes_stations();
    let is_one_pass = query.averages().is_some() && !needs_stations;
    let airq = if is_one_pass { source.open_for_query()? } else { source.open()? };
    let summary = output::write_to(file, |out| airq.write(query, format, out).map_err(|error| source.failure(error)))?;
    if !matches!(format, Format::Json | Format::Records | Format::Columns | Format::GeoJson) {
        report_next(summary.rows, summary.next.as_ref());
    }
    source.report_left_out(airq.account().as_ref());
    Ok(())
}

/// Prints the answer as a table, on a terminal without a limit only its first rows.
fn print_table(source: &Source<'_>, query: &Query) -> Result<(), Failure> {
    let airq = source.open()?;
    let look = Look::of_stdout();
    let most = if look.width.is_some() && query.row_limit().is_none() { TERMINAL_ROWS } else { u64::MAX };
    let mut table = MeasurementTable::new(airq.stations()?, query.averages(), output::stdout()).look(look);
    let mut rows = 0;
    let mut is_cut = false;
    let summary = airq.for_each_row(query, |row| {
        if rows == most {
            is_cut = true;
            return Ok(ControlFlow::Break(()));
        }
        rows += 1;
        table.push(row)?;
        Ok(ControlFlow::Continue(()))
    })?;
    let without_values = table.finish(summary.schema())?;
    if rows == 0 {
        print_message(&nothing_found(&airq));
    }
    if !without_values.is_empty() {
        print_message(&format!("without values, left out: {}", without_values.join(", ")));
    }
    if is_cut {
        print_message(&format!("the first {most} rows are shown: --limit N shows more, --format csv writes all"));
    }
    report_next(summary.rows, summary.next.as_ref());
    source.report_left_out(airq.account().as_ref());
    Ok(())
}

/// Returns a message with the range of the data, if the data are files. Counting the rows of a database takes too long for a message.
fn nothing_found(airq: &Airq) -> String {
    let data = airq.account().and_then(|_| airq.data_set().ok());
    match data.and_then(|data| data.first.zip(data.last)) {
        Some((first, last)) => {
            let [first, last] = [first, last].map(|time| clock(&time.to_string()));
            format!("no measurement matches; the data are from {first} to {last} UTC")
        }
        None => "no measurement matches".to_owned(),
    }
}

/// Reports the cursor of the next page on standard error, for formats that do not contain the cursor.
fn report_next(rows: u64, next: Option<&Cursor>) {
    if let Some(next) = next {
        let cursor = without_control_characters(&next.to_string());
        let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        print_message(&format!("{rows}, and there are more: go on with --cursor '{cursor}'"));
    }
}
