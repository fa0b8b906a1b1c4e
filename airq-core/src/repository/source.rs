//! Opens a repository by its URL.

use super::Repository;
use super::csv::{CsvOptions, CsvRepository};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::percent::percent_decoded;
use crate::secret::SecretUrl;
use crate::url_settings::{is_web, split_settings};
use std::path::Path;
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
    let shown = url;
    let url = url.expose();
    if let Some(rest) = url.strip_prefix("csv:") {
        return open_csv(rest, options);
    }
    match url.split_once("://") {
        #[cfg(feature = "http")]
        Some(("http" | "https", _)) => Ok(Arc::new(super::HttpRepository::open(url)?)),
        Some((scheme, _)) => Err(unknown_scheme(scheme)),
        // Errors about files show their paths.
        None if shown.has_password() && !Path::new(url).exists() => {
            let why = format!("the source {shown} is neither a file nor a URL such as postgres://USER@HOST/DATABASE");
            Err(Error::new(ErrorKind::InvalidSetting, why))
        }
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
        let (name, value) = setting.split_once('=').ok_or_else(|| unknown_setting(setting, path))?;
        let value = percent_decoded(value);
        options = match (name, value.as_str()) {
            // In forms, a plus is a blank. The names of cities have blanks, and no plus.
            ("city", city) => options.city(city.replace('+', " ")),
            ("stations", path) => options.stations(path),
            ("skip-bad-rows", "true") => options.skip_bad_rows(true),
            (name, value) => options.set_input(name, value).ok_or_else(|| unknown_setting(setting, path))??,
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
    let files = crate::input::InputOptions::NAMES.iter().fold(String::new(), |files, name| files + ", " + name + "=…");
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
    // A text with other characters is no scheme and may have a password.
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let scheme = if is_scheme { scheme } else { "***" };
    Error::new(ErrorKind::InvalidSetting, format!("no source of kind {:?}; known are {KNOWN}", cut(scheme)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_settings_are_percent_decoded() {
        let path = std::env::temp_dir().join(format!("airq-source-{}.csv", std::process::id()));
        std::fs::write(&path, "time,station,no2\n2016-10-01,a,1\n").unwrap();
        for (written, city) in
            [("New%20York", "New York"), ("S%C3%A3o+Paulo", "São Paulo"), ("A%26B", "A&B"), ("100%", "100%")]
        {
            let url = SecretUrl::new(format!("csv:{}?city={written}", path.display()));
            let repository = open(&url, CsvOptions::default(), false).unwrap();
            let stations = repository.stations().unwrap();
            assert_eq!(stations.iter().next().unwrap().city.as_deref(), Some(city));
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn no_error_about_a_malformed_url_shows_its_password() {
        for url in [
            "postgres:/airq:s3cret@db/airq",
            "postgres//airq:s3cret@db/airq",
            "postgres:airq:s3cret@db/airq",
            "airq:s3cret@db",
            "airq:s3cret@db://x",
            "postgers://airq:s3cret@db/airq",
            "postgres://airq:s3cret@db:port/airq",
            "postgres://airq:s3cret@/airq?hos=x",
            "postgres://airq:s3cret/s3cret@db:port/airq",
            "postgres://airq:s3cret?s3cret@db:port/airq",
            "postgres://airq:s3cret?a=s3cret@db:port/airq",
            "postgres://airq:s3cret#s3cret@db:port/airq",
            "postgres://airq:s3cret%zz@db:port/airq",
            "postgres://airq:s3cret@db/airq?sslmode=x",
            "postgres://db:port/airq?user=airq&password=s3cret",
            "http://airq:s3cret@:80",
            "http://airq:s3cret@host#x",
            "http://airq:s3cret@host?x=1",
        ] {
            let Err(error) = open(&SecretUrl::new(url), CsvOptions::default(), false) else {
                panic!("{url} is malformed");
            };
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{url}: {error}");
        }
    }
}
