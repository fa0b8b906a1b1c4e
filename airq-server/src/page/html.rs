//! The HTML of the page. `maud` escapes every text, except for the style sheet, which is `PreEscaped`.

use super::view::{ChartContent, Content, PageProblem, View};
use super::{SCRIPT, STYLE, compliance, fields, headline, map, presets, table};
use airq_core::{Station, Timestamp};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// An inline icon, which needs no request.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath \
                    fill='%230067a5' d='M2 11h9a3 3 0 1 0-3-4M2 14h6M2 8h3'/%3E%3C/svg%3E";
const FORMATS: [(&str, &str); 7] = [
    ("json", "stations, each with its measurements"),
    ("records", "one flat array"),
    ("columns", "an array for each parameter"),
    ("ndjson", "one measurement a line"),
    ("csv-safe", "rows with a header, for spreadsheets"),
    ("geojson", "the stations on a map"),
    ("ngsi-ld", "entities for FIWARE"),
];

/// The whole document.
pub(super) fn page(view: &View, base: &str) -> String {
    let place = view.place();
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="description" content={ "Air quality in " (place) ": newest values, index and charts." };
                meta name="color-scheme" content="light dark";
                title { "Air quality: " (place) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#content" { "Skip to the values" }
                header { h1 { a href="./" { "Air quality" } } }
                main id="content" tabindex="-1" {
                    @match &view.content {
                        Content::Found { latest, chart, compliance, .. } => {
                            (headline::section(view, latest, place))
                            (fields::section(view, false))
                            @if let Some(station) = &view.station { (station_section(view, station)) }
                            (map::section(view, latest))
                            (table::section(view, latest))
                            (chart_section(view, chart, latest.newest()))
                            @if let Some(compliance) = compliance { (compliance::section(&view.form, compliance)) }
                            (programs(view, base))
                        }
                        Content::Problem(problem) => {
                            (problem_section(problem))
                            (fields::section(view, true))
                        }
                    }
                }
                (footer(view))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    markup.into_string()
}

/// The description of a station, with a link to the stations of its city.
fn station_section(view: &View, station: &Station) -> Markup {
    let position = station.latitude.zip(station.longitude);
    html! {
        section aria-labelledby="station" {
            h2 id="station" { "Station" }
            dl {
                dt { "Id" } dd { code { (station.id) } }
                @if let Some(city) = &station.city {
                    dt { "City" } dd { a href=(view.form.page_url(&[("station", ""), ("city", city)])) { "All stations of " (city) } }
                }
                @if let Some(country) = &station.country { dt { "Country" } dd { (country) } }
                @if let Some((latitude, longitude)) = position {
                    dt { "Position" } dd { (latitude) "° N, " (longitude) "° E (WGS 84)" }
                }
            }
        }
    }
}

fn chart_section(view: &View, chart: &ChartContent, newest: Option<Timestamp>) -> Markup {
    html! {
        section aria-labelledby="chart" {
            h2 id="chart" { "Over time" }
            @if let Some(newest) = newest { (presets::links(&view.form, newest)) }
            @match chart {
                ChartContent::Titled(title) => {
                    a class="chart" href=(view.form.chart_url(&[])) data-values={ (view.form.data_url("columns")) "&limit=20000" } data-city=[view.form.field("city")] {
                        picture {
                            source media="(max-width: 40rem)" srcset=(view.form.chart_url(&[("width", "400")]));
                            img src=(view.form.chart_url(&[])) alt={ "Chart: " (title) ". It opens as a picture with its numbers in words." };
                        }
                    }
                }
                ChartContent::Empty => p { "There is no measurement in this time range." },
                ChartContent::Refused(why) => p { "This cannot be drawn. " (sentence(why)) "." },
            }
        }
    }
}

fn programs(view: &View, base: &str) -> Markup {
    html! {
        section aria-labelledby="programs" {
            h2 id="programs" { "The same for programs" }
            ul class="formats" {
                @for (format, what) in FORMATS {
                    li { a href=(view.form.data_url(format)) { (format) } ", " (what) }
                }
                li { a href=(view.form.chart_url(&[])) { "svg" } ", the chart" }
            }
            p { "Over HTTP, 1,000 rows a page:" }
            pre { code { "curl '" (base) "/" (view.form.data_url("json")) "'" } }
            p { "On the command line, from this server:" }
            pre { code {
                (view.form.command("query", base, &[("format", "json")])) "\n" (view.form.command("plot", base, &[]))
            } }
        }
    }
}

fn problem_section(problem: &PageProblem) -> Markup {
    html! {
        section class="problem" role="alert" {
            h2 { (problem.title) }
            p { (sentence(&problem.detail)) }
            @if !problem.nearest.is_empty() {
                p { "Did you mean "
                    @for (index, name) in problem.nearest.iter().enumerate() {
                        @if index > 0 { ", " }
                        a href={ "./?" (form_urlencoded::Serializer::new(String::new()).append_pair("city", name).finish()) } { (name) }
                    }
                    "?"
                }
            }
            p { a href="./" { "Start over" } }
        }
    }
}

/// The text with its first letter in upper case.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

fn footer(view: &View) -> Markup {
    html! {
        footer {
            p {
                "Values are in µg/m³, carbon monoxide in mg/m³; a value belongs to the period that starts at its time. "
                a href="openapi.json" { "The API for machines" }
                @if let Content::Found { version, .. } = &view.content { ". Data set " code { (version) } } "."
            }
        }
    }
}
