//! The files of an import: found, measured, read and hashed in one pass.

use super::options::ImportOptions;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::input::InputFile;
use crate::model::Station;
use crate::repository::csv::{files, station_metadata};
use ring::digest::{Context, SHA256};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::Path;

/// The files of an import.
pub(super) struct Input {
    pub(super) data: Vec<InputFile>,
    /// The stations of the stations files.
    pub(super) described: Vec<Station>,
    /// The size of the data files whose size is known.
    pub(super) size: u64,
    hash: Context,
}

impl Input {
    /// # Errors
    /// If no file is found, or a stations file is invalid.
    pub(super) fn find(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &ImportOptions) -> Result<Self> {
        let found = files::find(paths, options.stations.as_deref(), &files::remote_files(&options.input))?;
        let mut hash = Context::new(&SHA256);
        let mut described = Vec::new();
        for file in &found.stations {
            let csv = station_metadata::bytes(file)?;
            hash.update(&csv);
            let stations = station_metadata::parse(&csv).map_err(|error| error.in_file(&file.name()))?;
            check(&stations).map_err(|error| error.in_file(&file.name()))?;
            described.extend(stations);
        }
        let size = found.data.iter().filter_map(InputFile::size).sum();
        Ok(Input { data: found.data, described, size, hash })
    }

    /// Passes the unpacked content of one file to `take`, and hashes the bytes that `take` reads.
    ///
    /// # Errors
    /// If the file cannot be opened, or `take` fails.
    pub(super) fn read(&mut self, file: &InputFile, take: impl FnOnce(&mut dyn Read) -> Result<()>) -> Result<()> {
        file.read(|content| take(&mut Hashed { content, hash: &mut self.hash }))
    }

    /// The state of the hash, for [`restart`](Input::restart).
    pub(super) fn hash(&self) -> Context {
        self.hash.clone()
    }

    /// Restarts with this state of the hash, because the files are read again.
    pub(super) fn restart(&mut self, hash: Context) {
        self.hash = hash;
    }

    /// The names of the files, for the record of loads.
    pub(super) fn source(&self) -> String {
        let names: Vec<_> = self.data.iter().map(|file| file.name().replace('\0', "")).collect();
        match names.as_slice() {
            [first, .., last] => cut(&format!("{first} to {last}, {} files", names.len())),
            names => names.concat(),
        }
    }

    /// The hash of the unpacked bytes that were read, in hexadecimal digits.
    pub(super) fn sha256(self) -> String {
        self.hash.finish().as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A file that hashes its content while it is read.
struct Hashed<'a> {
    content: &'a mut dyn Read,
    hash: &'a mut Context,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.content.read(buffer)?;
        self.hash.update(&buffer[..taken]);
        Ok(taken)
    }
}

/// Checks that the texts have no NUL character, which PostgreSQL cannot store.
fn check(stations: &[Station]) -> Result<()> {
    match stations.iter().find(|station| has_nul(station)) {
        Some(station) => {
            let why = format!("station {:?} has a NUL character in its description", cut(&station.id));
            Err(Error::new(ErrorKind::InvalidData, why))
        }
        None => Ok(()),
    }
}

fn has_nul(station: &Station) -> bool {
    let optional = [&station.name, &station.city, &station.country];
    station.id.contains('\0') || optional.into_iter().flatten().any(|text| text.contains('\0'))
}
