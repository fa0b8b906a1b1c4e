//! An answer for a server.

use crate::cache::{CacheStatus, Lookup, MemoryBudget};
use crate::clock::Clock;
use crate::error::Result;
use crate::format::Format;
use crate::observe::{Observation, Observer, Timing};
use crate::percent::percent_encoded;
use crate::query::Resolved;
use std::sync::Arc;
use std::time::Duration;

/// An answer: its bytes, plain and compressed, and the data for the headers of a response.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) lookup: Lookup,
    pub(super) format: Format,
    next_page: Option<String>,
    /// True if values are not in the units of their parameters.
    pub(super) has_units: bool,
    budget: Arc<MemoryBudget>,
    observer: Arc<dyn Observer>,
    clock: Clock,
}

impl Answer {
    pub(super) fn new(
        lookup: Lookup,
        format: Format,
        resolved: &Resolved,
        budget: Arc<MemoryBudget>,
        observer: Arc<dyn Observer>,
        clock: Clock,
    ) -> Self {
        let next_page = lookup.entry.next.as_deref().map(|cursor| next_page(resolved, cursor, format));
        Answer { lookup, format, next_page, has_units: resolved.units.is_some(), budget, observer, clock }
    }

    /// Decompresses the body, if a cache had the answer compressed only. This waits for memory of the budget
    /// ([`AirqBuilder::memory_budget`](crate::AirqBuilder::memory_budget)), which [`body`](Answer::body) does not.
    ///
    /// # Errors
    /// [`ErrorKind::Overloaded`](crate::ErrorKind::Overloaded) if the memory is not available within a second.
    pub fn unpack(&mut self) -> Result<()> {
        self.budget.unpack(&self.lookup.entry, &mut self.lookup.held)
    }

    /// The answer.
    pub fn body(&self) -> &[u8] {
        self.lookup.entry.body()
    }

    /// The body compressed with gzip; `None` if it would not be smaller. The body is compressed once for all clones of the
    /// entry.
    pub fn gzip(&self) -> Option<&[u8]> {
        let entry = &self.lookup.entry;
        entry.gzip_timed(|took| self.observer.observe(&Observation::Compressed { bytes: entry.length(), took }))
    }

    /// The strong entity tag of the body, without quotes.
    pub fn etag(&self) -> &str {
        &self.lookup.entry.etag
    }

    /// The media type.
    pub fn content_type(&self) -> &'static str {
        self.format.content_type()
    }

    /// The version of the data that the rows are from.
    pub fn version(&self) -> &str {
        self.lookup.key.version()
    }

    /// The number of rows.
    pub fn row_count(&self) -> u64 {
        self.lookup.entry.rows
    }

    /// The URL query, percent-encoded, of the page that follows this one.
    pub fn next_page(&self) -> Option<&str> {
        self.next_page.as_deref()
    }

    /// The age of the answer.
    pub fn age(&self) -> Duration {
        self.lookup.entry.age_at(self.clock.wall())
    }

    /// The time until the answer is stale; zero if it is stale.
    pub fn remaining(&self) -> Duration {
        // An answer of a former version of the data set is stale at any age.
        if self.status() == CacheStatus::Stale {
            return Duration::ZERO;
        }
        self.lookup.entry.fresh_for.saturating_sub(self.age())
    }

    /// The time since the answer became stale; zero if it is fresh.
    pub fn overdue(&self) -> Duration {
        self.age().saturating_sub(self.lookup.entry.fresh_for)
    }

    /// The origin of the answer: a cache or the source.
    pub fn status(&self) -> CacheStatus {
        self.lookup.status
    }

    /// The cache that the answer is from, if it is from a cache.
    pub fn tier(&self) -> Option<&'static str> {
        self.lookup.tier
    }

    /// The time of each step, if the answer was loaded for this request. It includes the compression once the body was
    /// [compressed](Answer::gzip).
    pub fn timing(&self) -> Option<Timing> {
        let compress = self.lookup.entry.compress_time().unwrap_or_default();
        self.lookup.timing.map(|timing| Timing { compress, ..timing })
    }
}

fn next_page(resolved: &Resolved, cursor: &str, format: Format) -> String {
    let mut pairs = resolved.without_cursor();
    if !pairs.is_empty() {
        pairs.push('&');
    }
    pairs + &format!("cursor={}&format={format}", percent_encoded(cursor))
}
