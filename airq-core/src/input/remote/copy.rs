//! The copy of a file that was fetched: a temporary file, on Linux without a name, so that a process that is killed leaves nothing
//! behind.

use crate::error::{Error, ErrorKind, Result};
use crate::hash::StableHasher;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// A complete copy. It exists until it is dropped.
#[derive(Debug)]
pub(crate) struct RemoteCopy {
    /// The URL without user and query, for messages and versions.
    pub(crate) name: String,
    pub(crate) size: u64,
    /// A hash of the content.
    pub(crate) hash: u64,
    file: TemporaryFile,
}

#[derive(Debug)]
struct TemporaryFile {
    open: File,
    path: PathBuf,
    /// The name, which is removed on drop; `None` for a file without a name.
    _name: Option<TempPath>,
}

/// A copy that is being written.
pub(super) struct CopyWriter {
    file: TemporaryFile,
    pub(super) size: u64,
    hash: StableHasher,
}

impl RemoteCopy {
    /// A path that can be opened several times.
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }
}

impl CopyWriter {
    /// Creates an empty file in the directory for temporary files.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub(super) fn create() -> Result<Self> {
        let file = TemporaryFile::create().map_err(|error| {
            let folder = std::env::temp_dir();
            let what = format!("cannot create a temporary file in {}, the directory of TMPDIR", folder.display());
            Error::with_source(ErrorKind::Io, what, error)
        })?;
        Ok(CopyWriter { file, size: 0, hash: StableHasher::default() })
    }

    /// # Errors
    /// If the file cannot be written.
    pub(super) fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.size += chunk.len() as u64;
        self.hash = self.hash.with(chunk);
        let written = self.file.open.write_all(chunk);
        written
            .map_err(|error| Error::with_source(ErrorKind::Io, "cannot write the temporary file of a download", error))
    }

    pub(super) fn finish(self, name: String) -> RemoteCopy {
        RemoteCopy { name, size: self.size, hash: self.hash.finish(), file: self.file }
    }
}

impl TemporaryFile {
    fn create() -> io::Result<Self> {
        let open = tempfile::tempfile()?;
        if let Some(path) = path_of(&open) {
            return Ok(TemporaryFile { open, path, _name: None });
        }
        let (open, name) = NamedTempFile::with_prefix("airq-")?.into_parts();
        Ok(TemporaryFile { open, path: name.to_path_buf(), _name: Some(name) })
    }
}

/// The path of an open file in `/proc`, which also leads to a file without a name; `None` if there is no `/proc`.
#[cfg(target_os = "linux")]
fn path_of(file: &File) -> Option<PathBuf> {
    use std::os::fd::AsRawFd;
    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    if path.exists() { Some(path) } else { None }
}

#[cfg(not(target_os = "linux"))]
fn path_of(_: &File) -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_can_be_opened_until_it_is_dropped() {
        let mut writer = CopyWriter::create().unwrap();
        writer.write(b"a,b\n").unwrap();
        writer.write(b"1,2\n").unwrap();
        let copy = writer.finish("today.csv".to_owned());
        for _ in 0..2 {
            assert_eq!(std::fs::read_to_string(copy.path()).unwrap(), "a,b\n1,2\n");
        }
        assert_eq!((copy.size, copy.hash), (8, StableHasher::default().with(b"a,b\n1,2\n").finish()));
        let path = copy.path().to_owned();
        drop(copy);
        assert!(!path.is_file());
    }
}
