//! Binds a description to the header of a file: finds its columns, and makes the reader of its rows.

use super::cells::{Axis, CellColumn, CellTable, Days};
use super::clock::{Clock, Spelling, Times};
use super::columns::{Columns, is_one_of, is_same_name};
use super::description::{
    CellColumns, ColumnText, FormatDescription, List, ParameterEntry, Short, TextFrom, Vocabulary,
};
use super::file_context::FileContext;
use super::flag::FlagRule;
use super::measure::Measure;
use super::options::InputOptions;
use super::other_columns::OtherColumns;
use super::parameter_lookup::{ParameterLookup, rule};
use super::readings::Readings;
use super::recognise::FormatParts;
use super::record_filter::RecordFilter;
use super::row_time::{ClockColumn, RowTime, TimeSource};
use super::rows::Rows;
use super::station_metadata::{JoinedColumn, JoinedColumns, MetadataSources, TextSource};
use super::table::{Table, ValueColumn};
use crate::account::Counted;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Parameter, Period, Unit};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Makes the reader of a file's rows.
///
/// # Errors
/// If the header lacks a column, or the file's name or surroundings lack what the description takes from them.
pub(super) fn bind(
    description: &FormatDescription,
    columns: &Columns,
    options: &InputOptions,
    context: &FileContext,
) -> Result<FormatParts> {
    let binder = Binder { description, columns, options, context };
    let parts = match (&description.value.cells, description.value.stations) {
        (Some(cells), _) => binder.cells_of_times(cells)?,
        (None, true) => binder.cells_of_stations()?,
        (None, false) if description.parameter.from.is_some() => binder.readings()?,
        (None, false) => binder.table()?,
    };
    Ok(if description.merges() { parts.merging() } else { parts })
}

struct Binder<'a> {
    description: &'a FormatDescription,
    columns: &'a Columns,
    options: &'a InputOptions,
    context: &'a FileContext,
}

impl Binder<'_> {
    fn table(&self) -> Result<FormatParts> {
        let value = &self.description.value;
        let (station, time) = (self.station()?, self.row_time()?);
        let values = self.value_columns(|column| station.columns().contains(&column) || time.is_at(column))?;
        let table = Table {
            columns: self.columns.clone(),
            filter: self.filter()?,
            station,
            metadata: self.metadata()?,
            time,
            period: self.period(),
            values,
            measure: self.measure(),
            flags: value.flag.as_ref().map(FlagRule::new),
            others: OtherColumns::default(),
            row: Vec::new(),
        };
        let mut table = table.with_others(&self.description.unread);
        if self.description.parameter.vocabulary == Some(Vocabulary::Open) {
            open_others(&mut table, self.context);
        }
        if table.values.is_empty() {
            return Err(self.columns.fault("no column of a parameter"));
        }
        Ok(FormatParts::table(table))
    }

    fn readings(&self) -> Result<FormatParts> {
        let value = &self.description.value;
        let flag = match &value.flag {
            None => None,
            Some(flag) => match &flag.column {
                Some(column) => Some((self.need(column)?, FlagRule::new(flag))),
                None => None,
            },
        };
        let mut readings = Readings {
            columns: self.columns.clone(),
            filter: self.filter()?,
            station: self.station()?,
            metadata: self.metadata()?,
            time: self.row_time()?,
            parameter: self.parameter()?,
            parameters: self.parameters(),
            values: value.column.iter().map(|name| self.need(name)).collect::<Result<_>>()?,
            unit: self.optional_text(value.unit.as_ref())?,
            period: self.period(),
            period_column: self.optional_text(self.description.time.period_column.as_ref())?,
            last_period: (Vec::new(), None),
            flag,
            measure: self.measure(),
            others: OtherColumns::default(),
        };
        readings.others = self.others(|column| readings.reads(column));
        let mut rows = Rows::merged(Counted::Rows);
        rows.times_end_steps = self.description.time.end_of_step;
        Ok(FormatParts::new(readings, rows))
    }

    fn cells_of_times(&self, names: &CellColumns) -> Result<FormatParts> {
        let length = self.description.value.cell.map_or(Period::Hour, |cell| cell.0);
        let time = &self.description.time;
        let columns = self.joined_columns(&time.column, " ")?;
        let days = Days {
            column: columns.first().map_or(0, |column| column.index),
            date: JoinedColumns::new(columns),
            spellings: time.format.iter().map(|format| format.0.clone()).collect(),
            clock: self.clock(),
            length: i64::from(length.minutes()),
            known: HashMap::new(),
            key: Vec::new(),
        };
        let flags = self.description.value.flag.as_ref().and_then(|flag| flag.cells.as_ref());
        let mut cells = Vec::new();
        for (position, name) in names.0.iter().enumerate() {
            let flag = flags.and_then(|flags| flags.0.get(position));
            let flag = flag.map(|name| self.need(name)).transpose()?;
            cells.push(CellColumn { value: self.need(name)?, flag });
        }
        self.cells(cells, Axis::Times { station: self.station()?, days }, Some(length))
    }

    fn cells_of_stations(&self) -> Result<FormatParts> {
        let time = self.row_time()?;
        let metadata = self.metadata()?;
        let filter = self.filter()?;
        let parameter = self.parameter()?;
        let mut cells = Vec::new();
        for (index, name) in self.columns.names.iter().enumerate() {
            let is_read = time.is_at(index) || filter.is_at(index) || parameter.columns().contains(&index);
            if !self.is_unread(name)
                && !is_read
                && !name.is_empty()
                && !metadata.columns().any(|column| column == index)
            {
                cells.push(CellColumn { value: index, flag: None });
            }
        }
        if cells.is_empty() {
            return Err(self.columns.fault("no column of a station"));
        }
        self.cells(cells, Axis::Stations(time), self.period())
    }

    fn cells(&self, cells: Vec<CellColumn>, axis: Axis, period: Option<Period>) -> Result<FormatParts> {
        let mut cells = CellTable {
            columns: self.columns.clone(),
            filter: self.filter()?,
            metadata: self.metadata()?,
            parameter: self.parameter()?,
            parameters: self.parameters(),
            unit: self.optional_text(self.description.value.unit.as_ref())?,
            measure: self.measure(),
            flags: self.description.value.flag.as_ref().map(FlagRule::new),
            period,
            cells,
            axis,
            others: OtherColumns::default(),
        };
        cells.others = self.others(|column| cells.reads(column));
        Ok(FormatParts::new(cells, Rows::merged(Counted::Values)))
    }

    /// The columns that nothing reads and the description does not name.
    fn others(&self, is_read: impl Fn(usize) -> bool) -> OtherColumns {
        let description = self.description;
        let header = description.header.iter().flatten().chain(&description.table.columns);
        let named: Vec<&String> = header.chain(&description.unread).collect();
        let mut others = Vec::new();
        for (column, name) in self.columns.names.iter().enumerate() {
            let is_named = named.iter().any(|named| is_one_of(named, name));
            if !name.is_empty() && !is_read(column) && !is_named {
                others.push(column);
            }
        }
        OtherColumns::new(others)
    }

    fn is_unread(&self, name: &str) -> bool {
        self.description.unread.iter().any(|unread| is_same_name(unread, name))
    }

    fn need(&self, name: &str) -> Result<usize> {
        match self.columns.one_of_names(name) {
            Some(index) => Ok(index),
            None => self.columns.need(name),
        }
    }

    fn joined_columns(&self, columns: &[Short<ColumnText>], separator: &str) -> Result<Vec<JoinedColumn>> {
        let joined = columns.iter().map(|column| {
            let before = column.before.as_deref().unwrap_or(separator).as_bytes().to_owned();
            Ok(JoinedColumn { index: self.need(&column.column)?, width: column.width, before })
        });
        joined.collect()
    }

    fn filter(&self) -> Result<RecordFilter> {
        Ok(RecordFilter {
            kept: self.filter_rules(&self.description.keep)?,
            left_out: self.filter_rules(&self.description.leave_out)?,
        })
    }

    fn filter_rules(&self, columns: &BTreeMap<String, List<String>>) -> Result<Vec<(usize, Vec<Vec<u8>>)>> {
        let mut rules = Vec::new();
        for (name, texts) in columns {
            let texts = texts.iter().map(|text| text.as_bytes().to_owned()).collect();
            rules.push((self.need(name)?, texts));
        }
        Ok(rules)
    }

    fn station(&self) -> Result<TextSource> {
        if let Some(names) = &self.options.station_columns {
            return self.columns.joined(names);
        }
        let source = self.optional_text(self.description.station.id.as_ref())?;
        match source {
            TextSource::None => Err(self.columns.fault("no column of the station")),
            source => Ok(source),
        }
    }

    fn metadata(&self) -> Result<MetadataSources> {
        let station = &self.description.station;
        let sources = MetadataSources {
            name: self.optional_text(station.name.as_ref())?,
            city: self.optional_text(station.city.as_ref())?,
            country: self.optional_text(station.country.as_ref())?,
            latitude: self.optional_text(station.latitude.as_ref())?,
            longitude: self.optional_text(station.longitude.as_ref())?,
            instrument: station.instrument.as_deref().and_then(|name| self.columns.one_of_names(name)),
            only_column: None,
        };
        Ok(sources.with_only_column())
    }

    fn parameter(&self) -> Result<TextSource> {
        let Some(from) = &self.description.parameter.from else { return Ok(TextSource::None) };
        if let Some("{parameter}") = from.file.as_deref() {
            return self.parameter_of_file().map(TextSource::Constant);
        }
        self.text(from)
    }

    /// The only parameter that a part of the file's name names.
    fn parameter_of_file(&self) -> Result<String> {
        let stem = self.context.stem().unwrap_or_default();
        let mut found: Vec<Parameter> = Vec::new();
        for part in stem.split(['-', '_', ' ', '.']) {
            let Some(parameter) = Parameter::lookup(part) else { continue };
            if !found.contains(&parameter) {
                found.push(parameter);
            }
        }
        if let [parameter] = found.as_slice() {
            return Ok(parameter.code().to_owned());
        }
        let why = format!(
            "{}: the parameter is in no column, and the file's name {stem:?} names no single one: add --map parameter==pm2_5",
            self.description.name
        );
        Err(Error::new(ErrorKind::InvalidSetting, why))
    }

    fn parameters(&self) -> ParameterLookup {
        ParameterLookup::new(&self.description.parameter, self.description.value.unit.is_some())
    }

    fn optional_text(&self, from: Option<&Short<TextFrom>>) -> Result<TextSource> {
        match from {
            Some(from) => self.text(from),
            None => Ok(TextSource::None),
        }
    }

    fn text(&self, from: &TextFrom) -> Result<TextSource> {
        let source = self.plain_text(from)?;
        if from.map.is_empty() {
            return Ok(source);
        }
        let texts = from.map.iter().map(|(text, other)| (text.as_bytes().to_owned(), other.as_bytes().to_owned()));
        Ok(TextSource::Mapped(Box::new(source), Arc::new(texts.collect())))
    }

    fn plain_text(&self, from: &TextFrom) -> Result<TextSource> {
        if let Some(text) = &from.text {
            return Ok(TextSource::Constant(text.clone()));
        }
        if let Some(label) = &from.above
            && let Some(text) = self.context.above(label)
        {
            return Ok(TextSource::Constant(text));
        }
        if let Some(pattern) = &from.file {
            return self.context.of_name(pattern, &self.description.name).map(TextSource::Constant);
        }
        if let Some(column) = &from.joined {
            return self.joined(column, from.optional);
        }
        if let [column] = &*from.columns
            && column.width == 0
            && column.column.contains('+')
        {
            return self.columns.joined(&column.column);
        }
        let missing = from.columns.iter().find(|column| self.columns.one_of_names(&column.column).is_none());
        if from.optional && missing.is_some() {
            return Ok(match &from.otherwise {
                Some(text) => TextSource::Constant(text.clone()),
                None => TextSource::None,
            });
        }
        let columns = self.joined_columns(&from.columns, from.separator.as_deref().unwrap_or("-"))?;
        match columns.as_slice() {
            [] => Ok(TextSource::None),
            [JoinedColumn { index, width: 0, .. }] => Ok(TextSource::Column(*index)),
            _ => Ok(TextSource::Columns(JoinedColumns::new(columns))),
        }
    }

    /// The texts of a column of the table of stations, by its key. An optional table need not be there.
    fn joined(&self, column: &str, is_optional: bool) -> Result<TextSource> {
        let join = self.description.station.join.as_ref().ok_or_else(|| {
            let why = format!("description {}: joined needs [station.join]", self.description.name);
            Error::new(ErrorKind::InvalidSetting, why)
        })?;
        if is_optional && !self.context.has_table(&join.file) {
            return Ok(TextSource::None);
        }
        let texts = self.context.table(&join.file, &join.key, column)?;
        let index = self.need(&join.column)?;
        let key = match &join.after {
            Some(before) => TextSource::After(index, before.clone().into_bytes()),
            None => TextSource::Column(index),
        };
        Ok(TextSource::Mapped(Box::new(key), Arc::new(texts)))
    }

    fn period(&self) -> Option<Period> {
        self.description.time.period.map(|period| period.0)
    }

    /// The clock of the options, or else of the description.
    fn clock(&self) -> Clock {
        match (&self.options.zone, &self.description.time.zone) {
            (Some(zone), _) => Clock::Zone(zone.clone()),
            (None, Some(zone)) => zone.clock.clone(),
            (None, None) => Clock::Utc,
        }
    }

    fn row_time(&self) -> Result<RowTime> {
        let time = &self.description.time;
        let columns = self.joined_columns(&time.column, " ")?;
        let indices: Vec<usize> = columns.iter().map(|column| column.index).collect();
        let first = indices.first().copied().unwrap_or(0);
        let mut spellings = match &self.options.time_format {
            Some(spelling) => vec![spelling.clone()],
            None => time.format.iter().map(|format| format.0.clone()).collect(),
        };
        let is_plain = columns.iter().all(|column| column.width == 0);
        let source = match indices.as_slice() {
            [index] if is_plain => TimeSource::Column(*index),
            [year, month, day, hour] if is_plain && spellings.is_empty() => {
                TimeSource::Digits([*year, *month, *day, *hour])
            }
            _ => TimeSource::Columns(first, JoinedColumns::new(columns)),
        };
        let spelling = if spellings.len() == 1 { spellings.remove(0) } else { Spelling::Iso };
        let clocks = time.zone_column.as_ref().filter(|_| self.options.zone.is_none()).map(|name| {
            let clocks = time.zones.iter().map(|(text, zone)| (text.as_bytes().to_owned(), zone.clock.clone()));
            Ok::<_, Error>(ClockColumn { column: self.need(name)?, clocks: clocks.collect() })
        });
        let last = indices.last().copied().unwrap_or(first);
        Ok(RowTime {
            source,
            times: Times::new(spelling, self.clock()),
            spellings,
            shift: time.end_of.map_or(0, |period| i64::from(period.0.minutes())),
            clocks: clocks.transpose()?,
            without_clock: time.period_without_clock.map(|period| (last, period.0)),
            joined: Vec::new(),
        })
    }

    fn measure(&self) -> Measure {
        Measure::new(&self.description.table.missing, self.options)
            .with_comma(self.description.table.decimal_comma)
            .with_invalid_suffixes(&self.description.value.invalid_suffixes)
    }

    /// The columns of parameters: first the columns that the description names, then the columns that the vocabulary names.
    /// A column that has another role is of no vocabulary.
    fn value_columns(&self, has_role: impl Fn(usize) -> bool) -> Result<Vec<ValueColumn>> {
        let names = &self.description.parameter;
        let mut described = Vec::new();
        let mut by_vocabulary = Vec::new();
        for (column, name) in self.columns.names.iter().enumerate() {
            if let Some((_, entry)) = names.names.iter().find(|(known, _)| is_one_of(known, name)) {
                described.push((column, entry.0.clone()));
            } else if names.vocabulary.is_some()
                && !has_role(column)
                && !self.is_unread(name)
                && let Some(parameter) = Parameter::lookup(name)
            {
                by_vocabulary.push((column, ParameterEntry::new(parameter, None)));
            }
        }
        let follows = self.description.value.flag.as_ref().and_then(|flag| flag.follows.as_deref());
        let mut values: Vec<ValueColumn> = Vec::new();
        for (column, entry) in described.into_iter().chain(by_vocabulary) {
            let rule = rule(&entry, self.context.unit(column));
            if values.iter().any(|value| value.rule.parameter == rule.parameter) {
                continue;
            }
            let next = column + 1;
            let flag = follows.filter(|follows| is_same_name(follows, self.columns.name(next))).map(|_| next);
            values.push(ValueColumn { index: column, rule, flag });
        }
        // A header that recognises the format says which columns a file must have.
        if self.description.header.is_empty() {
            for column in names.names.keys() {
                self.need(column)?;
            }
        }
        for column in self.options.mapped_columns() {
            self.need(column)?;
        }
        Ok(values)
    }
}

/// Reads columns that no role has as open parameters.
fn open_others(table: &mut Table, context: &FileContext) {
    let mut others = Vec::new();
    for index in table.others.take() {
        let code = Parameter::code_for(table.columns.name(index));
        let unit = context.unit(index).unwrap_or(Unit::Stated(""));
        let parameter = code.and_then(|code| Parameter::open(&code, unit));
        match parameter {
            Some(parameter) if table.values.iter().all(|value| value.rule.parameter != parameter) => {
                table.values.push(ValueColumn::new(index, parameter, unit));
            }
            _ => others.push(index),
        }
    }
    table.others = OtherColumns::new(others);
}
