//! The "Air Quality" data set of UCI: a row is an hour of its one station; `(GT)` columns are concentrations by a reference
//! analyser, `PT08.*` are what sensors answered. Carbon monoxide is in mg/m³, nitrogen oxides are in ppb.

use super::clock::{Clock, Spelling, Times};
use super::columns::Columns;
use super::measure::Measure;
use super::names;
use super::options::InputOptions;
use super::recognise::FormatParts;
use super::records::{Fault, Records, trimmed};
use super::rows::Rows;
use super::station_metadata::{Description, TextSource};
use super::table::{Table, ValueColumn, When};
use crate::csv::Record;
use crate::error::Result;
use crate::model::{Pollutant, Unit};

const DAY_FIRST: &str = "%d/%m/%Y %H.%M.%S";
const DAY_FIRST_WITH_COLONS: &str = "%d/%m/%Y %H:%M:%S";
const MONTH_FIRST: &str = "%m/%d/%Y %H:%M:%S";

pub(super) fn matches(columns: &Columns) -> bool {
    columns.has(&["Date", "Time", "CO(GT)", "PT08.S1(CO)"])
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let (date, clock) = (columns.need("Date")?, columns.need("Time")?);
    let values = columns.names.iter().enumerate().filter_map(|(place, name)| {
        let pollutant = names::pollutant(name.strip_suffix("(GT)")?)?;
        Some(ValueColumn { place, pollutant, unit: unit(pollutant) })
    });
    let table = Table {
        columns: columns.clone(),
        station: TextSource::Constant("uci".to_owned()),
        description: Description { country: TextSource::Constant("IT".to_owned()), ..Description::default() },
        when: When::DateAndClock(date, clock),
        times: Times::new(Spelling::Iso, options.clock()),
        values: values.collect(),
        measure: Measure::new(&["-200", "NaN", "nan"], options).with_comma(),
        others: Vec::new(),
        date_and_clock: Vec::new(),
    };
    let table = table.with_others(&[]);
    let rows = table.rows();
    Ok(FormatParts::new(Uci { table, date, clock, is_spelling_known: false }, rows))
}

/// The table, once its first row has shown how the file writes times.
#[derive(Debug)]
struct Uci {
    table: Table,
    date: usize,
    clock: usize,
    is_spelling_known: bool,
}

impl Records for Uci {
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> std::result::Result<(), Fault> {
        if !self.is_spelling_known {
            let pattern = pattern(trimmed(record, self.date), trimmed(record, self.clock));
            self.table.times = Times::new(Spelling::pattern(pattern), self.clock_of_rows());
            self.is_spelling_known = true;
        }
        self.table.take(record, rows)
    }

    fn finish(&mut self, rows: &mut Rows) {
        self.table.finish(rows);
    }
}

impl Uci {
    fn clock_of_rows(&self) -> Clock {
        self.table.times.clock.clone()
    }
}

/// The original has `10/03/2004` and `18.00.00`, copies made in the United States have `3/10/2004` and `18:00:00`.
fn pattern(date: &[u8], clock: &[u8]) -> &'static str {
    if !clock.contains(&b':') {
        DAY_FIRST
    } else if date.len() == "10/03/2004".len() {
        DAY_FIRST_WITH_COLONS
    } else {
        MONTH_FIRST
    }
}

fn unit(pollutant: Pollutant) -> Unit {
    if pollutant == Pollutant::Nox { Unit::PartPerBillion } else { pollutant.canonical_unit() }
}
