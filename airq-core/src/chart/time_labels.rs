//! The texts of times: local times of a zone, or the names of the rows of a profile.

use super::ticks::{self, TickStep};
use crate::model::{Timestamp, Zone};
use crate::query::Profile;
use jiff::tz::TimeZone;

/// The texts of the times of a chart.
#[derive(Clone, Debug)]
pub struct TimeLabels {
    zone: Zone,
    /// The rows have nominal times in UTC, if the chart is a profile.
    profile: Option<Profile>,
}

impl TimeLabels {
    pub(super) fn new(zone: &Zone, profile: Option<Profile>) -> Self {
        TimeLabels { zone: zone.clone(), profile }
    }

    /// Formats a time to the minute, in the time zone of the axis, such as `2016-10-01 02:00`; in a profile, the hour of the day, the
    /// weekday or the month.
    pub fn minute(&self, time: Timestamp) -> String {
        self.profile_label(time.as_microseconds()).unwrap_or_else(|| self.zone.local_minute(time))
    }

    /// Returns the name of the time zone.
    pub fn zone_name(&self) -> &str {
        self.zone.name()
    }

    /// Returns the marks of an axis.
    pub(super) fn marks(&self, from: Timestamp, to: Timestamp, step: TickStep) -> Vec<i64> {
        let zone = if self.profile.is_some() { &TimeZone::UTC } else { self.zone.rules() };
        ticks::of_time(from, to, step, zone)
    }

    /// Returns the label of a mark.
    pub(super) fn mark(&self, instant: i64, step: TickStep) -> String {
        self.profile_label(instant).unwrap_or_else(|| ticks::time_label(instant, step, self.zone.rules()))
    }

    fn profile_label(&self, instant: i64) -> Option<String> {
        let pattern = match self.profile? {
            Profile::HourOfDay => "%H:%M",
            Profile::Weekday => "%a",
            Profile::MonthOfYear => "%b",
        };
        Some(jiff::Timestamp::from_microsecond(instant).ok()?.strftime(pattern).to_string())
    }
}
