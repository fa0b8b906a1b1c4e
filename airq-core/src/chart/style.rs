//! The style of a chart. plotters has colours only, so each role has a colour that encodes its number. The SVG has a class for
//! each role, and a style sheet for light and dark backgrounds.

use crate::aqi::Band;
use plotters::style::RGBColor;
use std::fmt::Write;

/// The number of lines with distinguishable styles.
pub(super) const MOST_LINES: usize = COLOURS.len() * DASHES.len();

/// The role of an element of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StyleRole {
    Background,
    Title,
    Text,
    Small,
    Grid,
    Axis,
    Line(usize),
    /// A band of an index, by its level from 1.
    Band(usize),
    /// Text on a band, by the level of the band.
    Ink(usize),
    /// A day of a calendar, by the class of its value from 0.
    Heat(usize),
}

/// The number of colours of a calendar below a level.
pub(super) const HEAT_STEPS: usize = HEAT.len() - 1;
/// The class above a level.
pub(super) const HEAT_ABOVE: usize = HEAT_STEPS;
/// The colours of a calendar on white and on near black: blues that differ in lightness, and orange above a level.
const HEAT: [(&str, &str); 9] = [
    ("#e3eef8", "#1b2f40"),
    ("#c8def1", "#21405a"),
    ("#a3cae6", "#28527a"),
    ("#74afda", "#346a94"),
    ("#4e94c8", "#4a86b4"),
    ("#3277b2", "#6ba5d0"),
    ("#1c5a97", "#99c5e6"),
    ("#0c3d75", "#cfe4f4"),
    ("#d0490c", "#ff8b52"),
];

const PLAIN: [(StyleRole, &str); 6] = [
    (StyleRole::Background, "bg"),
    (StyleRole::Title, "title"),
    (StyleRole::Text, "text"),
    (StyleRole::Small, "small"),
    (StyleRole::Grid, "grid"),
    (StyleRole::Axis, "axis"),
];

/// The colours of lines on white and on near black. Each has a contrast of at least 3 to the background. They differ in
/// lightness too, for people with a colour vision deficiency.
const COLOURS: [(&str, &str); 6] = [
    ("#0067a5", "#5ab4f0"),
    ("#d0490c", "#ff8b52"),
    ("#00735a", "#2fd0a0"),
    ("#a03c8c", "#ec9fd4"),
    ("#8a6a00", "#e8c547"),
    ("#555b61", "#c3c9cf"),
];

/// Lines differ in their dashes too, because colour alone is not accessible.
const DASHES: [&str; 4] = ["none", "8 3", "2 3", "10 3 2 3"];

const LIGHT: &str =
    ".bg{fill:#fff}.title,.text{fill:#1c2126}.small{fill:#57606a}.grid{stroke:#e3e7eb}.axis{stroke:#8c959f}";
const DARK: &str =
    ".bg{fill:#14181d}.title,.text{fill:#eceff2}.small{fill:#a4adb7}.grid{stroke:#2b323a}.axis{stroke:#6b7580}";
const SHAPES: &str = "text{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:12px}\
.title{font-size:16px;font-weight:bold}.small{font-size:11px}\
path{fill:none;stroke-width:1;stroke-linejoin:round}.line{stroke-width:2}";

impl StyleRole {
    /// The colour that encodes the role.
    pub(super) fn colour(self) -> RGBColor {
        let (kind, number) = match self {
            StyleRole::Line(style) => (0, PLAIN.len() + style % MOST_LINES),
            StyleRole::Band(level) => (1, level),
            StyleRole::Ink(level) => (2, level),
            StyleRole::Heat(class) => (3, class),
            plain => (0, PLAIN.iter().position(|(role, _)| *role == plain).unwrap_or_default()),
        };
        RGBColor(0, kind, u8::try_from(number).unwrap_or_default())
    }

    /// The role that a colour encodes.
    pub(super) fn of((_, kind, number): (u8, u8, u8)) -> StyleRole {
        let number = usize::from(number);
        match kind {
            1 => return StyleRole::Band(number),
            2 => return StyleRole::Ink(number),
            3 => return StyleRole::Heat(number),
            _ => {}
        }
        match PLAIN.get(number) {
            Some((role, _)) => *role,
            None => StyleRole::Line(number - PLAIN.len()),
        }
    }

    /// The class in the SVG.
    pub(super) fn class(self) -> String {
        match self {
            StyleRole::Line(style) => format!("line l{style}"),
            StyleRole::Band(level) => format!("band b{level}"),
            StyleRole::Ink(level) => format!("ink i{level}"),
            StyleRole::Heat(class) => format!("h{class}"),
            plain => PLAIN.iter().find(|(role, _)| *role == plain).map_or("", |(_, name)| name).to_owned(),
        }
    }
}

/// The style sheet of a chart with lines of these styles.
pub(super) fn sheet(styles: impl Iterator<Item = usize>) -> String {
    let mut light = LIGHT.to_owned();
    let mut dark = DARK.to_owned();
    let mut dashes = SHAPES.to_owned();
    for style in styles {
        let (colour, pattern) = look(style);
        // Writing to a string cannot fail.
        let _ = write!(light, "path.l{style}{{stroke:{0}}}circle.l{style}{{fill:{0}}}", colour.0);
        let _ = write!(dark, "path.l{style}{{stroke:{0}}}circle.l{style}{{fill:{0}}}", colour.1);
        let _ = write!(dashes, ".l{style}{{stroke-dasharray:{pattern}}}");
    }
    format!("{dashes}{light}@media(prefers-color-scheme:dark){{{dark}}}")
}

/// The style sheet of a calendar.
pub(super) fn calendar() -> String {
    let mut light = LIGHT.to_owned();
    let mut dark = DARK.to_owned();
    for (class, colour) in HEAT.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(light, ".h{class}{{fill:{}}}", colour.0);
        let _ = write!(dark, ".h{class}{{fill:{}}}", colour.1);
    }
    format!("{SHAPES}{light}@media(prefers-color-scheme:dark){{{dark}}}")
}

/// The style sheet of an index's bands: the same in light and in dark.
pub(super) fn bands(bands: &[Band]) -> String {
    let mut sheet = ".band{stroke:#8c959f;stroke-width:.5}.ink{font-size:11px;font-weight:bold}".to_owned();
    for (level, band) in (1..).zip(bands) {
        // Writing to a string cannot fail.
        let _ = write!(sheet, ".b{level}{{fill:{}}}.i{level}{{fill:{}}}", band.colour, ink(band.colour));
    }
    sheet
}

/// Black or white, whichever has the higher contrast to the colour. By WCAG 2 both are equal at a luminance of 0.179.
fn ink(colour: &str) -> &'static str {
    if luminance(colour) > 0.179 { "#000" } else { "#fff" }
}

/// The relative luminance of `#rrggbb` by WCAG 2.
fn luminance(colour: &str) -> f64 {
    0.2126 * channel(colour, 1) + 0.7152 * channel(colour, 3) + 0.0722 * channel(colour, 5)
}

/// The linear value of the two hexadecimal digits at `index`, from 0 to 1.
fn channel(colour: &str, index: usize) -> f64 {
    let byte = colour.get(index..index + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let c = f64::from(byte.unwrap_or_default()) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

/// The colour, for light and dark backgrounds, and the dashes of a style. No two styles have both in common.
fn look(style: usize) -> ((&'static str, &'static str), &'static str) {
    let round = style / (COLOURS.len() * DASHES.len() / 2);
    (COLOURS[style % COLOURS.len()], DASHES[(style + round) % DASHES.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aqi::AirQualityIndex;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_lines_look_alike() {
        assert_eq!((0..MOST_LINES).map(look).collect::<BTreeSet<_>>().len(), MOST_LINES);
    }

    #[test]
    fn a_colour_encodes_one_role() {
        for role in PLAIN.iter().map(|(role, _)| *role).chain((0..MOST_LINES).map(StyleRole::Line)).chain([
            StyleRole::Band(1),
            StyleRole::Ink(6),
            StyleRole::Heat(8),
        ]) {
            let RGBColor(r, g, b) = role.colour();
            assert_eq!(StyleRole::of((r, g, b)), role);
        }
    }

    /// The contrast of two colours by WCAG 2.
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn levels_can_be_read_on_their_bands() {
        for band in AirQualityIndex::ALL.iter().flat_map(|index| index.bands()) {
            let ink = if ink(band.colour) == "#000" { "#000000" } else { "#ffffff" };
            assert!(contrast(ink, band.colour) >= 4.5, "{band:?}");
        }
    }

    #[test]
    fn lines_and_text_have_enough_contrast_to_the_background() {
        for (light, dark) in COLOURS {
            assert!(contrast(light, "#ffffff") >= 3.0, "{light}");
            assert!(contrast(dark, "#14181d") >= 3.0, "{dark}");
        }
        assert!(contrast("#57606a", "#ffffff") >= 4.5 && contrast("#a4adb7", "#14181d") >= 4.5);
    }
}
