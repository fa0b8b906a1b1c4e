//! The settings in the URL of an upstream server.

use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use crate::url_settings::{certificates, milliseconds};
use std::time::Duration;

/// The address of the server and the time limits.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// `http://host:port/prefix`, without a trailing slash.
    pub(super) base: SecretUrl,
    pub(super) connect_timeout: Duration,
    /// The time limit of a check of the server and of a pause within an answer.
    pub(super) timeout: Duration,
    /// The time limit for the start of an answer while the server responds to checks.
    pub(super) answer_timeout: Duration,
    /// Trusted certificates in PEM.
    pub(super) root_certificates: Option<Vec<u8>>,
}

impl Settings {
    /// Parses `http://HOST[:PORT][/PREFIX][?SETTING=VALUE&…]`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] with the invalid part.
    pub(super) fn parse(url: &SecretUrl) -> Result<Self> {
        let encoded = url.encoded();
        let (base, query) = encoded.expose().split_once('?').unwrap_or((encoded.expose(), ""));
        let mut settings = Settings {
            base: SecretUrl::new(base.trim_end_matches('/')),
            connect_timeout: Duration::from_millis(500),
            timeout: Duration::from_secs(2),
            answer_timeout: Duration::from_secs(10),
            root_certificates: None,
        };
        if !is_usable(base) {
            let what =
                format!("source {:?} cannot be used; it is http://HOST or http://HOST:PORT", cut(&url.to_string()));
            return Err(Error::new(ErrorKind::InvalidSetting, what));
        }
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            settings.set(setting)?;
        }
        Ok(settings)
    }

    fn set(&mut self, setting: &str) -> Result<()> {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        match name {
            "connect-timeout" => {
                self.connect_timeout = milliseconds(value).map_err(|allowed| refusal(name, value, allowed))?;
            }
            "answer-timeout" => {
                self.answer_timeout = milliseconds(value).map_err(|allowed| refusal(name, value, allowed))?;
            }
            "timeout" => self.timeout = milliseconds(value).map_err(|allowed| refusal(name, value, allowed))?,
            "sslrootcert" => {
                let pem = certificates(value).map_err(|allowed| refusal(name, value, &allowed))?;
                self.root_certificates = Some(pem);
            }
            _ => {
                let known = "known are connect-timeout, timeout, answer-timeout and sslrootcert";
                let what = format!("an HTTP source has no setting {:?}; {known}", cut(name));
                return Err(Error::new(ErrorKind::InvalidSetting, what));
            }
        }
        Ok(())
    }
}

fn refusal(name: &str, value: &str, allowed: &str) -> Error {
    let what = format!("an HTTP source's setting {name}={:?} cannot be used; {allowed}", cut(value));
    Error::new(ErrorKind::InvalidSetting, what)
}

/// Returns whether the text is a URL with a host and at most a path.
fn is_usable(base: &str) -> bool {
    let Ok(uri) = base.parse::<ureq::http::Uri>() else { return false };
    let has_host = matches!(uri.host(), Some(host) if !host.is_empty());
    has_host && !base.contains('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Settings> {
        Settings::parse(&SecretUrl::new(url))
    }

    #[test]
    fn a_url_says_where_and_how_long() {
        let settings = parse("http://api:8080/air/?timeout=900&connect-timeout=100").unwrap();
        assert_eq!(settings.base.expose(), "http://api:8080/air");
        assert_eq!(settings.timeout, Duration::from_millis(900));
        assert_eq!(settings.connect_timeout, Duration::from_millis(100));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (url, part) in [
            ("http://", "http://HOST"),
            ("http://a b", "http://HOST"),
            ("http://api?timeout=soon", "timeout=\"soon\""),
            ("http://api?color=red", "no setting \"color\""),
            ("https://api?sslrootcert=/no/such", "cannot be read"),
        ] {
            let error = parse(url).unwrap_err();
            assert!(error.is_invalid_input() && error.to_string().contains(part), "{url}: {error}");
        }
    }
}
