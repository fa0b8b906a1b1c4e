//! The options of a chart: its size, and the time zone of its axis.

use super::Chart;
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::model::Zone;
use crate::query::Query;
use std::ops::RangeInclusive;

const WIDTHS: RangeInclusive<u32> = 240..=2000;
const HEIGHTS: RangeInclusive<u32> = 120..=4000;
const OWN: [&str; 4] = ["view", "level", "width", "height"];

/// The options of a chart. By default it is 900 pixels wide, as high as its panels need, with times in UTC.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ChartOptions {
    pub(super) zone: Zone,
    pub(super) width: u32,
    pub(super) height: Option<u32>,
    /// True if days are drawn as a calendar.
    pub(super) is_calendar: bool,
    /// The level of a calendar, in the unit of the parameter.
    pub(super) level: Option<f64>,
}

impl Default for ChartOptions {
    fn default() -> Self {
        ChartOptions { zone: Zone::default(), width: 900, height: None, is_calendar: false, level: None }
    }
}

impl ChartOptions {
    /// Parses the query and the options from name-value pairs with the names of [`Chart::PARAMETERS`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] with an [`Issue`] for each invalid pair, as [`Query::from_pairs`].
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<(Query, ChartOptions)>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let (own, others): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _): &(N, V)| OWN.contains(&name.as_ref()));
        let mut options = ChartOptions::default();
        let mut issues = Vec::new();
        for (index, (name, value)) in own.iter().enumerate() {
            let repeated = own[..index].iter().any(|(earlier, _)| earlier.as_ref() == name.as_ref());
            match options.set(name.as_ref(), value.as_ref()) {
                _ if repeated => {
                    issues.push(Issue::new(name.as_ref(), value.as_ref(), "one value, but the parameter is repeated"));
                }
                Ok(()) => {}
                Err(issue) => issues.push(issue),
            }
        }
        if let Some(level) = options.level.filter(|_| !options.is_calendar) {
            issues.push(Issue::new("level", &level.to_string(), "view=calendar as well"));
        }
        match Query::from_pairs(Chart::PARAMETERS, options.with_days(&others)) {
            Ok((query, _)) if issues.is_empty() => {
                options.zone = query.zone().clone();
                Ok((query, options))
            }
            Ok(_) => Err(Error::parameters(ErrorKind::InvalidParameter, issues)),
            Err(error) => {
                issues.extend_from_slice(error.issues());
                Err(Error::parameters(ErrorKind::InvalidParameter, issues))
            }
        }
    }

    /// Sets the time zone of the axis by its IANA name, such as `Europe/Madrid`; UTC by default. See [`Zone`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if there is no zone of that name.
    pub fn time_zone(self, name: &str) -> Result<Self> {
        self.with("tz", name)
    }

    /// Draws averages of days as a calendar: for each line and year, a grid with a column for each week and a row for each
    /// weekday. With a level, days above the level have another colour and are counted. The level is in the unit of the parameter.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if the level is not a positive number.
    pub fn calendar(self, level: Option<f64>) -> Result<Self> {
        let calendar = self.with("view", "calendar")?;
        match level {
            Some(level) => calendar.with("level", &level.to_string()),
            None => Ok(calendar),
        }
    }

    /// Returns whether the chart is a calendar of days.
    pub fn is_calendar(&self) -> bool {
        self.is_calendar
    }

    /// Sets the width in pixels, 240 to 2000.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if the number is out of range.
    pub fn width(self, pixels: u32) -> Result<Self> {
        self.with("width", &pixels.to_string())
    }

    /// Sets the height in pixels, 120 to 4000. The chart is higher if its panels would be too low to read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if the number is out of range.
    pub fn height(self, pixels: u32) -> Result<Self> {
        self.with("height", &pixels.to_string())
    }

    fn with(mut self, name: &str, value: &str) -> Result<Self> {
        let set = self.set(name, value);
        set.map(|()| self).map_err(|issue| Error::parameters(ErrorKind::InvalidParameter, vec![issue]))
    }

    /// Adds `every=1d` to the query of a calendar without averages.
    fn with_days<'a, N: AsRef<str>, V: AsRef<str>>(&self, pairs: &'a [(N, V)]) -> Vec<(&'a str, &'a str)> {
        let mut all: Vec<_> = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        if self.is_calendar && all.iter().all(|(name, _)| *name != "every") {
            all.push(("every", "1d"));
        }
        all
    }

    fn set(&mut self, name: &str, value: &str) -> std::result::Result<(), Issue> {
        match name {
            "view" => {
                self.is_calendar = match value {
                    "calendar" => true,
                    "lines" => false,
                    _ => return Err(Issue::new(name, value, "lines or calendar")),
                }
            }
            "level" => {
                let level = value.parse().ok().filter(|level: &f64| level.is_finite() && *level > 0.0);
                self.level = Some(level.ok_or_else(|| Issue::new(name, value, "a number above 0"))?);
            }
            "width" => self.width = pixels(name, value, &WIDTHS)?,
            "height" => self.height = Some(pixels(name, value, &HEIGHTS)?),
            _ => self.zone = Issue::parse(name, value)?,
        }
        Ok(())
    }
}

fn pixels(name: &str, text: &str, range: &RangeInclusive<u32>) -> std::result::Result<u32, Issue> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pixels = text.parse().ok().filter(|pixels| plain && range.contains(pixels));
    pixels.ok_or_else(|| {
        Issue::new(name, text, format!("a whole number of pixels from {} to {}", range.start(), range.end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_of_the_options_and_of_the_query_are_reported_together() {
        let pairs = [("tz", "Mars/Olympus"), ("width", "1"), ("limit", "0"), ("height", "1e3"), ("format", "csv")];
        let error = ChartOptions::from_pairs(pairs).unwrap_err();
        let named: Vec<&str> = error.issues().iter().map(|issue| issue.parameter.as_str()).collect();
        assert_eq!(named, ["width", "height", "tz", "format", "limit"]);
    }

    #[test]
    fn an_option_may_be_given_once_only() {
        let error = ChartOptions::from_pairs([("tz", "UTC"), ("tz", "UTC")]).unwrap_err();
        assert_eq!(error.issues()[0].allowed, "one value, but the parameter is repeated");
    }

    #[test]
    fn a_zone_is_found_by_its_name_in_any_case() {
        let options = ChartOptions::default().time_zone("europe/madrid").unwrap();
        assert_eq!(options.zone.name(), "Europe/Madrid");
        for bad in ["", "Madrid", "../etc/passwd", "/etc/localtime", &"x".repeat(10_000)] {
            assert!(ChartOptions::default().time_zone(bad).unwrap_err().is_invalid_input(), "{bad}");
        }
    }
}
