//! Recognises the format of a file by its header.

use super::columns::Columns;
use super::input_format::InputFormat;
use super::names;
use super::options::InputOptions;
use super::records::Records;
use super::rows::Rows;
use super::table::Table;
use super::{cpcb, eea, generic, madrid, openaq, own, prsa, sensor_community, uci};
use crate::csv::{First, Layout, Record, Wanted};
use crate::error::{Error, Result};

/// Columns of tables that hold no measurements, with descriptions of such tables.
const NO_MEASUREMENTS: [(&str, &str); 9] = [
    ("Max AQI", "annual statistics of an air quality index"),
    ("Median AQI", "annual statistics of an air quality index"),
    ("Days with AQI", "annual statistics of an air quality index"),
    ("AQI Value", "a table of an air quality index"),
    ("AQI", "a table of an air quality index"),
    ("AggregationType", "annual statistics of the EEA"),
    ("Data Aggregation Process", "annual statistics of the EEA"),
    ("Arithmetic Mean", "annual statistics of the US EPA"),
    ("CODIGO_CORTO", "Madrid's description of its stations, to be given as the stations' file"),
];

/// The format of a file.
pub(super) enum Recognition {
    /// airq's own format, which passes unchanged.
    AsItIs,
    Read {
        format: InputFormat,
        columns: Columns,
        opened: Box<FormatParts>,
        /// Whether the first record is a row.
        has_no_header: bool,
    },
}

/// The parts of a format that read a file.
#[derive(Debug)]
pub(super) struct FormatParts {
    pub(super) records: Box<dyn Records>,
    pub(super) rows: Rows,
    /// Whether rows of one station and time are merged, although the format does not merge in general.
    pub(super) merges: bool,
}

impl FormatParts {
    pub(super) fn new(records: impl Records + 'static, rows: Rows) -> Self {
        FormatParts { records: Box::new(records), rows, merges: false }
    }

    pub(super) fn table(table: Table) -> Self {
        let rows = table.rows();
        FormatParts::new(table, rows)
    }

    pub(super) fn merging(mut self) -> Self {
        self.merges = true;
        self
    }
}

/// Recognises the format by the first record.
///
/// # Errors
/// If the record is the header of no known format, or not of the format in the options.
pub(super) fn recognise(first: Record<'_>, options: &InputOptions) -> Result<Recognition> {
    let columns = Columns::read(first);
    let headerless = openaq::headerless(first);
    let has_no_header = headerless.is_some();
    let columns = headerless.unwrap_or(columns);
    let format = options.format().or_else(|| format_of(&columns));
    let format = format.unwrap_or(InputFormat::Airq);
    let opened = match format {
        InputFormat::Airq => return own(first, columns, options),
        InputFormat::Madrid => madrid::open(&columns, options),
        InputFormat::OpenAq => openaq::open(&columns, options),
        InputFormat::Eea => eea::open(&columns, options),
        InputFormat::SensorCommunity => sensor_community::open(&columns, options),
        InputFormat::Cpcb => cpcb::open(&columns, options),
        InputFormat::Prsa => prsa::open(&columns, options),
        InputFormat::Uci => uci::open(&columns, options),
        InputFormat::Generic => generic::open(&columns, options),
    };
    Ok(Recognition::Read { format, opened: Box::new(opened?), columns, has_no_header })
}

/// Recognises airq's own format.
fn own(first: Record<'_>, columns: Columns, options: &InputOptions) -> Result<Recognition> {
    let (layout, has_no_header) = match Layout::read(first, &Wanted::default()) {
        Ok(First::Header(layout)) => (layout, false),
        Ok(First::Row(layout)) => (layout, true),
        // If the options name this format, its reader reports the error.
        Err(_) if options.format().is_some() => return Ok(Recognition::AsItIs),
        Err(error) => return Err(unknown(&columns, &error)),
    };
    if !options.are_of_own() {
        return Ok(Recognition::AsItIs);
    }
    let (format, opened) = (InputFormat::Airq, Box::new(own::open(&layout, options)));
    Ok(Recognition::Read { format, columns, opened, has_no_header })
}

fn format_of(columns: &Columns) -> Option<InputFormat> {
    type Matches = fn(&Columns) -> bool;
    let known: [(InputFormat, Matches); 7] = [
        (InputFormat::Madrid, madrid::matches),
        (InputFormat::OpenAq, openaq::matches),
        (InputFormat::Eea, eea::matches),
        (InputFormat::SensorCommunity, sensor_community::matches),
        (InputFormat::Cpcb, cpcb::matches),
        (InputFormat::Prsa, prsa::matches),
        (InputFormat::Uci, uci::matches),
    ];
    known.into_iter().find(|(_, matches)| matches(columns)).map(|(format, _)| format)
}

/// The error about an unknown header, with a hint.
fn unknown(columns: &Columns, as_airq: &Error) -> Error {
    if let Some((name, what)) = NO_MEASUREMENTS.iter().find(|(name, _)| columns.place(name).is_some()) {
        return columns.fault(&format!("this is {what}: no measurements, but {name:?}"));
    }
    let what_lacks = as_airq.detail().split(" in the header").next().unwrap_or_default();
    let known = InputFormat::ALL.map(InputFormat::name).join(", ");
    let hint = format!("it is none of {known}; a map tells what its columns are, such as {}", suggestion(columns));
    columns.fault_with(what_lacks, &hint)
}

/// A map for this header, guessed by names.
fn suggestion(columns: &Columns) -> String {
    let find = |names: &[&str]| {
        let of = |name: &&str| columns.names.iter().find(|column| column.to_lowercase().contains(name));
        names.iter().find_map(of).map(|name| quoted(name))
    };
    let column = |names: &[&str]| find(names).unwrap_or_else(|| "COLUMN".to_owned());
    let time = column(&["datetime", "timestamp", "date", "time", "updated"]);
    let station = column(&["station", "site", "location", "sensor", "city"]);
    let values = match (find(&["parameter", "species", "pollutant"]), find(&["value"])) {
        (Some(parameter), Some(value)) => {
            let unit = find(&["unit"]).map_or(String::new(), |unit| format!(",unit={unit}"));
            format!(",parameter={parameter},value={value}{unit}")
        }
        _ => pollutants(columns),
    };
    format!("time={time},station={station}{values}")
}

fn pollutants(columns: &Columns) -> String {
    let known = columns.names.iter().filter_map(|name| Some(format!(",{}={}", names::pollutant(name)?, quoted(name))));
    let known: String = known.collect();
    if known.is_empty() { ",no2=COLUMN".to_owned() } else { known }
}

fn quoted(name: &str) -> String {
    if name.contains(',') { format!("\"{name}\"") } else { name.to_owned() }
}
