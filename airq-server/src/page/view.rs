//! The content of the page: cities, newest values, the chart.

use super::compliance::ComplianceView;
use super::form::PageForm;
use super::index::NewestIndices;
use airq_core::{
    AirQualityIndex, Airq, Answer, City, Every, Format, MeasurementRef, OverallIndex, Parameter, Query, Result,
    Stations, Timestamp,
};
use std::cmp::Reverse;
use std::ops::ControlFlow;

/// The greatest number of rows of the table.
const MOST_ROWS: usize = 200;

/// The content of the page.
#[derive(Debug)]
pub(super) struct View {
    pub(super) form: PageForm,
    pub(super) cities: Vec<City>,
    /// The parameters of the data set.
    pub(super) parameters: Vec<Parameter>,
    /// The selected city with the name that the data set has; `None` for all cities.
    pub(super) city: Option<String>,
    pub(super) content: Content,
}

/// The content below the form.
#[derive(Debug)]
pub(super) enum Content {
    Found { latest: Latest, chart: ChartContent, compliance: Option<ComplianceView>, version: String },
    Problem(PageProblem),
}

/// The problem of a page without content.
#[derive(Debug)]
pub(super) struct PageProblem {
    pub(super) title: &'static str,
    pub(super) detail: String,
    /// The nearest names of cities, best first.
    pub(super) nearest: Vec<String>,
}

/// The chart, or the reason for its absence.
#[derive(Debug)]
pub(super) enum ChartContent {
    /// A chart with this title.
    Titled(String),
    /// No measurement is in the time range.
    Empty,
    /// The query is invalid for a chart.
    Refused(String),
}

/// The newest values, a row for each station.
#[derive(Debug)]
pub(super) struct Latest {
    pub(super) parameters: Vec<Parameter>,
    pub(super) rows: Vec<LatestRow>,
    /// The index of the rows.
    pub(super) index: AirQualityIndex,
    /// The number of stations that are left out.
    pub(super) more: u64,
    /// The name of the time zone of the rows.
    pub(super) zone: String,
}

#[derive(Debug)]
pub(super) struct LatestRow {
    pub(super) station: String,
    pub(super) city: Option<String>,
    pub(super) time: Timestamp,
    /// The time by the clocks of the time zone, to the minute.
    pub(super) clock: String,
    pub(super) values: Vec<Option<String>>,
    pub(super) rated: Option<OverallIndex>,
}

impl View {
    /// Reads the content for a form.
    ///
    /// # Errors
    /// The error of the engine.
    pub(super) fn read(airq: &Airq, form: &PageForm) -> Result<View> {
        let stations = airq.stations()?;
        let cities = stations.cities();
        let form = with_default_city(form.clone(), &cities);
        let query = form.latest()?;
        let answer = airq.answer(&query, Format::Csv)?;
        let indices = NewestIndices::read(airq, &form)?;
        let latest = Latest::read(&answer, &query, &stations, &indices)?;
        let form = with_default_day(form, &latest)?;
        let chart = ChartContent::read(airq, &form)?;
        let compliance = ComplianceView::read(airq, &form)?;
        let city = form.field("city").and_then(|city| stations.in_city(city).next()?.city.clone());
        let version = answer.version().to_owned();
        let parameters = airq.parameters()?;
        Ok(View { form, cities, parameters, city, content: Content::Found { latest, chart, compliance, version } })
    }

    /// The content of a page with a problem. The form has the cities if they are known.
    pub(super) fn of_problem(airq: &Airq, form: PageForm, problem: PageProblem) -> View {
        let cities = airq.stations().map(|stations| stations.cities()).unwrap_or_default();
        let parameters = airq.parameters().unwrap_or_default();
        View { form, cities, parameters, city: None, content: Content::Problem(problem) }
    }
}

/// Selects the city with the most stations, unless the form was submitted.
fn with_default_city(form: PageForm, cities: &[City]) -> PageForm {
    let largest = cities.iter().min_by_key(|city| Reverse(city.stations));
    match largest {
        Some(city) if !form.is_submitted => form.with("city", &city.name),
        _ => form,
    }
}

/// Selects the last day that has values, unless the form has a time range or averages of whole days and longer.
///
/// # Errors
/// If a parameter is invalid.
fn with_default_day(form: PageForm, latest: &Latest) -> Result<PageForm> {
    if form.field("from").is_some() || form.field("to").is_some() {
        return Ok(form);
    }
    let (query, _) = form.chart()?;
    let is_long = query.averages().is_some_and(|averages| {
        averages.grouped_by().is_some() || !matches!(averages.periods(), Every::Hour | Every::EightHours)
    });
    let last = latest.rows.iter().map(|row| row.time).max();
    let Some(last) = last.filter(|_| !is_long) else { return Ok(form) };
    let from = query.zone().local_date(last);
    match day_after(&from) {
        Some(to) => Ok(form.with("from", from).with("to", to)),
        None => Ok(form),
    }
}

/// The date of the next day.
fn day_after(date: &str) -> Option<String> {
    const DAY: i64 = 86_400_000_000;
    let next = Timestamp::from_microseconds(Timestamp::parse(date)?.as_microseconds() + DAY)?;
    next.to_string().get(..10).map(str::to_owned)
}

impl ChartContent {
    fn read(airq: &Airq, form: &PageForm) -> Result<ChartContent> {
        match ChartContent::title(airq, form) {
            Ok(Some(title)) => Ok(ChartContent::Titled(title)),
            Ok(None) => Ok(ChartContent::Empty),
            Err(error) if error.is_invalid_input() => Ok(ChartContent::Refused(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// The title of the chart; `None` if the chart is empty.
    fn title(airq: &Airq, form: &PageForm) -> Result<Option<String>> {
        let (query, _) = form.chart()?;
        let chart = airq.chart(&query)?;
        if chart.panels()?.is_empty() {
            return Ok(None);
        }
        chart.title().map(Some)
    }
}

impl Latest {
    /// Reads an answer of the newest rows in CSV.
    fn read(answer: &Answer, query: &Query, stations: &Stations, indices: &NewestIndices) -> Result<Latest> {
        let mut rows = Vec::new();
        let summary = answer.for_each_row(|row| {
            if rows.len() == MOST_ROWS {
                return Ok(ControlFlow::Break(()));
            }
            rows.push(LatestRow::new(row, stations, indices));
            Ok(ControlFlow::Continue(()))
        })?;
        let parameters = summary.schema().parameters().collect();
        let more = answer.row_count().saturating_sub(rows.len() as u64);
        Ok(Latest { parameters, rows, index: indices.index, more, zone: query.zone().name().to_owned() })
    }
}

impl LatestRow {
    fn new(row: MeasurementRef<'_>, stations: &Stations, indices: &NewestIndices) -> LatestRow {
        let station = stations.find(row.station());
        let name = station.and_then(|station| station.name.as_deref()).unwrap_or(row.station());
        let mut values = Vec::new();
        for (parameter, value) in row.values() {
            values.push(value.map(|value| parameter.rounded(value.number)));
        }
        LatestRow {
            station: name.to_owned(),
            city: station.and_then(|station| station.city.clone()),
            time: row.time(),
            clock: clock(row),
            values,
            rated: indices.of(row.station()),
        }
    }
}

/// Returns the local time of a row, such as `2016-10-01 02:00`, or the time in UTC if the row has no local time.
fn clock(row: MeasurementRef<'_>) -> String {
    let time = row.text("local_time").map_or_else(|| row.time().to_string(), str::to_owned);
    time.get(..16).unwrap_or_default().replace('T', " ")
}
