//! The days of years, by the clocks of a zone.

use super::table::Season;
use crate::aggregate::Calendar;
use crate::model::{HOUR, Timestamp, Zone};
use crate::query::{Averages, Every};
use std::ops::{Range, RangeInclusive};

/// A day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) year: i16,
    /// 1 for January.
    pub(super) month: u8,
    /// The hours of the day, as numbers of hours since 1970.
    pub(super) hours: Range<i64>,
}

/// Returns the days of these years, in the order of time.
pub(super) fn days_of(years: RangeInclusive<i16>, zone: &Zone) -> Vec<Day> {
    let calendar = Calendar::new(&Averages::new(Every::Day).with_zone(zone.clone()));
    let mut days = Vec::new();
    // Clocks differ from UTC by less than a day.
    let Some(mut time) = format!("{:04}-12-30", years.start() - 1).parse::<Timestamp>().ok() else { return days };
    loop {
        let period = calendar.period(time.as_microseconds());
        let (Some(start), Some(end)) = (period.timestamp(), Timestamp::from_microseconds(period.end)) else {
            return days;
        };
        let Some(date) = zone.date(start) else { return days };
        if date.year() > *years.end() {
            return days;
        }
        if years.contains(&date.year()) {
            let month = u8::try_from(date.month()).unwrap_or_default();
            days.push(Day { year: date.year(), month, hours: hour_of(start)..hour_of(end) });
        }
        time = end;
    }
}

/// Returns the number of the hour that starts at this time. Where clocks are not whole hours from UTC, it is the number of the UTC
/// hour that the start lies in.
pub(super) fn hour_of(start: Timestamp) -> i64 {
    start.as_microseconds().div_euclid(HOUR)
}

impl Season {
    /// Returns whether a day is in the season of a year.
    pub(super) fn has(self, day: &Day, year: i16) -> bool {
        match self {
            Season::Year => day.year == year,
            Season::Months(first, last) => day.year == year && (first..=last).contains(&day.month),
            Season::Winter => (day.year == year && day.month <= 3) || (day.year == year - 1 && day.month >= 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(year: i16, zone: &str) -> Vec<i64> {
        let days = days_of(year..=year, &zone.parse::<Zone>().unwrap());
        days.iter().map(|day| day.hours.end - day.hours.start).collect()
    }

    #[test]
    fn a_leap_year_has_366_days_and_civil_days_have_23_or_25_hours() {
        let utc_plus_1 = lengths(2016, "Etc/GMT-1");
        assert_eq!((utc_plus_1.len(), utc_plus_1.iter().all(|hours| *hours == 24)), (366, true));
        let civil = lengths(2016, "Europe/Madrid");
        assert_eq!((civil.len(), civil.iter().sum::<i64>()), (366, 366 * 24));
        // The last Sundays of March and of October: the 87th and the 304th day.
        assert_eq!((civil[86], civil[303]), (23, 25));
        assert_eq!(
            (lengths(2015, "UTC").len(), lengths(1900, "UTC").len(), lengths(2000, "UTC").len()),
            (365, 365, 366)
        );
    }

    #[test]
    fn days_begin_by_the_clocks_and_follow_each_other() {
        for zone in ["UTC", "Etc/GMT-1", "Europe/Madrid", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let days = days_of(2015..=2016, &zone.parse::<Zone>().unwrap());
            assert_eq!(days.len(), 365 + 366, "{zone}");
            assert!(days.windows(2).all(|pair| pair[0].hours.end == pair[1].hours.start), "{zone}");
        }
        let first = &days_of(2016..=2016, &"Etc/GMT-1".parse::<Zone>().unwrap())[0];
        assert_eq!(first.hours.start, hour_of("2015-12-31T23:00Z".parse::<Timestamp>().unwrap()));
    }

    #[test]
    fn winter_begins_in_october_of_the_year_before() {
        let days = days_of(2015..=2016, &Zone::default());
        let winter: Vec<&Day> = days.iter().filter(|day| Season::Winter.has(day, 2016)).collect();
        assert_eq!(winter.len(), 31 + 30 + 31 + 31 + 29 + 31);
        assert_eq!((winter[0].year, winter[0].month, winter[182].year, winter[182].month), (2015, 10, 2016, 3));
        let summer = days.iter().filter(|day| Season::Months(5, 7).has(day, 2016)).count();
        assert_eq!(summer, 92);
    }
}
