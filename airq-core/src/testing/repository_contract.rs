//! The contract of [`Repository`], checked on the small data set of the suite.

use super::averages_contract::{averages_are_right, averages_contract};
use crate::engine::newest::{self, NewestForm};
use crate::model::{Parameter, Timestamp};
use crate::query::{Cursor, Rows, Selection};
use crate::repository::Repository;
use crate::rows::Measurements;
use std::io::{self, Write};

/// The data that [`repository_contract`] expects: load it before you call the suite. It has missing, negative and long values,
/// numbers with zeros and exponents, microseconds, ids that sort differently by bytes than by alphabet, and quotes.
pub fn repository_contract_csv() -> &'static str {
    "station,time,so2,no2,co,o3,pm10,pm2_5\n\
     aq_b,2016-10-01T00:00:00.004Z,6.80117094260474,48.3983378798337040001,0.657363926741451,48.49706558445371,20.1015302324903,9.137353903174679\n\
     aq_b,2016-10-01T00:15:00.004Z,6.5,,0.6,,20,-0.25\n\
     aq_b,2016-10-02T00:00:00.000Z,1.0,2.00,0.3e1,4,50.0e-1,6\n\
     aq_Z,2016-10-01T00:00:00.000001Z,1.5,2.5,3.5,4.5,5.5,6.5\n\
     aq_Z,2016-10-01T12:00:00.010Z,0.1,0.2,0.3,0.4,0.5,0.6\n\
     \"aq_ñ, \"\"x\"\"\",2016-10-01T06:00:00.000Z,,,,,,\n"
}

/// The descriptions of the stations of [`repository_contract_csv`], as `stations.csv`.
pub fn repository_contract_stations() -> &'static str {
    "id,name,city,country,latitude,longitude\n\
     aq_b,Bee,Madrid,ES,40.53,-3.64\n\
     aq_Z,Zed,Málaga,ES,36.7,-4.4\n\
     \"aq_ñ, \"\"x\"\"\",,,,,\n"
}

pub(super) const B: &str = "aq_b";
pub(super) const Z: &str = "aq_Z";
pub(super) const N: &str = "aq_ñ, \"x\"";

/// Checks a repository that holds [`repository_contract_csv`] against its contract.
///
/// ```
/// use airq_core::repository::{CsvOptions, CsvRepository};
/// use airq_core::testing;
/// let csv = testing::repository_contract_csv().as_bytes();
/// let stations = Some(testing::repository_contract_stations().as_bytes());
/// let repository = CsvRepository::from_reader("contract.csv", csv, stations, &CsvOptions::default())?;
/// testing::repository_contract(&repository);
/// # Ok::<(), airq_core::Error>(())
/// ```
///
/// # Panics
/// If the repository breaks the contract, with the difference.
pub fn repository_contract(repository: &dyn Repository) {
    everything_comes_in_order_with_every_digit(repository);
    a_range_has_its_start_and_not_its_end(repository);
    stations_are_those_selected(repository);
    wanted_parameters_are_there(repository);
    a_limit_cuts_and_a_cursor_goes_on(repository);
    pages_make_the_whole(repository);
    the_newest_values_of_each_station(repository);
    nothing_is_a_header(repository);
    stations_are_described(repository);
    counts_and_times_are_told(repository);
    averages_are_right(repository);
    averages_contract(repository);
    a_writer_that_refuses_is_heard_and_does_no_harm(repository);
}

/// The rows that a repository wrote.
#[derive(Debug, PartialEq)]
pub(super) struct CsvTable {
    pub(super) rows: Measurements,
}

fn table(repository: &dyn Repository, selection: &Selection) -> CsvTable {
    let mut csv = Vec::new();
    let version = repository.write_csv(selection, &mut csv).expect("the repository answers");
    assert_eq!(version, repository.version().expect("the repository has a version"), "rows are of the version now");
    read(&csv)
}

/// Reads the CSV that a repository wrote.
pub(super) fn read(csv: &[u8]) -> CsvTable {
    let rows = Measurements::from_csv(csv).expect("the repository writes valid CSV");
    let header = csv.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = String::from_utf8_lossy(header);
    assert!(header.starts_with("station,time"), "station and time come first");
    for parameter in rows.schema().parameters() {
        assert!(header.contains(&format!(",{parameter}")), "{parameter} has its name in {header}");
    }
    assert!(csv.ends_with(b"\n"), "the last row ends with a line end");
    CsvTable { rows }
}

impl CsvTable {
    /// The station and the time of each row.
    pub(super) fn keys(&self) -> Vec<(String, String)> {
        self.rows.iter().map(|row| (row.station.clone(), row.time.to_string())).collect()
    }

    /// The text of a value, or of a capture (`no2_capture`); empty if it is missing.
    pub(super) fn value(&self, row: usize, column: &str) -> &str {
        let row = &self.rows[row];
        let value = match Parameter::of_capture(column) {
            Some(parameter) => row.capture(parameter),
            None => row.value(column.parse::<Parameter>().expect("the suite's columns are pollutants")),
        };
        value.map_or("", |value| value.text)
    }
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse::<Timestamp>().expect("the suite's times are times")
}

/// The order of all rows: stations by bytes, then times.
fn all_keys() -> Vec<(String, String)> {
    let keys = [
        (Z, "2016-10-01T00:00:00.000001Z"),
        (Z, "2016-10-01T12:00:00.010Z"),
        (B, "2016-10-01T00:00:00.004Z"),
        (B, "2016-10-01T00:15:00.004Z"),
        (B, "2016-10-02T00:00:00.000Z"),
        (N, "2016-10-01T06:00:00.000Z"),
    ];
    keys.map(|(station, time)| (station.to_owned(), time.to_owned())).to_vec()
}

fn everything_comes_in_order_with_every_digit(repository: &dyn Repository) {
    let all = table(repository, &Selection::default());
    assert_eq!(all.keys(), all_keys(), "rows come by station (bytes), then time");
    let parameters: Vec<Parameter> = all.rows.schema().parameters().collect();
    assert_eq!(
        parameters,
        repository.parameters().expect("the parameters"),
        "all parameters are there, in the order of columns"
    );
    assert_eq!(all.value(2, "no2"), "48.398337879833704", "no digit is changed");
    assert_eq!(all.value(2, "pm2_5"), "9.137353903174679");
    assert_eq!(all.value(3, "no2"), "", "missing is empty");
    assert_eq!(all.value(3, "pm2_5"), "-0.25");
    for (column, expected) in [("so2", "1"), ("no2", "2"), ("co", "3"), ("o3", "4"), ("pm10", "5")] {
        assert_eq!(all.value(4, column), expected, "the text of a number does not depend on the repository");
    }
    assert_eq!(all.value(5, "so2"), "", "a row without any value is a row");
}

fn a_range_has_its_start_and_not_its_end(repository: &dyn Repository) {
    let all = all_keys();
    for (from, to, expected) in [
        ("2016-10-01 00:00:00.004", "2016-10-01 00:15:00.004", &all[2..3]),
        ("2016-10-01 00:00:00.004", "2016-10-01 00:15:00.005", &all[2..4]),
        ("2016-10-01", "2016-10-01 00:00:00.000002", &all[..1]),
        ("2016-10-02", "2017-01-01", &all[4..5]),
    ] {
        let selection = Selection { from: Some(at(from)), to: Some(at(to)), ..Selection::default() };
        assert_eq!(table(repository, &selection).keys(), expected, "from {from} to {to}");
    }
}

fn stations_are_those_selected(repository: &dyn Repository) {
    assert_eq!(keys_of(repository, &[Z, N]), [&all_keys()[..2], &all_keys()[5..]].concat());
    assert_eq!(keys_of(repository, &[]), [], "no station selected is no row");
    assert_eq!(keys_of(repository, &["aq_nobody", "' or 1=1 --"]), [], "an unknown station has no rows");
}

fn keys_of(repository: &dyn Repository, stations: &[&str]) -> Vec<(String, String)> {
    let stations = Some(stations.iter().map(|id| (*id).to_owned()).collect());
    table(repository, &Selection { stations, ..Selection::default() }).keys()
}

fn wanted_parameters_are_there(repository: &dyn Repository) {
    let parameters = vec![Parameter::NO2, Parameter::PM2_5];
    let some = table(repository, &Selection { parameters, ..Selection::default() });
    assert_eq!(some.keys(), all_keys());
    assert_eq!((some.value(2, "no2"), some.value(2, "pm2_5")), ("48.398337879833704", "9.137353903174679"));
}

fn a_limit_cuts_and_a_cursor_goes_on(repository: &dyn Repository) {
    let two = table(repository, &Selection { limit: Some(2), ..Selection::default() });
    assert_eq!(two.keys(), all_keys()[..2]);
    let own = keys_after(repository, Z, "2016-10-01 00:00:00.000001");
    assert_eq!(own, all_keys()[1..], "a cursor's own row is passed");
    assert_eq!(keys_after(repository, "aq_aaa", "2030-01-01"), all_keys()[2..], "a cursor need not be a row");
    assert_eq!(keys_after(repository, N, "2030-01-01"), []);
}

fn keys_after(repository: &dyn Repository, station: &str, time: &str) -> Vec<(String, String)> {
    let after = Some(Cursor::new(station, at(time)));
    table(repository, &Selection { after, ..Selection::default() }).keys()
}

fn pages_make_the_whole(repository: &dyn Repository) {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = table(repository, &Selection { after, limit: Some(1), ..Selection::default() }).keys();
        let Some((station, time)) = page.last().cloned() else { break };
        after = Some(Cursor::new(station, at(&time)));
        rows.extend(page);
        assert!(rows.len() <= 6, "pages come to an end");
    }
    assert_eq!(rows, all_keys());
}

fn the_newest_values_of_each_station(repository: &dyn Repository) {
    let newest = |selection: &Selection| {
        let mut csv = Vec::new();
        let selection = Selection { rows: Rows::Latest, ..selection.clone() };
        newest::write(repository, &selection, NewestForm::Columns, &mut csv).expect("the repository answers");
        read(&csv)
    };
    let all = all_keys();
    let latest = newest(&Selection::default());
    assert_eq!(latest.keys(), [all[1].clone(), all[4].clone()], "a station without a value has no newest value");
    let of_b = Selection { to: Some(at("2016-10-02")), stations: Some(vec![B.to_owned()]), ..Selection::default() };
    let before = newest(&of_b);
    assert_eq!(before.keys(), [all[3].clone()], "the newest in the range");
    assert_eq!((before.value(0, "so2"), before.value(0, "no2")), ("6.5", "48.398337879833704"));
    let row = &before.rows[0];
    assert_eq!(row.time_of(Parameter::NO2), at("2016-10-01 00:00:00.004"), "an older value has its time");
    assert_eq!(row.time_of(Parameter::SO2), row.time);
    let no2 = newest(&Selection { parameters: vec![Parameter::NO2], ..of_b });
    assert_eq!(no2.keys(), [all[2].clone()], "the newest value of a selected parameter");
    assert_eq!(no2.value(0, "no2"), "48.398337879833704");
    let other = newest(&Selection { parameters: vec![Parameter::NH3], ..Selection::default() });
    assert_eq!(other.keys(), [], "no station measures the parameter");
    let after = Some(Cursor::new(Z, at("2016-10-01 12:00:00.01")));
    assert_eq!(newest(&Selection { limit: Some(1), after, ..Selection::default() }).keys(), [all[4].clone()]);
    assert_eq!(newest(&Selection { limit: Some(1), ..Selection::default() }).keys(), [all[1].clone()]);
}

fn nothing_is_a_header(repository: &dyn Repository) {
    let none = table(repository, &Selection { from: Some(at("2030-01-01")), ..Selection::default() });
    assert!(none.rows.is_empty());
}

fn stations_are_described(repository: &dyn Repository) {
    let stations = repository.stations().expect("the repository has stations");
    assert_eq!(stations.iter().map(|station| station.id.as_str()).collect::<Vec<_>>(), [Z, B, N]);
    let bee = stations.get(B).expect("aq_b is there");
    assert_eq!(
        (bee.name.as_deref(), bee.city.as_deref(), bee.country.as_deref()),
        (Some("Bee"), Some("Madrid"), Some("ES"))
    );
    assert_eq!((bee.latitude, bee.longitude), (Some(40.53), Some(-3.64)));
    assert_eq!(stations.in_city("MALAGA").count(), 1, "a city is found without its accents");
}

fn counts_and_times_are_told(repository: &dyn Repository) {
    let data = repository.data_set().expect("the repository describes its data");
    assert_eq!((data.stations, data.measurements), (3, 6));
    assert_eq!(data.first, Some(at("2016-10-01 00:00:00.000001")));
    assert_eq!(data.last, Some(at("2016-10-02")));
    assert_eq!(data.version, repository.version().expect("the repository has a version"));
}

/// A writer that fails after this number of bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn a_writer_that_refuses_is_heard_and_does_no_harm(repository: &dyn Repository) {
    for room in [0, 10, 100, 300] {
        let error = repository.write_csv(&Selection::default(), &mut Full(room)).expect_err("the writer is full");
        assert_eq!(error.io_kind(), Some(io::ErrorKind::StorageFull), "the writer's own error comes back");
    }
    everything_comes_in_order_with_every_digit(repository);
}
