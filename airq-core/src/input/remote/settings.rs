//! The settings of files that are fetched by their URL.

use crate::url_settings::{certificates, parse_size};
use jiff::SignedDuration;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// The time between two requests for a file, and the limits of a download.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RemoteSettings {
    /// The time between two requests for a file.
    pub(crate) refresh: Duration,
    /// The time limit of a whole download.
    pub(super) timeout: Duration,
    /// The maximum number of bytes of a file.
    pub(super) max_size: u64,
    /// Trusted certificates in PEM, which replace the certificates of the system.
    pub(super) authorities: Option<Arc<[u8]>>,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        RemoteSettings { refresh: 10 * MINUTE, timeout: 5 * MINUTE, max_size: 1 << 30, authorities: None }
    }
}

impl RemoteSettings {
    pub(crate) const NAMES: [&str; 4] = ["refresh", "timeout", "max-size", "sslrootcert"];

    /// Sets one of [`NAMES`](RemoteSettings::NAMES).
    ///
    /// # Errors
    /// A description of the allowed values.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "refresh" => self.refresh = duration(value)?,
            "timeout" => self.timeout = duration(value)?,
            "max-size" => {
                let size = parse_size(value).filter(|size| *size > 0);
                self.max_size = size.ok_or("it is a size such as 100MiB or 2GiB")? as u64;
            }
            _ => self.authorities = Some(certificates(value)?.into()),
        }
        Ok(())
    }
}

/// Parses a time with its unit, from a second to a year.
fn duration(value: &str) -> Result<Duration, String> {
    if let Ok(parsed) = value.parse::<SignedDuration>()
        && let Ok(duration) = Duration::try_from(parsed)
        && (SECOND..=YEAR).contains(&duration)
    {
        return Ok(duration);
    }
    Err("it is a time of a second or more with its unit, such as 90s, 10m or 1h".to_owned())
}

impl fmt::Debug for RemoteSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteSettings")
            .field("refresh", &self.refresh)
            .field("timeout", &self.timeout)
            .field("max_size", &self.max_size)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_units() {
        let mut settings = RemoteSettings::default();
        settings.set("refresh", "90s").unwrap();
        settings.set("timeout", "1h 30m").unwrap();
        settings.set("max-size", "2GiB").unwrap();
        assert_eq!(settings.refresh, Duration::from_secs(90));
        assert_eq!(settings.timeout, Duration::from_secs(5400));
        assert_eq!(settings.max_size, 2 << 30);
    }

    #[test]
    fn values_that_cannot_be_used_are_refused() {
        let bad = [
            ("refresh", ["", "10", "0s", "-1h", "10ms", "soon", "9999999h"].as_slice()),
            ("timeout", ["10"].as_slice()),
            ("max-size", ["0", "10MB", "-1", ""].as_slice()),
            ("sslrootcert", ["/no/such/file"].as_slice()),
        ];
        for (name, values) in bad {
            for value in values {
                assert!(RemoteSettings::default().set(name, value).is_err(), "{name}={value}");
            }
        }
    }
}
