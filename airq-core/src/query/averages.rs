//! The rules of averages: the periods, and the share of values that a period must have.

use super::Statistic;
use crate::error::ParseError;
use crate::model::Zone;
use std::fmt;
use std::str::FromStr;

/// The rules by which the measurements of a period become one row.
///
/// A period starts at a full hour, at 0, 8 and 16 o'clock, at midnight, on the first of a month or of a year, by the
/// clocks of a [`Zone`]: in Madrid a day in March has 23 hours, and a day in October 25. Where clocks change by less than an hour, as on
/// Lord Howe Island, the hour of the change is two periods: one before the change, and one after. The time of a row is the start of the
/// period. There is a row for every period in which the station has a row, even if the row has no values.
///
/// The **capture** of a parameter is the share, 0 to 1, of the expected values of a period that are present: the intervals with a
/// value, divided by the intervals of the period. Below [`capture`](Averages::capture) (75 % by default) the value is missing, except
/// for [`Statistic::Count`].
///
/// A [`Profile`] groups the periods of the same hour of the day, weekday or month of the year: see [`Averages::of_profile`].
///
/// Values count in whole millionths of their unit, sums are exact, and results are rounded to a millionth, halves away
/// from zero. A number beyond ±1,000,000,000 is not a measurement and is left out.
///
/// ```
/// use airq_core::aggregate::{Averages, Every, Statistic};
/// use airq_core::{Query, Zone};
/// let daily = Averages::new(Every::Day).with_statistic(Statistic::Max);
/// let query = Query::builder().averages(daily).zone("Europe/Madrid".parse()?).from("2016-10-01").build()?;
/// // A date is one of the zone.
/// assert_eq!(query.range().0.unwrap().to_string(), "2016-09-30T22:00:00.000Z");
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Averages {
    every: Every,
    profile: Option<Profile>,
    statistic: Statistic,
    pub(super) zone: Zone,
    interval: Interval,
    capture: u8,
    running: Option<Running>,
}

impl Averages {
    /// The default of the least share of expected values, in percent: that of Directive 2008/50/EC, annexes VII and XI.
    pub const CAPTURE: u8 = 75;

    /// Returns rules for means of periods by UTC, of values that are expected every hour.
    pub fn new(every: Every) -> Self {
        Averages {
            every,
            profile: None,
            statistic: Statistic::Mean,
            zone: Zone::default(),
            interval: Interval::HOUR,
            capture: Averages::CAPTURE,
            running: None,
        }
    }

    /// Returns rules for means of all values of the same hour of the day, weekday or month of the year, by UTC.
    ///
    /// A row is an hour of the day, a weekday or a month, and has its name in a text column: `hour_of_day` (`00:00` to `23:00`),
    /// `weekday` (`Monday` to `Sunday`) or `month_of_year` (`January` to `December`). The time of the row only orders the rows: it
    /// lies in January 1970, or in 1970 for months. The periods start in the range of the query. Values are expected
    /// in each period from the station's first row to its last.
    ///
    /// ```
    /// use airq_core::aggregate::{Averages, Profile};
    /// use airq_core::repository::CsvRepository;
    /// use airq_core::{Airq, Format, Query};
    /// let csv = "time,station,no2\n2016-10-03 08:00,a,40\n2016-10-04 08:00,a,50\n2016-10-04 09:00,a,20\n";
    /// let airq = Airq::builder().repository(CsvRepository::from_bytes("a.csv", csv.as_bytes())?).build()?;
    /// let query = Query::builder().averages(Averages::of_profile(Profile::HourOfDay)).build()?;
    /// let answer = airq.answer(&query, Format::Csv)?;
    /// let lines: Vec<&str> = std::str::from_utf8(answer.body()).unwrap().lines().collect();
    /// assert_eq!(lines[0], "station,time,hour_of_day,no2,no2_capture");
    /// assert_eq!(lines[1], "a,1970-01-01T08:00:00.000Z,08:00,45,1");
    /// // One of two values, which is less than three quarters.
    /// assert_eq!(lines[2], "a,1970-01-01T09:00:00.000Z,09:00,,0.5");
    /// # Ok::<(), airq_core::Error>(())
    /// ```
    pub fn of_profile(profile: Profile) -> Self {
        Averages { profile: Some(profile), ..Averages::new(profile.periods()) }
    }

    /// Sets the statistic.
    pub fn with_statistic(mut self, statistic: Statistic) -> Self {
        self.statistic = statistic;
        self
    }

    /// Sets the time zone of the periods: [`QueryBuilder::zone`](super::QueryBuilder::zone) for a query.
    pub(crate) fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// Sets the interval of expected values.
    pub fn with_interval(mut self, interval: Interval) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the least share of expected values, in percent, 0 to 100. Below this share an average is missing.
    pub fn with_capture(mut self, percent: u8) -> Self {
        self.capture = percent;
        self
    }

    /// Sets a running mean over the hours up to each hour: only with [`Every::Hour`] and [`Statistic::Mean`]. The capture is the share
    /// of these hours that have a mean.
    pub fn with_running(mut self, running: Running) -> Self {
        self.running = Some(running);
        self
    }

    /// Returns the length of the periods.
    pub fn every(&self) -> Every {
        self.every
    }

    /// Returns the grouping of the periods, if the averages are a profile.
    pub fn profile(&self) -> Option<Profile> {
        self.profile
    }

    /// Returns the statistic.
    pub fn statistic(&self) -> Statistic {
        self.statistic
    }

    /// Returns the time zone of the periods.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Returns the interval of expected values.
    pub fn interval(&self) -> Interval {
        self.interval
    }

    /// Returns the least share of expected values, in percent.
    pub fn capture(&self) -> u8 {
        self.capture
    }

    /// Returns the hours of a running mean, if there is one.
    pub fn running(&self) -> Option<Running> {
        self.running
    }

    /// Returns rules for means of other periods, in the same zone and with the same expected values.
    pub(crate) fn clone_for(&self, every: Every) -> Averages {
        let Averages { zone, interval, capture, .. } = self.clone();
        Averages { zone, interval, capture, ..Averages::new(every) }
    }

    /// Returns the name-value pairs of the rules: periods, statistic, and settings that differ from the defaults.
    pub(crate) fn pairs(&self) -> Vec<(&'static str, Vec<String>)> {
        let every = match self.profile {
            Some(profile) => profile.name(),
            None => self.every.name(),
        };
        let mut pairs = vec![("every", vec![every.to_owned()]), ("stat", vec![self.statistic.to_string()])];
        if let Some(running) = self.running {
            pairs.push(("running", vec![running.to_string()]));
        }
        if self.zone != Zone::default() {
            pairs.push(("tz", vec![self.zone.to_string()]));
        }
        if self.interval != Interval::HOUR {
            pairs.push(("interval", vec![self.interval.to_string()]));
        }
        if self.capture != Averages::CAPTURE {
            pairs.push(("capture", vec![self.capture.to_string()]));
        }
        pairs
    }
}

/// Defines an enum with a name for each variant.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$value_doc:meta])* $value:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$value_doc])* #[doc = concat!(" `", $name, "`")] $value,)+
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [$type] = &[$($type::$value),+];

            /// Returns the name in queries and flags.
            pub const fn name(self) -> &'static str {
                match self {
                    $($type::$value => $name,)+
                }
            }
        }

        /// Parses a name, exactly as in `name`.
        impl FromStr for $type {
            type Err = ParseError;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.iter().copied().find(|known| known.name() == name);
                known.ok_or_else(|| ParseError::not_one_of(name, Self::ALL.iter().map(|known| known.name())))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named! {
    /// The length of periods, by the clocks of a time zone.
    Every {
        /// From full hour to full hour:
        Hour = "1h",
        /// From 0, 8 and 16 o'clock on:
        EightHours = "8h",
        /// From midnight to midnight:
        Day = "1d",
        /// From the first of a month on:
        Month = "1mo",
        /// From the first of January on:
        Year = "1y",
    }
}

named! {
    /// The grouping of periods, by the clocks of a time zone.
    Profile {
        /// The same hour of every day:
        HourOfDay = "hour-of-day",
        /// The same day of every week:
        Weekday = "weekday",
        /// The same month of every year:
        MonthOfYear = "month-of-year",
    }
}

impl Profile {
    /// Returns the periods that are grouped.
    pub const fn periods(self) -> Every {
        match self {
            Profile::HourOfDay => Every::Hour,
            Profile::Weekday => Every::Day,
            Profile::MonthOfYear => Every::Month,
        }
    }

    /// Returns the name of the text column that names the hour, the weekday or the month.
    pub const fn column_name(self) -> &'static str {
        match self {
            Profile::HourOfDay => "hour_of_day",
            Profile::Weekday => "weekday",
            Profile::MonthOfYear => "month_of_year",
        }
    }
}

named! {
    /// The number of hours of a running mean, which ends with the hour of the row.
    Running {
        /// Eight:
        EightHours = "8h",
        /// Twenty-four:
        Day = "24h",
    }
}

impl Running {
    /// Returns the number of hours.
    pub const fn hours(self) -> u32 {
        match self {
            Running::EightHours => 8,
            Running::Day => 24,
        }
    }
}

/// The interval of expected values, by the clocks of the zone: each full hour, each quarter, each day of the calendar.
///
/// ```
/// use airq_core::aggregate::Interval;
/// assert_eq!("15m".parse::<Interval>().unwrap().to_string(), "15m");
/// assert!("7m".parse::<Interval>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    minutes: u16,
}

impl Interval {
    /// Every hour, `1h`.
    pub const HOUR: Interval = Interval { minutes: 60 };
    /// Every day, `1d`.
    pub const DAY: Interval = Interval { minutes: 24 * 60 };
    /// All intervals.
    pub const ALL: &'static [Interval] = &[
        Interval { minutes: 1 },
        Interval { minutes: 5 },
        Interval { minutes: 10 },
        Interval { minutes: 15 },
        Interval { minutes: 30 },
        Interval::HOUR,
        Interval::DAY,
    ];

    /// Returns the name in queries and flags.
    pub const fn name(self) -> &'static str {
        match self.minutes {
            1 => "1m",
            5 => "5m",
            10 => "10m",
            15 => "15m",
            30 => "30m",
            60 => "1h",
            _ => "1d",
        }
    }

    /// Returns the length in minutes; a day is a calendar day.
    pub const fn minutes(self) -> u16 {
        self.minutes
    }
}

/// Parses a name, such as `15m`.
impl FromStr for Interval {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Interval::ALL.iter().copied().find(|interval| interval.name() == name);
        known.ok_or_else(|| ParseError::not_one_of(name, Interval::ALL.iter().map(|interval| interval.name())))
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
