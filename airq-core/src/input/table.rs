//! Tables with a whole measurement of a station in a row, and a column for each parameter. Rows are not held.

use super::columns::{Columns, is_same_name};
use super::flag::{Checked, FlagRule};
use super::measure::{CellValue, Measure, ValueRule};
use super::other_columns::OtherColumns;
use super::record_filter::RecordFilter;
use super::records::{RecordError, Records, check_width, trimmed};
use super::row_time::RowTime;
use super::rows::Rows;
use super::station_metadata::{MetadataSources, TextSource};
use crate::account::Counted;
use crate::csv::Record;
use crate::model::{Parameter, Period, Unit};

/// Reads tables with a row for each station and time, and a column for each parameter.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: Columns,
    pub(super) filter: RecordFilter,
    pub(super) station: TextSource,
    pub(super) metadata: MetadataSources,
    pub(super) time: RowTime,
    /// The period of each row that does not state one.
    pub(super) period: Option<Period>,
    pub(super) values: Vec<ValueColumn>,
    pub(super) measure: Measure,
    /// The meaning of flags, if columns of values are followed by one.
    pub(super) flags: Option<FlagRule>,
    pub(super) others: OtherColumns,
    /// The values of a record, as CSV.
    pub(super) row: Vec<u8>,
}

/// A parameter's column.
#[derive(Clone, Debug)]
pub(super) struct ValueColumn {
    pub(super) index: usize,
    pub(super) rule: ValueRule,
    /// The column of the flag.
    pub(super) flag: Option<usize>,
}

/// The number of cells of a record, by what became of them.
#[derive(Debug, Default)]
struct CellCounts<'a> {
    values: u64,
    missing: u64,
    invalid: u64,
    /// The texts of missing values that are numbers, such as −999.
    sentinels: Vec<(Parameter, &'a [u8])>,
}

impl ValueColumn {
    /// A parameter's column, with values in a unit.
    pub(super) fn new(index: usize, parameter: Parameter, unit: Unit) -> Self {
        ValueColumn { index, rule: ValueRule::new(parameter, unit), flag: None }
    }
}

impl Table {
    /// Sorts the columns of values in the order of their parameters, and returns empty rows of them.
    pub(super) fn rows(&mut self) -> Rows {
        self.values.sort_by_key(|value| value.rule.parameter);
        let mut rows = Rows::whole(self.values.iter().map(|value| value.rule.parameter).collect());
        if self.counts_values() {
            rows.account.counted = Counted::Values;
        }
        rows
    }

    /// Returns whether values are counted, not rows: only then can a row have values that are marked as invalid.
    pub(super) fn counts_values(&self) -> bool {
        self.flags.is_some() || self.measure.has_marks()
    }

    /// Counts the values of the columns that nothing reads, except the columns of these names.
    pub(super) fn with_others(mut self, but: &[String]) -> Self {
        let mut others = Vec::new();
        for (column, name) in self.columns.names.iter().enumerate() {
            let is_excepted = but.iter().any(|but| is_same_name(but, name));
            if !name.is_empty() && !self.reads(column) && !is_excepted {
                others.push(column);
            }
        }
        self.others = OtherColumns::new(others);
        self
    }

    /// Returns whether a role has the column.
    fn reads(&self, index: usize) -> bool {
        let is_value = self.values.iter().any(|value| value.index == index || value.flag == Some(index));
        let is_described = self.metadata.columns().any(|column| column == index);
        let is_key = self.station.columns().contains(&index) || self.time.is_at(index) || self.filter.is_at(index);
        is_value || is_described || is_key
    }

    /// Reads the values into `row`.
    fn read_values<'a>(&mut self, record: Record<'a>) -> Result<CellCounts<'a>, RecordError> {
        self.row.clear();
        let mut counts = CellCounts::default();
        for column in &self.values {
            self.row.push(b',');
            let measured = match (&self.flags, column.flag) {
                (Some(flags), Some(flag)) => flagged(&self.measure, flags, record, column, flag)?,
                _ => self.measure.read(trimmed(record, column.index), column.index, &column.rule)?,
            };
            match measured {
                CellValue::Missing => counts.missing += 1,
                CellValue::Invalid => counts.invalid += 1,
                CellValue::Sentinel(text) => {
                    counts.sentinels.push((column.rule.parameter, text));
                    counts.missing += 1;
                }
                CellValue::Value(value) => {
                    self.row.extend_from_slice(&value);
                    counts.values += 1;
                }
            }
        }
        Ok(counts)
    }

    /// Returns whether the row is of the period that is read.
    fn is_of_period(&self, record: Record<'_>, rows: &mut Rows) -> bool {
        let period = self.time.period(record).or(self.period);
        period.is_none_or(|period| rows.admits(period))
    }
}

/// Reads a value that a flag follows.
fn flagged<'a>(
    measure: &Measure,
    flags: &FlagRule,
    record: Record<'a>,
    column: &ValueColumn,
    flag_column: usize,
) -> Result<CellValue<'a>, RecordError> {
    let text = trimmed(record, column.index);
    match flags.check(record, flag_column, measure.is_missing(text))? {
        Checked::Invalid => Ok(CellValue::Invalid),
        Checked::Usable(None) => measure.read(text, column.index, &column.rule),
        Checked::Usable(Some(unit)) => {
            let unit = Unit::stated(&String::from_utf8_lossy(unit));
            measure.read(text, column.index, &ValueRule { unit, ..column.rule.clone() })
        }
    }
}

impl Records for Table {
    fn counted(&self) -> u64 {
        if self.counts_values() { self.values.len() as u64 } else { 1 }
    }

    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), RecordError> {
        if record.fields().all(|field| field.trim_ascii().is_empty()) {
            rows.account.ignored.missing += self.counted();
            return Ok(());
        }
        check_width(record, &self.columns)?;
        if !self.filter.keeps(record) {
            rows.account.ignored.unselected += self.counted();
            return Ok(());
        }
        if !self.is_of_period(record, rows) {
            rows.account.ignored.other_period += self.counted();
            return Ok(());
        }
        let counts = self.read_values(record)?;
        let station = rows.station(record, &self.station)?;
        rows.describe(station, record, &self.metadata, None);
        let time = self.time.read(record, (station, None))?;
        for (parameter, text) in &counts.sentinels {
            rows.account.sentinels.note(*parameter, text);
        }
        if counts.values > 0 {
            rows.row(station, time, &self.row);
        }
        if self.counts_values() {
            rows.account.ignored.missing += counts.missing;
            rows.account.ignored.invalid += counts.invalid;
        } else if counts.values == 0 {
            rows.account.ignored.missing += 1;
        }
        self.others.count(record);
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows) {
        self.others.note(&self.columns, rows);
    }
}
