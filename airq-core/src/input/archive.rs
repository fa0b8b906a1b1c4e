//! ZIP archives: their members that are tables.

use super::input_file::{TABLES, cannot_read};
use super::unpack::may_unpack_to;
use crate::error::{Error, ErrorKind, Result, cut};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

/// A member of an archive. All members of an archive share its directory, which is read once.
#[derive(Clone, Debug)]
pub(super) struct Member {
    archive: Arc<ZipArchive<ArchiveFile>>,
    number: usize,
    pub(super) name: String,
    packed: u64,
    pub(super) size: u64,
}

/// Returns the tables of an archive in the order of their names. `archive_name` is the name of the archive in messages.
///
/// # Errors
/// If the archive is damaged, has no table, or its tables are together more than 300 times as long as the archive.
pub(super) fn members(path: &Path, archive_name: &str) -> Result<Vec<Member>> {
    let mut archive = ZipArchive::new(ArchiveFile::new(path)).map_err(|error| damaged(archive_name, &error))?;
    let mut tables = Vec::new();
    for number in 0..archive.len() {
        let member = archive.by_index_raw(number).map_err(|error| damaged(archive_name, &error))?;
        let name = member.name().map_err(|error| damaged(archive_name, &error))?.into_owned();
        if member.is_file() && is_table(&name) {
            tables.push((number, name, member.compressed_size(), member.size()));
        }
    }
    if tables.is_empty() {
        let endings = TABLES.join(", ");
        let why = format!("{archive_name} is an archive without a member that ends in {endings}");
        return Err(Error::new(ErrorKind::InvalidData, why));
    }
    // Members may share their packed bytes, so the sizes are also compared as a whole.
    let total = tables.iter().fold(0_u64, |total, (.., size)| total.saturating_add(*size));
    let packed = path.metadata().map_or(0, |known| known.len());
    may_unpack_to(total, packed).map_err(|error| cannot_read(archive_name, error))?;
    tables.sort_by(|one, other| one.1.cmp(&other.1));
    let archive = Arc::new(archive);
    let mut members = Vec::with_capacity(tables.len());
    for (number, name, packed, size) in tables {
        members.push(Member { archive: archive.clone(), number, name, packed, size });
    }
    Ok(members)
}

impl Member {
    /// Opens the member and passes its content to `take`. `archive_name` is the name of the archive in messages.
    ///
    /// # Errors
    /// If the member cannot be opened or is too long, or `take` fails.
    pub(super) fn read<T>(
        &self,
        archive_name: &str,
        take: impl FnOnce(&mut ZipFile<'_, ArchiveFile>) -> Result<T>,
    ) -> Result<T> {
        may_unpack_to(self.size, self.packed)
            .map_err(|error| cannot_read(&format!("{archive_name}/{}", cut(&self.name)), error))?;
        // A clone shares the directory.
        let mut archive = (*self.archive).clone();
        // The content ends with an error where it is longer than the directory states.
        let mut content = archive.by_index(self.number).map_err(|error| damaged(archive_name, &error))?;
        take(&mut content)
    }
}

/// Returns whether a member of an archive is a table by its name: neither a text about the data nor a file that macOS adds.
fn is_table(name: &str) -> bool {
    const TEXTS: [&str; 8] = ["readme", "read_me", "read me", "license", "licence", "leeme", "liesmich", "lisezmoi"];
    let lower = name.to_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    let is_csv = Path::new(file).extension().is_some_and(|extension| extension == "csv");
    let is_text = TEXTS.iter().any(|text| file.starts_with(text)) && !is_csv;
    let is_of_macos = file.starts_with("._") || lower.starts_with("__macosx/");
    TABLES.iter().any(|ending| file.ends_with(ending)) && !is_text && !is_of_macos
}

fn damaged(name: &str, error: &ZipError) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{name} cannot be read as a ZIP archive: {error}"))
}

/// The file of an archive, which is opened when it is first read. Each clone has a file of its own.
#[derive(Debug)]
pub(super) struct ArchiveFile {
    path: Arc<Path>,
    file: Option<BufReader<File>>,
}

impl ArchiveFile {
    fn new(path: &Path) -> Self {
        ArchiveFile { path: path.into(), file: None }
    }

    fn open(&mut self) -> io::Result<&mut BufReader<File>> {
        match &mut self.file {
            Some(file) => Ok(file),
            closed => Ok(closed.insert(BufReader::new(File::open(&self.path)?))),
        }
    }
}

impl Clone for ArchiveFile {
    fn clone(&self) -> Self {
        ArchiveFile { path: self.path.clone(), file: None }
    }
}

impl Read for ArchiveFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.open()?.read(buffer)
    }
}

impl Seek for ArchiveFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.open()?.seek(to)
    }
}
