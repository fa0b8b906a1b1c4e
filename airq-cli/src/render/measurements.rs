//! Measurements as a table: takes an answer's CSV in pieces cut anywhere and writes aligned rows, a block at a time.

use super::table::{Column, Table};
use airq_core::{Pollutant, Station, Stations};
use std::io::{self, Write};
use std::sync::Arc;

/// How much CSV makes a block.
const BLOCK: usize = 64 * 1024;

/// An answer in CSV goes in, a table comes out. Ends with [`finish`](Measurements::finish).
#[derive(Debug)]
pub(crate) struct Measurements<W> {
    out: W,
    stations: Arc<Stations>,
    /// CSV that is not shown yet.
    csv: Vec<u8>,
    /// Up to here `csv` has been looked at.
    seen: usize,
    /// Up to here `csv` is whole rows.
    whole: usize,
    /// Whether what was looked at ends inside quotes.
    quoted: bool,
    /// Whether the values are numbers of values.
    counts: bool,
    shape: Option<Shape>,
}

/// The table, once the header is known.
#[derive(Debug)]
struct Shape {
    table: Table,
    has_names: bool,
    has_cities: bool,
    /// What stands in the CSV behind station and time.
    fields: Vec<Field>,
    /// The column with the band of an index, if there is one.
    band: Option<usize>,
}

/// What a column of the CSV holds.
#[derive(Clone, Copy, Debug)]
enum Field {
    Value(Pollutant),
    Count,
    /// How much of the value before it is there: shown only where that is missing.
    Capture,
    /// A part of an index, which has one column of its own.
    Index,
    Text,
}

impl<W: Write> Measurements<W> {
    /// A table of measurements of these stations.
    pub(crate) fn new(stations: Arc<Stations>, out: W) -> Self {
        Measurements { out, stations, csv: Vec::new(), seen: 0, whole: 0, quoted: false, counts: false, shape: None }
    }

    /// The values are numbers of values, and not in the pollutants' units.
    pub(crate) fn counting(mut self, counts: bool) -> Self {
        self.counts = counts;
        self
    }

    /// Shows the rest.
    ///
    /// # Errors
    /// What the output fails with.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.look();
        self.show()?;
        self.out.flush()
    }

    /// Finds out how far there are whole rows: up to the last line end outside quotes.
    fn look(&mut self) {
        for (place, byte) in self.csv.iter().enumerate().skip(self.seen) {
            self.quoted ^= *byte == b'"';
            if *byte == b'\n' && !self.quoted {
                self.whole = place + 1;
            }
        }
        self.seen = self.csv.len();
    }

    /// Writes the whole rows as one block.
    fn show(&mut self) -> io::Result<()> {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&self.csv[..self.whole]);
        let mut row = csv::StringRecord::new();
        while rows.read_record(&mut row).map_err(io::Error::other)? {
            match &mut self.shape {
                None => self.shape = Some(Shape::new(&row, &self.stations, self.counts)),
                Some(shape) => shape.push(&row, &self.stations),
            }
        }
        self.csv.drain(..self.whole);
        self.seen -= self.whole;
        self.whole = 0;
        match &mut self.shape {
            Some(shape) => shape.table.write_block(&mut self.out),
            None => Ok(()),
        }
    }
}

impl<W: Write> Write for Measurements<W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.csv.extend_from_slice(csv);
        if self.csv.len() >= BLOCK {
            self.look();
            self.show()?;
        }
        Ok(csv.len())
    }

    /// Does nothing: a short block would fix the widths too early.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shape {
    fn new(header: &csv::StringRecord, stations: &Stations, counts: bool) -> Self {
        let has_names = stations.iter().any(|station| station.name.is_some());
        let has_cities = stations.iter().any(|station| station.city.is_some());
        let mut columns = vec![Column::text("station")];
        columns.extend(has_names.then(|| Column::text("name")));
        columns.extend(has_cities.then(|| Column::text("city")));
        columns.push(Column::text("time (UTC)"));
        let names = header.iter().skip(2);
        let fields: Vec<_> = names.clone().map(|name| Field::named(name, counts)).collect();
        columns.extend(names.zip(&fields).filter_map(|(name, field)| match field {
            Field::Value(pollutant) => Some(Column::number(name, pollutant.unit())),
            Field::Count => Some(Column::number(name, "values")),
            Field::Capture | Field::Index => None,
            Field::Text => Some(Column::text(name)),
        }));
        let band = header.iter().position(|name| name == "index_band");
        columns.extend(band.map(|_| Column::text("air quality")));
        Shape { table: Table::new(columns), has_names, has_cities, fields, band }
    }

    fn push(&mut self, row: &csv::StringRecord, stations: &Stations) {
        let id = row.get(0).unwrap_or_default();
        let station = stations.find(id);
        let known = |field: fn(&Station) -> Option<&String>| station.and_then(field).cloned().unwrap_or_default();
        let mut cells = vec![id.to_owned()];
        cells.extend(self.has_names.then(|| known(|station| station.name.as_ref())));
        cells.extend(self.has_cities.then(|| known(|station| station.city.as_ref())));
        cells.push(clock(row.get(1).unwrap_or_default()));
        let values = || row.iter().skip(2).zip(&self.fields);
        let behind = values().skip(1).map(Some).chain([None]);
        cells.extend(values().zip(behind).filter_map(|((value, field), behind)| match (field, behind) {
            (Field::Value(_), Some((capture, Field::Capture))) if value.is_empty() => Some(percent(capture)),
            (Field::Value(pollutant), _) => Some(rounded(value, *pollutant)),
            (Field::Count | Field::Text, _) => Some(value.to_owned()),
            (Field::Capture | Field::Index, _) => None,
        }));
        cells.extend(self.band.map(|band| index(row, band)));
        self.table.push(cells);
    }
}

impl Field {
    fn named(name: &str, counts: bool) -> Self {
        let is_capture = || name.strip_suffix("_capture").and_then(Pollutant::parse).is_some();
        match Pollutant::parse(name) {
            Some(_) if counts => Field::Count,
            Some(pollutant) => Field::Value(pollutant),
            None if is_capture() => Field::Capture,
            None if is_index(name) => Field::Index,
            None => Field::Text,
        }
    }
}

fn is_index(name: &str) -> bool {
    let of_pollutant = name.strip_suffix("_band").or_else(|| name.strip_suffix("_number"));
    name == "index" || name.starts_with("index_") || of_pollutant.and_then(Pollutant::parse).is_some()
}

/// `Moderate 78 (NO₂)`: band, number if the index has any, the pollutant responsible; `-` for none.
fn index(row: &csv::StringRecord, band: usize) -> String {
    // Behind the band stand its level, number, colour and pollutant.
    const NUMBER: usize = 2;
    const POLLUTANT: usize = 4;
    let cell = |behind: usize| row.get(band + behind).filter(|text| !text.is_empty());
    let number = cell(NUMBER).map(|number| format!(" {number}")).unwrap_or_default();
    let pollutant = cell(POLLUTANT).and_then(Pollutant::parse).map_or("", Pollutant::symbol);
    cell(0).map_or_else(|| "-".to_owned(), |band| format!("{band}{number} ({pollutant})"))
}

/// A share as `(71%)`, cut, so that what is not enough does not look as if it were.
fn percent(share: &str) -> String {
    match share.parse::<f64>() {
        Ok(share) => format!("({:.0}%)", (share * 100.0 + 1e-9).floor()),
        Err(_) => "-".to_owned(),
    }
}

/// `2016-10-01T00:00:00.004Z` as people read it: `2016-10-01 00:00:00`.
pub(crate) fn clock(time: &str) -> String {
    time.get(..19).unwrap_or(time).replace('T', " ")
}

/// A value as people read it; `-` for none.
fn rounded(value: &str, pollutant: Pollutant) -> String {
    match value.parse() {
        _ if value.is_empty() => "-".to_owned(),
        Ok(number) => pollutant.rounded(number),
        Err(_) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "station,time,no2,co\n\"a,1\",2016-10-01T00:00:00.004Z,48.39,0.657\n\
                       \"b\"\"\n\",2016-10-01T00:15:00.004Z,,-0.001\n";
    const TABLE: &str = "station  time (UTC)             no2     co\n\
                         \u{20}                             µg/m³  mg/m³\n\
                         a,1      2016-10-01 00:00:00   48.4   0.66\n\
                         b\"\u{fffd}      2016-10-01 00:15:00      -   0.00\n";

    fn shown(pieces: impl Iterator<Item = impl AsRef<[u8]>>) -> String {
        let mut out = Vec::new();
        let mut table = Measurements::new(Arc::default(), &mut out);
        for piece in pieces {
            table.write_all(piece.as_ref()).unwrap();
        }
        table.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_table_does_not_depend_on_where_the_csv_is_cut() {
        for size in 1..CSV.len() {
            assert_eq!(shown(CSV.as_bytes().chunks(size)), TABLE, "pieces of {size}");
        }
    }

    #[test]
    fn block_after_block_no_row_is_lost() {
        const ROWS: usize = 20_000;
        let header = std::iter::once("station,time,no2\n".to_owned());
        let rows = (0..ROWS).map(|row| format!("\"s\n{row}\",2016-10-01T00:00:00.000Z,{row}.5\n"));
        let table = shown(header.chain(rows));
        assert_eq!(table.lines().count(), ROWS + 2);
        assert!(table.lines().skip(2).enumerate().all(|(row, line)| line.ends_with(&format!(" {row}.5"))));
    }

    #[test]
    fn a_value_of_too_few_measurements_is_shown_by_their_share() {
        let csv = "station,time,no2,no2_capture,co,co_capture\na,2016-10-01T00:00:00.000Z,,0.708,1.5,1\n";
        assert!(
            shown([csv].into_iter()).ends_with("a        2016-10-01 00:00:00  (70%)   1.50\n"),
            "{}",
            shown([csv].into_iter())
        );
    }

    #[test]
    fn an_index_is_one_column_however_many_it_has() {
        let header = "station,time,no2,no2_capture,index,index_band,index_level,index_number,index_colour,\
                      index_pollutant,index_reason,no2_band,no2_number\n";
        let rows = "a,2016-10-01T00:00:00.000Z,20,1,us-2024,Moderate,2,78,#ffff00,no2,,Moderate,78\n\
                    a,2016-10-01T01:00:00.000Z,20,1,eaqi-2024,Fair,2,,#50ccaa,pm2_5,,Fair,\n\
                    a,2016-10-01T02:00:00.000Z,,0,eaqi-2024,,,,,,no pollutant,,\n";
        let table = shown([header, rows].into_iter());
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
            assert_eq!(
                (rounded(value, Pollutant::No2).as_str(), rounded(value, Pollutant::Co).as_str()),
                (no2, co),
                "{value}"
            );
        }
    }
}
