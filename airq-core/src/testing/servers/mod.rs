//! Throw-away servers for tests: real PostgreSQL and Redis on free ports in temporary folders.

#[expect(dead_code, reason = "the servers come with their features")]
mod daemon;
