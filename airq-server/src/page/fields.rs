//! The form.

use super::view::View;
use airq_core::Parameter;
use airq_core::aqi::AirQualityIndex;
use airq_core::compliance::Standard;
use maud::{Markup, html};

const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Madrid",
    "Europe/London",
    "America/New_York",
    "America/Mexico_City",
    "Asia/Kolkata",
    "Asia/Shanghai",
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

/// The form, under a heading that opens it.
pub(super) fn section(view: &View, is_open: bool) -> Markup {
    html! {
        details class="choose" open[is_open] {
            summary { "Change city, time, index or standard" }
            (form(view))
        }
    }
}

fn form(view: &View) -> Markup {
    let selected = view
        .form
        .field("parameter")
        .or_else(|| view.form.field("pollutant"))
        .and_then(|text| text.parse::<Parameter>().ok());
    html! {
        form method="get" action="./" {
            @if let Some(station) = &view.station {
                input type="hidden" name="station" value=(station.id);
            } @else {
                div { label for="city" { "City" }
                    select id="city" name="city" {
                        option value="" selected[view.city.is_none()] { "All cities" }
                        @for city in &view.cities {
                            option value=(city.name) selected[view.city.as_deref() == Some(&city.name)] { (city.name) }
                        }
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
    let all = AirQualityIndex::ALL.iter().copied().map(|index| (index.id(), index.name()));
    std::iter::once(("", "not drawn")).chain(all).collect()
}

/// The choices of a standard.
fn standards() -> Vec<(&'static str, &'static str)> {
    Standard::ALL.iter().copied().map(|standard| (standard.id(), standard.id())).collect()
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
