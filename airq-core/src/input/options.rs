//! The options of input files.

use super::clock::{Clock, Spelling};
use super::description::{FormatDescription, built_in};
use super::input_format::InputFormat;
use super::map::Map;
#[cfg(feature = "http")]
use super::remote::RemoteSettings;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::{GasConditions, OnConflict, Period, Zone};
use std::path::Path;
use std::sync::Arc;

/// The options for reading files.
///
/// Each option has a setter, and [`set`](InputOptions::set) sets an option by its name and a text, as a URL or a command line has it.
///
/// ```
/// use airq_core::input::InputOptions;
/// let options = InputOptions::default()
///     .set("map", "time=Date,station=Site,no2=NO2 (ppb)")?
///     .set("time-format", "%d/%m/%Y %H:%M")?
///     .set("time-zone", "Europe/London")?
///     .set("temperature", "20")?;
/// assert_eq!(options.format(), Some(airq_core::input::InputFormat::GENERIC));
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct InputOptions {
    format: Option<InputFormat>,
    /// The descriptions of the format, one for each layout.
    descriptions: Vec<Arc<FormatDescription>>,
    map: Option<Map>,
    pub(super) time_format: Option<Spelling>,
    pub(super) delimiter: Option<u8>,
    pub(super) decimal_comma: bool,
    pub(super) missing: Vec<String>,
    pub(super) zone: Option<Zone>,
    pub(super) conditions: GasConditions,
    pub(crate) on_conflict: OnConflict,
    pub(crate) keeps_sentinels: bool,
    pub(super) period: Option<Period>,
    /// The columns of the id of a station, joined by `+`.
    pub(super) station_columns: Option<String>,
    pub(crate) keeps_all_examples: bool,
    #[cfg(feature = "http")]
    pub(crate) remote: RemoteSettings,
}

impl InputOptions {
    /// The names that [`set`](InputOptions::set) knows.
    pub const NAMES: &'static [&'static str] = &[
        "format",
        "map",
        "time-format",
        "delimiter",
        "decimal-comma",
        "missing",
        "time-zone",
        "temperature",
        "on-conflict",
        "keep-sentinels",
        "period",
        "station-columns",
        #[cfg(feature = "http")]
        "refresh",
        #[cfg(feature = "http")]
        "timeout",
        #[cfg(feature = "http")]
        "max-size",
        #[cfg(feature = "http")]
        "sslrootcert",
    ];

    /// Sets an option by its name:
    ///
    /// | name | value | without it |
    /// |---|---|---|
    /// | `format` | a format's name, the path of a description (`my-city.toml`), or `auto` | recognised by the header |
    /// | `map` | the columns: `time=Date,station=Site,no2="NO2 (µg/m3)"`; with `format`, in place of the format's columns | |
    /// | `time-format` | the format of times, as for strftime: `%d/%m/%Y %H:%M` | ISO 8601 |
    /// | `delimiter` | one character, `tab`, or `blanks` for any number of blanks | found in the header |
    /// | `decimal-comma` | `true`, `false` | a dot |
    /// | `missing` | texts of missing values: `NA,-999` | an empty field |
    /// | `time-zone` | the time zone of times without an offset: `Europe/Madrid` | UTC |
    /// | `temperature` | 20 or 25 °C, for conversions of ppb and ppm to mass | 20, as in European law |
    /// | `on-conflict` | `last`, `first` or `error`: the rule for different values of one station, time and parameter | `last` |
    /// | `keep-sentinels` | `true`: numbers such as -999 are values | they are missing values |
    /// | `period` | `1h`, `1d`: the values that are read where a file has values of several periods | those of the first |
    /// | `station-columns` | the columns that make the id of a station: `location_id+sensors_id` | the format's column |
    /// | `refresh` | of a file by its URL: the time between two requests: `10m`, `1h` | `10m` |
    /// | `timeout` | of a file by its URL: the time limit of a download: `90s` | `5m` |
    /// | `max-size` | of a file by its URL: the size up to which it is fetched: `100MiB` | `1GiB` |
    /// | `sslrootcert` | of a file by its URL: a file of trusted certificates in PEM | the certificates of the system |
    ///
    /// `time-format` and `time-zone` do not apply to built-in formats with verified times.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) for an unknown name or an invalid value.
    pub fn set(mut self, name: &str, value: &str) -> Result<Self> {
        match name {
            "format" => (self.format, self.descriptions) = format(value)?,
            "map" => self.map = Some(Map::parse(value)?),
            "time-format" => self.time_format = Some(time_format(value)?),
            "delimiter" => self.delimiter = Some(delimiter(value)?),
            "decimal-comma" => self.decimal_comma = yes_or_no(name, value)?,
            "missing" => self.missing.extend(value.split(',').map(|text| text.trim().to_owned())),
            "time-zone" => self.zone = Some(Zone::named(value)?),
            "temperature" => self.conditions = conditions(value)?,
            "on-conflict" => self.on_conflict = on_conflict(value)?,
            "period" => {
                self.period = Some(value.parse().map_err(|_| invalid(name, value, "1h, 1d, 15min and the like"))?);
            }
            "station-columns" => self.station_columns = Some(value.to_owned()),
            "keep-sentinels" => self.keeps_sentinels = yes_or_no(name, value)?,
            #[cfg(feature = "http")]
            _ if RemoteSettings::NAMES.contains(&name) => {
                self.remote.set(name, value).map_err(|why| {
                    let what =
                        format!("the setting {name}={:?} of a file by its URL cannot be used: {why}", cut(value));
                    Error::new(ErrorKind::InvalidSetting, what)
                })?;
            }
            _ => return Err(invalid("setting of files", name, &InputOptions::NAMES.join(", "))),
        }
        Ok(self)
    }

    /// Sets the format, in place of recognising it by the header.
    ///
    /// # Errors
    /// As [`set`](InputOptions::set): there is no description of the format.
    pub fn with_format(self, format: InputFormat) -> Result<Self> {
        self.set("format", format.name())
    }

    /// Sets the zone of times without an offset.
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// Sets whether numbers have a decimal comma.
    pub fn with_decimal_comma(mut self, decimal_comma: bool) -> Self {
        self.decimal_comma = decimal_comma;
        self
    }

    /// Adds a text of missing values.
    pub fn with_missing(mut self, text: impl Into<String>) -> Self {
        self.missing.push(text.into());
        self
    }

    /// Sets the conditions for conversions of ppb and ppm to mass.
    pub fn with_conditions(mut self, conditions: GasConditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// Sets the rule for different values of one station, time and parameter.
    pub fn with_on_conflict(mut self, rule: OnConflict) -> Self {
        self.on_conflict = rule;
        self
    }

    /// Sets the period of the values that are read where a file has values of several periods.
    pub fn with_period(mut self, period: Period) -> Self {
        self.period = Some(period);
        self
    }

    /// Sets whether numbers that mark missing values, such as -999, are values.
    pub fn with_sentinels(mut self, keep: bool) -> Self {
        self.keeps_sentinels = keep;
        self
    }

    /// Keeps every rejected row, conflict and mixed station in the [account](crate::Account), not only the first, for a report of
    /// all. Memory then grows with their number.
    pub fn keep_all_examples(mut self, keep: bool) -> Self {
        self.keeps_all_examples = keep;
        self
    }

    /// Returns the format; `None` if the header decides.
    pub fn format(&self) -> Option<InputFormat> {
        self.format.or(self.map.as_ref().map(|_| InputFormat::GENERIC))
    }

    /// Returns the descriptions of the format that the options name, with the columns of the map in place of their own. There is none
    /// if the header decides, or for airq's own format.
    ///
    /// # Errors
    /// If the map lacks a role, or does not apply to the format.
    pub(super) fn descriptions(&self) -> Result<Vec<Arc<FormatDescription>>> {
        match (&self.map, self.format()) {
            (Some(_), Some(InputFormat::AIRQ)) => {
                let why =
                    "map does not apply to the format airq, whose columns have their names: leave one of them out";
                Err(Error::new(ErrorKind::InvalidSetting, why))
            }
            (Some(map), _) if self.descriptions.is_empty() => Ok(vec![Arc::new(map.described(None)?)]),
            (Some(map), _) => {
                let formats = self.descriptions.iter();
                formats.map(|format| map.described(Some(FormatDescription::clone(format))).map(Arc::new)).collect()
            }
            (None, Some(InputFormat::GENERIC)) => Err(super::map::fault("the format generic needs one")),
            (None, _) => Ok(self.descriptions.clone()),
        }
    }

    /// Returns the delimiter of the options, or else of the description.
    ///
    /// # Errors
    /// As [`descriptions`](InputOptions::descriptions).
    pub(super) fn stated_delimiter(&self) -> Result<Option<u8>> {
        if self.delimiter.is_some() || self.descriptions.is_empty() {
            return Ok(self.delimiter);
        }
        let text = self.descriptions.iter().find_map(|description| description.table.delimiter.as_deref());
        text.map(delimiter).transpose()
    }

    /// Returns the columns of parameters in the map.
    pub(super) fn mapped_columns(&self) -> impl Iterator<Item = &str> {
        self.map.iter().flat_map(Map::parameters).map(|(_, column)| column)
    }

    /// Returns whether the map names columns by their numbers, as for a file without a header.
    pub(super) fn maps_numbers(&self) -> bool {
        self.map.as_ref().is_some_and(Map::is_of_numbers)
    }

    /// Checks that every option has an effect on files of a built-in format.
    ///
    /// # Errors
    /// If an option has no effect, such as a time format for a format that has its own.
    pub(super) fn check_effect(&self, description: &FormatDescription) -> Result<()> {
        let is_built_in = built_in().any(|known| known.name == description.name);
        let has_verified_zone = description.time.zone.is_some() && description.notes.is_empty();
        let option = match (&self.time_format, &self.zone) {
            _ if !is_built_in || self.map.is_some() => return Ok(()),
            (Some(_), _) => "time-format",
            (_, Some(_)) if has_verified_zone => "time-zone",
            _ => return Ok(()),
        };
        let format = &description.name;
        let why =
            format!("{option} has no effect on files of the format {format}, which says how its times are written");
        Err(Error::new(ErrorKind::InvalidSetting, format!("{why}; leave it out, or read the file by a map")))
    }

    /// Returns whether an option applies to files of airq's own format.
    pub(super) fn are_of_own(&self) -> bool {
        let is_written_so = self.zone.is_some() || self.decimal_comma || self.delimiter.is_some();
        is_written_so || self.station_columns.is_some() || self.time_format.is_some() || !self.missing.is_empty()
    }

    pub(super) fn clock(&self) -> Clock {
        match &self.zone {
            Some(zone) => Clock::Zone(zone.clone()),
            None => Clock::Utc,
        }
    }
}

/// A format and its descriptions.
type Format = (Option<InputFormat>, Vec<Arc<FormatDescription>>);

fn format(value: &str) -> Result<Format> {
    if value == "auto" {
        return Ok((None, Vec::new()));
    }
    if let Some(extension) = Path::new(value).extension()
        && extension.eq_ignore_ascii_case("toml")
    {
        let description = FormatDescription::read(value)?;
        return Ok((Some(InputFormat::described(&description.name)), vec![Arc::new(description)]));
    }
    let names: Vec<&str> = InputFormat::built_in().map(InputFormat::name).collect();
    let Ok(format) = value.parse() else {
        let names = names.join(", ");
        let known = format!("auto, {names}, generic, and the path of a description that ends in .toml");
        return Err(invalid("format of files", value, &known));
    };
    let descriptions = built_in().filter(|description| description.name == value).cloned();
    Ok((Some(format), descriptions.collect()))
}

fn time_format(value: &str) -> Result<Spelling> {
    Spelling::parse(value).map_err(|why| Error::new(ErrorKind::InvalidSetting, why))
}

pub(super) fn delimiter(value: &str) -> Result<u8> {
    match value.as_bytes() {
        _ if value == "tab" => Ok(b'\t'),
        _ if value == "blanks" => Ok(b' '),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err(invalid("delimiter", value, "one character, tab, or blanks")),
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

fn on_conflict(value: &str) -> Result<OnConflict> {
    value.parse().map_err(|_| invalid("on-conflict", value, "last, first, error"))
}

fn invalid(what: &str, value: &str, known: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("no {what} {:?}; known are {known}", cut(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setters_do_what_their_names_do() {
        let typed = InputOptions::default()
            .with_format(InputFormat::AIRQ)
            .unwrap()
            .with_zone("Europe/Madrid".parse().unwrap())
            .with_decimal_comma(true)
            .with_missing("NA")
            .with_conditions(GasConditions::Celsius25)
            .with_on_conflict(OnConflict::First)
            .with_period(Period::Day)
            .with_sentinels(true);
        let named = [
            ("format", "airq"),
            ("time-zone", "Europe/Madrid"),
            ("decimal-comma", "true"),
            ("missing", "NA"),
            ("temperature", "25"),
            ("on-conflict", "first"),
            ("period", "1d"),
            ("keep-sentinels", "true"),
        ];
        let mut options = InputOptions::default();
        for (name, value) in named {
            options = options.set(name, value).unwrap();
        }
        assert_eq!(format!("{typed:?}"), format!("{options:?}"));
        assert_ne!(format!("{typed:?}"), format!("{:?}", InputOptions::default()));
    }
}
