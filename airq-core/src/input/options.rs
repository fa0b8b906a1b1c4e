//! The options of input files.

use super::clock::{Clock, Spelling};
use super::input_format::InputFormat;
use super::map::Map;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::{GasConditions, Zone};

/// How files are to be read.
///
/// ```
/// use airq_core::InputOptions;
/// let options = InputOptions::default()
///     .set("map", "time=Date,station=Site,no2=NO2 (ppb)")?
///     .set("time-format", "%d/%m/%Y %H:%M")?
///     .set("time-zone", "Europe/London")?
///     .set("temperature", "20")?;
/// assert_eq!(options.format(), Some(airq_core::InputFormat::Generic));
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct InputOptions {
    format: Option<InputFormat>,
    pub(super) map: Option<Map>,
    pub(super) time_format: Option<String>,
    pub(super) delimiter: Option<u8>,
    pub(super) decimal_comma: bool,
    pub(super) missing: Vec<String>,
    pub(super) zone: Option<Zone>,
    pub(super) conditions: GasConditions,
}

impl InputOptions {
    /// The names that [`set`](InputOptions::set) knows.
    pub const NAMES: [&str; 8] =
        ["format", "map", "time-format", "delimiter", "decimal-comma", "missing", "time-zone", "temperature"];

    /// Sets one of them by its name:
    ///
    /// | name | value | without it |
    /// |---|---|---|
    /// | `format` | a format's name, or `auto` | recognised by the header |
    /// | `map` | what the columns are: `time=Date,station=Site,no2="NO2 (µg/m3)"` | |
    /// | `time-format` | strftime's letters: `%d/%m/%Y %H:%M` | ISO 8601 |
    /// | `delimiter` | one character, or `tab` | found in the header |
    /// | `decimal-comma` | `true`, `false` | a dot |
    /// | `missing` | texts that stand for no value: `NA,-999` | an empty field |
    /// | `time-zone` | the clocks that times without an offset are of: `Europe/Madrid` | UTC |
    /// | `temperature` | 20 or 25 °C, at which ppb and ppm become mass | 20, as European law has it |
    ///
    /// They are of the formats `generic`, which `map` alone implies, and `airq`; the others know how they are written, but
    /// for `temperature`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) if there is no such name or its value cannot be used.
    pub fn set(mut self, name: &str, value: &str) -> Result<Self> {
        match name {
            "format" => self.format = format(value)?,
            "map" => self.map = Some(Map::parse(value)?),
            "time-format" => self.time_format = Some(time_format(value)?),
            "delimiter" => self.delimiter = Some(delimiter(value)?),
            "decimal-comma" => self.decimal_comma = yes_or_no(name, value)?,
            "missing" => self.missing.extend(value.split(',').map(|text| text.trim().to_owned())),
            "time-zone" => self.zone = Some(Zone::named(value)?),
            "temperature" => self.conditions = conditions(value)?,
            _ => return Err(invalid("setting of files", name, &InputOptions::NAMES.join(", "))),
        }
        Ok(self)
    }

    /// The format that is set: `None` if it is to be recognised.
    pub fn format(&self) -> Option<InputFormat> {
        self.format.or(self.map.as_ref().map(|_| InputFormat::Generic))
    }

    /// Whether they say something of how a file of airq's own format is written.
    pub(super) fn are_of_own(&self) -> bool {
        let is_written_so = self.zone.is_some() || self.decimal_comma || self.delimiter.is_some();
        is_written_so || self.time_format.is_some() || !self.missing.is_empty()
    }

    pub(super) fn clock(&self) -> Clock {
        self.zone.clone().map_or(Clock::Utc, Clock::Zone)
    }
}

fn format(value: &str) -> Result<Option<InputFormat>> {
    if value == "auto" {
        return Ok(None);
    }
    let known = || format!("auto, {}", InputFormat::ALL.map(InputFormat::name).join(", "));
    InputFormat::parse(value).map(Some).ok_or_else(|| invalid("format of files", value, &known()))
}

fn time_format(value: &str) -> Result<String> {
    if Spelling::is_pattern(value) {
        return Ok(value.to_owned());
    }
    let why = "it must give a date, and be of strftime's letters: %d/%m/%Y %H:%M";
    Err(Error::new(ErrorKind::InvalidSetting, format!("time-format {:?} cannot be used; {why}", cut(value))))
}

fn delimiter(value: &str) -> Result<u8> {
    match value.as_bytes() {
        _ if value == "tab" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err(invalid("delimiter", value, "one character, or tab")),
    }
}

fn yes_or_no(name: &str, value: &str) -> Result<bool> {
    value.parse().map_err(|_| invalid(name, value, "true, false"))
}

fn conditions(value: &str) -> Result<GasConditions> {
    match value {
        "20" => Ok(GasConditions::Celsius20),
        "25" => Ok(GasConditions::Celsius25),
        _ => Err(invalid("temperature", value, "20, 25")),
    }
}

fn invalid(what: &str, value: &str, known: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("no {what} {:?}; known are {known}", cut(value)))
}
