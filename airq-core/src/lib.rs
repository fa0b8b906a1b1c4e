#![doc = include_str!("../README.md")]

mod airq;
mod cache;
#[cfg(feature = "chart")]
mod chart;
mod documents;
mod error;
mod format;
mod hash;
mod model;
mod observe;
mod query;
mod repository;
pub mod reshape;
mod secret;
#[cfg(any(feature = "sample", feature = "testing"))]
mod simulation;
#[cfg(feature = "testing")]
pub mod testing;

pub use airq::{Airq, AirqBuilder, Answer};
pub use cache::{Cache, CacheStatus, Entry, Key, Lookup, MemoryCache};
#[cfg(feature = "chart")]
pub use chart::{Chart, ChartOptions, Line, Panel};
pub use documents::Document;
pub use error::{Error, ErrorKind, Issue, Position, Result};
pub use format::Format;
pub use model::{City, Pollutant, Station, Stations, Timestamp};
pub use observe::{LogObserver, Observation, Observer, Outcome, Timing};
pub use query::{Cursor, Query, QueryBuilder, Rows, Selection};
pub use repository::{CsvOptions, CsvRepository, DataSet, Loaded, Repository};
pub use reshape::Summary;
