//! Descriptions of formats: a TOML text that states how a table is laid out and what its columns mean.
//!
//! A description is bound to the header of a file by [`bind`](super::bind::bind), which finds the columns once. The built-in
//! descriptions are the files of `formats/`; `docs/descriptions.md` explains every key.

mod built_in;
mod header;
mod values;

pub(super) use built_in::built_in;
pub(super) use header::Fit;
pub(super) use values::{
    CellColumns, ColumnText, FromText, List, ParameterEntry, PeriodText, Short, TextFrom, TimePattern, Vocabulary,
    ZoneText,
};

use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::Zone;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The longest text of a description. A longer file is not a description.
const LONGEST: u64 = 1 << 20;

/// The description of a format.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FormatDescription {
    /// The name in settings; the name of the file without one.
    #[serde(default)]
    pub(super) name: String,
    /// The files that the format is for, in a few words.
    #[serde(default)]
    pub(super) title: String,
    /// The headers by which the format is recognised, each with all of its required columns. Without headers the format is read
    /// only where it is named.
    #[serde(default)]
    pub(super) header: Vec<Vec<String>>,
    /// Columns that a header may have and that are not read.
    #[serde(default)]
    pub(super) unread: Vec<String>,
    #[serde(default)]
    pub(super) table: TableShape,
    pub(super) time: TimeColumns,
    pub(super) station: StationFields,
    #[serde(default)]
    pub(super) parameter: ParameterNames,
    #[serde(default)]
    pub(super) value: ValueColumns,
    /// Columns with the texts of the rows that are read. Other rows are left out.
    #[serde(default)]
    pub(super) keep: BTreeMap<String, List<String>>,
    /// Columns with the texts of rows that are left out.
    #[serde(default)]
    pub(super) leave_out: BTreeMap<String, List<String>>,
    /// The unverified assumptions about the format.
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

/// The begin and the end of the table, and how its cells are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TableShape {
    /// The names of the columns of a file without a header.
    #[serde(default)]
    pub(super) columns: Vec<String>,
    /// The first texts of a row of units, which follows the header.
    pub(super) units_row: Option<Vec<String>>,
    /// The first text of the row after the last row. The table then also ends at a blank row.
    pub(super) end: Option<String>,
    pub(super) delimiter: Option<String>,
    /// The character set, by its name in the WHATWG's list: `big5`, `euc-kr`, `shift_jis`.
    pub(super) encoding: Option<String>,
    #[serde(default)]
    pub(super) decimal_comma: bool,
    /// The texts of missing values, besides an empty cell.
    #[serde(default)]
    pub(super) missing: Vec<String>,
}

/// The columns of a row's time.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TimeColumns {
    /// The columns. Their texts are joined by blanks.
    #[serde(default)]
    pub(super) column: List<Short<ColumnText>>,
    /// The spellings. Of several, the first that fits the file's first row.
    #[serde(default)]
    pub(super) format: List<TimePattern>,
    /// The clock of times without an offset.
    pub(super) zone: Option<ZoneText>,
    /// The column that chooses the clock from `zones`.
    pub(super) zone_column: Option<String>,
    #[serde(default)]
    pub(super) zones: BTreeMap<String, ZoneText>,
    /// True if a value is a measurement of the instant, not a mean.
    #[serde(default)]
    pub(super) instant: bool,
    /// The length of the period that ends at the time. Without it, a period begins at its time.
    pub(super) end_of: Option<PeriodText>,
    /// True if a time ends a period that is as long as the most frequent step between the times of its series, at most an hour.
    #[serde(default)]
    pub(super) end_of_step: bool,
    /// The period that each value is a mean of.
    pub(super) period: Option<PeriodText>,
    /// The column with the period of each row.
    pub(super) period_column: Option<Short<TextFrom>>,
    /// The period of rows with an empty last column of the time.
    pub(super) period_without_clock: Option<PeriodText>,
}

/// The id and the metadata of a row's station.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StationFields {
    pub(super) id: Option<Short<TextFrom>>,
    pub(super) name: Option<Short<TextFrom>>,
    pub(super) city: Option<Short<TextFrom>>,
    pub(super) country: Option<Short<TextFrom>>,
    pub(super) latitude: Option<Short<TextFrom>>,
    pub(super) longitude: Option<Short<TextFrom>>,
    /// The column of the instrument or the sampling point.
    pub(super) instrument: Option<String>,
    /// A table next to the file, for texts that are `joined`.
    pub(super) join: Option<StationJoin>,
}

/// A table next to the file with more about each station or sensor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StationJoin {
    /// The name of the table's file; `*` matches any text.
    pub(super) file: String,
    /// The column of the table with the key.
    pub(super) key: String,
    /// The column of the file with the key.
    pub(super) column: String,
    /// The text before the key in that column, which ends with this text.
    pub(super) after: Option<String>,
}

/// The parameter of each value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ParameterNames {
    /// The source of the name or code, in tables with a row a value. Without it, each parameter has a column.
    pub(super) from: Option<Short<TextFrom>>,
    /// The parameters of names, codes or columns.
    #[serde(default)]
    pub(super) names: BTreeMap<String, Short<ParameterEntry>>,
    /// The vocabulary of the names that `names` does not have.
    pub(super) vocabulary: Option<Vocabulary>,
    /// The prefix of the parameter's name for a code that no vocabulary has.
    #[serde(default)]
    pub(super) prefix: String,
}

/// The columns of values.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ValueColumns {
    /// The column, or several in the order of preference: the first that is filled counts.
    #[serde(default)]
    pub(super) column: List<String>,
    /// The unit: a column, or one unit of all values.
    pub(super) unit: Option<Short<TextFrom>>,
    /// The columns of the hours of a day or the days of a month: `H{01-24}`.
    pub(super) cells: Option<CellColumns>,
    /// The period of each of these cells.
    pub(super) cell: Option<PeriodText>,
    /// True if each column that nothing else names is a station.
    #[serde(default)]
    pub(super) stations: bool,
    pub(super) flag: Option<FlagColumns>,
    /// Characters that mark a value as invalid where the cell ends in one.
    #[serde(default)]
    pub(super) invalid_suffixes: String,
}

/// The column of a flag, and what its texts mean.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FlagColumns {
    /// The column in tables with a row a value.
    pub(super) column: Option<String>,
    /// The columns next to `cells`: `V{01-24}`.
    pub(super) cells: Option<CellColumns>,
    /// The name of the column after each column of a parameter.
    pub(super) follows: Option<String>,
    /// The texts of valid values.
    #[serde(default)]
    pub(super) valid: List<String>,
    /// The texts of invalid values. Without them, every other text is one of an invalid value.
    #[serde(default)]
    pub(super) invalid: List<String>,
    /// The least number of a valid value.
    pub(super) at_least: Option<i64>,
    /// True if the unit follows the flag, after a blank.
    #[serde(default)]
    pub(super) with_unit: bool,
}

impl FormatDescription {
    /// Parses a description.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`], with the line and the key that are invalid.
    pub(super) fn parse(text: &str, file: &str) -> Result<Self> {
        let parsed: std::result::Result<FormatDescription, _> = toml::from_str(text);
        let mut description = parsed.map_err(|error| invalid(&error, text, file))?;
        if description.name.is_empty() {
            let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            description.name = stem.unwrap_or_else(|| "own".to_owned());
        }
        description.check().map_err(|why| fault(file, &why))?;
        Ok(description)
    }

    /// Reads the description in a file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the file cannot be read or is no description.
    pub(super) fn read(path: &str) -> Result<Self> {
        let length = std::fs::metadata(path).map_err(|error| unreadable(path, &error.to_string()))?.len();
        if length > LONGEST {
            return Err(unreadable(path, "it is longer than 1 MiB"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error.to_string()))?;
        FormatDescription::parse(&text, path)
    }

    /// Checks what the types of the keys do not.
    fn check(&self) -> std::result::Result<(), String> {
        let value = &self.value;
        if self.time.column.is_empty() {
            return Err("[time] needs a column".to_owned());
        }
        if self.station.id.is_none() && !value.stations {
            return Err("[station] needs an id: a column, or id = { text = \"NAME\" }".to_owned());
        }
        let has_rows = !value.column.is_empty();
        let layouts = [has_rows, value.cells.is_some(), value.stations].into_iter().filter(|is| *is).count();
        if layouts > 1 {
            return Err("[value] can have only one of column, cells and stations".to_owned());
        }
        if layouts == 1 && self.parameter.from.is_none() {
            return Err("[parameter] needs from: the column of its name, or from = { text = \"no2\" }".to_owned());
        }
        if layouts == 0 && self.parameter.from.is_some() {
            return Err("[value] needs a column, cells or stations, because [parameter] has from".to_owned());
        }
        if layouts == 0 && self.parameter.names.is_empty() && self.parameter.vocabulary.is_none() {
            return Err("[parameter.names] needs the columns of parameters".to_owned());
        }
        if let Some(delimiter) = &self.table.delimiter {
            super::options::delimiter(delimiter).map_err(|error| format!("[table] {error}"))?;
        }
        self.check_effect()?;
        self.check_encoding()
    }

    /// Checks that every key has an effect on a table of the layout.
    pub(super) fn check_effect(&self) -> std::result::Result<(), String> {
        let FormatDescription { time, value, .. } = self;
        let flag = value.flag.as_ref();
        let is_long = !value.column.is_empty();
        let is_wide = self.parameter.from.is_none();
        for (is_given, key, has_effect) in [
            (time.end_of.is_some(), "[time] end-of", value.cells.is_none()),
            (time.end_of_step, "[time] end-of-step", is_long && time.end_of.is_none()),
            (time.zone_column.is_some(), "[time] zone-column", value.cells.is_none()),
            (time.period_column.is_some(), "[time] period-column", is_long),
            (value.unit.is_some(), "[value] unit", !is_wide),
            (flag.is_some_and(|flag| flag.column.is_some()), "[value.flag] column", is_long),
            (flag.is_some_and(|flag| flag.cells.is_some()), "[value.flag] cells", value.cells.is_some()),
            (flag.is_some_and(|flag| flag.follows.is_some()), "[value.flag] follows", is_wide),
        ] {
            if is_given && !has_effect {
                return Err(format!("{key} has no effect on a table of this layout"));
            }
        }
        if let Some(flag) = flag
            && flag.valid.is_empty()
            && flag.invalid.is_empty()
            && flag.at_least.is_none()
        {
            return Err("[value.flag] needs valid, invalid or at-least".to_owned());
        }
        Ok(())
    }

    fn check_encoding(&self) -> std::result::Result<(), String> {
        let Some(encoding) = &self.table.encoding else { return Ok(()) };
        match encoding_rs::Encoding::for_label(encoding.as_bytes()) {
            Some(_) => Ok(()),
            None => Err(format!(
                "[table] encoding {:?} is not known: use big5, euc-kr, shift_jis and the like",
                cut(encoding)
            )),
        }
    }

    /// Returns whether each row holds a part of a measurement.
    pub(super) fn merges(&self) -> bool {
        self.parameter.from.is_some()
    }

    /// The notes, each after a semicolon.
    pub(super) fn unverified(&self) -> String {
        let mut text = String::new();
        for note in &self.notes {
            text.push_str("; not verified: ");
            text.push_str(note);
        }
        text
    }

    /// The assumptions about the times and the periods of a file, in a few words.
    pub(super) fn assumptions(&self, zone: Option<&Zone>) -> String {
        let mut parts = Vec::new();
        match &self.time.end_of {
            Some(period) => parts.push(format!("a time ends its {}", period.0)),
            None if self.time.end_of_step => parts.push("a time ends the step of its series, 1h at most".to_owned()),
            None if self.time.instant => parts.push("a time is an instant".to_owned()),
            None => parts.push("a time begins its period".to_owned()),
        }
        match (zone, &self.time.zone, &self.time.zone_column) {
            (Some(zone), _, _) => parts.push(format!("clock {}", zone.name())),
            (_, _, Some(column)) => {
                parts.push(format!("the clock goes by {}", column.split('|').next().unwrap_or(column)));
            }
            (_, Some(zone), None) => parts.push(format!("clock {zone}")),
            (_, None, None) => parts.push("UTC where a time has no offset".to_owned()),
        }
        if let Some(period) = self.time.period.as_ref().or(self.value.cell.as_ref()) {
            parts.push(format!("period {}", period.0));
        }
        parts.join(", ")
    }
}

/// An error about a whole description.
fn fault(file: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("description {file}: {why}"))
}

fn unreadable(path: &str, why: &str) -> Error {
    fault(path, &format!("cannot be read: {why}"))
}

fn invalid(error: &toml::de::Error, text: &str, file: &str) -> Error {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message().replace('\n', ", ");
    let Some(line) = line else { return fault(file, &message) };
    let seen = text.lines().nth(line - 1).map(|line| format!(" in `{}`", cut(line.trim())));
    fault(file, &format!("line {line}: {message}{}", seen.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
