//! The options of a chart: its size, and the time zone of its axis.

use super::{Chart, ticks};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::model::{Timestamp, ZONE_RULE, Zone};
use crate::query::Query;
use jiff::tz::TimeZone;
use std::ops::RangeInclusive;

const WIDTHS: RangeInclusive<u32> = 240..=2000;
const HEIGHTS: RangeInclusive<u32> = 120..=4000;
const OWN: [&str; 2] = ["width", "height"];

/// The options of a chart. By default it is 900 pixels wide, as high as its panels need, with times in UTC.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ChartOptions {
    pub(super) zone: TimeZone,
    pub(super) width: u32,
    pub(super) height: Option<u32>,
}

impl Default for ChartOptions {
    fn default() -> Self {
        ChartOptions { zone: TimeZone::UTC, width: 900, height: None }
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
        for (place, (name, value)) in own.iter().enumerate() {
            let repeated = own[..place].iter().any(|(earlier, _)| earlier.as_ref() == name.as_ref());
            match options.set(name.as_ref(), value.as_ref()) {
                _ if repeated => issues.push(Issue::new(name.as_ref(), value.as_ref(), "it may be given once only")),
                Ok(()) => {}
                Err(issue) => issues.push(issue),
            }
        }
        match Query::from_pairs(Chart::PARAMETERS, others) {
            Ok((query, _)) if issues.is_empty() => {
                options.zone = query.zone().rules().clone();
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

    fn set(&mut self, name: &str, value: &str) -> std::result::Result<(), Issue> {
        match name {
            "width" => self.width = pixels(name, value, &WIDTHS)?,
            "height" => self.height = Some(pixels(name, value, &HEIGHTS)?),
            _ => self.zone = Zone::parse(value).ok_or_else(|| Issue::new(name, value, ZONE_RULE))?.rules().clone(),
        }
        Ok(())
    }

    /// Formats a time as the chart does: to the minute, in the time zone of the axis, such as `2016-10-01 02:00`.
    pub fn minute(&self, time: Timestamp) -> String {
        ticks::minute(time, &self.zone)
    }

    /// The name of the time zone.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
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
        assert_eq!(error.issues()[0].allowed, "it may be given once only");
    }

    #[test]
    fn a_zone_is_found_by_its_name_in_any_case() {
        let options = ChartOptions::default().time_zone("europe/madrid").unwrap();
        assert_eq!(options.zone_name(), "Europe/Madrid");
        for bad in ["", "Madrid", "../etc/passwd", "/etc/localtime", &"x".repeat(10_000)] {
            assert!(ChartOptions::default().time_zone(bad).unwrap_err().is_invalid_input(), "{bad}");
        }
    }
}
