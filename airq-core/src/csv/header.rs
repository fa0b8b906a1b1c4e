//! The header, read once: which column is the station, the time, a pollutant or other text.

use super::split::Record;
use crate::error::{Error, Position, Result, cut, cut_bytes};
use crate::model::{Pollutant, Timestamp, Unit};
use crate::text::push_json_string;
use std::collections::HashSet;

const STATION_NAMES: [&str; 3] = ["station", "id_entity", "station_id"];
const TIME_NAMES: [&str; 4] = ["time", "timeinstant", "timestamp", "datetime"];
/// The column of JSON in rows that the core makes.
pub(crate) const JSON_COLUMN: &str = "index";
/// The data set's own columns, for a file that lacks the header.
const DATA_SET_COLUMNS: [&str; 8] = ["TimeInstant", "id_entity", "so2", "no2", "co", "o3", "pm10", "pm2_5"];

/// What an answer is to have of the columns.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Only these pollutants; none means all that there are.
    pub(crate) pollutants: Vec<Pollutant>,
    /// Whether the column [`JSON_COLUMN`] is not text but JSON, which only the core itself may say.
    pub(crate) has_json: bool,
    /// Names that stand for something else where the fields stand: text that is called so is left out.
    pub(crate) taken: &'static [&'static str],
    /// A byte that sends text to the scalar parser, besides those that JSON escapes.
    pub(crate) special: u8,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted { pollutants: Vec::new(), has_json: false, taken: &[], special: b'"' }
    }
}

/// What each column is, and the fields of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// The columns' names as the header writes them.
    pub(crate) names: Vec<String>,
    pub(crate) station: usize,
    pub(crate) time: usize,
    /// What each column holds; `None` for the station, the time and what is left out of the answer.
    pub(crate) kinds: Vec<Option<Kind>>,
    /// The answer's fields behind station and time.
    pub(crate) fields: Vec<Field>,
}

/// What a column's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number, or nothing.
    Pollutant(Pollutant),
    /// The share of its expected values that an average is of: a number, or nothing.
    Capture(Pollutant),
    /// JSON that the core has made, or nothing.
    Json,
    /// Text, or nothing.
    Text,
}

/// A field of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Its column; `None` for a pollutant that was asked for and that the input lacks.
    pub(crate) column: Option<usize>,
    /// `,"name":`, ready to be written.
    pub(crate) key: Vec<u8>,
}

/// What the first record turned out to be.
pub(crate) enum First {
    /// The header.
    Header(Layout),
    /// Already a row, of the data set's own columns.
    Row(Layout),
}

impl Layout {
    /// Reads the first record.
    ///
    /// # Errors
    /// If it names no station or no time, or names one thing twice.
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
        let kinds = names.iter().enumerate().map(|(place, name)| {
            let kind = if wanted.has_json && name == JSON_COLUMN { Kind::Json } else { Kind::named(name) };
            (place != station && place != time && wanted.has(kind, name)).then_some(kind)
        });
        let mut layout = Layout { kinds: kinds.collect(), names, station, time, fields: Vec::new() };
        layout.fields = layout.present_fields();
        layout.fields.extend(layout.absent_fields(&wanted.pollutants));
        layout.check_unique(line)?;
        Ok(layout)
    }

    /// Whether a data set can be made of it.
    ///
    /// # Errors
    /// If of its columns none is of a pollutant, or the only one of a pollutant may be in another unit.
    pub(crate) fn check_measured(&self) -> Result<()> {
        for name in &self.names {
            let pollutant = Unit::in_brackets(name).and_then(|(name, _)| Pollutant::parse(name));
            if let Some(pollutant) = pollutant.filter(|pollutant| self.pollutants().all(|known| known != *pollutant)) {
                let name = cut(name);
                let why = format!(
                    "{name:?} is not in {}; map=time=…,station=…,{pollutant}={name:?} reads it",
                    pollutant.unit()
                );
                return Err(fault(1, why));
            }
        }
        if self.pollutants().next().is_none() && self.width() > 2 {
            let known = Pollutant::ALL.map(Pollutant::name).join(", ");
            let seen = cut(&self.names.join(", "));
            return Err(fault(1, format!("no column of a pollutant ({known}) in the header; seen: {seen}")));
        }
        Ok(())
    }

    /// The number of columns.
    pub(crate) fn width(&self) -> usize {
        self.names.len()
    }

    /// The pollutants of the answer.
    pub(crate) fn pollutants(&self) -> impl Iterator<Item = Pollutant> {
        self.fields.iter().filter_map(|field| match field.kind {
            Kind::Pollutant(pollutant) => Some(pollutant),
            _ => None,
        })
    }

    fn present_fields(&self) -> Vec<Field> {
        let columns = self.kinds.iter().enumerate();
        columns.filter_map(|(place, kind)| kind.map(|kind| Field::new(kind, &self.names[place], Some(place)))).collect()
    }

    fn absent_fields(&self, wanted: &[Pollutant]) -> Vec<Field> {
        let present: Vec<Pollutant> = self.pollutants().collect();
        let absent = wanted.iter().filter(|pollutant| !present.contains(pollutant));
        absent.map(|pollutant| Field::new(Kind::Pollutant(*pollutant), "", None)).collect()
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
        let capture = || Pollutant::of_capture(name).map(Kind::Capture);
        let pollutant = Pollutant::parse(name).or_else(|| in_canonical_unit(name));
        pollutant.map(Kind::Pollutant).or_else(capture).unwrap_or(Kind::Text)
    }

    /// Whether values are numbers, and not text.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Kind::Pollutant(_) | Kind::Capture(_))
    }
}

/// The pollutant of a name such as `NO2 (µg/m³)`. In another unit it is text, for nothing here converts.
fn in_canonical_unit(name: &str) -> Option<Pollutant> {
    let (name, unit) = Unit::in_brackets(name)?;
    Pollutant::parse(name).filter(|pollutant| Unit::parse(unit) == Some(pollutant.canonical_unit()))
}

impl Field {
    fn new(kind: Kind, header_name: &str, column: Option<usize>) -> Field {
        let name = match kind {
            Kind::Pollutant(pollutant) => pollutant.name().to_owned(),
            Kind::Capture(pollutant) => pollutant.capture_name(),
            Kind::Json | Kind::Text => header_name.to_owned(),
        };
        let mut key = vec![b','];
        push_json_string(&mut key, name.as_bytes());
        key.push(b':');
        Field { name, kind, column, key }
    }
}

impl Wanted {
    fn has(&self, kind: Kind, name: &str) -> bool {
        match kind {
            Kind::Pollutant(pollutant) | Kind::Capture(pollutant) => {
                self.pollutants.is_empty() || self.pollutants.contains(&pollutant)
            }
            Kind::Json => true,
            Kind::Text => !self.taken.contains(&name),
        }
    }
}

impl From<Vec<Pollutant>> for Wanted {
    fn from(pollutants: Vec<Pollutant>) -> Self {
        Wanted { pollutants, ..Wanted::default() }
    }
}

fn only_column(names: &[String], known: &[&str], what: &str, line: u64) -> Result<usize> {
    let is_known = |name: &String| known.iter().any(|known| known.eq_ignore_ascii_case(name));
    let mut places = names.iter().enumerate().filter(|(_, name)| is_known(name)).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
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

/// A first record that has as many fields as the data set and begins with a time is a row.
fn is_headerless(first: Record<'_>) -> bool {
    first.len() == DATA_SET_COLUMNS.len() && Timestamp::parse_bytes(first.field(0)).is_some()
}

fn fault(line: u64, why: impl Into<String>) -> Error {
    Error::at(Position { line, ..Position::default() }, why)
}
