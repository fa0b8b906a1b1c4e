//! The fields of the form, as a query, as URLs and as command lines.

use crate::request::Request;
use airq_core::{AirQualityIndex, ChartOptions, Error, ErrorKind, Format, Query, Result};
use form_urlencoded::Serializer;
use std::fmt::Write;

/// The names of the fields, in the order of the form.
const FIELDS: [&str; 8] = ["city", "pollutant", "from", "to", "every", "stat", "index", "tz"];

/// The fields with a value. An empty field counts as absent.
#[derive(Clone, Debug, Default)]
pub(super) struct PageForm {
    pairs: Vec<(String, String)>,
    /// Whether the form was submitted: then an empty city means all cities.
    pub(super) is_submitted: bool,
}

impl PageForm {
    /// Parses the query of a request.
    ///
    /// # Errors
    /// If a parameter is unknown or invalid.
    pub(super) fn parse(request: &Request) -> Result<PageForm> {
        let Some(decoded) = request.pairs() else {
            let detail = "the query is not UTF-8 once it is percent-decoded";
            return Err(Error::new(ErrorKind::InvalidParameter, detail));
        };
        let mut pairs = Vec::new();
        for (name, value) in decoded {
            pairs.push((name.into_owned(), value.into_owned()));
        }
        let is_submitted = pairs.iter().any(|(name, _)| name == "city");
        pairs.retain(|(name, value)| !(value.trim().is_empty() && FIELDS.contains(&name.as_str())));
        if !pairs.iter().any(|(name, _)| name == "every") {
            // The form always has a statistic. Without averages it has no effect, but must be valid.
            for (_, stat) in pairs.iter().filter(|(name, _)| name == "stat") {
                Query::from_pairs(&["every", "stat"], [("every", "1d"), ("stat", stat)])?;
            }
            pairs.retain(|(name, _)| name != "stat");
        }
        if let Some((name, value)) = pairs.iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
            Query::from_pairs(&FIELDS, [(name, value)])?;
        }
        let form = PageForm { pairs, is_submitted };
        match form.chart() {
            Ok(_) => Ok(form),
            Err(error) => Err(error),
        }
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
        ChartOptions::from_pairs(self.pairs.iter().map(|(name, value)| (name, value)))
    }

    /// The query of the newest measurements of the same cities.
    ///
    /// # Errors
    /// If a parameter is invalid.
    pub(super) fn latest(&self) -> Result<Query> {
        let cities = self.filters().filter(|(name, _)| *name == "city");
        let (query, _) = Query::from_pairs(&["city"], cities)?;
        Ok(query.latest())
    }

    /// The query of the newest hours of the same cities with an air quality index.
    ///
    /// # Errors
    /// If a parameter is invalid.
    pub(super) fn latest_rated(&self, index: AirQualityIndex) -> Result<Query> {
        let cities = self.filters().filter(|(name, _)| *name == "city");
        let (query, _) = Query::from_pairs(&["city", "index"], cities.chain([("index", index.id())]))?;
        Ok(query.latest())
    }

    /// The URL of the chart, with additional parameters.
    pub(super) fn chart_url(&self, more: &[(&str, &str)]) -> String {
        format!("/v1/chart.svg?{}", encoded(self.filters(), more))
    }

    /// The URL of the measurements in a format, without the index for formats that have no index.
    pub(super) fn data_url(&self, format: &str) -> String {
        let has_no_index = format == Format::NgsiLd.name();
        let filters = self.filters().filter(|(name, _)| !(has_no_index && *name == "index"));
        format!("/v1/air_quality?{}", encoded(filters, &[("format", format)]))
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

    fn filters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, more: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).extend_pairs(more).finish()
}

/// Quotes a text as one word of a shell command.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | ',' | '/' | '+');
    let is_flag = word.starts_with('-');
    if !word.is_empty() && !is_flag && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(target: &str) -> Result<PageForm> {
        PageForm::parse(&Request { target: target.to_owned(), ..Request::default() })
    }

    #[test]
    fn empty_fields_are_absent_and_unknown_fields_are_refused() {
        let form = form("/?city=&pollutant=no2&from=&to=&tz=").unwrap();
        assert!(form.is_submitted && form.field("from").is_none());
        assert_eq!(form.data_url("csv"), "/v1/air_quality?pollutant=no2&format=csv");
        for bad in [
            "/?stat=largest",
            "/?colour=red",
            "/?from=yesterday",
            "/?tz=Mars",
            "/?city=%FF",
            "/?from=2016-10-02&to=2016-10-01",
        ] {
            assert!(PageForm::parse(&Request { target: bad.to_owned(), ..Request::default() }).is_err(), "{bad}");
        }
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
