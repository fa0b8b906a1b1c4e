//! A query for the compliance of a year.

use super::Standard;
use super::encoding::format_issue;
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::model::{Parameter, Zone};
use crate::query::Query;
use std::ops::RangeInclusive;

/// The years with known clocks.
const YEARS: RangeInclusive<i16> = 1901..=2099;
const YEAR_RULE: &str = "a year from 1901 to 2099";
/// The parameters that are not parameters of [`Query`].
const OWN: [&str; 3] = ["year", "standard", "tz"];

/// A query for the compliance of stations with a standard in a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplianceQuery {
    pub(super) standard: Standard,
    pub(super) year: i16,
    pub(super) zone: Zone,
    /// The means of hours, or of days if values are expected by the day, of the years that the standard needs.
    pub(super) hours: Query,
}

impl ComplianceQuery {
    /// The names of [`from_pairs`](ComplianceQuery::from_pairs).
    pub const PARAMETERS: &'static [&'static str] =
        &["city", "station", "bbox", "near", "radius", "parameter", "year", "standard", "tz", "interval", "format"];

    /// Parses the query, and the format if one is named, from name-value pairs. `year` is required.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] with an [`Issue`] for each invalid pair, as [`Query::from_pairs`].
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Result<(ComplianceQuery, Option<Format>)>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let (own, others): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _): &(N, V)| OWN.contains(&name.as_ref()));
        let mut settings = ReportSettings::default();
        for (name, value) in &own {
            settings.set(name.as_ref(), value.as_ref());
        }
        let others = others.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        // Daily samples have no hours.
        let every = if others.clone().any(|pair| pair == ("interval", "1d")) { "1d" } else { "1h" };
        // The whole list of names is for the message about an unknown name.
        if let Err(error) =
            Query::from_pairs(ComplianceQuery::PARAMETERS, others.clone().filter(|(name, _)| *name != "interval"))
        {
            settings.add_issues(error.issues());
        }
        let (Some(year), true) = (settings.year, settings.issues.is_empty()) else { return Err(settings.refused()) };
        let standard = settings.standard.unwrap_or_default();
        let zone = settings.zone.or_else(|| standard.zone().parse::<Zone>().ok()).unwrap_or_default();
        // Winter begins in October of the year before.
        let from = format!("{:04}-09-30", year - years_before(standard));
        let to = format!("{:04}-01-02", year + 1);
        let hours = [("every", every), ("tz", zone.name()), ("from", from.as_str()), ("to", to.as_str())];
        let (hours, format) = Query::from_pairs(Query::PARAMETERS, others.chain(hours))?;
        Ok((ComplianceQuery { standard, year, zone, hours }, format))
    }

    /// The standard.
    pub fn standard(&self) -> Standard {
        self.standard
    }

    /// The year.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// The time zone of days and years.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The query for the means of hours.
    pub(crate) fn hours(&self) -> &Query {
        &self.hours
    }

    /// Returns the parameters of the data set that the standard has objectives for and that the query selects.
    pub(crate) fn parameters(&self, known: &[Parameter]) -> Vec<Parameter> {
        let selected = self.hours.parameters();
        let mut parameters = Vec::new();
        for parameter in known {
            let is_selected = selected.is_empty() || selected.contains(parameter);
            let has_objective = self.standard.objectives().iter().any(|objective| objective.parameter == *parameter);
            if is_selected && has_objective {
                parameters.push(*parameter);
            }
        }
        parameters
    }
}

/// The number of years before the year that objectives need, and one more for the winter and the first 8-hour means.
pub(super) fn years_before(standard: Standard) -> i16 {
    let longest = standard.objectives().iter().map(|objective| objective.form.years.of).max().unwrap_or(1);
    i16::from(longest)
}

/// The settings that are parsed here.
#[derive(Default)]
struct ReportSettings {
    year: Option<i16>,
    standard: Option<Standard>,
    zone: Option<Zone>,
    seen: Vec<String>,
    issues: Vec<Issue>,
}

impl ReportSettings {
    fn set(&mut self, name: &str, value: &str) {
        if self.seen.iter().any(|earlier| earlier == name) {
            self.issues.push(Issue::new(name, value, "one value, but the parameter is repeated"));
            return;
        }
        self.seen.push(name.to_owned());
        if let Err(issue) = self.value(name, value) {
            self.issues.push(issue);
        }
    }

    fn value(&mut self, name: &str, value: &str) -> std::result::Result<(), Issue> {
        match name {
            "year" => self.year = Some(year(value).ok_or_else(|| Issue::new(name, value, YEAR_RULE))?),
            "standard" => self.standard = Some(Issue::parse(name, value)?),
            _ => self.zone = Some(Issue::parse(name, value)?),
        }
        Ok(())
    }

    /// Adds the issues of the parser of queries, which allows more formats than a report has.
    fn add_issues(&mut self, issues: &[Issue]) {
        for issue in issues {
            let is_of_format = issue.parameter == "format";
            self.issues.push(if is_of_format { format_issue(&issue.given) } else { issue.clone() });
        }
    }

    fn refused(mut self) -> Error {
        if !self.seen.iter().any(|name| name == "year") {
            self.issues.push(Issue::new("year", "", YEAR_RULE));
        }
        Error::parameters(ErrorKind::InvalidParameter, self.issues)
    }
}

fn year(text: &str) -> Option<i16> {
    let is_plain = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|year| is_plain && YEARS.contains(year))
}
