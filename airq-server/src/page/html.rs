//! The HTML of the page. `maud` escapes every text, except for the style sheet, which is `PreEscaped`.

use super::STYLE;
use super::view::{ChartContent, Content, Latest, LatestRow, PageProblem, View};
use super::{compliance, index};
use airq_core::compliance::Standard;
use airq_core::{AirQualityIndex, Parameter, Timestamp};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// An inline icon, which needs no request.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath \
                    fill='%230067a5' d='M2 11h9a3 3 0 1 0-3-4M2 14h6M2 8h3'/%3E%3C/svg%3E";
const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Madrid",
    "Europe/London",
    "America/New_York",
    "America/Mexico_City",
    "Asia/Kolkata",
    "Asia/Shanghai",
];
const FORMATS: [(&str, &str); 7] = [
    ("json", "stations, each with its measurements"),
    ("records", "one flat array"),
    ("columns", "an array for each parameter"),
    ("ndjson", "one measurement a line"),
    ("csv-safe", "rows with a header, for spreadsheets"),
    ("geojson", "the stations on a map"),
    ("ngsi-ld", "entities for FIWARE"),
];

const PERIODS: [(&str, &str); 9] = [
    ("", "as measured"),
    ("1h", "hourly"),
    ("8h", "every 8 hours"),
    ("1d", "daily"),
    ("1mo", "monthly"),
    ("1y", "yearly"),
    ("hour-of-day", "by hour of the day"),
    ("weekday", "by weekday"),
    ("month-of-year", "by month of the year"),
];
const STATISTICS: [(&str, &str); 7] = [
    ("", "the mean"),
    ("min", "the lowest value"),
    ("max", "the highest value"),
    ("median", "the median"),
    ("p98", "the 98th percentile"),
    ("max8h", "the highest 8-hour mean (daily)"),
    ("count", "the number of values"),
];

/// The whole document.
pub(super) fn page(view: &View, base: &str) -> String {
    let place = view.city.as_deref().unwrap_or("all cities");
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Air quality: " (place) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#content" { "Skip to the values" }
                header { h1 { "Air quality" } (form(view)) }
                main id="content" tabindex="-1" {
                    @match &view.content {
                        Content::Found { latest, chart, compliance, .. } => {
                            (newest(latest, place))
                            (chart_section(view, chart))
                            @if let Some(compliance) = compliance { (compliance::section(&view.form, compliance)) }
                            (programs(view, base))
                        }
                        Content::Problem(problem) => (problem_section(problem)),
                    }
                }
                (footer(view))
            }
        }
    };
    markup.into_string()
}

fn form(view: &View) -> Markup {
    let selected = view.form.field("parameter").or_else(|| view.form.field("pollutant")).and_then(Parameter::parse);
    html! {
        form method="get" action="/" {
            div { label for="city" { "City" }
                select id="city" name="city" {
                    option value="" selected[view.city.is_none()] { "All cities" }
                    @for city in &view.cities {
                        option value=(city.name) selected[view.city.as_deref() == Some(&city.name)] { (city.name) }
                    }
                }
            }
            div { label for="parameter" { "Parameter" }
                select id="parameter" name="parameter" {
                    option value="" { "All parameters" }
                    @for parameter in &view.parameters {
                        option value=(parameter.code()) selected[selected == Some(*parameter)] { (parameter.symbol()) }
                    }
                }
            }
            div { label for="from" { "From" } input type="date" id="from" name="from" value=[day(view, "from")]; }
            div { label for="to" { "Until, not included" } input type="date" id="to" name="to" value=[day(view, "to")]; }
            (choice(view, "every", "Averages", &PERIODS))
            (choice(view, "stat", "Of each period", &STATISTICS))
            (choice(view, "index", "Air quality index", &indices()))
            div { label for="tz" { "Time zone" }
                input id="tz" name="tz" list="zones" placeholder="UTC" autocomplete="off" spellcheck="false"
                    value=[view.form.field("tz")];
                datalist id="zones" { @for zone in ZONES { option value=(zone) {} } }
            }
            div { label for="year" { "Compliance in the year" }
                input type="number" id="year" name="year" min="1901" max="2099" placeholder="none" value=[view.form.field("year")];
            }
            (choice(view, "standard", "By the standard", &standards()))
            div { button type="submit" { "Show" } }
        }
    }
}

/// The date in a field.
fn day<'a>(view: &'a View, name: &str) -> Option<&'a str> {
    view.form.field(name)?.get(..10)
}

/// The choices of an index. Without one the newest values are rated by the default index, and the chart has no bands.
fn indices() -> Vec<(&'static str, &'static str)> {
    let all = AirQualityIndex::all().map(|index| (index.id(), index.name()));
    std::iter::once(("", "not drawn")).chain(all).collect()
}

/// The choices of a standard.
fn standards() -> Vec<(&'static str, &'static str)> {
    Standard::all().map(|standard| (standard.id(), standard.id())).collect()
}

/// A field with a few choices.
fn choice(view: &View, name: &str, label: &str, choices: &[(&str, &str)]) -> Markup {
    let chosen = view.form.field(name).unwrap_or_default();
    html! {
        div { label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, words) in choices { option value=(value) selected[*value == chosen] { (words) } }
            }
        }
    }
}

fn newest(latest: &Latest, place: &str) -> Markup {
    let cities = latest.rows.iter().any(|row| row.city != latest.rows[0].city);
    html! {
        section aria-labelledby="newest" {
            h2 id="newest" { "Newest values: " (place) }
            @if latest.rows.is_empty() { p { "No station has a measurement." } }
            @else {
                div class="scroll" role="region" aria-labelledby="newest" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "Station" }
                            @if cities { th scope="col" { "City" } }
                            th scope="col" { "Time (UTC)" }
                            th scope="col" { "Air quality" }
                            @for parameter in &latest.parameters {
                                th scope="col" class="number" { (parameter.symbol()) " " span class="unit" { (parameter.unit()) } }
                            }
                        } }
                        tbody { @for row in &latest.rows { (newest_row(row, cities)) } }
                    }
                }
                (index::legend(latest.index))
                @if latest.more > 0 { p { "And " (latest.more) " more stations: see the formats below." } }
            }
        }
    }
}

fn newest_row(row: &LatestRow, cities: bool) -> Markup {
    html! {
        tr {
            th scope="row" { (row.station) }
            @if cities { td { (row.city.as_deref().unwrap_or("–")) } }
            td class="time" { time datetime=(row.time) { (clock(row.time)) } }
            td { @if let Some(rated) = row.rated { (index::cell(rated)) } @else { "–" } }
            @for value in &row.values { td class="number" { (value.as_deref().unwrap_or("–")) } }
        }
    }
}

fn clock(time: Timestamp) -> String {
    time.to_string().get(..16).unwrap_or_default().replace('T', " ")
}

fn chart_section(view: &View, chart: &ChartContent) -> Markup {
    html! {
        section aria-labelledby="chart" {
            h2 id="chart" { "Over time" }
            @match chart {
                ChartContent::Titled(title) => {
                    a href=(view.form.chart_url(&[])) {
                        picture {
                            source media="(max-width: 40rem)" srcset=(view.form.chart_url(&[("width", "400")]));
                            img src=(view.form.chart_url(&[])) alt={ "Chart: " (title) ". It opens as a picture with its numbers in words." };
                        }
                    }
                }
                ChartContent::Empty => p { "No measurement is of that time. Choose another." },
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
            pre { code { "curl '" (base) (view.form.data_url("json")) "'" } }
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
                        a href={ "/?" (form_urlencoded::Serializer::new(String::new()).append_pair("city", name).finish()) } { (name) }
                    }
                    "?"
                }
            }
            p { a href="/" { "Start over" } }
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
                a href="/openapi.json" { "The API for machines" }
                @if let Content::Found { version, .. } = &view.content { ". Data set " code { (version) } } "."
            }
        }
    }
}
