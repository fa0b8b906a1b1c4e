//! The newest values of each station in one row, from the rows that have these values.

use crate::csv::{Kind, Layout, OnRejected, Row, RowFeed, RowSink, TIMES_COLUMN, Wanted};
use crate::error::Result;
use crate::format::Format;
use crate::model::Timestamp;
use crate::query::{Rows, Selection};
use crate::repository::Repository;
use crate::text::{push_csv_field, push_json_string, swap_csv_syntax};
use std::collections::BTreeSet;
use std::io::Write;

/// The form in which rows state the times of values that are older than the newest value of their station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewestForm {
    /// A column with a JSON object, for JSON formats.
    Json,
    /// A column `so2_time` for each parameter with such a value, for tables.
    Columns,
    /// A row for each time, for formats in which each row is an observation.
    Rows,
}

impl NewestForm {
    pub(super) fn of(format: Format) -> NewestForm {
        match format {
            Format::NgsiLd | Format::NgsiLdNormalized => NewestForm::Rows,
            _ if format.is_tabular() => NewestForm::Columns,
            _ => NewestForm::Json,
        }
    }
}

/// Writes a row with the newest values of each station as CSV, and returns the version of the data. The time of a row is the time of its
/// newest value. A station without a value has no row.
///
/// # Errors
/// The errors of the repository and of `out`.
pub(crate) fn write(
    repository: &dyn Repository,
    selection: &Selection,
    form: NewestForm,
    out: &mut dyn Write,
) -> Result<String> {
    let wanted = Wanted::from(selection.parameters.clone());
    let mut rows = RowFeed::new(wanted, OnRejected::Fail, NewestValues::new(selection));
    let version = repository.write_csv(selection, &mut rows)?;
    rows.finish()?;
    rows.sink.end_station();
    rows.sink.write(form, out)?;
    Ok(version)
}

/// The newest values of all stations. The values are in memory, because the header names columns of times, which are known after the last row.
struct NewestValues<'a> {
    selection: &'a Selection,
    /// The names of the columns, and the codes of their parameters.
    columns: Vec<(String, String)>,
    /// The open station; empty before the first.
    station: Vec<u8>,
    newest: Option<Timestamp>,
    cells: Vec<Cell>,
    stations: Vec<NewestRow>,
}

/// A column of a row, and the time of its value.
#[derive(Clone, Debug, Default)]
struct Cell {
    text: Vec<u8>,
    time: Option<Timestamp>,
}

struct NewestRow {
    station: Vec<u8>,
    time: Timestamp,
    cells: Vec<Cell>,
}

impl<'a> NewestValues<'a> {
    fn new(selection: &'a Selection) -> Self {
        NewestValues {
            selection,
            columns: Vec::new(),
            station: Vec::new(),
            newest: None,
            cells: Vec::new(),
            stations: Vec::new(),
        }
    }

    fn end_station(&mut self) {
        let is_full = self.selection.limit.is_some_and(|limit| self.stations.len() as u64 >= limit);
        let Some(time) = self.newest.take().filter(|_| !is_full) else { return };
        let oldest = time.as_microseconds() - Rows::REACH;
        for cell in &mut self.cells {
            if let Some(time) = cell.time
                && time.as_microseconds() < oldest
            {
                *cell = Cell::default();
            }
        }
        self.stations.push(NewestRow { station: self.station.clone(), time, cells: self.cells.clone() });
    }

    fn write(&self, form: NewestForm, out: &mut dyn Write) -> Result<()> {
        let timed = match form {
            NewestForm::Rows => BTreeSet::new(),
            NewestForm::Json | NewestForm::Columns => {
                self.stations.iter().flat_map(NewestRow::older).map(|(column, _)| column).collect()
            }
        };
        out.write_all(&self.header(form, &timed))?;
        let mut line = Vec::new();
        for row in &self.stations {
            line.clear();
            match form {
                NewestForm::Rows => row.push_rows(&mut line),
                NewestForm::Json => row.push_with_json(&mut line, &self.columns, !timed.is_empty()),
                NewestForm::Columns => row.push_with_columns(&mut line, &timed),
            }
            out.write_all(&line)?;
        }
        Ok(())
    }

    fn header(&self, form: NewestForm, timed: &BTreeSet<usize>) -> Vec<u8> {
        let mut header = b"station,time".to_vec();
        for (name, _) in &self.columns {
            header.push(b',');
            push_csv_field(&mut header, name.as_bytes());
        }
        match form {
            NewestForm::Json if !timed.is_empty() => header.extend(format!(",{TIMES_COLUMN}").bytes()),
            _ => timed.iter().for_each(|column| header.extend(format!(",{}_time", self.columns[*column].1).bytes())),
        }
        header.push(b'\n');
        header
    }
}

impl RowSink for NewestValues<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        self.columns = layout.fields.iter().map(|field| (field.column_name(), field.name.clone())).collect();
        self.cells = vec![Cell::default(); self.columns.len()];
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if self.station != row.station {
            self.end_station();
            row.station.clone_into(&mut self.station);
            self.cells.fill(Cell::default());
        }
        let values = row.layout.fields.iter().map(|field| (field.kind, row.value(field)));
        let has_value = values.clone().any(|(kind, value)| matches!(kind, Kind::Parameter(_)) && value.is_some());
        if !has_value || !self.selection.holds(row.station, row.time) {
            return Ok(());
        }
        self.newest = Some(row.time);
        for (cell, (kind, value)) in self.cells.iter_mut().zip(values) {
            match value {
                Some(text) => {
                    text.clone_into(&mut cell.text);
                    cell.time = if matches!(kind, Kind::Parameter(_)) { Some(row.time) } else { None };
                }
                None if !matches!(kind, Kind::Parameter(_)) => *cell = Cell::default(),
                None => {}
            }
        }
        Ok(())
    }
}

impl NewestRow {
    /// Returns the columns and the times of values that are older than the row.
    fn older(&self) -> impl Iterator<Item = (usize, Timestamp)> {
        let times = self.cells.iter().enumerate().filter_map(|(column, cell)| Some((column, cell.time?)));
        times.filter(|(_, time)| *time != self.time)
    }

    /// Appends the station, the time and the cells that `has` accepts.
    fn push(&self, line: &mut Vec<u8>, time: Timestamp, has: impl Fn(&Cell) -> bool) {
        push_csv_field(line, &self.station);
        line.push(b',');
        line.extend(time.to_string().bytes());
        for cell in &self.cells {
            line.push(b',');
            if has(cell) {
                push_csv_field(line, &cell.text);
            }
        }
    }

    fn push_with_json(&self, line: &mut Vec<u8>, columns: &[(String, String)], has_times: bool) {
        self.push(line, self.time, |_| true);
        if has_times {
            line.push(b',');
            let start = line.len();
            self.push_json(line, columns);
            swap_csv_syntax(&mut line[start..]);
        }
        line.push(b'\n');
    }

    /// Appends `{"so2":"2016-10-01T00:00:00.000Z"}`, or `{}` if no value is older than the row.
    fn push_json(&self, line: &mut Vec<u8>, columns: &[(String, String)]) {
        line.push(b'{');
        for (position, (column, time)) in self.older().enumerate() {
            if position > 0 {
                line.push(b',');
            }
            push_json_string(line, columns[column].1.as_bytes());
            line.push(b':');
            push_json_string(line, time.to_string().as_bytes());
        }
        line.push(b'}');
    }

    fn push_with_columns(&self, line: &mut Vec<u8>, timed: &BTreeSet<usize>) {
        self.push(line, self.time, |_| true);
        for column in timed {
            line.push(b',');
            if let Some(time) = self.cells[*column].time.filter(|time| *time != self.time) {
                line.extend(time.to_string().bytes());
            }
        }
        line.push(b'\n');
    }

    /// Appends a row for each time, with the values of the time.
    fn push_rows(&self, line: &mut Vec<u8>) {
        let times: BTreeSet<Timestamp> = self.cells.iter().filter_map(|cell| cell.time).collect();
        for time in times {
            self.push(line, time, |cell| cell.time.is_none_or(|of_cell| of_cell == time));
            line.push(b'\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Parameter;
    use crate::repository::CsvRepository;

    const CSV: &str = "time,station,no2,so2,pm10\n\
                       2019-12-20T00:00:00Z,a,1,2,50\n\
                       2020-01-01T00:00:00Z,a,10,3,\n\
                       2020-01-01T01:00:00Z,a,11,,\n\
                       2020-01-01T02:00:00Z,a,12,,\n\
                       2020-01-01T03:00:00Z,a,,,\n\
                       2020-01-01T02:00:00Z,b,7,,8\n\
                       2020-01-01T02:00:00Z,c,,,\n";

    fn written(parameters: &[Parameter], form: NewestForm) -> String {
        let repository = CsvRepository::from_bytes("a.csv", CSV.as_bytes()).unwrap();
        let selection = Selection { rows: Rows::Latest, parameters: parameters.to_vec(), ..Selection::default() };
        let mut out = Vec::new();
        write(&repository, &selection, form, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn older_values_have_their_times() {
        assert_eq!(
            written(&[], NewestForm::Columns),
            "station,time,so2,no2,pm10,so2_time\n\
             a,2020-01-01T02:00:00.000Z,3,12,,2020-01-01T00:00:00.000Z\n\
             b,2020-01-01T02:00:00.000Z,,7,8,\n",
            "pm10 of station a is older than 7 days"
        );
        assert_eq!(
            written(&[], NewestForm::Json),
            "station,time,so2,no2,pm10,times\n\
             a,2020-01-01T02:00:00.000Z,3,12,,{\x01so2\x01:\x012020-01-01T00:00:00.000Z\x01}\n\
             b,2020-01-01T02:00:00.000Z,,7,8,{}\n"
        );
    }

    #[test]
    fn an_observation_has_the_values_of_its_time() {
        assert_eq!(
            written(&[], NewestForm::Rows),
            "station,time,so2,no2,pm10\n\
             a,2020-01-01T00:00:00.000Z,3,,\n\
             a,2020-01-01T02:00:00.000Z,,12,\n\
             b,2020-01-01T02:00:00.000Z,,7,8\n"
        );
    }

    #[test]
    fn a_selected_parameter_has_its_newest_value_of_any_age() {
        let of = |parameter| written(&[parameter], NewestForm::Columns);
        assert_eq!(of(Parameter::SO2), "station,time,so2\na,2020-01-01T00:00:00.000Z,3\n");
        assert_eq!(
            of(Parameter::PM10),
            "station,time,pm10\na,2019-12-20T00:00:00.000Z,50\nb,2020-01-01T02:00:00.000Z,8\n"
        );
    }
}
