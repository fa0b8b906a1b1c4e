//! Throw-away servers for tests: real PostgreSQL and Redis on free ports in temporary folders.

mod daemon;
