//! Measurements on standard output, for the commands `query` and `latest`.

use crate::failure::{Failure, harmless, tell};
use crate::output;
use crate::render::MeasurementTable;
use airq_core::{Airq, Cursor, Format, Query, Statistic};
use std::io::{self, IsTerminal};
use std::ops::ControlFlow;

/// The form of the output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    As(Format),
    Table,
}

/// Parses the parameters. The format `table` exists in this program only, and is not passed to the parser of the core.
///
/// # Errors
/// The error of the parser of the core.
pub(super) fn parse(known: &[&str], mut pairs: Vec<(&str, &str)>) -> Result<(Query, Shown), Failure> {
    let formats = pairs.iter().filter(|(name, _)| *name == "format").count();
    let table = formats == 1 && pairs.contains(&("format", "table"));
    if table {
        pairs.retain(|(name, _)| *name != "format");
    }
    let (query, format) = Query::from_pairs(known, pairs)?;
    let shown = match format {
        Some(format) => Shown::As(format),
        None if table || io::stdout().is_terminal() => Shown::Table,
        None => Shown::As(Format::default()),
    };
    Ok((query, shown))
}

/// Writes the answer to standard output as it is read.
///
/// # Errors
/// If a name is unknown, the source fails or the output cannot be written.
pub(super) fn show(airq: &Airq, query: &Query, shown: Shown) -> Result<(), Failure> {
    match shown {
        Shown::As(format) => {
            let summary = airq.write(query, format, output::stdout())?;
            if matches!(format, Format::Csv | Format::Ndjson | Format::NgsiLd | Format::NgsiLdNormalized) {
                tell_next(summary.rows, summary.next.as_ref());
            }
        }
        Shown::Table => {
            let is_count = query.averages().is_some_and(|averaging| averaging.kind() == Statistic::Count);
            let mut table = MeasurementTable::new(airq.stations()?, output::stdout()).counting(is_count);
            let summary = airq.for_each_row(query, |row| {
                table.push(row)?;
                Ok(ControlFlow::Continue(()))
            })?;
            table.finish(summary.schema())?;
            if summary.rows == 0 {
                tell("no measurement matches");
            }
            tell_next(summary.rows, summary.next.as_ref());
        }
    }
    Ok(())
}

/// Reports the cursor of the next page on standard error, for formats that do not contain the cursor.
fn tell_next(rows: u64, next: Option<&Cursor>) {
    if let Some(next) = next {
        let cursor = harmless(&next.to_string());
        tell(&format!("{rows} rows, and there are more: go on with --cursor '{cursor}'"));
    }
}
