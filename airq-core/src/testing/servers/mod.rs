//! Temporary servers for tests: real PostgreSQL and Redis on free ports in temporary directories.

mod certificates;
mod daemon;
mod postgres;
mod postgres_owner;
mod processes;
mod redis;
mod redis_cluster;

pub use postgres::{PostgresOptions, PostgresServer};
pub use redis::{RedisOptions, RedisServer};
pub use redis_cluster::RedisCluster;
