//! Files that change: stamps of the files of a source, and the decision when to load them again.

use super::files::{DataFile, Found};
use crate::hash::{StableHasher, hex};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// The stamps of the files of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps(Vec<Stamp>);

/// The properties that distinguish a file from an earlier file at the same path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    /// The path or the URL.
    path: PathBuf,
    size: u64,
    /// The nanoseconds since 1970 of the modification, or the hash of the content of a file that was fetched.
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Modified(u128),
    #[cfg(feature = "http")]
    Hash(u64),
}

impl Stamp {
    /// The current stamp of a file. A file that cannot be read has no size and no time.
    fn of(file: &DataFile) -> Self {
        #[cfg(feature = "http")]
        if let Some(copy) = file.copy() {
            return Stamp { path: copy.name.clone().into(), size: copy.size, content: Content::Hash(copy.hash) };
        }
        let path = file.path();
        let found = path.metadata().ok();
        let size = found.as_ref().map_or(0, std::fs::Metadata::len);
        let modified = found.and_then(|found| found.modified().ok()).unwrap_or(UNIX_EPOCH);
        let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Stamp { path: path.to_owned(), size, content: Content::Modified(age.as_nanos()) }
    }
}

impl Stamps {
    /// The stamps of the files that were found.
    pub(super) fn of(found: &Found) -> Self {
        let mut stamps: Vec<Stamp> = found.data.iter().chain(&found.stations).map(Stamp::of).collect();
        stamps.dedup();
        Stamps(stamps)
    }

    /// Returns whether a file was modified within the last second, so that it may still be written.
    pub(super) fn are_fresh(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        self.0.iter().any(|stamp| match stamp.content {
            Content::Modified(modified) => now.saturating_sub(modified) < 1_000_000_000,
            #[cfg(feature = "http")]
            Content::Hash(_) => false,
        })
    }

    /// A hash of paths, sizes and times, and of `settings`.
    pub(super) fn version(&self, settings: &str) -> String {
        let stamps = format!("{self:?}");
        hex(StableHasher::default().with(stamps.as_bytes()).with(settings.as_bytes()).finish())
    }
}

/// The state of a source with watched files.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The stamps of the rows that are served.
    pub(super) served: Stamps,
    /// The stamps at the last look, if they differ from the served stamps.
    pub(super) seen: Option<Stamps>,
    pub(super) is_loading: bool,
    /// The stamps that could not be loaded, and why.
    pub(super) failed: Option<(Stamps, String)>,
}

impl Watch {
    /// Takes the stamps of a look; returns whether the files have changed and can be loaded: the same at two looks, none of them
    /// modified just now, not loading already and not known to fail.
    pub(super) fn look(&mut self, now: Stamps) -> bool {
        if now == self.served {
            self.seen = None;
            self.failed = None;
            return false;
        }
        let is_stable = self.seen.as_ref() == Some(&now) && !now.are_fresh();
        let has_failed = matches!(&self.failed, Some((failed, _)) if *failed == now);
        self.seen = Some(now);
        if self.is_loading || has_failed || !is_stable {
            return false;
        }
        self.is_loading = true;
        true
    }
}
