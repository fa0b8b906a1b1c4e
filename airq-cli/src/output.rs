//! Where output goes: standard output, or a file that appears only when it is whole.

use crate::failure::{Failure, write_error};
use airq_core::internal::random;
use airq_core::{Error, ErrorKind};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A writer whose errors say what could not be written, and tell a reader that has gone from a disk that is full.
#[derive(Debug)]
pub(crate) struct Output<W> {
    inner: W,
    name: String,
}

/// Standard output.
pub(crate) fn stdout() -> Output<io::Stdout> {
    Output { inner: io::stdout(), name: "standard output".to_owned() }
}

/// Standard output for long answers: without the line buffer, which looks for a line end in each piece.
pub(crate) fn unbuffered_stdout() -> Output<Box<dyn Write + Send>> {
    #[cfg(unix)]
    if let Ok(descriptor) = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned() {
        return Output { inner: Box::new(File::from(descriptor)), name: "standard output".to_owned() };
    }
    Output { inner: Box::new(io::stdout()), name: "standard output".to_owned() }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes).map_err(|error| write_error(error, &self.name))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush().map_err(|error| write_error(error, &self.name))
    }
}

/// A file being written. It stands under another name beside its own until [`finish`](NewFile::finish); dropped before,
/// it is gone.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    target: PathBuf,
    /// The name until it is whole; `None` for a device or a pipe, which is written as it is.
    beside: Option<PathBuf>,
}

impl NewFile {
    /// Begins the file.
    ///
    /// # Errors
    /// If its folder is missing or cannot be written, or the path is a directory.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        // Through a symbolic link the file is replaced, not the link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let existing = fs::metadata(&target).ok();
        if existing.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(cannot_create(path, io::ErrorKind::IsADirectory.into()));
        }
        if existing.as_ref().is_some_and(|existing| !existing.is_file()) {
            let file = OpenOptions::new().write(true).open(&target).map_err(|error| cannot_create(path, error))?;
            return Ok(NewFile { file, target, beside: None });
        }
        // In a container every process may be number 1, and one that was killed leaves its part.
        let beside = target.with_file_name(format!(".airq-{:016x}.part", random()));
        let file = File::create_new(&beside).map_err(|error| cannot_create(path, error))?;
        let new = NewFile { file, target, beside: Some(beside) };
        if let Some(existing) = existing {
            new.file.set_permissions(existing.permissions()).map_err(|error| cannot_create(path, error))?;
        }
        Ok(new)
    }

    /// A writer into the file.
    pub(crate) fn writer(&self) -> Output<&File> {
        Output { inner: &self.file, name: self.target.display().to_string() }
    }

    /// The file is whole: it is put on the disk and gets its name.
    ///
    /// # Errors
    /// If the disk or the folder refuses.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let Some(beside) = self.beside.take() else { return Ok(()) };
        let named = self.file.sync_all().and_then(|()| fs::rename(&beside, &self.target));
        named.map_err(|error| {
            self.beside = Some(beside);
            write_error(error, &self.target.display().to_string()).into()
        })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // There is nobody to tell; what is left has a name that says it is a part.
            let _ = fs::remove_file(beside);
        }
    }
}

fn cannot_create(path: &Path, error: io::Error) -> Failure {
    Error::with_source(ErrorKind::Io, format!("cannot create {}", path.display()), error).into()
}
