//! A query before its checks: the parts that a builder or the parser has, in any order.

use super::span::Span;
use super::{Averages, Every, Interval, Profile, Query, Running, Statistic};
use crate::aqi::AirQualityIndex;
use crate::error::{Issue, ParseError};
use crate::model::{Parameter, Timestamp, Zone};
use std::str::FromStr;

/// A query, with the parts that depend on other parts. For example, dates depend on the zone.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) query: Query,
    pub(super) from: Option<Moment>,
    pub(super) to: Option<Moment>,
    pub(super) zone: Option<Zone>,
    pub(super) every: Option<PeriodChoice>,
    pub(super) index: Option<AirQualityIndex>,
    /// The given parameters of averages: names and values.
    details: Vec<(&'static str, String)>,
    statistic: Option<Statistic>,
    running: Option<Running>,
    interval: Option<Interval>,
    capture: Option<u8>,
}

/// The periods of averages, or of a profile.
#[derive(Clone, Copy, Debug)]
pub(super) enum PeriodChoice {
    Every(Every),
    Profile(Profile),
}

impl FromStr for PeriodChoice {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if let Ok(every) = name.parse() {
            return Ok(PeriodChoice::Every(every));
        }
        if let Ok(profile) = name.parse() {
            return Ok(PeriodChoice::Profile(profile));
        }
        let periods = Every::ALL.iter().map(|every| every.name());
        let profiles = Profile::ALL.iter().map(|profile| profile.name());
        Err(ParseError::not_one_of(name, periods.chain(profiles)))
    }
}

/// An instant, or a date or time without an offset. Its instant depends on the zone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    Instant(Timestamp),
    /// A local time, represented as if it were UTC.
    Clock(Timestamp),
    /// A time before now.
    Ago(Span),
}

impl Moment {
    pub(super) fn parse(text: &str) -> Option<Moment> {
        if let Some(span) = text.strip_prefix('-') {
            return Span::parse(span).map(Moment::Ago);
        }
        let time = text.parse::<Timestamp>().ok()?;
        Some(if Timestamp::has_offset(text.as_bytes()) { Moment::Instant(time) } else { Moment::Clock(time) })
    }

    /// Returns the instant. A date is the first instant of the day in the zone. A local time that occurs twice is the first of both
    /// instants; a local time that is skipped is moved forward by the gap.
    fn instant(self, zone: &Zone) -> Timestamp {
        match self {
            Moment::Instant(time) => time,
            Moment::Ago(span) => span.before_now(),
            Moment::Clock(read) => by_clocks(read, zone).unwrap_or(read),
        }
    }
}

/// Returns the date after the day that starts at this time, if a day of the zone starts then.
pub(super) fn day_after(time: Timestamp, zone: &Zone) -> Option<String> {
    let instant = jiff::Timestamp::from_microsecond(time.as_microseconds()).ok()?;
    let local = zone.rules().to_datetime(instant);
    if local.time() != jiff::civil::Time::midnight() {
        return None;
    }
    Some(local.date().tomorrow().ok()?.to_string())
}

fn by_clocks(read: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let instant = zone.rules().to_timestamp(read.civil()?).ok()?;
    Timestamp::from_microseconds(instant.as_microsecond())
}

impl Draft {
    /// Takes a parameter that says how to average.
    pub(super) fn average(&mut self, name: &str, value: &str) -> Result<(), Issue> {
        match name {
            "every" => self.every = Some(Issue::parse(name, value)?),
            "index" => self.index = Some(Issue::parse(name, value)?),
            "tz" => self.zone = Some(Issue::parse(name, value)?),
            "stat" => {
                self.details.push(("stat", value.to_owned()));
                self.statistic = Some(Issue::parse(name, value)?);
            }
            "running" => {
                self.details.push(("running", value.to_owned()));
                self.running = Some(Issue::parse(name, value)?);
            }
            "interval" => {
                self.details.push(("interval", value.to_owned()));
                self.interval = Some(Issue::parse(name, value)?);
            }
            _ => {
                self.details.push(("capture", value.to_owned()));
                self.capture = Some(percent(value).ok_or_else(|| bad_capture(value))?);
            }
        }
        Ok(())
    }

    /// Returns the query without its invalid parts, and the issues of its averaging.
    pub(super) fn finish(mut self) -> (Query, Vec<Issue>) {
        let mut issues = Vec::new();
        let zone = self.zone.take().unwrap_or_default();
        // An index is of hours, unless it is asked for of days.
        if self.index.is_some() && self.query.averaging.is_none() {
            self.every.get_or_insert(PeriodChoice::Every(Every::Hour));
        }
        self.query.index = self.index;
        if let Some(every) = self.every {
            self.query.averaging = Some(self.averages(every));
        } else if self.query.averaging.is_none() {
            for (name, value) in std::mem::take(&mut self.details) {
                issues.push(Issue::new(name, &value, "every as well"));
            }
        }
        if let Some(averaging) = &mut self.query.averaging {
            issues.extend(contradictions(averaging));
            issues.extend(not_of_ozone(averaging, &self.query.parameters));
            issues.extend(self.index.and_then(|index| not_rated(index, averaging)));
            averaging.zone = zone.clone();
        }
        self.query.zone = zone;
        self.query.from = self.from.map(|moment| moment.instant(&self.query.zone));
        self.query.to = self.to.map(|moment| moment.instant(&self.query.zone));
        (self.query, issues)
    }

    fn averages(&self, every: PeriodChoice) -> Averages {
        let averaging = match every {
            PeriodChoice::Every(every) => Averages::new(every),
            PeriodChoice::Profile(profile) => Averages::of_profile(profile),
        };
        let averaging = averaging
            .with_statistic(self.statistic.unwrap_or(Statistic::Mean))
            .with_interval(self.interval.unwrap_or(Interval::HOUR))
            .with_capture(self.capture.unwrap_or(Averages::CAPTURE));
        match self.running {
            Some(running) => averaging.with_running(running),
            None => averaging,
        }
    }
}

fn contradictions(averaging: &Averages) -> Vec<Issue> {
    let mut issues = Vec::new();
    if averaging.capture() > 100 {
        issues.push(bad_capture(&averaging.capture().to_string()));
    }
    if let Some(running) = averaging.running()
        && ((averaging.every(), averaging.statistic()) != (Every::Hour, Statistic::Mean)
            || averaging.profile().is_some())
    {
        issues.push(Issue::new(
            "running",
            running.name(),
            "every=1h and stat=mean, because it is the mean of hourly means",
        ));
    }
    let is_of_eight_hours = averaging.statistic().is_of_eight_hours();
    let (is_allowed, rule) = match averaging.statistic() {
        Statistic::Somo35 => (matches!(averaging.every(), Every::Month | Every::Year), "every=1mo or every=1y"),
        _ => (averaging.every() == Every::Day, "every=1d"),
    };
    let has_hours = averaging.interval() != Interval::DAY && averaging.profile().is_none();
    if is_of_eight_hours && !(is_allowed && has_hours) {
        let allowed = format!("{rule} with values by the hour or finer (interval)");
        issues.push(Issue::new("stat", &averaging.statistic().to_string(), allowed));
    }
    if averaging.interval() == Interval::DAY && matches!(averaging.every(), Every::Hour | Every::EightHours) {
        let allowed = format!("an interval that is not longer than the period (every={})", averaging.every());
        issues.push(Issue::new("interval", &averaging.interval().to_string(), allowed));
    }
    issues
}

/// Returns the issue of a statistic of ozone for other parameters.
fn not_of_ozone(averaging: &Averages, parameters: &[Parameter]) -> Option<Issue> {
    if averaging.statistic() != Statistic::Somo35 || parameters == [Parameter::O3] {
        return None;
    }
    Some(Issue::new("stat", "somo35", "parameter=o3"))
}

/// Why an index cannot be of these averages.
fn not_rated(index: AirQualityIndex, averaging: &Averages) -> Option<Issue> {
    if averaging.interval() == Interval::DAY {
        let allowed = "values by the hour or finer (interval), because an index is made of hours";
        return Some(Issue::new("index", index.id(), allowed));
    }
    if averaging.every() == Every::Day && !index.rates_days() {
        return Some(Issue::new("index", index.id(), "every=1h, because this index rates hours"));
    }
    let is_rated = matches!(averaging.every(), Every::Hour | Every::Day)
        && averaging.statistic() == Statistic::Mean
        && averaging.profile().is_none()
        && averaging.running().is_none();
    if is_rated {
        return None;
    }
    let allowed =
        "every=1h or every=1d with stat=mean and without running, because an index makes its own running means";
    Some(Issue::new("index", index.id(), allowed))
}

fn percent(text: &str) -> Option<u8> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|percent| plain && *percent <= 100)
}

fn bad_capture(given: &str) -> Issue {
    Issue::new("capture", given, "a whole number of percent from 0 to 100")
}
