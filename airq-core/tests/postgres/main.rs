//! PostgreSQL as the source, on real servers: the contract, imports, failures, TLS, hostile text, the plans of queries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]
#![allow(
    clippy::naive_bytecount,
    clippy::default_constructed_unit_structs,
    clippy::default_trait_access,
    clippy::type_complexity,
    clippy::needless_for_each,
    reason = "a test reads best as it is said"
)]

mod compliance;
mod conflicts;
mod contract;
mod durability;
mod failure;
mod formats;
mod ground;
mod hostile;
mod import;
mod migrate;
mod parameters;
mod plans;
mod random_files;
mod same_answers;
mod tls;
#[path = "../upstream/mod.rs"]
#[expect(dead_code, reason = "other tests need the failures of the server")]
mod upstream;
