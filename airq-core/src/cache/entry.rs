//! A kept answer.

use super::body::Body;
use crate::error::{Error, ErrorKind, Result};
use std::time::{Duration, SystemTime};

/// A kept answer with its times. The clock is the system's, so that an entry means the same in every process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When it was made.
    pub created: SystemTime,
    /// How long from then it is fresh.
    pub fresh_for: Duration,
    /// How long after that it may still be served when the repository fails.
    pub stale_for: Duration,
    /// The strong entity tag, without quotes.
    pub etag: String,
    /// How many rows it has.
    pub rows: u64,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
    body: Body,
}

impl Entry {
    /// An entry of this body, made now, to be kept for these times.
    pub fn new(body: impl Into<Box<[u8]>>, etag: impl Into<String>, fresh_for: Duration, stale_for: Duration) -> Self {
        Self::of(Body::of_plain(body.into()), etag.into(), fresh_for, stale_for)
    }

    /// The same from the gzip of a body of so many bytes, for a cache that keeps answers compressed. It is unpacked when
    /// the body is first asked for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`] if its end tells another length, or no gzip can be of one so long. Whether it is whole is
    /// for the cache to know: of a torn one the body is what can be restored.
    pub fn compressed(
        gzip: impl Into<Box<[u8]>>,
        length: usize,
        etag: impl Into<String>,
        fresh_for: Duration,
        stale_for: Duration,
    ) -> Result<Self> {
        let body = Body::of_gzip(gzip.into(), length).map_err(|why| Error::new(ErrorKind::InvalidData, why))?;
        Ok(Self::of(body, etag.into(), fresh_for, stale_for))
    }

    fn of(body: Body, etag: String, fresh_for: Duration, stale_for: Duration) -> Self {
        Entry { created: SystemTime::now(), fresh_for, stale_for, etag, rows: 0, next: None, body }
    }

    /// The answer.
    pub fn body(&self) -> &[u8] {
        self.body.plain()
    }

    /// How many bytes the answer has.
    pub fn length(&self) -> usize {
        self.body.length()
    }

    /// The answer compressed with gzip, made when it is first asked for and kept from then on; `None` where that would
    /// not be smaller.
    pub fn gzip(&self) -> Option<&[u8]> {
        self.gzip_noted(|_| ())
    }

    /// The same; `note` is told how long it took if it was made now.
    pub(crate) fn gzip_noted(&self, note: impl FnOnce(Duration)) -> Option<&[u8]> {
        self.body.gzip(note)
    }

    /// How long it took to compress it, if that was done.
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

    /// How long it stays fresh from now; nothing if it is stale.
    pub fn remaining(&self) -> Duration {
        self.fresh_for.saturating_sub(self.age())
    }

    /// The memory it holds, in bytes, or may come to hold when its other form is asked for.
    pub fn size(&self) -> usize {
        let next = self.next.as_ref().map_or(0, String::len);
        size_of::<Entry>() + self.etag.len() + self.body.most() + next
    }
}
