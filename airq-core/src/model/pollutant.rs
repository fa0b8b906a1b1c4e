//! The pollutants airq knows, their names and their canonical units.

use std::fmt;

/// A pollutant that a station measures.
///
/// The first six are the data set's own and stand in every answer; the others appear where a source has them.
///
/// ```
/// use airq_core::Pollutant;
/// assert_eq!(Pollutant::parse("PM2.5"), Some(Pollutant::Pm2_5));
/// assert_eq!(Pollutant::Co.unit(), "mg/m³");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Pollutant {
    /// Sulphur dioxide, µg/m³.
    So2,
    /// Nitrogen dioxide, µg/m³.
    No2,
    /// Carbon monoxide, mg/m³.
    Co,
    /// Ozone, µg/m³.
    O3,
    /// Particles below 10 µm, µg/m³.
    Pm10,
    /// Particles below 2.5 µm, µg/m³.
    Pm2_5,
    /// Nitrogen monoxide, µg/m³.
    No,
    /// Nitrogen oxides as NO₂, µg/m³.
    Nox,
    /// Ammonia, µg/m³.
    Nh3,
    /// Benzene, µg/m³.
    C6h6,
}

/// What the name of a pollutant's capture ends in.
const CAPTURE: &str = "_capture";

impl Pollutant {
    /// Every pollutant, in the order of their columns.
    pub const ALL: [Pollutant; 10] = [
        Pollutant::So2,
        Pollutant::No2,
        Pollutant::Co,
        Pollutant::O3,
        Pollutant::Pm10,
        Pollutant::Pm2_5,
        Pollutant::No,
        Pollutant::Nox,
        Pollutant::Nh3,
        Pollutant::C6h6,
    ];

    /// The six of the data set, always present.
    pub const DATA_SET: [Pollutant; 6] =
        [Pollutant::So2, Pollutant::No2, Pollutant::Co, Pollutant::O3, Pollutant::Pm10, Pollutant::Pm2_5];

    /// A concentration as people read it, with the decimals that instruments are good for: two for mg/m³, one for µg/m³.
    /// Noise just below zero is no `-0.0`.
    ///
    /// ```
    /// use airq_core::Pollutant;
    ///
    /// assert_eq!(Pollutant::No2.rounded(48.398), "48.4");
    /// assert_eq!(Pollutant::Co.rounded(-0.001), "0.00");
    /// ```
    pub fn rounded(self, value: f64) -> String {
        const LONGEST: f64 = 1e9;
        if value.abs() >= LONGEST {
            return format!("{value:e}");
        }
        let decimals = if self == Pollutant::Co { 2 } else { 1 };
        let text = format!("{value:.decimals$}");
        match text.strip_prefix('-') {
            Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
            _ => text,
        }
    }

    /// The name used in columns, parameters and JSON keys.
    pub const fn name(self) -> &'static str {
        match self {
            Pollutant::So2 => "so2",
            Pollutant::No2 => "no2",
            Pollutant::Co => "co",
            Pollutant::O3 => "o3",
            Pollutant::Pm10 => "pm10",
            Pollutant::Pm2_5 => "pm2_5",
            Pollutant::No => "no",
            Pollutant::Nox => "nox",
            Pollutant::Nh3 => "nh3",
            Pollutant::C6h6 => "c6h6",
        }
    }

    /// The canonical unit: µg/m³ for all but carbon monoxide, which is in mg/m³.
    pub const fn unit(self) -> &'static str {
        match self {
            Pollutant::Co => "mg/m³",
            _ => "µg/m³",
        }
    }

    /// The formula as people write it: `NO₂`, `PM2.5`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Pollutant::So2 => "SO₂",
            Pollutant::No2 => "NO₂",
            Pollutant::Co => "CO",
            Pollutant::O3 => "O₃",
            Pollutant::Pm10 => "PM10",
            Pollutant::Pm2_5 => "PM2.5",
            Pollutant::No => "NO",
            Pollutant::Nox => "NOₓ",
            Pollutant::Nh3 => "NH₃",
            Pollutant::C6h6 => "C₆H₆",
        }
    }

    /// The name of the column that stands beside its averages: the share of expected values, such as `no2_capture`.
    pub(crate) fn capture_name(self) -> String {
        format!("{}{CAPTURE}", self.name())
    }

    /// The pollutant whose capture a column of this name is.
    pub(crate) fn of_capture(name: &str) -> Option<Pollutant> {
        name.trim().to_ascii_lowercase().strip_suffix(CAPTURE).and_then(Pollutant::parse)
    }

    /// The pollutant of this name, in any case; `pm25` and `pm2.5` are `pm2_5`.
    pub fn parse(name: &str) -> Option<Pollutant> {
        let name = name.trim();
        if name.eq_ignore_ascii_case("pm25") || name.eq_ignore_ascii_case("pm2.5") {
            return Some(Pollutant::Pm2_5);
        }
        Pollutant::ALL.into_iter().find(|pollutant| pollutant.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Pollutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
