//! Temporary servers for tests: real PostgreSQL, Redis and nginx on free ports in temporary directories.

mod certificates;
mod daemon;
mod postgres;
mod postgres_owner;
mod processes;
mod redis;
mod redis_cluster;
mod web;

pub use daemon::free_port;
pub use postgres::{PostgresOptions, PostgresServer};
pub use redis::{RedisOptions, RedisServer};
pub use redis_cluster::RedisCluster;
pub use web::{WebMood, WebServer};
