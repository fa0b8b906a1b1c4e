//! The values of a description's keys, checked as they are parsed, so that an error names its line.

use crate::error::cut;
use crate::input::clock::{Clock, Spelling};
use crate::model::{Parameter, Period, Recognized, Unit, Zone};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// A table with a short form that is a text.
pub(in crate::input) trait FromText: Sized {
    /// Parses the short form.
    fn from_text(text: &str) -> Result<Self, String>;
}

/// A value that is written as a text or as a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::input) struct Short<T>(pub(in crate::input) T);

impl<T> Deref for Short<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: FromText + Deserialize<'de>> Deserialize<'de> for Short<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShortVisitor(PhantomData))
    }
}

struct ShortVisitor<T>(PhantomData<T>);

impl<'de, T: FromText + Deserialize<'de>> Visitor<'de> for ShortVisitor<T> {
    type Value = Short<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a table in braces")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Short<T>, E> {
        T::from_text(text).map(Short).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Short<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Short)
    }
}

/// One value, or a list of values.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::input) struct List<T>(pub(in crate::input) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<List<T>, E> {
        T::deserialize(de::value::StrDeserializer::new(text)).map(|one| List(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| List(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(List(values))
    }
}

/// A column and the number of digits that its texts are filled to with zeros.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::input) struct ColumnText {
    /// The name, or several names joined by `|`. The header has one of them.
    pub(in crate::input) column: String,
    #[serde(default)]
    pub(in crate::input) width: usize,
    /// The text before this column's text, in place of the separator.
    pub(in crate::input) before: Option<String>,
}

impl FromText for ColumnText {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(ColumnText { column: text.to_owned(), ..ColumnText::default() })
    }
}

/// The source of a text. The short form is a column.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::input) struct TextFrom {
    /// The columns. Their texts are joined.
    pub(in crate::input) columns: List<Short<ColumnText>>,
    /// The text between the texts of columns.
    pub(in crate::input) separator: Option<String>,
    /// A text that is the same in every row.
    pub(in crate::input) text: Option<String>,
    /// A pattern of the file's name: `{}` is the text, `*` is any text.
    pub(in crate::input) file: Option<String>,
    /// The first cell of the line above the header that has the text.
    pub(in crate::input) above: Option<String>,
    /// A column of the table of stations.
    pub(in crate::input) joined: Option<String>,
    /// The replacements of the file's texts. Other texts are dropped.
    pub(in crate::input) map: BTreeMap<String, String>,
    /// True if the header may lack the columns.
    pub(in crate::input) optional: bool,
    /// The text where the header lacks the columns.
    pub(in crate::input) otherwise: Option<String>,
}

impl FromText for TextFrom {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(TextFrom { columns: List(vec![Short(ColumnText::from_text(text)?)]), ..TextFrom::default() })
    }
}

impl TextFrom {
    /// A text that is the same in every row.
    pub(in crate::input) fn constant(text: &str) -> Self {
        TextFrom { text: Some(text.to_owned()), ..TextFrom::default() }
    }
}

/// The parameter of a name or code. The short form is a parameter and a unit: `no2 [ppb]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, try_from = "ParameterTable")]
pub(in crate::input) struct ParameterEntry {
    pub(in crate::input) parameter: Parameter,
    /// The unit of the values; the parameter's own unit where neither this nor the file states one.
    pub(in crate::input) unit: Option<Unit>,
    /// The factor of the values.
    pub(in crate::input) factor: f64,
    /// Texts of missing values of this parameter alone.
    pub(in crate::input) missing: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterTable {
    parameter: String,
    factor: Option<f64>,
    #[serde(default)]
    missing: Vec<String>,
}

impl TryFrom<ParameterTable> for ParameterEntry {
    type Error = String;

    fn try_from(table: ParameterTable) -> Result<Self, String> {
        let entry = ParameterEntry::from_text(&table.parameter)?;
        let factor = table.factor.unwrap_or(1.0);
        if !factor.is_finite() || factor <= 0.0 {
            return Err("factor must be a number above 0".to_owned());
        }
        Ok(ParameterEntry { factor, missing: table.missing, ..entry })
    }
}

impl FromText for ParameterEntry {
    fn from_text(text: &str) -> Result<Self, String> {
        let found = Recognized::parse(text).ok_or_else(|| {
            format!("{text:?} is no parameter: write one that airq knows, such as no2 or \"no2 [ppb]\", or a code and a unit, such as \"fluff [mg/l]\"")
        })?;
        match found.unit {
            Some(unit) if found.parameter.is_known() && !found.is_convertible() => Err(format!(
                "{text:?}: {unit} is no unit of {}, which is in {}",
                found.parameter,
                found.parameter.unit()
            )),
            unit => Ok(ParameterEntry::new(found.parameter, unit)),
        }
    }
}

impl ParameterEntry {
    pub(in crate::input) fn new(parameter: Parameter, unit: Option<Unit>) -> Self {
        ParameterEntry { parameter, unit, factor: 1.0, missing: Vec::new() }
    }
}

/// The vocabulary of names and codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::input) enum Vocabulary {
    /// The names that airq knows; in tables with a row a value, other names are open parameters.
    Names,
    /// The same, and other columns are open parameters, too.
    Open,
    /// Madrid's magnitudes.
    Madrid,
    /// The parameter codes of the AQS of the US EPA.
    Aqs,
    /// The codes of pollutants of the European Environment Agency.
    Eea,
}

/// Implements `Deserialize` by a function of a text.
macro_rules! deserialize_by {
    ($name:ty, $parse:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                $parse(&text).map_err(de::Error::custom)
            }
        }
    };
}

/// A spelling of times: `iso`, `epoch`, or a pattern of strftime's letters.
#[derive(Clone, Debug)]
pub(in crate::input) struct TimePattern(pub(in crate::input) Spelling);

deserialize_by!(TimePattern, |text: &str| Spelling::parse(text).map(TimePattern));

/// A clock: a time zone by name, `UTC`, or a fixed offset such as `UTC+8` or `UTC-03:30`.
#[derive(Clone, Debug)]
pub(in crate::input) struct ZoneText {
    text: String,
    pub(in crate::input) clock: Clock,
}

deserialize_by!(ZoneText, ZoneText::parse);

impl ZoneText {
    pub(in crate::input) fn parse(text: &str) -> Result<Self, String> {
        let clock = match fixed_offset(text) {
            Some(0) => Clock::Utc,
            Some(minutes) => Clock::Ahead(minutes),
            None => Clock::Zone(Zone::named(text).map_err(|error| error.to_string())?),
        };
        Ok(ZoneText { text: text.to_owned(), clock })
    }
}

impl fmt::Display for ZoneText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The minutes of `UTC`, `UTC+8` or `UTC-03:30`; `None` for another text.
pub(in crate::input) fn fixed_offset(text: &str) -> Option<i64> {
    let offset = text.strip_prefix("UTC")?;
    if offset.is_empty() {
        return Some(0);
    }
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.strip_prefix(['+', '-'])?.split_once(':').unwrap_or((&offset[1..], "0"));
    let hours: i64 = hours.parse().ok().filter(|hours| (0..=14).contains(hours))?;
    let minutes: i64 = minutes.parse().ok().filter(|minutes| (0..60).contains(minutes))?;
    Some(sign * (hours * 60 + minutes))
}

/// A period: `1h`, `1d`, `15min`.
#[derive(Clone, Copy, Debug)]
pub(in crate::input) struct PeriodText(pub(in crate::input) Period);

deserialize_by!(PeriodText, |text: &str| text.parse().map(PeriodText));

/// The names of columns that count up: `H{01-24}`.
#[derive(Clone, Debug)]
pub(in crate::input) struct CellColumns(pub(in crate::input) Vec<String>);

deserialize_by!(CellColumns, CellColumns::parse);

/// Returns the columns that a text such as `H{01-24}` counts.
fn counted_columns(text: &str) -> Option<Vec<String>> {
    const MOST: u32 = 1440;
    const MAX_DIGITS: usize = 9;
    let (before, rest) = text.split_once('{')?;
    let (range, after) = rest.split_once('}')?;
    let (first, last) = range.split_once('-')?;
    let width = first.len();
    if width > MAX_DIGITS {
        return None;
    }
    let first: u32 = first.parse().ok()?;
    let last: u32 = last.parse().ok()?;
    if last < first || last - first >= MOST {
        return None;
    }
    Some((first..=last).map(|number| format!("{before}{number:0width$}{after}")).collect())
}

impl CellColumns {
    fn parse(text: &str) -> Result<Self, String> {
        match counted_columns(text) {
            Some(columns) => Ok(CellColumns(columns)),
            None => Err(format!("{:?} does not count columns: write H{{01-24}}", cut(text))),
        }
    }
}
