//! Converts the options for reading files to the options of airq-core.

use crate::args::InputArgs;
use airq_core::input::InputOptions;
use airq_core::internal::{percent_decoded, split_settings};
use airq_core::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// # Errors
/// If a value is invalid.
pub(super) fn options(args: &InputArgs) -> Result<InputOptions> {
    let comma = args.decimal_comma.then(|| "true".to_owned());
    let sentinels = args.keep_sentinels.then(|| "true".to_owned());
    let given = [
        ("format", &args.format_in),
        ("map", &args.map),
        ("time-format", &args.time_format),
        ("delimiter", &args.delimiter),
        ("decimal-comma", &comma),
        ("missing", &args.missing),
        ("time-zone", &args.time_zone),
        ("temperature", &args.temperature),
        ("on-conflict", &args.on_conflict),
        ("keep-sentinels", &sentinels),
        ("period", &args.period),
        ("station-columns", &args.station_columns),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let options = InputOptions::default().keep_all_examples(args.report.is_some());
    given.into_iter().try_fold(options, |options, (name, value)| options.set(name, value))
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
    let has_settings = |path: &PathBuf| location(path).is_some_and(|location| !split_settings(location).1.is_empty());
    if paths.iter().any(has_settings) {
        let why = "settings in the URL of a file are for an import of one file: give them as options";
        return Err(Error::new(ErrorKind::InvalidParameter, why));
    }
    Ok((paths.iter().map(|path| location(path).map_or_else(|| path.clone(), PathBuf::from)).collect(), options))
}

fn location(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix("csv:")
}
