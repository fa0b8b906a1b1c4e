//! The output: standard output, or a file that is replaced only when it is complete.

use crate::failure::{Failure, write_error};
use crate::sign_of_life;
use crate::terminal_writer::TerminalWriter;
use airq_core::internal::random;
use airq_core::{Error, ErrorKind, Format, Query};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// A writer with errors that name the output and mark a closed pipe with [`ReaderGone`](crate::failure::ReaderGone).
#[derive(Debug)]
pub(crate) struct NamedWriter<W> {
    inner: W,
    name: String,
    /// True if the output begins on the terminal with the sign of life.
    is_first_on_terminal: bool,
}

/// Returns standard output, for text without control characters of the data.
pub(crate) fn stdout() -> NamedWriter<io::Stdout> {
    stdout_of(io::stdout())
}

/// Standard output for data. On a terminal, control characters of the data are replaced.
enum Stdout<W> {
    Terminal(TerminalWriter<W>),
    Other(W),
}

impl<W: Write + IsTerminal> Stdout<W> {
    fn new(out: W) -> Self {
        if out.is_terminal() { Stdout::Terminal(TerminalWriter::new(out)) } else { Stdout::Other(out) }
    }
}

impl<W: Write> Write for Stdout<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stdout::Terminal(terminal) => terminal.write(bytes),
            Stdout::Other(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stdout::Terminal(terminal) => terminal.flush(),
            Stdout::Other(out) => out.flush(),
        }
    }
}

/// Writes to a file, or to standard output.
///
/// # Errors
/// The error of `write`; if the file cannot be created or the output cannot be written.
pub(crate) fn write_to<T>(
    file: Option<&Path>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let Some(path) = file else {
        let mut out = stdout_of(Stdout::new(io::stdout()));
        let written = write(&mut out)?;
        out.flush()?;
        return Ok(written);
    };
    let file = NewFile::create(path)?;
    let written = write(&mut file.writer())?;
    file.finish()?;
    Ok(written)
}

/// Returns the format that the ending of a file chooses. `.json` and unknown endings choose none.
///
/// # Errors
/// If the ending is that of a format that this program is built without.
pub(crate) fn format_of(file: &Path) -> Result<Option<Format>, Failure> {
    let ending = file.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("csv") => Ok(Some(Format::Csv)),
        Some("ndjson" | "jsonl") => Ok(Some(Format::Ndjson)),
        Some("geojson") => Ok(Some(Format::GeoJson)),
        Some("parquet") => Ok(Query::from_pairs(&["format"], [("format", "parquet")])?.1),
        _ => Ok(None),
    }
}

/// Checks that a format of bytes is not written to a terminal.
///
/// # Errors
/// If it would be.
pub(crate) fn check_is_text(format: Format, file: Option<&Path>) -> Result<(), Failure> {
    if Format::TEXT.contains(&format) || file.is_some() || !io::stdout().is_terminal() {
        return Ok(());
    }
    let why = format!("--format {format} is not text: write it to a file with -o FILE.{format}, or into a pipe");
    Err(Error::new(ErrorKind::InvalidParameter, why).into())
}

/// Returns standard output for long answers, without the line buffer, which would search each write for a line end.
pub(crate) fn unbuffered_stdout() -> NamedWriter<Box<dyn Write + Send>> {
    #[cfg(unix)]
    if let Ok(descriptor) = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned() {
        return stdout_of(Box::new(Stdout::new(File::from(descriptor))));
    }
    stdout_of(Box::new(Stdout::new(io::stdout())))
}

fn stdout_of<W>(inner: W) -> NamedWriter<W> {
    NamedWriter { inner, name: "standard output".to_owned(), is_first_on_terminal: io::stdout().is_terminal() }
}

impl<W: Write> Write for NamedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.is_first_on_terminal) {
            sign_of_life::stop();
        }
        self.inner.write(bytes).map_err(|error| write_error(error, &self.name))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush().map_err(|error| write_error(error, &self.name))
    }
}

/// A file that is being written. It has a temporary name in the same directory until [`finish`](NewFile::finish), and is
/// deleted if it is dropped before.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: File,
    target: PathBuf,
    /// The temporary name; `None` for a device or a pipe, which is written directly.
    temporary: Option<PathBuf>,
}

impl NewFile {
    /// Creates the file.
    ///
    /// # Errors
    /// If the directory is missing or cannot be written, or the path is a directory.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        // The target of a symbolic link is replaced, not the link.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let existing = fs::metadata(&target).ok();
        if let Some(existing) = &existing {
            if existing.is_dir() {
                return Err(cannot_create(path, io::ErrorKind::IsADirectory.into()));
            }
            if !existing.is_file() {
                let file = OpenOptions::new().write(true).open(&target).map_err(|error| cannot_create(path, error))?;
                return Ok(NewFile { file, target, temporary: None });
            }
        }
        // A random name, because all processes in containers may have the id 1, and a killed process does not delete its file.
        let temporary = target.with_file_name(format!(".airq-{:016x}.part", random()));
        let file = File::create_new(&temporary).map_err(|error| cannot_create(path, error))?;
        let new = NewFile { file, target, temporary: Some(temporary) };
        if let Some(existing) = existing {
            new.file.set_permissions(existing.permissions()).map_err(|error| cannot_create(path, error))?;
        }
        Ok(new)
    }

    /// Returns a writer of the file.
    pub(crate) fn writer(&self) -> NamedWriter<&File> {
        NamedWriter { inner: &self.file, name: self.target.display().to_string(), is_first_on_terminal: false }
    }

    /// Flushes the complete file to the disk and renames it.
    ///
    /// # Errors
    /// If the file cannot be flushed or renamed.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        let named = self.file.sync_all().and_then(|()| fs::rename(&temporary, &self.target));
        named.map_err(|error| {
            self.temporary = Some(temporary);
            write_error(error, &self.target.display().to_string()).into()
        })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // An error cannot be reported here. A file that could not be deleted has the extension `.part`.
            let _ = fs::remove_file(temporary);
        }
    }
}

fn cannot_create(path: &Path, error: io::Error) -> Failure {
    Error::with_source(ErrorKind::Io, format!("cannot create {}", path.display()), error).into()
}
