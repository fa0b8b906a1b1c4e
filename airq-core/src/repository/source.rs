//! Opens a repository by its URL.

use super::Repository;
use super::csv::{CsvOptions, CsvRepository};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use crate::url_settings::{is_web, split_settings};
use std::sync::Arc;

/// Opens a path, `csv:PATH?city=…&stations=…` or, with their features, `postgres://…` and `http://…`.
///
/// Options in the URL take precedence over `options`. `unlimited` removes the default time limit of a source.
///
/// # Errors
/// [`ErrorKind::InvalidSetting`] for an invalid URL; the error of opening the source.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "only PostgreSQL has a limit"))]
pub(crate) fn open(url: &SecretUrl, options: CsvOptions, unlimited: bool) -> Result<Arc<dyn Repository>> {
    #[cfg(feature = "postgres")]
    if is_postgres(url) {
        return Ok(Arc::new(super::postgres::PostgresRepository::at(url, unlimited)?));
    }
    let url = url.expose();
    if let Some(rest) = url.strip_prefix("csv:") {
        return open_csv(rest, options);
    }
    match url.split_once("://") {
        #[cfg(feature = "http")]
        Some(("http" | "https", _)) => Ok(Arc::new(super::HttpRepository::open(url)?)),
        Some((scheme, _)) => Err(unknown_scheme(scheme)),
        None => open_files(url, &options),
    }
}

/// Returns whether the URL is of a PostgreSQL database.
#[cfg(feature = "postgres")]
pub(crate) fn is_postgres(url: &SecretUrl) -> bool {
    url.expose().starts_with("postgres://") || url.expose().starts_with("postgresql://")
}

fn open_csv(rest: &str, mut options: CsvOptions) -> Result<Arc<dyn Repository>> {
    let (path, settings) = split_settings(rest);
    for setting in settings.split('&').filter(|setting| !setting.is_empty()) {
        options = match setting.split_once('=') {
            Some(("city", name)) => options.city(name),
            Some(("stations", path)) => options.stations(path),
            Some(("skip-bad-rows", "true")) => options.skip_bad_rows(true),
            Some((name, value)) => options.set_input(name, value).ok_or_else(|| unknown_setting(setting, path))??,
            None => return Err(unknown_setting(setting, path)),
        };
    }
    open_files(path, &options)
}

fn open_files(path: &str, options: &CsvOptions) -> Result<Arc<dyn Repository>> {
    let repository =
        if options.scans() { CsvRepository::scan([path], options)? } else { CsvRepository::open([path], options)? };
    Ok(Arc::new(repository))
}

fn unknown_setting(setting: &str, path: &str) -> Error {
    #[cfg(feature = "formats")]
    let files = crate::InputOptions::NAMES.iter().fold(String::new(), |files, name| files + ", " + name + "=…");
    #[cfg(not(feature = "formats"))]
    let files = "";
    let known = format!("known are city=NAME, stations=PATH, skip-bad-rows=true{files}");
    let hint = if is_web(path) {
        "; a URL with a query of its own has its settings after #: csv:https://HOST/FILE?a=b#refresh=10m"
    } else {
        ""
    };
    Error::new(ErrorKind::InvalidSetting, format!("csv: has no setting {:?}; {known}{hint}", cut(setting)))
}

fn unknown_scheme(scheme: &str) -> Error {
    const KNOWN: &str = match (cfg!(feature = "postgres"), cfg!(feature = "http")) {
        (true, true) => "a path, csv:PATH, postgres://… and http://HOST",
        (true, false) => "a path, csv:PATH and postgres://… (this program is built without the feature http)",
        (false, true) => "a path, csv:PATH and http://HOST (this program is built without the feature postgres)",
        (false, false) => "a path and csv:PATH (this program is built without the features postgres and http)",
    };
    Error::new(ErrorKind::InvalidSetting, format!("no source of kind {:?}; known are {KNOWN}", cut(scheme)))
}
