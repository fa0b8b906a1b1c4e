//! Parameters: the quantities that stations measure.

mod name;
mod vocabulary;

use super::unit::{Unit, interned};
use crate::error::ParseError;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Mutex;

pub(crate) use name::Recognized;
use vocabulary::VOCABULARY;

/// A quantity that a station measures: a pollutant, or a quantity of the weather.
///
/// airq knows about a hundred parameters ([`known`](Parameter::known)), each with a unit and the names that publishers give it. A
/// file may have others: an *open* parameter has a code and the unit that its file states. Parameters with the same code are
/// equal.
///
/// ```
/// use airq_core::Parameter;
/// assert_eq!("PM2.5".parse::<Parameter>().ok(), Some(Parameter::PM2_5));
/// assert_eq!("NO₂".parse::<Parameter>().ok(), Some(Parameter::NO2));
/// assert_eq!(Parameter::CO.unit().symbol(), "mg/m³");
/// ```
#[derive(Clone, Copy)]
pub struct Parameter(&'static Definition);

/// The properties of a parameter.
#[derive(Clone, Copy, Debug)]
struct Definition {
    /// The name in columns, queries and JSON keys.
    code: &'static str,
    /// The formula as people write it.
    symbol: &'static str,
    /// The name of the quantity in English.
    quantity: &'static str,
    unit: Unit,
    /// The molar mass in grams per mole.
    molar_mass: Option<f64>,
    /// The number of Madrid's magnitude.
    madrid: Option<u16>,
    /// The codes of the EEA's vocabulary of pollutants.
    eea: &'static [u32],
    /// The codes of the AQS of the US EPA.
    aqs: &'static [u32],
    /// The property in the Smart Data Models.
    smart_data_model: Option<&'static str>,
    /// Other names.
    names: &'static [&'static str],
    /// The lowest and the highest plausible value, in the unit.
    plausible: Option<(f64, f64)>,
    /// The position in the vocabulary; after it for open parameters.
    order: u16,
}

/// The suffix of the column with a parameter's capture.
const CAPTURE: &str = "_capture";

/// The length of the longest code: that of the longest name of a column in PostgreSQL, with the suffix of a capture.
const LONGEST_CODE: usize = 63 - CAPTURE.len();

/// The number of open parameters that queries alone can name. Files can always bring new parameters.
const MOST_QUERIED: usize = 1024;

/// Names of columns that are not parameters.
const RESERVED: [&str; 9] =
    ["station", "time", "index", "station_id", "line", "city", "latitude", "longitude", "others"];

/// The open parameters that this process has seen.
static OPEN: Mutex<Vec<&'static Definition>> = Mutex::new(Vec::new());

impl Parameter {
    /// The parameters that airq knows, in the order of their columns.
    pub fn known() -> impl Iterator<Item = Parameter> {
        VOCABULARY.iter().map(Parameter)
    }

    /// Returns the parameter of the vocabulary with a name in any usual spelling.
    pub(crate) fn lookup(name: &str) -> Option<Parameter> {
        name::lookup(name)
    }

    /// Returns the parameter of this code, with the unit that its file states. For a parameter of the vocabulary the unit is that of
    /// the vocabulary.
    ///
    /// An open parameter is kept until the process ends, once for each code and unit. Returns `None` if the text is not a
    /// code: lower-case letters, digits and `_`, with a letter first, at most 55 in all, and not the name of another column.
    pub fn open(code: &str, unit: Unit) -> Option<Parameter> {
        if let Some(known) = VOCABULARY.iter().find(|known| known.code == code) {
            return Some(Parameter(known));
        }
        if is_code(code) { Some(Parameter(open_definition(code, unit))) } else { None }
    }

    /// Returns the parameter of a query: one of the vocabulary in any spelling, or an open one by its code. Returns `None` if the
    /// text cannot name a parameter.
    pub(crate) fn in_query(name: &str) -> Option<Parameter> {
        let name = name.trim();
        if let Some(known) = Parameter::lookup(name) {
            return Some(known);
        }
        let open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(definition) = open.iter().find(|definition| definition.code == name) {
            return Some(Parameter(definition));
        }
        let is_full = open.len() >= MOST_QUERIED;
        drop(open);
        if is_full { None } else { Parameter::open(name, Unit::Stated("")) }
    }

    /// Returns the code for a name that a publisher gives an unknown parameter: `PT08.S1(CO)` is `pt08_s1_co`. Returns `None` if no
    /// code can be made of the name.
    #[cfg(feature = "formats")]
    pub(crate) fn code_for(name: &str) -> Option<String> {
        name::code_for(name).filter(|code| is_code(code))
    }

    /// The code: the name in columns, queries and JSON keys.
    pub const fn code(self) -> &'static str {
        self.0.code
    }

    /// The formula or short name as people write it: `NO₂`, `PM2.5`.
    pub const fn symbol(self) -> &'static str {
        self.0.symbol
    }

    /// The quantity in English: `nitrogen dioxide`. Empty for open parameters.
    pub const fn quantity(self) -> &'static str {
        self.0.quantity
    }

    /// The unit of all values: µg/m³ for gases and particles, mg/m³ for carbon monoxide; for an open parameter, the unit that its
    /// file states.
    pub const fn unit(self) -> Unit {
        self.0.unit
    }

    /// The molar mass in grams per mole (nitrogen oxides count as NO₂, hydrocarbons as carbon). `None` for what is not a gas.
    pub const fn molar_mass(self) -> Option<f64> {
        self.0.molar_mass
    }

    /// The lowest and the highest plausible value, in the [unit](Parameter::unit). `None` where no range is known.
    ///
    /// The ranges are from OpenAQ's database, widened where published data of European cities exceed them.
    pub const fn plausible_range(self) -> Option<(f64, f64)> {
        self.0.plausible
    }

    /// Returns whether the vocabulary has the parameter.
    pub fn is_known(self) -> bool {
        usize::from(self.0.order) < VOCABULARY.len()
    }

    /// Returns whether the arithmetic mean of values is a value of the parameter. Directions and sound levels have no such mean.
    pub const fn has_mean(self) -> bool {
        !matches!(self.0.unit, Unit::Degree | Unit::Decibel)
    }

    /// The codes of the EEA's [vocabulary of pollutants](https://dd.eionet.europa.eu/vocabulary/aq/pollutant).
    pub const fn eea_codes(self) -> &'static [u32] {
        self.0.eea
    }

    /// The parameter codes of the AQS of the US EPA.
    pub const fn aqs_codes(self) -> &'static [u32] {
        self.0.aqs
    }

    /// The property of `AirQualityObserved` in the Smart Data Models; the code where the model has no name.
    pub fn smart_data_model(self) -> &'static str {
        self.0.smart_data_model.unwrap_or(self.0.code)
    }

    /// The magnitude in the files of Madrid's city council.
    pub const fn madrid_magnitude(self) -> Option<u16> {
        self.0.madrid
    }

    /// Formats a value for people, rounded to the precision of instruments: two decimals for mg/m³, one for other units. A small
    /// negative value is never `-0.0`.
    ///
    /// ```
    /// use airq_core::Parameter;
    ///
    /// assert_eq!(Parameter::NO2.rounded(48.398), "48.4");
    /// assert_eq!(Parameter::CO.rounded(-0.001), "0.00");
    /// ```
    pub fn rounded(self, value: f64) -> String {
        const LONGEST: f64 = 1e9;
        if value.abs() >= LONGEST {
            return format!("{value:e}");
        }
        let decimals = if self.unit() == Unit::MilligramPerCubicMetre { 2 } else { 1 };
        let text = format!("{value:.decimals$}");
        match text.strip_prefix('-') {
            Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
            _ => text,
        }
    }

    /// The name of the column in CSV that airq writes: the code, and for an open parameter also its unit, as in `pt08_s1_co []`.
    pub(crate) fn column_name(self) -> String {
        if self.is_known() { self.code().to_owned() } else { format!("{} [{}]", self.code(), self.unit()) }
    }

    /// The name of the column with the capture of the parameter's averages: the share of expected values, such as `no2_capture`.
    pub(crate) fn capture_name(self) -> String {
        format!("{}{CAPTURE}", self.code())
    }

    /// The parameter with its captures in a column of this name.
    pub(crate) fn of_capture(name: &str) -> Option<Parameter> {
        let code = name.trim().to_ascii_lowercase();
        let code = code.strip_suffix(CAPTURE)?;
        Parameter::lookup(code).or_else(|| seen(code))
    }
}

/// The open parameter of this code, if this process has seen one.
fn seen(code: &str) -> Option<Parameter> {
    let open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    open.iter().find(|definition| definition.code == code).map(|definition| Parameter(definition))
}

fn open_definition(code: &str, unit: Unit) -> &'static Definition {
    let mut open = OPEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = open.iter().find(|known| known.code == code && known.unit == unit) {
        return known;
    }
    let code = interned(code);
    let definition: &'static Definition = Box::leak(Box::new(Definition {
        order: u16::MAX,
        symbol: code,
        ..vocabulary::parameter(code, code, "", unit)
    }));
    open.push(definition);
    definition
}

fn is_code(text: &str) -> bool {
    text.len() <= LONGEST_CODE
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !text.ends_with(CAPTURE)
        && !text.starts_with("index_")
        && !RESERVED.contains(&text)
}

impl PartialEq for Parameter {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0.code == other.0.code
    }
}

impl Eq for Parameter {}

impl Hash for Parameter {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.code.hash(state);
    }
}

impl Ord for Parameter {
    /// The parameters of the vocabulary in its order, then the others by code.
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.order.cmp(&other.0.order).then_with(|| self.0.code.cmp(other.0.code))
    }
}

impl PartialOrd for Parameter {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Parses a name of the vocabulary in any usual spelling: a code (`no2`), a formula (`NO₂`, `PM2.5`), a name (`ozone`, `benceno`).
impl FromStr for Parameter {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Parameter::lookup(name)
            .ok_or_else(|| ParseError::new(name, "the name of a known parameter, such as no2 or pm2_5"))
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_parameter_is_equal_by_code_and_keeps_its_unit() {
        let stated = Parameter::open("fluff", Unit::stated("furlong")).unwrap();
        let queried = Parameter::in_query("fluff").unwrap();
        assert_eq!(stated, queried);
        assert_eq!((stated.unit().symbol(), stated.column_name()), ("furlong", "fluff [furlong]".to_owned()));
        assert!(Parameter::C6H6 < stated && !stated.is_known());
        for text in ["", "No2x", "time", "x y", "a_capture", "index_band", &"a".repeat(60)] {
            assert_eq!(Parameter::open(text, Unit::Stated("")), None, "{text}");
        }
    }

    #[test]
    fn codes_of_the_vocabulary_are_valid_and_unique() {
        for (position, definition) in VOCABULARY.iter().enumerate() {
            assert!(is_code(definition.code), "{}", definition.code);
            assert_eq!(usize::from(definition.order), position);
            let same = |other: &&Definition| other.code == definition.code;
            assert_eq!(VOCABULARY.iter().filter(same).count(), 1, "{}", definition.code);
            assert_eq!(Parameter::lookup(definition.code), Some(Parameter(definition)), "{}", definition.code);
            assert_eq!(Parameter::lookup(definition.symbol), Some(Parameter(definition)), "{}", definition.symbol);
        }
    }
}
