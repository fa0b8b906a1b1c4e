//! What a file's times mean: spellings, and the clocks they are read from.

use super::records::Fault;
use crate::model::{Pollutant, Timestamp, Zone};
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
    /// The instants of a time that was read as if it were UTC: see [`Zone::instants`].
    fn instants(&self, read: Timestamp) -> Option<[Timestamp; 2]> {
        match self {
            Clock::Utc => Some([read; 2]),
            Clock::Ahead(minutes) => later(read, -minutes).map(|time| [time; 2]),
            Clock::Zone(zone) => zone.instants(read),
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
    /// Whether a time that is written by these letters can be read by them.
    pub(super) fn is_pattern(pattern: &str) -> bool {
        let [midnight, evening] = [0, 17].map(|hour| civil::datetime(2016, 10, 1, hour, 0, 0, 0));
        let written = Offset::UTC.to_timestamp(evening).ok().and_then(|time| strtime::format(pattern, time).ok());
        let read = written.and_then(|text| by_pattern(pattern, text.as_bytes()));
        // A pattern without a clock gives the beginning of the day.
        read.is_some_and(|(read, _)| [midnight, evening].map(read_as_utc).contains(&Some(read)))
    }

    /// What is said of a text that is spelled otherwise.
    fn missed(&self) -> String {
        match self {
            Spelling::Pattern(pattern) => format!("is not a time as {pattern}"),
            Spelling::Iso | Spelling::Day => "is not a time".to_owned(),
        }
    }

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
        return Some((time, Timestamp::has_offset(text)));
    }
    let blank = text.iter().rposition(|byte| *byte == b' ').filter(|place| *place > 10)?;
    let joined = [&text[..blank], &text[blank + 1..]].concat();
    Timestamp::has_offset(&joined).then(|| Timestamp::parse_bytes(&joined)).flatten().map(|time| (time, true))
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
    if read.offset().is_some() || read.timestamp().is_some() {
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
    /// Where each series is, as clocks may show a time twice.
    last: HashMap<Series, Last>,
}

/// Values that follow each other in a file: a station's, or where a row is one value a station's of a pollutant.
pub(super) type Series = (u32, Option<Pollutant>);

/// The instant of a series' row before.
#[derive(Clone, Copy, Debug)]
struct Last {
    time: Timestamp,
    /// Whether the newest come first.
    falls: bool,
}

impl Last {
    /// Which instant comes next, of a time that clocks show twice: going forward the first if the row before is not past it,
    /// going back the second if the row before is.
    fn next(self, [first, second]: [Timestamp; 2]) -> Timestamp {
        let is_second = if self.falls { second < self.time } else { first <= self.time };
        if is_second { second } else { first }
    }
}

impl Times {
    pub(super) fn new(spelling: Spelling, clock: Clock) -> Self {
        Times { spelling, clock, last: HashMap::new() }
    }

    /// The instant that the text spells, in this series.
    pub(super) fn read(&mut self, text: &[u8], column: usize, series: Series) -> Result<Timestamp, Fault> {
        match self.spelling.read(text) {
            None => Err(Fault::value(column, text, &self.spelling.missed())),
            Some((time, true)) => Ok(time),
            Some((time, false)) => self.by_clock(time, series).ok_or_else(|| self.skipped(column, text)),
        }
    }

    /// The instant of a time that was read as if it were UTC.
    pub(super) fn by_clock(&mut self, read: Timestamp, series: Series) -> Option<Timestamp> {
        let instants = self.clock.instants(read)?;
        if !matches!(self.clock, Clock::Zone(_)) {
            return Some(instants[0]);
        }
        let last = self.last.get(&series).copied();
        let time = last.map_or(instants[0], |last| last.next(instants));
        let falls = last.is_some_and(|last| time < last.time || (time == last.time && last.falls));
        self.last.insert(series, Last { time, falls });
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
    fn of_an_hour_that_clocks_show_twice_the_rows_before_tell_which_it_is() {
        let instants = |reads: &[&str], series: fn(usize) -> Series| {
            let mut times = Times::new(Spelling::Iso, Clock::Zone(Zone::named("Europe/Madrid").unwrap()));
            let read = |(place, text): (usize, &&str)| {
                let text = format!("2016-10-30 {text}");
                times.read(text.as_bytes(), 0, series(place)).unwrap().to_string()[11..16].to_owned()
            };
            reads.iter().enumerate().map(read).collect::<Vec<_>>()
        };
        let one = |_: usize| (0, None);
        assert_eq!(instants(&["01:00", "02:00", "02:00", "03:00"], one), ["23:00", "00:00", "01:00", "02:00"]);
        assert_eq!(instants(&["03:00", "02:00", "02:00", "01:00"], one), ["02:00", "01:00", "00:00", "23:00"]);
        assert_eq!(instants(&["02:00", "02:30", "02:00", "02:30"], one), ["00:00", "00:30", "01:00", "01:30"]);
        assert_eq!(instants(&["03:00", "02:30", "02:00", "02:30"], one), ["02:00", "01:30", "01:00", "00:30"]);
        // The same rows once more.
        assert_eq!(instants(&["02:00", "03:00", "01:00", "02:00"], one), ["00:00", "02:00", "23:00", "00:00"]);
        // Two values an hour, a row each.
        let in_turn = |place: usize| (0, [Some(Pollutant::No2), Some(Pollutant::O3)][place % 2]);
        assert_eq!(instants(&["02:00"; 4], in_turn), ["00:00", "00:00", "01:00", "01:00"]);
    }

    #[test]
    fn a_pattern_must_give_a_time() {
        for pattern in
            ["%d/%m/%Y %H:%M", "%Y-%m-%d", "%s", "%Y%m%d %H%M %z", "%d %b %Y %I:%M %p", "%D %T", "%Y-%j", "%F %R:%S%.f"]
        {
            assert!(Spelling::is_pattern(pattern), "{pattern}");
        }
        for pattern in ["", "%K/%m/%Y", "%Q", "%H:%M", "%d/%m", "%d/%m/%Y %I:%M", "%", "d/m/Y"] {
            assert!(!Spelling::is_pattern(pattern), "{pattern}");
        }
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
