//! What the form asks for, and the same as a URL's query and as a command line.

use crate::request::Request;
use airq_core::{AirQualityIndex, ChartOptions, Error, ErrorKind, Format, Query, Result};
use form_urlencoded::Serializer;

/// The names of the form's fields, in its order.
const FIELDS: [&str; 8] = ["city", "pollutant", "from", "to", "every", "stat", "index", "tz"];

/// The fields that are filled in. A field that is left empty is as if it were not there.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pairs: Vec<(String, String)>,
    /// Whether the form was sent at all: then an empty city means all of them.
    pub(super) sent: bool,
}

impl Asked {
    /// # Errors
    /// If a parameter is unknown or cannot be used.
    pub(super) fn parse(request: &Request) -> Result<Asked> {
        let not_text = || Error::new(ErrorKind::InvalidParameter, "the query is not UTF-8 once it is percent-decoded");
        let sent = request.pairs().ok_or_else(not_text)?;
        let mut pairs: Vec<_> = sent.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let sent = pairs.iter().any(|(name, _)| name == "city");
        pairs.retain(|(name, value)| !(value.trim().is_empty() && FIELDS.contains(&name.as_str())));
        if !pairs.iter().any(|(name, _)| name == "every") {
            // The form always sends it: without periods it says nothing, but has to be right.
            for (_, stat) in pairs.iter().filter(|(name, _)| name == "stat") {
                Query::from_pairs(&["every", "stat"], [("every", "1d"), ("stat", stat)])?;
            }
            pairs.retain(|(name, _)| name != "stat");
        }
        if let Some((name, value)) = pairs.iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
            Query::from_pairs(&FIELDS, [(name, value)])?;
        }
        let asked = Asked { pairs, sent };
        asked.chart().map(|_| asked)
    }

    /// What stands in a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same with a field filled in.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.pairs.push((name.to_owned(), value.into()));
        self
    }

    /// The query of the measurements and how to draw it.
    ///
    /// # Errors
    /// If a parameter cannot be used.
    pub(super) fn chart(&self) -> Result<(Query, ChartOptions)> {
        ChartOptions::from_pairs(self.pairs.iter().map(|(name, value)| (name, value)))
    }

    /// The newest measurements of the same places.
    ///
    /// # Errors
    /// If a parameter cannot be used.
    pub(super) fn latest(&self) -> Result<Query> {
        let places = self.pairs.iter().filter(|(name, _)| name == "city").map(|(name, value)| (name, value));
        Ok(Query::from_pairs(&["city"], places)?.0.latest())
    }

    /// The same with an index of the newest hours.
    ///
    /// # Errors
    /// If a parameter cannot be used.
    pub(super) fn latest_rated(&self, index: AirQualityIndex) -> Result<Query> {
        let places = self.pairs.iter().filter(|(name, _)| name == "city");
        let places = places.map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(Query::from_pairs(&["city", "index"], places.chain([("index", index.id())]))?.0.latest())
    }

    /// The URL's query of the chart, and more pairs.
    pub(super) fn chart_url(&self, more: &[(&str, &str)]) -> String {
        format!("/v1/chart.svg?{}", encoded(self.filters(), more))
    }

    /// The URL of the measurements in a format; without the index where the format's model has no room for it.
    pub(super) fn data_url(&self, format: &str) -> String {
        let fits = |(name, _): &(&str, &str)| !(*name == "index" && format == Format::NgsiLd.name());
        format!("/v1/air_quality?{}", encoded(self.filters().filter(fits), &[("format", format)]))
    }

    /// The command line that gives the same from this server.
    pub(super) fn command(&self, command: &str, base: &str, more: &[(&str, &str)]) -> String {
        let flag = |(name, value): (&str, &str)| format!(" --{name} {}", quoted(value));
        let flags: String = self.filters().chain(more.iter().copied()).map(flag).collect();
        format!("airq-cli {command} --source {}{flags}", quoted(base))
    }

    fn filters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, more: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).extend_pairs(more).finish()
}

/// A word as a shell takes it for one.
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

    fn asked(target: &str) -> Result<Asked> {
        Asked::parse(&Request { target: target.to_owned(), ..Request::default() })
    }

    #[test]
    fn empty_fields_are_none_and_unknown_ones_are_refused() {
        let asked = asked("/?city=&pollutant=no2&from=&to=&tz=").unwrap();
        assert!(asked.sent && asked.field("from").is_none());
        assert_eq!(asked.data_url("csv"), "/v1/air_quality?pollutant=no2&format=csv");
        for bad in [
            "/?stat=largest",
            "/?colour=red",
            "/?from=yesterday",
            "/?tz=Mars",
            "/?city=%FF",
            "/?from=2016-10-02&to=2016-10-01",
        ] {
            assert!(super::Asked::parse(&Request { target: bad.to_owned(), ..Request::default() }).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_hostile_city_is_one_word_of_the_command_line() {
        let asked = asked("/?city=a%27;rm%20-rf%20$(x)&tz=Europe/Madrid").unwrap();
        assert_eq!(
            asked.command("query", "http://a", &[("format", "json")]),
            r"airq-cli query --source http://a --city 'a'\'';rm -rf $(x)' --tz Europe/Madrid --format json"
        );
        assert_eq!(quoted("Málaga"), "Málaga");
        assert_eq!(quoted("--output=x"), "'--output=x'");
        assert!(asked.chart_url(&[("width", "400")]).ends_with("&tz=Europe%2FMadrid&width=400"));
    }
}
