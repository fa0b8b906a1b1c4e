//! The fields of the form, as a query, as URLs and as command lines. URLs are relative, so that a proxy may serve the page below any
//! path.

use super::sort::Sort;
use crate::problem;
use crate::request::Request;
use airq_core::aqi::AirQualityIndex;
use airq_core::chart::ChartOptions;
use airq_core::compliance::ComplianceQuery;
use airq_core::{Error, ErrorKind, Format, Query, Result};
use form_urlencoded::Serializer;
use std::fmt::Write;

/// The names of the fields, in the order of the form.
pub(crate) const FIELDS: [&str; 13] = [
    "city",
    "station",
    "parameter",
    "pollutant",
    "from",
    "to",
    "every",
    "stat",
    "index",
    "tz",
    "year",
    "standard",
    "sort",
];
/// The fields that are not part of the query of measurements.
const OTHERS: [&str; 3] = ["year", "standard", "sort"];

/// The fields with a value. An empty field counts as absent.
#[derive(Clone, Debug, Default)]
pub(super) struct PageForm {
    pairs: Vec<(String, String)>,
    /// True if the form was submitted. Then an empty city means all cities.
    pub(super) is_submitted: bool,
    pub(super) sort: Sort,
}

impl PageForm {
    /// Parses the query of a request.
    ///
    /// # Errors
    /// If a parameter is unknown or invalid.
    pub(super) fn parse(request: &Request) -> Result<PageForm> {
        let Some(decoded) = request.pairs() else {
            return Err(Error::new(ErrorKind::InvalidParameter, problem::NOT_UTF8));
        };
        let mut pairs = Vec::new();
        for (name, value) in decoded {
            pairs.push((name.into_owned(), value.into_owned()));
        }
        let is_submitted = pairs.iter().any(|(name, _)| name == "city" || name == "station");
        pairs.retain(|(name, value)| !(value.trim().is_empty() && FIELDS.contains(&name.as_str())));
        if !pairs.iter().any(|(name, _)| name == "every") {
            // The form always has a statistic. Without averages it has no effect, but must be valid.
            for (_, stat) in pairs.iter().filter(|(name, _)| name == "stat") {
                Query::from_pairs(&["every", "stat"], [("every", "1d"), ("stat", stat)])?;
            }
            pairs.retain(|(name, _)| name != "stat");
        }
        if !pairs.iter().any(|(name, _)| name == "year") {
            // So does a standard without a year.
            for (_, standard) in pairs.iter().filter(|(name, _)| name == "standard") {
                ComplianceQuery::from_pairs([("year", "2000"), ("standard", standard)])?;
            }
            pairs.retain(|(name, _)| name != "standard");
        }
        if let Some((name, value)) = pairs.iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
            Query::from_pairs(&FIELDS, [(name, value)])?;
        }
        let sort = pairs.iter().find(|(name, _)| name == "sort").map(|(_, value)| Sort::parse(value)).transpose()?;
        let form = PageForm { pairs, is_submitted, sort: sort.unwrap_or_default() };
        form.chart().and(form.compliance())?;
        Ok(form)
    }

    /// The value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Adds a field with a value.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.pairs.push((name.to_owned(), value.into()));
        self
    }

    /// The query of the chart and the options of the chart.
    ///
    /// # Errors
    /// If a parameter is invalid.
    pub(super) fn chart(&self) -> Result<(Query, ChartOptions)> {
        ChartOptions::from_pairs(self.filters())
    }

    /// The query of the newest measurements of the same stations.
    ///
    /// # Errors
    /// If a parameter is invalid.
    pub(super) fn latest(&self) -> Result<Query> {
        let (query, _) = Query::from_pairs(&["city", "station", "tz"], self.places())?;
        Ok(query.latest())
    }

    /// The query of the newest hours of the same stations with an air quality index.
    ///
    /// # Errors
    /// If a parameter is invalid.
    pub(super) fn latest_rated(&self, index: AirQualityIndex) -> Result<Query> {
        let pairs = self.places().chain([("index", index.id())]);
        let (query, _) = Query::from_pairs(&["city", "station", "tz", "index"], pairs)?;
        Ok(query.latest())
    }

    /// The query for the compliance of the same cities and parameters; `None` without a year.
    ///
    /// # Errors
    /// If a parameter is invalid.
    pub(super) fn compliance(&self) -> Result<Option<ComplianceQuery>> {
        if self.field("year").is_none() {
            return Ok(None);
        }
        let (query, _) = ComplianceQuery::from_pairs(self.compliance_pairs())?;
        Ok(Some(query))
    }

    /// The URL of the compliance in a format.
    pub(super) fn compliance_url(&self, format: &str) -> String {
        format!("v1/compliance?{}", encoded(self.compliance_pairs(), &[("format", format)]))
    }

    /// The URL of the calendar of the daily means of a year; `None` unless one parameter is selected.
    pub(super) fn calendar_url(&self, year: &str) -> Option<String> {
        let parameter = self.field("parameter").or_else(|| self.field("pollutant"))?;
        let next = year.parse::<i16>().ok()? + 1;
        let own = [
            ("parameter", parameter),
            ("view", "calendar"),
            ("from", &format!("{year}-01-01")),
            ("to", &format!("{next}-01-01")),
        ];
        Some(format!("v1/chart.svg?{}", encoded(self.places(), &own)))
    }

    fn compliance_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(|(name, _)| ComplianceQuery::PARAMETERS.contains(name))
    }

    /// The URL of the chart, with additional parameters.
    pub(super) fn chart_url(&self, more: &[(&str, &str)]) -> String {
        format!("v1/chart.svg?{}", encoded(self.filters(), more))
    }

    /// The URL of the measurements in a format, without the index for formats that have no index.
    pub(super) fn data_url(&self, format: &str) -> String {
        let has_no_index = format == Format::NgsiLd.name();
        let filters = self.filters().filter(|(name, _)| !(has_no_index && *name == "index"));
        format!("v1/air_quality?{}", encoded(filters, &[("format", format)]))
    }

    /// The URL of the page with other values of some fields. A field with an empty value is left out.
    pub(super) fn page_url(&self, changes: &[(&str, &str)]) -> String {
        let mut url = Serializer::new(String::new());
        let pairs = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = pairs.filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        let all = kept.chain(changes.iter().copied().filter(|(_, value)| !value.is_empty()));
        let mut has_place = false;
        for (name, value) in all {
            has_place |= matches!(name, "city" | "station");
            url.append_pair(name, value);
        }
        // An empty city selects all cities.
        if !has_place {
            url.append_pair("city", "");
        }
        format!("./?{}", url.finish())
    }

    /// The command line of the same query to this server.
    pub(super) fn command(&self, command: &str, base: &str, more: &[(&str, &str)]) -> String {
        let mut line = format!("airq-cli {command} --source {}", quoted(base));
        for (name, value) in self.filters().chain(more.iter().copied()) {
            // Writing to a string cannot fail.
            let _ = write!(line, " --{name} {}", quoted(value));
        }
        line
    }

    /// The fields of the query of measurements.
    fn filters(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(|(name, _)| !OTHERS.contains(name))
    }

    /// The fields that select stations, and the time zone.
    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.filters().filter(|(name, _)| matches!(*name, "city" | "station" | "tz"))
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, more: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).extend_pairs(more).finish()
}

/// Quotes a text as one word of a shell command.
fn quoted(word: &str) -> String {
    let is_flag = word.starts_with('-');
    if !word.is_empty() && !is_flag && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Returns whether a shell has no special meaning for the character.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | ',' | '/' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(target: &str) -> Result<PageForm> {
        PageForm::parse(&Request { target: target.to_owned(), ..Request::default() })
    }

    #[test]
    fn empty_fields_are_absent_and_unknown_fields_are_refused() {
        let form = form("/?city=&parameter=no2&from=&to=&tz=").unwrap();
        assert!(form.is_submitted && form.field("from").is_none());
        assert_eq!(form.data_url("csv"), "v1/air_quality?parameter=no2&format=csv");
        for bad in [
            "/?stat=largest",
            "/?colour=red",
            "/?from=yesterday",
            "/?tz=Mars",
            "/?city=%FF",
            "/?from=2016-10-02&to=2016-10-01",
            "/?sort=colour",
        ] {
            assert!(PageForm::parse(&Request { target: bad.to_owned(), ..Request::default() }).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_link_changes_fields_and_keeps_the_others() {
        let form = form("/?city=Madrid&tz=UTC&sort=no2").unwrap();
        assert_eq!(form.page_url(&[("sort", "-no2")]), "./?city=Madrid&tz=UTC&sort=-no2");
        assert_eq!(form.page_url(&[("city", ""), ("sort", "")]), "./?tz=UTC&city=", "all cities, not the largest");
        assert_eq!(form.page_url(&[("city", ""), ("station", "a&b")]), "./?tz=UTC&sort=no2&station=a%26b");
    }

    #[test]
    fn a_hostile_city_is_one_word_of_the_command_line() {
        let form = form("/?city=a%27;rm%20-rf%20$(x)&tz=Europe/Madrid").unwrap();
        assert_eq!(
            form.command("query", "http://a", &[("format", "json")]),
            r"airq-cli query --source http://a --city 'a'\'';rm -rf $(x)' --tz Europe/Madrid --format json"
        );
        assert_eq!(quoted("Málaga"), "Málaga");
        assert_eq!(quoted("--output=x"), "'--output=x'");
        assert!(form.chart_url(&[("width", "400")]).ends_with("&tz=Europe%2FMadrid&width=400"));
    }
}
