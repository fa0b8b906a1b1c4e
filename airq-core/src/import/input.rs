//! The files of an import: found, measured, read and hashed in one pass.

use super::options::ImportOptions;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::Station;
use crate::repository::csv::{files, stations_file};
use ring::digest::{Context, SHA256};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const CHUNK: usize = 256 * 1024;

/// What is to be read.
pub(super) struct Input {
    pub(super) data: Vec<PathBuf>,
    /// The descriptions of stations, if there are any.
    pub(super) described: Vec<Station>,
    /// The size of the data files, as far as it is known.
    pub(super) size: u64,
    hash: Context,
}

impl Input {
    /// # Errors
    /// If nothing is found, or the stations' file cannot be used.
    pub(super) fn find(paths: impl IntoIterator<Item = impl AsRef<Path>>, options: &ImportOptions) -> Result<Self> {
        let found = files::find(paths, options.stations.as_deref())?;
        let mut hash = Context::new(&SHA256);
        let mut described = Vec::new();
        if let Some(path) = &found.stations {
            hash.update(&std::fs::read(path).map_err(|error| files::cannot_read(path, error))?);
            described = stations_file::read(path)?;
            check(&described).map_err(|error| error.in_file(&path.display().to_string()))?;
        }
        let size = found.data.iter().filter_map(|path| path.metadata().ok()).map(|known| known.len()).sum();
        Ok(Input { data: found.data, described, size, hash })
    }

    /// Reads one file to its end; an empty piece is the end.
    ///
    /// # Errors
    /// If it cannot be read, or `take` refuses.
    pub(super) fn read(&mut self, path: &Path, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut file = files::open(path)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let taken = match file.read(&mut chunk) {
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(files::cannot_read(path, error)),
            };
            self.hash.update(&chunk[..taken]);
            take(&chunk[..taken])?;
            if taken == 0 {
                return Ok(());
            }
        }
    }

    /// The names of the files, for the record of loads.
    pub(super) fn source(&self) -> String {
        let names: Vec<_> = self.data.iter().map(|path| path.display().to_string().replace('\0', "")).collect();
        match names.as_slice() {
            [first, .., last] => cut(&format!("{first} to {last}, {} files", names.len())),
            names => names.concat(),
        }
    }

    /// The hash of all bytes that were read, in hexadecimal digits.
    pub(super) fn sha256(self) -> String {
        self.hash.finish().as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// A database holds no text with a NUL in it.
fn check(stations: &[Station]) -> Result<()> {
    let texts = |station: &Station| {
        let optional = [&station.name, &station.city, &station.country].map(|text| text.clone().unwrap_or_default());
        optional.into_iter().chain([station.id.clone()]).any(|text| text.contains('\0'))
    };
    match stations.iter().find(|station| texts(station)) {
        Some(station) => {
            let why = format!("station {:?} has a NUL character in its description", cut(&station.id));
            Err(Error::new(ErrorKind::InvalidData, why))
        }
        None => Ok(()),
    }
}
