//! What a file's times mean: spellings, and the clocks they are read from.

use super::records::Fault;
use super::zone::has_offset;
use crate::model::{Timestamp, Zone};
use jiff::civil;
use jiff::fmt::strtime;
use jiff::tz::Offset;
use std::collections::HashMap;

/// The clocks that times without an offset are read from.
#[derive(Clone, Debug, Default)]
pub(super) enum Clock {
    #[default]
    Utc,
    /// So many minutes ahead of UTC, all year.
    Ahead(i64),
    Zone(Zone),
}

impl Clock {
    /// The instant of a time that was read as if it were UTC; `None` if clocks skip it. `after` decides where clocks show
    /// a time twice: see [`Zone::instant`].
    pub(super) fn instant(&self, read: Timestamp, after: Option<Timestamp>) -> Option<Timestamp> {
        match self {
            Clock::Utc => Some(read),
            Clock::Ahead(minutes) => later(read, -minutes),
            Clock::Zone(zone) => zone.instant(read, after),
        }
    }
}

/// So many minutes later.
pub(super) fn later(time: Timestamp, minutes: i64) -> Option<Timestamp> {
    Timestamp::from_microseconds(time.as_microseconds() + minutes * 60_000_000)
}

/// The instant of these digits of a calendar, as if it were UTC.
pub(super) fn civil_instant(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<Timestamp> {
    let small = |value: i64| i8::try_from(value).ok();
    let date = civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = civil::Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
    read_as_utc(date.to_datetime(time))
}

fn read_as_utc(civil: civil::DateTime) -> Option<Timestamp> {
    Timestamp::from_microseconds(Offset::UTC.to_timestamp(civil).ok()?.as_microsecond())
}

/// A whole number of digits only.
pub(super) fn whole(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(*byte - b'0')))
}

/// How times are spelled.
#[derive(Clone, Debug, Default)]
pub(super) enum Spelling {
    /// As [`Timestamp::parse`] reads them, also with a blank before the offset.
    #[default]
    Iso,
    /// A day without a clock, `YYYY-MM-DD` or `DD-MM-YYYY`.
    Day,
    /// By strftime's letters.
    Pattern(String),
}

impl Spelling {
    /// The time, and whether it has an offset; without one it is read as if it were UTC.
    pub(super) fn read(&self, text: &[u8]) -> Option<(Timestamp, bool)> {
        match self {
            Spelling::Iso => iso(text),
            Spelling::Day => day(text).map(|time| (time, false)),
            Spelling::Pattern(pattern) => by_pattern(pattern, text),
        }
    }
}

fn iso(text: &[u8]) -> Option<(Timestamp, bool)> {
    if let Some(time) = Timestamp::parse_bytes(text) {
        return Some((time, has_offset(text)));
    }
    let blank = text.iter().rposition(|byte| *byte == b' ').filter(|place| *place > 10)?;
    let joined = [&text[..blank], &text[blank + 1..]].concat();
    has_offset(&joined).then(|| Timestamp::parse_bytes(&joined)).flatten().map(|time| (time, true))
}

fn day(text: &[u8]) -> Option<Timestamp> {
    match text {
        [_, _, b'-', _, _, b'-', _, _, _, _] => {
            civil_instant(whole(&text[6..])?, whole(&text[3..5])?, whole(&text[..2])?, 0, 0, 0)
        }
        _ => Timestamp::parse_bytes(text).filter(|_| text.len() == 10),
    }
}

fn by_pattern(pattern: &str, text: &[u8]) -> Option<(Timestamp, bool)> {
    let read = strtime::BrokenDownTime::parse(pattern, text).ok()?;
    if read.offset().is_some() {
        let time = read.to_timestamp().ok()?;
        return Some((Timestamp::from_microseconds(time.as_microsecond())?, true));
    }
    let date = read.to_date().ok()?;
    let time = read.to_time().unwrap_or(civil::Time::midnight());
    Some((read_as_utc(date.to_datetime(time))?, false))
}

/// Reads the times of a file's rows.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) spelling: Spelling,
    pub(super) clock: Clock,
    /// Each station's latest instant, where clocks may show a time twice.
    latest: HashMap<u32, Timestamp>,
}

impl Times {
    pub(super) fn new(spelling: Spelling, clock: Clock) -> Self {
        Times { spelling, clock, latest: HashMap::new() }
    }

    /// The instant that the text spells, of this station.
    pub(super) fn read(&mut self, text: &[u8], column: usize, station: u32) -> Result<Timestamp, Fault> {
        match self.spelling.read(text) {
            None => Err(Fault::value(column, text, "is not a time")),
            Some((time, true)) => Ok(time),
            Some((time, false)) => self.by_clock(time, station).ok_or_else(|| self.skipped(column, text)),
        }
    }

    /// The instant of a time that was read as if it were UTC.
    pub(super) fn by_clock(&mut self, read: Timestamp, station: u32) -> Option<Timestamp> {
        if !matches!(self.clock, Clock::Zone(_)) {
            return self.clock.instant(read, None);
        }
        let time = self.clock.instant(read, self.latest.get(&station).copied())?;
        let latest = self.latest.entry(station).or_insert(time);
        *latest = time.max(*latest);
        Some(time)
    }

    /// There is no instant of this time.
    pub(super) fn skipped(&self, column: usize, text: &[u8]) -> Fault {
        let zone = if let Clock::Zone(zone) = &self.clock { zone.name() } else { "UTC" };
        Fault::value(column, text, &format!("is a time that clocks in {zone} skip"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spelling: &Spelling, text: &str) -> Option<(String, bool)> {
        spelling.read(text.as_bytes()).map(|(time, offset)| (time.to_string(), offset))
    }

    #[test]
    fn times_are_read_in_the_spellings_of_files() {
        let at = |text: &str, offset| Some((text.to_owned(), offset));
        let midnight = "2020-01-01T00:00:00.000Z";
        assert_eq!(read(&Spelling::Iso, "2020-01-01 01:00:00 +01:00"), at(midnight, true));
        assert_eq!(read(&Spelling::Iso, "2020-01-01"), at(midnight, false));
        assert_eq!(read(&Spelling::Day, "01-01-2020"), at(midnight, false));
        assert_eq!(read(&Spelling::Day, "2020-01-01"), at(midnight, false));
        let day_first = Spelling::Pattern("%d/%m/%Y %H:%M".to_owned());
        assert_eq!(read(&day_first, "01/01/2020 00:00"), at(midnight, false));
        assert_eq!(read(&Spelling::Pattern("%d.%m.%Y".to_owned()), "01.01.2020"), at(midnight, false));
        assert_eq!(read(&Spelling::Pattern("%Y%m%d %H%M %z".to_owned()), "20200101 0100 +0100"), at(midnight, true));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "2020-01-01 01:00:00 01:00", "2020-13-01", "01/01/2020", "2020-01-01  +01:00"] {
            assert_eq!(read(&Spelling::Iso, text), None, "{text}");
        }
        for text in ["2020-01-01 00:00", "32-01-2020", "1-1-2020"] {
            assert_eq!(read(&Spelling::Day, text), None, "{text}");
        }
        assert_eq!(read(&Spelling::Pattern("%d/%m/%Y".to_owned()), "13/13/2020"), None);
        assert_eq!(read(&Spelling::Pattern("%H:%M".to_owned()), "10:00"), None);
    }
}
