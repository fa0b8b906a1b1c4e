//! Settings from environment variables and a configuration file, which are the same in every program that embeds the engine.

use super::AirqBuilder;
use crate::configuration::Configuration;
use crate::error::{Result, cut};
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
    /// As [`configuration`](AirqBuilder::configuration).
    pub fn environment(self) -> Result<Self> {
        self.configuration(&Configuration::from_environment())
    }

    /// Sets the settings that were not set yet from a configuration.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`](crate::ErrorKind::InvalidSetting) if a setting is invalid, a file cannot be read, or a setting is
    /// given in two ways.
    pub fn configuration(mut self, configuration: &Configuration) -> Result<Self> {
        let source = match self.source.take() {
            Some(given) => Some(given),
            None => configuration.url("source")?,
        };
        self.source = configuration.with_password(source, "source-password-file")?;
        let cache = match self.cache_url.take() {
            Some(given) => Some(given),
            None => configuration.url("cache")?,
        };
        self.cache_url = configuration.with_password(cache, "cache-password-file")?;
        if let Some(text) = configuration.get("cache-ttl").filter(|_| self.ttl.is_none()) {
            let Ok(seconds) = text.parse() else {
                let why = format!("{:?} is no whole number of seconds", cut(text));
                return Err(configuration.invalid("cache-ttl", &why));
            };
            self.ttl = Some(Duration::from_secs(seconds));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Airq;

    fn set(pairs: &[(&str, &str)]) -> Result<AirqBuilder> {
        Airq::builder().configuration(&variables(pairs))
    }

    fn variables(pairs: &[(&str, &str)]) -> Configuration {
        Configuration::from_variables(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    fn file(name: &str, text: &str) -> String {
        let path = std::env::temp_dir().join(format!("airq-environment-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[test]
    fn explicit_settings_win_and_empty_variables_are_ignored() {
        let given = Airq::builder().source("a.csv");
        let builder = given.configuration(&variables(&[("AIRQ_SOURCE", "b.csv"), ("AIRQ_CACHE", "")])).unwrap();
        assert_eq!(builder.source.unwrap().expose(), "a.csv");
        assert!(builder.cache_url.is_none());
        assert_eq!(set(&[("AIRQ_SOURCE", "b.csv")]).unwrap().source.unwrap().expose(), "b.csv");
    }

    #[cfg(feature = "configuration")]
    #[test]
    fn a_variable_wins_over_the_file_and_the_file_over_the_default() {
        let path = file("precedence.toml", "source = 'file.csv'\ncache-file = '/no/such'\ncache-ttl = 'soon'\n");
        let of_file = Configuration::default().with_file(Some(path.as_ref())).unwrap();
        let error = |configuration: &Configuration| {
            let builder = Airq::builder().configuration(configuration);
            builder.unwrap_err().to_string()
        };
        assert!(error(&of_file).contains("precedence.toml, line 2: cache-file: cannot read /no/such"));
        // A variable of the cache replaces `cache-file`, too.
        let both = variables(&[("AIRQ_CACHE", "none:"), ("AIRQ_SOURCE", "variable.csv")]);
        let both = both.with_file(Some(path.as_ref())).unwrap();
        assert!(error(&both).contains("precedence.toml, line 3: cache-ttl: \"soon\" is no whole number"));
        let all =
            variables(&[("AIRQ_CACHE", "none:"), ("AIRQ_CACHE_TTL", "7")]).with_file(Some(path.as_ref())).unwrap();
        let builder = Airq::builder().configuration(&all).unwrap();
        assert_eq!(builder.source.unwrap().expose(), "file.csv");
        assert_eq!(builder.cache_url.unwrap().expose(), "none:");
        assert_eq!(builder.ttl, Some(Duration::from_secs(7)));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn secrets_come_from_files_and_do_not_show() {
        let url = file("url", "postgres://airq@db/airq\n");
        let password = file("password", "s3cret\n");
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
