//! Input files: plain, gzipped, members of a ZIP archive, or standard input.

use super::options::InputOptions;
#[cfg(feature = "parquet")]
use super::parquet::ParquetText;
#[cfg(feature = "http")]
use super::remote::{RemoteCopy, RemoteFiles};
use crate::error::{Error, ErrorKind, Result};
use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
#[cfg(feature = "http")]
use std::sync::Arc;
use zip::ZipArchive;
use zip::result::ZipError;

const STDIN: &str = "-";
/// The name of standard input in messages.
pub(super) const STDIN_NAME: &str = "standard input";
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";
#[cfg(feature = "parquet")]
const PARQUET: &[u8] = b"PAR1";
#[cfg(feature = "parquet")]
const PARQUET_ENDING: &str = ".parquet";
/// The endings of the members of archives that are tables.
#[cfg(feature = "parquet")]
pub(super) const TABLES: &[&str] = &[".csv", ".txt", ".dat", PARQUET_ENDING];
#[cfg(not(feature = "parquet"))]
pub(super) const TABLES: &[&str] = &[".csv", ".txt", ".dat"];
/// The size to which any file may unpack. A larger file is refused if the size is more than `MAX_RATIO` times its packed size.
const UNCHECKED_SIZE: u64 = 64 << 20;
const MAX_RATIO: u64 = 300;

/// An input file, unpacked while it is read.
///
/// Each table in a ZIP archive (`.csv`, `.txt`, `.dat` and, with the feature `parquet`, `.parquet`) is a file, except a readme or a license.
/// Gzip files and ZIP archives are recognised by their first bytes, not by their names. The path `-` is standard input.
#[derive(Clone, Debug)]
pub struct InputFile {
    path: PathBuf,
    /// The copy at the path, if the file is one that was fetched.
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
    /// The member of this number and name.
    Zip(usize, String),
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
            return InputFile::list_copy(RemoteFiles::new(options.remote.clone()).copy(url)?);
        }
        InputFile::list_local(path)
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

    /// A copy of a file that was fetched, which is not looked at.
    #[cfg(feature = "http")]
    pub(crate) fn of_copy(copy: Arc<RemoteCopy>) -> Self {
        InputFile { copy: Some(copy.clone()), ..InputFile::at(copy.path()) }
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
            return self.members(file);
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

    fn members(&self, file: File) -> Result<Vec<InputFile>> {
        let unreadable = |error| no_archive(&self.name(), &error);
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
        let mut files = Vec::new();
        for number in 0..archive.len() {
            let member = archive.by_index_raw(number).map_err(unreadable)?;
            let name = member.name().map_err(unreadable)?.into_owned();
            if member.is_file() && is_table(&name) {
                files.push(self.packed(Packing::Zip(number, name), Some(member.size())));
            }
        }
        files.sort_by_key(InputFile::name);
        if files.is_empty() {
            let endings = TABLES.join(", ");
            let why = format!("{} is an archive without a member that ends in {endings}", self.name());
            return Err(Error::new(ErrorKind::InvalidData, why));
        }
        Ok(files)
    }

    /// The copy at the path, if the file is one that was fetched.
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
        matches!(self.packing, Packing::Plain).then_some(&self.path)
    }

    /// The name in messages.
    pub fn name(&self) -> String {
        match &self.packing {
            Packing::Stream if self.path == Path::new(STDIN) => STDIN_NAME.to_owned(),
            Packing::Zip(_, member) => format!("{}/{member}", self.place()),
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
        let blame = |error| cannot_read(&self.name(), error);
        match &self.packing {
            Packing::Stream if self.path == Path::new(STDIN) => take(&mut *unpack(io::stdin()).map_err(blame)?),
            Packing::Stream => take(&mut *unpack(File::open(&self.path).map_err(blame)?).map_err(blame)?),
            Packing::Plain => take(&mut File::open(&self.path).map_err(blame)?),
            Packing::Gzip => {
                let file = File::open(&self.path).map_err(blame)?;
                let packed = file.metadata().map_err(blame)?.len();
                take(&mut Unpacked::new(Gzip::new(file), packed))
            }
            Packing::Zip(number, _) => {
                let file = BufReader::new(File::open(&self.path).map_err(blame)?);
                let unreadable = |error| no_archive(&self.place(), &error);
                let mut archive = ZipArchive::new(file).map_err(unreadable)?;
                let member = archive.by_index(*number).map_err(unreadable)?;
                let packed = member.compressed_size();
                let mut unpacked = Unpacked::new(member, packed);
                #[cfg(feature = "parquet")]
                if self.name().to_lowercase().ends_with(PARQUET_ENDING) {
                    // A Parquet file has its description at its end.
                    let mut whole = Vec::new();
                    unpacked.read_to_end(&mut whole).map_err(blame)?;
                    return take(&mut ParquetText::open(bytes::Bytes::from(whole), &self.name())?);
                }
                take(&mut unpacked)
            }
            #[cfg(feature = "parquet")]
            Packing::Parquet => take(&mut ParquetText::open(File::open(&self.path).map_err(blame)?, &self.name())?),
        }
    }
}

/// A stream, unpacked if it is gzipped.
fn unpack<'a>(mut stream: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let begin = first_bytes(&mut stream)?;
    let is_gzip = begin.starts_with(GZIP);
    if begin.starts_with(ZIP) {
        let why = "a ZIP archive has its contents at its end: give it as a file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let whole = Cursor::new(begin).chain(stream);
    // What is packed in a pipe has no size that could be compared.
    Ok(if is_gzip { Box::new(Unpacked::new(Gzip::new(whole), u64::MAX)) } else { Box::new(whole) })
}

/// The first four bytes, or fewer if there are no more.
fn first_bytes(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut begin = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut begin)?;
    Ok(begin)
}

/// The uncompressed size in the last four bytes of a gzip file.
fn stated_size(file: &mut File) -> Option<u64> {
    let mut size = [0; 4];
    file.seek(SeekFrom::End(-4)).ok()?;
    file.read_exact(&mut size).ok()?;
    Some(u64::from(u32::from_le_bytes(size)))
}

/// Returns whether a member of an archive is a table by its name: neither a text about the data nor a file that macOS adds.
fn is_table(name: &str) -> bool {
    const TEXTS: [&str; 8] = ["readme", "read_me", "read me", "license", "licence", "leeme", "liesmich", "lisezmoi"];
    let lower = name.to_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    let has_ending = |ending: &str| file.ends_with(ending);
    let is_text = TEXTS.iter().any(|text| file.starts_with(text)) && !has_ending(".csv");
    let is_of_macos = file.starts_with("._") || lower.starts_with("__macosx/");
    TABLES.iter().copied().any(has_ending) && !is_text && !is_of_macos
}

fn no_archive(name: &str, error: &ZipError) -> Error {
    Error::new(ErrorKind::InvalidData, format!("{name} cannot be read as a ZIP archive: {error}"))
}

pub(crate) fn cannot_read(name: &str, error: io::Error) -> Error {
    Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error)
}

/// The members of a gzipped file, one after the other. Zeros after the last member are skipped: some tapes and devices fill blocks with
/// them.
struct Gzip<R> {
    /// `None` at the end of the file.
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Gzip<R> {
    fn new(file: R) -> Self {
        Gzip { member: Some(GzDecoder::new(BufReader::new(file))) }
    }

    /// Starts the next member, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(ended) = self.member.take() else { return Ok(()) };
        let mut rest = ended.into_inner();
        loop {
            let bytes = rest.fill_buf()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let is_end = zeros < bytes.len();
            rest.consume(zeros);
            if is_end {
                self.member = Some(GzDecoder::new(rest));
                return Ok(());
            }
        }
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.next_member()?;
        }
        Ok(0)
    }
}

/// A reader that fails if a packed file unpacks to more than the limit.
struct Unpacked<R> {
    inner: R,
    most: u64,
    taken: u64,
}

impl<R> Unpacked<R> {
    fn new(inner: R, packed: u64) -> Self {
        Unpacked { inner, most: packed.saturating_mul(MAX_RATIO).max(UNCHECKED_SIZE), taken: 0 }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.inner.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "it ends in its middle: it was cut off"),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::new(io::ErrorKind::InvalidData, format!("it is damaged: {error}"))
            }
            _ => error,
        })?;
        self.taken += taken as u64;
        if self.taken > self.most {
            let why =
                format!("unpacked it is more than {MAX_RATIO} times as long: unpack it yourself if that is right");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzipped(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        unpack(packed)?.read_to_end(&mut content).map(|_| content)
    }

    #[test]
    fn a_stream_is_unpacked_by_how_it_begins() {
        assert_eq!(unpacked(b"a,b\n").unwrap(), b"a,b\n");
        assert_eq!(unpacked(b"").unwrap(), b"");
        assert_eq!(unpacked(&gzipped(b"a,b\n")).unwrap(), b"a,b\n");
        let padded = [gzipped(b"a,b\n"), vec![0; 5000]].concat();
        assert_eq!(unpacked(&padded).unwrap(), b"a,b\n");
        assert!(unpacked(&[gzipped(b"a,b\n"), b"rubbish of some length".to_vec()].concat()).is_err());
        let twice = [gzipped(b"a,b\n"), gzipped(b"1,2\n")].concat();
        assert_eq!(unpacked(&twice).unwrap(), b"a,b\n1,2\n");
        assert!(unpacked(b"PK\x03\x04...").unwrap_err().to_string().contains("give it as a file"));
    }

    #[test]
    fn a_cut_or_damaged_stream_says_so() {
        let whole = gzipped(&b"time,station,no2\n".repeat(1000));
        for end in 3..whole.len() {
            assert!(unpacked(&whole[..end]).unwrap_err().to_string().contains("cut off"), "{end}");
        }
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0xff;
        damaged[middle + 1] ^= 0xff;
        assert!(unpacked(&damaged).is_err());
    }

    #[test]
    fn what_becomes_hundreds_of_times_as_long_is_refused() {
        let bomb = gzipped(&vec![b'0'; 100 << 20]);
        let packed = bomb.len() as u64;
        let mut reader = Unpacked::new(Gzip::new(bomb.as_slice()), packed);
        let error = io::copy(&mut reader, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("300 times"), "{error}");
    }
}
