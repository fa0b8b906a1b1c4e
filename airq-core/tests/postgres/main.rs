//! PostgreSQL as the source, on real servers: the contract, imports, failures, TLS, hostile text, the plans of queries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod contract;
mod failure;
mod ground;
mod hostile;
mod import;
mod migrate;
mod plans;
mod tls;
