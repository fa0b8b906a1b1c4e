//! Pollutants by the names that publishers give them.

use crate::model::Pollutant;

/// The pollutant of this name: airq's own, or one that is usual elsewhere.
pub(super) fn pollutant(name: &str) -> Option<Pollutant> {
    let plain = name.trim().to_ascii_lowercase();
    match plain.as_str() {
        "nox as no2" => Some(Pollutant::Nox),
        "benzene" => Some(Pollutant::C6h6),
        "ozone" => Some(Pollutant::O3),
        _ => Pollutant::parse(&plain),
    }
}
