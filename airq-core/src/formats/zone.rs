//! Times that stand without an offset: what clocks on a wall show.

use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::{Timestamp, ZONE_RULE, Zone};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

impl Zone {
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if there is no zone of that name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        Zone::parse(name).ok_or_else(|| {
            let what = format!("time zone {:?} cannot be used; it is {ZONE_RULE}", cut(name));
            Error::new(ErrorKind::InvalidSetting, what)
        })
    }

    /// The instant of a time that was read as if it were UTC. `after` is the station's latest instant so far: of the two
    /// that an ambiguous time may be, the later if the earlier is not behind it. `None` if clocks skip the time.
    pub(crate) fn instant(&self, read: Timestamp, after: Option<Timestamp>) -> Option<Timestamp> {
        let civil = jiff::Timestamp::from_microsecond(read.as_microseconds()).ok()?;
        let civil: DateTime = TimeZone::UTC.to_datetime(civil);
        let at =
            |offset: jiff::tz::Offset| Timestamp::from_microseconds(offset.to_timestamp(civil).ok()?.as_microsecond());
        match self.rules().to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => at(offset),
            AmbiguousOffset::Gap { .. } => None,
            AmbiguousOffset::Fold { before, after: later } => {
                let first = at(before)?;
                if after.is_some_and(|after| first <= after) { at(later) } else { Some(first) }
            }
        }
    }
}

/// Whether a text that is a time says how far it is from UTC.
pub(crate) fn has_offset(time: &[u8]) -> bool {
    time.get(10..).is_some_and(|clock| clock.iter().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn madrid(read: &str, after: Option<&str>) -> Option<String> {
        Zone::named("Europe/Madrid").unwrap().instant(at(read), after.map(at)).map(|time| time.to_string())
    }

    #[test]
    fn clocks_in_madrid_are_two_hours_ahead_in_summer_and_one_in_winter() {
        assert_eq!(madrid("2016-07-01 00:00", None).unwrap(), "2016-06-30T22:00:00.000Z");
        assert_eq!(madrid("2016-12-01 00:00:00.000001", None).unwrap(), "2016-11-30T23:00:00.000001Z");
    }

    #[test]
    fn an_hour_that_is_shown_twice_is_the_second_once_the_first_is_past() {
        assert_eq!(madrid("2016-10-30 02:30", None).unwrap(), "2016-10-30T00:30:00.000Z");
        assert_eq!(madrid("2016-10-30 02:45", Some("2016-10-30 00:30")).unwrap(), "2016-10-30T00:45:00.000Z");
        assert_eq!(madrid("2016-10-30 02:00", Some("2016-10-30 00:45")).unwrap(), "2016-10-30T01:00:00.000Z");
    }

    #[test]
    fn an_hour_that_is_skipped_is_no_time() {
        assert_eq!(madrid("2016-03-27 02:30", None), None);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = Zone::named("Europe/Atlantis").unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("Europe/Atlantis"), "{error}");
    }

    #[test]
    fn an_offset_stands_behind_the_date() {
        assert!(!has_offset(b"2016-10-01 00:00:00.004") && !has_offset(b"2016-10-01"));
        assert!(has_offset(b"2016-10-01T00:00Z") && has_offset(b"2016-10-01 00:00-05"));
    }
}
