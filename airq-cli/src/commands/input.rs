//! Converts the options for reading files to the options of airq-core.

use crate::args::InputArgs;
use airq_core::input::InputOptions;
use airq_core::internal::{percent_decoded, split_settings};
use airq_core::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// # Errors
/// If a value is invalid.
pub(super) fn options(args: &InputArgs) -> Result<InputOptions> {
    let mut options = InputOptions::default().keep_all_examples(args.report.is_some());
    for (name, is_set) in [("decimal-comma", args.decimal_comma), ("keep-sentinels", args.keep_sentinels)] {
        if is_set {
            options = options.set(name, "true")?;
        }
    }
    for (name, value) in [
        ("format", &args.format_in),
        ("map", &args.map),
        ("time-format", &args.time_format),
        ("delimiter", &args.delimiter),
        ("missing", &args.missing),
        ("time-zone", &args.time_zone),
        ("temperature", &args.temperature),
        ("on-conflict", &args.on_conflict),
        ("period", &args.period),
        ("station-columns", &args.station_columns),
    ] {
        if let Some(value) = value {
            options = options.set(name, value)?;
        }
    }
    Ok(options)
}

/// Returns the path and the options of `csv:PATH?SETTING=VALUE&…`; any other path is returned unchanged.
///
/// # Errors
/// If a setting is invalid.
pub(super) fn located(path: &Path, mut options: InputOptions) -> Result<(PathBuf, InputOptions)> {
    let Some(location) = location(path) else { return Ok((path.to_owned(), options)) };
    let (path, settings) = split_settings(location);
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        options = options.set(name, &percent_decoded(value))?;
    }
    Ok((path.into(), options))
}

/// Returns the paths and the options of several files. The URL of a single file may have settings.
///
/// # Errors
/// If a setting is invalid, or one of several files has settings.
pub(super) fn all_located(paths: &[PathBuf], options: InputOptions) -> Result<(Vec<PathBuf>, InputOptions)> {
    if let [path] = paths {
        let (path, options) = located(path, options)?;
        return Ok((vec![path], options));
    }
    let mut files = Vec::with_capacity(paths.len());
    for path in paths {
        let Some(location) = location(path) else {
            files.push(path.clone());
            continue;
        };
        let (file, settings) = split_settings(location);
        if !settings.is_empty() {
            let why = "settings in the URL of a file are for an import of one file: give them as options";
            return Err(Error::new(ErrorKind::InvalidParameter, why));
        }
        files.push(file.into());
    }
    Ok((files, options))
}

fn location(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix("csv:")
}
