//! Instants in UTC: read from the spellings that files and PostgreSQL use, written in one.

use crate::error::ParseError;
use crate::text::Output;
use jiff::civil;
use jiff::tz::Offset;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The microseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// An instant in UTC, to the microsecond, in the years 1 to 9999.
///
/// Reads `2016-10-01`, `2016-10-01 00:00`, `2016-10-01 00:00:00.004` and `2016-10-01T00:00:00.004Z`, with `T` or a blank
/// and an optional offset (`Z`, `+02`, `+0200`, `+02:00`); without an offset it is UTC. Writes RFC 3339 with
/// milliseconds, as JavaScript's `toISOString`, and with six digits only where there are microseconds.
///
/// ```
/// use airq_core::Timestamp;
/// let time = "2016-10-01 02:00:00.01+02".parse::<Timestamp>().unwrap();
/// assert_eq!(time.to_string(), "2016-10-01T00:00:00.010Z");
/// assert_eq!("2016-02-30".parse::<Timestamp>().ok(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// 1970-01-01T00:00:00. A civil time, because `jiff::Timestamp` does not reach the last day of the year 9999.
const EPOCH: civil::DateTime = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The first microsecond of the year 1 to the last of the year 9999.
const YEARS: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A date as text and as days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LastDate {
    key: u128,
    days: i64,
}

impl Timestamp {
    /// The instant that is this number of microseconds after 1970-01-01T00:00:00Z; `None` outside the years 1 to 9999.
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        if YEARS.contains(&microseconds) { Some(Timestamp(microseconds)) } else { None }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn as_microseconds(self) -> i64 {
        self.0
    }

    /// The instant now, by the system's clock.
    pub fn now() -> Self {
        Timestamp(jiff::Timestamp::now().as_microsecond())
    }

    /// Returns whether a text that is a time states its offset from UTC.
    pub(crate) fn has_offset(text: &[u8]) -> bool {
        text.get(10..).is_some_and(|clock| clock.iter().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')))
    }

    /// Returns the civil time in UTC. For a time without an offset, this is the time as it was written. Returns `None` on the last
    /// day of the year 9999.
    pub(crate) fn civil(self) -> Option<civil::DateTime> {
        Some(Offset::UTC.to_datetime(jiff::Timestamp::from_microsecond(self.0).ok()?))
    }

    /// Returns the instant of a text as [`FromStr`] parses it.
    pub(crate) fn parse_bytes(text: &[u8]) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let date = parse_date(date)?;
        let (time, offset) = match rest.split_first() {
            None => (civil::Time::midnight(), 0),
            Some((b' ' | b'T' | b't', rest)) => match rest.strip_prefix(b"24:00") {
                // Hour 24 is the start of the next day.
                Some(rest) => return Self::parse_bytes(&[&text[..11], b"00:00", rest].concat())?.end_of_day(),
                None => parse_time(rest)?,
            },
            Some(_) => return None,
        };
        let since = date.to_datetime(time).duration_since(EPOCH);
        let utc = since.as_secs() * 1_000_000 + i64::from(since.subsec_micros());
        Self::from_microseconds(utc - i64::from(offset) * 60_000_000)
    }

    /// The time a day later, of a text whose clock is midnight but for the seconds, which must be zero.
    fn end_of_day(self) -> Option<Self> {
        const MINUTE: i64 = 60_000_000;
        let is_midnight = self.0.rem_euclid(MINUTE) == 0;
        if is_midnight { Self::from_microseconds(self.0 + 24 * HOUR) } else { None }
    }

    /// The time in UTC that starts this text, which is known to be valid: `YYYY-MM-DD?hh:mm:ss` and a fraction of this length,
    /// a dot and up to three digits, or nothing. `date` keeps the last date, which is mostly that of the next time.
    #[inline]
    pub(crate) fn from_proven(text: &[u8; 32], fraction: u8, date: &mut LastDate) -> Self {
        let milliseconds = match fraction {
            0 => 0,
            2 => digit(text, 20) * 100,
            3 => two_digits(text, 20) * 10,
            _ => two_digits(text, 20) * 10 + digit(text, 22),
        };
        let [year_month @ .., d1, d2] = text.first_chunk::<10>().unwrap_or(&[0; 10]);
        let key = u128::from(u64::from_le_bytes(*year_month)) << 16 | u128::from(u16::from_le_bytes([*d1, *d2]));
        if date.key != key {
            let year = two_digits(text, 0) * 100 + two_digits(text, 2);
            *date = LastDate { key, days: days_since_1970(year, two_digits(text, 5), two_digits(text, 8)) };
        }
        let hours = date.days * 24 + two_digits(text, 11);
        let seconds = hours * 3600 + two_digits(text, 14) * 60 + two_digits(text, 17);
        Timestamp((seconds * 1000 + milliseconds) * 1000)
    }

    /// Appends the instant as RFC 3339 in UTC.
    pub(crate) fn write_to(self, out: &mut impl Output) {
        const DAY: i64 = 24 * HOUR;
        let (year, month, day) = date_of(self.0.div_euclid(DAY));
        let time = self.0.rem_euclid(DAY);
        push_digits(out, year, 4);
        for (before, value) in [(b'-', month), (b'-', day), (b'T', part(time, HOUR, 24))] {
            out.push(before);
            push_digits(out, value, 2);
        }
        for value in [part(time, HOUR / 60, 60), part(time, HOUR / 3600, 60)] {
            out.push(b':');
            push_digits(out, value, 2);
        }
        out.push(b'.');
        let microseconds = part(time, 1, 1_000_000);
        if microseconds.is_multiple_of(1000) {
            push_digits(out, microseconds / 1000, 3);
        } else {
            push_digits(out, microseconds, 6);
        }
        out.push(b'Z');
    }
}

/// Parses an instant in RFC 3339 and in the forms of the example above. A time finer than a microsecond is an error.
impl FromStr for Timestamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Timestamp::parse_bytes(text.as_bytes())
            .ok_or_else(|| ParseError::new(text, "a time such as 2016-10-01T00:00:00Z, or a date"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(27);
        self.write_to(&mut text);
        f.pad(&String::from_utf8_lossy(&text))
    }
}

/// The days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March here, so that a leap day ends a year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    const FROM_MARCH_OF_YEAR_0: i64 = 719_468;
    let year = year - i64::from(month <= 2);
    let months_since_march = (month + 9) % 12;
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    let century_year = year.rem_euclid(400);
    let day_of_400_years = century_year * 365 + century_year / 4 - century_year / 100 + day_of_year;
    year.div_euclid(400) * DAYS_OF_400_YEARS + day_of_400_years - FROM_MARCH_OF_YEAR_0
}

/// The year, month and day of the Gregorian calendar this number of days after 1970-01-01: the inverse of [`days_since_1970`].
fn date_of(days: i64) -> (u32, u32, u32) {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    const FROM_MARCH_OF_YEAR_0: i64 = 719_468;
    let days = days + FROM_MARCH_OF_YEAR_0;
    let day_of_400_years = days.rem_euclid(DAYS_OF_400_YEARS);
    let leap_days = day_of_400_years / 1460 - day_of_400_years / 36_524 + day_of_400_years / 146_096;
    let century_year = (day_of_400_years - leap_days) / 365;
    let day_of_year = day_of_400_years - (365 * century_year + century_year / 4 - century_year / 100);
    let months_since_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
    let month = (months_since_march + 2) % 12 + 1;
    let year = days.div_euclid(DAYS_OF_400_YEARS) * 400 + century_year + i64::from(month <= 2);
    let year = u32::try_from(year).unwrap_or_default();
    let month = u32::try_from(month).unwrap_or_default();
    let day = u32::try_from(day).unwrap_or_default();
    (year, month, day)
}

/// The value of a digit of a valid time.
#[inline]
fn digit(text: &[u8; 32], at: usize) -> i64 {
    i64::from(text[at].wrapping_sub(b'0'))
}

/// The value of two digits of a valid time.
#[inline]
fn two_digits(text: &[u8; 32], at: usize) -> i64 {
    digit(text, at) * 10 + digit(text, at + 1)
}

/// The whole units in a time, modulo `of`.
fn part(time: i64, unit: i64, of: i64) -> u32 {
    u32::try_from(time / unit % of).unwrap_or_default()
}

fn push_digits(out: &mut impl Output, value: u32, digits: u32) {
    for place in (0..digits).rev() {
        out.push(b'0' + (value / 10_u32.pow(place) % 10) as u8);
    }
}

/// `YYYY-MM-DD`.
fn parse_date(text: &[u8]) -> Option<civil::Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = digits(&[*y1, *y2, *y3, *y4])?;
    let (month, day) = (digits(&[*m1, *m2])?, digits(&[*d1, *d2])?);
    civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// `HH:MM[:SS[.fraction]][offset]`: the time, and the offset in minutes east of UTC.
fn parse_time(text: &[u8]) -> Option<(civil::Time, i32)> {
    let zone = text.iter().position(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'));
    let (clock, zone) = text.split_at(zone.unwrap_or(text.len()));
    let (whole, fraction) = match clock.iter().position(|byte| *byte == b'.') {
        Some(dot) if dot == 8 => (&clock[..dot], parse_fraction(&clock[dot + 1..])?),
        Some(_) => return None,
        None => (clock, 0),
    };
    let (hour, minute, second) = match whole {
        [h1, h2, b':', m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, 0),
        [h1, h2, b':', m1, m2, b':', s1, s2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, digits(&[*s1, *s2])?),
        _ => return None,
    };
    let hour = i8::try_from(hour).ok()?;
    let minute = i8::try_from(minute).ok()?;
    let second = i8::try_from(second).ok()?;
    let nanoseconds = i32::try_from(fraction * 1000).ok()?;
    let time = civil::Time::new(hour, minute, second, nanoseconds).ok()?;
    Some((time, parse_offset(zone)?))
}

/// The digits after the dot, as microseconds; a tenth digit or anything finer than a microsecond is refused.
fn parse_fraction(text: &[u8]) -> Option<u32> {
    let (micros, finer) = text.split_at(text.len().min(6));
    if micros.is_empty() || finer.len() > 3 || finer.iter().any(|byte| *byte != b'0') {
        return None;
    }
    let missing = 6 - u32::try_from(micros.len()).ok()?;
    Some(digits(micros)? * 10_u32.pow(missing))
}

/// Nothing, `Z`, `±HH`, `±HHMM` or `±HH:MM`, in minutes.
fn parse_offset(text: &[u8]) -> Option<i32> {
    let (sign, rest) = match text.split_first() {
        None | Some((b'Z' | b'z', [])) => return Some(0),
        Some((b'+', rest)) => (1, rest),
        Some((b'-', rest)) => (-1, rest),
        Some(_) => return None,
    };
    let (hours, minutes) = match rest {
        [h1, h2] => (digits(&[*h1, *h2])?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?),
        _ => return None,
    };
    if hours >= 24 || minutes >= 60 {
        return None;
    }
    Some(sign * i32::try_from(hours * 60 + minutes).ok()?)
}

fn digits(text: &[u8]) -> Option<u32> {
    let mut value = 0;
    for byte in text {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u32::from(*byte - b'0');
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_stands_behind_the_date() {
        let has_offset = |text: &str| Timestamp::has_offset(text.as_bytes());
        assert!(!has_offset("2016-10-01 00:00:00.004") && !has_offset("2016-10-01"));
        assert!(has_offset("2016-10-01T00:00Z") && has_offset("2016-10-01 00:00-05"));
    }

    #[test]
    fn every_spelling_of_one_instant_is_written_alike() {
        for text in [
            "2016-10-01 00:00:00.010",
            "2016-10-01 00:00:00.01",
            "2016-10-01T00:00:00.010Z",
            "2016-10-01t00:00:00.010000000z",
            "2016-10-01 02:00:00.01+02",
            "2016-10-01 02:00:00.01+0200",
            "2016-09-30T18:30:00.010-05:30",
        ] {
            let time = text.parse::<Timestamp>().ok().unwrap_or_else(|| panic!("{text} is a time"));
            assert_eq!(time.to_string(), "2016-10-01T00:00:00.010Z", "{text}");
        }
    }

    #[test]
    fn every_date_is_that_of_the_calendar() {
        let mut date = civil::date(1, 1, 1);
        let mut days = days_since_1970(1, 1, 1);
        assert_eq!(days * 24 * HOUR, *YEARS.start());
        loop {
            let expected = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            let (year, month, day) = date_of(days);
            assert_eq!((i64::from(year), i64::from(month), i64::from(day)), expected, "{date}");
            assert_eq!(days_since_1970(expected.0, expected.1, expected.2), days, "{date}");
            let Ok(next) = date.tomorrow() else { break };
            date = next;
            days += 1;
        }
    }

    #[test]
    fn microseconds_show_only_where_they_are() {
        let written = |text: &str| text.parse::<Timestamp>().unwrap().to_string();
        assert_eq!(written("2016-10-01 00:00:00.000001"), "2016-10-01T00:00:00.000001Z");
        assert_eq!(written("2016-10-01 00:00"), "2016-10-01T00:00:00.000Z");
        assert_eq!(written("2016-10-01"), "2016-10-01T00:00:00.000Z");
        assert_eq!(written("0001-01-01"), "0001-01-01T00:00:00.000Z");
        assert_eq!(written("9999-12-31 23:59:59.999999"), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2016",
            "2016-13-01",
            "2015-02-29",
            "2016-10-01 24:00:01",
            "2016-10-01 24:01",
            "9999-12-31 24:00:00",
            "2016-10-01 00:60:00",
            "2016-10-01 00:00:60",
            "2016-10-01 00:00:00.",
            "2016-10-01 00:00:00.0000001",
            "2016-10-01X00:00:00",
            "2016-10-01 00:00:00+24",
            "2016-10-01 00:00:00+2",
            "2016-10-01 00:00.5",
            "01/10/2016 00:00:00",
            "0000-01-01 00:00:00",
            "0001-01-01 00:00:00+01",
            "2016-10-01 00:00:00 ",
            "-016-10-01",
            "2016-10-01 00:00:00Zx",
        ] {
            assert_eq!(text.parse::<Timestamp>().ok(), None, "{text:?}");
        }
    }
}
