//! The files of a source.

#[cfg(feature = "formats")]
use super::pattern::is_pattern;
use super::station_metadata;
use crate::error::{Error, ErrorKind, Result, cut};
#[cfg(feature = "formats")]
pub(crate) use crate::input::InputFile as DataFile;
#[cfg(feature = "formats")]
use crate::input::is_joined_table;
#[cfg(not(feature = "formats"))]
use std::fs::File;
use std::path::{Path, PathBuf};

const STATIONS_FILE: &str = "stations.csv";
#[cfg(feature = "parquet")]
const ENDINGS: &[&str] = &[".csv", ".csv.gz", ".zip", ".parquet"];
#[cfg(all(feature = "formats", not(feature = "parquet")))]
const ENDINGS: &[&str] = &[".csv", ".csv.gz", ".zip"];
#[cfg(not(feature = "formats"))]
const ENDINGS: &[&str] = &[".csv"];

/// The files of a source.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) data: Vec<DataFile>,
    /// Files that describe stations. A later file takes precedence.
    pub(crate) stations: Vec<PathBuf>,
}

/// Finds the files of paths: the CSV files of directories, and each `stations.csv` next to the data unless another file is set.
///
/// # Errors
/// If a directory cannot be read, or there is no file.
pub(crate) fn find(paths: impl IntoIterator<Item = impl AsRef<Path>>, stations: Option<&Path>) -> Result<Found> {
    let (mut found, mut seen) = (Found::default(), Vec::new());
    for path in paths {
        seen.push(path.as_ref().display().to_string());
        for path in matching(path.as_ref())? {
            found.add(&path)?;
        }
    }
    if found.data.is_empty() {
        let endings = ENDINGS.iter().map(|ending| format!("*{ending}")).collect::<Vec<_>>().join(", ");
        let why = format!("no CSV file in {}: {endings}, other than stations.csv", cut(&seen.join(", ")));
        return Err(Error::new(ErrorKind::InvalidSetting, why));
    }
    if let Some(named) = stations {
        found.stations = vec![named.to_owned()];
    }
    Ok(found)
}

impl Found {
    fn add(&mut self, path: &Path) -> Result<()> {
        let (folder, files) = if path.is_dir() {
            (path, csv_files(path)?)
        } else {
            (path.parent().unwrap_or(Path::new("")), vec![path.to_owned()])
        };
        for file in files {
            if station_metadata::is_publishers(&file) {
                self.note_stations(file);
            } else {
                self.data.extend(DataFile::list(&file)?);
            }
        }
        if let Some(file) = stations_in(folder) {
            self.note_stations(file);
        }
        Ok(())
    }

    fn note_stations(&mut self, file: PathBuf) {
        if !self.stations.contains(&file) {
            self.stations.push(file);
        }
    }
}

/// Returns the paths that a [pattern](super::pattern) such as `data/*.csv` matches. An existing path matches itself.
#[cfg(feature = "formats")]
fn matching(path: &Path) -> Result<Vec<PathBuf>> {
    if path.exists() || !is_pattern(path.as_os_str()) {
        return Ok(vec![path.to_owned()]);
    }
    super::pattern::matching(path)
}

#[cfg(not(feature = "formats"))]
#[expect(clippy::unnecessary_wraps, reason = "as it is with the feature")]
fn matching(path: &Path) -> Result<Vec<PathBuf>> {
    Ok(vec![path.to_owned()])
}

#[cfg(not(feature = "formats"))]
fn is_joined_table(_: &str) -> bool {
    false
}

/// A file of measurements. Without the feature `formats`, it is read unchanged.
#[cfg(not(feature = "formats"))]
#[derive(Debug)]
pub(crate) struct DataFile(PathBuf);

#[cfg(not(feature = "formats"))]
impl DataFile {
    #[expect(clippy::unnecessary_wraps, reason = "as it is with the feature")]
    fn list(path: &Path) -> Result<Vec<DataFile>> {
        Ok(vec![DataFile(path.to_owned())])
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn name(&self) -> String {
        self.0.display().to_string()
    }

    pub(crate) fn read<T>(&self, take: impl FnOnce(&mut (dyn std::io::Read + Send)) -> Result<T>) -> Result<T> {
        take(&mut File::open(&self.0).map_err(|error| cannot_read(&self.0, error))?)
    }
}

pub(crate) fn cannot_read(path: &Path, error: std::io::Error) -> Error {
    Error::with_source(ErrorKind::Io, format!("cannot read {}", path.display()), error)
}

/// Returns the file that describes the stations of this folder; its name is matched without case.
fn stations_in(folder: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut named: Vec<PathBuf> = folder.read_dir().ok()?.flatten().map(|entry| entry.path()).collect();
    named
        .retain(|path| path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(STATIONS_FILE)) && path.is_file());
    named.into_iter().max()
}

fn csv_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(|error| cannot_read(folder, error))? {
        let path = entry.map_err(|error| cannot_read(folder, error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_joined = is_joined_table(&name);
        let name = name.to_lowercase();
        let is_table = ENDINGS.iter().any(|ending| name.ends_with(ending)) && !is_joined;
        // macOS adds a file `._NAME` for each file.
        if is_table && path.is_file() && name != STATIONS_FILE && !name.starts_with("._") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_stations_is_found_whatever_its_case() {
        let folder = std::env::temp_dir().join(format!("airq-stations-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["Stations.CSV", "stations.csv"] {
            std::fs::write(folder.join(name), "id\n").unwrap();
            assert_eq!(stations_in(&folder), Some(folder.join(name)));
            assert!(csv_files(&folder).unwrap().is_empty());
        }
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(stations_in(&folder), None);
    }
}
