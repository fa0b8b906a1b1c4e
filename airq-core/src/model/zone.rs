//! Time zones: where the clocks are by which days begin.

use super::Timestamp;
use crate::error::ParseError;
use jiff::civil;
use jiff::tz::TimeZone;
use std::fmt;
use std::str::FromStr;

/// A time zone by its IANA name, from a table that is built in: the same on every machine.
///
/// ```
/// use airq_core::Zone;
/// assert_eq!("europe/madrid".parse::<Zone>().unwrap().name(), "Europe/Madrid");
/// assert_eq!(Zone::default().name(), "UTC");
/// assert_eq!("Madrid".parse::<Zone>().ok(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The rule for a zone's name, for messages.
pub(crate) const ZONE_RULE: &str = "an IANA time zone, such as Europe/Madrid or UTC";
const LONGEST_NAME: usize = 64;

impl Zone {
    /// Returns the IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub(crate) fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// Returns the local date at a time, such as `2016-10-01`.
    pub fn local_date(&self, time: Timestamp) -> String {
        self.date(time).unwrap_or_default().to_string()
    }

    /// Returns the local time at a time, to the minute, such as `2016-10-01 02:00`.
    pub fn local_minute(&self, time: Timestamp) -> String {
        let time = jiff::Timestamp::from_microsecond(time.as_microseconds()).unwrap_or_default();
        self.0.to_datetime(time).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// Appends the local time as RFC 3339 with its offset, such as `2016-10-01T02:00:00.000+02:00`. An offset with seconds is rounded to
    /// the minute. Appends nothing for a local time outside the years 1 to 9999.
    pub(crate) fn push_local_time(&self, out: &mut Vec<u8>, time: Timestamp) {
        const MINUTE: i64 = 60;
        let Ok(instant) = jiff::Timestamp::from_microsecond(time.as_microseconds()) else { return };
        let seconds = i64::from(self.0.to_offset(instant).seconds());
        let minutes = (seconds + seconds.signum() * MINUTE / 2) / MINUTE;
        let Some(local) = Timestamp::from_microseconds(time.as_microseconds() + minutes * MINUTE * 1_000_000) else {
            return;
        };
        local.write_to(out);
        // The offset takes the place of the `Z`.
        out.pop();
        let sign = if minutes < 0 { '-' } else { '+' };
        out.extend_from_slice(format!("{sign}{:02}:{:02}", minutes.abs() / MINUTE, minutes.abs() % MINUTE).as_bytes());
    }

    pub(crate) fn date(&self, time: Timestamp) -> Option<civil::Date> {
        let time = jiff::Timestamp::from_microsecond(time.as_microseconds()).ok()?;
        Some(self.0.to_datetime(time).date())
    }
}

/// UTC.
impl Default for Zone {
    fn default() -> Self {
        Zone(TimeZone::UTC)
    }
}

/// Parses an IANA name, in any case.
impl FromStr for Zone {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name.len() <= LONGEST_NAME
            && let Ok(zone) = TimeZone::get(name)
        {
            return Ok(Zone(zone));
        }
        Err(ParseError::new(name, ZONE_RULE))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
