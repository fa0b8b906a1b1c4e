//! An entry of a cache.

use super::body::EntryBody;
use crate::error::{Error, ErrorKind, Result};
use std::time::{Duration, SystemTime};

/// A cached answer and its lifetime. Times are by the system clock, so that all processes agree on them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The time at which the answer was loaded.
    pub created: SystemTime,
    /// The time for which the answer is fresh.
    pub fresh_for: Duration,
    /// The time after `fresh_for` for which the answer may still be served if the repository fails.
    pub stale_for: Duration,
    /// The strong entity tag, without quotes.
    pub etag: String,
    /// The number of rows.
    pub rows: u64,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
    body: EntryBody,
}

impl Entry {
    /// Returns an entry that is created now.
    pub fn new(body: impl Into<Box<[u8]>>, etag: impl Into<String>, fresh_for: Duration, stale_for: Duration) -> Self {
        Self::of(EntryBody::of_plain(body.into()), etag.into(), fresh_for, stale_for)
    }

    /// Returns an entry from a gzip body and the length of the plain body, for caches that store compressed answers. The body
    /// is decompressed when it is first requested.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`] if `gzip` cannot decompress to `length` bytes. The bytes are not checked further, so the cache
    /// must detect corruption. The body of a corrupt gzip is the part before the error.
    pub fn compressed(
        gzip: impl Into<Box<[u8]>>,
        length: usize,
        etag: impl Into<String>,
        fresh_for: Duration,
        stale_for: Duration,
    ) -> Result<Self> {
        let body = EntryBody::of_gzip(gzip.into(), length).map_err(|why| Error::new(ErrorKind::InvalidData, why))?;
        Ok(Self::of(body, etag.into(), fresh_for, stale_for))
    }

    fn of(body: EntryBody, etag: String, fresh_for: Duration, stale_for: Duration) -> Self {
        Entry { created: SystemTime::now(), fresh_for, stale_for, etag, rows: 0, next: None, body }
    }

    /// Returns the answer.
    pub fn body(&self) -> &[u8] {
        self.body.plain()
    }

    /// Returns whether the first call of [`body`](Entry::body) decompresses the answer.
    pub(crate) fn is_packed(&self) -> bool {
        self.body.is_packed()
    }

    /// Returns the length of the answer in bytes.
    pub fn length(&self) -> usize {
        self.body.length()
    }

    /// Returns the answer compressed with gzip, or `None` if it would not be smaller. The answer is compressed at the first
    /// call, and the result is kept.
    pub fn gzip(&self) -> Option<&[u8]> {
        self.gzip_timed(|_| ())
    }

    /// Does the same as [`gzip`](Entry::gzip). If this call compresses the answer, it passes the time taken to
    /// `on_compressed`.
    pub(crate) fn gzip_timed(&self, on_compressed: impl FnOnce(Duration)) -> Option<&[u8]> {
        self.body.gzip(on_compressed)
    }

    /// Returns the time that the compression took, if the answer was compressed.
    pub(crate) fn compress_time(&self) -> Option<Duration> {
        self.body.compress_time()
    }

    /// Returns the age of the entry, zero if the clock was set back since it was made.
    pub fn age(&self) -> Duration {
        self.age_at(SystemTime::now())
    }

    /// Returns whether the entry may be served without asking the repository.
    pub fn is_fresh(&self) -> bool {
        self.is_fresh_at(SystemTime::now())
    }

    /// Returns whether the entry must not be served even if the repository fails.
    pub fn is_expired(&self) -> bool {
        self.is_expired_at(SystemTime::now())
    }

    /// Returns the [age](Entry::age) at this time.
    pub(crate) fn age_at(&self, now: SystemTime) -> Duration {
        now.duration_since(self.created).unwrap_or_default()
    }

    /// Returns whether the entry [is fresh](Entry::is_fresh) at this time.
    pub(crate) fn is_fresh_at(&self, now: SystemTime) -> bool {
        self.age_at(now) < self.fresh_for
    }

    /// Returns whether the entry [is expired](Entry::is_expired) at this time.
    pub(crate) fn is_expired_at(&self, now: SystemTime) -> bool {
        self.age_at(now) >= self.fresh_for.saturating_add(self.stale_for)
    }

    /// Returns the time for which the entry stays fresh from now on; zero if it is stale.
    pub fn remaining(&self) -> Duration {
        self.fresh_for.saturating_sub(self.age())
    }

    /// Returns the maximum memory of the entry in bytes, including the form of the body that was not requested yet.
    pub fn size(&self) -> usize {
        let next = self.next.as_deref().unwrap_or_default().len();
        size_of::<Entry>() + self.etag.len() + self.body.max_size() + next
    }
}
