//! The one parser of queries, for URLs and command lines alike. It collects every fault before it refuses.

use super::draft::{Draft, Moment, day_after};
use super::span::{SPAN_RULE, Span};
use super::{Averages, Bbox, Metres, Point, Query, QueryBuilder, TimeBound, place, units};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::model::Parameter;

const TIME_RULE: &str = "an RFC 3339 instant (2016-10-01T00:00:00Z), a date (2016-10-01) or time (2016-10-01T06:00) by the clocks \
     of tz, or a time before now (-24h, -7d)";
const LONGEST_NAME: usize = 200;

impl Query {
    /// The query, and the format if one is named, that these name-value pairs spell.
    ///
    /// `known` is the set of allowed names: [`Query::PARAMETERS`], [`Query::LATEST_PARAMETERS`] or a part of
    /// them. `city`, `station` and `parameter` may repeat; `parameter`, for which `pollutant` is another name, also takes
    /// a comma-separated list.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] with one [`Issue`] for each unknown or repeated name and each bad value.
    pub fn from_pairs<N, V>(known: &[&str], pairs: impl IntoIterator<Item = (N, V)>) -> Result<(Query, Option<Format>)>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut parser = Parser::default();
        for (name, value) in pairs {
            parser.pair(known, name.as_ref(), value.as_ref());
        }
        parser.finish()
    }
}

#[derive(Default)]
struct Parser {
    draft: Draft,
    format: Option<Format>,
    /// The names up to now that may occur only once.
    seen: Vec<String>,
    issues: Vec<Issue>,
}

impl Parser {
    fn pair(&mut self, known: &[&str], name: &str, value: &str) {
        if !known.contains(&name) {
            let known = if known.is_empty() {
                "no parameters".to_owned()
            } else {
                format!("one of the parameters {}", known.join(", "))
            };
            return self.refuse(Issue::new(name, value, known));
        }
        let repeats = matches!(name, "city" | "station" | "parameter" | "pollutant");
        if !repeats {
            if self.seen.iter().any(|earlier| earlier == name) {
                return self.refuse(Issue::new(name, value, "one value, but the parameter is repeated"));
            }
            self.seen.push(name.to_owned());
        }
        self.set(name, value);
    }

    fn bound(&mut self, name: &str, bound: Option<TimeBound>) -> Option<Moment> {
        match bound? {
            TimeBound::Instant(time) => Some(Moment::Instant(time)),
            TimeBound::Text(text) => match moment(name, &text) {
                Ok(moment) => Some(moment),
                Err(issue) => {
                    self.refuse(issue);
                    None
                }
            },
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        if let Err(issue) = self.value(name, value) {
            self.refuse(issue);
        }
    }

    fn value(&mut self, name: &str, value: &str) -> std::result::Result<(), Issue> {
        let Draft { query, from, to, .. } = &mut self.draft;
        match name {
            "city" => query.cities.push(value.to_owned()),
            "station" => query.stations.push(value.trim().to_owned()),
            "bbox" => query.bbox = Some(Bbox::parse(value)?),
            "near" => query.near = Some(Point::parse(value)?),
            "radius" => query.radius = Some(Metres::parse(value)?),
            "parameter" | "pollutant" => {
                query.parameters.extend(parameters(name, value)?);
                query.by_pollutant = name == "pollutant";
            }
            "from" => *from = Some(moment(name, value)?),
            "to" => *to = Some(moment(name, value)?),
            "last" => query.last = Some(span(name, value)?),
            "max_age" => *from = Some(Moment::Ago(span(name, value)?)),
            "units" => query.units = Some(units::parse(value)?),
            "order" => query.is_descending = is_descending(value)?,
            "limit" => query.limit = Some(limit(value)?),
            "cursor" => query.cursor = Some(Issue::parse(name, value)?),
            "format" => self.format = Some(Issue::parse(name, value)?),
            _ => self.draft.average(name, value)?,
        }
        Ok(())
    }

    /// A flood of faults is no reason to answer with a flood.
    fn refuse(&mut self, issue: Issue) {
        const ENOUGH: usize = 20;
        if self.issues.len() < ENOUGH {
            self.issues.push(issue);
        }
    }

    fn finish(mut self) -> Result<(Query, Option<Format>)> {
        let (query, issues) = self.draft.finish();
        self.issues.extend(issues);
        self.issues.extend(faults(&query));
        if self.issues.is_empty() {
            return Ok((deduplicated(query), self.format));
        }
        Err(Error::parameters(ErrorKind::InvalidParameter, self.issues))
    }
}

/// Returns the query of a builder, by the same rules.
pub(super) fn check(builder: QueryBuilder) -> Result<Query> {
    let QueryBuilder { draft, from, to, last } = builder;
    let mut parser = Parser { draft, ..Parser::default() };
    parser.draft.from = parser.bound("from", from);
    parser.draft.to = parser.bound("to", to);
    if let Some(span) = last {
        parser.set("last", &span);
    }
    parser.finish().map(|(query, _)| query)
}

fn faults(query: &Query) -> Vec<Issue> {
    let mut issues = Vec::new();
    list_faults("city", &query.cities, &mut issues);
    list_faults("station", &query.stations, &mut issues);
    issues.extend(place::faults(query.bbox, query.near, query.radius));
    if query.parameters.len() > Query::MAX_LIST {
        issues.push(too_many("parameter", query.parameters.len()));
    }
    if let Some(rows) = query.limit.filter(|rows| !(1..=Query::MAX_LIMIT).contains(rows)) {
        issues.push(bad_limit(&rows.to_string()));
    }
    if let Some(unit) = query.units {
        issues.extend(units::faults(unit, &query.parameters));
        if let Some(statistic) = query.averaging.as_ref().map(Averages::statistic)
            && statistic.own_unit().is_some()
        {
            let allowed = format!("no units with stat={statistic}, which has a unit of its own");
            issues.push(Issue::new("units", units::name(unit), allowed));
        }
    }
    if let Some(last) = query.last.filter(|_| query.from.is_some() || query.to.is_some()) {
        issues.push(Issue::new(
            "last",
            &last.to_string(),
            "neither from nor to, because the range ends with the newest row",
        ));
    }
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from >= to
    {
        let next_day = Some(from).filter(|from| *from == to).and_then(|from| day_after(from, &query.zone));
        let allowed = match next_day {
            Some(next) => format!("a time later than from; to is excluded, and that day ends at {next}"),
            None => format!("a time later than from ({from})"),
        };
        issues.push(Issue::new("to", &to.to_string(), allowed));
    }
    issues
}

fn list_faults(parameter: &str, names: &[String], issues: &mut Vec<Issue>) {
    if names.len() > Query::MAX_LIST {
        issues.push(too_many(parameter, names.len()));
    }
    if let Some(name) = names.iter().find(|name| !is_name(name)) {
        let allowed = format!("a name of 1 to {LONGEST_NAME} characters without control characters");
        issues.push(Issue::new(parameter, name, allowed));
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_NAME && !text.contains(char::is_control)
}

fn too_many(parameter: &str, given: usize) -> Issue {
    Issue::new(parameter, &format!("{given} entries"), format!("at most {} entries", Query::MAX_LIST))
}

fn span(parameter: &str, text: &str) -> std::result::Result<Span, Issue> {
    Span::parse(text).ok_or_else(|| Issue::new(parameter, text, SPAN_RULE))
}

fn moment(parameter: &str, text: &str) -> std::result::Result<Moment, Issue> {
    Moment::parse(text).ok_or_else(|| Issue::new(parameter, text, TIME_RULE))
}

fn parameters(name: &str, list: &str) -> std::result::Result<Vec<Parameter>, Issue> {
    let mut parameters = Vec::new();
    for one in list.split(',') {
        let parameter = Parameter::in_query(one);
        parameters.push(parameter.ok_or_else(|| Issue::new(name, one, "a code such as no2 or temperature"))?);
    }
    Ok(parameters)
}

fn is_descending(text: &str) -> std::result::Result<bool, Issue> {
    match text {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => Err(Issue::new("order", text, "asc or desc")),
    }
}

fn limit(text: &str) -> std::result::Result<u64, Issue> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain).ok_or_else(|| bad_limit(text))
}

fn bad_limit(given: &str) -> Issue {
    Issue::new("limit", given, format!("a whole number from 1 to {}", Query::MAX_LIMIT))
}

fn deduplicated(mut query: Query) -> Query {
    query.stations.sort_unstable();
    query.stations.dedup();
    query.parameters.sort_unstable();
    query.parameters.dedup();
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pairs: &[(&str, &str)]) -> Vec<Issue> {
        let error = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).expect_err("refused");
        assert!(error.is_invalid_input());
        error.issues().to_vec()
    }

    #[test]
    fn every_fault_is_named_with_what_was_given_and_what_is_allowed() {
        let issues = refused(&[("limit", "0"), ("from", "yesterday"), ("colour", "red"), ("pollutant", "no2,x y")]);
        let given: Vec<_> = issues.iter().map(|issue| (issue.parameter.as_str(), issue.given.as_str())).collect();
        assert_eq!(given, [("from", "yesterday"), ("colour", "red"), ("pollutant", "x y"), ("limit", "0")]);
        assert!(issues.iter().all(|issue| !issue.allowed.is_empty()));
    }

    #[test]
    fn a_single_parameter_may_not_repeat() {
        assert_eq!(refused(&[("limit", "1"), ("limit", "2")])[0].allowed, "one value, but the parameter is repeated");
    }

    #[test]
    fn numbers_are_plain_digits_in_range() {
        for bad in ["", "-1", "+5", "1e3", "100001", "99999999999999999999", " 1"] {
            assert_eq!(refused(&[("limit", bad)])[0].parameter, "limit", "{bad:?}");
        }
    }

    #[test]
    fn a_reversed_or_empty_range_is_refused() {
        assert_eq!(refused(&[("from", "2016-10-02"), ("to", "2016-10-01")])[0].parameter, "to");
        assert_eq!(refused(&[("from", "2016-10-02"), ("to", "2016-10-02")])[0].parameter, "to");
    }

    #[test]
    fn a_range_may_be_relative_to_now_or_to_the_newest_row() {
        let of = |pairs: &[(&str, &str)]| Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap().0;
        let (from, to) = of(&[("from", "-2d"), ("to", "-24h")]).range();
        let length = to.unwrap().as_microseconds() - from.unwrap().as_microseconds();
        assert_eq!(length, 24 * 3_600_000_000);
        let newest = "2016-10-02T23:00Z".parse().ok();
        let last = of(&[("last", "24h")]);
        assert!(last.needs_newest_time() && last.range() == (None, None));
        assert_eq!(last.clone().ending_with(newest).range().0.unwrap().to_string(), "2016-10-01T23:00:00.001Z");
        assert_eq!(last.ending_with(None), Query::all());
        for (name, value) in [("last", "24"), ("last", "-24h"), ("from", "-24"), ("from", "-0h"), ("to", "--1h")] {
            assert_eq!(refused(&[(name, value)])[0].parameter, name, "{value}");
        }
        assert_eq!(refused(&[("last", "7d"), ("from", "2016-10-01")])[0].parameter, "last");
    }

    #[test]
    fn a_range_from_a_day_to_the_same_day_is_refused_with_the_day_to_write() {
        let day = [("from", "2016-10-30"), ("to", "2016-10-30")];
        assert!(refused(&day)[0].allowed.ends_with("that day ends at 2016-10-31"));
        let local = [("from", "2016-10-30"), ("to", "2016-10-30"), ("tz", "Europe/Madrid"), ("every", "1d")];
        assert!(refused(&local)[0].allowed.ends_with("that day ends at 2016-10-31"));
        let noon = [("from", "2016-10-30T12:00"), ("to", "2016-10-30T12:00")];
        assert!(refused(&noon)[0].allowed.ends_with("later than from (2016-10-30T12:00:00.000Z)"));
    }

    #[test]
    fn a_list_is_capped_and_a_hostile_value_cut() {
        let many: Vec<_> = (0..101).map(|_| ("city", "Madrid")).collect();
        assert_eq!(refused(&many)[0].given, "101 entries");
        let long = "x".repeat(10_000);
        assert!(refused(&[("city", &long)])[0].given.chars().count() <= 101);
        assert_eq!(refused(&[("station", "a\0b")])[0].parameter, "station");
        let unknown: Vec<_> = (0..1000).map(|_| ("x", "y")).collect();
        assert_eq!(refused(&unknown).len(), 20);
    }
}
