//! The texts of a chart: the title, the names of lines, the description for screen readers.

use super::panels::{Line, Panel};
use super::series::SeriesTable;
use crate::model::{Parameter, Station, Stations};
use crate::query::{Averages, Every, Percentile, Statistic};
use std::collections::BTreeSet;
use std::fmt::Write;

const LONGEST: usize = 40;

/// The names of the stations of a table. A station without a name has its id; equal names are followed by the id. If there are
/// several cities, names are followed by the city.
pub(super) fn stations(table: &SeriesTable, known: &Stations) -> Vec<String> {
    let several = cities(table, known).len() > 1;
    let names: Vec<String> = table.stations.iter().map(|station| station_name(&station.id, known, several)).collect();
    let mut labels = Vec::new();
    for (station, name) in table.stations.iter().zip(&names) {
        let is_taken = names.iter().filter(|other| *other == name).count() > 1;
        labels.push(if is_taken { plain(&format!("{name} ({})", station.id)) } else { plain(name) });
    }
    labels
}

/// The name of a station, followed by its city if the chart has several.
fn station_name(id: &str, known: &Stations, several: bool) -> String {
    match known.get(id) {
        Some(Station { name: Some(name), city: Some(city), .. }) if several => format!("{name}, {city}"),
        Some(Station { name: Some(name), .. }) => name.clone(),
        _ => id.to_owned(),
    }
}

/// `NO₂ in Madrid`, `Air quality at Salvia, Madrid`, `NO₂, O₃ at 5 stations`.
pub(super) fn title(table: &SeriesTable, panels: &[Panel], known: &Stations) -> String {
    format!("{} {}", quantities(table, panels), location(table, known)).trim().to_owned()
}

/// The name of averages: `daily mean`, `values a month`, `mean of 8 hours`.
pub(super) fn averages(averaging: &Averages) -> String {
    if let Some(running) = averaging.running() {
        return format!("mean of {} hours", running.hours());
    }
    if let Some(profile) = averaging.profile() {
        return format!("{} by {}", statistic(averaging.statistic()), profile.name().replace('-', " "));
    }
    let (each, period) = match averaging.every() {
        Every::Hour => ("hourly", "an hour"),
        Every::EightHours => ("eight-hour", "eight hours"),
        Every::Day => ("daily", "a day"),
        Every::Month => ("monthly", "a month"),
        Every::Year => ("yearly", "a year"),
    };
    match averaging.statistic() {
        Statistic::Count => format!("values {period}"),
        kind => format!("{each} {}", statistic(kind)),
    }
}

fn statistic(statistic: Statistic) -> String {
    match statistic {
        Statistic::Mean => "mean".to_owned(),
        Statistic::Min => "minimum".to_owned(),
        Statistic::Max => "maximum".to_owned(),
        Statistic::MEDIAN => "median".to_owned(),
        Statistic::Percentile(percentile) => format!("{percentile}{} percentile", ordinal_ending(percentile)),
        Statistic::MaxEightHours => "maximum 8-hour mean".to_owned(),
        Statistic::Somo35 => "SOMO35".to_owned(),
        Statistic::Count => "number of values".to_owned(),
    }
}

/// Returns `st`, `nd`, `rd` or `th`.
fn ordinal_ending(percentile: Percentile) -> &'static str {
    let tenths = percentile.tenths();
    let number = if tenths.is_multiple_of(10) { tenths / 10 } else { tenths % 10 };
    match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

fn quantities(table: &SeriesTable, panels: &[Panel]) -> String {
    let symbols = table.parameters().map(Parameter::symbol);
    let drawn: Vec<&str> = symbols.filter(|symbol| is_drawn(symbol, panels)).collect();
    if (1..=3).contains(&drawn.len()) { drawn.join(", ") } else { "Air quality".to_owned() }
}

/// Returns whether a panel or a line shows the parameter with this symbol.
fn is_drawn(symbol: &str, panels: &[Panel]) -> bool {
    panels.iter().any(|panel| panel.title == symbol || panel.lines.iter().any(|line| line.label == symbol))
}

fn location(table: &SeriesTable, known: &Stations) -> String {
    let cities = cities(table, known);
    match (table.stations.as_slice(), cities.iter().next()) {
        ([], _) => String::new(),
        ([one], city) => {
            let name = known.get(&one.id).and_then(|station| station.name.as_ref()).unwrap_or(&one.id);
            plain(&format!("at {name}{}", city.map(|city| format!(", {city}")).unwrap_or_default()))
        }
        (_, Some(city)) if cities.len() == 1 => plain(&format!("in {city}")),
        (several, _) => format!("at {} stations", several.len()),
    }
}

fn cities<'a>(table: &SeriesTable, known: &'a Stations) -> BTreeSet<&'a str> {
    let mut cities = BTreeSet::new();
    for station in &table.stations {
        if let Some(Station { city: Some(city), .. }) = known.get(&station.id) {
            cities.insert(city.as_str());
        }
    }
    cities
}

/// The chart in words, for screen readers.
pub(super) fn description(panels: &[Panel], time: &str) -> String {
    const ENOUGH: usize = 48;
    let mut text = format!("Lines over time, {time}.");
    let lines = panels.iter().flat_map(|panel| panel.lines.iter().map(move |line| (panel, line)));
    for (panel, line) in lines.take(ENOUGH) {
        // Writing to a string cannot fail.
        let _ = write!(text, " {}: {}.", name(panel, line), summary(line, panel.unit));
    }
    text
}

fn name(panel: &Panel, line: &Line) -> String {
    if panel.title.split(", ").any(|part| part == line.label) {
        return line.label.clone();
    }
    format!("{} at {}", panel.title, line.label)
}

fn summary(line: &Line, unit: &str) -> String {
    let (count, low, high) =
        line.values().fold((0, f64::INFINITY, f64::NEG_INFINITY), |(count, low, high), (_, value)| {
            (count + 1, value.min(low), value.max(high))
        });
    let last = line.values().last().map(|(_, value)| value).unwrap_or_default();
    let values = if count == 1 { "value" } else { "values" };
    format!("{count} {values} from {} to {} {unit}, the last {}", short(low), short(high), short(last))
}

fn short(value: f64) -> String {
    if value.abs() < 1e9 { format!("{value:.2}") } else { format!("{value:.2e}") }
}

/// Text of at most [`LONGEST`] characters, with control characters and characters that are invalid in XML replaced.
pub(super) fn plain(text: &str) -> String {
    let mut plain: String = text.chars().map(|c| if is_odd(c) { '\u{fffd}' } else { c }).take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        plain.push('…');
    }
    plain
}

/// Returns whether a character is a control character or invalid in XML.
fn is_odd(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Stations {
        let of = |id: &str, name: &str, city: &str| Station {
            name: Some(name.into()),
            city: Some(city.into()),
            ..Station::new(id)
        };
        Stations::from_iter([of("a", "Centro", "Madrid"), of("b", "Centro", "Madrid"), of("c", "Turia", "València")])
    }

    fn table(ids: &[&str]) -> SeriesTable {
        let rows = ids.iter().map(|id| format!("{id},2016-10-01,1\n"));
        SeriesTable::read(("station,time,no2\n".to_owned() + &rows.collect::<String>()).as_bytes()).unwrap()
    }

    #[test]
    fn no_two_lines_have_the_same_name() {
        assert_eq!(stations(&table(&["a", "b"]), &known()), ["Centro (a)", "Centro (b)"]);
        assert_eq!(stations(&table(&["a", "c", "x"]), &known()), ["Centro, Madrid", "Turia, València", "x"]);
    }

    #[test]
    fn the_title_has_the_parameters_and_the_location() {
        let title = |ids: &[&str]| {
            let table = table(ids);
            super::title(&table, &super::super::panels::panels(&table, &known()).unwrap(), &known())
        };
        assert_eq!(title(&["a"]), "NO₂ at Centro, Madrid");
        assert_eq!(title(&["a", "b"]), "NO₂ in Madrid");
        assert_eq!(title(&["a", "c"]), "NO₂ at 2 stations");
    }

    #[test]
    fn a_hostile_name_is_cut_and_its_control_characters_are_replaced() {
        assert_eq!(plain("a\u{1b}\0b"), "a\u{fffd}\u{fffd}b");
        assert_eq!(plain(&"x".repeat(1000)).chars().count(), LONGEST + 1);
    }
}
