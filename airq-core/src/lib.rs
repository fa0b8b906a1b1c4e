#![doc = include_str!("../README.md")]
#![cfg_attr(
    all(test, not(feature = "testing")),
    allow(unreachable_pub, reason = "unit tests use items that are public with the feature `testing`")
)]

mod account;
pub mod aggregate;
pub mod aqi;
mod bit_set;
pub mod cache;
#[cfg(feature = "chart")]
pub mod chart;
mod clock;
pub mod compliance;
mod configuration;
pub mod csv;
mod deadline;
mod doctor;
mod documents;
pub mod encode;
mod engine;
mod error;
mod finding;
mod format;
mod gzip;
mod hash;
#[cfg(feature = "postgres")]
pub mod import;
#[cfg(feature = "formats")]
pub mod input;
mod memo;
mod model;
pub mod observe;
mod percent;
mod pool;
mod query;
mod random;
mod rating;
pub mod repository;
mod rows;
mod secret;
#[cfg(any(feature = "sample", feature = "testing"))]
mod simulation;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod trace;
#[cfg(feature = "http")]
mod trust_store;
mod url_settings;

/// Functions that the programs of this workspace share. They are not part of the API and may change in any release.
#[doc(hidden)]
pub mod internal {
    pub use crate::hash::stable_hex;
    pub use crate::memo::Memo;
    pub use crate::percent::percent_decoded;
    pub use crate::random::random;
    pub use crate::secret::{has_password, without_passwords};
    pub use crate::text::counted;
    pub use crate::trace::within_trace;
    pub use crate::url_settings::{parse_size, split_settings};

    /// Returns a name without accents and in lower case, as names of cities are compared.
    pub fn city_key(name: &str) -> String {
        crate::model::CityKey::new(name).as_str().to_owned()
    }
}

pub use account::{Account, Counted, Ignored};
pub use cache::Cache;
pub use configuration::{Configuration, Origin};
pub use documents::Document;
pub use engine::{Airq, AirqBuilder, Answer, Nearby};
pub use error::{Error, ErrorKind, Issue, ParseError, Position, Result};
pub use finding::{Finding, Health};
pub use format::Format;
pub use gzip::gzip;
pub use model::{
    City, Conflict, Conflicts, Examples, GasConditions, MixedStation, MixedStations, Mixture, OnConflict, Parameter,
    Period, Sentinels, Station, Stations, Timestamp, Unit, Zone,
};
pub use pool::PoolState;
pub use query::{Cursor, Query, QueryBuilder, Rows, Selection, TimeBound};
pub use repository::Repository;
pub use rows::{Measurement, MeasurementRef, Measurements, OverallIndex, RowSchema, RowSummary, Value};
