//! The times of a file: their spelling, and the clock that they were read from.

use super::fixed_time::{FixedTime, read_iso};
use super::records::RecordError;
use crate::model::{Parameter, Timestamp, Zone};
use jiff::civil;
use jiff::fmt::strtime;
use jiff::tz::Offset;
use std::collections::HashMap;

/// The clock of times without an offset.
#[derive(Clone, Debug, Default)]
pub(super) enum Clock {
    #[default]
    Utc,
    /// A fixed number of minutes ahead of UTC.
    Ahead(i64),
    Zone(Zone),
}

impl Clock {
    /// The instants of a time that was read as if it were UTC: see [`Zone::instants`].
    pub(super) fn instants(&self, read: Timestamp) -> Option<[Timestamp; 2]> {
        match self {
            Clock::Utc => Some([read; 2]),
            Clock::Ahead(minutes) => later(read, -minutes).map(|time| [time; 2]),
            Clock::Zone(zone) => zone.instants(read),
        }
    }
}

/// The instant that is later by this number of minutes.
pub(super) fn later(time: Timestamp, minutes: i64) -> Option<Timestamp> {
    let microseconds = minutes.checked_mul(60_000_000)?;
    Timestamp::from_microseconds(time.as_microseconds().checked_add(microseconds)?)
}

/// The instant of a date and a time of day in UTC.
pub(super) fn civil_instant(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<Timestamp> {
    let date = civil::Date::new(i16::try_from(year).ok()?, to_i8(month)?, to_i8(day)?).ok()?;
    let time = civil::Time::new(to_i8(hour)?, to_i8(minute)?, to_i8(second)?, 0).ok()?;
    read_as_utc(date.to_datetime(time))
}

fn to_i8(value: i64) -> Option<i8> {
    i8::try_from(value).ok()
}

fn read_as_utc(civil: civil::DateTime) -> Option<Timestamp> {
    Timestamp::from_microseconds(Offset::UTC.to_timestamp(civil).ok()?.as_microsecond())
}

/// Parses a whole number that has only digits.
pub(super) fn whole(text: &[u8]) -> Option<i64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    let mut value = 0;
    for byte in text {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(*byte - b'0');
    }
    Some(value)
}

/// The spelling of times.
#[derive(Clone, Debug, Default)]
pub(super) enum Spelling {
    /// The forms that [`Timestamp`](crate::Timestamp) accepts, also with a blank before the offset.
    #[default]
    Iso,
    /// Seconds since 1970, with a fraction or without.
    Epoch,
    /// By strftime's letters.
    Pattern(Pattern),
}

/// A pattern of strftime's letters.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    /// The layout of most times of the pattern.
    fixed: Option<FixedTime>,
}

impl Spelling {
    /// Parses `iso`, `epoch` or a pattern of strftime's letters.
    ///
    /// # Errors
    /// If a time cannot be read by the pattern.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "iso" => return Ok(Spelling::Iso),
            "epoch" | "%s" | "%s%.f" => return Ok(Spelling::Epoch),
            _ => {}
        }
        if !Spelling::is_pattern(text) {
            let why = "it must give a date, and be of strftime's letters: %d/%m/%Y %H:%M";
            return Err(format!("time format {:?} cannot be used; {why}", crate::error::cut(text)));
        }
        Ok(Spelling::Pattern(Pattern { text: text.to_owned(), fixed: FixedTime::new(text) }))
    }

    /// Returns whether the text has the spelling, with every digit of each number.
    pub(super) fn fits(&self, text: &[u8]) -> bool {
        match self {
            Spelling::Pattern(Pattern { fixed: Some(fixed), .. }) => fixed.read(text).is_some(),
            _ => self.read(text).is_some(),
        }
    }

    /// Returns whether a time written by this pattern can be read by the pattern.
    fn is_pattern(pattern: &str) -> bool {
        let [midnight, evening] = [0, 17].map(|hour| civil::datetime(2016, 10, 1, hour, 0, 0, 0));
        let Ok(time) = Offset::UTC.to_timestamp(evening) else { return false };
        let Ok(text) = strtime::format(pattern, time) else { return false };
        let Some((read, _)) = by_pattern(pattern, text.as_bytes()) else { return false };
        // A pattern without a time of day gives the start of the day.
        [midnight, evening].map(read_as_utc).contains(&Some(read))
    }

    /// The message about a text in another spelling.
    fn missed(&self) -> String {
        match self {
            Spelling::Pattern(pattern) => format!("is not a time as {}", pattern.text),
            Spelling::Iso => "is not a time".to_owned(),
            Spelling::Epoch => "is not a number of seconds since 1970".to_owned(),
        }
    }

    /// Parses a time; returns the time and whether the text has an offset. Without an offset, the time is read as UTC.
    pub(super) fn read(&self, text: &[u8]) -> Option<(Timestamp, bool)> {
        match self {
            Spelling::Iso => iso(text),
            Spelling::Epoch => epoch(text).map(|time| (time, true)),
            Spelling::Pattern(Pattern { text: pattern, fixed }) => {
                match fixed.as_ref().and_then(|fixed| fixed.read(text)) {
                    Some(time) => Some((time, false)),
                    None => by_pattern(pattern, text),
                }
            }
        }
    }
}

fn iso(text: &[u8]) -> Option<(Timestamp, bool)> {
    if let Some(read) = read_iso(text) {
        return Some(read);
    }
    any_iso(text)
}

fn any_iso(text: &[u8]) -> Option<(Timestamp, bool)> {
    if let Some(time) = Timestamp::parse_bytes(text) {
        return Some((time, Timestamp::has_offset(text)));
    }
    let blank = text.iter().rposition(|byte| *byte == b' ').filter(|index| *index > 10)?;
    let joined = [&text[..blank], &text[blank + 1..]].concat();
    if !Timestamp::has_offset(&joined) {
        return None;
    }
    Some((Timestamp::parse_bytes(&joined)?, true))
}

/// Seconds since 1970, with at most six digits of a fraction.
fn epoch(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 6 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<6}").parse().ok()?;
    let fraction = if text.starts_with('-') { -fraction } else { fraction };
    Timestamp::from_microseconds(seconds.checked_mul(1_000_000)?.checked_add(fraction)?)
}

/// The start of the next day, if the text is a day's hour 24.
pub(super) fn hour_24(spelling: &Spelling, text: &[u8]) -> Option<(Timestamp, bool)> {
    const HOUR: i64 = 3_600_000_000;
    const LONGEST: usize = 64;
    if text.len() > LONGEST {
        return None;
    }
    let positions = text.windows(2).enumerate().filter(|(_, pair)| pair == b"24").map(|(position, _)| position);
    for position in positions {
        let Some((first, has_offset)) = with_hour(spelling, text, position, *b"00") else { continue };
        let Some((last, _)) = with_hour(spelling, text, position, *b"23") else { continue };
        // The text is the hour if it moves the time by 23 hours. No minute belongs to hour 24.
        let is_hour = last.as_microseconds() - first.as_microseconds() == 23 * HOUR;
        if is_hour && (has_offset || first.as_microseconds() % (24 * HOUR) == 0) {
            return later(first, 24 * 60).map(|time| (time, has_offset));
        }
    }
    None
}

/// Reads the text with another hour in place of the two digits at the position.
fn with_hour(spelling: &Spelling, text: &[u8], position: usize, hour: [u8; 2]) -> Option<(Timestamp, bool)> {
    let mut text = text.to_vec();
    text[position..position + 2].copy_from_slice(&hour);
    spelling.read(&text)
}

/// Returns whether the second of a time that the pattern has read is 60.
fn is_leap_second(pattern: &str, text: &[u8], read: Timestamp) -> bool {
    let positions = text.windows(2).enumerate().filter(|(_, pair)| pair == b"60").map(|(position, _)| position);
    for position in positions {
        let mut without = text.to_vec();
        without[position..position + 2].copy_from_slice(b"59");
        if matches!(parsed(pattern, &without), Some((time, _)) if time == read) {
            return true;
        }
    }
    false
}

fn by_pattern(pattern: &str, text: &[u8]) -> Option<(Timestamp, bool)> {
    let (time, has_offset) = parsed(pattern, text)?;
    if is_leap_second(pattern, text, time) { None } else { Some((time, has_offset)) }
}

fn parsed(pattern: &str, text: &[u8]) -> Option<(Timestamp, bool)> {
    let read = strtime::BrokenDownTime::parse(pattern, text).ok()?;
    if read.offset().is_some() || read.timestamp().is_some() {
        let time = read.to_timestamp().ok()?;
        return Some((Timestamp::from_microseconds(time.as_microsecond())?, true));
    }
    // A year of two digits is no year of the first century.
    let date = read.to_date().ok().filter(|date| date.year() >= 100)?;
    let time = read.to_time().unwrap_or(civil::Time::midnight());
    Some((read_as_utc(date.to_datetime(time))?, false))
}

/// Reads the times of a file's rows.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) spelling: Spelling,
    pub(super) clock: Clock,
    /// The last row of each series, because clocks show some times twice.
    last: HashMap<Series, Last>,
}

/// The rows of a station or, where a row is one value, the rows of a station and a parameter.
pub(super) type Series = (u32, Option<Parameter>);

/// The last row of a series.
#[derive(Clone, Copy, Debug)]
struct Last {
    time: Timestamp,
    /// True if the newest rows come first.
    falls: bool,
}

impl Last {
    /// Chooses the next instant of a time that clocks show twice: in ascending order the first instant unless the row before
    /// is at or after it, in descending order the second instant if the row before is after it.
    fn next(self, [first, second]: [Timestamp; 2]) -> Timestamp {
        let is_second = if self.falls { second < self.time } else { first <= self.time };
        if is_second { second } else { first }
    }
}

impl Times {
    pub(super) fn new(spelling: Spelling, clock: Clock) -> Self {
        Times { spelling, clock, last: HashMap::new() }
    }

    /// Parses the time of the next row of a series.
    pub(super) fn read(&mut self, text: &[u8], column: usize, series: Series) -> Result<Timestamp, RecordError> {
        match self.spelling.read(text).or_else(|| hour_24(&self.spelling, text)) {
            None => Err(RecordError::value(column, text, &self.spelling.missed())),
            Some((time, true)) => Ok(time),
            Some((time, false)) => self.by_clock(time, series).ok_or_else(|| self.skipped(column, text)),
        }
    }

    /// The instant of a time that was read as UTC.
    pub(super) fn by_clock(&mut self, read: Timestamp, series: Series) -> Option<Timestamp> {
        let instants = self.clock.instants(read)?;
        if !matches!(self.clock, Clock::Zone(_)) {
            return Some(instants[0]);
        }
        let next = match self.last.get(&series) {
            Some(last) => {
                let time = last.next(instants);
                Last { time, falls: time < last.time || (time == last.time && last.falls) }
            }
            None => Last { time: instants[0], falls: false },
        };
        self.last.insert(series, next);
        Some(next.time)
    }

    /// The fault of a time that clocks skip.
    pub(super) fn skipped(&self, column: usize, text: &[u8]) -> RecordError {
        let zone = if let Clock::Zone(zone) = &self.clock { zone.name() } else { "UTC" };
        RecordError::value(column, text, &format!("is a time that clocks in {zone} skip"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by(text: &str) -> Spelling {
        Spelling::parse(text).unwrap()
    }

    fn read(spelling: &Spelling, text: &str) -> Option<(String, bool)> {
        spelling.read(text.as_bytes()).map(|(time, offset)| (time.to_string(), offset))
    }

    #[test]
    fn times_are_read_in_the_spellings_of_files() {
        let at = |text: &str, offset| Some((text.to_owned(), offset));
        let midnight = "2020-01-01T00:00:00.000Z";
        assert_eq!(read(&Spelling::Iso, "2020-01-01 01:00:00 +01:00"), at(midnight, true));
        assert_eq!(read(&Spelling::Iso, "2020-01-01"), at(midnight, false));
        let day_first = by("%d/%m/%Y %H:%M");
        assert_eq!(read(&day_first, "01/01/2020 00:00"), at(midnight, false));
        assert_eq!(read(&by("%d.%m.%Y"), "01.01.2020"), at(midnight, false));
        assert_eq!(read(&by("%Y%m%d %H%M %z"), "20200101 0100 +0100"), at(midnight, true));
    }

    #[test]
    fn an_hour_that_clocks_show_twice_is_resolved_by_the_rows_before() {
        let instants = |reads: &[&str], series: fn(usize) -> Series| {
            let mut times = Times::new(Spelling::Iso, Clock::Zone(Zone::named("Europe/Madrid").unwrap()));
            let read = |(index, text): (usize, &&str)| {
                let text = format!("2016-10-30 {text}");
                times.read(text.as_bytes(), 0, series(index)).unwrap().to_string()[11..16].to_owned()
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
        let in_turn = |index: usize| (0, [Some(Parameter::NO2), Some(Parameter::O3)][index % 2]);
        assert_eq!(instants(&["02:00"; 4], in_turn), ["00:00", "00:00", "01:00", "01:00"]);
    }

    proptest! {
        #[test]
        fn times_at_fixed_positions_are_read_as_the_general_parsers_read_them(
            year in prop_oneof![Just("2016"), Just("2015"), Just("0000"), Just("0999"), Just("9999"), Just("20a6"), Just("16")],
            parts in proptest::collection::vec(
                prop_oneof![
                    10 => (0..62_u8).prop_map(|number| format!("{number:02}")),
                    1 => (0..10_u8).prop_map(|number| number.to_string()),
                    1 => Just("1x".to_owned()),
                ],
                5,
            ),
            ends in prop_oneof![
                Just(""), Just("Z"), Just("+01:00"), Just(" -05:30"), Just(" +1:00"), Just("  +01:00"), Just("+24:00"),
                Just(".5"), Just(" 01:00"), Just("z"), Just("+0100"), Just("-23:59"),
            ],
            between in prop_oneof![4 => Just(' '), 1 => Just('T'), 1 => Just('t'), 1 => Just('X')],
        ) {
            let [month, day, hour, minute, second] = <[String; 5]>::try_from(parts).unwrap();
            let text = format!("{year}-{month}-{day}{between}{hour}:{minute}:{second}{ends}");
            prop_assert_eq!(iso(text.as_bytes()), any_iso(text.as_bytes()), "{}", text);
            for pattern in ["%d/%m/%Y %H:%M", "%d/%m/%Y %H.%M.%S", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S"] {
                let text = pattern.replace("%Y", year).replace("%m", &month).replace("%d", &day);
                let text = text.replace("%H", &hour).replace("%M", &minute).replace("%S", &second);
                let read = by(pattern).read(text.as_bytes());
                prop_assert_eq!(read, by_pattern(pattern, text.as_bytes()), "{} {}", pattern, text);
            }
        }
    }

    #[test]
    fn hour_24_is_the_start_of_the_next_day() {
        for (spelling, text, expected) in [
            (Spelling::Iso, "2024-12-24 24:00:00", "2024-12-25"),
            (Spelling::Iso, "2024-12-31 24:00:00 +01:00", "2024-12-31T23:00Z"),
            (by("%d/%m/%Y %H:%M"), "24/12/2024 24:00", "2024-12-25"),
            (by("%d/%m/%Y %H"), "1/2/2024 24", "2024-02-02"),
            (by("%Y%m%d%H"), "2024022824", "2024-02-29"),
        ] {
            let read = Times::new(spelling, Clock::Utc).read(text.as_bytes(), 0, (0, None)).unwrap();
            assert_eq!(read, expected.parse::<Timestamp>().unwrap(), "{text}");
        }
        for text in ["2024-12-24 24:30:00", "2024-12-24 25:00:00", "2024-24-01 10:00:00"] {
            assert!(Times::default().read(text.as_bytes(), 0, (0, None)).is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_since_1970_have_a_fraction_and_no_leap_second_is_read() {
        let at = |text: &str| epoch(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(at("1694532425.10").as_deref(), Some("2023-09-12T15:27:05.100Z"));
        assert_eq!(
            (at("0").as_deref(), at("-0.5").as_deref()),
            (Some("1970-01-01T00:00:00.000Z"), Some("1969-12-31T23:59:59.500Z"))
        );
        assert_eq!(
            (at(""), at("1."), at("1.1234567"), at("x")),
            (None, Some("1970-01-01T00:00:01.000Z".to_owned()), None, None)
        );
        assert_eq!(by_pattern("%Y-%m-%d %H:%M:%S", b"2016-12-31 23:59:60"), None);
        assert!(by_pattern("%Y-%m-%d %H:%M:%S", b"2060-12-31 23:59:59").is_some());
    }

    #[test]
    fn a_pattern_must_give_a_time() {
        for pattern in
            ["%d/%m/%Y %H:%M", "%Y-%m-%d", "%Y%m%d %H%M %z", "%d %b %Y %I:%M %p", "%D %T", "%Y-%j", "%F %R:%S%.f"]
        {
            assert!(Spelling::is_pattern(pattern), "{pattern}");
        }
        for pattern in ["", "%K/%m/%Y", "%Q", "%H:%M", "%d/%m", "%d/%m/%Y %I:%M", "%", "d/m/Y"] {
            assert!(!Spelling::is_pattern(pattern), "{pattern}");
        }
    }

    #[test]
    fn texts_that_are_not_times_are_none() {
        for text in ["", "2020-01-01 01:00:00 01:00", "2020-13-01", "01/01/2020", "2020-01-01  +01:00"] {
            assert_eq!(read(&Spelling::Iso, text), None, "{text}");
        }
        assert_eq!(read(&by("%d/%m/%Y"), "13/13/2020"), None);
        assert_eq!(by_pattern("%H:%M", b"10:00"), None);
        assert_eq!(by_pattern("%d/%m/%Y", b"05/06/22"), None);
    }
}
