//! What a measurement is: a [`Parameter`] at a [`Station`] at a [`Timestamp`].

mod city;
mod conflict;
mod examples;
mod mixed_station;
mod parameter;
mod period;
mod sentinel;
mod station;
mod timestamp;
mod unit;
mod zone;

pub(crate) use city::{CityKey, nearest, nearest_within};
pub(crate) use conflict::is_same_value;
pub use conflict::{Conflict, Conflicts, OnConflict};
pub use examples::Examples;
pub(crate) use mixed_station::PlaceCheck;
pub use mixed_station::{MixedStation, MixedStations, Mixture};
pub use parameter::Parameter;
pub(crate) use parameter::Recognized;
pub use period::Period;
#[cfg(feature = "formats")]
pub(crate) use period::SourcePeriod;
pub use sentinel::Sentinels;
pub use station::{City, Station, Stations};
pub(crate) use timestamp::HOUR;
pub(crate) use timestamp::LastDate;
pub use timestamp::Timestamp;
#[cfg(feature = "formats")]
pub(crate) use unit::interned;
pub use unit::{GasConditions, Unit};
#[cfg(feature = "formats")]
pub(crate) use zone::ZONE_RULE;
pub use zone::Zone;
