//! The map of the stations: dots at true positions over a grid of degrees, without requests to other servers.
//!
//! The projection is equirectangular, true to scale at the middle latitude of the stations.

use super::index;
use super::latest::{Latest, LatestRow};
use super::view::View;
use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const MARGIN: f64 = 40.0;
const RADIUS: f64 = 9.0;
/// The estimated width of a letter of a label.
const LETTER: f64 = 7.0;
const LINE: f64 = 16.0;
/// The smallest height of a map, in degrees: a few kilometres.
const LEAST_SPAN: f64 = 0.04;

/// The scale and the origin of a map.
#[derive(Debug)]
struct Projection {
    /// The longitude and latitude of the centre.
    centre: (f64, f64),
    /// Pixels for each degree of latitude.
    scale: f64,
    /// The length of a degree of longitude, as a share of the length of a degree of latitude.
    stretch: f64,
}

impl Projection {
    /// Returns the projection that fits these points, given by longitude and latitude.
    fn fitting(points: &[(f64, f64)]) -> Projection {
        let (west, east) = bounds(points.iter().map(|point| point.0));
        let (south, north) = bounds(points.iter().map(|point| point.1));
        let centre = (f64::midpoint(west, east), f64::midpoint(south, north));
        let stretch = centre.1.to_radians().cos().max(0.01);
        let across = ((east - west) * stretch).max(LEAST_SPAN);
        let up = (north - south).max(LEAST_SPAN);
        let scale = ((WIDTH - 2.0 * MARGIN) / across).min((HEIGHT - 2.0 * MARGIN) / up);
        Projection { centre, scale, stretch }
    }

    fn x(&self, longitude: f64) -> f64 {
        WIDTH / 2.0 + (longitude - self.centre.0) * self.stretch * self.scale
    }

    fn y(&self, latitude: f64) -> f64 {
        HEIGHT / 2.0 - (latitude - self.centre.1) * self.scale
    }

    /// The positions of the lines of the grid and their degrees, vertical and horizontal: about four in each direction.
    fn grid(&self) -> [Vec<(f64, f64)>; 2] {
        let step = round_step(HEIGHT / self.scale / 3.0);
        let across = WIDTH / 2.0 / self.scale / self.stretch;
        let up = HEIGHT / 2.0 / self.scale;
        let longitudes = multiples(step, self.centre.0 - across, self.centre.0 + across);
        let latitudes = multiples(step, self.centre.1 - up, self.centre.1 + up);
        [
            longitudes.into_iter().map(|degrees| (self.x(degrees), degrees)).collect(),
            latitudes.into_iter().map(|degrees| (self.y(degrees), degrees)).collect(),
        ]
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// Returns 1, 2 or 5 times a power of ten, not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|step| *step >= least).unwrap_or(10.0 * power)
}

fn multiples(step: f64, from: f64, to: f64) -> Vec<f64> {
    let mut all = Vec::new();
    let mut number = (from / step).ceil();
    while number * step <= to {
        all.push(number * step);
        number += 1.0;
    }
    all
}

/// A station on the map.
#[derive(Debug)]
struct Dot<'a> {
    row: &'a LatestRow,
    x: f64,
    y: f64,
    /// True if there is room for the name next to the dot.
    has_label: bool,
}

/// Places the dots, and labels as long as they do not cover dots or other labels.
fn dots<'a>(rows: &[(&'a LatestRow, (f64, f64))], projection: &Projection) -> Vec<Dot<'a>> {
    let mut dots: Vec<Dot<'a>> = Vec::new();
    for (row, (longitude, latitude)) in rows {
        dots.push(Dot { row, x: projection.x(*longitude), y: projection.y(*latitude), has_label: false });
    }
    let mut taken: Vec<[f64; 4]> = dots.iter().map(|dot| square(dot.x, dot.y)).collect();
    for dot in &mut dots {
        let label = label_area(dot);
        let is_free = label[2] <= WIDTH && taken.iter().all(|other| !overlaps(label, *other));
        if is_free {
            taken.push(label);
            dot.has_label = true;
        }
    }
    dots
}

/// The area of a dot: left, top, right, bottom.
fn square(x: f64, y: f64) -> [f64; 4] {
    [x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS]
}

fn label_area(dot: &Dot<'_>) -> [f64; 4] {
    let letters = u32::try_from(dot.row.station.chars().count()).unwrap_or(u32::MAX);
    let left = dot.x + RADIUS + 1.0;
    [left, dot.y - LINE / 2.0, left + 4.0 + LETTER * f64::from(letters), dot.y + LINE / 2.0]
}

fn overlaps(one: [f64; 4], other: [f64; 4]) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

/// The section of the map; nothing if fewer than two stations have positions.
pub(super) fn section(view: &View, latest: &Latest) -> Markup {
    let mut placed = Vec::new();
    for row in &latest.rows {
        if let (Some(longitude), Some(latitude)) = (row.longitude, row.latitude) {
            placed.push((row, (longitude, latitude)));
        }
    }
    if placed.len() < 2 {
        return html! {};
    }
    let points: Vec<(f64, f64)> = placed.iter().map(|(_, point)| *point).collect();
    let projection = Projection::fitting(&points);
    let [longitudes, latitudes] = projection.grid();
    let elsewhere = latest.rows.len() - placed.len();
    html! {
        section aria-labelledby="map" {
            h2 id="map" { "Stations" }
            svg class="map" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="group" aria-labelledby="map" {
                g class="grid" aria-hidden="true" {
                    @for (x, degrees) in longitudes {
                        line x1=(px(x)) x2=(px(x)) y1="0" y2=(HEIGHT) {}
                        text x=(px(x + 3.0)) y=(HEIGHT - 4.0) { (angle(degrees, 'E', 'W')) }
                    }
                    @for (y, degrees) in latitudes {
                        line x1="0" x2=(WIDTH) y1=(px(y)) y2=(px(y)) {}
                        text x="3" y=(px(y - 3.0)) { (angle(degrees, 'N', 'S')) }
                    }
                }
                @for dot in dots(&placed, &projection) { (marker(view, &dot)) }
            }
            @if elsewhere > 0 { p { (elsewhere) " stations have no known position." } }
        }
    }
}

/// A dot with its texts. The title is the name of the link and the text at the pointer.
fn marker(view: &View, dot: &Dot<'_>) -> Markup {
    let station = &dot.row.station;
    let (colour, band) = match dot.row.rated {
        Some(rated) => (rated.band.colour, rated.band.name),
        None => ("none", "no current rating"),
    };
    html! {
        a href=(view.form.page_url(&[("city", ""), ("station", &dot.row.id), ("sort", "")])) {
            title { (station) ": " (band) }
            circle cx=(px(dot.x)) cy=(px(dot.y)) r=(RADIUS) fill=(colour) {}
            g aria-hidden="true" {
                @if let Some(rated) = dot.row.rated {
                    text class={ "level " (index::colour_class(rated.band.colour)) } x=(px(dot.x)) y=(px(dot.y + 4.0)) { (rated.level) }
                }
                @if dot.has_label { text x=(px(dot.x + RADIUS + 4.0)) y=(px(dot.y + 4.0)) { (station) } }
            }
        }
    }
}

/// A number of pixels with one digit after the point.
fn px(number: f64) -> String {
    format!("{number:.1}")
}

/// Degrees without idle zeros, such as `3.7° W`.
fn angle(degrees: f64, positive: char, negative: char) -> String {
    let rounded = (degrees * 1e4).round() / 1e4;
    format!("{}° {}", rounded.abs(), if rounded < 0.0 { negative } else { positive })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_distances_and_fits_its_stations() {
        // Two stations in Madrid and one in Málaga: a degree of longitude is shorter than one of latitude.
        let points = [(-3.7, 40.4), (-3.6, 40.5), (-4.4, 36.7)];
        let projection = Projection::fitting(&points);
        for (longitude, latitude) in points {
            let (x, y) = (projection.x(longitude), projection.y(latitude));
            assert!((MARGIN - 0.1..=WIDTH - MARGIN + 0.1).contains(&x), "{x}");
            assert!((MARGIN - 0.1..=HEIGHT - MARGIN + 0.1).contains(&y), "{y}");
        }
        let across = projection.x(-3.6) - projection.x(-3.7);
        let up = projection.y(40.4) - projection.y(40.5);
        assert!((across / up - 38.55_f64.to_radians().cos()).abs() < 0.01, "{across} {up}");
        assert!(projection.y(40.5) < projection.y(36.7), "north is up");
    }

    #[test]
    fn a_grid_has_a_few_round_lines() {
        for span in [0.0, 0.01, 0.3, 5.0, 170.0] {
            let projection = Projection::fitting(&[(10.0, 45.0 - span / 2.0), (10.0, 45.0 + span / 2.0)]);
            let [longitudes, latitudes] = projection.grid();
            assert!((1..=5).contains(&latitudes.len()), "{span}: {latitudes:?}");
            assert!((1..=200).contains(&longitudes.len()), "{span}: {longitudes:?}");
        }
        for (least, expected) in [(0.3, 0.5), (1.1, 2.0), (6.0, 10.0)] {
            assert!((round_step(least) - expected).abs() < 1e-9, "{least}");
        }
        assert_eq!((angle(-3.7, 'E', 'W'), angle(0.1 + 0.2, 'N', 'S')), ("3.7° W".to_owned(), "0.3° N".to_owned()));
    }

    #[test]
    fn areas_overlap_only_inside() {
        assert!(overlaps([0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 3.0, 3.0]));
        assert!(!overlaps([0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 3.0, 2.0]));
    }
}
