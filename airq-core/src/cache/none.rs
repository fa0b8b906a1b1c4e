//! The cache that stores nothing.

use super::{Cache, Entry, Key};
use crate::error::Result;
use crate::finding::Finding;
use std::sync::Arc;

/// Stores nothing. Concurrent requests for the same answer still share one load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoCache;

impl Cache for NoCache {
    fn lookup(&self, _: &Key) -> Result<Option<Arc<Entry>>> {
        Ok(None)
    }

    fn store(&self, _: &Key, _: Arc<Entry>) -> Result<()> {
        Ok(())
    }

    fn examine(&self) -> Vec<Finding> {
        vec![Finding::ok("cache", "no answer is kept, as it is set")]
    }

    fn tier(&self) -> &'static str {
        "none"
    }
}
