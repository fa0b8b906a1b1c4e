//! Patterns of paths, such as `data/*.csv` and `data/**/*.csv`.

use crate::error::{Error, ErrorKind, Result};
use glob::Pattern;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Component, Path, PathBuf};

/// The name of any number of folders.
const ANY_FOLDERS: &str = "**";

/// A part of a pattern.
enum Part {
    Name(Pattern),
    AnyFolders,
}

/// Returns the paths that a pattern matches, in the order of their names.
///
/// `**` matches any number of folders and does not enter symbolic links to folders, so links that form a loop are no endless tree. A name
/// such as `*` enters them.
///
/// # Errors
/// If the pattern is malformed or matches nothing, or a folder cannot be read.
pub(super) fn matching(pattern: &Path) -> Result<Vec<PathBuf>> {
    let components: Vec<Component<'_>> = pattern.components().collect();
    let literals = components.iter().take_while(|component| !is_pattern(component.as_os_str())).count();
    let root: PathBuf = components[..literals].iter().collect();
    let mut parts = Vec::new();
    for component in &components[literals..] {
        let name = component.as_os_str().to_string_lossy();
        if name != ANY_FOLDERS {
            parts.push(Part::Name(Pattern::new(&name).map_err(|error| unusable(pattern, &error.to_string()))?));
        } else if !matches!(parts.last(), Some(Part::AnyFolders)) {
            parts.push(Part::AnyFolders);
        }
    }
    let mut found = Vec::new();
    find(&root, &parts, &mut found).map_err(|error| unusable(pattern, &error.to_string()))?;
    found.sort();
    found.dedup();
    if found.is_empty() { Err(unusable(pattern, "no file matches")) } else { Ok(found) }
}

/// Returns whether a name has a wildcard.
pub(super) fn is_pattern(name: &OsStr) -> bool {
    name.to_string_lossy().contains(['*', '?', '['])
}

/// Adds the paths in a folder that the parts of a pattern match.
fn find(folder: &Path, parts: &[Part], found: &mut Vec<PathBuf>) -> Result<()> {
    match parts {
        [] => {}
        [Part::AnyFolders] => {
            found.push(folder.to_owned());
            for entry in entries(folder)?.iter().filter(|entry| is_own_folder(entry)) {
                find(&entry.path(), parts, found)?;
            }
        }
        [Part::AnyFolders, rest @ ..] => {
            find(folder, rest, found)?;
            for entry in entries(folder)?.iter().filter(|entry| is_own_folder(entry)) {
                find(&entry.path(), parts, found)?;
            }
        }
        [Part::Name(name), rest @ ..] => {
            for entry in entries(folder)?.iter().filter(|entry| name.matches(&entry.file_name().to_string_lossy())) {
                let path = entry.path();
                if rest.is_empty() {
                    found.push(path);
                } else if path.is_dir() {
                    find(&path, rest, found)?;
                }
            }
        }
    }
    Ok(())
}

fn unusable(pattern: &Path, why: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("{}: {why}", pattern.display()))
}

/// The entries of a folder; none if there is no such folder.
fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.collect::<std::io::Result<Vec<DirEntry>>>(),
        Err(_) if !folder.exists() => return Ok(Vec::new()),
        Err(error) => Err(error),
    };
    entries.map_err(|error| super::files::cannot_read(folder, error))
}

/// Returns whether the entry is a folder and not a link to one.
fn is_own_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is removed after the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[&str]) -> Folder {
            let folder = std::env::temp_dir().join(format!("airq-pattern-{name}-{}", std::process::id()));
            for file in files {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            Folder(folder)
        }

        fn matching(&self, pattern: &str) -> Vec<String> {
            let found = matching(&self.0.join(pattern)).unwrap();
            found.iter().map(|path| path.strip_prefix(&self.0).unwrap().display().to_string()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn patterns_match_names_in_folders_and_in_their_order() {
        let folder = Folder::new("names", &["b.csv", "a.csv", "x/c.csv", "x/y/d.csv", "x/y/e.txt"]);
        assert_eq!(folder.matching("*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(folder.matching("?.csv"), ["a.csv", "b.csv"]);
        assert_eq!(folder.matching("[ac].csv"), ["a.csv"]);
        assert_eq!(folder.matching("*/*.csv"), ["x/c.csv"]);
        assert_eq!(folder.matching("**/*.csv"), ["a.csv", "b.csv", "x/c.csv", "x/y/d.csv"]);
        assert_eq!(folder.matching("x/**/d.csv"), ["x/y/d.csv"]);
        assert_eq!(folder.matching("x/**"), ["x", "x/y"]);
        assert!(matching(&folder.0.join("*.parquet")).unwrap_err().to_string().ends_with("no file matches"));
        assert!(matching(&folder.0.join("none/*.csv")).is_err());
        assert!(matching(&folder.0.join("[.csv")).unwrap_err().is_invalid_input());
    }

    #[cfg(unix)]
    #[test]
    fn loops_of_links_end() {
        let folder = Folder::new("loops", &["a.csv", "x/b.csv"]);
        for link in ["one", "two", "x/three", "x/four"] {
            std::os::unix::fs::symlink(&folder.0, folder.0.join(link)).unwrap();
        }
        assert_eq!(folder.matching("**/*.csv"), ["a.csv", "x/b.csv"]);
        assert_eq!(folder.matching("**/x/*.csv"), ["x/b.csv"]);
        assert_eq!(folder.matching("one/*.csv"), ["one/a.csv"]);
        assert_eq!(folder.matching("o*/*.csv"), ["one/a.csv"]);
    }
}
