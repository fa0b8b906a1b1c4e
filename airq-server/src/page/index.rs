//! The air quality index of the newest hour of each station: a band named on its colour.

use super::form::PageForm;
use airq_core::aqi::AirQualityIndex;
use airq_core::{Airq, Format, OverallIndex, Result};
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The newest overall index of each station that has one, by the id of the station.
#[derive(Debug)]
pub(super) struct NewestIndices {
    pub(super) index: AirQualityIndex,
    by_station: BTreeMap<String, OverallIndex>,
}

impl NewestIndices {
    /// Reads the newest indices of the cities of the form.
    ///
    /// # Errors
    /// The error of the engine.
    pub(super) fn read(airq: &Airq, form: &PageForm) -> Result<NewestIndices> {
        let index = form.field("index").and_then(|text| text.parse().ok()).unwrap_or_default();
        let mut by_station = BTreeMap::new();
        airq.answer(&form.latest_rated(index)?, Format::Csv)?.for_each_row(|row| {
            if let Some(rated) = row.overall_index() {
                by_station.insert(row.station().to_owned(), rated);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(NewestIndices { index, by_station })
    }

    /// The newest index of a station.
    pub(super) fn of(&self, station: &str) -> Option<OverallIndex> {
        self.by_station.get(station).copied()
    }
}

/// The band and its number on the colour of the band.
pub(super) fn band(rated: OverallIndex) -> Markup {
    html! {
        span class=(class(rated.band.colour)) { (rated.band.name) @if let Some(number) = rated.number { " " (number) } }
    }
}

/// The band, and the parameter of the band.
pub(super) fn cell(rated: OverallIndex) -> Markup {
    html! { (band(rated)) " " span class="unit" { (rated.parameter.symbol()) } }
}

/// The bands of an index, from the best to the worst.
pub(super) fn legend(index: AirQualityIndex) -> Markup {
    html! {
        p class="bands" {
            (index.name()) ", of the last hour: "
            @for band in index.bands() { span class=(class(band.colour)) { (band.name) } " " }
        }
    }
}

fn class(colour: &str) -> String {
    format!("band {}", colour_class(colour))
}

/// The class of a colour in the style sheet. The policy of the page allows no inline style.
pub(super) fn colour_class(colour: &str) -> String {
    format!("c{}", colour.trim_start_matches('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::STYLE;

    /// The contrast of two colours by WCAG 2.
    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |colour: &str| -> f64 {
            let channel = |index: usize| f64::from(u8::from_str_radix(&colour[index..index + 2], 16).unwrap()) / 255.0;
            let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            0.2126 * linear(channel(1)) + 0.7152 * linear(channel(3)) + 0.0722 * linear(channel(5))
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_band_has_a_class_with_its_colour_and_a_readable_text() {
        for band in AirQualityIndex::ALL.iter().flat_map(|index| index.bands()) {
            let ink = ["#000000", "#ffffff"]
                .into_iter()
                .max_by(|a, b| contrast(a, band.colour).total_cmp(&contrast(b, band.colour)));
            let ink = ink.unwrap();
            assert!(contrast(ink, band.colour) >= 4.5, "{band:?}");
            let short = if ink == "#000000" { "#000" } else { "#fff" };
            let rule = format!(".c{}{{background:{};color:{short}}}", &band.colour[1..], band.colour);
            assert!(STYLE.contains(&rule), "the style sheet lacks {rule}");
        }
    }
}
