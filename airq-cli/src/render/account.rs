//! The account of an input for people: a line of counts, the ignored values, and a table of pollutants.

use super::table::{Column, Table};
use crate::failure::harmless;
use airq_core::{Account, Counted, PollutantSummary};
use std::io::{self, Write};

/// The greatest number of unknown parameters that are named.
const NAMED: usize = 12;

/// The name of the counted unit.
pub(crate) fn counted(account: &Account) -> &'static str {
    if account.counted == Counted::Values { "values" } else { "rows" }
}

/// The counts in one line. They add up to the number that was read.
pub(crate) fn account_line(account: &Account) -> String {
    let Account { read, duplicates, rejected, ignored, .. } = account;
    let (what, accepted, ignored) = (counted(account), account.accepted(), ignored.total());
    format!("read {read} {what}: {accepted} accepted, {duplicates} duplicates, {rejected} rejected, {ignored} ignored")
}

/// Writes the reasons for ignored values and the names of unknown parameters, if there are any.
///
/// # Errors
/// The error of `out`.
pub(crate) fn write_ignored(account: &Account, out: &mut impl Write) -> io::Result<()> {
    let ignored = account.ignored;
    let whys = [
        (ignored.invalid, "marked as invalid"),
        (ignored.missing, "empty"),
        (ignored.unknown, "of parameters that airq does not know"),
    ];
    let whys: Vec<String> =
        whys.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if !whys.is_empty() {
        writeln!(out, "ignored: {}", whys.join(", "))?;
    }
    let names = account.unknown.iter().take(NAMED).map(|(name, count)| format!("{} ({count})", harmless(name)));
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        return Ok(());
    }
    let more = account.unknown.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    writeln!(out, "not known: {}{more}", names.join(", "))
}

/// The table of pollutants.
pub(crate) fn summary(of: &[PollutantSummary]) -> Table {
    let number = |title| Column::number(title, "");
    let text = Column::text;
    let columns = vec![
        text("pollutant"),
        text("unit"),
        number("count"),
        number("min"),
        number("mean"),
        number("max"),
        text("first"),
        text("last"),
    ];
    let mut table = Table::new(columns);
    for pollutant in of {
        let decimals = if pollutant.pollutant.unit() == "mg/m³" { 2 } else { 1 };
        let value = |value: f64| format!("{value:.decimals$}");
        table.push(vec![
            pollutant.pollutant.name().to_owned(),
            pollutant.pollutant.unit().to_owned(),
            pollutant.count.to_string(),
            value(pollutant.min),
            value(pollutant.mean),
            value(pollutant.max),
            pollutant.first.to_string(),
            pollutant.last.to_string(),
        ]);
    }
    table
}
