//! The account of an input for people: a line of counts, and a table of parameters.

use super::table::{Column, Table};
use crate::failure::print_message;
use airq_core::input::ParameterSummary;
use airq_core::internal::counted;
use airq_core::{Account, Timestamp, Unit};

/// The counts in one line. They add up to the number that was read.
pub(crate) fn account_line(account: &Account) -> String {
    let Account { read, duplicates, rejected, ignored, .. } = account;
    let accepted = account.accepted();
    let duplicates = counted(*duplicates, "duplicate");
    let counts = format!("{accepted} accepted, {duplicates}, {rejected} rejected");
    let reasons = [
        (ignored.invalid, "marked as invalid"),
        (ignored.missing, "empty"),
        (ignored.other_period, "of another period"),
        (ignored.unselected, "of other kinds"),
    ];
    let reasons: Vec<String> =
        reasons.iter().filter(|(count, _)| *count > 0).map(|(count, reason)| format!("{count} {reason}")).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("read {}: {counts}, {} ignored{reasons}", account.counted.number(*read), ignored.total())
}

/// Reports values outside the plausible ranges of their parameters.
pub(crate) fn report_implausible(summaries: &[ParameterSummary]) {
    for what in summaries.iter().filter_map(ParameterSummary::implausible) {
        print_message(&what);
    }
}

/// The table of parameters.
pub(crate) fn summary(of: &[ParameterSummary]) -> Table {
    let columns = vec![
        Column::text("parameter"),
        Column::text("unit"),
        Column::number("count", ""),
        Column::number("min", ""),
        Column::number("mean", ""),
        Column::number("max", ""),
        Column::time("first (UTC)"),
        Column::time("last (UTC)"),
    ];
    let mut table = Table::new(columns);
    for parameter in of {
        let decimals = if parameter.parameter.unit() == Unit::MilligramPerCubicMetre { 2 } else { 1 };
        table.push(vec![
            parameter.parameter.code().to_owned(),
            parameter.parameter.unit().symbol().to_owned(),
            parameter.count.to_string(),
            format!("{:.decimals$}", parameter.min),
            format!("{:.decimals$}", parameter.mean),
            format!("{:.decimals$}", parameter.max),
            minute(parameter.first),
            minute(parameter.last),
        ]);
    }
    table
}

/// Returns a time without seconds.
fn minute(time: Timestamp) -> String {
    time.to_string().get(..16).unwrap_or_default().replace('T', " ")
}
