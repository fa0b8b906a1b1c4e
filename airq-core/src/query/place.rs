//! Where stations stand: in a box of degrees, or around a point.

use crate::error::Issue;
use crate::model::Station;
use std::fmt;

/// Mean radius of the Earth in metres (IUGG). A sphere differs from the ellipsoid by half a percent at most.
const EARTH: f64 = 6_371_008.8;
/// Half around the Earth: farther is nothing.
const FARTHEST: f64 = 20_016_000.0;
/// How far "near" is, in metres, where nobody says.
pub(super) const USUAL_RADIUS: Metres = Metres(10_000.0);

const BBOX_RULE: &str = "west,south,east,north in degrees, such as -3.9,40.3,-3.5,40.6; \
                         west greater than east crosses the 180th meridian";
const NEAR_RULE: &str = "latitude,longitude in degrees, such as 40.42,-3.7";
const RADIUS_RULE: &str = "a distance above 0 and up to 20016000 metres, such as 5000 or 5km";

/// A point, in degrees north and east (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    latitude: f64,
    longitude: f64,
}

/// A box of degrees, its edges included. Where west is greater than east it crosses the 180th meridian (RFC 7946, 5.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bbox {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

/// A distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Metres(f64);

// None of them can be NaN.
impl Eq for Point {}
impl Eq for Bbox {}
impl Eq for Metres {}

impl Bbox {
    pub(super) fn new(west: f64, south: f64, east: f64, north: f64) -> Option<Bbox> {
        let valid = is_longitude(west) && is_longitude(east) && is_latitude(south) && is_latitude(north);
        (valid && south <= north).then_some(Bbox { west, south, east, north })
    }

    /// # Errors
    /// If it is not four numbers of degrees, or south is greater than north.
    pub(super) fn parse(text: &str) -> Result<Bbox, Issue> {
        let [west, south, east, north] = degrees(text).ok_or_else(|| Bbox::refused(text))?;
        Bbox::new(west, south, east, north).ok_or_else(|| Bbox::refused(text))
    }

    pub(super) fn refused(given: &str) -> Issue {
        Issue::new("bbox", given, BBOX_RULE)
    }

    fn holds(self, point: Point) -> bool {
        let between = if self.west <= self.east {
            (self.west..=self.east).contains(&point.longitude)
        } else {
            point.longitude >= self.west || point.longitude <= self.east
        };
        between && (self.south..=self.north).contains(&point.latitude)
    }
}

impl Point {
    pub(super) fn new(latitude: f64, longitude: f64) -> Option<Point> {
        (is_latitude(latitude) && is_longitude(longitude)).then_some(Point { latitude, longitude })
    }

    /// # Errors
    /// If it is not two numbers of degrees.
    pub(super) fn parse(text: &str) -> Result<Point, Issue> {
        let [latitude, longitude] = degrees(text).ok_or_else(|| Point::refused(text))?;
        Point::new(latitude, longitude).ok_or_else(|| Point::refused(text))
    }

    pub(super) fn refused(given: &str) -> Issue {
        Issue::new("near", given, NEAR_RULE)
    }

    /// The distance over a sphere (haversine formula).
    fn distance(self, other: Point) -> Metres {
        let [from, to] = [self, other].map(|point| point.latitude.to_radians());
        let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
        let turned = half(self.longitude.to_radians(), other.longitude.to_radians());
        let h = half(from, to) + from.cos() * to.cos() * turned;
        Metres(2.0 * EARTH * h.min(1.0).sqrt().asin())
    }
}

impl Metres {
    pub(super) fn new(metres: f64) -> Option<Metres> {
        (metres > 0.0 && metres <= FARTHEST).then_some(Metres(metres))
    }

    /// Metres, or with a unit: `500m`, `5km`.
    ///
    /// # Errors
    /// If it is no such distance.
    pub(super) fn parse(text: &str) -> Result<Metres, Issue> {
        let (number, unit) = match (text.strip_suffix("km"), text.strip_suffix('m')) {
            (Some(kilometres), _) => (kilometres, 1000.0),
            (None, Some(metres)) => (metres, 1.0),
            (None, None) => (text, 1.0),
        };
        decimal(number).and_then(|number| Metres::new(number * unit)).ok_or_else(|| Metres::refused(text))
    }

    pub(super) fn refused(given: &str) -> Issue {
        Issue::new("radius", given, RADIUS_RULE)
    }
}

/// Whether a station stands where it was asked for. One whose place is unknown stands nowhere.
pub(super) fn stands(station: &Station, bbox: Option<Bbox>, near: Option<(Point, Metres)>) -> bool {
    let place = station.latitude.zip(station.longitude).and_then(|(north, east)| Point::new(north, east));
    place.is_some_and(|place| {
        bbox.is_none_or(|bbox| bbox.holds(place))
            && near.is_none_or(|(point, radius)| point.distance(place).0 <= radius.0)
    })
}

fn is_latitude(degrees: f64) -> bool {
    (-90.0..=90.0).contains(&degrees)
}

fn is_longitude(degrees: f64) -> bool {
    (-180.0..=180.0).contains(&degrees)
}

fn degrees<const N: usize>(text: &str) -> Option<[f64; N]> {
    let numbers: Option<Vec<f64>> = text.split(',').take(N + 1).map(decimal).collect();
    numbers?.try_into().ok()
}

/// A plain decimal number; `-0` is `0`, so that one place has one spelling.
fn decimal(text: &str) -> Option<f64> {
    const LONGEST: usize = 32;
    let is_plain = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    text.parse().ok().filter(|_| is_plain).map(|number: f64| number + 0.0)
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.latitude, self.longitude)
    }
}

impl fmt::Display for Bbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.west, self.south, self.east, self.north)
    }
}

impl fmt::Display for Metres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Station {
        Station { latitude: Some(latitude), longitude: Some(longitude), ..Station::new("a") }
    }

    fn in_box(text: &str, latitude: f64, longitude: f64) -> bool {
        stands(&at(latitude, longitude), Some(Bbox::parse(text).unwrap()), None)
    }

    #[test]
    fn a_box_holds_its_edges() {
        for (latitude, longitude) in [(40.3, -3.9), (40.6, -3.5), (40.45, -3.7), (40.3, -3.5)] {
            assert!(in_box("-3.9,40.3,-3.5,40.6", latitude, longitude), "{latitude},{longitude}");
        }
        for (latitude, longitude) in [(40.299, -3.7), (40.601, -3.7), (40.45, -3.901), (40.45, -3.499), (-3.7, 40.45)] {
            assert!(!in_box("-3.9,40.3,-3.5,40.6", latitude, longitude), "{latitude},{longitude}");
        }
    }

    #[test]
    fn a_box_whose_west_is_east_crosses_the_180th_meridian() {
        for longitude in [170.0, 179.9, 180.0, -180.0, -179.0, -170.0] {
            assert!(in_box("170,-50,-170,-30", -40.0, longitude), "{longitude}");
        }
        for longitude in [169.9, -169.9, 0.0] {
            assert!(!in_box("170,-50,-170,-30", -40.0, longitude), "{longitude}");
        }
    }

    #[test]
    fn distances_are_those_over_the_ground() {
        let between = |a: (f64, f64), b: (f64, f64)| {
            Point::new(a.0, a.1).unwrap().distance(Point::new(b.0, b.1).unwrap()).0 / 1000.0
        };
        let close = |kilometres: f64, expected: f64| (kilometres - expected).abs() <= expected * 0.005 + 1e-6;
        assert!(close(between((40.4168, -3.7038), (41.3874, 2.1686)), 505.0), "Madrid to Barcelona");
        assert!(close(between((0.0, 0.0), (0.0, 1.0)), 111.19), "a degree of the equator");
        assert!(close(between((-17.0, 179.5), (-17.0, -179.5)), 106.4), "over the 180th meridian");
        assert!(close(between((90.0, 0.0), (-90.0, 120.0)), 20_015.1), "from pole to pole");
        assert!(close(between((10.0, 20.0), (10.0, 20.0)), 0.0));
    }

    #[test]
    fn a_circle_holds_what_is_no_farther_than_its_radius() {
        let near = |radius: &str| Some((Point::parse("40.0,-3.0").unwrap(), Metres::parse(radius).unwrap()));
        let station = at(40.01, -3.0);
        assert!(stands(&station, None, near("1112")) && stands(&station, None, near("1.112km")));
        assert!(!stands(&station, None, near("1111")));
        assert!(!stands(&Station::new("of unknown place"), None, near("20016000")));
        assert!(stands(&at(-40.0, 177.0), None, near("20016km")), "all of the Earth");
    }

    #[test]
    fn one_place_has_one_spelling() {
        for text in ["-3.90,+40.3,-3.5,40.600", "-3.9,40.30,-3.50,040.6"] {
            assert_eq!(Bbox::parse(text).unwrap().to_string(), "-3.9,40.3,-3.5,40.6");
        }
        assert_eq!(Point::parse("-0,-0.0").unwrap().to_string(), "0,0");
        assert_eq!(Metres::parse("5km").unwrap().to_string(), Metres::parse("5000.0m").unwrap().to_string());
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in
            ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,10,1,5", "0,0,181,1", "0,-91,1,0", "NaN,0,1,1", "1e1,0,1,1"]
        {
            assert_eq!(Bbox::parse(text).unwrap_err().parameter, "bbox", "{text}");
        }
        for text in ["", "40", "91,0", "0,-181", "40;3", "inf,0", "40,3,1", "40, 3"] {
            assert_eq!(Point::parse(text).unwrap_err().parameter, "near", "{text}");
        }
        for text in ["", "0", "-5", "20016001", "5 km", "m", "km", "1e3", "NaN", "5mi"] {
            assert_eq!(Metres::parse(text).unwrap_err().parameter, "radius", "{text}");
        }
    }
}
