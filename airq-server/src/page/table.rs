//! The table of newest values. On a phone each row is a card.

use super::index;
use super::latest::{Latest, LatestRow};
use super::sort::SortKey;
use super::view::View;
use airq_core::Zone;
use maud::{Markup, html};

/// The section of the table.
pub(super) fn section(view: &View, latest: &Latest) -> Markup {
    let zone = view.zone();
    let cities = latest.rows.iter().any(|row| row.city != latest.rows[0].city);
    let headings = Headings { view, zone: &zone, cities };
    html! {
        section aria-labelledby="values" {
            h2 id="values" { "Newest values" }
            div class="scroll" role="group" aria-label="Table of the newest values" tabindex="0" {
                table role="table" {
                    thead role="rowgroup" { tr role="row" {
                        (headings.sortable(SortKey::Station, "Station", ""))
                        @if cities { th scope="col" role="columnheader" { "City" } }
                        (headings.sortable(SortKey::Air, "Air quality", ""))
                        @for parameter in &latest.parameters {
                            (headings.sortable(SortKey::Value(*parameter), parameter.symbol(), &parameter.unit().to_string()))
                        }
                        (headings.sortable(SortKey::Time, "Time", zone.name()))
                    } }
                    tbody role="rowgroup" { @for row in &latest.rows { (headings.row(latest, row)) } }
                }
            }
            (index::legend(latest.index))
            @if latest.more > 0 { p { "And " (latest.more) " more stations: see the formats below." } }
        }
    }
}

struct Headings<'a> {
    view: &'a View,
    zone: &'a Zone,
    /// True if the rows have several cities.
    cities: bool,
}

impl Headings<'_> {
    /// The heading of a column, as a link that orders the rows by the column.
    fn sortable(&self, key: SortKey, title: &str, unit: &str) -> Markup {
        let sort = self.view.form.sort;
        let url = self.view.form.page_url(&[("sort", &sort.next(key))]);
        html! {
            th scope="col" role="columnheader" class=(if matches!(key, SortKey::Value(_)) { "number" } else { "" }) aria-sort=(sort.aria(key)) {
                a href={ (url) "#values" } { (title) }
                @if !unit.is_empty() { " " span class="unit" { (unit) } }
            }
        }
    }

    fn row(&self, latest: &Latest, row: &LatestRow) -> Markup {
        html! {
            tr role="row" class=(if row.is_old { "old" } else { "" }) {
                th scope="row" role="rowheader" { a href=(self.view.form.page_url(&[("city", ""), ("station", &row.id), ("sort", "")])) { (row.station) } }
                @if self.cities { td role="cell" data-label="City" { (row.city.as_deref().unwrap_or("–")) } }
                td role="cell" data-label="Air quality" {
                    @match row.rated {
                        Some(rated) => (index::cell(rated)),
                        None if row.is_old => "no current data",
                        None => "–",
                    }
                }
                @for (parameter, value) in latest.parameters.iter().zip(&row.values) {
                    td role="cell" class="number" data-label={ (parameter.symbol()) ", " (parameter.unit()) } {
                        (value.as_ref().map_or("–", |value| &value.text))
                        @if let Some(time) = value.as_ref().and_then(|value| value.older) {
                            " " time class="older" datetime=(time) { (self.zone.local_minute(time)) }
                        }
                    }
                }
                td role="cell" class="time" data-label="Time" { time datetime=(row.time) { (self.zone.local_minute(row.time)) } }
            }
        }
    }
}
