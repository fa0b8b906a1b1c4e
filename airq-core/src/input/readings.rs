//! Tables with a row for each value of a station, a time and a parameter.

use super::columns::Columns;
use super::flag::{Checked, FlagRule};
use super::measure::Measure;
use super::other_columns::OtherColumns;
use super::parameter_lookup::ParameterLookup;
use super::record_filter::RecordFilter;
use super::records::{RecordError, Records, check_width, trimmed};
use super::row_time::RowTime;
use super::rows::Rows;
use super::station_metadata::{MetadataSources, TextSource};
use crate::csv::Record;
use crate::model::Period;
use crate::text::parsed;

/// Reads tables with a row for each measurement.
#[derive(Debug)]
pub(super) struct Readings {
    pub(super) columns: Columns,
    pub(super) filter: RecordFilter,
    pub(super) station: TextSource,
    pub(super) metadata: MetadataSources,
    pub(super) time: RowTime,
    pub(super) parameter: TextSource,
    pub(super) parameters: ParameterLookup,
    /// The columns of the value in the order of preference: the first that is filled counts.
    pub(super) values: Vec<usize>,
    pub(super) unit: TextSource,
    /// The period of each row.
    pub(super) period: Option<Period>,
    /// The column of the period that a value is a mean of: `hour`, `day`.
    pub(super) period_column: TextSource,
    /// The text of the row before in the only column of the period, and its period.
    pub(super) last_period: (Vec<u8>, Option<Period>),
    pub(super) flag: Option<(usize, FlagRule)>,
    pub(super) measure: Measure,
    pub(super) others: OtherColumns,
}

impl Readings {
    /// Returns whether the value is of the period that is read. A row without a text in the column has the period of the file.
    fn is_of_period(&mut self, record: Record<'_>, rows: &mut Rows) -> bool {
        let columns = self.period_column.columns();
        if columns.iter().all(|column| trimmed(record, *column).is_empty()) {
            return self.period.is_none_or(|period| rows.admits(period));
        }
        // A text that is not known, such as `var`, is another period.
        let period = match columns {
            [column] => {
                let text = trimmed(record, *column);
                if self.last_period.0 != text {
                    self.last_period = (text.to_owned(), parsed(&self.period_column.bytes(record)));
                }
                self.last_period.1
            }
            _ => parsed(&self.period_column.bytes(record)),
        };
        period.is_some_and(|period| rows.admits(period))
    }

    /// Returns whether a role has the column.
    pub(super) fn reads(&self, column: usize) -> bool {
        let texts = [&self.station, &self.parameter, &self.unit, &self.period_column];
        texts.iter().any(|text| text.columns().contains(&column))
            || self.metadata.columns().any(|known| known == column)
            || self.time.is_at(column)
            || self.filter.is_at(column)
            || self.values.contains(&column)
            || matches!(&self.flag, Some((flag, _)) if *flag == column)
    }

    /// The column and the text of the value.
    fn value<'a>(&self, record: Record<'a>) -> (usize, &'a [u8]) {
        if let [index] = self.values.as_slice() {
            return (*index, trimmed(record, *index));
        }
        let filled = self.values.iter().find(|index| !self.measure.is_missing(trimmed(record, **index)));
        let index = filled.or(self.values.first()).copied().unwrap_or_default();
        (index, trimmed(record, index))
    }
}

impl Records for Readings {
    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), RecordError> {
        check_width(record, &self.columns)?;
        if !self.filter.keeps(record) {
            rows.account.ignored.unselected += 1;
            return Ok(());
        }
        if !self.is_of_period(record, rows) {
            rows.account.ignored.other_period += 1;
            return Ok(());
        }
        self.others.count(record);
        let (index, text) = self.value(record);
        let name = self.parameter.bytes(record);
        let unit = self.unit.bytes(record);
        let rule = self.parameters.find_in(self.parameter.columns(), &name, &unit)?;
        let parameter = rule.parameter;
        if let Some((column, flags)) = &self.flag
            && flags.check(record, *column, self.measure.is_missing(text))? == Checked::Invalid
        {
            rows.account.ignored.invalid += 1;
            return Ok(());
        }
        let value = self.measure.read(text, index, rule)?;
        // A missing value takes part in the series of times, too.
        let station = rows.station(record, &self.station)?;
        rows.describe(station, record, &self.metadata, Some(parameter));
        let time = self.time.read(record, (station, Some(parameter)))?;
        let Some(value) = rows.present(parameter, value) else { return Ok(()) };
        rows.value(station, time, parameter, &value)
    }

    fn finish(&mut self, rows: &mut Rows) {
        self.others.note(&self.columns, rows);
    }
}
