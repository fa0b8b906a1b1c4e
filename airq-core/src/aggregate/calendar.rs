//! Periods by the local time of a zone. The zone is a list of intervals with a constant offset. PostgreSQL gets the same list, so that
//! both have the same periods whatever time zone database a server has.

use crate::model::{Timestamp, Zone};
use crate::query::{Averages, Every, Interval, Profile};
use jiff::SignedDuration;
use jiff::civil::{self, DateTime};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;
/// 1970-01-01T00:00:00.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// The start of the year 1. All times are in microseconds since 1970, in UTC or in local time.
const FIRST: i64 = -62_135_596_800 * SECOND;
/// The years with known clock changes. Before and after them, the offset is that of the first or the last interval.
const KNOWN: [i64; 2] = [-2_208_988_800 * SECOND, 4_102_444_800 * SECOND];

/// A period: its start (included), its end (excluded) and the number of expected values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) slots: u32,
}

/// The periods of an averaging.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    every: Every,
    interval: Interval,
    stretches: Vec<Stretch>,
}

/// An interval between two clock changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: i64,
    /// The offset from UTC.
    pub(crate) offset: i64,
    /// The local time at the end.
    pub(crate) clock_end: i64,
}

impl Calendar {
    pub(crate) fn new(averaging: &Averages) -> Self {
        let (every, interval) = (averaging.every(), averaging.interval());
        let mut calendar = Calendar { every, interval, stretches: stretches(averaging.zone()) };
        if every != Every::Hour {
            calendar.keep_what_has_begun();
        }
        calendar
    }

    /// A clock change back over the start of a period does not end the period: the offset before the change continues until the local
    /// time after the change reaches the start again.
    fn keep_what_has_begun(&mut self) {
        for place in 1..self.stretches.len() {
            let [before, now] = [self.stretches[place - 1], self.stretches[place]];
            let again = self.floor(before.clock_end - 1) - now.offset;
            // A change of the date, such as that of Kwajalein in 1969, skips or repeats whole periods.
            if again > now.start && before.offset - now.offset < 8 * HOUR {
                self.stretches[place].start = again;
                self.stretches[place - 1].clock_end = again + before.offset;
            }
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Returns the period of an instant.
    pub(crate) fn period(&self, time: i64) -> Period {
        let now = self.stretch(time);
        let Stretch { start, offset, .. } = self.stretches[now];
        if self.every == Every::Hour {
            let clock = (time + offset).div_euclid(HOUR) * HOUR;
            let ends = self.stretches.get(now + 1).map_or(i64::MAX, |next| next.start);
            let (start, end) = (start.max(clock - offset), ends.min(clock - offset + HOUR));
            return Period { start, end, slots: self.slots(start, end, 1) };
        }
        let clock = self.floor(time + offset);
        let next = self.next(clock);
        let (start, end) = (self.instant(clock), self.instant(next));
        let days = u32::try_from((next - clock).div_euclid(DAY)).unwrap_or(u32::MAX);
        Period { start, end, slots: self.slots(start, end, days) }
    }

    /// Returns the first period that starts at this instant or later.
    pub(crate) fn first_from(&self, time: i64) -> i64 {
        let period = self.period(time);
        if period.start == time { time } else { period.end }
    }

    /// Returns the number of the expected value at this instant: the interval of the local time. An interval that is repeated by a clock
    /// change has another number.
    pub(crate) fn slot(&self, time: i64) -> i64 {
        let offset = self.stretches[self.stretch(time)].offset;
        let begins = (time + offset).div_euclid(self.length()) * self.length();
        if self.interval == Interval::DAY { begins } else { begins - offset }
    }

    /// Returns the position of an instant in a profile: its hour of the day, its weekday from Monday or its month, from 0.
    pub(crate) fn position(&self, profile: Profile, time: i64) -> usize {
        let clock = time + self.stretches[self.stretch(time)].offset;
        let position = match profile {
            Profile::HourOfDay => clock.rem_euclid(DAY) / HOUR,
            // 1970 began on a Thursday.
            Profile::Weekday => (clock.div_euclid(DAY) + 3).rem_euclid(7),
            Profile::MonthOfYear => date_of(clock).map_or(0, |date| i64::from(date.month()) - 1),
        };
        usize::try_from(position).unwrap_or_default()
    }

    /// Returns the position of the interval of a constant offset that contains an instant.
    fn stretch(&self, time: i64) -> usize {
        self.stretches.partition_point(|stretch| stretch.start <= time).saturating_sub(1)
    }

    fn slots(&self, start: i64, end: i64, days: u32) -> u32 {
        if self.interval == Interval::DAY {
            return days;
        }
        u32::try_from((end - start + self.length() - 1).div_euclid(self.length())).unwrap_or(u32::MAX)
    }

    fn length(&self) -> i64 {
        i64::from(self.interval.minutes()) * 60 * SECOND
    }

    /// Returns the local time at the start of the period of a local time.
    fn floor(&self, clock: i64) -> i64 {
        let day = clock.div_euclid(DAY) * DAY;
        match self.every {
            Every::Hour | Every::Day => day,
            Every::EightHours => clock.div_euclid(8 * HOUR) * 8 * HOUR,
            Every::Month => date_of(clock).map_or(day, |date| clock_of(date.first_of_month())),
            Every::Year => date_of(clock).map_or(day, |date| clock_of(date.first_of_year())),
        }
    }

    /// Returns the local time at the end of the period.
    fn next(&self, clock: i64) -> i64 {
        let first_after = |last: fn(civil::Date) -> civil::Date| {
            date_of(clock).map_or(clock + DAY, |date| clock_of(last(date)) + DAY)
        };
        match self.every {
            Every::Hour | Every::Day => clock + DAY,
            Every::EightHours => clock + 8 * HOUR,
            Every::Month => first_after(civil::Date::last_of_month),
            Every::Year => first_after(civil::Date::last_of_year),
        }
    }

    /// Returns the first instant with this local time or, if the local time is skipped, a later one.
    fn instant(&self, clock: i64) -> i64 {
        let place = self.stretches.partition_point(|stretch| stretch.clock_end <= clock);
        let stretch = self.stretches[place.min(self.stretches.len() - 1)];
        stretch.start.max(clock - stretch.offset)
    }
}

fn date_of(clock: i64) -> Option<civil::Date> {
    EPOCH.checked_add(SignedDuration::from_micros(clock)).ok().map(DateTime::date)
}

fn clock_of(date: civil::Date) -> i64 {
    date.at(0, 0, 0, 0).duration_since(EPOCH).as_secs() * SECOND
}

/// Returns the intervals of a zone, at least one. A change of the zone's name alone is not a change.
fn stretches(zone: &Zone) -> Vec<Stretch> {
    let rules = zone.rules();
    let [from, to] = KNOWN.map(|time| jiff::Timestamp::from_microsecond(time).unwrap_or_default());
    let mut all = vec![Stretch { start: FIRST, offset: microseconds(rules.to_offset(from)), clock_end: i64::MAX }];
    for change in rules.following(from).take_while(|change| change.timestamp() < to) {
        let (start, offset) = (change.timestamp().as_microsecond(), microseconds(change.offset()));
        if let Some(last) = all.last_mut().filter(|last| last.offset != offset) {
            last.clock_end = start + last.offset;
            all.push(Stretch { start, offset, clock_end: i64::MAX });
        }
    }
    all
}

fn microseconds(offset: jiff::tz::Offset) -> i64 {
    i64::from(offset.seconds()) * SECOND
}

impl Period {
    /// Returns the instant of the start.
    pub(crate) fn timestamp(&self) -> Option<Timestamp> {
        Timestamp::from_microseconds(self.start)
    }

    pub(crate) fn has(&self, time: i64) -> bool {
        self.start <= time && time < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microseconds()
    }

    fn calendar(every: Every, zone: &str) -> Calendar {
        Calendar::new(&Averages::new(every).with_zone(zone.parse::<Zone>().unwrap()))
    }

    /// Returns the start, the end and the number of expected values of the period of an instant, after a check that the period
    /// before ends at the start.
    fn period(every: Every, zone: &str, time: &str) -> (String, String, u32) {
        let calendar = calendar(every, zone);
        let period = calendar.period(at(time));
        assert!(period.has(at(time)));
        assert_eq!(calendar.period(period.start), period);
        assert_eq!(calendar.period(period.end - 1), period);
        assert_eq!(calendar.period(period.start - 1).end, period.start);
        assert_eq!(calendar.first_from(period.start + 1), period.end);
        let written = |time| Timestamp::from_microseconds(time).unwrap().to_string().replace(":00.000Z", "Z");
        (written(period.start), written(period.end), period.slots)
    }

    fn is(start: &str, end: &str, slots: u32) -> (String, String, u32) {
        (start.to_owned(), end.to_owned(), slots)
    }

    #[test]
    fn days_in_madrid_have_23_24_and_25_hours() {
        let day = |time| period(Every::Day, "Europe/Madrid", time);
        assert_eq!(day("2016-03-27T12:00"), is("2016-03-26T23:00Z", "2016-03-27T22:00Z", 23));
        assert_eq!(day("2016-10-01T21:59"), is("2016-09-30T22:00Z", "2016-10-01T22:00Z", 24));
        assert_eq!(day("2016-10-30T00:30"), is("2016-10-29T22:00Z", "2016-10-30T23:00Z", 25));
        assert_eq!(period(Every::Day, "UTC", "2016-10-30T00:30"), is("2016-10-30T00:00Z", "2016-10-31T00:00Z", 24));
    }

    #[test]
    fn thirds_of_a_day_begin_by_the_clocks() {
        let third = |time| period(Every::EightHours, "Europe/Madrid", time);
        assert_eq!(third("2016-10-30T00:00"), is("2016-10-29T22:00Z", "2016-10-30T07:00Z", 9));
        assert_eq!(third("2016-10-30T07:00"), is("2016-10-30T07:00Z", "2016-10-30T15:00Z", 8));
        assert_eq!(third("2016-03-27T00:00"), is("2016-03-26T23:00Z", "2016-03-27T06:00Z", 7));
    }

    #[test]
    fn months_and_years_are_those_of_the_calendar() {
        assert_eq!(
            period(Every::Month, "Europe/Madrid", "2016-02-29T12:00"),
            is("2016-01-31T23:00Z", "2016-02-29T23:00Z", 29 * 24)
        );
        assert_eq!(
            period(Every::Month, "Europe/Madrid", "2016-10-12T12:00"),
            is("2016-09-30T22:00Z", "2016-10-31T23:00Z", 31 * 24 + 1)
        );
        assert_eq!(period(Every::Year, "UTC", "2016-10-12"), is("2016-01-01T00:00Z", "2017-01-01T00:00Z", 366 * 24));
    }

    #[test]
    fn a_midnight_that_is_skipped_or_shown_twice_begins_one_day() {
        // In São Paulo clocks went from 24:00 to 1:00; in the Azores they go from 1:00 back to 0:00.
        let skipped = period(Every::Day, "America/Sao_Paulo", "2016-10-16T12:00");
        assert_eq!(skipped, is("2016-10-16T03:00Z", "2016-10-17T02:00Z", 23));
        let twice = period(Every::Day, "Atlantic/Azores", "2016-10-30T01:30");
        assert_eq!(twice, is("2016-10-30T00:00Z", "2016-10-31T01:00Z", 25));
        // And back from 24:00 to 23:00.
        let before = period(Every::Day, "America/Sao_Paulo", "2016-02-21T02:30");
        assert_eq!(before, is("2016-02-20T02:00Z", "2016-02-21T03:00Z", 25));
    }

    #[test]
    fn a_day_that_has_begun_goes_on_where_clocks_go_back_over_its_beginning() {
        // In St. John's clocks went back by an hour at 0:01.
        let day = |time| period(Every::Day, "America/St_Johns", time);
        assert_eq!(day("2005-10-29T12:00"), is("2005-10-29T02:30Z", "2005-10-30T02:30Z", 24));
        for time in ["2005-10-30T02:30", "2005-10-30T02:35", "2005-10-30T03:29", "2005-10-30T03:30", "2005-10-31T03:29"]
        {
            assert_eq!(day(time), is("2005-10-30T02:30Z", "2005-10-31T03:30Z", 25), "{time}");
        }
        let third = |time| period(Every::EightHours, "America/St_Johns", time);
        assert_eq!(third("2005-10-30T03:00"), is("2005-10-30T02:30Z", "2005-10-30T11:30Z", 9));
        // By three hours, from 2:00, in 2010.
        let casey = period(Every::Day, "Antarctica/Casey", "2010-03-04T15:30");
        assert_eq!(casey, is("2010-03-04T13:00Z", "2010-03-05T16:00Z", 27));
    }

    #[test]
    fn hours_begin_by_the_clocks_wherever_these_are() {
        let hour = |zone, time| period(Every::Hour, zone, time);
        assert_eq!(hour("Asia/Kolkata", "2016-10-01T00:00"), is("2016-09-30T23:30Z", "2016-10-01T00:30Z", 1));
        assert_eq!(hour("Europe/Madrid", "2016-10-30T01:20"), is("2016-10-30T01:00Z", "2016-10-30T02:00Z", 1));
        // Lord Howe's clocks go back by half an hour, at 2:00.
        assert_eq!(hour("Australia/Lord_Howe", "2016-04-02T15:10"), is("2016-04-02T15:00Z", "2016-04-02T15:30Z", 1));
    }

    #[test]
    fn a_clock_change_within_an_hour_ends_the_hour() {
        // Chatham's clocks go from 2:45 to 3:45, and from 3:45 to 2:45.
        let chatham = |time| period(Every::Hour, "Pacific/Chatham", time);
        assert_eq!(chatham("2016-09-24T13:59"), is("2016-09-24T13:15Z", "2016-09-24T14:00Z", 1));
        assert_eq!(chatham("2016-09-24T14:00"), is("2016-09-24T14:00Z", "2016-09-24T14:15Z", 1));
        assert_eq!(chatham("2016-09-24T14:15"), is("2016-09-24T14:15Z", "2016-09-24T15:15Z", 1));
        assert_eq!(chatham("2016-04-02T13:30"), is("2016-04-02T13:15Z", "2016-04-02T14:00Z", 1));
        assert_eq!(chatham("2016-04-02T14:00"), is("2016-04-02T14:00Z", "2016-04-02T14:15Z", 1));
        // Until 2011 St. John's clocks went from 0:01 to 23:01.
        let st_johns = |time| period(Every::Hour, "America/St_Johns", time);
        assert_eq!(st_johns("2010-11-07T02:30"), is("2010-11-07T02:30Z", "2010-11-07T02:31Z", 1));
        assert_eq!(st_johns("2010-11-07T02:31"), is("2010-11-07T02:31Z", "2010-11-07T03:30Z", 1));
        // Lord Howe's clocks go from 2:00 to 2:30.
        let lord_howe = |time| period(Every::Hour, "Australia/Lord_Howe", time);
        assert_eq!(lord_howe("2016-10-01T15:29"), is("2016-10-01T14:30Z", "2016-10-01T15:30Z", 1));
        assert_eq!(lord_howe("2016-10-01T15:30"), is("2016-10-01T15:30Z", "2016-10-01T16:00Z", 1));
    }

    #[test]
    fn expected_values_are_counted_in_their_interval() {
        let slots = |every, interval: &str| {
            let averaging = Averages::new(every).with_interval(interval.parse::<Interval>().unwrap());
            let calendar = Calendar::new(&averaging.with_zone("Europe/Madrid".parse::<Zone>().unwrap()));
            let period = calendar.period(at("2016-10-30T12:00"));
            let minutes = (period.start..period.end).step_by(60_000_000);
            let seen: BTreeSet<i64> = minutes.map(|time| calendar.slot(time)).collect();
            (period.slots, seen.len())
        };
        assert_eq!(slots(Every::Day, "1h"), (25, 25));
        assert_eq!(slots(Every::Day, "15m"), (100, 100));
        assert_eq!(slots(Every::Day, "1d"), (1, 1));
        assert_eq!(slots(Every::EightHours, "30m"), (16, 16));
        assert_eq!(slots(Every::Month, "1d"), (31, 31));
    }

    #[test]
    fn the_first_and_the_last_instant_there_are_have_periods() {
        for every in Every::ALL {
            for zone in ["UTC", "Pacific/Auckland", "America/Los_Angeles"] {
                let calendar = calendar(*every, zone);
                for time in ["0001-01-01", "9999-12-31 23:59:59.999999"] {
                    let period = calendar.period(at(time));
                    assert!(period.has(at(time)) && period.timestamp().is_some(), "{every} {zone} {time}: {period:?}");
                }
            }
        }
    }
}
