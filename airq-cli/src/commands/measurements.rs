//! Measurements on standard output, for the commands `query` and `latest`.

use crate::failure::{Failure, print_message, without_control_characters};
use crate::output;
use crate::render::{Look, MeasurementTable, clock};
use crate::source::Source;
use airq_core::internal::counted;
use airq_core::{Airq, Cursor, Error, ErrorKind, Format, Nearby, Query};
use std::fmt::Write as _;
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
        (None, Some(file)) if !table => Some(output::format_of(file)?.unwrap_or_default()),
        _ => format,
    };
    Ok((query, form(format, table)))
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
    if summary.rows == 0 {
        report_nothing_found(&airq, query);
    }
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
    let mut table = MeasurementTable::new(airq.stations()?, query, output::stdout()).look(look);
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
    let left_out = table.finish(summary.schema())?;
    if rows == 0 {
        report_nothing_found(&airq, query);
    }
    for message in left_out {
        print_message(&message);
    }
    if is_cut {
        print_message(&format!("the first {most} rows are shown: --limit N shows more, --format csv writes all"));
    }
    report_next(summary.rows, summary.next.as_ref());
    source.report_left_out(airq.account().as_ref());
    Ok(())
}

/// Reports that no row matches, and the nearest data.
pub(super) fn report_nothing_found(airq: &Airq, query: &Query) {
    // An error of the source would have been reported before.
    let nearby = airq.nearby(query).unwrap_or_default();
    print_message(&without_control_characters(&nothing_found("no measurement matches", &nearby)));
}

/// Returns a message with the data nearest to a query without a result.
pub(super) fn nothing_found(what: &str, nearby: &Nearby) -> String {
    if let Some((station, metres)) = &nearby.station {
        let names: Vec<&str> = [&station.name, &station.city].into_iter().flatten().map(String::as_str).collect();
        let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        let kilometres = (metres / 1000.0).ceil();
        return format!("no station is at this place; the nearest is {}{names}, within {kilometres} km", station.id);
    }
    let mut text = what.to_owned();
    if let Some((first, last)) = nearby.range {
        let [first, last] = [first, last].map(|time| clock(&time.to_string()));
        // Writing to a string cannot fail.
        let _ = write!(text, "; the data are from {first} to {last} UTC");
    }
    if let Some((station, time)) = &nearby.measurement {
        let time = clock(&time.to_string());
        let _ = write!(text, "; the nearest measurement is of {time} UTC, station {station}");
    }
    text
}

/// Reports the cursor of the next page on standard error, for formats that do not contain the cursor.
fn report_next(rows: u64, next: Option<&Cursor>) {
    if let Some(next) = next {
        let cursor = without_control_characters(&next.to_string());
        let rows = counted(rows, "row");
        print_message(&format!("{rows}, and there are more: go on with --cursor '{cursor}'"));
    }
}
