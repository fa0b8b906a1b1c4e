//! Settings from environment variables, which are the same in every program that embeds the engine.

use super::AirqBuilder;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use std::time::Duration;

impl AirqBuilder {
    /// Sets the settings that were not set yet from environment variables. An empty variable counts as not set.
    ///
    /// | variable | setting |
    /// |---|---|
    /// | `AIRQ_SOURCE` | the [source](AirqBuilder::source) |
    /// | `AIRQ_CACHE` | the [cache](AirqBuilder::cache) |
    /// | `AIRQ_SOURCE_FILE`, `AIRQ_CACHE_FILE` | a file with the URL of the source or of the cache |
    /// | `AIRQ_SOURCE_PASSWORD_FILE`, `AIRQ_CACHE_PASSWORD_FILE` | a file with the password for the URL |
    /// | `AIRQ_CACHE_TTL` | the time for which answers are [fresh](AirqBuilder::ttl), in seconds |
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if a variable is invalid, a file cannot be read, or a setting is given in two ways.
    pub fn environment(self) -> Result<Self> {
        // A value that is not UTF-8 is converted with replacement characters, and then fails with an error that shows it.
        self.variables(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    fn variables(mut self, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let source = match self.source.take() {
            Some(given) => Some(given),
            None => url("AIRQ_SOURCE", &variable)?,
        };
        self.source = with_password(source, "AIRQ_SOURCE_PASSWORD_FILE", &variable)?;
        let cache = match self.cache_url.take() {
            Some(given) => Some(given),
            None => url("AIRQ_CACHE", &variable)?,
        };
        self.cache_url = with_password(cache, "AIRQ_CACHE_PASSWORD_FILE", &variable)?;
        if let Some(text) = variable("AIRQ_CACHE_TTL").filter(|_| self.ttl.is_none()) {
            let seconds = text
                .parse()
                .map_err(|_| bad("AIRQ_CACHE_TTL", &format!("{:?} is no whole number of seconds", cut(&text))))?;
            self.ttl = Some(Duration::from_secs(seconds));
        }
        Ok(self)
    }
}

fn url(name: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<Option<SecretUrl>> {
    let file = format!("{name}_FILE");
    match (variable(name), variable(&file)) {
        (Some(_), Some(_)) => Err(bad(name, &format!("{file} is set too; set one of them"))),
        (Some(url), None) => Ok(Some(SecretUrl::new(url))),
        (None, Some(path)) => read(&file, &path).map(|url| Some(SecretUrl::new(url))),
        (None, None) => Ok(None),
    }
}

fn with_password(
    url: Option<SecretUrl>,
    name: &str,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Option<SecretUrl>> {
    let (Some(url), Some(path)) = (&url, variable(name)) else { return Ok(url) };
    read(name, &path).map(|password| Some(url.with_password(&password)))
}

/// Reads a file without the line end at its end, which is not part of a secret.
fn read(name: &str, path: &str) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::with_source(ErrorKind::InvalidSetting, format!("{name}: cannot read {}", cut(path)), error)
    })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn bad(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("{name}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Airq;

    fn set(pairs: &[(&str, &str)]) -> Result<AirqBuilder> {
        configured(Airq::builder(), pairs)
    }

    fn configured(builder: AirqBuilder, pairs: &[(&str, &str)]) -> Result<AirqBuilder> {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        builder.variables(|name| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()))
    }

    fn file(name: &str, text: &str) -> String {
        let path = std::env::temp_dir().join(format!("airq-environment-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[test]
    fn explicit_settings_win_and_empty_variables_are_ignored() {
        let builder = configured(Airq::builder().source("a.csv"), &[("AIRQ_SOURCE", "b.csv"), ("AIRQ_CACHE", "")]);
        let builder = builder.unwrap();
        assert_eq!(builder.source.unwrap().expose(), "a.csv");
        assert!(builder.cache_url.is_none());
        assert_eq!(set(&[("AIRQ_SOURCE", "b.csv")]).unwrap().source.unwrap().expose(), "b.csv");
    }

    #[test]
    fn secrets_come_from_files_and_do_not_show() {
        let (url, password) = (file("url", "postgres://airq@db/airq\n"), file("password", "s3cret\n"));
        let builder = set(&[("AIRQ_SOURCE_FILE", &url), ("AIRQ_SOURCE_PASSWORD_FILE", &password)]).unwrap();
        assert!(!format!("{builder:?}").contains("s3cret"));
        assert_eq!(builder.source.unwrap().expose(), "postgres://airq:s3cret@db/airq");
        for path in [url, password] {
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn errors_name_the_variable() {
        let message = |pairs: &[(&str, &str)]| set(pairs).unwrap_err().to_string();
        assert!(message(&[("AIRQ_CACHE_TTL", "1h")]).starts_with("AIRQ_CACHE_TTL: \"1h\""));
        assert!(message(&[("AIRQ_SOURCE_FILE", "/no/such")]).starts_with("AIRQ_SOURCE_FILE: cannot read /no/such"));
        assert!(message(&[("AIRQ_CACHE", "none:"), ("AIRQ_CACHE_FILE", "x")]).contains("set one of them"));
    }
}
