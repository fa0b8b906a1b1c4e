//! Which files a source names.

use crate::error::{Error, ErrorKind, Result};
use std::fs::File;
use std::path::{Path, PathBuf};

const STATIONS_FILE: &str = "stations.csv";

/// The files of a source.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) data: Vec<PathBuf>,
    pub(crate) stations: Option<PathBuf>,
}

/// Directories become their CSV files; `stations.csv` beside the data is found unless another is named.
///
/// # Errors
/// If a directory cannot be read, or nothing is found.
pub(crate) fn find(paths: impl IntoIterator<Item = impl AsRef<Path>>, stations: Option<&Path>) -> Result<Found> {
    let mut found = Found { data: Vec::new(), stations: stations.map(Path::to_owned) };
    for path in paths {
        let path = path.as_ref();
        let folder = if path.is_dir() {
            found.data.extend(csv_files(path)?);
            path
        } else {
            found.data.push(path.to_owned());
            path.parent().unwrap_or(Path::new(""))
        };
        if found.stations.is_none() {
            found.stations = Some(folder.join(STATIONS_FILE)).filter(|path| path.is_file());
        }
    }
    if found.data.is_empty() {
        return Err(Error::new(ErrorKind::InvalidSetting, "no CSV file there (*.csv, other than stations.csv)"));
    }
    Ok(found)
}

pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| cannot_read(path, error))
}

pub(crate) fn cannot_read(path: &Path, error: std::io::Error) -> Error {
    Error::with_source(ErrorKind::Io, format!("cannot read {}", path.display()), error)
}

fn csv_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(|error| cannot_read(folder, error))? {
        let path = entry.map_err(|error| cannot_read(folder, error))?.path();
        let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        if is_csv && path.is_file() && path.file_name().is_some_and(|name| name != STATIONS_FILE) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
