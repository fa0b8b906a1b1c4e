//! The selection of stations by place: in a box of degrees, or around a point.

use crate::error::Issue;
use crate::model::Station;
use std::fmt;

/// Mean radius of the Earth in metres (IUGG). A sphere differs from the ellipsoid by half a percent at most.
const EARTH: f64 = 6_371_008.8;
/// The greatest distance on the Earth: half of the circumference.
const FARTHEST: f64 = 20_016_000.0;
/// The default radius in metres.
pub(super) const USUAL_RADIUS: Metres = Metres(10_000.0);

const BBOX_RULE: &str = "west,south,east,north in degrees, such as -3.9,40.3,-3.5,40.6; \
                         west greater than east crosses the 180th meridian";
const NEAR_RULE: &str = "latitude,longitude in degrees, such as 40.42,-3.7";
const RADIUS_RULE: &str = "a distance above 0 and up to 20016000 metres, such as 5000 or 5km";

/// A point, in degrees north and east (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

/// A box of degrees, including the edges. If west is greater than east, the box crosses the 180th meridian (RFC 7946, 5.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bbox {
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
}

/// A distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Metres(pub(super) f64);

// None of them is NaN once it has been checked.
impl Eq for Point {}
impl Eq for Bbox {}
impl Eq for Metres {}

impl Bbox {
    /// # Errors
    /// If the text is not four numbers.
    pub(super) fn parse(text: &str) -> Result<Bbox, Issue> {
        let [west, south, east, north] = degrees(text).ok_or_else(|| Issue::new("bbox", text, BBOX_RULE))?;
        Ok(Bbox { west, south, east, north })
    }

    fn is_valid(self) -> bool {
        let degrees = is_longitude(self.west) && is_longitude(self.east) && is_latitude(self.south);
        degrees && is_latitude(self.north) && self.south <= self.north
    }

    /// Returns the point of the box that is nearest to a point, up to the distortion of degrees.
    fn nearest(self, point: Point) -> Point {
        let crosses = self.west > self.east;
        let longitude = if self.holds(Point { latitude: self.south, ..point }) {
            point.longitude
        } else if crosses {
            if point.longitude - self.east < self.west - point.longitude { self.east } else { self.west }
        } else {
            point.longitude.clamp(self.west, self.east)
        };
        Point { latitude: point.latitude.clamp(self.south, self.north), longitude }
    }

    fn holds(self, point: Point) -> bool {
        // The meridian opposite Greenwich has two longitudes.
        let is_opposite = point.longitude.abs() >= 180.0;
        let is_between = self.spans(point.longitude) || is_opposite && self.spans(-point.longitude);
        is_between && (self.south..=self.north).contains(&point.latitude)
    }

    /// Returns whether a longitude is between the west and the east of the box, which may cross the 180th meridian.
    fn spans(self, longitude: f64) -> bool {
        if self.west <= self.east {
            (self.west..=self.east).contains(&longitude)
        } else {
            longitude >= self.west || longitude <= self.east
        }
    }
}

impl Point {
    /// # Errors
    /// If the text is not two numbers.
    pub(super) fn parse(text: &str) -> Result<Point, Issue> {
        let [latitude, longitude] = degrees(text).ok_or_else(|| Issue::new("near", text, NEAR_RULE))?;
        Ok(Point { latitude, longitude })
    }

    fn is_valid(self) -> bool {
        is_latitude(self.latitude) && is_longitude(self.longitude)
    }

    /// Returns the distance on a sphere (haversine formula).
    fn distance(self, other: Point) -> Metres {
        let [from, to] = [self, other].map(|point| point.latitude.to_radians());
        let turned = haversine(self.longitude.to_radians(), other.longitude.to_radians());
        let h = haversine(from, to) + from.cos() * to.cos() * turned;
        Metres(2.0 * EARTH * h.min(1.0).sqrt().asin())
    }
}

/// Returns the haversine of the angle between two angles.
fn haversine(from: f64, to: f64) -> f64 {
    ((to - from) / 2.0).sin().powi(2)
}

impl Metres {
    /// Parses metres, or a number with a unit: `500m`, `5km`.
    ///
    /// # Errors
    /// If the text is not a number.
    pub(super) fn parse(text: &str) -> Result<Metres, Issue> {
        let (number, unit) = match (text.strip_suffix("km"), text.strip_suffix('m')) {
            (Some(kilometres), _) => (kilometres, 1000.0),
            (None, Some(metres)) => (metres, 1.0),
            (None, None) => (text, 1.0),
        };
        decimal(number).map(|number| Metres(number * unit)).ok_or_else(|| Issue::new("radius", text, RADIUS_RULE))
    }

    fn is_valid(self) -> bool {
        self.0 > 0.0 && self.0 <= FARTHEST
    }
}

/// Returns the faults of the places of a query.
pub(super) fn faults(bbox: Option<Bbox>, near: Option<Point>, radius: Option<Metres>) -> Vec<Issue> {
    let mut issues = Vec::new();
    if let Some(bbox) = bbox.filter(|bbox| !bbox.is_valid()) {
        issues.push(Issue::new("bbox", &bbox.to_string(), BBOX_RULE));
    }
    if let Some(near) = near.filter(|near| !near.is_valid()) {
        issues.push(Issue::new("near", &near.to_string(), NEAR_RULE));
    }
    if let Some(radius) = radius.filter(|radius| !radius.is_valid() || near.is_none()) {
        let rule = if near.is_none() { "near=latitude,longitude as well" } else { RADIUS_RULE };
        issues.push(Issue::new("radius", &radius.to_string(), rule));
    }
    issues
}

/// Returns whether a station is in the box and near the point. A station without coordinates is not.
pub(super) fn stands(station: &Station, bbox: Option<Bbox>, near: Option<(Point, Metres)>) -> bool {
    let Some((latitude, longitude)) = station.latitude.zip(station.longitude) else { return false };
    let place = Point { latitude, longitude };
    let is_in_box = match bbox {
        Some(bbox) => bbox.holds(place),
        None => true,
    };
    let is_near = match near {
        Some((point, radius)) => point.distance(place).0 <= radius.0,
        None => true,
    };
    is_in_box && is_near
}

/// Returns the distance of a station from the box and the point in metres; `None` for a station without coordinates.
pub(super) fn distance(station: &Station, bbox: Option<Bbox>, near: Option<Point>) -> Option<f64> {
    let (latitude, longitude) = station.latitude.zip(station.longitude)?;
    let place = Point { latitude, longitude };
    let from_box = bbox.map(|bbox| place.distance(bbox.nearest(place)).0);
    let from_point = near.map(|point| place.distance(point).0);
    from_box.into_iter().chain(from_point).reduce(f64::max)
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

/// Parses a plain decimal number. `-0` becomes `0`, so that a place has one canonical form.
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
    use crate::query::Query;

    fn at(latitude: f64, longitude: f64) -> Station {
        Station { latitude: Some(latitude), longitude: Some(longitude), ..Station::new("a") }
    }

    fn in_box(text: &str, latitude: f64, longitude: f64) -> bool {
        stands(&at(latitude, longitude), Some(Bbox::parse(text).unwrap()), None)
    }

    #[test]
    fn the_meridian_opposite_greenwich_is_in_a_box_by_either_of_its_longitudes() {
        let holds = |west, east, longitude| {
            Bbox { west, south: -50.0, east, north: -10.0 }.holds(Point { latitude: -17.0, longitude })
        };
        assert!(holds(170.0, 180.0, -180.0) && holds(-180.0, -170.0, 180.0) && holds(170.0, -170.0, 180.0));
        assert!(!holds(170.0, 179.9, -180.0) && !holds(-179.0, -170.0, 180.0));
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
            let [a, b] = [a, b].map(|(latitude, longitude)| Point { latitude, longitude });
            a.distance(b).0 / 1000.0
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
        let refused = |parameter: &str, text: &str| {
            let near = ("near", "1,1");
            let pairs = [(parameter, text), near].into_iter().take(if parameter == "radius" { 2 } else { 1 });
            Query::from_pairs(Query::PARAMETERS, pairs).unwrap_err().issues()[0].parameter.clone()
        };
        for text in
            ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,10,1,5", "0,0,181,1", "0,-91,1,0", "NaN,0,1,1", "1e1,0,1,1"]
        {
            assert_eq!(refused("bbox", text), "bbox", "{text}");
        }
        for text in ["", "40", "91,0", "0,-181", "40;3", "inf,0", "40,3,1", "40, 3"] {
            assert_eq!(refused("near", text), "near", "{text}");
        }
        for text in ["", "0", "-5", "20016001", "5 km", "m", "km", "1e3", "NaN", "5mi"] {
            assert_eq!(refused("radius", text), "radius", "{text}");
        }
    }

    #[test]
    fn a_builder_is_held_to_the_same_rules() {
        let boxed = |west, south| Query::builder().bbox(west, south, 1.0, 2.0).build();
        assert!(boxed(0.0, 1.0).is_ok());
        assert!(boxed(0.0, f64::NAN).is_err() && boxed(-181.0, 0.0).is_err() && boxed(0.0, 2.5).is_err());
        let near = |latitude, radius| Query::builder().near(latitude, 0.0, radius).build();
        assert!(near(0.0, 1.0).is_ok());
        assert!(near(f64::INFINITY, 1.0).is_err() && near(0.0, 0.0).is_err() && near(0.0, f64::NAN).is_err());
    }
}
