//! Input files: plain, gzipped, members of a ZIP archive, or standard input.

use super::archive::{self, Member};
use super::options::InputOptions;
#[cfg(feature = "parquet")]
use super::parquet::ParquetText;
#[cfg(feature = "http")]
use super::remote::{RemoteCopy, RemoteFiles};
use super::unpack::{Described, GZIP, Gzip, Unpacked, ZIP, first_bytes, may_unpack_to, unpack};
use crate::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
#[cfg(feature = "http")]
use std::sync::Arc;

const STDIN: &str = "-";
/// The name of standard input in messages.
pub(super) const STDIN_NAME: &str = "standard input";
#[cfg(feature = "parquet")]
const PARQUET: &[u8] = b"PAR1";
#[cfg(feature = "parquet")]
const PARQUET_ENDING: &str = ".parquet";
/// The endings of the members of archives that are tables.
#[cfg(feature = "parquet")]
pub(super) const TABLES: &[&str] = &[".csv", ".txt", ".dat", PARQUET_ENDING];
#[cfg(not(feature = "parquet"))]
pub(super) const TABLES: &[&str] = &[".csv", ".txt", ".dat"];

/// An input file, unpacked while it is read.
///
/// Each table in a ZIP archive (`.csv`, `.txt`, `.dat` and, with the feature `parquet`, `.parquet`) is a file, except a readme or a license.
/// Gzip files and ZIP archives are recognised by their first bytes, not by their names. The path `-` is standard input.
#[derive(Clone, Debug)]
pub struct InputFile {
    path: PathBuf,
    /// The copy at the path, if the file was fetched.
    #[cfg(feature = "http")]
    copy: Option<Arc<RemoteCopy>>,
    packing: Packing,
    /// The approximate size of the content, if it is known.
    size: Option<u64>,
}

#[derive(Clone, Debug)]
enum Packing {
    /// A pipe, which can be read once.
    Stream,
    Plain,
    Gzip,
    Zip(Member),
    /// A Parquet file, read as CSV text.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl InputFile {
    /// The files at a path. With the feature `http`, a path `https://HOST/FILE` or `http://HOST/FILE` is fetched to a temporary file,
    /// which exists as long as the returned files and their clones.
    ///
    /// # Errors
    /// If the path cannot be read, or is an archive without a CSV file.
    #[cfg_attr(not(feature = "http"), expect(unused_variables, reason = "the options of a download"))]
    pub fn list(path: &Path, options: &InputOptions) -> Result<Vec<InputFile>> {
        #[cfg(feature = "http")]
        if let Some(url) = super::remote::url_of(path) {
            let copy = RemoteFiles::new(options.remote.clone()).copy(url)?;
            return Ok(without_stations(InputFile::list_copy(copy)?));
        }
        Ok(without_stations(InputFile::list_local(path)?))
    }

    /// The files at a path that is no URL.
    ///
    /// # Errors
    /// As [`list`](InputFile::list).
    pub(crate) fn list_local(path: &Path) -> Result<Vec<InputFile>> {
        InputFile::at(path).with_members()
    }

    /// The files in a copy of a file that was fetched.
    ///
    /// # Errors
    /// As [`list`](InputFile::list).
    #[cfg(feature = "http")]
    pub(crate) fn list_copy(copy: Arc<RemoteCopy>) -> Result<Vec<InputFile>> {
        InputFile::of_copy(copy).with_members()
    }

    /// Returns whether the file is the `stations.csv` of an archive.
    pub(crate) fn is_of_stations(&self) -> bool {
        let Packing::Zip(member) = &self.packing else { return false };
        member.name.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("stations.csv"))
    }

    /// A copy of a file that was fetched, which is not looked at.
    #[cfg(feature = "http")]
    pub(crate) fn of_copy(copy: Arc<RemoteCopy>) -> Self {
        let file = InputFile::at(copy.path());
        InputFile { copy: Some(copy), ..file }
    }

    /// The file at a path, which is not looked at.
    pub(crate) fn at(path: &Path) -> Self {
        InputFile {
            path: path.to_owned(),
            #[cfg(feature = "http")]
            copy: None,
            packing: Packing::Plain,
            size: None,
        }
    }

    /// Finds out how the file is packed; returns the members of an archive.
    fn with_members(self) -> Result<Vec<InputFile>> {
        let path = &self.path;
        let known = path.metadata().ok().filter(std::fs::Metadata::is_file);
        if path == Path::new(STDIN) || (path.exists() && known.is_none()) {
            return Ok(vec![self.packed(Packing::Stream, None)]);
        }
        let mut file = File::open(path).map_err(|error| cannot_read(&self.name(), error))?;
        let begin = first_bytes(&mut file).map_err(|error| cannot_read(&self.name(), error))?;
        if begin.starts_with(ZIP) {
            return self.members();
        }
        #[cfg(feature = "parquet")]
        if begin.starts_with(PARQUET) {
            return Ok(vec![self.packed(Packing::Parquet, None)]);
        }
        if begin.starts_with(GZIP) {
            return Ok(vec![self.packed(Packing::Gzip, stated_size(&mut file))]);
        }
        Ok(vec![self.packed(Packing::Plain, known.map(|known| known.len()))])
    }

    fn packed(&self, packing: Packing, size: Option<u64>) -> Self {
        InputFile { packing, size, ..self.clone() }
    }

    fn members(&self) -> Result<Vec<InputFile>> {
        let mut files = Vec::new();
        for member in archive::members(&self.path, &self.name())? {
            let size = member.size;
            files.push(self.packed(Packing::Zip(member), Some(size)));
        }
        Ok(files)
    }

    /// The copy at the path, if the file was fetched.
    #[cfg(feature = "http")]
    pub(crate) fn copy(&self) -> Option<&RemoteCopy> {
        self.copy.as_deref()
    }

    /// The path of the file, or of the archive that it is a member of.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file that is neither packed nor a stream.
    pub(crate) fn plain(&self) -> Option<&Path> {
        match self.packing {
            Packing::Plain => Some(&self.path),
            _ => None,
        }
    }

    /// The name in messages.
    pub fn name(&self) -> String {
        match &self.packing {
            Packing::Stream if self.path == Path::new(STDIN) => STDIN_NAME.to_owned(),
            Packing::Zip(member) => format!("{}/{}", self.place(), member.name),
            _ => self.place(),
        }
    }

    /// The path, or the URL of a file that was fetched.
    fn place(&self) -> String {
        #[cfg(feature = "http")]
        if let Some(copy) = &self.copy {
            return copy.name.clone();
        }
        self.path.display().to_string()
    }

    /// The approximate size of the content; `None` if the size is unknown.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Returns whether the content can be read a second time.
    pub fn can_be_read_again(&self) -> bool {
        !matches!(self.packing, Packing::Stream)
    }

    /// Opens the file and passes its content to `take`.
    ///
    /// # Errors
    /// If the file cannot be opened, or `take` fails. Reading fails if the file is truncated or damaged, and if it unpacks to
    /// more than 300 times its packed size.
    pub fn read<T>(&self, take: impl FnOnce(&mut (dyn Read + Send)) -> Result<T>) -> Result<T> {
        match &self.packing {
            Packing::Stream if self.path == Path::new(STDIN) => {
                take(&mut *unpack(io::stdin()).map_err(|error| self.unreadable(error))?)
            }
            Packing::Stream => take(&mut *unpack(self.open()?).map_err(|error| self.unreadable(error))?),
            Packing::Plain => take(&mut self.open()?),
            Packing::Gzip => take(&mut self.open_gzip().map_err(|error| self.unreadable(error))?),
            Packing::Zip(member) => member.read(&self.place(), |content| {
                #[cfg(feature = "parquet")]
                if member.name.to_lowercase().ends_with(PARQUET_ENDING) {
                    // A Parquet file has its description at its end.
                    let mut whole = Vec::new();
                    Described(content).read_to_end(&mut whole).map_err(|error| self.unreadable(error))?;
                    return ParquetText::open(bytes::Bytes::from(whole), &self.name())?.read(take);
                }
                take(&mut Described(content))
            }),
            #[cfg(feature = "parquet")]
            Packing::Parquet => ParquetText::open(self.open()?, &self.name())?.read(take),
        }
    }

    fn open(&self) -> Result<File> {
        File::open(&self.path).map_err(|error| self.unreadable(error))
    }

    fn open_gzip(&self) -> io::Result<Unpacked<Gzip<File>>> {
        let mut file = File::open(&self.path)?;
        let packed = file.metadata()?.len();
        // The end of a file that was cut off states any size, so what may be a bomb is first unpacked into nothing.
        if may_unpack_to(stated_size(&mut file).unwrap_or_default(), packed).is_err() {
            file.rewind()?;
            io::copy(&mut Unpacked::new(Gzip::new(&mut file), packed), &mut io::sink())?;
        }
        file.rewind()?;
        Ok(Unpacked::new(Gzip::new(file), packed))
    }

    /// The error about this file.
    fn unreadable(&self, error: io::Error) -> Error {
        cannot_read(&self.name(), error)
    }
}

/// The files without the `stations.csv` of an archive.
fn without_stations(mut files: Vec<InputFile>) -> Vec<InputFile> {
    if files.len() > 1 {
        files.retain(|file| !file.is_of_stations());
    }
    files
}

/// The uncompressed size in the last four bytes of a gzip file.
fn stated_size(file: &mut File) -> Option<u64> {
    let mut size = [0; 4];
    file.seek(SeekFrom::End(-4)).ok()?;
    file.read_exact(&mut size).ok()?;
    Some(u64::from(u32::from_le_bytes(size)))
}

pub(crate) fn cannot_read(name: &str, error: io::Error) -> Error {
    Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error)
}
