//! A query before it is checked: what a builder or a parser has gathered of it so far, in any order.

use super::span::Span;
use super::{Averages, Every, Interval, Profile, Query, Running, Statistic};
use crate::aqi::AirQualityIndex;
use crate::error::Issue;
use crate::model::{Parameter, Timestamp, ZONE_RULE, Zone};

/// A query to be, and what it is made of only once everything is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) query: Query,
    pub(super) from: Option<Moment>,
    pub(super) to: Option<Moment>,
    pub(super) zone: Option<Zone>,
    pub(super) every: Option<PeriodChoice>,
    pub(super) index: Option<AirQualityIndex>,
    /// The parameters that say how to average, as they were given.
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

impl PeriodChoice {
    fn parse(name: &str) -> Option<PeriodChoice> {
        let every = Every::parse(name).map(PeriodChoice::Every);
        every.or_else(|| Profile::parse(name).map(PeriodChoice::Profile))
    }
}

/// An instant, or a date or time without an offset, whose instant depends on the zone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    Instant(Timestamp),
    /// What clocks show, as it would be in UTC.
    Clock(Timestamp),
    /// A time before now.
    Ago(Span),
}

impl Moment {
    pub(super) fn parse(text: &str) -> Option<Moment> {
        if let Some(span) = text.strip_prefix('-') {
            return Span::parse(span).map(Moment::Ago);
        }
        let time = Timestamp::parse(text)?;
        Some(if Timestamp::has_offset(text.as_bytes()) { Moment::Instant(time) } else { Moment::Clock(time) })
    }

    /// The instant, for a date the first of that day in the zone. Of a time that clocks show twice it is the first, of one
    /// that they skip as much later.
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
    let is_midnight = local.time() == jiff::civil::Time::midnight();
    is_midnight.then(|| local.date().tomorrow().ok())?.map(|date| date.to_string())
}

fn by_clocks(read: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let instant = zone.rules().to_timestamp(read.civil()?).ok()?;
    Timestamp::from_microseconds(instant.as_microsecond())
}

impl Draft {
    /// Takes a parameter that says how to average.
    pub(super) fn average(&mut self, name: &str, value: &str) -> Result<(), Issue> {
        let known = |names: &[&str]| Issue::new(name, value, format!("one of {}", names.join(", ")));
        let given = |name: &'static str| (name, value.to_owned());
        match name {
            "every" => {
                let all = [names(Every::ALL, Every::name), names(Profile::ALL, Profile::name)].concat();
                self.every = Some(PeriodChoice::parse(value).ok_or_else(|| known(&all))?);
            }
            "index" => {
                let all: Vec<&str> = AirQualityIndex::all().map(AirQualityIndex::id).collect();
                self.index = Some(AirQualityIndex::parse(value).ok_or_else(|| known(&all))?);
            }
            "tz" => self.zone = Some(Zone::parse(value).ok_or_else(|| Issue::new(name, value, ZONE_RULE))?),
            "stat" => {
                self.details.push(given("stat"));
                self.statistic = Some(Statistic::parse(value).ok_or_else(|| Issue::new(name, value, STATISTIC_RULE))?);
            }
            "running" => {
                self.details.push(given("running"));
                self.running = Some(Running::parse(value).ok_or_else(|| known(&names(Running::ALL, Running::name)))?);
            }
            "interval" => {
                self.details.push(given("interval"));
                let interval = Interval::parse(value);
                self.interval = Some(interval.ok_or_else(|| known(&Interval::ALL.map(|(name, _)| name)))?);
            }
            _ => {
                self.details.push(given("capture"));
                self.capture = Some(percent(value).ok_or_else(|| bad_capture(value))?);
            }
        }
        Ok(())
    }

    /// The query as far as it goes, and what is wrong with its averaging.
    pub(super) fn finish(mut self) -> (Query, Vec<Issue>) {
        let mut issues = Vec::new();
        // An index is of hours, unless it is asked for of days.
        if self.index.is_some() && self.query.averaging.is_none() {
            self.every.get_or_insert(PeriodChoice::Every(Every::Hour));
        }
        self.query.index = self.index;
        if let Some(every) = self.every {
            self.query.averaging = Some(self.averages(every));
        } else if self.query.averaging.is_none() {
            let lonely = |(name, value): (&str, String)| Issue::new(name, &value, "every as well");
            issues.extend(std::mem::take(&mut self.details).into_iter().map(lonely));
        }
        if let Some(averaging) = &mut self.query.averaging {
            issues.extend(contradictions(averaging));
            issues.extend(not_of_ozone(averaging, &self.query.parameters));
            issues.extend(self.index.and_then(|index| not_rated(index, averaging)));
            averaging.zone = self.zone.take().unwrap_or_else(|| averaging.zone.clone());
            self.zone = Some(averaging.zone.clone());
        }
        self.query.zone = self.zone.unwrap_or_default();
        self.query.from = self.from.map(|moment| moment.instant(&self.query.zone));
        self.query.to = self.to.map(|moment| moment.instant(&self.query.zone));
        (self.query, issues)
    }

    fn averages(&self, every: PeriodChoice) -> Averages {
        let averaging = match every {
            PeriodChoice::Every(every) => Averages::every(every),
            PeriodChoice::Profile(profile) => Averages::profile(profile),
        };
        let averaging = averaging
            .statistic(self.statistic.unwrap_or(Statistic::Mean))
            .interval(self.interval.unwrap_or(Interval::HOUR))
            .capture(self.capture.unwrap_or(Averages::CAPTURE));
        match self.running {
            Some(running) => averaging.running(running),
            None => averaging,
        }
    }
}

const STATISTIC_RULE: &str = "one of mean, min, max, median, a percentile such as p98 or p99.8, max8h (with every=1d), somo35 \
     (ozone, with every=1mo or 1y) and count";

fn contradictions(averaging: &Averages) -> Vec<Issue> {
    let mut issues = Vec::new();
    if averaging.least_capture() > 100 {
        issues.push(bad_capture(&averaging.least_capture().to_string()));
    }
    if let Some(running) = averaging.window()
        && ((averaging.periods(), averaging.kind()) != (Every::Hour, Statistic::Mean)
            || averaging.grouped_by().is_some())
    {
        issues.push(Issue::new(
            "running",
            running.name(),
            "every=1h and stat=mean, because it is the mean of hourly means",
        ));
    }
    let is_of_eight_hours = averaging.kind().is_of_eight_hours();
    let (is_allowed, rule) = match averaging.kind() {
        Statistic::Somo35 => (matches!(averaging.periods(), Every::Month | Every::Year), "every=1mo or every=1y"),
        _ => (averaging.periods() == Every::Day, "every=1d"),
    };
    let has_hours = averaging.expected() != Interval::DAY && averaging.grouped_by().is_none();
    if is_of_eight_hours && !(is_allowed && has_hours) {
        let allowed = format!("{rule} with values by the hour or finer (interval)");
        issues.push(Issue::new("stat", &averaging.kind().to_string(), allowed));
    }
    if averaging.expected() == Interval::DAY && matches!(averaging.periods(), Every::Hour | Every::EightHours) {
        let allowed = format!("an interval that is not longer than the period (every={})", averaging.periods());
        issues.push(Issue::new("interval", &averaging.expected().to_string(), allowed));
    }
    issues
}

/// Returns the issue of a statistic of ozone for other parameters.
fn not_of_ozone(averaging: &Averages, parameters: &[Parameter]) -> Option<Issue> {
    let is_wrong = averaging.kind() == Statistic::Somo35 && parameters != [Parameter::O3];
    is_wrong.then(|| Issue::new("stat", "somo35", "parameter=o3"))
}

/// Why an index cannot be of these averages.
fn not_rated(index: AirQualityIndex, averaging: &Averages) -> Option<Issue> {
    if averaging.expected() == Interval::DAY {
        let allowed = "values by the hour or finer (interval), because an index is made of hours";
        return Some(Issue::new("index", index.id(), allowed));
    }
    if averaging.periods() == Every::Day && !index.rates_days() {
        return Some(Issue::new("index", index.id(), "every=1h, because this index rates hours"));
    }
    let is_rated = matches!(averaging.periods(), Every::Hour | Every::Day)
        && averaging.kind() == Statistic::Mean
        && averaging.grouped_by().is_none()
        && averaging.window().is_none();
    let allowed =
        "every=1h or every=1d with stat=mean and without running, because an index makes its own running means";
    (!is_rated).then(|| Issue::new("index", index.id(), allowed))
}

fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(name).collect()
}

fn percent(text: &str) -> Option<u8> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|percent| plain && *percent <= 100)
}

fn bad_capture(given: &str) -> Issue {
    Issue::new("capture", given, "a whole number of percent from 0 to 100")
}
