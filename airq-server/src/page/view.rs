//! The content of the page: cities, newest values, the chart.

use super::compliance::ComplianceView;
use super::form::PageForm;
use super::index::NewestIndices;
use super::latest::Latest;
use airq_core::aggregate::Every;
use airq_core::{Airq, City, Format, Parameter, Result, Station, Timestamp, Zone};
use std::cmp::Reverse;

/// The content of the page.
#[derive(Debug)]
pub(super) struct View {
    pub(super) form: PageForm,
    pub(super) cities: Vec<City>,
    /// The parameters of the data set.
    pub(super) parameters: Vec<Parameter>,
    /// The selected city with the name that the data set has; `None` for all cities.
    pub(super) city: Option<String>,
    /// The selected station, if one station is selected.
    pub(super) station: Option<Station>,
    pub(super) is_simulated: bool,
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

impl View {
    /// Reads the content for a form.
    ///
    /// # Errors
    /// The error of the engine.
    pub(super) fn read(airq: &Airq, form: &PageForm) -> Result<View> {
        let stations = airq.stations()?;
        let cities = stations.cities();
        let form = with_default_city(form.clone(), &cities);
        let answer = airq.answer(&form.latest()?, Format::Csv)?;
        let indices = NewestIndices::read(airq, &form)?;
        let mut latest = Latest::read(airq, &answer, &stations, &indices)?;
        form.sort.order(&mut latest.rows, &latest.parameters);
        let form = with_default_day(form, &latest)?;
        let chart = ChartContent::read(airq, &form)?;
        let compliance = ComplianceView::read(airq, &form)?;
        let city = form.field("city").and_then(|city| stations.in_city(city).next()?.city.clone());
        let station = form.field("station").and_then(|id| stations.get(id).cloned());
        let version = answer.version().to_owned();
        let parameters = airq.parameters()?;
        let is_simulated = airq.is_simulated();
        let content = Content::Found { latest, chart, compliance, version };
        Ok(View { form, cities, parameters, city, station, is_simulated, content })
    }

    /// The content of a page with a problem. The form has the cities if they are known.
    pub(super) fn of_problem(airq: &Airq, form: PageForm, problem: PageProblem) -> View {
        let cities = airq.stations().map(|stations| stations.cities()).unwrap_or_default();
        let parameters = airq.parameters().unwrap_or_default();
        let is_simulated = airq.is_simulated();
        View { form, cities, parameters, city: None, station: None, is_simulated, content: Content::Problem(problem) }
    }

    /// The time zone of the page.
    pub(super) fn zone(&self) -> Zone {
        self.form.field("tz").and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// The name of the selected station or city.
    pub(super) fn place(&self) -> &str {
        let station = self.station.as_ref().map(|station| station.name.as_deref().unwrap_or(&station.id));
        station.or(self.city.as_deref()).unwrap_or("all cities")
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
    let is_long = match query.averages() {
        Some(averages) => averages.profile().is_some() || !matches!(averages.every(), Every::Hour | Every::EightHours),
        None => false,
    };
    let Some(last) = latest.newest().filter(|_| !is_long) else { return Ok(form) };
    let from = query.zone().local_date(last);
    match day_after(&from) {
        Some(to) => Ok(form.with("from", from).with("to", to)),
        None => Ok(form),
    }
}

/// The date of the next day.
fn day_after(date: &str) -> Option<String> {
    const DAY: i64 = 86_400_000_000;
    let next = Timestamp::from_microseconds(date.parse::<Timestamp>().ok()?.as_microseconds() + DAY)?;
    next.to_string().get(..10).map(str::to_owned)
}

impl ChartContent {
    fn read(airq: &Airq, form: &PageForm) -> Result<ChartContent> {
        match ChartContent::title(airq, form) {
            Ok(Some(title)) => Ok(ChartContent::Titled(title)),
            Ok(None) => Ok(ChartContent::Empty),
            Err(error) if error.is_invalid_input() => Ok(ChartContent::Refused(format!("{error:#}"))),
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
