//! What the page shows, gathered: cities, newest values, the chart's words.

use super::asked::Asked;
use super::quality::{Qualities, Quality};
use airq_core::{AirQualityIndex, Airq, City, Format, Pollutant, Result, Timestamp};
use serde_json::Value;
use std::cmp::Reverse;

/// More rows are for programs.
const MOST_ROWS: usize = 200;

/// What the page shows.
#[derive(Debug)]
pub(super) struct View {
    pub(super) asked: Asked,
    pub(super) cities: Vec<City>,
    /// The city of the choice as the data set writes it; `None` for all.
    pub(super) city: Option<String>,
    pub(super) content: Content,
}

/// What stands below the form.
#[derive(Debug)]
pub(super) enum Content {
    Found { latest: Latest, chart: Drawing, version: String },
    Problem(Problem),
}

/// Why there is nothing to show.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) title: &'static str,
    pub(super) detail: String,
    /// Names of cities that may have been meant.
    pub(super) nearest: Vec<String>,
}

/// The chart, or why there is none.
#[derive(Debug)]
pub(super) enum Drawing {
    /// What it is of.
    Of(String),
    Nothing,
    Refused(String),
}

/// The newest values, a row a station.
#[derive(Debug)]
pub(super) struct Latest {
    pub(super) pollutants: Vec<Pollutant>,
    pub(super) rows: Vec<LatestRow>,
    /// The index that rates them.
    pub(super) index: AirQualityIndex,
    /// How many stations are left out.
    pub(super) more: usize,
}

#[derive(Debug)]
pub(super) struct LatestRow {
    pub(super) station: String,
    pub(super) city: Option<String>,
    pub(super) time: Option<Timestamp>,
    pub(super) values: Vec<Option<String>>,
    pub(super) quality: Option<Quality>,
}

impl View {
    /// # Errors
    /// What the engine answers with.
    pub(super) fn gather(airq: &Airq, asked: &Asked) -> Result<View> {
        let cities = airq.stations()?.cities();
        let asked = with_a_city(asked.clone(), &cities);
        let answer = airq.answer(&asked.latest()?, Format::Json)?;
        let latest = Latest::read(answer.body(), &Qualities::gather(airq, &asked)?);
        let asked = with_a_day(asked, &latest)?;
        let chart = Drawing::of(airq, &asked)?;
        let stations = airq.stations()?;
        let city = asked.field("city").and_then(|city| stations.in_city(city).next()?.city.clone());
        let version = answer.version().to_owned();
        Ok(View { asked, cities, city, content: Content::Found { latest, chart, version } })
    }

    /// The page of a problem; with the form, if the cities are known.
    pub(super) fn of_problem(airq: &Airq, asked: Asked, problem: Problem) -> View {
        let cities = airq.stations().map(|stations| stations.cities()).unwrap_or_default();
        View { asked, cities, city: None, content: Content::Problem(problem) }
    }
}

/// Who comes without a question sees the city with the most stations.
fn with_a_city(asked: Asked, cities: &[City]) -> Asked {
    let largest = cities.iter().min_by_key(|city| Reverse(city.stations));
    match largest {
        Some(city) if !asked.sent => asked.with("city", &city.name),
        _ => asked,
    }
}

/// Without a time, the last day that has values.
///
/// # Errors
/// If a parameter cannot be used.
fn with_a_day(asked: Asked, latest: &Latest) -> Result<Asked> {
    let last = latest.rows.iter().filter_map(|row| row.time).max();
    let (None, None, Some(last)) = (asked.field("from"), asked.field("to"), last) else { return Ok(asked) };
    let (_, options) = asked.chart()?;
    let Some(from) = options.minute(last).get(..10).map(str::to_owned) else { return Ok(asked) };
    Ok(match day_after(&from) {
        Some(to) => asked.with("from", from).with("to", to),
        None => asked,
    })
}

/// The date behind a date.
fn day_after(date: &str) -> Option<String> {
    const DAY: i64 = 86_400_000_000;
    let next = Timestamp::from_microseconds(Timestamp::parse(date)?.as_microseconds() + DAY)?;
    next.to_string().get(..10).map(str::to_owned)
}

impl Drawing {
    fn of(airq: &Airq, asked: &Asked) -> Result<Drawing> {
        let drawn = airq.chart(&asked.chart()?.0).and_then(|chart| Ok((chart.panels()?.is_empty(), chart.title()?)));
        match drawn {
            Ok((true, _)) => Ok(Drawing::Nothing),
            Ok((false, title)) => Ok(Drawing::Of(title)),
            Err(error) if error.is_invalid_input() => Ok(Drawing::Refused(error.to_string())),
            Err(error) => Err(error),
        }
    }
}

impl Latest {
    /// Reads an answer as JSON, which this program has just made.
    fn read(json: &[u8], qualities: &Qualities) -> Latest {
        let document: Value = serde_json::from_slice(json).unwrap_or_default();
        let units = document["units"].as_object();
        let pollutants: Vec<Pollutant> =
            units.into_iter().flat_map(|units| units.keys()).filter_map(|name| Pollutant::parse(name)).collect();
        let stations = document["stations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let row = |station| LatestRow::read(station, &pollutants, qualities);
        let rows = stations.iter().take(MOST_ROWS).map(row).collect();
        Latest { pollutants, rows, index: qualities.index, more: stations.len().saturating_sub(MOST_ROWS) }
    }
}

impl LatestRow {
    fn read(station: &Value, pollutants: &[Pollutant], qualities: &Qualities) -> LatestRow {
        let newest = &station["measurements"][0];
        let text = |name: &str| station[name].as_str().map(str::to_owned);
        LatestRow {
            station: text("name").or_else(|| text("id")).unwrap_or_default(),
            city: text("city"),
            time: newest["time"].as_str().and_then(Timestamp::parse),
            values: pollutants.iter().map(|of| newest[of.name()].as_f64().map(|value| of.rounded(value))).collect(),
            quality: station["id"].as_str().and_then(|id| qualities.of(id)).cloned(),
        }
    }
}
