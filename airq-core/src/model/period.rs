//! The period of a value: what the value is a mean of.

use crate::error::ParseError;
#[cfg(feature = "formats")]
use crate::error::{Error, ErrorKind};
use std::fmt;
use std::str::FromStr;

/// The period that each value of a file is a mean of, where the file states the period.
///
/// Values of different periods are different series: hourly and daily values of one station are never merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Period {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// Another period, in minutes.
    Minutes(u32),
}

impl Period {
    const HOUR: u32 = 60;
    const DAY: u32 = 24 * Period::HOUR;

    /// The period of this number of minutes. Returns `None` for zero.
    pub const fn of_minutes(minutes: u32) -> Option<Period> {
        match minutes {
            0 => None,
            Period::HOUR => Some(Period::Hour),
            Period::DAY => Some(Period::Day),
            _ => Some(Period::Minutes(minutes)),
        }
    }

    /// The length in minutes.
    pub const fn minutes(self) -> u32 {
        match self {
            Period::Hour => Period::HOUR,
            Period::Day => Period::DAY,
            Period::Minutes(minutes) => minutes,
        }
    }
}

/// `1h`, `1d`, `15min`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.minutes();
        if minutes.is_multiple_of(Period::DAY) {
            return write!(f, "{}d", minutes / Period::DAY);
        }
        if minutes.is_multiple_of(Period::HOUR) {
            return write!(f, "{}h", minutes / Period::HOUR);
        }
        write!(f, "{minutes}min")
    }
}

impl FromStr for Period {
    type Err = ParseError;

    /// Parses `1h`, `8h`, `1d`, `15min`, and the words `hour` and `day`.
    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let text = given.trim().to_ascii_lowercase();
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number = if number.is_empty() { Some(1) } else { number.parse::<u32>().ok() };
        let length = match unit {
            "min" | "minute" | "minutes" => Some(1),
            "h" | "hour" | "hours" | "hourly" => Some(Period::HOUR),
            "d" | "day" | "days" | "daily" => Some(Period::DAY),
            _ => None,
        };
        let period = match (number, length) {
            (Some(number), Some(length)) => number.checked_mul(length).and_then(Period::of_minutes),
            _ => None,
        };
        period.ok_or_else(|| ParseError::new(given, "a period such as 1h, 1d or 15min"))
    }
}

/// The one period of the files of a source.
#[cfg(feature = "formats")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SourcePeriod(Option<Period>);

#[cfg(feature = "formats")]
impl SourcePeriod {
    /// Returns the period; `None` if no file states one.
    #[cfg(feature = "postgres")]
    pub(crate) fn get(self) -> Option<Period> {
        self.0
    }

    /// Adds the period that a file states.
    ///
    /// # Errors
    /// If a file before has values of another period: they are not one series.
    pub(crate) fn add_file(&mut self, period: Option<Period>, file: &str) -> Result<(), Error> {
        match (self.0, period) {
            (Some(known), Some(period)) if known != period => {
                let why = format!("has values of the period {period}, and a file before it of the period {known}");
                let hint = format!("read them as two sources, or select one with period={known} or period={period}");
                Err(Error::new(ErrorKind::InvalidData, format!("{file} {why}: they are not one series; {hint}")))
            }
            (known, period) => {
                self.0 = known.or(period);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_parsed_as_it_is_written() {
        for (text, period) in [("1h", Period::Hour), ("hour", Period::Hour), ("day", Period::Day), ("24h", Period::Day)]
        {
            assert_eq!(text.parse(), Ok(period), "{text}");
        }
        for text in ["8h", "15min", "1d", "2d"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for text in ["", "0h", "h1", "1y", "99999999999h"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
