//! Support for tests and benches (feature `testing`): contract suites for implementations of
//! [`Repository`](crate::Repository) and [`Cache`](crate::Cache), simulated data, and hostile names.
//!
//! The suites panic if a contract is broken.
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
