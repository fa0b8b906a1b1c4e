//! What `query` and `latest` share: an answer made of measurements, streamed to standard output.

use crate::failure::{Failure, harmless, tell};
use crate::output;
use crate::render::Measurements;
use airq_core::{Airq, Format, Query, Statistic, Summary};
use std::io::{self, IsTerminal};

/// How measurements are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    As(Format),
    Table,
}

/// Parses the parameters. `table` is a format only here: the parser of the core never sees it.
///
/// # Errors
/// Those of the core's parser.
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

/// Streams the answer.
///
/// # Errors
/// If a name is unknown, the source fails or the output cannot be written.
pub(super) fn show(airq: &Airq, query: &Query, shown: Shown) -> Result<(), Failure> {
    match shown {
        Shown::As(format) => {
            let summary = airq.write(query, format, output::stdout())?;
            if matches!(format, Format::Csv | Format::Ndjson | Format::NgsiLd | Format::NgsiLdNormalized) {
                tell_next(&summary);
            }
        }
        Shown::Table => {
            let is_count = query.averages().is_some_and(|averaging| averaging.kind() == Statistic::Count);
            let mut table = Measurements::new(airq.stations()?, output::stdout()).counting(is_count);
            let summary = airq.write(query, Format::Csv, &mut table)?;
            table.finish()?;
            if summary.rows == 0 {
                tell("no measurement matches");
            }
            tell_next(&summary);
        }
    }
    Ok(())
}

/// Where the format itself has no place for it: how to get the rows behind the limit.
fn tell_next(summary: &Summary) {
    if let Some(next) = &summary.next {
        tell(&format!(
            "{} rows, and there are more: go on with --cursor '{}'",
            summary.rows,
            harmless(&next.to_string())
        ));
    }
}
