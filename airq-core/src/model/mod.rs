//! What a measurement is: a [`Pollutant`] at a [`Station`] at a [`Timestamp`].

mod city;
mod concentration;
mod pollutant;
mod station;
mod timestamp;
mod zone;

pub(crate) use city::{CityKey, nearest};
pub use concentration::{GasConditions, Unit};
pub use pollutant::Pollutant;
pub use station::{City, Station, Stations};
pub(crate) use timestamp::HOUR;
pub(crate) use timestamp::LastDate;
pub use timestamp::Timestamp;
pub(crate) use zone::ZONE_RULE;
pub use zone::Zone;
