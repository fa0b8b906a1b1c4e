//! What the newest values mean: each station's band of an air quality index, named on its colour.

use super::asked::Asked;
use airq_core::{AirQualityIndex, Airq, Format, Pollutant, Result};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// The newest ratings, by the ids of stations.
#[derive(Debug)]
pub(super) struct Qualities {
    pub(super) index: AirQualityIndex,
    rated: BTreeMap<String, Quality>,
}

/// A station's rating of its newest hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quality {
    band: &'static str,
    colour: &'static str,
    number: Option<u64>,
    pollutant: Option<Pollutant>,
}

impl Qualities {
    /// # Errors
    /// What the engine answers with.
    pub(super) fn gather(airq: &Airq, asked: &Asked) -> Result<Qualities> {
        let index = asked.field("index").and_then(AirQualityIndex::parse).unwrap_or_default();
        let answer = airq.answer(&asked.latest_rated(index)?, Format::Records)?;
        let document: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let rows = document["measurements"].as_array().map(Vec::as_slice).unwrap_or_default();
        let rated = rows.iter().filter_map(|row| {
            let quality = Quality::read(index, &row["index"])?;
            Some((row["station"].as_str()?.to_owned(), quality))
        });
        Ok(Qualities { index, rated: rated.collect() })
    }

    pub(super) fn of(&self, station: &str) -> Option<&Quality> {
        self.rated.get(station)
    }
}

impl Quality {
    fn read(index: AirQualityIndex, rated: &Value) -> Option<Quality> {
        let level = usize::try_from(rated["level"].as_u64()?).ok()?;
        let band = index.bands().get(level.checked_sub(1)?)?;
        Some(Quality {
            band: band.name,
            colour: band.colour,
            number: rated["number"].as_u64(),
            pollutant: rated["pollutant"].as_str().and_then(Pollutant::parse),
        })
    }

    /// The band and its number on its colour, and what is responsible.
    pub(super) fn cell(&self) -> Markup {
        html! {
            span class=(class(self.colour)) { (self.band) @if let Some(number) = self.number { " " (number) } }
            @if let Some(pollutant) = self.pollutant { " " span class="unit" { (pollutant.symbol()) } }
        }
    }
}

/// The bands from the best to the worst, and where they are from.
pub(super) fn legend(index: AirQualityIndex) -> Markup {
    html! {
        p class="bands" {
            (index.name()) ", of the last hour: "
            @for band in index.bands() { span class=(class(band.colour)) { (band.name) } " " }
        }
    }
}

/// The style sheet has a class for each colour: the page's policy lets no other style in.
fn class(colour: &str) -> String {
    format!("band c{}", colour.trim_start_matches('#'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::STYLE;

    /// WCAG 2's contrast of two colours.
    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |colour: &str| -> f64 {
            let channel = |place: usize| f64::from(u8::from_str_radix(&colour[place..place + 2], 16).unwrap()) / 255.0;
            let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            0.2126 * linear(channel(1)) + 0.7152 * linear(channel(3)) + 0.0722 * linear(channel(5))
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_band_has_its_colour_and_a_name_that_can_be_read_on_it() {
        for band in AirQualityIndex::all().flat_map(AirQualityIndex::bands) {
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
