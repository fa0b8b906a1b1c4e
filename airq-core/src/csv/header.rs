//! The header of an input: the columns of the station, the time, the parameters and other texts.

use super::split::Record;
use super::station_columns::StationColumns;
use crate::error::{Error, ErrorKind, Issue, Position, Result, cut, cut_bytes};
use crate::model::{Parameter, Recognized, Timestamp, nearest};
use crate::text::{push_csv_field, push_json_string};
use std::collections::HashSet;

const STATION_NAMES: [&str; 3] = ["station", "id_entity", "station_id"];
const TIME_NAMES: [&str; 4] = ["time", "timeinstant", "timestamp", "datetime"];
/// The name of the column with an index as JSON, in rows that this crate writes.
pub(crate) const INDEX_COLUMN: &str = "index";
/// The name of the column with the times of values as JSON, in rows that this crate writes.
pub(crate) const TIMES_COLUMN: &str = "times";
/// The columns of a file without a header.
const DATA_SET_COLUMNS: [&str; 8] = ["TimeInstant", "id_entity", "so2", "no2", "co", "o3", "pm10", "pm2_5"];

/// The columns that a consumer of rows reads.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The parameters to read; all parameters of the input if the list is empty.
    pub(crate) parameters: Vec<Parameter>,
    /// True if the columns [`INDEX_COLUMN`] and [`TIMES_COLUMN`] have JSON. Only rows that this crate writes have such columns.
    pub(crate) has_json: bool,
    /// Names that the output format uses itself. Text columns with such a name are left out.
    pub(crate) taken: &'static [&'static str],
    /// A byte that sends text to the scalar parser, in addition to the bytes that JSON escapes.
    pub(crate) special: u8,
    /// True if [sentinels](Parameter::is_sentinel) are values.
    pub(crate) keeps_sentinels: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted { parameters: Vec::new(), has_json: false, taken: &[], special: b'"', keeps_sentinels: false }
    }
}

/// The kind of each column, and the fields of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The names of the columns as the header has them.
    pub(crate) names: Vec<String>,
    pub(crate) station: usize,
    pub(crate) time: usize,
    /// The kind of each column; `None` for the station, the time and columns that are not read.
    pub(crate) kinds: Vec<Option<Kind>>,
    /// The fields of an answer, after station and time.
    pub(crate) fields: Vec<Field>,
    pub(crate) keeps_sentinels: bool,
}

/// The kind of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number, or empty.
    Parameter(Parameter),
    /// The capture of an average: the share of the expected values that are present. A number, or empty.
    Capture(Parameter),
    /// JSON that this crate wrote, in the form of [`swap_csv_syntax`](crate::text::swap_csv_syntax), or empty.
    Json,
    /// Text, or empty.
    Text,
}

/// A field of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The column; `None` for a wanted parameter that the input does not have.
    pub(crate) column: Option<usize>,
    /// The text `,"name":`.
    pub(crate) key: Vec<u8>,
}

/// The first record of an input.
pub(crate) enum First {
    /// The header.
    Header(Layout),
    /// A row of a file without a header.
    Row(Layout),
}

impl Layout {
    /// Reads the first record.
    ///
    /// # Errors
    /// If there is no column of the station or of the time, or two columns have the same meaning.
    pub(crate) fn read(first: Record<'_>, wanted: &Wanted) -> Result<First> {
        if is_headerless(first) {
            let names = DATA_SET_COLUMNS.map(str::to_owned).to_vec();
            return Layout::new(names, first.line, wanted).map(First::Row);
        }
        let mut names = Vec::with_capacity(first.len());
        for field in first.fields() {
            let text = std::str::from_utf8(field)
                .map_err(|_| fault(first.line, format!("the header's {:?} is not UTF-8", cut_bytes(field))))?;
            names.push(text.trim().to_owned());
        }
        Layout::new(names, first.line, wanted).map(First::Header)
    }

    fn new(names: Vec<String>, line: u64, wanted: &Wanted) -> Result<Layout> {
        let station = only_column(&names, &STATION_NAMES, "station", line)?;
        let time = only_column(&names, &TIME_NAMES, "time", line)?;
        let kinds = names.iter().enumerate().map(|(position, name)| {
            // A column without a name is not a field: spreadsheets leave such columns over.
            if position == station || position == time || name.is_empty() {
                return None;
            }
            let is_json = wanted.has_json && (name == INDEX_COLUMN || name == TIMES_COLUMN);
            let kind = if is_json { Kind::Json } else { Kind::named(name) };
            if wanted.has(kind, name) { Some(kind) } else { None }
        });
        let keeps_sentinels = wanted.keeps_sentinels;
        let mut layout = Layout { kinds: kinds.collect(), names, station, time, fields: Vec::new(), keeps_sentinels };
        layout.fields = layout.present_fields();
        layout.check_known(&wanted.parameters)?;
        layout.fields.extend(layout.absent_fields(&wanted.parameters));
        layout.check_unique(line)?;
        Ok(layout)
    }

    /// Checks that a data set can be made of the columns.
    ///
    /// # Errors
    /// If no column is a parameter.
    pub(crate) fn check_measured(&self) -> Result<()> {
        if self.parameters().next().is_none() && self.width() > 2 {
            let seen = cut(&self.names.join(", "));
            let why = "no column of a parameter (such as no2, pm10 or temperature) in the header";
            return Err(fault(1, format!("{why}; seen: {seen}")));
        }
        Ok(())
    }

    /// Returns the columns with a parameter in another unit than the canonical unit, for parameters that no other column has. A file
    /// with such columns needs a conversion.
    #[cfg(feature = "formats")]
    pub(crate) fn columns_to_convert(&self) -> Vec<(usize, Recognized)> {
        let mut columns: Vec<(usize, Recognized)> = Vec::new();
        for (position, name) in
            self.names.iter().enumerate().filter(|(position, _)| self.kinds[*position] == Some(Kind::Text))
        {
            let Some(found) = Recognized::parse(name) else { continue };
            let is_new = self.parameters().all(|known| known != found.parameter)
                && columns.iter().all(|(_, known)| known.parameter != found.parameter);
            if is_new && found.is_convertible() {
                columns.push((position, found));
            }
        }
        columns
    }

    /// Returns the parameter of a column if the number is a sentinel of the parameter.
    #[inline]
    pub(crate) fn sentinel(&self, column: usize, number: &[u8]) -> Option<Parameter> {
        if number.first() != Some(&b'-') || self.keeps_sentinels {
            return None;
        }
        match self.kinds[column] {
            Some(Kind::Parameter(parameter)) if parameter.is_sentinel(number) => Some(parameter),
            _ => None,
        }
    }

    /// Returns the columns that describe the station of a row.
    pub(crate) fn station_columns(&self) -> StationColumns {
        StationColumns::of(&self.names)
    }

    /// Returns the names of the text columns that are neither part of a data set nor describe stations.
    pub(crate) fn unused_columns(&self) -> impl Iterator<Item = &str> {
        let used: Vec<usize> = self.station_columns().positions().collect();
        let texts = self.fields.iter().filter(|field| field.kind == Kind::Text);
        let unused = texts.filter(move |field| field.column.is_none_or(|column| !used.contains(&column)));
        unused.map(|field| field.name.as_str())
    }

    /// Returns the number of columns.
    pub(crate) fn width(&self) -> usize {
        self.names.len()
    }

    /// Returns the parameters of the answer.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.fields.iter().filter_map(|field| match field.kind {
            Kind::Parameter(parameter) => Some(parameter),
            _ => None,
        })
    }

    fn present_fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        for (position, kind) in self.kinds.iter().enumerate() {
            if let Some(kind) = kind {
                fields.push(Field::new(*kind, &self.names[position], Some(position)));
            }
        }
        fields
    }

    /// Checks that each wanted parameter is in the vocabulary or in the header.
    fn check_known(&self, wanted: &[Parameter]) -> Result<()> {
        for parameter in wanted {
            if !parameter.is_known() && self.parameters().all(|own| own != *parameter) {
                let known = self.parameters().chain(Parameter::known()).map(Parameter::code);
                let issue = Issue::unknown("parameter", parameter.code(), nearest(parameter.code(), known));
                return Err(Error::parameters(ErrorKind::InvalidParameter, vec![issue]));
            }
        }
        Ok(())
    }

    fn absent_fields(&self, wanted: &[Parameter]) -> Vec<Field> {
        let present: Vec<Parameter> = self.parameters().collect();
        let absent = wanted.iter().filter(|parameter| !present.contains(parameter));
        absent.map(|parameter| Field::new(Kind::Parameter(*parameter), "", None)).collect()
    }

    fn check_unique(&self, line: u64) -> Result<()> {
        let mut seen = HashSet::from(["station", "time"]);
        for field in &self.fields {
            if !seen.insert(&field.name) {
                return Err(fault(line, format!("the header names {:?} twice", field.name)));
            }
        }
        Ok(())
    }
}

impl Kind {
    fn named(name: &str) -> Kind {
        match Recognized::parse(name) {
            Some(found) if found.is_canonical() => Kind::Parameter(found.parameter),
            // A value in another unit is text: nothing here converts.
            Some(_) => Kind::Text,
            None => match Parameter::of_capture(name) {
                Some(parameter) => Kind::Capture(parameter),
                None => Kind::Text,
            },
        }
    }

    /// Returns whether the values are numbers.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Kind::Parameter(_) | Kind::Capture(_))
    }
}

impl Field {
    fn new(kind: Kind, header_name: &str, column: Option<usize>) -> Field {
        let name = match kind {
            Kind::Parameter(parameter) => parameter.code().to_owned(),
            Kind::Capture(parameter) => parameter.capture_name(),
            Kind::Json | Kind::Text => header_name.to_owned(),
        };
        let mut key = vec![b','];
        push_json_string(&mut key, name.as_bytes());
        key.push(b':');
        Field { name, kind, column, key }
    }
}

impl Field {
    /// Returns the name of the column in CSV.
    pub(crate) fn column_name(&self) -> String {
        match self.kind {
            Kind::Parameter(parameter) => parameter.column_name(),
            _ => self.name.clone(),
        }
    }
}

impl Wanted {
    fn has(&self, kind: Kind, name: &str) -> bool {
        match kind {
            Kind::Parameter(parameter) | Kind::Capture(parameter) => {
                self.parameters.is_empty() || self.parameters.contains(&parameter)
            }
            Kind::Json => true,
            Kind::Text => !self.taken.contains(&name),
        }
    }
}

/// Selects the columns of these parameters, or all columns if the list is empty, in CSV that a repository writes. The repository has
/// already removed sentinels.
impl From<Vec<Parameter>> for Wanted {
    fn from(parameters: Vec<Parameter>) -> Self {
        Wanted { parameters, keeps_sentinels: true, ..Wanted::default() }
    }
}

/// Returns the header of CSV with a column for each parameter, and a line end.
pub(crate) fn header_of(parameters: &[Parameter]) -> Vec<u8> {
    let mut header = b"station,time".to_vec();
    for parameter in parameters {
        header.push(b',');
        push_csv_field(&mut header, parameter.column_name().as_bytes());
    }
    header.push(b'\n');
    header
}

fn only_column(names: &[String], known: &[&str], what: &str, line: u64) -> Result<usize> {
    let mut indices = (0..names.len()).filter(|index| is_one_of(known, &names[*index]));
    match (indices.next(), indices.next()) {
        (Some(index), None) => Ok(index),
        (Some(one), Some(two)) => {
            Err(fault(line, format!("two {what} columns: {:?} and {:?}", names[one], names[two])))
        }
        (None, _) => {
            let seen = cut(&names.join(", "));
            let expected = known.join(", ");
            Err(fault(line, format!("no {what} column (one of {expected}) in the header; seen: {seen}")))
        }
    }
}

fn is_one_of(known: &[&str], name: &str) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Returns whether the first record is a row: a record with the number of columns of the data set whose first field is a time.
fn is_headerless(first: Record<'_>) -> bool {
    first.len() == DATA_SET_COLUMNS.len() && Timestamp::parse_bytes(first.field(0)).is_some()
}

fn fault(line: u64, why: impl Into<String>) -> Error {
    Error::at(Position { line, ..Position::default() }, why)
}
