//! The formats that are known, by name.

use std::fmt;

/// A format that files of measurements are published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum InputFormat {
    /// airq's own: a station, a time and pollutants by name, as [`encode`](crate::encode) reads them.
    Airq,
    /// Madrid's city council: hourly, real time and daily files, a row a station, pollutant and day (or month).
    Madrid,
    /// `OpenAQ`'s exports and archives, of versions 1, 2 and 3.
    OpenAq,
    /// Time series of the European Environment Agency's e-Reporting.
    Eea,
    /// Archives of Sensor.Community (luftdaten.info).
    SensorCommunity,
    /// India's Central Pollution Control Board, by city.
    Cpcb,
    /// Beijing's multi-site data (PRSA).
    Prsa,
    /// The "Air Quality" data set of the University of California at Irvine.
    Uci,
    /// Any other table, with a map of its columns.
    Generic,
}

impl InputFormat {
    /// Every format.
    pub const ALL: [InputFormat; 9] = [
        InputFormat::Airq,
        InputFormat::Madrid,
        InputFormat::OpenAq,
        InputFormat::Eea,
        InputFormat::SensorCommunity,
        InputFormat::Cpcb,
        InputFormat::Prsa,
        InputFormat::Uci,
        InputFormat::Generic,
    ];

    /// The name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            InputFormat::Airq => "airq",
            InputFormat::Madrid => "madrid",
            InputFormat::OpenAq => "openaq",
            InputFormat::Eea => "eea",
            InputFormat::SensorCommunity => "sensor-community",
            InputFormat::Cpcb => "cpcb",
            InputFormat::Prsa => "prsa",
            InputFormat::Uci => "uci",
            InputFormat::Generic => "generic",
        }
    }

    /// The format of this name.
    pub fn parse(name: &str) -> Option<InputFormat> {
        InputFormat::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Returns whether a row holds a part of a measurement, so that rows of one station and time are merged value by value. In
    /// the other formats a row is a whole measurement.
    pub const fn merges(self) -> bool {
        matches!(self, InputFormat::Madrid | InputFormat::OpenAq | InputFormat::Eea)
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
