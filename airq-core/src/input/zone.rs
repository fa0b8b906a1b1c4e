//! Times without an offset, as clocks in a time zone show them.

use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::{Timestamp, ZONE_RULE, Zone};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset};

impl Zone {
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if there is no zone of that name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        name.parse().map_err(|_| {
            let what = format!("time zone {:?} cannot be used; it is {ZONE_RULE}", cut(name));
            Error::new(ErrorKind::InvalidSetting, what)
        })
    }

    /// The first and the second instant at which clocks show a time that was read as UTC. Both are the same unless clocks show
    /// the time twice. Returns `None` if clocks skip the time.
    pub(crate) fn instants(&self, read: Timestamp) -> Option<[Timestamp; 2]> {
        let civil = read.civil()?;
        match self.rules().to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => Some([instant(civil, offset)?; 2]),
            AmbiguousOffset::Gap { .. } => None,
            AmbiguousOffset::Fold { before, after } => Some([instant(civil, before)?, instant(civil, after)?]),
        }
    }
}

fn instant(civil: DateTime, offset: Offset) -> Option<Timestamp> {
    Timestamp::from_microseconds(offset.to_timestamp(civil).ok()?.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<Timestamp>().unwrap()
    }

    fn madrid(read: &str) -> Option<[String; 2]> {
        Zone::named("Europe/Madrid").unwrap().instants(at(read)).map(|times| times.map(|time| time.to_string()))
    }

    #[test]
    fn clocks_in_madrid_are_two_hours_ahead_in_summer_and_one_in_winter() {
        assert_eq!(madrid("2016-07-01 00:00").unwrap(), ["2016-06-30T22:00:00.000Z"; 2]);
        assert_eq!(madrid("2016-12-01 00:00:00.000001").unwrap(), ["2016-11-30T23:00:00.000001Z"; 2]);
    }

    #[test]
    fn an_hour_that_is_shown_twice_is_two_instants() {
        assert_eq!(madrid("2016-10-30 02:30").unwrap(), ["2016-10-30T00:30:00.000Z", "2016-10-30T01:30:00.000Z"]);
    }

    #[test]
    fn an_hour_that_is_skipped_is_no_time() {
        assert_eq!(madrid("2016-03-27 02:30"), None);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let error = Zone::named("Europe/Atlantis").unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("Europe/Atlantis"), "{error}");
    }
}
