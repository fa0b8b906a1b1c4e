//! Throw-away servers for tests: real PostgreSQL and Redis on free ports in temporary folders.

mod certificates;
mod daemon;
mod postgres;
mod postgres_owner;
mod processes;

pub use postgres::{PostgresOptions, PostgresServer};
