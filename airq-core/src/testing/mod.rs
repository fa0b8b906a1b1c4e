//! For tests and benches: contract suites for your own [`Repository`](crate::Repository) and [`Cache`](crate::Cache), seeded
//! data of the data set's shape, and names to be wary of.
//!
//! The suites panic with what was broken, as tests do. They are behind the feature `testing`.
#![expect(clippy::expect_used, reason = "a contract suite is a test: it panics with what was broken")]

mod averages_contract;
mod cache_contract;
mod hostile;
mod repository_contract;
pub mod servers;

pub use crate::clock::Clock;
pub use crate::csv::scan::vector_instructions;
pub use crate::simulation::{Dirt, Simulation};
pub use averages_contract::averages_contract;
pub use cache_contract::cache_contract;
pub use hostile::{HOSTILE_NAMES, csv_of_stations};
pub use repository_contract::{repository_contract, repository_contract_csv, repository_contract_stations};
