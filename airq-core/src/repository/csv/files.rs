//! The files of a source.

#[cfg(feature = "formats")]
use super::pattern::is_pattern;
use super::station_metadata;
use crate::error::{Error, ErrorKind, Result, cut};
#[cfg(feature = "formats")]
pub(crate) use crate::input::InputFile as DataFile;
#[cfg(feature = "formats")]
use crate::input::is_joined_table;
#[cfg(feature = "http")]
pub(crate) use crate::input::remote::RemoteFiles;
#[cfg(feature = "http")]
use crate::input::remote::url_of;
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
    pub(crate) stations: Vec<DataFile>,
}

/// The files that are fetched by their URL: none without the feature `http`.
#[cfg(not(feature = "http"))]
#[derive(Debug)]
pub(crate) struct RemoteFiles;

#[cfg(not(feature = "http"))]
impl RemoteFiles {
    #[expect(clippy::unused_self, reason = "as it is with the feature")]
    pub(super) fn failure(&self) -> Option<String> {
        None
    }
}

/// The files that are fetched by their URL with these options: none until they are found.
#[cfg(feature = "http")]
pub(crate) fn remote_files(options: &crate::input::InputOptions) -> RemoteFiles {
    RemoteFiles::new(options.remote.clone())
}

#[cfg(all(feature = "formats", not(feature = "http")))]
pub(crate) fn remote_files(_: &crate::input::InputOptions) -> RemoteFiles {
    RemoteFiles
}

/// Finds the files of paths: the CSV files of directories, and each `stations.csv` next to the data unless another file is set. A path
/// may be a URL; its file is fetched if `remote` has no copy.
///
/// # Errors
/// If a directory cannot be read, a file cannot be fetched, or there is no file.
pub(crate) fn find(
    paths: impl IntoIterator<Item = impl AsRef<Path>>,
    stations: Option<&Path>,
    remote: &RemoteFiles,
) -> Result<Found> {
    let mut found = Found::default();
    let mut seen = Vec::new();
    for path in paths {
        let path = path.as_ref();
        #[cfg(feature = "http")]
        if let Some(url) = url_of(path) {
            found.add_remote(remote, url)?;
            continue;
        }
        #[cfg(not(feature = "http"))]
        if let Some(text) = path.to_str()
            && crate::url_settings::is_web(text)
        {
            let why = format!("{}: this program is built without the feature http", path.display());
            return Err(Error::new(ErrorKind::InvalidSetting, why));
        }
        seen.push(path.display().to_string());
        for path in matching(path)? {
            found.add(&path)?;
        }
    }
    if found.data.is_empty() {
        let endings = ENDINGS.iter().map(|ending| format!("*{ending}")).collect::<Vec<_>>().join(", ");
        let why = format!("no CSV file in {}: {endings}, other than stations.csv", cut(&seen.join(", ")));
        return Err(Error::new(ErrorKind::InvalidSetting, why));
    }
    // Verified values come last: they win over up-to-date values.
    found.data.sort_by_key(|file| !is_up_to_date(&file.name()));
    if let Some(named) = stations {
        found.stations = vec![stations_file(named, remote)?];
    }
    Ok(found)
}

/// Returns whether a file is of the data set E2a of the European Environment Agency, by the name of its folder.
fn is_up_to_date(name: &str) -> bool {
    name.split(['/', '\\']).any(|folder| folder.eq_ignore_ascii_case("E2a"))
}

/// The file of a setting that describes stations.
#[cfg(feature = "http")]
fn stations_file(path: &Path, remote: &RemoteFiles) -> Result<DataFile> {
    Ok(match url_of(path) {
        Some(url) => DataFile::of_copy(remote.copy(url)?),
        None => DataFile::at(path),
    })
}

#[cfg(not(feature = "http"))]
#[expect(clippy::unnecessary_wraps, reason = "as it is with the feature")]
fn stations_file(path: &Path, _: &RemoteFiles) -> Result<DataFile> {
    Ok(DataFile::at(path))
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
                self.note_stations(DataFile::at(&file));
            } else {
                self.add_members(members(&file)?);
            }
        }
        if let Some(file) = stations_in(folder) {
            self.note_stations(DataFile::at(&file));
        }
        Ok(())
    }

    #[cfg(feature = "http")]
    fn add_remote(&mut self, remote: &RemoteFiles, url: &str) -> Result<()> {
        let copy = remote.copy(url)?;
        if station_metadata::is_publishers(copy.path()) {
            self.note_stations(DataFile::of_copy(copy));
        } else {
            self.add_members(DataFile::list_copy(copy)?);
        }
        Ok(())
    }

    /// Adds the files of a path. The `stations.csv` of an archive describes stations.
    fn add_members(&mut self, files: Vec<DataFile>) {
        for file in files {
            if file.is_of_stations() {
                self.note_stations(file);
            } else {
                self.data.push(file);
            }
        }
    }

    fn note_stations(&mut self, file: DataFile) {
        if !self.stations.iter().any(|known| known.name() == file.name()) {
            self.stations.push(file);
        }
    }
}

/// The files of measurements in a file, which may be an archive.
#[cfg(feature = "formats")]
fn members(path: &Path) -> Result<Vec<DataFile>> {
    DataFile::list_local(path)
}

#[cfg(not(feature = "formats"))]
#[expect(clippy::unnecessary_wraps, reason = "as it is with the feature")]
fn members(path: &Path) -> Result<Vec<DataFile>> {
    Ok(vec![DataFile::at(path)])
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
    pub(crate) fn at(path: &Path) -> Self {
        DataFile(path.to_owned())
    }

    /// Returns `false`: there are no archives.
    #[expect(clippy::unused_self, reason = "as it is with the feature")]
    fn is_of_stations(&self) -> bool {
        false
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
