//! Rows as a table on the terminal, aligned and written a block at a time.

use super::look::{Look, on_colour};
use super::table::{Column, Table, TableCell};
use airq_core::aggregate::{Averages, Every, Profile};
use airq_core::{MeasurementRef, OverallIndex, Parameter, Query, RowSchema, Stations, Value};
use std::io::{self, Write};
use std::sync::Arc;

/// The number of rows of a block.
const BLOCK: usize = 1000;

/// A table that takes rows and ends with [`finish`](MeasurementTable::finish).
#[derive(Debug)]
pub(crate) struct MeasurementTable<W> {
    out: W,
    stations: Arc<Stations>,
    shown: Shown,
    look: Look,
    /// The number of rows that are not written yet.
    pending: usize,
    /// The table, once the columns of the rows are known.
    columns: Option<TableColumns>,
}

/// The columns of local times, which the answer has if the query has a time zone.
const LOCAL_TIME: &str = "local_time";
const LOCAL_COLUMNS: [&str; 3] = [LOCAL_TIME, "local_end", PERIOD];
/// The column with the local date, month or year of a period.
const PERIOD: &str = "period";

/// The values and the times of the rows.
#[derive(Clone, Debug)]
struct Shown {
    /// The unit of all values, if the values are not in the units of their parameters.
    own_unit: Option<&'static str>,
    /// A profile has the name of each row in place of a time.
    profile: Option<Profile>,
    /// The periods of averages.
    every: Option<Every>,
    /// The query, which decides the units and the time zone.
    query: Query,
}

#[derive(Debug)]
struct TableColumns {
    table: Table,
    has_names: bool,
    has_cities: bool,
    has_index: bool,
    shown: Shown,
}

impl<W: Write> MeasurementTable<W> {
    /// Returns a table of the measurements or averages of a query, with the names of these stations.
    pub(crate) fn new(stations: Arc<Stations>, query: &Query, out: W) -> Self {
        let averages = query.averages();
        let shown = Shown {
            own_unit: averages.and_then(|averages| averages.statistic().own_unit()),
            profile: averages.and_then(Averages::profile),
            every: averages.map(Averages::every),
            query: query.clone(),
        };
        MeasurementTable { out, stations, shown, look: Look::default(), pending: 0, columns: None }
    }

    /// Sets the look.
    pub(crate) fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Adds a row; writes a block if it is full.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn push(&mut self, row: MeasurementRef<'_>) -> io::Result<()> {
        let columns = match &mut self.columns {
            Some(columns) => columns,
            None => self.columns.insert(TableColumns::new(row.schema(), &self.stations, self.shown.clone(), self.look)),
        };
        let cells = columns.cells(row, &self.stations);
        columns.table.push(cells);
        self.pending += 1;
        if self.pending == BLOCK {
            self.pending = 0;
            columns.table.write_block(&mut self.out)?;
        }
        Ok(())
    }

    /// Writes the rest: at least the header, of rows with these columns. Returns messages about the columns that are left out.
    ///
    /// # Errors
    /// The error of the output.
    pub(crate) fn finish(mut self, schema: &RowSchema) -> io::Result<Vec<String>> {
        let mut columns = match self.columns {
            Some(columns) => columns,
            None => TableColumns::new(schema, &self.stations, self.shown, self.look),
        };
        let dropped = columns.table.drop_empty_columns();
        columns.table.write_block(&mut self.out)?;
        self.out.flush()?;
        let mut messages = Vec::new();
        if !dropped.is_empty() {
            messages.push(format!("without values, left out: {}", dropped.join(", ")));
        }
        messages.extend(columns.table.too_wide());
        Ok(messages)
    }
}

impl Shown {
    /// Returns whether the values of a parameter are in the unit of the parameter, and rounded for people.
    fn is_in_own_unit(&self, parameter: Parameter) -> bool {
        self.own_unit.is_none() && self.query.unit_of(parameter) == parameter.unit()
    }

    /// Returns the names of the text columns that have a column of their own.
    fn text_columns<'a>(&self, schema: &'a RowSchema) -> impl Iterator<Item = &'a str> {
        let profile = self.profile.map(Profile::column_name);
        schema.text_columns().filter(move |name| Some(*name) != profile && !LOCAL_COLUMNS.contains(name))
    }

    /// Returns the title of the times.
    fn time_title(&self, schema: &RowSchema) -> String {
        if let Some(profile) = self.profile {
            return profile.column_name().to_owned();
        }
        if !schema.text_columns().any(|name| name == LOCAL_TIME) {
            return "time (UTC)".to_owned();
        }
        let what = match self.every {
            Some(Every::Day) => "day",
            Some(Every::Month) => "month",
            Some(Every::Year) => "year",
            _ => "time",
        };
        format!("{what} ({})", self.query.zone())
    }

    /// Returns the time of a row: the name in a profile, the local date, month or year of a period, the local time, or the time in UTC.
    fn time(&self, row: MeasurementRef<'_>) -> String {
        if let Some(profile) = self.profile {
            return row.text(profile.column_name()).unwrap_or_default().to_owned();
        }
        if let Some(period) = row.text(PERIOD) {
            return period.to_owned();
        }
        match row.text(LOCAL_TIME) {
            Some(local) => format!("{}{}", clock(local), offset(local)),
            None => clock(&row.time().to_string()),
        }
    }
}

impl TableColumns {
    fn new(schema: &RowSchema, stations: &Stations, shown: Shown, look: Look) -> Self {
        let has_names = stations.iter().any(|station| station.name.is_some());
        let has_cities = stations.iter().any(|station| station.city.is_some());
        let has_index = schema.has_index();
        let mut columns = vec![Column::id("station")];
        if has_names {
            columns.push(Column::text("name").dispensable(0));
        }
        if has_cities {
            columns.push(Column::text("city").dispensable(1));
        }
        columns.push(Column::time(&shown.time_title(schema)));
        for (place, parameter) in schema.parameters().enumerate() {
            let unit = shown.own_unit.unwrap_or_else(|| shown.query.unit_of(parameter).symbol());
            // The last parameter is left out first, and the first parameter is always there.
            let column = Column::number(parameter.code(), unit);
            columns.push(if place == 0 { column } else { column.dispensable(usize::MAX - place) });
        }
        for name in shown.text_columns(schema) {
            let column = if is_time_of_value(name) { Column::time(name) } else { Column::text(name) };
            columns.push(column.dispensable(2));
        }
        if has_index {
            columns.push(Column::kept_text("air quality"));
        }
        TableColumns { table: Table::new(columns).look(look), has_names, has_cities, has_index, shown }
    }

    fn cells(&self, row: MeasurementRef<'_>, stations: &Stations) -> Vec<TableCell> {
        let station = stations.get(row.station());
        let mut cells: Vec<TableCell> = vec![row.station().to_owned().into()];
        let (name, city) = match station {
            Some(station) => (station.name.clone(), station.city.clone()),
            None => (None, None),
        };
        if self.has_names {
            cells.push(name.unwrap_or_default().into());
        }
        if self.has_cities {
            cells.push(city.unwrap_or_default().into());
        }
        cells.push(self.shown.time(row).into());
        for (parameter, value) in row.values() {
            let text = match (value, row.capture(parameter)) {
                (Some(value), _) if !self.shown.is_in_own_unit(parameter) => value.text.to_owned(),
                (Some(value), _) => parameter.rounded(value.number),
                (None, Some(capture)) => percent(capture),
                (None, None) => "-".to_owned(),
            };
            cells.push(text.into());
        }
        for column in self.shown.text_columns(row.schema()) {
            let text = row.text(column).unwrap_or_default();
            let text = if is_time_of_value(column) { clock(text) } else { text.to_owned() };
            cells.push(text.into());
        }
        if self.has_index {
            cells.push(air_quality(row.overall_index()));
        }
        cells
    }
}

/// `Moderate 78 (NO₂)`: the band, the number if the index has numbers, and the parameter of the band; `-` without a rating.
fn air_quality(rated: Option<OverallIndex>) -> TableCell {
    let Some(rated) = rated else { return "-".to_owned().into() };
    let band = rated.band.name;
    let parameter = rated.parameter.symbol();
    let text = match rated.number {
        Some(number) => format!("{band} {number} ({parameter})"),
        None => format!("{band} ({parameter})"),
    };
    TableCell::styled(text, on_colour(rated.band.colour))
}

/// Returns whether a column has the times of values that are older than their rows, such as `so2_time`.
fn is_time_of_value(column: &str) -> bool {
    column.strip_suffix("_time").is_some_and(|code| code.parse::<Parameter>().is_ok())
}

/// Formats a share as `(71%)`, rounded down, so that a capture below the limit does not look like the limit.
fn percent(share: Value<'_>) -> String {
    format!("({:.0}%)", (share.number * 100.0 + 1e-9).floor())
}

/// `2016-10-01T00:00:00.004Z` as people read it: `2016-10-01 00:00:00`.
pub(crate) fn clock(time: &str) -> String {
    time.get(..19).unwrap_or(time).replace('T', " ")
}

/// The offset at the end of a local time, such as `+02:00`.
fn offset(local: &str) -> &str {
    let Some(start) = local.len().checked_sub("+02:00".len()) else { return "" };
    local.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use airq_core::Measurements;

    const CSV: &str = "station,time,no2,co\n\"a,1\",2016-10-01T00:00:00.004Z,48.39,0.657\n\
                       \"b\"\"\x07\",2016-10-01T00:15:00.004Z,,-0.001\n";
    const TABLE: &str = "station  time (UTC)             no2     co\n\
                         \u{20}                             µg/m³  mg/m³\n\
                         a,1      2016-10-01 00:00:00   48.4   0.66\n\
                         b\"\u{fffd}      2016-10-01 00:15:00      -   0.00\n";

    fn shown(csv: &str) -> String {
        let rows = Measurements::from_csv(csv.as_bytes()).unwrap();
        let mut out = Vec::new();
        let mut table = MeasurementTable::new(Arc::default(), &Query::all(), &mut out);
        for row in &rows {
            table.push(row.as_measurement_ref()).unwrap();
        }
        table.finish(rows.schema()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_aligned_below_their_units_and_missing_values_are_dashes() {
        assert_eq!(shown(CSV), TABLE);
        assert_eq!(shown("station,time,no2\n"), "station  time (UTC)    no2\n                     µg/m³\n");
    }

    #[test]
    fn every_row_of_several_blocks_is_written_once() {
        const ROWS: usize = 3 * BLOCK + 1;
        let header = std::iter::once("station,time,no2\n".to_owned());
        let rows = (0..ROWS).map(|row| format!("\"s\n{row}\",2016-10-01T00:00:00.000Z,{row}.5\n"));
        let table = shown(&header.chain(rows).collect::<String>());
        assert_eq!(table.lines().count(), ROWS + 2);
        assert!(table.lines().skip(2).enumerate().all(|(row, line)| line.ends_with(&format!(" {row}.5"))));
    }

    #[test]
    fn a_mean_of_too_few_values_is_shown_by_its_capture() {
        let table = shown("station,time,no2,no2_capture,co,co_capture\na,2016-10-01T00:00:00.000Z,,0.708,1.5,1\n");
        assert!(table.ends_with("a        2016-10-01 00:00:00  (70%)   1.50\n"), "{table}");
    }

    #[test]
    fn an_index_is_one_column_of_the_table() {
        let header = "station,time,no2,no2_capture,index,index_band,index_level,index_number,index_colour,\
                      index_pollutant,index_reason,no2_band,no2_number\n";
        let rows = "a,2016-10-01T00:00:00.000Z,20,1,us-2024,Moderate,2,78,#ffff00,no2,,Moderate,78\n\
                    a,2016-10-01T01:00:00.000Z,20,1,eaqi-2024,Fair,2,,#50ccaa,pm2_5,,Fair,\n\
                    a,2016-10-01T02:00:00.000Z,,0,eaqi-2024,,,,,,no pollutant,,\n";
        let table = shown(&format!("{header}{rows}"));
        let cells: Vec<&str> = table.lines().map(|line| line.get(36..).unwrap_or_default().trim()).collect();
        assert_eq!(cells, ["air quality", "", "Moderate 78 (NO₂)", "Fair (PM2.5)", "-"], "{table}");
    }

    #[test]
    fn values_are_rounded_for_people() {
        for (value, no2, co) in [
            ("6.80117094260474", "6.8", "6.80"),
            ("12", "12.0", "12.00"),
            ("-0.04", "0.0", "-0.04"),
            ("1e3", "1000.0", "1000.00"),
            ("1e300", "1e300", "1e300"),
            ("1e999", "inf", "inf"),
            ("", "-", "-"),
        ] {
            let table = shown(&format!("station,time,no2,co\na,2016-10-01,{value},{value}\nb,2016-10-01,1,1\n"));
            let cells: Vec<&str> = table.lines().nth(2).unwrap().split_whitespace().skip(3).collect();
            assert_eq!(cells, [no2, co], "{value}");
        }
    }
}
