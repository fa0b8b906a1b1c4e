//! The panels of a chart and their lines.

use super::series::{SeriesTable, StationSeries};
use super::style::MOST_LINES;
use super::{labels, too_much};
use crate::error::Result;
use crate::model::{Parameter, Stations, Timestamp};

/// One pair of axes: a unit, and lines that share it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Panel {
    /// The parameter of the lines, such as `NO₂`; in a chart of one station, all parameters of the panel.
    pub title: String,
    /// The unit of the values, `µg/m³` or `mg/m³`; `values` where values were counted.
    pub unit: &'static str,
    /// The lines, in the order of the legend.
    pub lines: Vec<Line>,
}

/// A line: the values of a station and a parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// The name in the legend: a station, or a parameter.
    pub label: String,
    /// The number of the style (colour and dashes), from 0. A station has the same style in every panel.
    pub style: usize,
    /// The values in time order, cut at gaps. No run is empty.
    pub runs: Vec<Vec<(Timestamp, f64)>>,
}

impl Line {
    /// The values in time order.
    pub fn values(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        self.runs.iter().flatten().copied()
    }
}

/// The panels of a table. One station has a panel for each unit and a line for each parameter; several stations have a panel for
/// each parameter and a line for each station.
pub(super) fn panels(table: &SeriesTable, stations: &Stations) -> Result<Vec<Panel>> {
    match table.stations.as_slice() {
        [] => Ok(Vec::new()),
        [one] => Ok(panels_of_station(table, one)),
        several if several.len() > MOST_LINES => {
            Err(too_much("station", &format!("{} stations", several.len()), format_args!("{MOST_LINES} stations")))
        }
        _ => Ok(panels_of_stations(table, stations)),
    }
}

fn panels_of_station(table: &SeriesTable, station: &StationSeries) -> Vec<Panel> {
    let mut panels: Vec<Panel> = Vec::new();
    let measured = table.parameters().map(|parameter| (parameter, table.runs(station, parameter)));
    for (style, (parameter, runs)) in measured.filter(|(_, runs)| !runs.is_empty()).enumerate() {
        let line = Line { label: parameter.symbol().to_owned(), style, runs };
        match panels.iter_mut().find(|panel| panel.unit == table.unit(parameter)) {
            Some(panel) => {
                panel.title = format!("{}, {}", panel.title, line.label);
                panel.lines.push(line);
            }
            None => panels.push(Panel { title: line.label.clone(), unit: table.unit(parameter), lines: vec![line] }),
        }
    }
    panels
}

fn panels_of_stations(table: &SeriesTable, stations: &Stations) -> Vec<Panel> {
    let labels = labels::stations(table, stations);
    let mut panels = Vec::new();
    for parameter in table.parameters() {
        let lines = lines_of_stations(table, parameter, &labels);
        if !lines.is_empty() {
            panels.push(Panel { title: parameter.symbol().to_owned(), unit: table.unit(parameter), lines });
        }
    }
    panels
}

/// The lines of the stations that have values of the parameter.
fn lines_of_stations(table: &SeriesTable, parameter: Parameter, labels: &[String]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (style, (station, label)) in table.stations.iter().zip(labels).enumerate() {
        let runs = table.runs(station, parameter);
        if !runs.is_empty() {
            lines.push(Line { label: label.clone(), style, runs });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    fn shape(csv: &str) -> Vec<(String, &'static str, Vec<String>)> {
        let table = SeriesTable::read(csv.as_bytes()).unwrap();
        let panels = panels(&table, &Stations::default()).unwrap();
        let labels = |panel: &Panel| panel.lines.iter().map(|line| line.label.clone()).collect();
        panels.iter().map(|panel| (panel.title.clone(), panel.unit, labels(panel))).collect()
    }

    #[test]
    fn one_station_has_a_panel_for_each_unit_and_a_line_for_each_parameter() {
        let shape = shape("station,time,no2,co,o3,so2\na,2016-10-01,1,2,3,\n");
        let of = |labels: &[&str]| labels.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            shape,
            [("NO₂, O₃".to_owned(), "µg/m³", of(&["NO₂", "O₃"])), ("CO".to_owned(), "mg/m³", of(&["CO"])),]
        );
    }

    #[test]
    fn several_stations_have_a_panel_for_each_parameter_and_a_line_for_each_station() {
        let shape = shape("station,time,no2,co,so2\na,2016-10-01,1,,\nb,2016-10-01,1,2,\n");
        let titles: Vec<_> = shape.iter().map(|(title, ..)| title.as_str()).collect();
        assert_eq!(titles, ["NO₂", "CO"]);
        assert_eq!((shape[0].2.len(), shape[1].2.len()), (2, 1));
    }

    #[test]
    fn more_stations_than_line_styles_are_refused() {
        let mut csv = "station,time,no2\n".to_owned();
        for station in 0..=MOST_LINES {
            writeln!(csv, "s{station:02},2016-10-01,1").unwrap();
        }
        let error = panels(&SeriesTable::read(csv.as_bytes()).unwrap(), &Stations::default()).unwrap_err();
        assert_eq!((error.is_invalid_input(), error.issues()[0].given.as_str()), (true, "25 stations"));
    }
}
