//! Files that change: stamps of the files of a source, and the decision when to load them again.

use super::files;
use crate::hash::{StableHasher, hex};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The paths, sizes and modification times of the files of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stamps(Vec<(PathBuf, u64, u128)>);

impl Stamps {
    /// The stamps of these files as they are now. A file that cannot be read has no size and no time.
    pub(super) fn of<'a>(paths: impl Iterator<Item = &'a Path>) -> Self {
        let stamp = |path: &Path| {
            let found = path.metadata().ok();
            let size = found.as_ref().map_or(0, std::fs::Metadata::len);
            let modified = found.and_then(|found| found.modified().ok()).unwrap_or(UNIX_EPOCH);
            let age = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            (path.to_owned(), size, age.as_nanos())
        };
        let mut stamps: Vec<_> = paths.map(stamp).collect();
        stamps.dedup();
        Stamps(stamps)
    }

    /// The stamps of a source as it is now; `None` if its files cannot be found.
    pub(super) fn of_source(paths: &[PathBuf], stations: Option<&Path>) -> Option<Self> {
        let found = files::find(paths, stations).ok()?;
        Some(Stamps::of_found(&found))
    }

    /// The stamps of the files that were found.
    pub(super) fn of_found(found: &files::Found) -> Self {
        let data = found.data.iter().map(files::DataFile::path);
        Stamps::of(data.chain(found.stations.iter().map(PathBuf::as_path)))
    }

    /// Whether a file was modified within the last second, so that it may still be written.
    pub(super) fn are_fresh(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        self.0.iter().any(|(_, _, modified)| now.saturating_sub(*modified) < 1_000_000_000)
    }

    /// A hash of paths, sizes and times, and of `settings`.
    pub(super) fn version(&self, settings: &str) -> String {
        let stamps = format!("{self:?}");
        hex(StableHasher::default().with(stamps.as_bytes()).with(settings.as_bytes()).finish())
    }
}

/// The state of a source whose files are watched.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The stamps of the rows that are served.
    pub(super) served: Stamps,
    /// The stamps at the last look, if they differ from those that are served.
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
        let has_failed = self.failed.as_ref().is_some_and(|(failed, _)| *failed == now);
        self.seen = Some(now);
        if self.is_loading || has_failed || !is_stable {
            return false;
        }
        self.is_loading = true;
        true
    }
}
