//! How measurements are averaged: the periods, the statistic, and how many values a period must have.

use crate::model::Zone;
use std::fmt;

/// How the measurements of periods become one row each.
///
/// A period begins at a full hour, at 0, 8 and 16 o'clock, at midnight, on the first of a month or of a year, by the
/// clocks of a [`Zone`]: in Madrid a day in March has 23 hours, and one in October 25. Its row's time is the instant it
/// begins, and there is one for every period in which the station has a row, whatever that row's values.
///
/// A period's **capture** of a pollutant is the share, 0 to 1, of the values that are expected that are there: of the
/// intervals the period has, those with a value. Below [`capture`](Averages::capture) (75 % unless set) there is no
/// value, but for [`Statistic::Count`].
///
/// Values count in whole millionths of their unit, sums are exact, and results are rounded to a millionth, halves away
/// from zero. A number beyond ±1,000,000,000 is no measurement and is left out.
///
/// ```
/// use airq_core::{Averages, Every, Query, Statistic, Zone};
/// let daily = Averages::every(Every::Day).statistic(Statistic::Max).zone(Zone::parse("Europe/Madrid").unwrap());
/// let query = Query::builder().averages(daily).from("2016-10-01")?.build()?;
/// // A date is one of the zone.
/// assert_eq!(query.range().0.unwrap().to_string(), "2016-09-30T22:00:00.000Z");
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Averages {
    every: Every,
    statistic: Statistic,
    pub(super) zone: Zone,
    interval: Interval,
    capture: u8,
    running: Option<Running>,
}

impl Averages {
    /// The share of expected values, in percent, below which there is no value unless something else is said: that of
    /// Directive 2008/50/EC, annexes VII and XI.
    pub const CAPTURE: u8 = 75;

    /// The mean of each such period, by UTC, of values that are expected every hour.
    pub fn every(every: Every) -> Self {
        Averages {
            every,
            statistic: Statistic::Mean,
            zone: Zone::default(),
            interval: Interval::HOUR,
            capture: Averages::CAPTURE,
            running: None,
        }
    }

    /// This instead of the mean.
    pub fn statistic(mut self, statistic: Statistic) -> Self {
        self.statistic = statistic;
        self
    }

    /// Periods by the clocks of this zone.
    pub fn zone(mut self, zone: Zone) -> Self {
        self.zone = zone;
        self
    }

    /// A value is expected each such interval of a period.
    pub fn interval(mut self, interval: Interval) -> Self {
        self.interval = interval;
        self
    }

    /// The share of the expected values, in percent, 0 to 100, that must be there for a value.
    pub fn capture(mut self, percent: u8) -> Self {
        self.capture = percent;
        self
    }

    /// Of the means of hours the mean over the hours up to each: only with [`Every::Hour`] and [`Statistic::Mean`]. The
    /// capture is the share of those hours that have a mean.
    pub fn running(mut self, running: Running) -> Self {
        self.running = Some(running);
        self
    }

    /// The periods.
    pub fn periods(&self) -> Every {
        self.every
    }

    /// What is made of a period's values.
    pub fn kind(&self) -> Statistic {
        self.statistic
    }

    /// Whose clocks the periods go by.
    pub fn clocks(&self) -> &Zone {
        &self.zone
    }

    /// How often a value is expected.
    pub fn expected(&self) -> Interval {
        self.interval
    }

    /// The share of the expected values, in percent, that must be there for a value.
    pub fn least_capture(&self) -> u8 {
        self.capture
    }

    /// Over which hours means run, if they do.
    pub fn window(&self) -> Option<Running> {
        self.running
    }

    /// What differs from the defaults, and the periods and the statistic, as parameters.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, Vec<String>)> {
        let given = |is_given: bool, value: &dyn fmt::Display| is_given.then(|| value.to_string());
        let all = [
            ("every", Some(self.every.to_string())),
            ("stat", Some(self.statistic.to_string())),
            ("running", self.running.map(|running| running.to_string())),
            ("tz", given(self.zone != Zone::default(), &self.zone)),
            ("interval", given(self.interval != Interval::HOUR, &self.interval)),
            ("capture", given(self.capture != Averages::CAPTURE, &self.capture)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, vec![value?]))).collect()
    }
}

/// A type of few values, each with its name.
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

            /// The name used in parameters and flags.
            pub const fn name(self) -> &'static str {
                match self {
                    $($type::$value => $name,)+
                }
            }

            /// The one of this name, exactly as written in [`name`](Self::name).
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
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
    /// How long periods are, by the clocks of a zone.
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
    /// What is made of a period's values.
    Statistic {
        /// Their arithmetic mean:
        Mean = "mean",
        /// The least of them:
        Min = "min",
        /// The greatest of them:
        Max = "max",
        /// The one in the middle, or the mean of the two:
        Median = "median",
        /// The 98th percentile, between the two values next to it in proportion (definition 7 of Hyndman and Fan, "Sample
        /// Quantiles in Statistical Packages", 1996; SQL's `percentile_cont`):
        P98 = "p98",
        /// How many there are; it has no unit, and is given whatever the capture:
        Count = "count",
    }
}

named! {
    /// The hours that a running mean is over, up to the hour it is given for.
    Running {
        /// Eight:
        EightHours = "8h",
        /// Twenty-four:
        Day = "24h",
    }
}

impl Running {
    /// How many hours.
    pub const fn hours(self) -> u32 {
        match self {
            Running::EightHours => 8,
            Running::Day => 24,
        }
    }
}

/// How often a value is expected: by the clocks, each full hour, each quarter past, each day of the zone's calendar.
///
/// ```
/// use airq_core::Interval;
/// assert_eq!(Interval::parse("15m").unwrap().to_string(), "15m");
/// assert!(Interval::parse("7m").is_none());
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
    /// All that there are, by their names.
    pub const ALL: [(&'static str, Interval); 7] = [
        ("1m", Interval { minutes: 1 }),
        ("5m", Interval { minutes: 5 }),
        ("10m", Interval { minutes: 10 }),
        ("15m", Interval { minutes: 15 }),
        ("30m", Interval { minutes: 30 }),
        ("1h", Interval::HOUR),
        ("1d", Interval::DAY),
    ];

    /// The interval of this name.
    pub fn parse(name: &str) -> Option<Interval> {
        Interval::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, interval)| interval)
    }

    /// How long it is, in minutes; a day is meant as one of the calendar.
    pub const fn minutes(self) -> u16 {
        self.minutes
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Interval::ALL.iter().find(|(_, known)| known == self).map_or("", |(name, _)| name);
        f.pad(name)
    }
}
