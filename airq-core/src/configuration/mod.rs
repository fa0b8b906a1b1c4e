//! The settings of airq's programs: environment variables, and a configuration file.

#[cfg(feature = "configuration")]
mod file;

use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::nearest_within;
use crate::secret::SecretUrl;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The settings of the environment and of a configuration file. A variable takes precedence over a key of the file.
///
/// `Debug` hides the values, because they may contain passwords.
#[derive(Clone, Default)]
pub struct Configuration {
    /// The file that was read.
    path: Option<PathBuf>,
    /// The file that `AIRQ_CONFIG` names.
    stated_path: Option<PathBuf>,
    keys: BTreeMap<&'static str, FileValue>,
    variables: BTreeMap<&'static str, String>,
    /// The variables that start with `AIRQ_` and are not settings.
    unknown_variables: Vec<String>,
}

/// The value of a key in a configuration file.
#[derive(Clone)]
#[cfg_attr(not(feature = "configuration"), allow(dead_code, reason = "without the feature, no file is read"))]
struct FileValue {
    text: String,
    line: usize,
}

/// The origin of a setting, for messages: `AIRQ_CACHE_TTL`, or `airq.toml, line 3: cache-ttl`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// An environment variable with this name.
    Variable(String),
    /// A key of a configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line of the key, from 1.
        line: usize,
        /// The key.
        key: &'static str,
    },
}

impl Configuration {
    /// The names of all settings, which are also the keys of a configuration file.
    ///
    /// A library reads the names up to `cache-ttl` ([`AirqBuilder::configuration`](crate::AirqBuilder::configuration)). The others are
    /// settings of `airq-server`.
    pub const NAMES: [&str; 17] = [
        "source",
        "source-file",
        "source-password-file",
        "cache",
        "cache-file",
        "cache-password-file",
        "cache-ttl",
        "listen",
        "admin-listen",
        "connections",
        "connections-per-client",
        "threads",
        "memory-budget",
        "head-timeout",
        "send-floor",
        "grace",
        "log",
    ];

    /// Returns the settings of environment variables. An empty variable counts as not set.
    pub fn from_environment() -> Self {
        Configuration::from_variables(std::env::vars_os())
    }

    pub(crate) fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut configuration = Configuration::default();
        for (variable, value) in variables {
            // A value that is not UTF-8 is converted with replacement characters, and then fails with an error that shows it.
            let variable = variable.to_string_lossy();
            let value = value.to_string_lossy().into_owned();
            if !variable.starts_with("AIRQ_") || value.is_empty() {
                continue;
            }
            if variable == "AIRQ_CONFIG" {
                configuration.stated_path = Some(value.into());
                continue;
            }
            match Configuration::NAMES.iter().find(|name| variable_of(name) == variable) {
                Some(name) => drop(configuration.variables.insert(name, value)),
                None => configuration.unknown_variables.push(variable.into_owned()),
            }
        }
        configuration
    }

    /// Adds the keys of a configuration file: of `path`, else of the file that `AIRQ_CONFIG` names, else of the first of
    /// [`usual_paths`](Configuration::usual_paths) that exists.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the file cannot be read, is not valid TOML, or has a key that is not a setting.
    #[cfg(feature = "configuration")]
    pub fn with_file(self, path: Option<&Path>) -> Result<Self> {
        let stated = path.map(Path::to_owned).or_else(|| self.stated_path.clone());
        match stated.or_else(|| Configuration::usual_paths().into_iter().find(|path| path.exists())) {
            Some(path) => self.read_file(&path),
            None => Ok(self),
        }
    }

    /// Returns the usual paths of a configuration file: `$XDG_CONFIG_HOME/airq/airq.toml` (`~/.config` without this variable) and
    /// `/etc/airq/airq.toml`.
    pub fn usual_paths() -> Vec<PathBuf> {
        let home = absolute_path("XDG_CONFIG_HOME").or_else(|| Some(absolute_path("HOME")?.join(".config")));
        let folders = home.into_iter().chain([PathBuf::from("/etc")]);
        folders.map(|folder| folder.join("airq").join("airq.toml")).collect()
    }

    /// Returns the path of the file that was read.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Returns the value of a setting in the configuration file. An empty text counts as not set.
    pub fn in_file(&self, name: &str) -> Option<&str> {
        let value = self.keys.get(name)?;
        Some(value.text.as_str()).filter(|text| !text.is_empty())
    }

    /// Returns the value of a setting: of the variable, else of the file.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).or_else(|| self.in_file(name))
    }

    /// Returns the origin of the value that [`get`](Configuration::get) returns.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        if self.variables.contains_key(name) {
            return Some(Origin::Variable(variable_of(name)));
        }
        let key = self.keys.get_key_value(name).filter(|(_, value)| !value.text.is_empty());
        let (key, value) = key?;
        Some(Origin::File { path: self.path.clone()?, line: value.line, key })
    }

    /// Returns a warning for each variable that starts with `AIRQ_`, is not a setting, and is similar to one.
    ///
    /// Other unknown variables get no warning: Kubernetes sets `AIRQ_SERVICE_HOST` for a service `airq`, and scripts have variables of
    /// their own.
    pub fn suspicious_variables(&self) -> Vec<String> {
        const MOST_CHANGES: usize = 2;
        let mut warnings = Vec::new();
        for variable in &self.unknown_variables {
            let name = variable["AIRQ_".len()..].to_ascii_lowercase().replace('_', "-");
            let known = Configuration::NAMES.into_iter().chain(["config"]).filter(|known| *known != name);
            if let Some(nearest) = nearest_within(&name, known, MOST_CHANGES).first() {
                let nearest = variable_of(nearest);
                warnings.push(format!("{} is not a setting and is ignored; nearest: {nearest}", cut(variable)));
            }
        }
        warnings
    }

    /// Returns the value of a setting for people, without the password of a URL.
    pub fn shown(text: &str) -> String {
        SecretUrl::new(text).to_string()
    }

    /// Returns an error about a setting, which names its origin.
    pub(crate) fn invalid(&self, name: &str, why: &str) -> Error {
        let origin = match self.origin(name) {
            Some(origin) => origin.to_string(),
            None => name.to_owned(),
        };
        Error::new(ErrorKind::InvalidSetting, format!("{origin}: {why}"))
    }

    /// Returns a URL: the value of a setting, or the content of the file that `NAME-file` names. A variable takes precedence over the
    /// configuration file in both forms.
    pub(crate) fn url(&self, name: &'static str) -> Result<Option<SecretUrl>> {
        let path_name = format!("{name}-file");
        let in_variables = (self.variables.contains_key(name), self.variables.contains_key(path_name.as_str()));
        let in_keys = (self.in_file(name).is_some(), self.in_file(&path_name).is_some());
        for is_set in [in_variables, in_keys] {
            match is_set {
                (true, true) => return Err(self.invalid(name, &format!("{path_name} is set too; set one of them"))),
                (true, false) => return Ok(self.get(name).map(SecretUrl::new)),
                (false, true) => return Ok(Some(SecretUrl::new(self.content(&path_name)?))),
                (false, false) => {}
            }
        }
        Ok(None)
    }

    /// Sets the password of a URL from the file that a setting names.
    pub(crate) fn with_password(&self, url: Option<SecretUrl>, name: &str) -> Result<Option<SecretUrl>> {
        match url {
            Some(url) if self.get(name).is_some() => Ok(Some(url.with_password(&self.content(name)?))),
            url => Ok(url),
        }
    }

    /// Reads the file that a setting names, without the line end at its end, which is not part of a secret.
    fn content(&self, name: &str) -> Result<String> {
        let path = self.get(name).unwrap_or_default();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) => Err(self.invalid(name, &format!("cannot read {}: {error}", cut(path)))),
        }
    }
}

/// Returns the environment variable of a setting.
fn variable_of(name: &str) -> String {
    format!("AIRQ_{}", name.to_ascii_uppercase().replace('-', "_"))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Variable(name) => f.write_str(name),
            Origin::File { path, line, key } => write!(f, "{}, line {line}: {key}", path.display()),
        }
    }
}

impl fmt::Debug for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys.keys().collect();
        let variables: Vec<_> = self.variables.keys().collect();
        let mut shown = f.debug_struct("Configuration");
        shown.field("path", &self.path).field("keys", &keys).field("variables", &variables).finish_non_exhaustive()
    }
}

/// Returns the path in a variable of the environment, if it is absolute.
fn absolute_path(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os(variable)?);
    if path.is_absolute() { Some(path) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Configuration {
        Configuration::from_variables(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn a_variable_that_resembles_a_setting_is_reported_with_the_setting() {
        for (variable, nearest) in [
            ("AIRQ_SORUCE", "AIRQ_SOURCE"),
            ("AIRQ_CACHE_TTLS", "AIRQ_CACHE_TTL"),
            ("AIRQ_LISTN", "AIRQ_LISTEN"),
            ("AIRQ_CONFIGS", "AIRQ_CONFIG"),
        ] {
            let warnings = of(&[(variable, "x")]).suspicious_variables();
            assert_eq!(warnings.len(), 1, "{variable}");
            assert!(warnings[0].starts_with(variable) && warnings[0].ends_with(nearest), "{warnings:?}");
        }
        for variable in ["AIRQ_CONFIG", "AIRQ_SOURCE", "AIRQ_SERVICE_HOST", "AIRQ_CACHE_PORT", "AIRQ_PORT", "AIRQX"] {
            assert!(of(&[(variable, "x")]).suspicious_variables().is_empty(), "{variable}");
        }
    }

    #[test]
    fn values_and_passwords_do_not_show() {
        let configuration = of(&[("AIRQ_SOURCE", "postgres://airq:s3cret@db/airq")]);
        assert!(!format!("{configuration:?}").contains("s3cret"));
        assert_eq!(Configuration::shown("postgres://airq:s3cret@db/airq"), "postgres://airq:***@db/airq");
        assert_eq!(Configuration::shown("127.0.0.1:80"), "127.0.0.1:80");
    }
}
